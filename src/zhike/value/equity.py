"""The expected margin of the coming quarters: what other assumptions are judged by without scoring again."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zhike.value.fitted import WEEK, YEAR_WEEKS, Customers, Fitted, margin_rates

Floats = NDArray[np.float64]

QUARTERS = 20


def curves(
    fitted: Fitted, customers: Customers, p_alive: Floats, spend: Floats, groupings: Mapping[str, NDArray[np.int64]]
) -> dict[str, Floats]:
    """Expected margin of each coming quarter, not discounted, for each group of each grouping: arrays (groups, `QUARTERS`).

    Groups are numbered from 0; below it a customer belongs to none. Ages are rounded to weeks, so that customers alike in
    frequency and age are computed once, whatever the number of groupings.
    """
    model = fitted.buying_model()
    money = np.nan_to_num(p_alive * spend * margin_rates(fitted, customers))
    weeks = np.round(customers.age / WEEK).astype(np.int64)
    alike, place = np.unique(customers.frequency.astype(np.int64) * 100_000 + weeks, return_inverse=True)
    x, age = alike // 100_000, alike % 100_000
    ends = np.arange(1, QUARTERS + 1) * YEAR_WEEKS / 4
    bought = np.array([model.expected_if_alive(end, x, age) for end in ends])  # until the end of each quarter
    each = np.diff(bought, axis=0, prepend=0.0).T
    found: dict[str, Floats] = {}
    for name, groups in groupings.items():
        count, there = int(groups.max(initial=-1)) + 1, groups >= 0
        places = groups[there] * len(alike) + place[there]
        found[name] = np.bincount(places, money[there], count * len(alike)).astype(np.float64).reshape(count, len(alike)) @ each
    return found
