"""The one way to write the audit trail. Call it inside the transaction of the change it records."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from zhike.core import origin
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry

Changes = dict[str, list[Any]]
AT_ONCE = 2000


def record(
    *, actor: AbstractBaseUser | None, verb: AuditVerb, on: models.Model | str, changes: Changes | None = None,
    note: str = "", undoes: AuditEntry | None = None,
) -> AuditEntry:  # fmt: skip
    """`on` is the record, or a word for what has no record of its own (such as `"customers"` for an export)."""
    came = origin.current()
    return AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        actor_name=str(actor) if actor else "",
        channel=came.channel,
        address=came.address,
        verb=verb,
        object_type=on if isinstance(on, str) else str(on._meta.model_name),
        object_id=None if isinstance(on, str) else on.pk,
        object_name="" if isinstance(on, str) else _name(on)[:200],
        changes={field: [plain(before), plain(after)] for field, (before, after) in (changes or {}).items()},
        note=note,
        undoes=undoes,
    )


def _name(record: models.Model) -> str:
    """Of one without a name, its number."""
    return f"#{record.pk}" if type(record).__str__ is models.Model.__str__ else str(record)


def record_many(
    *, actor: AbstractBaseUser, verb: AuditVerb, object_type: str, rows: Iterable[tuple[int, str, Changes]], note: str = ""
) -> tuple[int, int] | None:
    """The same for many records at once: `(id, name, changes)` of each; bulk verbs keep the history of every record with it.

    Gives the first and the last line; others may have written between them."""
    came = origin.current()
    entries = (
        AuditEntry(
            actor_id=actor.pk, actor_name=str(actor), channel=came.channel, address=came.address, verb=verb,
            object_type=object_type, object_id=key, object_name=name[:200], note=note,
            changes={field: [plain(before), plain(after)] for field, (before, after) in changes.items()},
        )
        for key, name, changes in rows
    )  # fmt: skip
    written: list[int] = []
    while part := list(islice(entries, AT_ONCE)):
        made = AuditEntry.objects.bulk_create(part)
        written += [made[0].pk, made[-1].pk]
    return (written[0], written[-1]) if written else None


def differences(before: models.Model, after: dict[str, Any]) -> Changes:
    """What assigning `after` to the record would change."""
    found: Changes = {}
    for field, value in after.items():
        old = getattr(before, field)
        if old != value:
            found[field] = [old, value]
    return found


def plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return {"id": value.pk, "name": str(value)}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
