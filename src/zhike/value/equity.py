"""The expected margin of the coming quarters: what other assumptions are judged by without scoring again."""

import numpy as np
from numpy.typing import NDArray

from zhike.value.fitted import WEEK, YEAR_WEEKS, Customers, Fitted, margin_rates

Floats = NDArray[np.float64]

QUARTERS = 20


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
