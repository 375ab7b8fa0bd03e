"""Customer equity under other assumptions, from the expected margin of the coming quarters. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import pow


@dataclass(frozen=True)
class WhatIf:
    """Other assumptions. `retention`: how much more (above 0) or less of the expected business is left after a year."""

    discount_rate: float
    horizon_months: int
    retention: float = 0.0
    margin: float = 0.0  # relative change of the margin


def equity(quarters: Sequence[float], what_if: WhatIf) -> float:
    """Present value of the quarters within the horizon."""
    yearly = (1 + what_if.retention) / (1 + what_if.discount_rate)
    last = what_if.horizon_months / 3  # may count in part
    worth = (value * pow(yearly, (at + 0.5) / 4) * min(max(last - at, 0.0), 1.0) for at, value in enumerate(quarters))
    return sum(worth) * (1 + what_if.margin)


def by_group(
    curves: Mapping[str, Sequence[float]], base: WhatIf, base_values: Mapping[str, float], wanted: WhatIf
) -> dict[str, tuple[float, float]]:
    """Equity of each group as it is and under other assumptions, in proportion to the exact value that the run found."""
    result = {}
    for group, quarters in curves.items():
        now = base_values.get(group, 0.0)
        before = equity(quarters, base)
        result[group] = (now, now * equity(quarters, wanted) / before if before else now)
    return result
