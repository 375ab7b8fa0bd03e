"""Tags, of one customer or many."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.models import Customer
from zhike.customers.rules import columns
from zhike.customers.rules.values import InvalidValue
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def tag_customers(
    *, actor: User, customers: Any, at: datetime.datetime, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> int:
    """Adds and removes tags of those of `customers` (a query set or ids) that the actor may change; one audit entry for all."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    added, removed = _tags(add, "add"), _tags(remove, "remove")
    if not added and not removed:
        raise ValidationError({"add": [_("Name at least one tag.")]})
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    keys = list(rows.values_list("pk", flat=True))
    sql = """
        UPDATE zhike_customer SET version = version + 1, updated_at = %(at)s, tags = changed.tags
        FROM (
            SELECT id, ARRAY(
                SELECT tag FROM unnest(tags || %(added)s::varchar[]) WITH ORDINALITY AS one(tag, place)
                WHERE tag <> ALL (%(removed)s::varchar[]) GROUP BY tag ORDER BY min(place) LIMIT %(most)s
            ) AS tags FROM zhike_customer WHERE id = ANY (%(keys)s)
        ) AS changed
        WHERE zhike_customer.id = changed.id AND zhike_customer.tags <> changed.tags"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at, "added": added, "removed": removed, "keys": keys, "most": columns.MOST_TAGS})
        count = int(cursor.rowcount)
    on = Customer.objects.get(pk=keys[0]) if len(keys) == 1 else "customers"
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=on, changes={"tags": [removed, added]}, note=f"{count} customers")
    return count


def _tags(raw: Sequence[str], name: str) -> list[str]:
    try:
        return columns.tags(list(raw))
    except InvalidValue as problem:
        raise ValidationError({name: [str(problem)]}) from problem
