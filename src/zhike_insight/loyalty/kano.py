"""Kano classes: what customers take for granted, what they weigh, what delights them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike_insight.lifetime.triples import BadInput, NotEnoughData

ANSWERS = ("like", "must", "neutral", "live_with", "dislike")
KANO_CLASSES: Mapping[str, str] = {
    "A": "attractive", "O": "one-dimensional", "M": "must-be", "I": "indifferent", "R": "reverse", "Q": "questionable"
}  # fmt: skip
# rows: answer if the feature is there; columns: if it is not (Berger et al. 1993)
_TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
_FIRST = "MOAIRQ"  # where counts are equal


@dataclass(frozen=True)
class KanoResult:
    """What answers about one feature say.

    Attributes
    ----------
    kind : str
        A, O, M, I, R or Q of `KANO_CLASSES`: the most frequent, on a tie M before O, A, I.
    counts : dict of str to int
    n : int
    better : float
        How much satisfaction rises with the feature, 0 to 1: (A + O) / (A + O + M + I).
    worse : float
        How much it falls without, −1 to 0: −(O + M) / (A + O + M + I).
    significant : bool
        Whether the most frequent kind stands out from the second (Fong's test at 10 %); if not, look at segments.
    """

    kind: str
    counts: dict[str, int]
    n: int
    better: float
    worse: float
    significant: bool


def kano_class(functional: str, dysfunctional: str) -> str:
    """The class of one pair of answers.

    Parameters
    ----------
    functional, dysfunctional : {"like", "must", "neutral", "live_with", "dislike"}
        How one would feel if the feature is there, and if it is not.

    Returns
    -------
    {"M", "O", "A", "I", "R", "Q"}
        Must-be, one-dimensional, attractive, indifferent, reverse, questionable.

    Raises
    ------
    BadInput
        An answer is none of the five.

    Notes
    -----
    Kano & al. (1984); table: Berger & al. (1993).

    Examples
    --------
    >>> kano_class("like", "dislike"), kano_class("neutral", "dislike"), kano_class("like", "neutral")
    ('O', 'M', 'A')
    """
    try:
        return _TABLE[ANSWERS.index(functional)][ANSWERS.index(dysfunctional)]
    except ValueError:
        raise BadInput(f"an answer must be one of {', '.join(ANSWERS)}, not {functional!r} and {dysfunctional!r}") from None


def kano(functional: Sequence[Any], dysfunctional: Sequence[Any]) -> KanoResult:
    """The class of a feature from the paired answers of many.

    Parameters
    ----------
    functional, dysfunctional : sequence of str or int, length n
        As for `kano_class`, or 1 (like) to 5 (dislike); None and nan are left out with their pair.

    Returns
    -------
    KanoResult
        The most frequent class, counts, better and worse, and whether the class is beyond chance.

    Raises
    ------
    BadInput
        Lengths differ, or an answer is unknown.
    NotEnoughData
        There is no complete pair.

    Notes
    -----
    Kano et al. (1984); table, better and worse: Berger et al. (1993), *Center for Quality of Management Journal* 2(4); test:
    Fong (1996), the
    difference of the two largest counts against 1.65 √((a + b)(2n − a − b) / 2n).

    Examples
    --------
    >>> result = kano(["like"] * 60 + ["neutral"] * 40, ["dislike"] * 30 + ["neutral"] * 30 + ["dislike"] * 40)
    >>> result.kind, result.better, result.worse, result.significant
    ('M', 0.6, -0.7, False)
    """
    if len(functional) != len(dysfunctional):
        raise BadInput(f"{len(functional)} answers with the feature and {len(dysfunctional)} without")
    pairs = [(_answer(a), _answer(b)) for a, b in zip(functional, dysfunctional, strict=True)]
    kinds = Counter(kano_class(a, b) for a, b in pairs if a and b)
    n = sum(kinds.values())
    if not n:
        raise NotEnoughData("there is no complete pair of answers")
    order = sorted(_FIRST, key=lambda kind: (-kinds[kind], _FIRST.index(kind)))
    a, b = kinds[order[0]], kinds[order[1]]
    usual = sum(kinds[kind] for kind in "AOMI") or 1
    stands_out = a - b > 1.65 * float(np.sqrt((a + b) * (2 * n - a - b) / (2 * n)))
    return KanoResult(
        order[0], {kind: kinds[kind] for kind in KANO_CLASSES}, n, (kinds["A"] + kinds["O"]) / usual,
        -(kinds["O"] + kinds["M"]) / usual, stands_out,
    )  # fmt: skip


def _answer(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (int, float, np.integer)) and 1 <= value <= 5 and value == int(value):
        return ANSWERS[int(value) - 1]
    return str(value)
