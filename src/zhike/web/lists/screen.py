"""What a list declares, and the state of it that stands in the address."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise

from zhike.core.conditions import Keys, one_of
from zhike.core.prepared import written
from zhike.teams.access import Rights, require, require_everywhere
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import User
from zhike.web.layout import address
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.filters import Filter
from zhike.web.lists.paging import Asked, Key

PAGE = 50
MOST_SORTS = 3
MOST_SORTED = 10_000  # rows, by what has no index
Label = str | Promise


@dataclass(frozen=True)
class Column:
    """`sort`: how its index is written, when one can sort by it. `phone`: its place on a narrow screen."""

    key: str
    label: Label
    drawn: Drawn
    sort: Key | None = None
    shown: bool = True
    right: Permission | None = None
    phone: str = ""  # "title", "side", "line", or "" for left out
    edit: Permission | None = None  # with this right it can be changed in its cell, where the screen has such a page


@dataclass(frozen=True)
class Ask:
    """One thing that a bulk action must be told."""

    name: str
    label: Label
    options: Callable[[Look], Iterable[tuple[Any, Label]]] | None = None  # else a text
    required: bool = True
    usual: str = ""  # what stands there at first


@dataclass(frozen=True)
class Said:
    """What was done, with a link beside it; `go`: the link is where one wants to be next."""

    text: str
    url: str = ""
    label: str = ""
    go: bool = False


@dataclass(frozen=True)
class BulkAction:
    """`run(actor, rows, answers)` does it for a query of rows, or asks for it to be done, and says so.

    `then`: what it must be told further, once `asks` are answered.
    """

    key: str
    label: Label
    right: Permission
    run: Callable[[User, "QuerySet[Any]", dict[str, str]], Said]
    asks: tuple[Ask, ...] = ()
    then: Callable[[dict[str, str], Look], tuple[Ask, ...]] | None = None
    explain: Label = ""
    danger: bool = False


@dataclass(frozen=True)
class Group:
    """Rows counted and summed by one column."""

    key: str
    label: Label
    path: str
    filter: str  # the filter that a line leads to
    words: Callable[[Any, Look], str]
    right: Permission | None = None
    field: str = ""  # only for whom this field of the information model is shown in plain


@dataclass(frozen=True)
class Sum:
    label: Label
    path: str
    shown: Callable[[Any], str]
    right: Permission | None = None


class ListScreen:
    """A list is a subclass: what it shows, by what it filters and sorts, what can be done with many rows at once."""

    name: ClassVar[str]  # in saved views and addresses
    route: ClassVar[str]
    title: ClassVar[Label]
    right: ClassVar[Permission]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Filter]] = ()
    actions: ClassVar[Sequence[BulkAction]] = ()
    groups: ClassVar[Sequence[Group]] = ()
    sums: ClassVar[Sequence[Sum]] = ()
    order: ClassVar[str]  # the key of a column, with "-" for downwards
    export_right: ClassVar[Permission | None] = None
    search_hint: ClassVar[Label] = ""  # "": cannot be searched
    nothing_yet: ClassVar[tuple[Label, Label]]  # what to say while there is no data at all
    see_also: ClassVar[Sequence[tuple[str, Label, Permission]]] = ()  # route, label, right: the pages that belong to this list
    quick_view: ClassVar[bool] = False  # the page of a row has a block `panel`
    first_steps: ClassVar[Sequence[tuple[str, Label, Permission]]] = ()  # route, label, right: the buttons beside it
    template: ClassVar[str] = "lists/list.html"
    everywhere: ClassVar[bool] = False  # about the whole company: only for who has all rows as the scope
    defaults: ClassVar[dict[str, str]] = {}  # parameters that hold while the address says nothing of them; "any" lifts one
    above: ClassVar[tuple[str, Label] | None] = None  # the route and name of the screen that it belongs to

    def note(self) -> Label:
        """A word beside the title."""
        return ""

    more: ClassVar[tuple[str, ...]] = ()  # how the keys of further columns and filters begin, asked for only when wanted

    def export_class(self, state: "State") -> Confidentiality:
        """The most confidential class that a file of these columns shows in plain."""
        return Confidentiality.INTERNAL

    def is_open_to(self, rights: Rights) -> bool:
        return rights.allows(self.right) and (rights.everything or not self.everywhere)

    def require(self, user: User) -> None:
        (require_everywhere if self.everywhere else require)(user, self.right)

    def tabs(self, request: HttpRequest) -> list[tuple[str, str, bool]]:
        """Of the room that the list is one of."""
        return []

    def rows(self, look: Look) -> "QuerySet[Any]":
        """All that this person may see, without order."""
        raise NotImplementedError

    def parts(self, look: Look) -> "list[QuerySet[Any]]":
        """`rows` taken apart, where the first of each part are found faster than those of all; a row may stand in several."""
        return [self.rows(look)]

    def basis(self, look: Look) -> Hashable | None:
        """All that `rows` depends on beside the person and their rights; None: cannot be said, so nothing of it is prepared."""
        return None

    def search(self, rows: "QuerySet[Any]", text: str, look: Look) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        """The matching rows, once for showing a page in order and once for counting (the same, where it does not matter)."""
        raise NotImplementedError

    def hits(self, state: "State", most: int | None = None) -> Keys | None:
        """The ids of the matching rows as an array in the order of the list, where they are so few that they can be fetched;
        None: `search` says which."""
        return None

    def near(self, state: "State") -> "tuple[int, Asked] | None":
        """The matching rows near the top of the list, as they are found faster than all; to be tried for the first page where more
        than so many match. None: that is no help."""
        return None

    def along(self, state: "State") -> "Callable[[], QuerySet[Any]] | None":
        """The filtered rows, put so that a walk along the index of the order meets them fastest; None: they are as they are."""
        return None

    def counted(self, state: "State") -> "QuerySet[Any] | None":
        """Other rows, as many as the matching ones, that are counted faster; None: there are none."""
        return None

    def more_columns(self, look: Look) -> Sequence[Column]:
        return ()

    def more_filters(self, look: Look) -> Sequence[Filter]:
        return ()

    def prepare(self, look: Look) -> None:
        """What cells need once a page goes into `look.prepared`."""


@dataclass(frozen=True)
class State:
    """What the address asks for, understood; unknown and forbidden parts are left out."""

    screen: ListScreen
    look: Look
    params: QueryDict
    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    ways: dict[str, Key] = field(default_factory=dict)  # how each column is sorted by
    too_many: bool = False  # rows to be sorted as the address asks

    @classmethod
    def read(cls, screen: ListScreen, params: QueryDict, look: Look) -> "State":
        params = params.copy()
        for name, value in screen.defaults.items():
            params.setdefault(name, value)
        asked = [key for part in params.getlist("columns") for key in part.split(",")]
        asked_sorts = ",".join(params.getlist("sort")).split(",")
        more = any(key.lstrip("-").startswith(screen.more) for key in (*params, *asked, *asked_sorts))
        allowed, known = allowed_columns(screen, look, more=more), allowed_filters(screen, look, more=more)
        columns = tuple(allowed[key] for key in dict.fromkeys(asked) if key in allowed)
        wanted = {key.lstrip("-"): key for key in reversed(asked_sorts)}  # the first of a column counts
        sorts = tuple(key for name, key in reversed(wanted.items()) if name in allowed and allowed[name].sort)[:MOST_SORTS]
        read = {one.key: one.read(params, look) for one in known}
        state = cls(
            screen, look, params,
            text=params.get("q", "").strip()[:100].replace("\0", "") if screen.search_hint else "",
            values={key: value for key, value in read.items() if value is not None},
            sorts=sorts,
            columns=columns or tuple(column for column in allowed.values() if column.shown),
            filters=tuple(known),
            ways={name: column.sort for name, column in allowed.items() if column.sort},
        )  # fmt: skip
        return state._affordable()

    def _affordable(self) -> "State":
        """Among many rows nothing is sorted by what has no index."""
        kept = tuple(sort for sort in self.sorts if not self.ways[sort.lstrip("-")].narrow)
        if kept == self.sorts or self.matching[1].order_by().values("pk")[: MOST_SORTED + 1].count() <= MOST_SORTED:
            return self
        return replace(self, sorts=kept, too_many=True)

    @cached_property
    def keys(self) -> list[Key]:
        own = {column.key: column.sort for column in self.screen.columns if column.sort}
        found = []
        for sort in self.sorts or (self.screen.order,):
            key = {**own, **self.ways}[sort.lstrip("-")]
            found.append(key.flipped() if sort.startswith("-") else key)
        return found

    @property
    def fields(self) -> list[str]:
        return [path for column in self.columns for path in column.drawn.fields]

    @cached_property
    def rows(self) -> "QuerySet[Any]":
        """All that this person may see."""
        return self.screen.rows(self.look)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.values)

    @property
    def is_compact(self) -> bool:
        return self.params.get("density") == "compact"

    @cached_property
    def known(self) -> Hashable | None:
        """All that `rows` follows from, as far as it can be said."""
        basis = self.screen.basis(self.look)
        return None if basis is None else (self.screen.name, self.look.user.pk, self.look.rights, basis)

    @cached_property
    def known_filtered(self) -> Hashable | None:
        """The same of `filtered`."""
        if self.known is None:
            return None
        try:
            return (self.known, *map(written, self.conditions))
        except TypeError:
            return None

    @cached_property
    def either(self) -> tuple[str, ...]:
        """The filters of which one is enough; the others must all hold."""
        asked = {key for part in self.params.getlist("either") for key in part.split(",")}
        found = tuple(one.key for one in self.filters if one.key in asked and one.key in self.values)
        return found if len(found) > 1 else ()

    @cached_property
    def conditions(self) -> list[Q]:
        wheres = {one.key: one.where(self.values[one.key], self.look) for one in self.filters if one.key in self.values}
        enough = [wheres.pop(key) for key in self.either]
        return [*wheres.values(), reduce(or_, enough)] if enough and all(enough) else [*wheres.values()]

    @cached_property
    def filtered(self) -> "QuerySet[Any]":
        """The rows that the filters leave."""
        return self._fulfilling(self.rows)

    def _fulfilling(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        for condition in self.conditions:
            rows = rows.filter(condition)
        return rows

    @cached_property
    def hits(self) -> Keys | None:
        """The ids of those with the text searched for, where they are few."""
        return self.screen.hits(self) if self.text else None

    @cached_property
    def shown(self) -> Asked:
        """The rows to show, as they are asked for page by page."""
        if self.hits is not None:
            known = None if self.known_filtered is None else (self.known_filtered, "hits")
            return Asked(lambda ids: self.filtered.filter(one_of(ids)), known, (self.hits,), total=self.hits.size)
        if self.text:
            return Asked(lambda: self.matching[0])
        return Asked(
            lambda: self.filtered,
            self.known_filtered,
            parts=lambda: [*map(self._fulfilling, self.screen.parts(self.look))],
            along=self.screen.along(self),
        )

    @cached_property
    def matching(self) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        """The rows to show, and the same rows as they are counted fastest."""
        if not self.text:
            return self.filtered, self.filtered
        if self.hits is None:
            return self.screen.search(self.filtered, self.text, self.look)
        few = self.filtered.filter(one_of(self.hits))
        return few, few

    def address(self, *, without: Iterable[str] = (), **changes: str | None) -> str:
        """The list's address with some parameters changed; a change of what is shown leads to the first page."""
        return f"{address(self.screen.route)}{self.query(without=without, **changes)}"

    def addresses(self, name: str) -> Callable[[str], str]:
        """The addresses with one value after the other for a parameter: what they share is written once."""
        start = self.address(**{name: ""})
        start += f"{'' if start.endswith('?') else '&'}{name}="
        return lambda value: start + quote(value, safe=",")

    def query(self, *, without: Iterable[str] = (), **changes: str | None) -> str:
        lifted = {name: "any" for name in without if name in self.screen.defaults}
        gone = {"at", "count", *without, *changes}
        wanted = [(name, values) for name, values in self._given if name not in gone]
        wanted += [(name, [value]) for name, value in {**lifted, **changes}.items() if value]
        return f"?{urlencode(wanted, doseq=True, safe=',', quote_via=quote)}"

    @cached_property
    def _given(self) -> list[tuple[str, list[str]]]:
        return [(name, values) for name, values in self.params.lists() if any(values)]


def allowed_columns(screen: ListScreen, look: Look, *, more: bool = False) -> dict[str, Column]:
    columns = (*screen.columns, *screen.more_columns(look)) if more else screen.columns
    return {one.key: one for one in columns if one.right is None or look.rights.allows(one.right)}


def allowed_filters(screen: ListScreen, look: Look, *, more: bool = False) -> list[Filter]:
    known = (*screen.filters, *screen.more_filters(look)) if more else screen.filters
    return [one for one in known if _allowed(one, look)]


def allowed_groups(screen: ListScreen, look: Look) -> list[Group]:
    return [one for one in screen.groups if _allowed(one, look)]


def _allowed(one: Filter | Group, look: Look) -> bool:
    return (one.right is None or look.rights.allows(one.right)) and (not one.field or look.clears(one.field))


_screens: dict[str, ListScreen] = {}


def register(screen: ListScreen) -> ListScreen:
    """Makes a list known by its name to the common routes: bulk, export, saved views, palette."""
    _screens[screen.name] = screen
    return screen


def registered(name: str) -> ListScreen | None:
    return _screens.get(name)


def all_screens() -> list[ListScreen]:
    return list(_screens.values())
