"""Grades with grace, and stages: where a customer stands, given where the customer stood."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.value import arrow
from zhike.value.choices import GradeMethod
from zhike.value.previous import GRADES, NONE, STAGES, Codes, Standing
from zhike.value.rules import GradeRules, StageRules

Floats = NDArray[np.float64]
LOWEST = len(GRADES) - 1


@dataclass(frozen=True)
class Graded:
    """Codes are places in `GRADES`, best first; days count from 1970."""

    earned: Codes
    held: Codes
    since: Codes
    until: Codes

    def columns(self) -> dict[str, pa.Array]:
        return {
            "earned_grade": words(self.earned, GRADES), "grade": words(self.held, GRADES),
            "grade_since": days(self.since), "grace_until": days(self.until),
        }  # fmt: skip


def cuts_of(contribution: Floats, rules: GradeRules) -> tuple[float, ...]:
    """The least contribution of key, important and regular; of those who are needed to reach the share, when it goes by shares."""
    if rules.method == GradeMethod.THRESHOLD:
        return tuple(float(cut) for cut in rules.thresholds)
    falling = np.sort(contribution[contribution > 0])[::-1]
    if not len(falling):
        return (np.finfo(float).max,) * LOWEST
    reached = np.cumsum(falling)
    places = np.searchsorted(reached, np.asarray(rules.shares) * reached[-1] * (1 - 1e-12))
    return tuple(float(falling[min(place, len(falling) - 1)]) for place in places)


def earned(contribution: Floats, cuts: tuple[float, ...]) -> Codes:
    """Equal contributions give equal grades; who brings nothing is small."""
    code = np.full(len(contribution), LOWEST, np.int64)
    for grade in range(LOWEST - 1, -1, -1):
        code[(contribution >= cuts[grade]) & (contribution > 0)] = grade
    return code


def with_grace(now: Codes, before: Standing, day: Codes, grace_days: int) -> Graded:
    """Promotion at once; demotion when the better grade was last earned longer ago than the grace."""
    known = before.grade != NONE
    until = np.where(before.grace_until != NONE, before.grace_until, before.as_of + grace_days)
    spared = known & (now > before.grade) & (until >= day)
    held = np.where(spared, before.grade, now)
    unchanged = known & (held == before.grade) & (before.grade_since != NONE)
    return Graded(now, held, np.where(unchanged, before.grade_since, day), np.where(spared, until, NONE))


def words(codes: Codes, names: list[str]) -> pa.Array:
    known = arrow.numbers(np.where(codes == NONE, 0, codes), known=codes != NONE)
    return pa.DictionaryArray.from_arrays(known, arrow.words(names)).cast(pa.string())


def days(numbers: Codes) -> pa.Array:
    return arrow.numbers(numbers, known=numbers != NONE, kind=pa.date32())


def typical_rhythm(rhythm: Floats) -> float:
    """Of the company: the median of its customers' own; 0 when nobody bought twice."""
    return float(np.nanmedian(rhythm)) if np.isfinite(rhythm).any() else 0.0


def silence(base: pa.Table, typical: float) -> dict[str, Floats]:
    """Own rhythm, silence by that measure (one-time buyers by the typical one), how probable it is for who still buys.

    The rhythm is learned from the customer's own intervals and one of the typical length, so that two purchases within a week
    do not make a weekly customer.
    """
    frequency, recency = arrow.plain(base["frequency"]), arrow.plain(base["recency"])
    days = arrow.plain(base["age"]) - recency
    with np.errstate(divide="ignore", invalid="ignore"):
        rhythm = np.where(frequency > 0, (typical + recency) / (1 + frequency), np.nan)
        ratio = days / np.where(frequency > 0, rhythm, typical or np.nan)
        probability = ((typical + recency) / (typical + recency + days)) ** (1 + frequency) if typical else days * np.nan
    names = ("rhythm_days", "silence_ratio", "silence_probability")
    return {name: np.round(values, 6) for name, values in zip(names, (rhythm, ratio, probability), strict=True)}


def stages(base: pa.Table, columns: dict[str, Floats], rules: StageRules) -> pa.Array:
    """Stage by the customer's own rhythm; the first that fits from the top: lost, declining, exploring, forming, stable."""
    frequency, age, trend = (arrow.plain(base[name]) for name in ("frequency", "age", "trend"))
    ratio, p_alive = columns["silence_ratio"], columns["p_alive"]
    again = frequency > 0
    with np.errstate(invalid="ignore"):  # what is not known compares as false
        lost = (ratio >= rules.lost_silence) | (again & (p_alive < rules.lost_alive))
        declining = (
            (ratio >= rules.declining_silence) | (again & (p_alive < rules.declining_alive)) | (trend <= rules.declining_trend)
        )
    young = (frequency + 1 < rules.forming_purchases) | (age < rules.forming_days)
    stage = np.full(len(frequency), STAGES.index("stable"), np.int64)
    for code, where in (("forming", young), ("exploring", ~again), ("declining", declining), ("lost", lost)):
        stage[where] = STAGES.index(code)
    return words(stage, STAGES)
