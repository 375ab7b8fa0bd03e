"""A run's work between the facts and the scores: add up, fit, predict, grade, place, report."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhike.value import aggregates, engine, fitted as fitting, matrix, previous, report, standing
from zhike.value.assembly import basis_of, customers_of, finish
from zhike.value.choices import Step
from zhike.value.fitted import Floats
from zhike.value.journal import Journal
from zhike.value.learned import Learned
from zhike.value.models import Run
from zhike.value.rules import Assumptions, CostRules, GradeRules, RfmRules, restored
from zhike.value.snapshot import Manifest
from zhike_insight import NotConverged

MANY_TRIPLES = 200_000  # from so many on, times are rounded to weeks for the fit; parameters move by less than a quarter per cent


@dataclass(frozen=True)
class Result:
    """What is written back: the partition's rows and the fields of the run."""

    scores: pa.Table
    fields: dict[str, Any]


def score_everybody(run: Run, manifest: Manifest, journal: Journal) -> Result:
    """Scores every buyer as of the run's day. With too little data for the models the rest is done all the same."""
    assumptions, rfm_rules = restored(Assumptions, run.assumptions), restored(RfmRules, run.assumptions)
    opened = engine.opened(manifest, margin_rate=assumptions.default_margin)
    with opened as backend, warnings.catch_warnings(), ThreadPoolExecutor(2) as beside:
        warnings.simplefilter("ignore", NotConverged)  # for all threads; what was not found is not used
        con = backend.con
        with journal.step(Step.SUMMARIES):
            aggregates.summarise(con, run.as_of)
        with journal.step(Step.RFM):
            cuts = aggregates.score_rfm(con, run.as_of, rfm_rules)
            base = aggregates.everybody(con)
            triples = _triples(con)
        with journal.step(Step.FIT):
            tested = beside.submit(report.back_test, backend.table("facts"), run.as_of, base)  # the engine is free until the report
            customers = customers_of(base)
            models = fitting.fit(customers, *triples)
        with journal.step(Step.PREDICT):
            typical = standing.typical_rhythm(customers.recency / np.where(customers.frequency > 0, customers.frequency, np.nan))
            predicted = beside.submit(fitting.predict, models, customers, assumptions)  # while the database is read
            prices, everybody = restored(CostRules, run.assumptions), base["customer_id"].to_numpy()
            contacts = matrix.contact_costs(everybody, prices, run.as_of)
            columns = standing.silence(base, typical) | matrix.sides(base, contacts, prices)
            earlier = Run.objects.filter(is_current=True, as_of__lte=run.as_of).first()
            before, left = previous.standing(earlier.pk if earlier else None, everybody)
            columns |= predicted.result()
        with journal.step(Step.GRADES):
            grade_cuts = standing.cuts_of(basis_of(base, columns, run), restored(GradeRules, run.assumptions))
        learned = Learned(models, cuts, grade_cuts, typical, matrix.placed(columns).cuts)
        with journal.step(Step.STAGES):
            scores = finish(run, base, columns, learned, before)
        with journal.step(Step.REPORT):
            basis = restored(GradeRules, run.assumptions).basis
            found = report.Found(run, manifest, models, customers, scores, basis, before, left, earlier)
            told = {"back_test": tested.result()} | report.write(con, found)
    return Result(scores, _fields(manifest, learned, scores, told))


def _triples(con: duckdb.DuckDBPyConnection) -> tuple[tuple[Floats, Floats, Floats, Floats], str]:
    """Frequency, recency, age in weeks and how many customers have them: by the day, or rounded to weeks when there are many."""
    count = con.execute("SELECT approx_count_distinct((frequency, recency, age)) FROM summary").fetchall()[0][0]
    clock = "week" if count > MANY_TRIPLES else "day"
    unit = {"day": "recency / 7 AS tx, age / 7 AS t", "week": "ceil(recency / 7) AS tx, ceil(age / 7) AS t"}[clock]
    query = f"SELECT frequency::DOUBLE AS x, {unit}, count(*)::DOUBLE AS n FROM summary GROUP BY ALL"  # noqa: S608  one of the two
    found = con.execute(query).fetchnumpy()
    return (found["x"], found["tx"], found["t"], found["n"]), clock


def _fields(manifest: Manifest, learned: Learned, scores: pa.Table, told: dict[str, Any]) -> dict[str, Any]:
    equity = scores["clv"].to_numpy().astype(float)
    return {
        "customers": scores.num_rows, "orders": manifest.rows, "models_fitted": learned.as_json(), "report": told,
        "customer_equity": Decimal(str(round(float(np.nansum(equity)), 2))) if learned.models.complete else None,
    }  # fmt: skip
