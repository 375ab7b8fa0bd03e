"""Finds the segments: prepare, choose how many, cluster, describe, test, match with those of last time."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.segments import describing
from zhike.value.analyses.segments.clustering import Clustered, cluster
from zhike.value.analyses.segments.features import FIGURES, fields
from zhike.value.analyses.segments.kind import LEAST, Options
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
EPOCH = datetime.date(1970, 1, 1)
MOST_CATEGORIES = 12
COLUMNS = ("first_on", "last_on", "orders", "revenue", "margin", "trend", "rhythm_days", "p_alive", "clv", "profit", "cost")


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    scores = material.scores(*COLUMNS)
    if scores.num_rows < LEAST:
        raise TooLittle
    numbers = {name: arrow.plain(scores[name]) for name in COLUMNS[2:]}
    given = _features(material, scores, numbers, options)
    progress(1, 10)
    try:
        found = cluster(given, options, lambda done, total: progress(10 + 60 * done // total, 100))
    except (zi.BadInput, zi.NotEnoughData) as problem:
        raise TooLittle from problem
    progress(7, 10)
    codes = describing.matched(found, material.previous)
    report = _report(material, scores, numbers, found, codes, options)
    progress(9, 10)
    return Outcome(report, _findings(material, scores, found, codes))


def _features(material: Material, scores: pa.Table, numbers: dict[str, Floats], options: Options) -> dict[str, Any]:
    """Numbers as they are, categories as words; what nobody has is left out."""
    day = (material.as_of - EPOCH).days
    last, first = (arrow.plain(scores[name], pa.int32()) for name in ("last_on", "first_on"))
    all_numbers = numbers | {
        "recency": day - last, "tenure": day - first, "frequency": numbers["orders"], "rhythm": numbers["rhythm_days"],
        "alive": numbers["p_alive"], "basket": numbers["revenue"] / np.where(numbers["orders"] > 0, numbers["orders"], np.nan),
    }  # fmt: skip
    wanted: dict[str, Any] = {name: all_numbers[name] for name in options.features}
    wanted |= _profile(material, scores["customer_id"].to_numpy(), options)
    return {name: values for name, values in wanted.items() if values.dtype.kind != "f" or np.isfinite(values).any()}


def _profile(material: Material, customers: NDArray[np.int64], options: Options) -> dict[str, Any]:
    chosen = [one for one in fields() if one.code in options.fields]
    if not chosen:
        return {}
    types = {one.code: pa.float64() if one.type in FIGURES else pa.string() for one in chosen}
    table = material.profile(types)
    place = np.searchsorted(table["customer_id"].to_numpy(), customers)
    found = table.take(pa.array(place))
    return {
        f"f_{one.code}": arrow.plain(found[one.code]) if one.type in FIGURES else _frequent(found[one.code].to_pylist())
        for one in chosen
    }


def _frequent(values: list[str | None]) -> NDArray[np.str_]:
    words = np.array([value or "" for value in values])
    names, counts = np.unique(words, return_counts=True)
    kept = names[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]]
    return np.where(np.isin(words, kept), words, "…")


def _report(
    material: Material, scores: pa.Table, numbers: dict[str, Floats], found: Clustered, codes: list[str], options: Options
) -> dict[str, Any]:
    previous = {str(code): name for code, name in material.previous.get("names", {}).items()}
    reachable = _reachable(material, scores)
    value = numbers["clv"] if np.isfinite(numbers["clv"]).any() else numbers["revenue"]
    rules = zi.describe(found.readable, found.labels, [str(at) for at in range(found.readable.shape[1])])
    profit = np.nan_to_num(numbers["profit"]) - np.nan_to_num(numbers["cost"])
    tests = zi.segment_tests(
        found.labels, goal=value, rules=rules, reachable=reachable, profit=profit, stability=found.stability
    ).to_pylist()
    return {
        "method": options.method, "k": found.k, "asked": options.segments, "first_in": found.first_in,
        "criteria": found.criteria, "stability": found.stability, "features": found.columns, "logs": found.logs,
        "left_out": [name for name in (*options.features, *(f"f_{code}" for code in options.fields)) if name not in found.names],
        "segments": describing.segments(found, codes, rules, tests), "overall": describing.middle(found),
        "scatter": describing.scatter(found, codes), "map": found.map_of(codes),
        "names": {code: name for code, name in previous.items() if code in codes},
    }  # fmt: skip


def _reachable(material: Material, scores: pa.Table) -> Floats:
    known = material.customers
    place = np.searchsorted(known["customer_id"].to_numpy(), scores["customer_id"].to_numpy())
    place = np.minimum(place, known.num_rows - 1)
    flags = known["is_reachable"].to_numpy(zero_copy_only=False).astype(np.float64)
    return np.asarray(flags[place])


def _findings(material: Material, scores: pa.Table, found: Clustered, codes: list[str]) -> pa.Table:
    """`value` is how clearly a customer belongs: 1 at the centre of the segment, 0 half-way to the next one."""
    named = np.array(codes)
    columns = {"customer_id": scores["customer_id"], "group": named[found.labels], "value": np.round(found.clearness, 4)}
    return findings(material.con, columns | {"next": named[found.second]}, "{next: next}")
