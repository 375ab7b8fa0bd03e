"""Typed filters: each reads its part of the address, makes a condition of it, says it in words. AND between filters, OR inside."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from zhike.teams.access import departments_below
from zhike.teams.choices import Permission
from zhike.web import formats
from zhike.web.lists.cells import Look

Label = str | Promise
Option = tuple[str, Label]
MOST_VALUES = 100
MOST_TEXT = 100


@dataclass(frozen=True)
class Filter:
    """`key` stands in the address; `path` is what it is about; `right`: only for those who have it; `field`: only for whom this
    field of the information model is shown in plain."""

    widget: ClassVar[str] = ""
    key: str
    label: Label
    path: str
    right: Permission | None = None
    field: str = ""

    def names(self) -> tuple[str, ...]:
        """The parameters in the address that belong to it."""
        return (self.key,)

    def read(self, params: QueryDict, look: Look) -> Any:
        """The value asked for, or None."""
        raise NotImplementedError

    def where(self, value: Any, look: Look) -> Q:
        raise NotImplementedError

    def words(self, value: Any, look: Look) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Filter):
    """Begins with these words; after “=” it is just these, or nothing."""

    widget = "text"

    def read(self, params: QueryDict, look: Look) -> str | None:
        return params.get(self.key, "").strip()[:MOST_TEXT].replace("\0", "") or None

    def where(self, value: Any, look: Look) -> Q:
        return Q(**({self.path: value[1:].strip()} if value.startswith("=") else {f"{self.path}__startswith": value}))

    def words(self, value: Any, look: Look) -> str:
        return str(value)


@dataclass(frozen=True)
class Tags(Filter):
    """Has any of the tags, separated by commas."""

    widget = "text"

    def read(self, params: QueryDict, look: Look) -> list[str] | None:
        text = ",".join(params.getlist(self.key)).replace("，", ",").replace("\0", "")
        return [one.strip()[:30] for one in text.split(",") if one.strip()][:MOST_VALUES] or None

    def where(self, value: Any, look: Look) -> Q:
        return Q(**{f"{self.path}__overlap": value}) & ~Q(**{self.path: []})  # the index leaves those without out

    def words(self, value: Any, look: Look) -> str:
        return ", ".join(value)


@dataclass(frozen=True)
class Choice(Filter):
    """Any of several. `options` are asked for when the list is shown, with who looks; `none` offers those without one."""

    widget = "choice"
    options: Callable[[Look], Iterable[Option]] = lambda look: ()
    none: Label | None = None

    def read(self, params: QueryDict, look: Look) -> list[str] | None:
        asked = [part for given in params.getlist(self.key) for part in given.split(",") if part]
        if not asked:
            return None  # without asking for the options
        known = {str(code) for code, _label in self.listed(look)}
        return [code for code in dict.fromkeys(asked) if code in known][:MOST_VALUES] or None

    def listed(self, look: Look) -> list[Option]:
        """Its options, asked for once a page."""
        found: list[Option] = look.prepared.setdefault(
            f"options:{self.key}", [(str(code), label) for code, label in self.options(look)]
        )
        return [("none", self.none), *found] if self.none else found

    def where(self, value: Any, look: Look) -> Q:
        chosen = self.chosen([code for code in value if code != "none"], look)
        where = Q(**{f"{self.path}__in": chosen}) if len(chosen) != 1 else Q(**{self.path: chosen[0]})
        return where | Q(**{f"{self.path}__isnull": True}) if "none" in value else where

    def chosen(self, codes: list[str], look: Look) -> list[Any]:
        return codes

    def words(self, value: Any, look: Look) -> str:
        labels = dict(self.listed(look))
        return ", ".join(str(labels[code]) for code in value)


@dataclass(frozen=True)
class Numbered(Choice):
    """A choice among records or small numbers."""

    def chosen(self, codes: list[str], look: Look) -> list[Any]:
        return [int(code) for code in codes]


@dataclass(frozen=True)
class Department(Numbered):
    """A department and all below it."""

    def chosen(self, codes: list[str], look: Look) -> list[Any]:
        return sorted({below for one in codes for below in departments_below(int(one))})


@dataclass(frozen=True)
class YesNo(Filter):
    """`yes` is the condition; without it the column itself is a truth."""

    widget = "yes_no"
    yes: Q | None = None

    def read(self, params: QueryDict, look: Look) -> bool | None:
        return {"yes": True, "no": False}.get(params.get(self.key, ""))

    def where(self, value: Any, look: Look) -> Q:
        yes = self.yes if self.yes is not None else Q(**{self.path: True})
        return yes if value else ~yes

    def words(self, value: Any, look: Look) -> str:
        return _("yes") if value else _("no")


@dataclass(frozen=True)
class Range(Filter):
    """From – to, each open when left out."""

    def names(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def read(self, params: QueryDict, look: Look) -> tuple[Any, Any] | None:
        low, high = (self.parse(params.get(name, "").strip()) for name in self.names())
        return None if low is None and high is None else (low, high)

    def parse(self, text: str) -> Any:
        raise NotImplementedError

    def where(self, value: Any, look: Look) -> Q:
        low, high = value
        where = Q()
        if low is not None:
            where &= Q(**{f"{self.path}__gte": low})
        if high is not None:
            where &= Q(**{f"{self.path}__lte": high})
        return where

    def words(self, value: Any, look: Look) -> str:
        low, high = (None if end is None else self.shown(end) for end in value)
        return low if low is not None and low == high else f"{low or ''} – {high or ''}".strip()

    def shown(self, end: Any) -> str:
        return str(end)


@dataclass(frozen=True)
class Numbers(Range):
    widget = "numbers"
    unit: Label = ""
    percent: bool = False  # typed as 60, kept as 0.6
    whole: bool = False

    def parse(self, text: str) -> Decimal | None:
        try:
            number = Decimal(text.replace(",", ""))
        except InvalidOperation:
            return None
        if not number.is_finite() or abs(number) > 10**12:
            return None
        return number / 100 if self.percent else number.to_integral_value() if self.whole else number

    def shown(self, end: Any) -> str:
        return f"{end * 100:f}".rstrip("0").rstrip(".") + "%" if self.percent else f"{end:,f}"

    def typed(self, end: Decimal | None) -> str:
        return "" if end is None else f"{(end * 100 if self.percent else end).normalize():f}"


@dataclass(frozen=True)
class Dates(Range):
    """Both days included. `moment`: the column is a point in time."""

    widget = "dates"
    moment: bool = False

    def parse(self, text: str) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            return None

    def where(self, value: Any, look: Look) -> Q:
        if not self.moment:
            return super().where(value, look)
        zone = look.at.tzinfo
        low, high = (None if end is None else datetime.datetime.combine(end, datetime.time.min, zone) for end in value)
        where = Q()
        if low is not None:
            where &= Q(**{f"{self.path}__gte": low})
        if high is not None and high.year < datetime.MAXYEAR:
            where &= Q(**{f"{self.path}__lt": high + datetime.timedelta(days=1)})
        return where

    def shown(self, end: Any) -> str:
        return formats.date(end)

    def typed(self, end: datetime.date | None) -> str:
        return "" if end is None else end.isoformat()
