"""Tags, of one customer or many."""

import datetime
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.actions.many import ManyChanged
from zhike.customers.models import Customer
from zhike.customers.rules import columns
from zhike.customers.rules.values import InvalidValue
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

Tags = list[str]
WRITE = """
UPDATE zhike_customer SET version = version + 1, updated_at = %(at)s, tags = ARRAY(SELECT jsonb_array_elements_text(one.tags))
FROM (SELECT unnest(%(keys)s::bigint[]) AS id, unnest(%(tags)s::jsonb[]) AS tags) AS one WHERE zhike_customer.id = one.id"""


@transaction.atomic
def tag_customers(
    *, actor: User, customers: Any, at: datetime.datetime, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> ManyChanged:
    """Adds and removes tags of those of `customers` (a query set or ids) that the actor may change. Every customer keeps the
    change in its own history; who has and lacks them already stays so."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    added, removed = _tags(add, "add"), _tags(remove, "remove")
    if not added and not removed:
        raise ValidationError({"add": [_("Name at least one tag.")]})
    return _write(actor, [(*row, _joined(row[2], added, removed)) for row in _rows(actor, customers)], at)


@transaction.atomic
def put_tags_back(*, actor: User, lines: Iterable[AuditEntry], at: datetime.datetime) -> int:
    """What these lines of the trail say that tagging changed: who had a tag before keeps it, who had none loses it. Tags that
    somebody gave or took since stay as they are."""
    before = {line.object_id: line.changes["tags"] for line in lines}
    rows = _rows(actor, list(before))
    return _write(actor, [(*row, _as_before(row[2], *before[row[0]])) for row in rows], at).count


def _rows(actor: User, customers: Any) -> list[tuple[int, str, Tags]]:
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    return list(rows.values_list("pk", "name", "tags"))


def _write(actor: User, rows: Iterable[tuple[int, str, Tags, Tags]], at: datetime.datetime) -> ManyChanged:
    changed = [row for row in rows if row[2] != row[3]]
    told: dict[str, Any] = {"at": at, "keys": [row[0] for row in changed], "tags": [json.dumps(row[3]) for row in changed]}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, told)
    history = ((key, name, {"tags": [before, after]}) for key, name, before, after in changed)
    return ManyChanged(
        len(changed), audit.record_many(actor=actor, verb=AuditVerb.CHANGED, object_type="customer", rows=history)
    )  # fmt: skip


def _joined(tags: Tags, added: Tags, removed: Tags) -> Tags:
    return [tag for tag in dict.fromkeys([*tags, *added]) if tag not in removed][: columns.MOST_TAGS]


def _as_before(now: Tags, before: Tags, after: Tags) -> Tags:
    if now == after:
        return before
    return _joined(now, [tag for tag in before if tag not in after], [tag for tag in after if tag not in before])


def _tags(raw: Sequence[str], name: str) -> Tags:
    try:
        return columns.tags(list(raw))
    except InvalidValue as problem:
        raise ValidationError({name: [str(problem)]}) from problem
