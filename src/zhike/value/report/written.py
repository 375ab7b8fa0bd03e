"""The parts put together."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.value import equity, shapes
from zhike.value.choices import RfmSegment
from zhike.value.fitted import Customers, Fitted
from zhike.value.models import Run
from zhike.value.previous import CLASSES, GRADES, NONE, STAGES, Codes, Standing
from zhike.value.report import drift, groups
from zhike.value.rules import told_parameters
from zhike.value.snapshot import Manifest

GROUPINGS = {"grade": GRADES, "stage": STAGES, "rfm_class": CLASSES, "segment": [str(value) for value in RfmSegment]}


@dataclass(frozen=True)
class Found:
    """What a run has when it comes to the report."""

    run: Run
    manifest: Manifest
    models: Fitted
    customers: Customers
    scores: pa.Table
    basis: str
    before: Standing
    left: int  # customers of the run before who are not among these
    earlier: Run | None


def write(con: duckdb.DuckDBPyConnection, found: Found) -> dict[str, Any]:
    """All but the back test."""
    con.register("scores", found.scores)
    told = groups.breakdowns(con)
    contribution = np.nan_to_num(found.scores[found.basis].to_numpy().astype(float))
    report: dict[str, Any] = {
        "facts": {"token": found.manifest.token, "version": found.manifest.version, "rows": found.manifest.rows,
                  "parts": len(found.manifest.parts)},
        "grades": dict.fromkeys(GRADES, 0) | {row["grade"]: row["customers"] for row in told["grade"]},
        "breakdowns": told,
        "at_risk": groups.rows(con, groups.AT_RISK),
        "whale": shapes.whale_curve(contribution),
        "spread": shapes.spread(found.scores["clv"].to_numpy().astype(float)),
        "curves": {},
    }  # fmt: skip
    if found.models.complete:
        report["curves"], report["curves_of"] = _curves(found)
    if found.earlier:
        report["movement"] = _movement(found)
        report["alarms"] = drift.alarms(_state(found.models, told), _kept_state(found.earlier))
    return report


def _curves(found: Found) -> tuple[dict[str, list[float]], dict[str, dict[str, list[float]]]]:
    """By grade; and by the other groupings."""
    p_alive, spend = (found.scores[name].to_numpy().astype(float) for name in ("p_alive", "expected_spend"))
    groupings = {name: codes(found.scores, name, names) for name, names in GROUPINGS.items()}
    told = {
        name: {GROUPINGS[name][code]: [round(value, 2) for value in row] for code, row in enumerate(quarters.tolist())}
        for name, quarters in equity.curves(found.models, found.customers, p_alive, spend, groupings).items()
    }
    return told.pop("grade"), told


def _movement(found: Found) -> dict[str, Any]:
    pairs = (
        ("grade", found.before.grade, GRADES),
        ("stage", found.before.stage, STAGES),
        ("rfm_class", found.before.rfm_class, CLASSES),
    )
    assert found.earlier is not None
    matrices = {name: shapes.movement(before, codes(found.scores, name, names), names) for name, before, names in pairs}
    return {"since": found.earlier.as_of.isoformat(), "run": found.earlier.pk, "left": found.left, **matrices}


def _state(models: Fitted, told: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "parameters": told_parameters(models.buying) | told_parameters(models.spending),
        "grade": {row["grade"]: row["customers"] for row in told["grade"]},
        "stage": {row["stage"]: row["customers"] for row in told["stage"] if row["stage"]},
        "equity": sum(row["clv"] for row in told["grade"]) if models.complete else None,
    }


def _kept_state(run: Run) -> dict[str, Any]:
    models = Fitted(run.models_fitted.get("bgnbd", {}), run.models_fitted.get("gamma_gamma", {}))
    return _state(models, run.report.get("breakdowns", {"grade": [], "stage": []}))


def codes(scores: pa.Table, column: str, names: list[str]) -> Codes:
    """Places in `names`; `NONE` for nothing."""
    place = pc.index_in(scores[column].combine_chunks(), value_set=pa.array(names))
    result: Codes = place.fill_null(NONE).to_numpy().astype(np.int64)
    return result
