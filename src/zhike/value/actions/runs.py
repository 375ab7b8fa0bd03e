"""Runs: asked for, carried out, cancelled, taken up again after their worker was killed."""

import datetime
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from zhike.core import audit, queue, settings_store
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value import locks, queries, rules
from zhike.value.choices import RunState
from zhike.value.journal import Listener
from zhike.value.loading import expect_orders
from zhike.value.models import Run
from zhike.value.telling import tell

FEW_CUSTOMERS = 50_000  # a whole run takes seconds


def request_run(*, actor: User, as_of: datetime.date) -> Run:
    """Puts a run into the queue. Refuses while another one waits or works."""
    access.require(actor, Permission.VALUE_RUN)
    with transaction.atomic():
        if queries.under_way():
            raise ValidationError({"as_of": [_("A run is already under way. Wait for it or cancel it.")]})
        run = _create(actor, as_of)
        queue.defer("value.run", lock="value", run_id=run.pk)
    return run


def request_cancel(*, actor: User, run_id: int) -> Run:
    """A waiting run is cancelled at once, a working one stops at its next step. The current scores stay as they are. If somebody
    else asked for it, they are told."""
    access.require(actor, Permission.VALUE_RUN)
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state not in (RunState.WAITING, RunState.RUNNING):
            raise ValidationError({"state": [_("This run has already ended.")]})
        if run.state == RunState.WAITING:
            run.state = RunState.CANCELLED
        run.cancel_requested = True
        run.save(update_fields=["state", "cancel_requested"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=run, changes={"cancel_requested": [False, True]})
        if run.started_by_id != actor.pk:
            tell(run)
    return run


def run_scoring(*, actor: User | None, as_of: datetime.date, progress: Listener | None = None) -> Run:
    """Scores all customers now, in this process, and returns the finished run. Without an actor: the shell."""
    if actor:
        access.require(actor, Permission.VALUE_RUN)
    with locks.alone():
        return _work(_create(actor, as_of), progress)


def carry_out(*, run_id: int, progress: Listener | None = None) -> None:
    """Does a run that was asked for. A run whose worker was killed is done again from the start; a finished one is left alone."""
    with locks.alone(wait=True):
        run = Run.objects.filter(pk=run_id, state__in=[RunState.WAITING, RunState.RUNNING]).first()
        if run and run.cancel_requested:
            Run.objects.filter(pk=run.pk).update(state=RunState.CANCELLED, finished_at=Now())
            tell(run)
        elif run:
            _work_and_tell(run, progress)


def run_nightly(*, today: datetime.date) -> Run | None:
    """The run of the schedule: everything as of today, or nothing when there are no orders."""
    with locks.alone(wait=True):
        return _whole(today)


def refresh_scores(*, today: datetime.date) -> Run | None:
    """After an import or another change in bulk: a whole run where that takes seconds, otherwise only those who are touched."""
    with locks.alone(wait=True):
        current = queries.current_run()
        if current is None or current.customers < FEW_CUSTOMERS:
            return _whole(today)
        return _touched(current, today)


def run_incremental(*, today: datetime.date) -> Run | None:
    """Scores again whose orders changed since the current run, with what that run learned."""
    with locks.alone(wait=True):
        current = queries.current_run()
        return _touched(current, today) if current else _whole(today)


def _touched(current: Run, today: datetime.date) -> Run | None:
    expect_orders()  # what scores some loads while the database answers
    from zhike.value import working

    return current if working.score_touched(current, today) else _whole(today)


def _whole(today: datetime.date) -> Run | None:
    if queries.last_order_on() is None:
        return None
    return _work_and_tell(_create(None, queries.suggested_as_of(today)), None)


def _work_and_tell(run: Run, progress: Listener | None) -> Run:
    try:
        return _work(run, progress)
    finally:
        tell(run)


def _work(run: Run, progress: Listener | None) -> Run:
    from zhike.value import working

    return working.work(run, progress)


def _create(actor: User | None, as_of: datetime.date) -> Run:
    groups = (rules.Assumptions, rules.CostRules, rules.RfmRules, rules.GradeRules, rules.StageRules)
    with transaction.atomic():
        assumptions = {group.NAME: asdict(settings_store.read(group)) for group in groups}
        run = Run.objects.create(as_of=as_of, started_by=actor, assumptions=assumptions)
        audit.record(actor=actor, verb=AuditVerb.RAN, on=run, note=as_of.isoformat())
    return run
