"""The customer list: every number of the product that is about customers leads here."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractMonth
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from zhike.core.conditions import Keys
from zhike.core.search import wanted
from zhike.customers import masking
from zhike.customers.choices import Channel, CustomerKind
from zhike.customers.models import Customer, Source
from zhike.customers.queries.in_plain import hidden_from, tells
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import Department, User
from zhike.teams.rules import highest_of
from zhike.value.choices import Grade, RfmClass, RfmSegment, Stage, Treatment
from zhike.value.queries.customer_list import (
    SOME_HITS,
    current_run_id,
    customers_in_parts,
    customers_with_scores,
    edge,
    findings_of_living,
    hits,
    near,
    scored_customers_met,
    scores_of_living,
    sees_some,
    walking,
)
from zhike.web import formats
from zhike.web.customers import finding_columns, profile_columns, words
from zhike.web.customers.bulk import ACTIONS, owners
from zhike.web.jinja import templates
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.filters import Filter
from zhike.web.lists.imports import finished_imports
from zhike.web.lists.paging import Asked, Key, Row
from zhike.web.lists.screen import Column, Group, ListScreen, State, Sum, register
from zhike.web.lists.views import list_page

VALUE, ORDERS = Permission.VALUE_VIEW, Permission.ORDER_VIEW
EDIT, TRANSFER = Permission.CUSTOMER_EDIT, Permission.CUSTOMER_TRANSFER


def _score(path: str, *, indexed: bool = False, always: bool = False) -> Key:
    """Customers that the run does not know have no score, so all of these can be empty; `always`: NOT NULL where there is one."""
    id_path = "score_customer_id" if indexed else "pk"
    return Key(f"score_{path}", nullable=True, id_path=id_path, nulls_last_index=indexed and not always)


def _component(name: str) -> Callable[[str, str], str]:
    """A chip for a code and its label: the same for everybody who reads the same language, so drawn once a process."""

    @lru_cache(maxsize=64)
    def draw(code: str, label: str) -> str:
        return str(getattr(templates().globals["ui"], name)(code, label))

    return draw


def _classified(code: str, fields: tuple[str, ...] = (), written: Callable[[Row], str] | None = None, short: int = 40) -> Drawn:
    """A column of the customer that not everybody may see in plain."""

    def plain(row: Row, look: Look) -> str:
        value = written(row) if written else row[code]
        return masking.shown(look.user, masking.class_of(look.prepared["classes"], code), code, value)

    def cell(row: Row, look: Look) -> str:
        text = plain(row, look)
        if len(text) > short:
            return f'<span title="{cells.safe(text)}">{cells.safe(formats.middle(text, short))}</span>'
        return cells.safe(text) if text else cells.NOTHING

    return Drawn(fields or (code,), cell, plain)


def _birthday(row: Row) -> str:
    return words.birthday(row["birthday"], is_lunar=row["birthday_is_lunar"])


def _channel(row: Row) -> str:
    code = row["preferred_channel"]
    return str(Channel(code).label) if code in Channel.values else ""


BORN = ("birthday", "birthday_is_lunar")
COLUMNS = (
    Column("name", _("Name"), cells.link("name", "customer"), Key("name"), phone="title"),
    Column("number", _("Customer no."), cells.text("number"), shown=False),
    Column("kind", _("Kind"), cells.choice("kind", CustomerKind), shown=False),
    Column("phone", _("Phone"), _classified("phone"), edit=EDIT),
    Column("grade", _("Grade"), cells.choice("score_grade", Grade, _component("grade")), phone="side"),
    Column("stage", _("Stage"), cells.choice("score_stage", Stage, _component("stage")), phone="line"),
    Column("treatment", _("Treatment"), cells.choice("score_treatment", Treatment), shown=False, right=VALUE),
    Column("rfm_class", _("RFM class"), cells.choice("score_rfm_class", RfmClass), shown=False, right=VALUE),
    Column("segment", _("RFM segment"), cells.choice("score_segment", RfmSegment), shown=False, right=VALUE),
    Column("clv", _("Lifetime value"), cells.money("score_clv"), _score("clv", indexed=True), right=VALUE, phone="line"),
    Column("revenue", _("Revenue"), cells.money("score_revenue"), _score("revenue", indexed=True, always=True), right=ORDERS),
    Column("orders", _("Orders"), cells.number("score_orders"), _score("orders"), right=ORDERS),
    Column("last_order", _("Last order"), cells.ago("score_last_on"), _score("last_on", indexed=True), True, ORDERS, "line"),
    Column("first_order", _("First order"), cells.day("score_first_on"), _score("first_on"), shown=False, right=ORDERS),
    Column("silence", _("Silence ÷ own rhythm"), cells.number("score_silence_ratio", 1), _score("silence_ratio"), False, VALUE),
    Column("p_alive", _("Chance to be active"), cells.percent("score_p_alive"), _score("p_alive"), False, VALUE),
    Column("owner", _("Owner"), cells.text("owner__name"), edit=TRANSFER),
    Column("department", _("Department"), cells.text("department__name"), shown=False),
    Column("region", _("Region"), _classified("region", short=14), shown=False, edit=EDIT),
    Column("source", _("Source"), cells.text("source__name"), shown=False, edit=EDIT),
    Column("tags", _("Tags"), cells.chips("tags"), shown=False, edit=EDIT),
    Column("birthday", _("Birthday"), _classified("birthday", BORN, _birthday), shown=False, edit=EDIT),
    Column("email", _("E-mail"), _classified("email"), shown=False, edit=EDIT),
    Column("wechat", _("WeChat"), _classified("wechat"), shown=False, edit=EDIT),
    Column("member_no", _("Membership no."), _classified("member_no"), shown=False),
    Column("credit_code", _("Unified social credit code"), _classified("credit_code"), shown=False),
    Column("channel", _("Preferred channel"), _classified("preferred_channel", written=_channel), shown=False, edit=EDIT),
    Column("last_contact", _("Last contact"), cells.ago("last_contact_at"), Key("last_contact_at", nullable=True)),
    Column("created", _("Created"), cells.day("created_at"), Key("created_at"), shown=False),
    Column("updated", _("Changed"), cells.ago("updated_at"), Key("updated_at"), shown=False),
)  # fmt: skip


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
    return [(n, gettext("month %(n)d") % {"n": n}) for n in range(1, 13)]


NONE_YET = _("none yet")


class Birthday(filters.Numbered):
    """Month of the birthday, by the index over month and day."""

    def where(self, value: Any, look: Look) -> Q:
        born = Customer.objects.annotate(month=ExtractMonth("birthday")).filter(month__in=map(int, value), birthday__isnull=False)
        return Q(pk__in=born.values("pk"))


FILTERS = (
    filters.Choice("grade", _("Grade"), "score_grade", options=lambda look: Grade.choices, none=NONE_YET),
    filters.Choice("stage", _("Stage"), "score_stage", options=lambda look: Stage.choices, none=NONE_YET),
    filters.Choice("treatment", _("Treatment"), "score_treatment", VALUE, options=lambda look: Treatment.choices),
    filters.Choice("rfm_class", _("RFM class"), "score_rfm_class", VALUE, options=lambda look: RfmClass.choices, none=NONE_YET),
    filters.Choice("segment", _("RFM segment"), "score_segment", VALUE, options=lambda look: RfmSegment.choices, none=NONE_YET),
    filters.Numbered("owner", _("Owner"), "owner", options=owners, none=_("nobody: the pool")),
    filters.Department("department", _("Department"), "department", options=_departments),
    filters.Numbered("source", _("Source"), "source", options=_sources, none=_("unknown")),
    filters.Text("region", _("Region begins with"), "region", field="region"),
    filters.Tags("tags", _("Tags, any of"), "tags"),
    filters.Choice("kind", _("Kind"), "kind", options=lambda look: CustomerKind.choices),
    filters.Choice(
        "channel", _("Preferred channel"), "preferred_channel", field="preferred_channel", options=lambda look: Channel.choices
    ),
    filters.Numbers("clv", _("Lifetime value"), "score_clv", VALUE, unit="¥"),
    filters.Numbers("revenue", _("Revenue"), "score_revenue", ORDERS, unit="¥"),
    filters.Numbers("orders", _("Orders"), "score_orders", ORDERS, whole=True),
    filters.Numbers("frequency", _("Repeat purchase days"), "score_frequency", VALUE, whole=True),
    filters.Numbers("silence", _("Silence ÷ own rhythm"), "score_silence_ratio", VALUE),
    filters.Numbers("p_alive", _("Chance to be active"), "score_p_alive", VALUE, percent=True),
    filters.Dates("last_order", _("Last order"), "score_last_on", ORDERS),
    filters.Dates("first_order", _("First order"), "score_first_on", ORDERS),
    filters.Dates("last_contact", _("Last contact"), "last_contact_at", moment=True),
    filters.Dates("created", _("Created"), "created_at", moment=True),
    filters.Numbered("batch", _("Import"), "batch", Permission.CUSTOMER_IMPORT, options=finished_imports),
    filters.Numbered("r", _("Recency score"), "score_r_score", VALUE, options=_fifths),
    filters.Numbered("f", _("Frequency score"), "score_f_score", VALUE, options=_fifths),
    filters.Numbered("m", _("Money score"), "score_m_score", VALUE, options=_fifths),
    Birthday("birthday", _("Birthday in"), "birthday", field="birthday", options=_months),
    filters.YesNo("never_contacted", _("Never contacted"), "last_contact_at", yes=Q(last_contact_at=None)),
    filters.YesNo("has_phone", _("Has a phone"), "phone", yes=~Q(phone="")),
)


def _label_of(kind: Any) -> Any:
    return lambda value, look: str(kind(value).label) if value in kind.values else str(NONE_YET)


class CustomerList(ListScreen):
    name = "customers"
    route = "customers"
    title = _("Customers")
    right = Permission.CUSTOMER_VIEW
    export_right = Permission.CUSTOMER_EXPORT
    columns = COLUMNS
    filters = FILTERS
    actions = ACTIONS
    more = (profile_columns.PREFIX, finding_columns.PREFIX)
    order = "-updated"
    search_hint = _("Name, pinyin, initials, phone")
    nothing_yet = (_("No customers yet"), _("Import a file of customers or orders, or enter the first one by hand."))
    first_steps = (
        ("customer-new", _("New customer"), Permission.CUSTOMER_CREATE),
        ("imports", _("Import"), Permission.CUSTOMER_IMPORT),
    )
    see_also = (
        ("lookup", _("Who is calling"), Permission.CUSTOMER_VIEW),
        ("completeness", _("Completeness"), Permission.CUSTOMER_VIEW),
        ("duplicates", _("Duplicates"), Permission.CUSTOMER_MERGE),
        ("recycle-bin", _("Recycle bin"), Permission.CUSTOMER_DELETE),
        ("exports", _("Exports"), Permission.CUSTOMER_EXPORT),
    )
    quick_view = True
    groups = (
        Group("grade", _("Grade"), "score_grade", "grade", _label_of(Grade)),
        Group("stage", _("Stage"), "score_stage", "stage", _label_of(Stage)),
        Group("rfm_class", _("RFM class"), "score_rfm_class", "rfm_class", _label_of(RfmClass), VALUE),
        Group("segment", _("RFM segment"), "score_segment", "segment", _label_of(RfmSegment), VALUE),
        Group("owner", _("Owner"), "owner", "owner", lambda value, look: _owner_name(value, look)),
        Group("region", _("Region"), "region", "region", lambda value, look: value or str(NONE_YET), field="region"),
    )
    sums = (
        Sum(_("Revenue"), "score_revenue", formats.money_short, ORDERS),
        Sum(_("Lifetime value"), "score_clv", formats.money_short, VALUE),
    )

    def rows(self, look: Look) -> "QuerySet[Customer]":
        run, *analyses = self.basis(look)
        return customers_with_scores(look.user, dict(analyses), run=run)

    def parts(self, look: Look) -> "list[QuerySet[Customer]]":
        run, *analyses = self.basis(look)
        return customers_in_parts(look.user, dict(analyses), run=run)

    def basis(self, look: Look) -> tuple[Any, ...]:
        """The run, and the analyses by kind."""
        if "run" not in look.prepared:
            look.prepared["run"] = current_run_id()
        return (look.prepared["run"], *((kind.name, one.pk) for kind, one in look.prepared.get("analyses", ())))

    def export_class(self, state: State) -> Confidentiality:
        known = masking.field_classes()
        classes = [masking.class_of(known, column.key.removeprefix(profile_columns.PREFIX)) for column in state.columns]
        classes += finding_columns.classes(state.look, [column.key for column in state.columns])
        return highest_of(one for one in classes if state.look.rights.shows(one))

    def search(self, rows: "QuerySet[Any]", text: str, look: Look) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        return walking(rows, text, hidden_from(look.user, look.prepared["classes"]))

    def counted(self, state: State) -> "QuerySet[Any] | None":
        run, *analyses = self.basis(state.look)
        if state.text or not state.look.rights.everything:
            return None
        of_findings = findings_of_living(dict(analyses), state.conditions)
        return scores_of_living(run, state.conditions) if of_findings is None else of_findings

    def _searched(self, state: State) -> "QuerySet[Customer]":
        """The filtered rows; of customers alone where neither a filter nor the order asks more of them: sooner planned."""
        columns = {field.name for field in Customer._meta.concrete_fields}
        is_plain = not state.values and all(key.path in columns for key in state.keys)
        return Customer.objects.visible_to(state.look.user) if is_plain else state.filtered

    def hits(self, state: State, most: int | None = None) -> Keys | None:
        order = [(key.path, key.descending) for key in state.keys]
        hidden = hidden_from(state.look.user, state.look.prepared["classes"])
        return hits(self._searched(state), state.text, hidden, state.known_filtered, order=order, most=most)

    def near(self, state: State) -> tuple[int, Asked] | None:
        [key, *others], asked = state.keys, wanted(state.text)
        if asked is None or others or key.nullable or state.values or not state.look.rights.everything:
            return None
        if tells(state.text, hidden_from(state.look.user, state.look.prepared["classes"])):
            return None
        found = edge(key.path, descending=key.descending)
        if found is None:
            return None

        def rows(value: Any, pk: int, *arrays: str) -> "QuerySet[Any]":
            return near(self._searched(state), asked, key.path, value, pk, arrays, descending=key.descending)

        return 0 if asked.is_short else SOME_HITS, Asked(
            rows, state.known_filtered and (state.known_filtered, "near", asked.shape), (*found, *asked.arrays)
        )

    def along(self, state: State) -> "Callable[[], QuerySet[Customer]] | None":
        """Of a part of the customers by what an index of the scores holds, unless a filter makes them few."""
        look, is_indexed = state.look, state.keys[0].id_path == "score_customer_id"
        if look.rights.everything or state.values or not is_indexed or not sees_some(look.user, state.known):
            return None
        run, *analyses = self.basis(look)
        return lambda: scored_customers_met(look.user, dict(analyses), run=run)

    def more_columns(self, look: Look) -> list[Column]:
        return [*finding_columns.columns(look), *profile_columns.columns(look)]

    def more_filters(self, look: Look) -> list[Filter]:
        return [*finding_columns.finding_filters(look), *profile_columns.profile_filters(look)]

    def prepare(self, look: Look) -> None:
        """Who sees everything in plain need not know how the fields are classed."""
        look.prepared["classes"] = {} if look.rights.shows(Confidentiality.SECRET) else masking.field_classes()


def _owner_name(value: int | None, look: Look) -> str:
    if value is None:
        return gettext("nobody: the pool")
    names = look.prepared.setdefault("owner names", dict(User.objects.values_list("pk", "name")))
    return str(names[value])


CUSTOMERS = register(CustomerList())


def customers(request: HttpRequest) -> HttpResponse:
    return list_page(request, CUSTOMERS)
