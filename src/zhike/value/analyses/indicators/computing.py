"""Nine scores for everybody, and what they are on average by group."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.indicators.evidence import EVIDENCE
from zhike.value.analyses.indicators.gathering import gathered
from zhike.value.analyses.indicators.kind import LEAST, NAMES, PILLARS, Options, weights_of
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
SAMPLE = 400  # customers on whom other weights are tried


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    scores, evidence = gathered(material)
    if scores.num_rows < LEAST:
        raise TooLittle
    progress(5, 10)
    table = pa.table({"customer": scores["customer_id"], **{name: pa.array(values) for name, values in evidence.items()}})
    pieces = [zi.Evidence(one.indicator, one.column, one.weight, one.more_is_better) for one in EVIDENCE]
    found = zi.nine_indicators(table, pieces, weights=weights_of(options))
    progress(8, 10)
    return Outcome(_report(scores, evidence, found, options), _findings(found))


def _findings(found: pa.Table) -> pa.Table:
    pillars = np.column_stack([arrow.plain(found[name]) for name in PILLARS])
    strongest = np.where(np.isnan(pillars).all(axis=1), -1, np.nan_to_num(pillars, nan=-1.0).argmax(axis=1))
    groups = [list(PILLARS)[at] if at >= 0 else None for at in strongest.tolist()]
    rounded = {name: _rounded(found[name]) for name in (*NAMES, *PILLARS)}
    sure = {name: _rounded(found[f"{name}_confidence"], 2) for name in (*NAMES, "total")}
    details = [
        json.dumps({"scores": {name: values[at] for name, values in rounded.items()},
                    "sure": {name: values[at] for name, values in sure.items()}}, separators=(",", ":"))
        for at in range(found.num_rows)
    ]  # fmt: skip
    total = np.round(arrow.plain(found["total"]), 1)
    return pa.table({
        "customer_id": found["customer"], "group": pa.array(groups, pa.string()), "value": arrow.floats(total),
        "detail": pa.array(details, pa.string()),
    })  # fmt: skip


def _rounded(column: Any, digits: int = 1) -> list[float | None]:
    values = np.round(arrow.plain(column), digits)
    return [None if value != value else value for value in values.tolist()]


def _report(scores: pa.Table, evidence: dict[str, Floats], found: pa.Table, options: Options) -> dict[str, Any]:
    columns = {name: arrow.plain(found[name]) for name in (*NAMES, *PILLARS, "total")}
    rows = np.random.default_rng(0).permutation(found.num_rows)[:SAMPLE]
    drawn = np.column_stack([columns[name] for name in NAMES])[rows].tolist()
    sample = [[None if value != value else round(value, 1) for value in line] for line in drawn]
    return {
        "weights": weights_of(options), "overall": {name: _mean(values) for name, values in columns.items()},
        "sure": {name: _mean(arrow.plain(found[f"{name}_confidence"])) for name in (*NAMES, "total")},
        "by": {name: _by(scores[name].to_pylist(), columns) for name in ("grade", "stage")},
        "known": {one.column: _known(evidence.get(one.column)) for one in EVIDENCE},
        "spread": np.histogram(columns["total"], np.arange(0, 101, 10))[0].tolist(), "sample": sample,
    }  # fmt: skip


def _by(codes: list[str | None], columns: dict[str, Floats]) -> dict[str, dict[str, float | None]]:
    words = np.array([code or "" for code in codes])
    return {
        str(code): {name: _mean(values[words == code]) for name, values in columns.items()} for code in np.unique(words) if code
    }


def _known(values: Floats | None) -> float:
    return round(float(np.isfinite(values).mean()), 4) if values is not None else 0.0


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 2) if len(known) else None
