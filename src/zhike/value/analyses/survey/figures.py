"""The figures of answers, each with its interval and how many it rests on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import zhike_insight as zi

Floats = NDArray[np.float64]
Row = dict[str, Any]
MOST_ROWS = 30  # of one dimension
A_QUESTION, LEAST_DRIVERS = 10, 50  # complete sheets: so many a question asked, and in all
LEAST_KANO = 20
NAMED = ("shop", "product", "person", "survey", "grade", "segment", "stage")


def rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)


def index(values: Floats) -> Row:
    known = values[np.isfinite(values)]
    if not len(known):
        return {"index": None, "low": None, "high": None, "n": 0}
    found = zi.satisfaction_index({"satisfaction": known}, lowest=0, highest=100)
    return {"index": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high), "n": found.n}


def promoters(votes: Floats) -> Row:
    known = votes[np.isfinite(votes)]
    if not len(known):
        return {"nps": None, "nps_low": None, "nps_high": None, "votes": 0}
    found = zi.net_promoter(known)
    return {"nps": rounded(found.value), "nps_low": rounded(found.low), "nps_high": rounded(found.high), "votes": found.n}


def months(days: NDArray[Any], values: Floats, votes: Floats) -> list[Row]:
    """The last 24 of which there are answers; those without a day stand in none."""
    month = days.astype("datetime64[M]")
    found = []
    for one in np.unique(month[~np.isnat(month)])[-24:]:
        mine = month == one
        found.append({"month": str(one), **index(values[mine]), **promoters(votes[mine])})
    return found


def by(names: NDArray[Any], values: Floats, votes: Floats, least: int) -> Row:
    """Of each name its figures; what too few have said is counted, and nothing said of it. `differs`: up or down from all others
    beyond chance, many being compared (Holm)."""
    told, place = np.unique(np.array([one or "" for one in names], dtype=str), return_inverse=True)
    known = np.bincount(place, weights=np.isfinite(values), minlength=len(told))
    known[told == ""] = 0
    rows = []
    for at in np.flatnonzero(known >= least):
        mine = place == at
        rows.append(
            {"name": str(told[at]), **index(values[mine]), **promoters(votes[mine]), "p": _chance(values[mine], values[~mine])}
        )
    rows.sort(key=lambda row: (-row["n"], row["name"]))
    _mark(rows, values)
    return {"rows": rows[:MOST_ROWS], "few": int(((known > 0) & (known < least)).sum()), "more": max(len(rows) - MOST_ROWS, 0)}


def _mark(rows: list[Row], values: Floats) -> None:
    told = sorted((row for row in rows if row.get("p") is not None), key=lambda row: row["p"])
    mean, sure = float(np.nanmean(values)) if np.isfinite(values).any() else 0.0, True
    for place, row in enumerate(told):
        sure = sure and row["p"] * (len(told) - place) < 0.05
        row["differs"] = (1 if row["index"] > mean else -1) if sure else 0


def _chance(mine: Floats, others: Floats) -> float | None:
    """How often such a difference comes by chance (Welch); nothing where it cannot be told."""
    from scipy.special import stdtr

    a, b = mine[np.isfinite(mine)], others[np.isfinite(others)]
    if len(a) < 2 or len(b) < 2:
        return None
    u, v = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    if not u + v > 0:
        return None
    freedom = (u + v) ** 2 / (u**2 / (len(a) - 1) + v**2 / (len(b) - 1))
    return float(2 * stdtr(freedom, -abs(a.mean() - b.mean()) / np.sqrt(u + v)))


def drivers(rated: dict[str, Floats], outcome: Floats, progress: Callable[[int, int], None]) -> Row:
    """What goes with satisfaction. Things that fewer than half were asked about are left out, or no sheet would be complete."""
    whole = np.isfinite(outcome)
    asked = {title: values for title, values in rated.items() if np.isfinite(values[whole]).mean() >= 0.5} if whole.any() else {}
    complete = whole & np.all([np.isfinite(values) for values in asked.values()], axis=0) if asked else whole & False
    asked = {title: values for title, values in asked.items() if np.ptp(values[complete])} if complete.any() else {}
    needed = max(LEAST_DRIVERS, A_QUESTION * len(asked))
    n = int(complete.sum())
    known = {"n": n, "needed": needed, "left_out": sorted(set(rated) - set(asked))}
    if len(asked) < 2 or n < needed or not np.ptp(outcome[complete]):
        return {**known, "rows": []}
    progress(5, 10)
    found = zi.key_drivers({title: values[complete] for title, values in asked.items()}, outcome[complete], resamples=300)
    rows = [
        {"title": one.name, "importance": rounded(one.importance, 4), "low": rounded(one.low, 4), "high": rounded(one.high, 4),
         "share": rounded(one.share, 4), "correlation": rounded(one.correlation, 3), "beta": rounded(one.beta, 3),
         "performance": index(asked[one.name])}
        for one in found.drivers
    ]  # fmt: skip
    fit = {"r_squared": rounded(found.r_squared, 4), "adjusted": rounded(found.adjusted_r_squared, 4), "method": found.method}
    return {**known, **fit, "vif": rounded(found.highest_vif), "rows": rows, **_places(rows)}


def _places(rows: list[Row]) -> Row:
    """Where each stands on the map, and whether its interval leaves that open."""
    at_x = float(np.mean([row["performance"]["index"] for row in rows]))
    at_y = float(np.mean([row["importance"] for row in rows]))
    for row in rows:
        told = row["performance"]
        weighs, good = row["importance"] >= at_y, told["index"] >= at_x
        row["place"] = {(True, True): "keep", (True, False): "improve", (False, True): "enough", (False, False): "later"}[
            weighs, good
        ]
        row["sure"] = not (row["low"] < at_y < row["high"] or told["low"] < at_x < told["high"])
    return {"middle": [rounded(at_x), rounded(at_y, 4)]}


def gaps(pairs: list[tuple[str, Floats, Floats]]) -> list[Row]:
    """What they got less what they expected, of those who said both; the widest shortfall first."""
    rows = []
    for title, got, expected in pairs:
        both = np.isfinite(got) & np.isfinite(expected)
        if both.sum() < 2:
            continue
        apart = index((got[both] - expected[both] + 100) / 2)  # a difference as an index of 0 to 100, and back
        low, gap, high = (rounded(2 * apart[name] - 100) for name in ("low", "index", "high"))
        rows.append({"title": title, "perceived": rounded(got[both].mean()), "expected": rounded(expected[both].mean()),
                     "gap": gap, "low": low, "high": high, "n": int(both.sum())})  # fmt: skip
    return sorted(rows, key=lambda row: row["gap"])


def kano(pairs: list[tuple[str, Floats, Floats]]) -> list[Row]:
    rows = []
    for title, there, missing in pairs:
        both = np.isfinite(there) & np.isfinite(missing)
        if both.any():
            found = zi.kano(there[both].astype(int).tolist(), missing[both].astype(int).tolist())
            rows.append({"title": title, "kind": found.kind, "counts": found.counts, "n": found.n,
                         "better": rounded(found.better, 4), "worse": rounded(found.worse, 4),
                         "sure": bool(found.significant and found.n >= LEAST_KANO)})  # fmt: skip
    return sorted(rows, key=lambda row: ("MOAIRQ".index(row["kind"]), -row["n"]))
