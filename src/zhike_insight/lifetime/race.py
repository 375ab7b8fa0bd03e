"""The sum over customers of ln(exp(A) + exp(B)), where A depends on (frequency, recency) only and B on (frequency, age) only.

All likelihoods of buying and leaving have this form: the customer was gone after the last purchase, or the next one is still to
come. A and B are computed for the distinct pairs; what is left for every distinct triple is one exponential and one logarithm.
"""

import numpy as np

from zhike_insight.lifetime.triples import Floats, Places, Triples, pairs

CHUNK = 8192


class Race:
    """The distinct pairs of some of the triples: values of the frequency `x` with the recency `tx`, and with the age `T`."""

    def __init__(self, t: Triples, rows: Places) -> None:
        self.weight = t.weight[rows]
        self.gone_in_x, self.gone_in_tx, self.gone = pairs(t.in_x[rows], t.in_tx[rows], len(t.tx))
        self.due_in_x, self.due_in_T, self.due = pairs(t.in_x[rows], t.in_T[rows], len(t.T))
        self.due_weight = _summed(self.due, self.weight, len(self.due_in_x))

    def value(self, gone: Floats, due: Floats) -> tuple[float, Floats, Floats]:
        """The sum, and its derivatives by the values of `gone` and of `due`."""
        share = np.empty(len(self.weight))
        total = float(self.due_weight @ due)
        for at in range(0, len(share), CHUNK):  # what stays in the cache costs a third
            part = slice(at, at + CHUNK)
            ahead = gone[self.gone[part]] - due[self.due[part]]
            small = np.exp(-np.abs(ahead))
            both = 1 + small
            total += float(self.weight[part] @ (np.maximum(ahead, 0) + np.log(both)))
            share[part] = self.weight[part] * np.where(ahead >= 0, 1.0, small) / both
        return total, _summed(self.gone, share, len(gone)), self.due_weight - _summed(self.due, share, len(due))


def _summed(place: Places, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(place, values, size), dtype=np.float64)
