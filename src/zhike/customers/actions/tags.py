"""Tags, of one customer or many."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core.models import AuditEntry
from zhike.customers import tagging
from zhike.customers.actions.many import ManyChanged
from zhike.customers.tagging import Tags
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def tag_customers(
    *, actor: User, customers: Any, at: datetime.datetime, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> ManyChanged:
    """Adds and removes tags of those of `customers` (a query set or ids) that the actor may change. Every customer keeps the
    change in its own history; who has and lacks them already stays so."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    added, removed = tagging.checked(add, "add"), tagging.checked(remove, "remove")
    if not added and not removed:
        raise ValidationError({"add": [_("Name at least one tag.")]})
    return tagging.write(actor, [(*row, tagging.joined(row[2], added, removed)) for row in tagging.rows_of(actor, customers)], at)


@transaction.atomic
def put_tags_back(*, actor: User, lines: Iterable[AuditEntry], at: datetime.datetime) -> int:
    """What these lines of the trail say that tagging changed: who had a tag before keeps it, who had none loses it. Tags that
    somebody gave or took since stay as they are."""
    before = {line.object_id: line.changes["tags"] for line in lines}
    rows = tagging.rows_of(actor, list(before))
    return tagging.write(actor, [(*row, _as_before(row[2], *before[row[0]])) for row in rows], at).count


def _as_before(now: Tags, before: Tags, after: Tags) -> Tags:
    if now == after:
        return before
    return tagging.joined(now, [tag for tag in before if tag not in after], [tag for tag in after if tag not in before])
