"""Analyses: asked for, carried out, cancelled, scheduled, kept, their groups named."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from zhike.core import audit, queue, settings_store
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value import locks, queries, undertaking
from zhike.value.analyses import asks
from zhike.value.analyses.kinds import KINDS
from zhike.value.choices import Rhythm, RunState
from zhike.value.journal import Listener
from zhike.value.models import Analysis
from zhike.value.queries.analyses import UNDER_WAY, due, rhythm_of
from zhike.value.rules import AnalysisSchedule
from zhike.value.telling import tell

JOB = "value.analyse"
LONGEST_NAME = 40


def request_analysis(*, actor: User, kind: str, options: Mapping[str, Any]) -> Analysis:
    """Puts an analysis into the queue. Refuses while another one of its kind waits or works, and before the first value run."""
    access.require(actor, Permission.VALUE_RUN)
    _give_up_dead()
    with transaction.atomic():
        analysis = _create(actor, kind, options)
        queue.defer(JOB, lock="value", analysis_id=analysis.pk)
    return analysis


def run_analysis(*, actor: User | None, kind: str, options: Mapping[str, Any], progress: Listener | None = None) -> Analysis:
    """Carries one out now, in this process. Without an actor: the shell."""
    if actor:
        access.require(actor, Permission.VALUE_RUN)
    with locks.alone():
        _forget_dead()
        return _work(_create(actor, kind, options), progress)


def carry_out_analysis(*, analysis_id: int, progress: Listener | None = None) -> None:
    """Does one that was asked for. One whose worker was killed is done again from the start; a finished one is left alone."""
    with locks.alone(wait=True):
        analysis = Analysis.objects.filter(pk=analysis_id, state__in=UNDER_WAY).first()
        if analysis and analysis.cancel_requested:
            Analysis.objects.filter(pk=analysis.pk).update(state=RunState.CANCELLED, finished_at=Now())
            tell(analysis)
        elif analysis:
            try:
                _work(analysis, progress)
            finally:
                tell(analysis)


def request_cancel_analysis(*, actor: User, analysis_id: int) -> Analysis:
    """A waiting one is cancelled at once, a working one where it next looks. What is current stays as it is. If somebody else asked
    for it, they are told."""
    access.require(actor, Permission.VALUE_RUN)
    with transaction.atomic():
        analysis = Analysis.objects.select_for_update().get(pk=analysis_id)
        if analysis.state not in UNDER_WAY:
            raise ValidationError({"state": [_("This analysis has already ended.")]})
        if analysis.state == RunState.WAITING:
            analysis.state = RunState.CANCELLED
        analysis.cancel_requested = True
        analysis.save(update_fields=["state", "cancel_requested"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=analysis, changes={"cancel_requested": [False, True]})
        if analysis.started_by_id != actor.pk:
            tell(analysis)
    return analysis


def keep_analysis(*, actor: User, analysis_id: int, kept: bool) -> Analysis:
    """A kept one stays when older ones are let go of."""
    access.require(actor, Permission.VALUE_RUN)
    with transaction.atomic():
        analysis = Analysis.objects.select_for_update().get(pk=analysis_id)
        if analysis.state != RunState.DONE:
            raise ValidationError({"kept": [_("Only a finished analysis can be kept.")]})
        changes = {"is_kept": [analysis.is_kept, kept]}
        analysis.is_kept = kept
        analysis.save(update_fields=["is_kept"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=analysis, changes=changes)
    return analysis


def name_group(*, actor: User, analysis_id: int, group: str, name: str) -> Analysis:
    """A person's word for a group; empty: the suggested one again. The next analysis keeps it where it finds the same group."""
    access.require(actor, Permission.VALUE_RUN)
    words = " ".join(name.split()).replace("\0", "")
    with transaction.atomic():
        analysis = Analysis.objects.select_for_update().get(pk=analysis_id, state=RunState.DONE)
        kind = KINDS[analysis.kind]
        if kind.groups is None or not kind.groups.are_named or group not in kind.labels(analysis.report):
            raise ValidationError({"group": [_("There is no such group.")]})
        if len(words) > LONGEST_NAME:
            raise ValidationError({"name": [_("At most %(n)s characters.") % {"n": LONGEST_NAME}]})
        names = dict(analysis.report.get("names", {}))
        before = names.pop(group, "")
        if words:
            names[group] = words
        if words in [label for code, label in kind.labels(analysis.report).items() if code != group]:
            raise ValidationError({"name": [_("Another group has this name.")]})
        analysis.report = {**analysis.report, "names": names}
        analysis.save(update_fields=["report"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=analysis, changes={f"group {group}": [before, words]})
    return analysis


def schedule_analysis(*, actor: User, kind: str, rhythm: str) -> AnalysisSchedule:
    access.require(actor, Permission.VALUE_RUN)
    if kind not in KINDS:
        raise ValidationError({"kind": [_("There is no such analysis.")]})
    if rhythm not in Rhythm.values:
        raise ValidationError({"rhythm": [_("Choose one of: %(expected)s.") % {"expected": ", ".join(Rhythm.values)}]})
    with transaction.atomic():
        before = rhythm_of(kind)
        kept = settings_store.read(AnalysisSchedule)
        after = replace(kept, rhythms={**kept.rhythms, kind: rhythm})
        settings_store.write(after)
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=AnalysisSchedule.NAME, changes={kind: [before, rhythm]})
    return after


def run_due_analyses(*, now: datetime.datetime) -> list[Analysis]:
    """The clock: asks for what the schedule says, with the options of the current one. What cannot be now waits a day."""
    asked = []
    _give_up_dead()
    for kind in due(now):
        known = queries.current_analysis(kind)
        try:
            with transaction.atomic():
                analysis = _create(None, kind, known.options if known else {})
                queue.defer(JOB, lock="value", analysis_id=analysis.pk)
        except ValidationError:
            continue  # one is under way, nothing was ever scored, or an option's field is gone
        asked.append(analysis)
    return asked


def _create(actor: User | None, kind: str, given: Mapping[str, Any]) -> Analysis:
    if kind not in KINDS:
        raise ValidationError({"kind": [_("There is no such analysis.")]})
    options = asks.read(KINDS[kind].options, given)
    wrong = KINDS[kind].check(options)
    if wrong:
        raise ValidationError(wrong)
    if queries.current_run() is None:
        raise ValidationError({"kind": [_("Customers must be scored first: start a value run.")]})
    under_way = ValidationError({"kind": [_("This analysis is already under way. Wait for it or cancel it.")]})
    if queries.analysis_under_way(kind):
        raise under_way
    try:
        with transaction.atomic():
            analysis = Analysis.objects.create(kind=kind, options=asks.kept(options), started_by=actor)
            audit.record(actor=actor, verb=AuditVerb.RAN, on=analysis, note=kind)
    except IntegrityError as problem:  # two asked at the same moment
        raise under_way from problem
    return analysis


def _give_up_dead() -> None:
    """What a killed process left behind stands in nobody's way."""
    try:
        with locks.alone():
            _forget_dead()
    except locks.RunUnderWay:
        return


def _forget_dead() -> None:
    """Nobody works now: what is marked as working is dead, unless the queue takes it up again."""
    waiting = [one["analysis_id"] for one in queue.unfinished(JOB)]
    undertaking.give_up(Analysis.objects.exclude(pk__in=waiting))


def _work(analysis: Analysis, progress: Listener | None) -> Analysis:
    from zhike.value.analyses import working

    return working.work(analysis, progress)
