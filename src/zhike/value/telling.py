"""Who is told that a run or an analysis has ended: who asked for it. Of what the clock began, whoever may begin it, and only where
something went wrong or an alarm was raised."""

from zhike.teams.access import reached_by
from zhike.teams.actions import give_notice
from zhike.teams.choices import Permission
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Run

ENDINGS = {RunState.DONE: "done", RunState.FAILED: "failed", RunState.CANCELLED: "cancelled"}


def tell(row: Run | Analysis) -> None:
    """Does nothing while it is under way."""
    row.refresh_from_db()
    if row.state not in ENDINGS:
        return
    alarms = len(row.report.get("alarms", [])) if isinstance(row, Run) and row.state == RunState.DONE else 0
    if row.started_by_id:
        people = [row.started_by_id]
    elif alarms or row.state == RunState.FAILED:
        people = [one.pk for one in reached_by(owner=None, department=None, permissions={Permission.VALUE_RUN})]
    else:
        return
    params = {"number": row.pk, "customers": row.customers, "problem": row.problem, "alarms": alarms}
    if isinstance(row, Run):
        give_notice(to=people, kind=f"run.{ENDINGS[RunState(row.state)]}", params=params, url=f"/value/runs/{row.pk}/")
    else:
        kind, url = f"analysis.{ENDINGS[RunState(row.state)]}", f"/value/analyses/{row.kind}/"
        give_notice(to=people, kind=kind, params=params | {"kind": row.kind}, url=url)
