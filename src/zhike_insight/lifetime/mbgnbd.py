"""Modified BG/NBD: as BG/NBD, but a customer may leave right after the first purchase."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.geometric import LIMITS, Likelihood, growth
from zhike_insight.lifetime.limits import Limit
from zhike_insight.lifetime.triples import Floats, Triples, checked


class ModifiedBetaGeoNBD(BuyingModel):
    """The modified BG/NBD model of Batislam, Denizel & Filiztekin (2007).

    As `BetaGeoNBD`, and the customer also leaves with probability p after the first purchase. Customers without a repeat purchase
    therefore have a P(alive) below one that falls with their silence.

    Attributes
    ----------
    r_, alpha_, a_, b_ : float
        Learned parameters; `alpha_` in the unit of the times.
    log_likelihood_, standard_errors_, log_covariance_, converged_, message_
        As for `BetaGeoNBD`.

    Notes
    -----
    Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis",
    *International Journal of Research in Marketing* 24(3), 201–209.

    Examples
    --------
    >>> model = ModifiedBetaGeoNBD.from_parameters(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> model.p_alive([0, 2], [0, 30.43], [38.86, 38.86]).round(3).tolist()
    [0.39, 0.706]
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    times: ClassVar[tuple[str, ...]] = ("alpha",)
    start: ClassVar[Mapping[str, float]] = {"r": 0.7, "alpha": 0.5, "a": 0.8, "b": 2.5}
    limits: ClassVar[tuple[Limit, ...]] = LIMITS

    r_: float
    alpha_: float
    a_: float
    b_: float

    @staticmethod
    def _objective(t: Triples) -> Any:
        return Likelihood(t, 1)

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Probability that the customer is still active at the end of observation, 0 to 1."""
        x, tx, T = checked(frequency, recency, age)
        r, alpha, a, b = self._values()
        with np.errstate(over="ignore"):
            odds = np.log(a / (b + x)) + (r + x) * (np.log(alpha + T) - np.log(alpha + tx))
            return np.asarray(1 / (1 + np.exp(odds)))

    def expected_if_alive(self, t: Any, frequency: Any, age: Any) -> Floats:
        """Expected purchases in the next `t`, given that the customer is active."""
        x, T = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
        r, alpha, a, b = self._values()
        return growth(r, a, b + 1, x, np.asarray(t, dtype=np.float64) / (alpha + T))

    def expected_purchases_of_new(self, t: Any) -> Floats:
        """Expected repeat purchases of a new customer in the first `t` (E[X(t)])."""
        r, alpha, a, b = self._values()
        w = np.asarray(t, dtype=np.float64) / alpha
        return np.asarray(b / (a + b) * growth(r, a, b + 1, np.zeros_like(w), w))
