"""∫₀^∞ (a+τ)^−p (b+τ)^−q dτ, the incomplete beta function behind Pareto/NBD, as logarithm and with the means its gradient needs."""

from dataclasses import dataclass

import numpy as np

from zhike_insight.lifetime.triples import Floats

NODES, WEIGHTS = (np.asarray(v) for v in np.polynomial.legendre.leggauss(28))
FAR_NODES, FAR_WEIGHTS = (np.asarray(v) for v in np.polynomial.laguerre.laggauss(8))
REACH = 37.0  # beyond exp(-37) of the greatest value nothing counts
BEND = 16.0
CHUNK = 20_000


@dataclass(frozen=True)
class Tails:
    """Logarithm of the integral, and under it the means of ln(a+τ), ln(b+τ), 1/(a+τ), 1/(b+τ); each of shape (n,)."""

    log_value: Floats
    log_a: Floats
    log_b: Floats
    per_a: Floats
    per_b: Floats


def tails(p: Floats, q: Floats, a: Floats, b: Floats) -> Tails:
    """The integral for positive `p`, `q`, `a`, `b` with p + q > 1, to about twelve digits (eight where all powers are very small).

    In λ = ln((c+τ)/c), with c the smaller of `a` and `b`, the integrand is log-concave: one slope before the bend where τ passes
    the larger of the two, a steeper one behind it. So Gauss–Legendre quadrature takes each side of the bend by itself, as far as
    the integrand counts, and Gauss–Laguerre what lies far behind. All terms are positive and none is a power: nothing overflows,
    nothing cancels.
    """
    p, q, a, b = (np.asarray(v, dtype=np.float64) for v in np.broadcast_arrays(p, q, a, b))
    found = np.empty((5, len(p)))
    swapped = b > a
    for mask, order in ((~swapped, (0, 1, 2, 3, 4)), (swapped, (0, 2, 1, 4, 3))):
        large, small, power, other = (b, a, q, p) if mask is swapped else (a, b, p, q)
        for bent in (False, True):
            rows = np.flatnonzero(mask & ((large > 2 * small) == bent))
            for at in range(0, len(rows), CHUNK):
                part = rows[at : at + CHUNK]
                found[np.ix_(np.array(order), part)] = _taken(power[part], other[part], large[part], small[part], bent)
    return Tails(*found)


def _taken(p: Floats, q: Floats, u: Floats, v: Floats, bent: bool) -> Floats:
    """The five rows of `Tails` where v ≤ u."""
    ratio, fall = v / u, p + q - 1
    bend = np.log((u - v) / v) if bent else np.zeros(len(u))
    peak, end = _extent(p, q, ratio, fall)
    top = _log_height(peak, p, q, ratio)
    middle, last = np.minimum(bend, end), np.minimum(end, bend + BEND)
    pieces = [(0 * end, middle), (middle, last)] if bent else [(0 * end, last)]
    at = [low[:, None] + (high - low)[:, None] * ((NODES + 1) / 2) for low, high in pieces]
    weight = [(high - low)[:, None] * (WEIGHTS / 2) for low, high in pieces]
    if (last < end).any():
        at.append(last[:, None] + FAR_NODES / fall[:, None])
        weight.append(np.where(last < end, 1 / fall, 0.0)[:, None] * (FAR_WEIGHTS * np.exp(FAR_NODES)))
    place = np.concatenate(at, axis=1)
    shrunk = np.exp(-place)
    rest = ratio[:, None] + (1 - ratio)[:, None] * shrunk  # of what the larger has grown, were it as small as the other
    log_grown = place + np.log(rest)
    f = np.exp((1 - q)[:, None] * place - p[:, None] * log_grown - top[:, None]) * np.concatenate(weight, axis=1)
    total = f.sum(axis=1)
    f /= total[:, None]
    log_v = np.log(v)
    return np.array(
        [
            np.log(total) + top + (1 - q) * log_v - p * np.log(u),
            np.einsum("ij,ij->i", f, log_grown) + np.log(u),
            np.einsum("ij,ij->i", f, place) + log_v,
            np.einsum("ij,ij->i", f, shrunk / rest) / u,
            np.einsum("ij,ij->i", f, shrunk) / v,
        ]
    )


def _log_height(place: Floats, p: Floats, q: Floats, ratio: Floats) -> Floats:
    return np.asarray((1 - q) * place - p * (place + np.log(ratio + (1 - ratio) * np.exp(-place))))


def _extent(p: Floats, q: Floats, ratio: Floats, fall: Floats) -> tuple[Floats, Floats]:
    """Where the integrand is greatest, and from where on it no longer counts."""
    rising = np.maximum(1 - q, 0.0)
    peak = np.log(np.maximum(rising * (1 - ratio) / (ratio * fall), 1.0))
    lowest = _log_height(peak, p, q, ratio) - REACH
    end = (-lowest - p * np.log(ratio)) / fall  # on the steeper slope alone
    end = np.maximum(np.where(q > 1, np.minimum(end, -lowest / np.maximum(q - 1, 1e-300)), end), peak)
    for _ in range(6):  # Newton from the right on a concave function stays on the right
        slope = p * ratio / (ratio + (1 - ratio) * np.exp(-end)) - (1 - q)
        end = end + (_log_height(end, p, q, ratio) - lowest) / slope
    return peak, end
