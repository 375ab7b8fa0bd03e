"""An analysis at work. Apart from the asking, because it brings the engine and the models, which take seconds to load."""

import json
from importlib import import_module

import pyarrow as pa
from django.db import connection, transaction

from zhike.core import events
from zhike.value import snapshot, undertaking, writeback
from zhike.value.analyses import asks
from zhike.value.analyses.kind import Kind, Outcome, TooLittle
from zhike.value.analyses.kinds import KINDS
from zhike.value.analyses.material import material_of
from zhike.value.choices import AnalysisStep, RunState
from zhike.value.events import AnalysisFinished
from zhike.value.journal import Journal, Listener
from zhike.value.models import Analysis, Run
from zhike.value.queries.analyses import DONE_KEPT

SUMS = """
    SELECT json_agg(rows) FROM (
        SELECT f."group", count(*) AS customers, coalesce(sum(s.revenue), 0)::float8 AS revenue,
               coalesce(sum(s.margin), 0)::float8 AS margin, coalesce(sum(s.clv), 0)::float8 AS clv,
               avg(f.value)::float8 AS value
        FROM zhike_finding f LEFT JOIN zhike_score s ON s.run_id = %s AND s.customer_id = f.customer_id
        WHERE f.analysis_id = %s AND f."group" IS NOT NULL GROUP BY 1 ORDER BY 1) rows
"""

COLUMNS = {"customer_id": pa.int64(), "group": pa.string(), "value": pa.float64(), "detail": pa.string()}


def work(analysis: Analysis, progress: Listener | None) -> Analysis:
    """Does it now. Too little data is noted and no failure of the product; whatever else goes wrong is raised."""
    journal = Journal(analysis.pk, progress, of=Analysis)
    undertaking.carry_through(analysis, journal, lambda: _analyse(analysis, journal), foreseen=(TooLittle,))
    return analysis


def _analyse(analysis: Analysis, journal: Journal) -> None:
    kind, run = KINDS[analysis.kind], Run.objects.filter(is_current=True).first()
    if run is None:
        raise TooLittle
    with journal.step(AnalysisStep.FACTS) as progress:
        manifest = snapshot.refresh(progress)
    previous = Analysis.objects.filter(kind=analysis.kind, is_current=True).values_list("report", flat=True).first()
    with material_of(run, manifest, previous or {}) as material, journal.step(AnalysisStep.COMPUTE) as progress:
        options = asks.restored(kind.options, analysis.options)
        outcome: Outcome = import_module(kind.computing).compute(material, options, progress)
    with journal.step(AnalysisStep.WRITE) as progress, transaction.atomic():
        _store(analysis, run, outcome)
        _switch(analysis, kind, run, manifest.token, outcome)
        events.announce(AnalysisFinished(analysis.pk, analysis.kind))
        snapshot.pin(manifest)  # what it was computed from stays while it is current or kept
    undertaking.end(analysis, RunState.DONE, journal)
    tidy(analysis.kind)


def _store(analysis: Analysis, run: Run, outcome: Outcome) -> None:
    """The findings, and their sums by group for the report."""
    found = outcome.findings
    if found is None:
        return
    rows = found.num_rows
    filled = {
        name: found[name].cast(kind) if name in found.column_names else pa.nulls(rows, kind) for name, kind in COLUMNS.items()
    }
    table = pa.table({"analysis_id": pa.repeat(pa.scalar(analysis.pk), rows), **filled})
    writeback.FINDINGS.store(analysis.pk, table)
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [run.pk, analysis.pk])
        sums = cursor.fetchone()[0]
        outcome.report["sums"] = json.loads(sums) if isinstance(sums, str) else sums or []


def _switch(analysis: Analysis, kind: Kind, run: Run, token: str, outcome: Outcome) -> None:
    Analysis.objects.filter(kind=kind.name, is_current=True).update(is_current=False)
    customers = outcome.findings.num_rows if outcome.findings is not None else run.customers
    # done within the transaction: one that is killed after it is not begun again
    Analysis.objects.filter(pk=analysis.pk).update(
        state=RunState.DONE, is_current=True, report=outcome.report, run=run, facts=token, as_of=run.as_of, customers=customers
    )


def tidy(kind: str) -> None:
    """Lets go of old analyses of this kind and their findings; the current one, the last ones and the kept ones stay."""
    of_kind = Analysis.objects.filter(kind=kind)
    recent = list(of_kind.exclude(state__in=[RunState.WAITING, RunState.RUNNING]).values_list("pk", flat=True)[:DONE_KEPT])
    old = of_kind.filter(is_current=False, is_kept=False).exclude(pk__in=recent)
    old = old.exclude(state__in=[RunState.WAITING, RunState.RUNNING])
    for key in list(old.values_list("pk", flat=True)):
        if writeback.FINDINGS.drop(key):
            Analysis.objects.filter(pk=key).delete()
