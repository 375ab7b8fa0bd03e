"""Tags of many customers read and written at once, for the verbs that change them."""

import datetime
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.actions.many import ManyChanged
from zhike.customers.models import Customer
from zhike.customers.rules import columns
from zhike.customers.rules.values import InvalidValue
from zhike.teams.models import User

Tags = list[str]
WRITE = """
UPDATE zhike_customer SET version = version + 1, updated_at = %(at)s, tags = ARRAY(SELECT jsonb_array_elements_text(one.tags))
FROM (SELECT unnest(%(keys)s::bigint[]) AS id, unnest(%(tags)s::jsonb[]) AS tags) AS one WHERE zhike_customer.id = one.id"""


def rows_of(actor: User, customers: Any) -> list[tuple[int, str, Tags]]:
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    return list(rows.values_list("pk", "name", "tags"))


def write(actor: User, rows: Iterable[tuple[int, str, Tags, Tags]], at: datetime.datetime, note: str = "") -> ManyChanged:
    """`rows`: key, name, tags before and after."""
    changed = [row for row in rows if row[2] != row[3]]
    told: dict[str, Any] = {"at": at, "keys": [row[0] for row in changed], "tags": [json.dumps(row[3]) for row in changed]}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, told)
    history = ((key, name, {"tags": [before, after]}) for key, name, before, after in changed)
    return ManyChanged(
        len(changed), audit.record_many(actor=actor, verb=AuditVerb.CHANGED, object_type="customer", rows=history, note=note)
    )  # fmt: skip


def joined(tags: Tags, added: Tags, removed: Tags) -> Tags:
    return [tag for tag in dict.fromkeys([*tags, *added]) if tag not in removed][: columns.MOST_TAGS]


def checked(raw: Sequence[str], name: str) -> Tags:
    try:
        return columns.tags(list(raw))
    except InvalidValue as problem:
        raise ValidationError({name: [str(problem)]}) from problem
