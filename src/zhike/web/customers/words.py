"""Values of customers in the reader's words."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext as _

from zhike.customers import masking
from zhike.customers.choices import Channel, CustomerKind, FieldType
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.queries.completeness import value
from zhike.customers.rules import completeness
from zhike.customers.rules.values import UNKNOWN_YEAR
from zhike.teams.choices import Language
from zhike.teams.models import User
from zhike.web import formats

_COLUMN_CHOICES: dict[str, type[TextChoices]] = {"preferred_channel": Channel, "kind": CustomerKind, "language": Language}


@dataclass(frozen=True)
class Fact:
    """A field of one customer as it stands on the page."""

    code: str
    label: str
    text: str  # as this person sees it; empty when nothing is known
    unit: str
    is_masked: bool
    is_stale: bool
    confirmed_on: datetime.date | None
    question: str
    purpose: str
    ring: str
    weight: int


def facts(user: User, customer: Customer, fields: Iterable[FieldDefinition], today: datetime.date) -> list[Fact]:
    """All fields that apply to the customer, in the order of the information model."""
    classes = masking.COLUMN_CLASSES | {field.code: field.confidentiality for field in fields}
    wanted = [field for field in fields if field.applies_to in ("", customer.kind)]
    return [_fact(user, customer, field, masking.class_of(classes, field.code), today) for field in wanted]


def _fact(user: User, customer: Customer, field: FieldDefinition, field_class: str, today: datetime.date) -> Fact:
    language, kept = get_language() or "zh-hans", value(customer, field.code)
    confirmed = completeness.confirmed_on(customer.provenance, field.code)
    text = readable(field, kept, lunar=customer.birthday_is_lunar)
    known = completeness.Fact(field.code, field.ring, field.weight, field.shelf_life_days, bool(text), confirmed)
    return Fact(
        code=field.code, label=field.label(language), text=masking.shown(user, field_class, field.code, text),
        unit=field.unit(language), is_masked=bool(text) and masking.is_masked(user, field_class),
        is_stale=completeness.is_stale(known, today),
        confirmed_on=confirmed, question=field.question(language), purpose=field.purpose, ring=field.ring, weight=field.weight,
    )  # fmt: skip


def readable(field: FieldDefinition, kept: Any, *, lunar: bool = False) -> str:
    """The value in words; empty for nothing."""
    if kept in (None, "", []):
        return ""
    if field.code == "birthday":
        return birthday(kept, is_lunar=lunar)
    if field.code in _COLUMN_CHOICES:
        return str(_COLUMN_CHOICES[field.code](kept).label)
    if field.type == FieldType.YES_NO:
        return _("yes") if kept else _("no")
    if field.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
        return choices_in_words(field, kept if isinstance(kept, list) else [kept])
    if field.type == FieldType.LUNAR_DATE:
        return birthday(datetime.date.fromisoformat(kept), is_lunar=True)
    if field.type in (FieldType.NUMBER, FieldType.MONEY):
        return formats.number(kept, 0 if isinstance(kept, int) else 2)
    return masking.readable(field.code, kept)


def birthday(born: datetime.date | None, *, is_lunar: bool = False) -> str:
    """1980-08-15, or 08-15 where the year is not known; a lunar one says so."""
    if born is None:
        return ""
    day = f"{born:%m-%d}" if born.year == UNKNOWN_YEAR else f"{born:%Y-%m-%d}"
    return _("%(day)s (lunar)") % {"day": day} if is_lunar else day


def choices_in_words(field: FieldDefinition, codes: Iterable[Any]) -> str:
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    words = {choice["code"]: choice.get(language) or choice["code"] for choice in field.choices}
    return _(", ").join(str(words.get(code, code)) for code in codes)


def column_labels() -> dict[str, str]:
    """Of what a history names beside the fields of the information model."""
    return {
        "name": _("Name"), "kind": _("Kind"), "number": _("Customer no."), "owner": _("Owner"),
        "tags": _("Tags"), "note": _("Note"),
        "parent": _("Parent company"), "source_id": _("Source"), "birthday_is_lunar": _("Lunar birthday"),
        "quiet_from": _("Quiet from"), "quiet_until": _("Quiet until"), "language": _("Language"),
        "do_not_disturb": _("Do not disturb"), "shared_with": _("Shared with"), "contact": _("Contact"), "address": _("Address"),
        "relationship": _("Relationship"), "identifier": _("Identifier"), "consent": _("Consent"), "confirmed": _("Confirmed"),
        "field": _("Field"),
    }  # fmt: skip
