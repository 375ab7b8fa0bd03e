"""Two cards: learned from who paid late, or weighed by experts while there is nothing to learn from; as JSON keeps them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

import zhike_insight as zi
from zhike.value.analyses.credit.behaviour import Floats, Known
from zhike.value.analyses.credit.kind import WEIGHTS, Options

EXPERT_LOWEST, EXPERT_STEP = 400.0, 2.6  # where 0 of 100 points of the expert card stand among the scores, and each further one
STRANGER = 2  # the place in A–E that who has no payments yet does not pass
SHRUNK = 5.0  # ridge: few defaults and characteristics that say nearly the same would make chances too sure
CHANGED = 0.25  # PSI from which on a characteristic is another one than it was
Card = Mapping[str, Any]


def learn(rows: list[tuple[Known, Floats]], options: Options, *, without: frozenset[str] = frozenset()) -> zi.Scorecard:
    """On what was known on several days and what came of it. Raises `BadInput` where nothing tells good from bad."""
    given, bad = stacked(rows)
    card = zi.Scorecard(base=options.base, odds=options.odds, pdo=options.pdo, l2=SHRUNK)
    return card.fit({name: values for name, values in given.items() if name not in without}, bad)


def stacked(rows: list[tuple[Known, Floats]]) -> tuple[dict[str, Any], Floats]:
    judged = [(known.only(~np.isnan(bad)), bad[~np.isnan(bad)]) for known, bad in rows]
    names = judged[0][0].characteristics
    given = {name: np.concatenate([known.characteristics[name] for known, _bad in judged]) for name in names}
    return given, np.concatenate([bad for _known, bad in judged])


def stability(rows: list[tuple[Known, Floats]], later: Known) -> dict[str, float]:
    """PSI of every characteristic: the later people against those who were learned from, over the bins that were learned."""
    given, bad = stacked(rows)
    bins = {name: zi.find_bins(values, bad) for name, values in given.items()}
    return {
        name: zi.psi(np.array(one.good) + np.array(one.bad), _counts(one, later.characteristics[name]))
        for name, one in bins.items()
    }


def kept(card: zi.Scorecard, drawn: Known) -> dict[str, Any]:
    """The learned card with how many of these people stand in each bin."""
    points = card.points()
    parts = {
        name: {
            "cuts": bins.cuts,
            "groups": bins.groups,
            "woe": _rounded(bins.woe, 4),
            "good": bins.good,
            "bad": bins.bad,
            "iv": round(bins.iv, 4),
            "coefficient": card.coefficients_[name],
            "p": card.p_values_[name],
            "points": [round(value, 1) for _label, value in points[name]],
            "now": _counts(bins, drawn.characteristics[name]).tolist(),
        }
        for name, bins in card.bins_.items()
    }
    return {"how": "learned", "intercept": card.intercept_, "parts": parts}


def expert(options: Options) -> dict[str, Any]:
    return {"how": "expert", "weights": {name: float(getattr(options, f"w_{name}")) for name in WEIGHTS}}


def scores(card: Card, known: Known) -> tuple[Floats, dict[str, Floats]]:
    """The score of each, and what each characteristic costs against its best. Works for a card of any earlier analysis."""
    return _learned(card, known) if card["how"] == "learned" else _weighed(card, known)


def _learned(card: Card, known: Known) -> tuple[Floats, dict[str, Floats]]:
    total, lost = np.zeros(len(known)), {}
    for name, part in card["parts"].items():
        bins = _bins(part)
        points = np.array(part["points"])
        of = points[bins.place(known.characteristics[name])] if name in known.characteristics else np.full(len(known), points[-1])
        total, lost[name] = total + of, points.max() - of
    return total, lost


def _weighed(card: Card, known: Known) -> tuple[Floats, dict[str, Floats]]:
    """100 points of each piece of evidence at best; what nothing is known of weighs nothing."""
    pieces, weights = evidence(known), card["weights"]
    weighed = np.column_stack([np.where(np.isnan(values), 0.0, weights[name]) for name, values in pieces.items()])
    values = np.column_stack([np.nan_to_num(one) for one in pieces.values()])
    of = np.maximum(weighed.sum(axis=1), 1e-9)
    total = EXPERT_LOWEST + EXPERT_STEP * (weighed * values).sum(axis=1) / of
    lost = {name: EXPERT_STEP * weighed[:, at] * (100 - values[:, at]) / of for at, name in enumerate(pieces)}
    return total, lost


def evidence(known: Known) -> dict[str, Floats]:
    """What the expert card looks at, each from 0 to 100."""
    of = known.features
    ranks = (rankdata(of["volume"]) - 1) / max(len(known) - 1, 1)  # the same for the same volume
    return {
        "payment": 100 * (1 - of["late_share"] * 0.5 - np.minimum(of["worst"], 60) / 60 * 0.5),
        "tenure": 100 * np.minimum(of["tenure"] / 730, 1),
        "volume": 100 * ranks,
        "rhythm": 100 * (1 - np.minimum(of["unsteady"], 1.5) / 1.5),
        "returned": 100 * (1 - np.minimum(of["returned"] / 0.2, 1)),
        "trouble": np.array([100.0, 50.0, 0.0])[np.minimum(of["trouble"], 2).astype(int)],
    }


def probability(card: Card, score: Floats, options: Options) -> Floats:
    """Of a default, as the points say it; nothing where the points are an expert's."""
    if card["how"] != "learned":
        return np.full(len(score), np.nan)
    return 1 / (1 + options.odds * 2 ** ((score - options.base) / options.pdo))


def bands(card: Card, known: Known, cuts: list[int]) -> list[int]:
    """How many of them score from the lowest grade to the highest."""
    counts, _edges = np.histogram(scores(card, known)[0], [-np.inf, *sorted(cuts), np.inf])
    return [int(one) for one in counts]


def drift(card: Card, before: list[int], now: Known, cuts: list[int]) -> dict[str, Any]:
    """PSI of the score of an earlier card and of each of its characteristics: these people against those it was made for."""
    parts = {name: part for name, part in card.get("parts", {}).items() if name in now.characteristics}
    found = {name: round(zi.psi(part["now"], _counts(_bins(part), now.characteristics[name])), 4) for name, part in parts.items()}
    return {"score": round(zi.psi(before, bands(card, now, cuts)), 4), "characteristics": found}


def why_dropped(card: zi.Scorecard, name: str) -> str:
    """As a code, because the report has no words."""
    said = card.dropped_.get(name, "")
    return "" if name in card.bins_ else "iv" if said.startswith("information") else "sign" if said.startswith("wrong") else "p"


def _bins(part: Mapping[str, Any]) -> zi.Bins:
    groups = None if part["groups"] is None else tuple(tuple(one) for one in part["groups"])
    cuts = None if part["cuts"] is None else tuple(part["cuts"])
    return zi.Bins(cuts, groups, tuple(part["good"]), tuple(part["bad"]), tuple(part["woe"]), part["iv"])


def _counts(bins: zi.Bins, values: Any) -> NDArray[np.intp]:
    return np.bincount(bins.place(values), minlength=len(bins.woe))


def _rounded(values: Any, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
