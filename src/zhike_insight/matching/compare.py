"""Comparing many pairs at once: one finding for each kind of evidence, and what it weighs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhike_insight.matching.records import Column, Ints, Records
from zhike_insight.matching.weights import HOUSEHOLD, OWN, POPULATION, MatchWeights

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
EVIDENCE = ("person", "company", "region", "trade", "branch", "phone", "email", "code", "birthday", "address")
NEAR_ADDRESS = 80  # of 100
USUAL_SHARE, ASIDE = 0.05, 200  # a region's or a trade's share is not read from a handful of records
TITLES = 0.03  # of the names, how many are a surname with a title
LEAST_EMAIL = 8  # letters: shorter addresses are near each other by chance


@dataclass(frozen=True)
class Compared:
    """Findings (names of them, as numbers; −1: nothing to compare) and bits, each of shape (pairs,)."""

    findings: dict[str, tuple[tuple[str, ...], Ints]]
    bits: dict[str, Floats]
    total: Floats

    def finding(self, evidence: str, row: int) -> str:
        names, found = self.findings[evidence]
        return names[found[row]] if found[row] >= 0 else ""


def compare(records: Records, first: Ints, second: Ints, weights: MatchWeights) -> Compared:
    """Compare pairs of rows."""
    findings, bits = {}, {}
    for evidence in EVIDENCE:
        names = tuple(weights.levels[evidence])
        found, share = _LOOK[evidence](records, first, second)
        numbers = np.full(len(first), -1, dtype=np.int64)
        weight = np.zeros(len(first))
        for name, rows in found.items():
            rows &= numbers < 0
            numbers[rows] = names.index(name)
            weight[rows] = weights.bits(evidence, name, share.get(name, np.ones(len(first)))[rows])
        findings[evidence], bits[evidence] = (names, numbers), weight
    _once(findings, bits)
    total = weights.start(records.size) + np.sum([*bits.values()], axis=0)
    return Compared(findings, bits, total)


def _once(findings: dict[str, tuple[tuple[str, ...], Ints]], bits: dict[str, Floats]) -> None:
    """A household or an office shares phone and address: two are little more than one, and a name against them is more."""

    def is_(evidence: str, *names: str) -> Bools:
        known, numbers = findings[evidence]
        return np.isin(numbers, [known.index(name) for name in names])

    shared = is_("phone", "same") & is_("address", "same", "near")
    bits["address"] = np.where(shared, np.minimum(bits["address"], HOUSEHOLD), bits["address"])
    relative = is_("phone", "same") & is_("person", "family", "one_character")
    bits["person"] = np.where(relative, bits["person"] - HOUSEHOLD, bits["person"])


Looked = tuple[dict[str, Bools], dict[str, Floats]]


def _person(records: Records, first: Ints, second: Ints) -> Looked:
    c = records.columns
    both = ~records.company[first] & ~records.company[second] & _have(c["text"], first, second)
    given = _have(c["given"], first, second)
    surname = _same(c["surname"], first, second)
    one, two = records.letters[first], records.letters[second]
    apart = (one != two).sum(axis=1)
    longer = (one != 0).sum(axis=1) > 2
    title = surname & ~given & (c["text"].codes[first] != c["text"].codes[second])
    found = {
        "same": both & _same(c["text"], first, second) & given,
        "sound": both & given & _same(c["sound"], first, second),
        "near": both & given & _same(c["near"], first, second),
        "one_character": both & given & longer & (apart == 1) & ((one != 0) == (two != 0)).all(axis=1),
        "title": both & (title | (surname & ~given)),
        "family": both & surname,
        "different": both,
    }
    shares = {"same": "text", "sound": "sound", "near": "near", "title": "surname"}
    shared = {name: _share(records, column, first) for name, column in shares.items()}
    shared["title"] = shared["title"] * TITLES
    return found, shared


def _company(records: Records, first: Ints, second: Ints) -> Looked:
    c = records.columns
    both = records.company[first] & records.company[second] & _have(c["core"], first, second)
    unlike = np.flatnonzero(both & ~_same(c["near"], first, second))
    spelt, part = np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
    if len(unlike):
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cpdist

        left = [c["core"].texts[row] for row in first[unlike]]
        right = [c["core"].texts[row] for row in second[unlike]]
        distance = cpdist(left, right, scorer=Levenshtein.distance)
        short = np.array([min(len(a), len(b)) for a, b in zip(left, right, strict=True)])
        long = np.array([max(len(a), len(b)) for a, b in zip(left, right, strict=True)])
        spelt[unlike] = (distance == 1) & (short >= 3)
        part[unlike] = (
            (short >= 2)
            & (distance == long - short)
            & np.array([a.startswith(b) or b.startswith(a) for a, b in zip(left, right, strict=True)])
        )
    written_otherwise = _same(c["body"], first, second) & _same(c["province"], first, second)
    written_otherwise &= c["city"].codes[first] == c["city"].codes[second]
    found = {
        "same": both & (_same(c["text"], first, second) | written_otherwise),
        "core": both & _same(c["core"], first, second),
        "sound": both & _same(c["sound"], first, second),
        "near": both & (_same(c["near"], first, second) | _same(c["body_near"], first, second)),
        "one_character": spelt,
        "part": part,
        "different": both,
    }
    shares = {name: _share(records, column, first) for name, column in {"core": "core", "sound": "sound", "near": "near"}.items()}
    shares["same"] = shares["core"] / 8  # a name is registered once in its region
    return found, shares


def _region(records: Records, first: Ints, second: Ints) -> Looked:
    province, city = records.columns["province"], records.columns["city"]
    both = _have(province, first, second)
    cities = _have(city, first, second)
    agree = _same(province, first, second) & (~cities | _same(city, first, second))
    return {"same": both & agree, "different": both & ~agree}, {"same": _share(records, "province", first)}


def _trade(records: Records, first: Ints, second: Ints) -> Looked:
    column = records.columns["trade"]
    both = _have(column, first, second)
    same = _same(column, first, second)
    similar = np.zeros(len(first), dtype=bool)
    for row in np.flatnonzero(both & ~same).tolist():
        one, two = column.texts[first[row]], column.texts[second[row]]
        similar[row] = one in two or two in one or one[-2:] == two[-2:] or one[:2] == two[:2]
    similar |= both & _same(records.columns["body_near"], first, second)
    return {"same": both & same, "similar": similar, "different": both}, {"same": _share(records, "trade", first)}


def _branch(records: Records, first: Ints, second: Ints) -> Looked:
    column = records.columns["branch"]
    said = (column.codes[first] >= 0) | (column.codes[second] >= 0)
    same = _same(column, first, second)
    return {"same": same, "different": said & ~same}, {}


def _phone(records: Records, first: Ints, second: Ints) -> Looked:
    column = records.columns["phone"]
    both = _have(column, first, second)
    same = _same(column, first, second)
    several = np.array([len(each) > 1 for each in records.phones], dtype=bool)
    for row in np.flatnonzero(both & ~same & (several[first] | several[second])).tolist():
        same[row] = not set(records.phones[first[row]]).isdisjoint(records.phones[second[row]])
    near = _one_edit(column, first, second, both & ~same)
    return {"same": same, "near": near, "different": both}, {"same": _share(records, "phone", first)}


def _email(records: Records, first: Ints, second: Ints) -> Looked:
    column, local = records.columns["email"], records.columns["local"]
    both = _have(column, first, second)
    long = np.array([len(text) >= LEAST_EMAIL for text in local.texts], dtype=bool)
    rest = both & ~_same(column, first, second) & long[first] & long[second]
    near = (_same(local, first, second) & rest) | _one_edit(column, first, second, rest)
    return {"same": _same(column, first, second), "near": near, "different": both}, {"same": _share(records, "email", first)}


def _code(records: Records, first: Ints, second: Ints) -> Looked:
    column = records.columns["code"]
    both, same = _have(column, first, second), _same(column, first, second)
    near = _one_edit(column, first, second, both & ~same)
    return {"same": same, "near": near, "different": both}, {"same": _share(records, "code", first)}


def _birthday(records: Records, first: Ints, second: Ints) -> Looked:
    column = records.columns["birthday"]
    both, same = _have(column, first, second), _same(column, first, second)
    near = np.zeros(len(first), dtype=bool)
    for row in np.flatnonzero(both & ~same).tolist():
        one, two = column.texts[first[row]], column.texts[second[row]]
        swapped = one[:4] == two[:4] and one[4:6] == two[6:] and one[6:] == two[4:6]
        near[row] = swapped or sum(a != b for a, b in zip(one, two, strict=False)) == 1
    return {"same": same, "near": near, "different": both}, {"same": _share(records, "birthday", first)}


def _address(records: Records, first: Ints, second: Ints) -> Looked:
    column = records.columns["address"]
    both, same = _have(column, first, second), _same(column, first, second)
    rows = np.flatnonzero(both & ~same)
    near = np.zeros(len(first), dtype=bool)
    if len(rows):
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import cpdist

        left, right = ([column.texts[row] for row in side[rows]] for side in (first, second))
        near[rows] = cpdist(left, right, scorer=ratio) >= NEAR_ADDRESS
    return {"same": same, "near": near, "different": both}, {"same": _share(records, "address", first)}


_LOOK: dict[str, Callable[[Records, Ints, Ints], Looked]] = {
    "person": _person, "company": _company, "region": _region, "trade": _trade, "branch": _branch, "phone": _phone,
    "email": _email, "code": _code, "birthday": _birthday, "address": _address,
}  # fmt: skip


def _have(column: Column, first: Ints, second: Ints) -> Bools:
    return np.asarray((column.codes[first] >= 0) & (column.codes[second] >= 0))


def _same(column: Column, first: Ints, second: Ints) -> Bools:
    return np.asarray((column.codes[first] == column.codes[second]) & (column.codes[first] >= 0))


def _share(records: Records, name: str, first: Ints) -> Floats:
    """Of the population, how many have the value; at least as many as two records."""
    column = records.columns[name]
    codes = column.codes[first]
    counts = np.where(codes >= 0, column.counts[codes], 1)
    if name in ("province", "trade"):
        return np.asarray((counts + USUAL_SHARE * ASIDE) / (records.size + ASIDE))
    return np.asarray(np.maximum(counts - 1, 1) / max(records.size, POPULATION) * OWN.get(name, 1.0))


def _one_edit(column: Column, first: Ints, second: Ints, among: Bools) -> Bools:
    """One sign put in, left out, changed, or two neighbours swapped."""
    found = np.zeros(len(first), dtype=bool)
    rows = np.flatnonzero(among)
    if len(rows):
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        left, right = ([column.texts[row] for row in side[rows]] for side in (first, second))
        found[rows] = cpdist(left, right, scorer=OSA.distance, score_cutoff=1) <= 1
    return found
