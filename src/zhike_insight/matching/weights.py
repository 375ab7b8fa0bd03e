"""How much each finding speaks for or against two records being one, in bits (Fellegi & Sunter 1969)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

# How often each finding comes up between two records of ONE customer (m), and between two of different ones (u).
# u is None where the data itself says it: how frequent the shared value is.
LEVELS: Mapping[str, Mapping[str, tuple[float, float | None]]] = {
    "person": {
        "same": (0.80, None), "sound": (0.09, None), "near": (0.03, None), "one_character": (0.03, 8e-4),
        "title": (0.025, None), "family": (0.005, 0.03), "different": (0.01, 0.96),
    },
    "company": {
        "same": (0.30, None), "core": (0.50, None), "sound": (0.07, None), "near": (0.02, None), "one_character": (0.05, 2e-4),
        "part": (0.04, 1e-3), "different": (0.02, 0.998),
    },
    "region": {"same": (0.96, None), "different": (0.01, 0.9)},
    "trade": {"same": (0.80, None), "similar": (0.15, 0.08), "different": (0.04, 0.85)},
    "branch": {"same": (0.90, 0.05), "different": (0.004, 0.9)},
    "phone": {"same": (0.78, None), "near": (0.05, 2e-5), "different": (0.17, 0.999)},
    "email": {"same": (0.78, None), "near": (0.07, 2e-5), "different": (0.15, 0.999)},
    "code": {"same": (0.93, None), "near": (0.04, 1e-5), "different": (0.03, 0.999)},
    "birthday": {"same": (0.90, None), "near": (0.06, 4e-3), "different": (0.04, 0.99)},
    "address": {"same": (0.50, None), "near": (0.25, 2e-3), "different": (0.25, 0.99)},
}  # fmt: skip
# How much rarer strangers share a value than its frequency says: one phone seldom belongs to two households,
# a credit code never to two firms
OWN = {"phone": 1 / 4, "email": 1 / 4, "code": 1 / 16}
# bits that an address may add where the phone is the same, and that a relative's name loses: families and offices share both
HOUSEHOLD = 3.0
POPULATION = 20_000  # a small file is read as part of a town of this size: a name that comes once in 50 is not thought rare


@dataclass(frozen=True)
class MatchWeights:
    """What the findings weigh.

    Parameters
    ----------
    levels : mapping of str to mapping of str to (float, float or None)
        Evidence → finding → (m, u): the share of pairs of one customer, and of different customers, in which it comes up.
        u None: the frequency of the shared value in the data, so that a rare name weighs more than a common one.
    duplicates : float
        How many other records of the same customer one expects per record; the start of the reckoning.

    Notes
    -----
    A finding weighs log2(m / u) bits, the start log2 of the odds that two records taken at random are one customer; the sum
    is the log-odds. What is missing on either side weighs nothing. Fellegi & Sunter (1969), *JASA* 64; frequencies of values after
    Winkler (2000).

    Examples
    --------
    >>> float(MatchWeights().bits("phone", "same", share=2 / 100_000).round(1))
    15.3
    """

    levels: Mapping[str, Mapping[str, tuple[float, float | None]]] = field(default_factory=lambda: LEVELS)
    duplicates: float = 0.05

    def start(self, records: int) -> float:
        """Log2 odds that two records taken at random are one customer."""
        share = self.duplicates / max(records, POPULATION)
        return float(np.log2(share / (1 - share)))

    def bits(self, evidence: str, finding: str, share: Any = 1.0) -> Any:
        """Weight of a finding; `share` is the frequency of the value the two have in common."""
        m, u = self.levels[evidence][finding]
        return np.log2(m / (np.maximum(share, 1e-9) if u is None else u))

    def learned(self, counts: Mapping[str, Mapping[str, int]], strength: float = 50.0) -> Self:
        """The same with m from counts of findings within customers; `strength` pairs stand for what is believed now."""
        levels = {}
        for evidence, findings in self.levels.items():
            seen = counts.get(evidence, {})
            total = sum(seen.values()) + strength
            levels[evidence] = {name: ((seen.get(name, 0) + strength * m) / total, u) for name, (m, u) in findings.items()}
        return replace(self, levels=levels)
