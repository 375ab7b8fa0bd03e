"""What BG/NBD and its modification share: leaving after a purchase with a probability that is Beta over customers."""

import numpy as np
from scipy.special import gammaln, hyp2f1, psi

from zhike_insight.lifetime.limits import GATHERED, NEVER, fixed, free, log_rising, one_chance, one_rate, together
from zhike_insight.lifetime.race import Race
from zhike_insight.lifetime.triples import Floats, Triples

CONCENTRATED = 1000.0  # a of the Beta from which on its spread is a few per cent of its mean
ALIKE = 1e4  # r from which on the rate hardly varies, and the closed form loses its digits
CHEBYSHEV = 32  # points through which the integral is interpolated
LIMITS = together(
    [free(("r", "alpha"), (0.7, 0.5)), one_rate("one_rate", "rate", 1.4)],
    [
        free(("a", "b"), (0.8, 2.5)),
        one_chance("one_chance_of_leaving", "leaving", 0.3),
        fixed("nobody_leaves", NEVER, 1.0),
        fixed("nobody_stays", GATHERED, 1 / GATHERED),
    ],
)


def growth(r: float, a: float, b: float, x: Floats, w: Floats) -> Floats:
    """E over p ~ Beta(a, b + x) of [1 − (1 + p w)^−(r + x)] / p, where w is the length of the future over α + T.

    In closed form (a+b+x−1)/(a−1) · [1 − (1−z)^(a−1) ₂F₁(a−1, a+b−1−r; a+b+x−1; z)] with z = w / (1 + w), continuous at a = 1.
    The library's ₂F₁ fails at some points (whole numbers, z next to 1); Jensen's inequality shows it, and the integral helps out.
    """
    x, w = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(w, dtype=np.float64))
    if abs(a - 1) < 1e-6:
        a = 1 + 1e-6
    c, k, mean = a + b + x - 1, r + x, a / (a + b + x)
    if a < 2 * NEVER:
        return np.asarray(k * w)
    if a > CONCENTRATED or b >= GATHERED:
        return _two_points(a, b + x, k, w)
    if r > ALIKE:
        return _of_many(r, a, b, x.ravel(), w.ravel()).reshape(x.shape)
    with np.errstate(all="ignore"):
        left = np.exp(-(a - 1) * np.log1p(w)) * hyp2f1(a - 1, a + b - 1 - r, c, w / (1 + w))
        result = np.asarray(c / (a - 1) * (1 - left))
    least, most = -np.expm1(-k * np.log1p(mean * w)) / mean, k * w
    wrong = ~((result >= least * (1 - 1e-8)) & (result <= most * (1 + 1e-8)))
    if wrong.any():
        result[wrong] = _of_many(r, a, b, x[wrong], w[wrong])
    return np.clip(result, least, most)


def _two_points(a: float, b: Floats, k: Floats, w: Floats) -> Floats:
    """Where p hardly varies over customers (the fit found one probability for all): the mean of the function one standard
    deviation below and above, which is exact to the third power of that deviation."""
    n = a + b
    mean, deviation = a / n, np.sqrt(a * b / (n + 1)) / n
    around = [-np.expm1(-k * np.log1p(p * w)) / p for p in (mean - deviation, mean + deviation)]
    return np.asarray((around[0] + around[1]) / 2)


def _of_many(r: float, a: float, b: float, x: Floats, w: Floats) -> Floats:
    """The integral for many customers: where more than a few share their x, it is taken at Chebyshev points of ln w only, and ln
    of the result, which is smooth, is a polynomial through them. Costs what the distinct x cost; the relative error stays below
    about 1e-6."""
    result = np.zeros(len(x))
    for value in np.unique(x):
        at = (x == value) & (w > 0)
        if not at.any():
            continue
        low, high = np.log(w[at].min()), np.log(w[at].max())
        if at.sum() <= CHEBYSHEV or high - low < 1e-9:
            result[at] = _by_integral(a, b + x[at], r + x[at], w[at])
            continue
        points = low + (high - low) * (np.polynomial.chebyshev.chebpts1(CHEBYSHEV) + 1) / 2
        same = np.full(CHEBYSHEV, value)
        logs = np.log(_by_integral(a, b + same, r + same, np.exp(points)))
        curve = np.polynomial.Chebyshev.fit(points, logs, CHEBYSHEV - 1, domain=[low, high])
        result[at] = np.exp(curve(np.log(w[at])))
    return result


def _by_integral(a: float, b: Floats, k: Floats, w: Floats) -> Floats:
    """The same expectation over y = ln(p / (1 − p)); the two ends, where the integrand is a power, by hand."""
    low, high = np.log(1e-9 / (1 + w * k + b)), np.log(1e9 * (1 + k) * (1 + b))
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
    nodes, weights = _PIECES
    total = np.exp(a * low - log_beta) / a * k * w
    total = total + np.exp(-b * high - log_beta) / b * -np.expm1(-k * np.log1p(w))
    for node, weight in zip(nodes, weights, strict=True):
        y = low + (high - low) * node
        log_p, log_q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
        inner = -np.expm1(-k * np.log1p(np.exp(log_p) * w))
        total = total + (high - low) * weight * np.exp((a - 1) * log_p + b * log_q - log_beta) * inner
    return np.asarray(total)


def _composite(pieces: int, points: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    starts = np.arange(pieces)[:, None] / pieces
    return (starts + (nodes + 1) / (2 * pieces)).ravel(), np.tile(weights / (2 * pieces), pieces)


_PIECES = _composite(100, 16)


class Likelihood:
    """Log-likelihood and gradient. All terms but one depend on one component only and are summed over its distinct values.

    `shift` is 0 where a customer may leave after each repeat purchase, 1 where also after the first (modified BG/NBD).
    """

    def __init__(self, t: Triples, shift: int) -> None:
        self.t, self.shift = t, shift
        x = t.of_x()
        self.customers = float(t.weight.sum())
        self.by_x = np.bincount(t.in_x, t.weight, len(t.x))
        self.by_T = np.bincount(t.in_T, t.weight, len(t.T))
        self.x_by_T = np.bincount(t.in_T, t.weight * x, len(t.T))
        self.race = Race(t, np.flatnonzero((x > 0) | (shift == 1)))

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        t, race = self.t, self.race
        chances = t.x + self.shift
        ways = log_rising(r, t.x) - t.x * np.log(alpha) + log_rising(b, chances) - log_rising(a + b, chances)
        grown_T, grown_tx = np.log1p(t.T / alpha), np.log1p(t.tx / alpha)
        # having left at the last purchase, against still being there
        with np.errstate(divide="ignore"):
            left = np.log(a) - np.log(np.maximum(b + chances - 1, 1e-300))
        gone = left[race.gone_in_x] - (r + t.x[race.gone_in_x]) * grown_tx[race.gone_in_tx]
        due = -(r + t.x[race.due_in_x]) * grown_T[race.due_in_T]
        together, by_gone, by_due = race.value(gone, due)
        value = self.by_x @ ways - (self.by_T * r + self.x_by_T) @ grown_T + together - race.due_weight @ due
        return float(value), self._gradient(parameters, grown_T, grown_tx, by_gone, race.due_weight - by_due)

    def _gradient(self, parameters: Floats, grown_T: Floats, grown_tx: Floats, gone: Floats, left: Floats) -> Floats:
        """`gone` and `left` are the customers that have left, by (frequency, recency) and by (frequency, age)."""
        r, alpha, a, b = parameters
        t, race = self.t, self.race
        gone_by_x = np.bincount(race.gone_in_x, gone, len(t.x))
        chances = t.x + self.shift
        both = psi(a + b) - psi(a + b + chances)
        by_r = self.by_x @ (psi(r + t.x) - psi(r)) - self.by_T @ grown_T
        by_r += left @ grown_T[race.due_in_T] - gone @ grown_tx[race.gone_in_tx]
        by_alpha = np.sum((self.by_T * r * t.T / alpha - self.x_by_T) / (alpha + t.T))
        by_alpha += left @ ((r + t.x[race.due_in_x]) / (alpha + t.T[race.due_in_T]))
        by_alpha -= gone @ ((r + t.x[race.gone_in_x]) / (alpha + t.tx[race.gone_in_tx]))
        by_a = self.by_x @ both + gone.sum() / a
        again = chances > 0
        by_b = self.by_x @ (both + psi(b + chances) - psi(b)) - np.sum(gone_by_x[again] / (b + chances[again] - 1))
        return np.array([by_r, by_alpha, by_a, by_b])
