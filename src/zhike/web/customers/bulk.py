"""What can be done with many customers at once."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from zhike.customers.actions.ownership import transfer_customers
from zhike.customers.actions.records import delete_customers
from zhike.customers.actions.tags import tag_customers
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.lists.cells import Look
from zhike.web.lists.screen import Ask, BulkAction

Rows = QuerySet[Any]


def _hand_over(actor: User, rows: Rows, answers: dict[str, str]) -> str:
    to = None if answers["to"] == "pool" else person_of(answers["to"])
    count = transfer_customers(actor=actor, customers=rows.values("pk"), to=to, at=timezone.now(), reason=answers["reason"])
    name = to.name if to else gettext("the pool")
    return ngettext("%(n)d customer handed over to %(name)s.", "%(n)d customers handed over to %(name)s.", count) % {
        "n": count,
        "name": name,
    }


def person_of(code: str) -> User:
    person = User.objects.filter(pk=int(code), is_active=True).first() if code.isascii() and code.isdigit() else None
    if person is None:
        raise ValidationError(gettext("Choose a person of the list."))
    return person


def _tag(actor: User, rows: Rows, answers: dict[str, str]) -> str:
    add, remove = (_words(answers[name]) for name in ("add", "remove"))
    count = tag_customers(actor=actor, customers=rows.values("pk"), at=timezone.now(), add=add, remove=remove)
    return ngettext("Tags of %(n)d customer changed.", "Tags of %(n)d customers changed.", count) % {"n": count}


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split("[,，、]", text) if word.strip()]


def _delete(actor: User, rows: Rows, answers: dict[str, str]) -> str:
    count = delete_customers(actor=actor, customers=rows.values("pk"), at=timezone.now())
    return ngettext("%(n)d customer moved to the recycle bin.", "%(n)d customers moved to the recycle bin.", count) % {"n": count}


def everybody(look: Look) -> Iterable[tuple[Any, Any]]:
    return [("pool", _("nobody: the pool")), *User.objects.filter(is_active=True).values_list("pk", "name")]


ACTIONS = (
    BulkAction(
        "hand_over", _("Hand over"), Permission.CUSTOMER_TRANSFER, _hand_over,
        asks=(Ask("to", _("To"), everybody), Ask("reason", _("Reason"), required=False)),
        explain=_("They leave this list and appear in the list of the new owner, who gets a notice."),
    ),
    BulkAction(
        "tag", _("Tag"), Permission.CUSTOMER_EDIT, _tag,
        asks=(Ask("add", _("Add tags, separated by commas"), required=False), Ask("remove", _("Remove tags"), required=False)),
    ),
    BulkAction(
        "delete", _("Delete"), Permission.CUSTOMER_DELETE, _delete, danger=True,
        explain=_("They go to the recycle bin, from which they can be restored."),
    ),
)  # fmt: skip
