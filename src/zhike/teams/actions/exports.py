"""Rows leaving the building: few at once, many when somebody approves, all written down."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit, settings_store
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.teams import access
from zhike.teams.actions.notices import give_notice
from zhike.teams.choices import Confidentiality, ExportState, FileState, Permission
from zhike.teams.models import ExportRequest, User
from zhike.teams.queries import approvers_of_exports, is_over
from zhike.teams.rules import ExportRules, highest_of
from zhike.teams.sheets import Export

GROWN = 1.1  # an approved list may have grown by so much until it is fetched
ADDRESS = "/exports/"


class ApprovalNeeded(ValidationError):
    """More rows than this person may take along in a day without asking."""

    def __init__(self, export: Export, free: int, taken: int) -> None:
        words = {"rows": f"{export.rows:,}", "free": f"{free:,}", "class": export.highest.label, "taken": f"{taken:,}"}
        said = [_("%(rows)s rows with %(class)s data need an approval; up to %(free)s a day do not.") % words]
        said += [_("Today it was %(taken)s already.") % words] if taken else []
        super().__init__(" ".join([*said, _("Say what they are for.")]))
        self.export, self.free = export, free


@transaction.atomic
def record_export(
    *, actor: User, right: Permission, export: Export, at: datetime.datetime, approval: ExportRequest | None = None
) -> AuditEntry:
    """Written before the first row goes out. Refuses who may not export, or not so much without an approval.

    What is free is so many rows a day, however many files they are in; what somebody approved does not count.
    """
    access.require(actor, right)
    if not access.rights_of(actor).allows(Permission.EXPORT_APPROVE):
        _require_few_or_approved(actor, export, approval, at)
    words = {"rows": export.rows, "kind": export.kind.upper(), "query": export.query[:500] or "–"}
    note = _("%(rows)d rows as %(kind)s, filters: %(query)s") % words
    if approval:
        note += _(", approval no. %(number)s") % {"number": approval.pk}
    changes: audit.Changes = {"rows": [None, export.rows], "confidentiality": [None, export.highest]}
    changes |= {"approval": [None, approval.pk]} if approval else {}
    return audit.record(actor=actor, verb=AuditVerb.EXPORTED, on=export.screen, note=note, changes=changes)


def ask_for_export(*, actor: User, right: Permission, export: Export, reason: str, at: datetime.datetime) -> ExportRequest:
    """Whoever may approve is told; so is who asked, of the answer."""
    access.require(actor, right)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say what they are for.")]})
    with transaction.atomic():
        row = ExportRequest.objects.create(
            asked_by=actor, asked_at=at, screen=export.screen, query=export.query, chosen=list(export.chosen), kind=export.kind,
            rows=export.rows, highest=export.highest, reason=reason.strip()[:1000],
        )  # fmt: skip
        audit.record(actor=actor, verb=AuditVerb.CREATED, on=row, changes={"rows": [None, row.rows], "reason": [None, row.reason]})
        told = [person.pk for person in approvers_of_exports() if person.pk != actor.pk]
        give_notice(to=told, kind="export.asked", params={"from": str(actor), "rows": row.rows}, url=ADDRESS)
    return row


def decide_export(*, actor: User, request_id: int, approve: bool, answer: str = "", at: datetime.datetime) -> ExportRequest:
    """Approves or refuses what waits; of two who decide at once the first one does."""
    access.require_everywhere(actor, Permission.EXPORT_APPROVE)
    if not approve and not answer.strip():
        raise ValidationError({"answer": [_("Say why you refuse.")]})
    with transaction.atomic():
        row = ExportRequest.objects.select_for_update().get(pk=request_id)
        if row.state != ExportState.WAITING:
            raise ValidationError({"state": [_("This has been decided already.")]})
        row.state = ExportState.APPROVED if approve else ExportState.REFUSED
        row.decided_by, row.decided_at, row.answer = actor, at, answer.strip()[:1000]
        row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes={"state": [ExportState.WAITING, row.state]})
        kind = "export.approved" if approve else "export.refused"
        give_notice(to=[row.asked_by_id], kind=kind, params={"rows": row.rows, "answer": row.answer}, url=ADDRESS)
    return row


def _require_few_or_approved(actor: User, export: Export, approval: ExportRequest | None, at: datetime.datetime) -> None:
    User.objects.select_for_update().get(pk=actor.pk)  # counts one after another
    free, taken = settings_store.read(ExportRules).free_rows(export.highest), _taken_today(actor, export.highest, at)
    if export.rows + taken <= free:
        return
    if approval is None:
        raise ApprovalNeeded(export, free, taken)
    _require_approved(actor, export, approval, at)


def _taken_today(actor: User, highest: Confidentiality, at: datetime.datetime) -> int:
    """Rows that left, or are about to, without an approval in files which show as much in plain, or more."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    never_made = ExportRequest.objects.filter(asked_by=actor, file_state__in=(FileState.FAILED, FileState.CANCELLED), number__gt=0)
    left = AuditEntry.objects.filter(actor=actor, verb=AuditVerb.EXPORTED, at__gte=midnight)
    left = left.exclude(pk__in=never_made.values("number"))
    free = [one for one in left.values_list("changes", flat=True) if "approval" not in one and "rows" in one]
    classes = [one.get("confidentiality", [None, Confidentiality.INTERNAL])[1] for one in free]
    return sum(one["rows"][1] for one, shown in zip(free, classes, strict=True) if highest_of([shown, highest]) == shown)


def _require_approved(actor: User, export: Export, approval: ExportRequest, at: datetime.datetime) -> None:
    same = (approval.screen, approval.kind, approval.query) == (export.screen, export.kind, export.query)
    same = same and tuple(approval.chosen) == export.chosen and approval.highest == export.highest
    if approval.asked_by_id != actor.pk or not same or export.rows > approval.rows * GROWN:
        raise ValidationError(_("What was approved is no longer what you would get. Ask again."))
    if approval.state != ExportState.APPROVED or is_over(approval, at):
        raise ValidationError(_("There is no valid approval for this export."))
