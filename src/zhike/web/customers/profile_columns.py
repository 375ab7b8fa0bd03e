"""The fields of the information model as columns and filters of the customer list, for whom they are cleared.

Who may not see a field in plain has no such column, cannot filter by it and does not get it in a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from markupsafe import escape

from zhike.customers import queries
from zhike.customers.choices import FieldType
from zhike.customers.models import FieldDefinition
from zhike.customers.queries import profile
from zhike.teams.choices import Permission
from zhike.web import formats
from zhike.web.customers import words
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.filters import Filter
from zhike.web.lists.paging import Row
from zhike.web.lists.screen import Column

PREFIX = "f_"
LONGEST = 20
FIGURES = (FieldType.NUMBER, FieldType.MONEY)


def columns(look: Look) -> list[Column]:
    edit = Permission.CUSTOMER_EDIT
    return [Column(PREFIX + one.code, _label(one), _drawn(one), shown=False, edit=edit) for one in shown_fields(look)]


def profile_filters(look: Look) -> list[Filter]:
    return [made for one in shown_fields(look) for made in _filter(one)]


def shown_fields(look: Look) -> list[FieldDefinition]:
    """The fields in use that are no columns of the customer, as far as this person may see them in plain; asked for once a page."""
    found: list[FieldDefinition] | None = look.prepared.get("fields")
    if found is None:
        known = [one for one in queries.definitions() if not one.is_column]
        found = look.prepared["fields"] = [one for one in known if look.rights.shows(one.confidentiality)]
    return found


def _label(field: FieldDefinition) -> str:
    return field.title(get_language() or "zh-hans")


def _drawn(field: FieldDefinition) -> Drawn:
    def plain(row: Row, look: Look) -> Any:
        kept = row["profile"].get(field.code)
        return kept if field.type in FIGURES else words.readable(field, kept)

    def cell(row: Row, look: Look) -> str:
        text = words.readable(field, row["profile"].get(field.code))
        if len(text) > LONGEST:
            return f'<span title="{escape(text)}">{escape(formats.middle(text, LONGEST))}</span>'
        return escape(text) or cells.NOTHING

    return Drawn(("profile",), cell, plain, numeric=field.type in FIGURES)


def _filter(field: FieldDefinition) -> Iterator[Filter]:
    """By type; none for references and lunar dates."""
    key, label = PREFIX + field.code, _label(field)
    match field.type:
        case FieldType.TEXT | FieldType.LOCATION:
            yield FieldText(key, label, field.code)
        case FieldType.NUMBER | FieldType.MONEY:
            yield FieldNumbers(key, label, field.code)
        case FieldType.DATE:
            yield FieldDates(key, label, field.code)
        case FieldType.CHOICE | FieldType.MULTI_CHOICE:
            options = [(choice["code"], words.choices_in_words(field, [choice["code"]])) for choice in field.choices]
            several = field.type == FieldType.MULTI_CHOICE
            yield FieldChoice(key, label, field.code, options=lambda look, options=options: options, several=several)  # type: ignore[misc]
        case FieldType.YES_NO:
            yield FieldYesNo(key, label, field.code)


@dataclass(frozen=True)
class FieldText(filters.Text):
    """Contains these words."""

    def where(self, value: Any, look: Look) -> Q:
        return profile.containing(self.path, value)


@dataclass(frozen=True)
class FieldChoice(filters.Choice):
    several: bool = False

    def where(self, value: Any, look: Look) -> Q:
        return profile.chosen(self.path, value, several=self.several)


@dataclass(frozen=True)
class FieldYesNo(filters.YesNo):
    def where(self, value: Any, look: Look) -> Q:
        return profile.is_so(self.path, value)


@dataclass(frozen=True)
class FieldNumbers(filters.Numbers):
    def where(self, value: Any, look: Look) -> Q:
        return profile.between(self.path, *value)


@dataclass(frozen=True)
class FieldDates(filters.Dates):
    def where(self, value: Any, look: Look) -> Q:
        return profile.in_days(self.path, *value)
