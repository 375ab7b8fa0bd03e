"""One verb for many customers: few at once, more in the background, part by part: to be watched, cancelled, undone."""

import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.core import queue
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.actions.ownership import tell_new_owner
from zhike.customers.choices import MassKind, MassState
from zhike.customers.mass_steps import RIGHTS, Part, step
from zhike.customers.models import MassChange
from zhike.teams import access
from zhike.teams.actions.notices import give_notice
from zhike.teams.models import User

AT_ONCE = 2000  # more take longer than somebody waits for a page
PART = 2000  # customers of one transaction: locked for less than a second
KEPT_DAYS = 90
JOB = "customers.mass"
FIELDS = {  # what they change
    MassKind.HAND_OVER: "owner", MassKind.DEPARTMENT: "department", MassKind.TAG: "tags", MassKind.HOLD_BACK: "tags",
}  # fmt: skip
UNDER_WAY = (MassState.WAITING, MassState.RUNNING)


def request_mass(*, actor: User, kind: MassKind, customers: Any, params: dict[str, Any], at: datetime.datetime) -> MassChange:
    """`customers` (a query set of ids) as they are now. Few are seen to at once; of more, what is wrong is said at once."""
    access.require(actor, RIGHTS[kind])
    with transaction.atomic():
        mass = MassChange.objects.create(kind=kind, params=params, started_by=actor)
        MassChange.objects.filter(pk=mass.pk).update(ids=ArraySubquery(customers))
        return _begun(mass, actor, at)


def undo_mass(*, actor: User, mass: int, at: datetime.datetime) -> MassChange:
    """Takes one's own back, wherever nothing has been changed again since. Once."""
    with transaction.atomic():
        found = MassChange.objects.select_for_update().get(pk=mass, started_by=actor)
        if found.is_under_way or not found.can_be_undone:
            raise ValidationError(_("This cannot be undone."))
        if MassChange.objects.filter(undoes=found).exists():
            raise ValidationError(_("It has been undone already."))
        access.require(actor, RIGHTS[MassKind(found.kind)])
        undo = MassChange.objects.create(kind=MassKind.UNDO, undoes=found, started_by=actor)
        undo.ids = [key for first, last in found.lines for key in _lines(found, first, last)]
        undo.save(update_fields=["ids"])
        return _begun(undo, actor, at)


def cancel_mass(*, actor: User, mass: int) -> None:
    """What is done stays done, and can be undone; the rest is left."""
    MassChange.objects.get(pk=mass, started_by=actor)
    MassChange.objects.filter(pk=mass, state__in=UNDER_WAY).update(is_to_stop=True)


def carry_out_mass(*, mass_id: int, at: datetime.datetime) -> None:
    """The worker's part: one transaction for each part, so that after a kill it goes on where it was."""
    mass = MassChange.objects.select_related("started_by", "undoes").get(pk=mass_id)
    with translation.override(mass.started_by.language):
        try:
            while MassChange.objects.filter(pk=mass_id, state__in=UNDER_WAY).exists() and _next_part(mass, at):
                pass
        except (ValidationError, PermissionDenied) as refused:
            problem = " ".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)
            _end(mass, MassState.FAILED, at, problem)
        except Exception:
            _end(mass, MassState.FAILED, at, _("It stopped by a fault of the product. What had been done until then stays."))
            raise


def close_abandoned_mass(*, at: datetime.datetime) -> int:
    """Those that no job stands for any more would say for ever that they go on: their jobs were given up."""
    said = list(MassChange.objects.filter(state__in=UNDER_WAY).select_related("started_by"))
    alive = {job["mass_id"] for job in queue.unfinished(JOB)} if said else set()
    dead = [mass for mass in said if mass.pk not in alive]
    for mass in dead:
        with translation.override(mass.started_by.language):
            _end(mass, MassState.FAILED, at, _("It was interrupted. What had been done until then stays."))
    return len(dead)


def forget_mass(*, at: datetime.datetime) -> int:
    """The notes about old ones; what they changed stays in the history of each customer."""
    old = MassChange.objects.filter(finished_at__lt=at - datetime.timedelta(days=KEPT_DAYS))
    return old.delete()[0]


def _begun(mass: MassChange, actor: User, at: datetime.datetime) -> MassChange:
    mass.refresh_from_db()
    mass.total = len(mass.ids)
    mass.save(update_fields=["total"])
    if mass.total <= AT_ONCE:
        part = step(Part(mass, actor, mass.ids, at))
        mass.done, mass.changed, mass.lines = mass.total, part.count, [part.entries] if part.entries else []
        mass.state, mass.ids, mass.finished_at = MassState.DONE, [], at
        mass.save()
        _tell_heir(mass)
    else:
        with transaction.atomic():  # says now what would be wrong later
            step(Part(mass, actor, [], at))
            transaction.set_rollback(True)
        queue.defer(JOB, lock=JOB, mass_id=mass.pk)
    return mass


def _next_part(mass: MassChange, at: datetime.datetime) -> bool:
    """Sees to the next few; whether there are more. The count moves in the same transaction, so that nothing is done twice."""
    mass.refresh_from_db(fields=["state", "done", "changed", "lines", "is_to_stop"])  # not the ids, which stay
    if mass.is_to_stop:
        _end(mass, MassState.CANCELLED, at)
        return False
    ids, actor = mass.ids[mass.done : mass.done + PART], User.objects.get(pk=mass.started_by_id)
    if not ids:
        _end(mass, MassState.DONE, at)
        return False
    with transaction.atomic():
        MassChange.objects.only("pk").select_for_update().get(pk=mass.pk, done=mass.done)
        part = step(Part(mass, actor, ids, at))
        MassChange.objects.filter(pk=mass.pk).update(
            state=MassState.RUNNING, done=F("done") + len(ids), changed=F("changed") + part.count,
            lines=[*mass.lines, part.entries] if part.entries else mass.lines,
        )  # fmt: skip
    return True


def _end(mass: MassChange, state: MassState, at: datetime.datetime, problem: str = "") -> None:
    with transaction.atomic():
        mass.refresh_from_db(fields=["done", "changed", "lines"])
        mass.state, mass.problem, mass.ids, mass.finished_at = state, problem, [], at
        mass.save(update_fields=["state", "problem", "ids", "finished_at"])
        params = {"kind": mass.kind, "state": state, "total": mass.total, "changed": mass.changed, "problem": problem}
        give_notice(to=[mass.started_by_id], kind="customers.mass", params=params, url=f"/customers/many/{mass.pk}/")
        if mass.changed:
            _tell_heir(mass)


def _tell_heir(mass: MassChange) -> None:
    if mass.kind == MassKind.HAND_OVER and mass.lines:
        [one] = AuditEntry.objects.filter(pk=mass.lines[0][0])
        reason = mass.params.get("reason") or ""
        to = User.objects.filter(pk=mass.params.get("to"), is_active=True).first()
        tell_new_owner(
            actor=mass.started_by, to=to, count=mass.changed, customer=one.object_id or 0, name=one.object_name, reason=reason
        )


def _lines(mass: MassChange, first: int, last: int) -> list[int]:
    """Others may have written between them, and who asked may have worked on single records meanwhile."""
    mine = AuditEntry.objects.filter(pk__range=(first, last), actor=mass.started_by_id, object_type="customer")
    its = (
        Q(verb=AuditVerb.DELETED)
        if mass.kind == MassKind.DELETE
        else Q(changes__has_key=FIELDS.get(MassKind(mass.kind)) or mass.params["field"])
    )
    return list(mine.filter(its).order_by("pk").values_list("pk", flat=True))
