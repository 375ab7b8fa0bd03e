"""Nine scores for everybody, and what they are on average by group."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.findings import findings
from zhike.value.analyses.indicators.evidence import EVIDENCE
from zhike.value.analyses.indicators.gathering import gathered, segmented
from zhike.value.analyses.indicators.kind import LEAST, NAMES, PILLARS, Options, weights_of
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
Words = NDArray[np.str_]
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
    return Outcome(_report(scores, evidence, found, options), _findings(material, found))


def _findings(material: Material, found: pa.Table) -> pa.Table:
    scores = {name: np.round(arrow.plain(found[name]), 1) for name in (*NAMES, *PILLARS)}
    sure = {f"{name}_sure": np.round(arrow.plain(found[f"{name}_confidence"]), 2) for name in (*NAMES, "total")}
    pillars = np.column_stack([arrow.plain(found[name]) for name in PILLARS])
    strongest = np.where(np.isnan(pillars).all(axis=1), -1, np.nan_to_num(pillars, nan=-1.0).argmax(axis=1))
    groups = pa.DictionaryArray.from_arrays(pa.array(strongest, mask=strongest < 0), list(PILLARS)).cast(pa.string())
    columns = {"customer_id": found["customer"], "group": groups, "value": np.round(arrow.plain(found["total"]), 1)}
    told = ", ".join(f"{name}: {name}" for name in scores)
    certain = ", ".join(f"{name}: {name}_sure" for name in (*NAMES, "total"))
    return findings(material.con, columns | scores | sure, f"{{scores: {{{told}}}, sure: {{{certain}}}}}")


def _report(scores: pa.Table, evidence: dict[str, Floats], found: pa.Table, options: Options) -> dict[str, Any]:
    columns = {name: arrow.plain(found[name]) for name in (*NAMES, *PILLARS, "total")}
    rows = np.random.default_rng(0).permutation(found.num_rows)[:SAMPLE]
    drawn = np.column_stack([columns[name] for name in NAMES])[rows].tolist()
    sample = [[None if value != value else round(value, 1) for value in line] for line in drawn]
    segmentation, segments = segmented(scores["customer_id"].to_numpy())
    groupings = {name: _words(scores[name].to_pylist()) for name in ("grade", "stage")} | {"segment": segments}
    return {
        "weights": weights_of(options), "overall": {name: _mean(values) for name, values in columns.items()},
        "sure": {name: _mean(arrow.plain(found[f"{name}_confidence"])) for name in (*NAMES, "total")},
        "by": {name: _by(words, columns) for name, words in groupings.items()}, "segmentation": segmentation,
        "apart": {name: _apart(segments, values) for name, values in columns.items()} if segmentation else {},
        "known": {one.column: _known(evidence.get(one.column)) for one in EVIDENCE},
        "spread": np.histogram(columns["total"], np.arange(0, 101, 10))[0].tolist(), "sample": sample,
    }  # fmt: skip


def _words(codes: list[str | None]) -> Words:
    return np.array([code or "" for code in codes])


def _by(words: Words, columns: dict[str, Floats]) -> dict[str, dict[str, float | None]]:
    return {
        str(code): {name: _mean(values[words == code]) for name, values in columns.items()} for code in np.unique(words) if code
    }


def _apart(words: Words, values: Floats) -> float | None:
    """The share of the variance that lies between the groups (η²); nothing where all are alike or in one group."""
    known = np.isfinite(values) & (words != "")
    codes, place = np.unique(words[known], return_inverse=True)
    if len(codes) < 2 or np.ptp(values[known]) == 0:
        return None
    sums, counts = np.bincount(place, values[known]), np.bincount(place)
    between = float(counts @ (sums / counts - values[known].mean()) ** 2)
    return round(between / float(np.sum((values[known] - values[known].mean()) ** 2)), 4)


def _known(values: Floats | None) -> float:
    return round(float(np.isfinite(values).mean()), 4) if values is not None else 0.0


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 2) if len(known) else None
