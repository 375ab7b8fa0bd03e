"""The customer list: every number of the product that is about customers leads here."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractMonth
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import gettext as _, gettext_lazy

from zhike.customers import masking
from zhike.customers.choices import Channel, CustomerKind
from zhike.customers.models import Customer, Source
from zhike.teams.choices import Permission
from zhike.teams.models import Department, User
from zhike.value.choices import Grade, RfmClass, Stage
from zhike.value.queries.customer_list import customers_with_scores, matching
from zhike.web import formats
from zhike.web.customers.bulk import ACTIONS
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look, Row
from zhike.web.lists.paging import Key
from zhike.web.lists.screen import Column, Group, ListScreen, Sum, register
from zhike.web.lists.views import list_page

VALUE, ORDERS = Permission.VALUE_VIEW, Permission.ORDER_VIEW
_l = gettext_lazy


def _score(path: str, *, indexed: bool = False, always: bool = False) -> Key:
    """Customers that the run does not know have no score, so each of these can be empty. `always`: NOT NULL where there is a score."""
    return Key(f"score__{path}", nullable=True, id_path="score__customer_id" if indexed else "pk", nulls_last_index=indexed and not always)


def _component(name: str) -> Any:
    return lambda code, label: getattr(engines["jinja2"].env.globals["ui"], name)(code, label)  # type: ignore[attr-defined]


def _phone() -> Drawn:
    def plain(row: Row, look: Look) -> str:
        return masking.shown(look.user, masking.class_of(look.prepared["classes"], "phone"), "phone", row["phone"])

    return Drawn(("phone",), lambda row, look: plain(row, look) or cells.NOTHING, plain)


def _birthday() -> Drawn:
    def plain(row: Row, look: Look) -> str:
        born = row["birthday"]
        if born is None:
            return ""
        return f"{born:%m-%d}" if born.year == 1904 else f"{born:%Y-%m-%d}"  # 1904: the year is not known

    return Drawn(("birthday",), lambda row, look: plain(row, look) or cells.NOTHING, plain)


COLUMNS = (
    Column("name", _l("Name"), cells.link("name", "customer"), Key("name"), phone="title"),
    Column("number", _l("Number"), cells.text("number"), shown=False),
    Column("kind", _l("Kind"), cells.choice("kind", CustomerKind), shown=False),
    Column("phone", _l("Phone"), _phone()),
    Column("grade", _l("Grade"), cells.choice("score__grade", Grade, _component("grade")), phone="side"),
    Column("stage", _l("Stage"), cells.choice("score__stage", Stage, _component("stage")), phone="line"),
    Column("rfm_class", _l("RFM class"), cells.choice("score__rfm_class", RfmClass), shown=False, right=VALUE),
    Column("clv", _l("Lifetime value"), cells.money("score__clv"), _score("clv", indexed=True), right=VALUE, phone="line"),
    Column("revenue", _l("Revenue"), cells.money("score__revenue"), _score("revenue", indexed=True, always=True), right=ORDERS),
    Column("orders", _l("Orders"), cells.number("score__orders"), _score("orders"), right=ORDERS),
    Column("last_order", _l("Last order"), cells.ago("score__last_on"), _score("last_on", indexed=True), right=ORDERS, phone="line"),
    Column("first_order", _l("First order"), cells.day("score__first_on"), _score("first_on"), shown=False, right=ORDERS),
    Column("silence", _l("Silence ÷ own rhythm"), cells.number("score__silence_ratio", 1), _score("silence_ratio"), False, VALUE),
    Column("p_alive", _l("Chance to be active"), cells.percent("score__p_alive"), _score("p_alive"), False, VALUE),
    Column("owner", _l("Owner"), cells.text("owner__name")),
    Column("department", _l("Department"), cells.text("department__name"), shown=False),
    Column("region", _l("Region"), cells.text("region", short=14)),
    Column("source", _l("Source"), cells.text("source__name"), shown=False),
    Column("tags", _l("Tags"), cells.chips("tags"), shown=False),
    Column("birthday", _l("Birthday"), _birthday(), shown=False),
    Column("channel", _l("Preferred channel"), cells.choice("preferred_channel", Channel), shown=False),
    Column("last_contact", _l("Last contact"), cells.ago("last_contact_at"), Key("last_contact_at", nullable=True)),
    Column("created", _l("Created"), cells.day("created_at"), Key("created_at"), shown=False),
    Column("updated", _l("Changed"), cells.ago("updated_at"), Key("updated_at"), shown=False),
)  # fmt: skip


def _people(look: Look) -> Iterable[tuple[Any, str]]:
    """Those who can own customers that this person sees."""
    people = User.objects.filter(is_active=True)
    if not look.rights.everything:
        people = people.filter(Q(pk__in=look.rights.owners) | Q(department__in=look.rights.departments))
    return people.values_list("pk", "name")


def _departments(look: Look) -> Iterable[tuple[Any, str]]:
    departments = Department.objects.all()
    if not look.rights.everything:
        departments = departments.filter(pk__in={*look.rights.departments, look.user.department_id})
    return departments.values_list("pk", "name")


def _sources(look: Look) -> Iterable[tuple[Any, str]]:
    return Source.objects.values_list("pk", "name")


def _fifths(look: Look) -> Iterable[tuple[Any, str]]:
    return [(n, str(n)) for n in range(1, 6)]


def _months(look: Look) -> Iterable[tuple[Any, str]]:
    return [(n, _("month %(n)d") % {"n": n}) for n in range(1, 13)]


class Birthday(filters.Numbered):
    """Month of the birthday, by the index over month and day."""

    def where(self, value: Any, look: Look) -> Q:
        return Q(pk__in=Customer.objects.annotate(born_in=ExtractMonth("birthday")).filter(born_in__in=map(int, value), birthday__isnull=False).values("pk"))


FILTERS = (
    filters.Choice("grade", _l("Grade"), "score__grade", options=lambda look: Grade.choices),
    filters.Choice("stage", _l("Stage"), "score__stage", options=lambda look: Stage.choices),
    filters.Choice("rfm_class", _l("RFM class"), "score__rfm_class", VALUE, options=lambda look: RfmClass.choices),
    filters.Numbered("owner", _l("Owner"), "owner", options=_people, none=_l("nobody: the pool")),
    filters.Department("department", _l("Department"), "department", options=_departments),
    filters.Numbered("source", _l("Source"), "source", options=_sources, none=_l("unknown")),
    filters.Text("region", _l("Region begins with"), "region"),
    filters.Tags("tags", _l("Tags, any of"), "tags"),
    filters.Choice("kind", _l("Kind"), "kind", options=lambda look: CustomerKind.choices),
    filters.Choice("channel", _l("Preferred channel"), "preferred_channel", options=lambda look: Channel.choices),
    filters.Numbers("clv", _l("Lifetime value"), "score__clv", VALUE, unit="¥"),
    filters.Numbers("revenue", _l("Revenue"), "score__revenue", ORDERS, unit="¥"),
    filters.Numbers("orders", _l("Orders"), "score__orders", ORDERS, whole=True),
    filters.Numbers("frequency", _l("Repeat purchase days"), "score__frequency", VALUE, whole=True),
    filters.Numbers("silence", _l("Silence ÷ own rhythm"), "score__silence_ratio", VALUE),
    filters.Numbers("p_alive", _l("Chance to be active"), "score__p_alive", VALUE, percent=True),
    filters.Dates("last_order", _l("Last order"), "score__last_on", ORDERS),
    filters.Dates("first_order", _l("First order"), "score__first_on", ORDERS),
    filters.Dates("last_contact", _l("Last contact"), "last_contact_at", moment=True),
    filters.Dates("created", _l("Created"), "created_at", moment=True),
    filters.Numbered("r", _l("Recency score"), "score__r_score", VALUE, options=_fifths),
    filters.Numbered("f", _l("Frequency score"), "score__f_score", VALUE, options=_fifths),
    filters.Numbered("m", _l("Money score"), "score__m_score", VALUE, options=_fifths),
    Birthday("birthday", _l("Birthday in"), "birthday", options=_months),
    filters.YesNo("never_contacted", _l("Never contacted"), "last_contact_at", yes=Q(last_contact_at=None)),
    filters.YesNo("has_phone", _l("Has a phone"), "phone", yes=~Q(phone="")),
)


def _label_of(kind: Any) -> Any:
    return lambda value, look: str(kind(value).label) if value in kind.values else _("none yet")


class CustomerList(ListScreen):
    name = "customers"
    route = "customers"
    title = _l("Customers")
    right = Permission.CUSTOMER_VIEW
    export_right = Permission.CUSTOMER_EXPORT
    columns = COLUMNS
    filters = FILTERS
    actions = ACTIONS
    order = "-updated"
    search_hint = _l("Name, pinyin, initials, phone")
    nothing_yet = (_l("No customers yet"), _l("Import a file of customers or orders, or enter the first one by hand."))
    first_steps = (
        ("customer-new", _l("New customer"), Permission.CUSTOMER_CREATE),
        ("imports", _l("Import"), Permission.CUSTOMER_IMPORT),
    )
    groups = (
        Group("grade", _l("Grade"), "score__grade", "grade", _label_of(Grade)),
        Group("stage", _l("Stage"), "score__stage", "stage", _label_of(Stage)),
        Group("owner", _l("Owner"), "owner", "owner", lambda value, look: _owner_name(value, look)),
        Group("region", _l("Region"), "region", "region", lambda value, look: value or _("none yet")),
    )
    sums = (
        Sum(_l("Revenue"), "score__revenue", formats.money_short, ORDERS),
        Sum(_l("Lifetime value"), "score__clv", formats.money_short, VALUE),
    )

    def rows(self, look: Look) -> "QuerySet[Customer]":
        return customers_with_scores(look.user)

    def search(self, rows: "QuerySet[Any]", text: str, look: Look) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        return matching(rows, text)

    def prepare(self, look: Look) -> None:
        look.prepared["classes"] = masking.field_classes()


def _owner_name(value: int | None, look: Look) -> str:
    if value is None:
        return _("nobody: the pool")
    names = look.prepared.setdefault("owner names", dict(User.objects.values_list("pk", "name")))
    return str(names[value])


CUSTOMERS = register(CustomerList())


def customers(request: HttpRequest) -> HttpResponse:
    return list_page(request, CUSTOMERS)
