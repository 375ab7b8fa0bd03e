"""What can be done with many customers at once."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy as _

from zhike.customers.actions.mass import request_mass
from zhike.customers.choices import Channel, FieldType, MassKind
from zhike.customers.models import Source
from zhike.teams.choices import Language, Permission
from zhike.teams.models import User
from zhike.teams.queries import department_tree
from zhike.web.customers import words
from zhike.web.customers.mass import said
from zhike.web.customers.profile_columns import shown_fields
from zhike.web.lists.cells import Look
from zhike.web.lists.screen import Ask, BulkAction, Said

Rows = QuerySet[Any]
SHARES = ("5", "10", "20", "25", "33", "50")  # per cent that can be held back
SEEDS = 10**9
OWN_VERBS = {"owner": MassKind.HAND_OVER, "department": MassKind.DEPARTMENT}  # of fields that need the right to hand over


def many(actor: User, rows: Rows, kind: MassKind, **params: Any) -> Said:
    """Few are done when this returns; of more it leads to the page that shows how far it is."""
    customers = rows.order_by("pk").values("pk")
    return said(request_mass(actor=actor, kind=kind, customers=customers, params=params, at=timezone.now()))


def _hand_over(actor: User, rows: Rows, answers: dict[str, str]) -> Said:
    to = None if answers["to"] == "pool" else person_of(answers["to"]).pk
    return many(actor, rows, MassKind.HAND_OVER, to=to, reason=answers["reason"][:200])


def person_of(code: str) -> User:
    person = User.objects.filter(pk=int(code), is_active=True).first() if code.isascii() and code.isdigit() else None
    if person is None:
        raise ValidationError(gettext("Choose a person of the list."))
    return person


def _tag(actor: User, rows: Rows, answers: dict[str, str]) -> Said:
    return many(actor, rows, MassKind.TAG, add=_words(answers["add"]), remove=_words(answers["remove"]))


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split("[,，、]", text) if word.strip()]


def _hold_back(actor: User, rows: Rows, answers: dict[str, str]) -> Said:
    share = answers["per_cent"]
    told = {"acted": answers["acted"], "held": answers["held"], "per_cent": int(share) if share in SHARES else 0}
    return many(actor, rows, MassKind.HOLD_BACK, **told, seed=secrets.randbelow(SEEDS))


def _delete(actor: User, rows: Rows, answers: dict[str, str]) -> Said:
    return many(actor, rows, MassKind.DELETE)


def everybody(look: Look) -> Iterable[tuple[Any, Any]]:
    return [("pool", _("nobody: the pool")), *User.objects.filter(is_active=True).values_list("pk", "name")]


def owners(look: Look) -> Iterable[tuple[Any, str]]:
    """Those who can own customers that this person sees."""
    people = User.objects.filter(is_active=True)
    if not look.rights.everything:
        people = people.filter(Q(pk__in=look.rights.owners) | Q(department__in=look.rights.departments))
    return people.values_list("pk", "name")


def _departments(look: Look) -> Iterable[tuple[Any, Any]]:
    return [("none", _("none")), *((one.pk, f"{'　' * depth}{one.name}") for one, depth in department_tree())]


def _fields(look: Look) -> Iterable[tuple[str, Any]]:
    """What many customers can have alike, as far as this person sees it in plain."""
    if look.rights.allows(Permission.CUSTOMER_TRANSFER):
        yield from (("owner", _("Owner")), ("department", _("Department")))
    yield from (("source_id", _("Source")), ("preferred_channel", _("Preferred channel")), ("language", _("Language")))
    yield "do_not_disturb", _("Do not disturb")
    if look.clears("region"):
        yield "region", _("Region")
    language = get_language() or "zh-hans"
    yield from ((field.code, field.label(language)) for field in shown_fields(look) if field.type != FieldType.REFERENCE)


def _value(answers: dict[str, str], look: Look) -> tuple[Ask, ...]:
    """Asked for by the type of the field; empty empties it, where it can be empty."""
    code = answers["field"]
    if code in OWN_VERBS:
        return (Ask("value", _("New value"), everybody if code == "owner" else _departments),)
    options: list[tuple[Any, Any]] | None = None
    field = next((field for field in shown_fields(look) if field.code == code), None)
    if code == "source_id":
        options = list(Source.objects.filter(is_active=True).values_list("pk", "name"))
    elif code == "preferred_channel":
        options = list(Channel.choices)
    elif field is not None and field.type == FieldType.CHOICE:
        options = [(choice["code"], words.choices_in_words(field, [choice["code"]])) for choice in field.choices]
    elif code == "do_not_disturb" or (field is not None and field.type == FieldType.YES_NO):
        options = [("yes", _("yes")), ("no", _("no"))]
    elif code == "language":
        options = list(Language.choices)
    label = _("New value") if code in ("language", "do_not_disturb") else _("New value; empty: take it away")
    is_needed = code in ("language", "do_not_disturb")
    return (Ask("value", label, (lambda _look: options) if options is not None else None, required=is_needed),)


def _set(actor: User, rows: Rows, answers: dict[str, str]) -> Said:
    field, value = answers["field"], answers["value"]
    if field == "owner":
        return many(actor, rows, MassKind.HAND_OVER, to=None if value == "pool" else person_of(value).pk, reason="")
    if field == "department":
        return many(actor, rows, MassKind.DEPARTMENT, department=int(value) if value.isascii() and value.isdigit() else None)
    return many(actor, rows, MassKind.SET, field=field, value=value)


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
        "hold_back", _("Hold back a control group"), Permission.CUSTOMER_EDIT, _hold_back,
        asks=(
            Ask("acted", _("Tag of those to be acted on")), Ask("held", _("Tag of those held back")),
            Ask("per_cent", _("Share held back"), lambda look: [(share, f"{share}%") for share in SHARES], usual="10"),
        ),
        explain=_(
            "A lot decides who is left alone. Act on those with the first tag only; some weeks later Value → Analyses → What an "
            "action brought compares the two groups."
        ),
    ),
    BulkAction(
        "set", _("Change a field"), Permission.CUSTOMER_EDIT, _set, asks=(Ask("field", _("Field"), _fields),), then=_value,
        explain=_("Those that have the value already, and those that you may not change, stay as they are."),
    ),
    BulkAction(
        "delete", _("Delete"), Permission.CUSTOMER_DELETE, _delete, danger=True,
        explain=_("They go to the recycle bin, from which they can be restored."),
    ),
)  # fmt: skip
