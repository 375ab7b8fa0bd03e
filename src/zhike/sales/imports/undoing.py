"""Undoing an import: asked for, at once or in the background, and carried out."""

import datetime
import logging

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from zhike.core import audit, events, queue
from zhike.core.choices import AuditVerb
from zhike.customers.actions import delete_customers
from zhike.customers.choices import Edited, ImportKind, ImportState
from zhike.customers.imports import batches
from zhike.customers.imports.edited import EditedMeanwhile
from zhike.customers.imports.undo import Kept, undo_customers
from zhike.customers.models import Customer, ImportBatch
from zhike.customers.surveys.undo import undo_answers
from zhike.sales.events import OrdersImported
from zhike.sales.imports.queries import visible_batches
from zhike.sales.imports.undo import undo_orders
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

log = logging.getLogger("zhike.imports")
UNDO_AT_ONCE = 20_000  # rows; more is undone in the background
ATTEMPTS = 3
NAMED = 200  # of the records that stay
Undone = dict[str, dict[str, int]]


def require(actor: User, kind: str) -> None:
    access.require(actor, Permission.CUSTOMER_IMPORT)
    if kind == ImportKind.ORDERS:
        access.require(actor, Permission.ORDER_EDIT)


def _require(actor: User, kind: str, edited: str) -> None:
    require(actor, kind)
    if edited not in Edited.values:
        raise ValidationError({"edited": [_("Choose what happens to what was edited since.")]})
    if edited == Edited.REMOVE:
        access.require(actor, Permission.CUSTOMER_DELETE)


def take_back(*, actor: User, batch: ImportBatch, now: datetime.datetime, edited: str = Edited.KEEP) -> Undone | None:
    """Undo at once, or a large import in the background: then None, and the batch tells when it is done."""
    if batch.rows_total > UNDO_AT_ONCE:
        start_undo(actor=actor, batch=batch, edited=edited)
        return None
    return undo_import(actor=actor, batch=batch, now=now, edited=edited)


def start_undo(*, actor: User, batch: ImportBatch, edited: str = Edited.KEEP) -> None:
    """Take a large import back in the background."""
    _require(actor, batch.kind, edited)
    with transaction.atomic():
        batch = visible_batches(actor).get(pk=batch.pk)
        options = batch.options | {"edited": edited}
        if not ImportBatch.objects.filter(pk=batch.pk, state=ImportState.DONE).update(state=ImportState.UNDOING, options=options):
            raise ValidationError(_("This import is not finished, or was undone already."))
        queue.defer("import.undo", batch=batch.pk)


def undo_import(*, actor: User, batch: ImportBatch, now: datetime.datetime, edited: str = Edited.KEEP) -> Undone:
    """Take a whole import back in one transaction. Raises `ValidationError` when there is nothing to undo.

    What somebody has worked on since stays and is named in `counts["kept"]`; with `edited="remove"` it is taken back too, as far
    as the actor may change it: orders are deleted, customers go into the recycle bin."""
    _require(actor, batch.kind, edited)
    for _attempt in range(ATTEMPTS):
        try:
            return _undo(actor, batch.pk, now, edited)
        except (EditedMeanwhile, IntegrityError):
            log.info("import %s: somebody works on its records; the undo begins anew", batch.pk, exc_info=True)
    raise ValidationError(_("Somebody is working on the records of this import at this moment. Nothing was taken back; try again."))


def _undo(actor: User, batch_id: int, now: datetime.datetime, edited: str) -> Undone:
    batch = visible_batches(actor).get(pk=batch_id)
    whoever = actor if edited == Edited.REMOVE else None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", batches.LOCK)
        undoable = ImportBatch.objects.filter(pk=batch.pk, state__in=(ImportState.DONE, ImportState.UNDOING))
        if not undoable.update(state=ImportState.UNDONE, problem=""):
            raise ValidationError(_("This import is not finished, or was undone already."))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        found: Undone = {}
        kept: dict[str, Kept] = {}
        if batch.kind == ImportKind.ORDERS:
            found["orders"], kept["order"] = undo_orders(cursor, batch_id=batch.pk, actor=whoever)
            found["orders"]["kept"] = len(kept["order"])
        if batch.kind == ImportKind.ANSWERS:
            found["answers"] = undo_answers(cursor, batch.pk)
        else:
            found["customers"], kept["customer"] = undo_customers(cursor, batch_id=batch.pk, now=now, actor=whoever)
            if whoever:
                found["customers"]["binned"], kept["customer"] = _into_the_bin(whoever, kept["customer"], now)
            found["customers"]["kept"] = len(kept["customer"])
        named = [{"what": what, "id": key, "why": why} for what, rows in kept.items() for key, why in rows]
        counts = batch.counts | {"undone": found, "kept": named[:NAMED]}
        ImportBatch.objects.filter(pk=batch.pk).update(counts=counts)
        changes = {name: [None, value] for name, value in found.items()} | {"edited": [None, edited]}
        audit.record(actor=actor if actor.pk else None, verb=AuditVerb.IMPORT_UNDONE, on=batch, changes=changes)
        if batch.kind == ImportKind.ORDERS:
            events.announce(OrdersImported(batch.pk))
    return found


def _into_the_bin(actor: User, kept: Kept, now: datetime.datetime) -> tuple[int, Kept]:
    """New customers that others have worked on are not destroyed: out of the bin they come back with all that hangs on them."""
    created = [key for key, why in kept if why != "value"]
    binned = delete_customers(actor=actor, customers=created, at=now).count
    gone = set(Customer.objects.deleted().filter(pk__in=created).values_list("pk", flat=True))
    return binned, [(key, why) for key, why in kept if key not in gone]
