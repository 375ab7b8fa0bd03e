"""Customer equity over time, so that it can be judged again under other assumptions without scoring again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.value.fitted import WEEK, YEAR_WEEKS, Customers, Fitted, margin_rates

Floats = NDArray[np.float64]

QUARTERS = 20


@dataclass(frozen=True)
class WhatIf:
    """Other assumptions. `retention`: how much more (above 0) or less of the expected business is left after a year."""

    discount_rate: float
    horizon_months: int
    retention: float = 0.0
    margin: float = 0.0  # relative change of the margin


def curve(fitted: Fitted, customers: Customers, p_alive: Floats, spend: Floats, groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Expected margin of each coming quarter, not discounted, for each group 0 … n: array (groups, `QUARTERS`).

    Ages are rounded to weeks, so that customers alike in frequency and age are computed once.
    """
    model = fitted.buying_model()
    money = np.nan_to_num(p_alive * spend * margin_rates(fitted, customers))
    weeks = np.round(customers.age / WEEK).astype(np.int64)
    alike, place = np.unique(customers.frequency.astype(np.int64) * 100_000 + weeks, return_inverse=True)
    x, age = alike // 100_000, alike % 100_000
    count = int(groups.max()) + 1 if len(groups) else 0
    weights = np.bincount(groups * len(alike) + place, money, count * len(alike)).reshape(count, len(alike))
    ends = np.arange(1, QUARTERS + 1) * YEAR_WEEKS / 4
    bought = np.array([model.expected_if_alive(end, x, age) for end in ends])  # until the end of each quarter
    return np.asarray(weights @ np.diff(bought, axis=0, prepend=0.0).T)


def equity(quarters: Sequence[float], what_if: WhatIf) -> float:
    """Present value of the quarters within the horizon."""
    years = (np.arange(len(quarters)) + 0.5) / 4
    within = np.clip(what_if.horizon_months / 3 - np.arange(len(quarters)), 0, 1)  # the last quarter may count in part
    factors = ((1 + what_if.retention) / (1 + what_if.discount_rate)) ** years * within * (1 + what_if.margin)
    return float(np.asarray(quarters) @ factors)


def by_group(
    curves: Mapping[str, Sequence[float]], base: WhatIf, base_values: Mapping[str, float], wanted: WhatIf
) -> dict[str, Any]:
    """Equity of each group now and under other assumptions, in proportion to the exact value that the run found."""
    result = {}
    for group, quarters in curves.items():
        now = base_values.get(group, 0.0)
        before = equity(quarters, base)
        result[group] = {"now": now, "then": now * equity(quarters, wanted) / before if before else now}
    return result
