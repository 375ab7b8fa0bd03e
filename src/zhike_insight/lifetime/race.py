"""The sum over customers of ln(exp(A) + exp(B)), where A depends on (frequency, recency) only and B on (frequency, age) only.

All likelihoods of buying and leaving have this form: the customer was gone after the last purchase, or the next one is still to
come. A and B are computed for the distinct pairs; what is left for every distinct triple is one exponential and one logarithm.
"""

import numpy as np

from zhike_insight.lifetime.triples import Floats, Places, Triples, pairs


class Race:
    """The distinct pairs of some of the triples: values of the frequency `x` with the recency `tx`, and with the age `T`."""

    def __init__(self, t: Triples, rows: Places) -> None:
        self.weight = t.weight[rows]
        self.gone_in_x, self.gone_in_tx, self.gone = pairs(t.in_x[rows], t.in_tx[rows], len(t.tx))
        self.due_in_x, self.due_in_T, self.due = pairs(t.in_x[rows], t.in_T[rows], len(t.T))
        self.due_weight = np.bincount(self.due, self.weight, len(self.due_in_x))

    def value(self, gone: Floats, due: Floats) -> tuple[float, Floats, Floats]:
        """The sum, and its derivatives by the values of `gone` and of `due`."""
        ahead = gone[self.gone] - due[self.due]
        small = np.exp(-np.abs(ahead))
        both = 1 + small
        total = self.weight @ (np.maximum(ahead, 0) + np.log(both)) + self.due_weight @ due
        share = self.weight * np.where(ahead >= 0, 1.0, small) / both
        by_due = np.bincount(self.due, share, len(due))
        return float(total), np.bincount(self.gone, share, len(gone)), self.due_weight - by_due
