"""What stands in a cell: a function of the row and of who looks. Fifty rows are rendered by calling these, without a template."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import get_language
from markupsafe import escape

from zhike.customers import masking
from zhike.teams.access import Rights, rights_of
from zhike.teams.models import User
from zhike.web import formats
from zhike.web.layout import record_address
from zhike.web.lists.paging import Row


@dataclass
class Look:
    """Who looks at a list, when; what the screen prepared once for the whole page."""

    user: User
    at: datetime.datetime
    prepared: dict[str, Any] = field(default_factory=dict)
    drawn: dict[tuple[str, Any], str] = field(default_factory=dict)  # what stands in many rows of this page, drawn once

    @cached_property
    def rights(self) -> Rights:
        return rights_of(self.user)

    def clears(self, code: str) -> bool:
        """Whether this field of the information model is shown to this person in plain; the screen prepared the `classes`."""
        return self.rights.shows(masking.class_of(self.prepared["classes"], code))

    @cached_property
    def language(self) -> str:
        return get_language() or ""

    @cached_property
    def today(self) -> datetime.date:
        return timezone.localdate(self.at)


Cell = Callable[[Row, Look], str]  # safe HTML
Plain = Callable[[Row, Look], Any]  # for a spreadsheet
NOTHING = '<span class="faint">–</span>'


def safe(value: str) -> str:
    """Escaped. Letters and digits alone, as in most names, need no look at each sign."""
    return value if value.isalnum() else escape(value)


@dataclass(frozen=True)
class Drawn:
    """A cell's two faces: on the screen and in a file."""

    fields: tuple[str, ...]
    cell: Cell
    plain: Plain
    numeric: bool = False


def text(path: str, *, short: int | None = None) -> Drawn:
    def cell(row: Row, look: Look) -> str:
        value = row[path]
        if value in (None, ""):
            return NOTHING
        if short and len(value) > short:
            return f'<span title="{safe(value)}">{safe(formats.middle(value, short))}</span>'
        return safe(value)

    return Drawn((path,), cell, lambda row, look: row[path])


def link(path: str, route: str, *, id_path: str = "pk", short: int = 22) -> Drawn:
    """The row's name, which opens it. Long names are shortened in the middle, so that the branch stays readable."""

    def cell(row: Row, look: Look) -> str:
        name = str(row[path])
        shown, title = safe(name), ""
        if len(name) > short:
            shown, title = safe(formats.middle(name, short)), f' title="{shown}"'
        return f'<a href="{record_address(route) % row[id_path]}" data-open{title}>{shown}</a>'

    return Drawn((path, id_path), cell, lambda row, look: row[path])


def _figure(path: str, form: Callable[[Any], str], exact: Callable[[Any], str] | None = None) -> Drawn:
    def cell(row: Row, look: Look) -> str:
        value = row[path]
        if value is None:
            return NOTHING
        short = form(value)
        return f'<span title="{exact(value)}">{short}</span>' if exact else short

    return Drawn((path,), cell, lambda row, look: row[path], numeric=True)


def money(path: str) -> Drawn:
    def cell(row: Row, look: Look) -> str:
        value = row[path]
        if value is None:
            return NOTHING
        return f'<span title="{formats.money(value, 2)}">{formats.money_short(value, look.language)}</span>'

    return Drawn((path,), cell, lambda row, look: row[path], numeric=True)


def number(path: str, digits: int = 0) -> Drawn:
    return _figure(path, lambda value: formats.number(value, digits))


def percent(path: str) -> Drawn:
    return _figure(path, formats.percent, lambda value: formats.percent(value, 2))


def ago(path: str) -> Drawn:
    """A date or moment as people say it, exact on hover."""

    def cell(row: Row, look: Look) -> str:
        value = row[path]
        if value is None:
            return NOTHING
        if isinstance(value, datetime.datetime):
            at = value.astimezone(look.at.tzinfo)
            date = at.date()
            exact = f"{date} {at.hour:02}:{at.minute:02}"  # a third of what isoformat takes
        else:
            date, exact = value, str(value)
        words = formats.ago(date, look.today, look.language)
        return f'<time datetime="{exact}" title="{exact}">{words}</time>'

    return Drawn((path,), cell, lambda row, look: _local(row[path]))


def moment(path: str) -> Drawn:
    """Exact, to the minute."""

    def cell(row: Row, look: Look) -> str:
        value = row[path]
        return NOTHING if value is None else f'<time datetime="{value.isoformat()}">{formats.moment(value)}</time>'

    return Drawn((path,), cell, lambda row, look: _local(row[path]))


def day(path: str) -> Drawn:
    return Drawn(
        (path,), lambda row, look: NOTHING if row[path] is None else formats.date(row[path]), lambda row, look: _local(row[path])
    )


def yes_no(path: str, yes: Any, no: Any) -> Drawn:
    return Drawn((path,), lambda row, look: escape(yes if row[path] else no), lambda row, look: str(yes if row[path] else no))


def choice(path: str, kind: type[TextChoices], draw: Callable[[str, str], str] | None = None) -> Drawn:
    """The label of a code; `draw(code, label)` makes a chip of it, once for each code of a page."""
    labels = {str(member.value): member for member in kind}

    def label(code: str) -> str:
        return str(labels[code].label) if code in labels else code

    def cell(row: Row, look: Look) -> str:
        code = row[path]
        if not code:
            return NOTHING
        known = look.drawn.get((path, code))
        if known is None:
            known = look.drawn[path, code] = draw(code, label(code)) if draw else escape(label(code))
        return known

    return Drawn((path,), cell, lambda row, look: label(row[path]) if row[path] else "")


def chips(path: str, most: int = 3) -> Drawn:
    def cell(row: Row, look: Look) -> str:
        found: Sequence[str] = row[path] or ()
        if not found:
            return ""
        shown = " ".join(f'<span class="chip chip-line">{escape(one)}</span>' for one in found[:most])
        rest = (
            f' <span class="faint" title="{escape(", ".join(found[most:]))}">+{len(found) - most}</span>'
            if len(found) > most
            else ""
        )
        return shown + rest

    return Drawn((path,), cell, lambda row, look: ", ".join(row[path] or ()))


def _local(value: Any) -> Any:
    """Spreadsheets know no time zones."""
    return timezone.localtime(value).replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
