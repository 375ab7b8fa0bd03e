"""What a mass change leaves in the history of each customer, says to whom it concerns, and puts back exactly once."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from zhike.core import events, queue
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.actions import many, mass as acting
from zhike.customers.choices import MassKind
from zhike.customers.events import CustomerChanged, CustomersTransferred
from zhike.customers.models import Customer, FieldDefinition, MassChange, Source
from zhike.teams.models import Department, Notice, User

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.UTC)


@pytest.fixture
def three(li: User) -> list[int]:
    FieldDefinition.objects.create(code="oil", label_zh="机油", label_en="Oil", ring="related", type="text")
    rows = [Customer(name=f"客户{n}", owner=li, department=li.department, profile={"oil": "old"} if n else {}) for n in range(3)]
    return [one.pk for one in Customer.objects.bulk_create(rows)]


@pytest.fixture
def heard() -> Iterator[list[object]]:
    from zhike import reactions

    said: list[object] = []
    events.connect([(kind, said.append) for kind in (CustomerChanged, CustomersTransferred)])
    yield said
    reactions.connect()


def ask(actor: User, kind: MassKind, **params: Any) -> MassChange:
    rows = Customer.objects.living().order_by("pk").values("pk")
    return actions.request_mass(actor=actor, kind=kind, customers=rows, params=params, at=AT)


def field_refused(actor: User, kind: MassKind, **params: Any) -> list[str]:
    with pytest.raises(ValidationError) as problem:
        ask(actor, kind, **params)
    return list(problem.value.message_dict)


def rows(*columns: str) -> list[Any]:
    return list(Customer.objects.order_by("pk").values_list(*columns, flat=len(columns) == 1))


def test_a_value_for_many_is_dated_counted_told_and_written_down(boss: User, three: list[int], heard: list[object]) -> None:
    Customer.objects.filter(pk=three[2]).update(profile={"oil": "new"})
    done = actions.change_customers(actor=boss, customers=three, values={"oil": "new"}, at=AT, note="夏季")
    entries = list(AuditEntry.objects.filter(object_type="customer").order_by("pk"))
    assert (done.count, done.entries) == (2, (entries[0].pk, entries[-1].pk))
    assert [(one.actor, one.verb, one.object_id, one.object_name, one.note, one.changes) for one in entries] == [
        (boss, "changed", three[0], "客户0", "夏季", {"oil": [None, "new"]}),
        (boss, "changed", three[1], "客户1", "夏季", {"oil": ["old", "new"]}),
    ]
    assert rows("profile") == [{"oil": "new"}] * 3
    origin = {"oil": {"on": "2026-03-10", "by": boss.pk}}
    assert rows("version", "provenance", "updated_at")[:2] == [(2, origin, AT)] * 2
    assert rows("version", "provenance")[2] == (1, {})  # had it already
    assert heard == [CustomerChanged(key, ("oil",)) for key in three[:2]]


def test_emptied_for_many_it_leaves_nothing_behind(boss: User, three: list[int]) -> None:
    Customer.objects.update(provenance={"oil": {"on": "2020-01-01"}, "region": {}}, profile={"oil": "old", "tyre": "x"})
    assert actions.change_customers(actor=boss, customers=three, values={"oil": ""}, at=AT).count == 3
    assert rows("profile", "provenance") == [({"tyre": "x"}, {"region": {}})] * 3


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"region": "上海"}, "上海"), ({"preferred_channel": "phone"}, "phone"), ({"language": "en"}, "en"),
        ({"do_not_disturb": "yes"}, True),
    ],
)  # fmt: skip
def test_these_columns_may_be_alike(boss: User, three: list[int], values: dict[str, Any], kept: Any) -> None:
    assert actions.change_customers(actor=boss, customers=three, values=values, at=AT).count == 3
    assert rows(*values) == [kept] * 3
    source = Source.objects.create(name="展会")
    actions.change_customers(actor=boss, customers=three, values={"source_id": source.pk}, at=AT)
    assert rows("source") == [source.pk] * 3


def test_what_tells_customers_apart_and_several_at_once_are_refused(boss: User, three: list[int]) -> None:
    for code in ("name", "phone", "number", "birthday"):
        with pytest.raises(ValidationError) as problem:
            actions.change_customers(actor=boss, customers=three, values={code: "1980-01-01"}, at=AT)
        assert list(problem.value.message_dict) == [code]
    for values in ({}, {"region": "上海", "language": "en"}):
        with pytest.raises(ValidationError):
            actions.change_customers(actor=boss, customers=three, values=values, at=AT)
    assert not AuditEntry.objects.exists()


def test_nobody_changes_many_whom_they_may_not_change_or_in_what_they_may_not_see(
    boss: User, li: User, han: User, three: list[int], person: Any
) -> None:
    assert actions.change_customers(actor=han, customers=three, values={"region": "上海"}, at=AT).count == 0
    with pytest.raises(PermissionDenied):
        actions.change_customers(
            actor=person("looker", "customer.view", scope="all"), customers=three, values={"region": "x"}, at=AT
        )
    FieldDefinition.objects.filter(code="oil").update(confidentiality="secret")
    with pytest.raises(ValidationError) as problem:
        actions.change_customers(actor=li, customers=three, values={"oil": "new"}, at=AT)
    assert list(problem.value.message_dict) == ["oil"]
    assert rows("region", "profile")[1:] == [("", {"oil": "old"})] * 2


def test_of_very_many_suggestions_wait_for_the_next_list(
    boss: User, three: list[int], heard: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for few, told in ((3, 3), (2, 0)):
        monkeypatch.setattr(many, "FEW", few)
        heard.clear()
        actions.change_customers(actor=boss, customers=three, values={"region": f"区{few}"}, at=AT)
        assert len(heard) == told


def test_a_change_by_many_is_put_back_wherever_it_still_stands(boss: User, three: list[int]) -> None:
    mass = ask(boss, MassKind.SET, field="oil", value="new")
    actions.change_customer(actor=boss, customer=three[1], values={"oil": "own"}, at=AT)
    back = actions.undo_mass(actor=boss, mass=mass.pk, at=AT)
    assert (back.changed, back.undoes, back.kind) == (2, mass, "undo")
    assert rows("profile") == [{}, {"oil": "own"}, {"oil": "old"}]
    for wrong in (mass.pk, back.pk):
        with pytest.raises(ValidationError):
            actions.undo_mass(actor=boss, mass=wrong, at=AT)
    column = ask(boss, MassKind.SET, field="region", value="上海")
    Customer.objects.filter(pk=three[0]).update(region="北京")
    assert actions.undo_mass(actor=boss, mass=column.pk, at=AT).changed == 2
    assert rows("region") == ["北京", "", ""]


def test_nobody_undoes_what_others_did_or_what_they_may_no_longer(boss: User, li: User, three: list[int]) -> None:
    mass = ask(li, MassKind.SET, field="oil", value="new")
    with pytest.raises(MassChange.DoesNotExist):
        actions.undo_mass(actor=boss, mass=mass.pk, at=AT)
    li.roles.clear()
    with pytest.raises(PermissionDenied):
        actions.undo_mass(actor=User.objects.get(pk=li.pk), mass=mass.pk, at=AT)
    assert rows("profile") == [{"oil": "new"}] * 3


def test_what_there_is_not_is_refused_at_its_field(boss: User, han: User, three: list[int]) -> None:
    assert field_refused(boss, MassKind.DEPARTMENT, department=10**9) == ["department"]
    assert field_refused(boss, MassKind.HAND_OVER, to=10**9) == ["to"]
    User.objects.filter(pk=han.pk).update(is_active=False)
    assert field_refused(boss, MassKind.HAND_OVER, to=han.pk) == ["to"]
    assert not MassChange.objects.exists()


def test_each_verb_needs_its_own_right(three: list[int], person: Any) -> None:
    edit = person("edit", "customer.view", "customer.edit", scope="all")
    for kind in (MassKind.HAND_OVER, MassKind.DEPARTMENT, MassKind.DELETE, MassKind.RESTORE):
        with pytest.raises(PermissionDenied):
            ask(edit, kind)
    look = person("look", "customer.view", "customer.transfer", "customer.delete", scope="all")
    for kind, params in ((MassKind.SET, {"field": "oil", "value": "x"}), (MassKind.TAG, {"add": ["x"]})):
        with pytest.raises(PermissionDenied):
            ask(look, kind, **params)
    assert not MassChange.objects.exists()


@pytest.mark.parametrize("is_many", [False, True])
def test_who_gets_them_is_told_from_whom_how_many_and_why(
    boss: User, han: User, three: list[int], heard: list[object], is_many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_many:
        monkeypatch.setattr(acting, "AT_ONCE", 0)
    mass = ask(boss, MassKind.HAND_OVER, to=han.pk, reason="调岗")
    if is_many:
        actions.carry_out_mass(mass_id=mass.pk, at=AT)
        own = Notice.objects.get(user=boss)
        assert (own.kind, own.url) == ("customers.mass", f"/customers/many/{mass.pk}/")
        assert own.params == {"kind": "hand_over", "state": "done", "total": 3, "changed": 3, "problem": ""}
    told = Notice.objects.get(user=han)
    assert told.params == {"from": "老板", "count": 3, "name": "客户0", "reason": "调岗"}
    assert {one.note for one in AuditEntry.objects.filter(verb="transferred")} == {"调岗"}
    assert heard[-1] == CustomersTransferred(tuple(three), han.pk)
    assert rows("owner", "owner_since", "version") == [(han.pk, datetime.date(2026, 3, 10), 2)] * 3
    mass.refresh_from_db()
    assert (mass.finished_at, mass.problem, mass.ids) == (AT, "", [])


def test_handed_back_to_who_is_still_here_and_to_the_pool(boss: User, li: User, han: User, three: list[int]) -> None:
    gone = User.objects.create(username="gone", name="走了")
    Customer.objects.filter(pk=three[1]).update(owner=gone)
    Customer.objects.filter(pk=three[2]).update(owner=None)
    mass = ask(boss, MassKind.HAND_OVER, to=han.pk)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    with translation.override("en"):
        assert actions.undo_mass(actor=boss, mass=mass.pk, at=AT).changed == 2
    assert rows("owner") == [li.pk, han.pk, None]
    assert {one.note for one in AuditEntry.objects.filter(verb="transferred").order_by("-pk")[:2]} == {"Hand-over taken back"}
    pool = ask(boss, MassKind.HAND_OVER, to=None)
    assert (pool.changed, rows("owner")) == (2, [None] * 3)
    actions.undo_mass(actor=boss, mass=pool.pk, at=AT)
    assert rows("owner") == [li.pk, han.pk, None]


def test_moved_back_to_departments_that_there_are(boss: User, li: User, three: list[int]) -> None:
    closed, place = Department.objects.create(name="旧店"), Department.objects.create(name="二店")
    Customer.objects.filter(pk=three[1]).update(department=closed)
    Customer.objects.filter(pk=three[2]).update(department=None)
    mass = ask(boss, MassKind.DEPARTMENT, department=place.pk)
    entry = AuditEntry.objects.filter(object_type="customer").order_by("pk")[1]
    assert entry.changes == {"department": [{"id": closed.pk, "name": "旧店"}, {"id": place.pk, "name": "二店"}]}
    assert rows("department", "version", "updated_at") == [(place.pk, 2, AT)] * 3
    assert ask(boss, MassKind.DEPARTMENT, department=place.pk).changed == 0  # they are there
    closed.delete()
    assert actions.undo_mass(actor=boss, mass=mass.pk, at=AT).changed == 2
    assert rows("department") == [li.department_id, place.pk, None]


def test_a_fault_of_the_product_ends_it_and_is_told(boss: User, three: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "AT_ONCE", 0)
    mass = ask(boss, MassKind.TAG, add=["会员"])
    assert queue.unfinished("customers.mass") == [{"mass_id": mass.pk}]

    def broken(_part: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(acting, "step", broken)
    with pytest.raises(RuntimeError):
        actions.carry_out_mass(mass_id=mass.pk, at=AT)
    mass.refresh_from_db()
    assert (mass.state, mass.changed, mass.finished_at) == ("failed", 0, AT)
    assert mass.problem
    assert Notice.objects.get(user=boss).params["problem"] == mass.problem
    assert rows("tags") == [[]] * 3


def test_who_works_on_a_single_one_meanwhile_keeps_it(boss: User, li: User, three: list[int]) -> None:
    """Of the lines between the first and the last of a mass change only its own are taken back."""
    mass = ask(boss, MassKind.SET, field="region", value="上海")
    actions.change_customer(actor=boss, customer=three[0], values={"oil": "own"}, at=AT)
    actions.change_customer(actor=li, customer=three[1], values={"region": "北京"}, at=AT)
    [[first, _last]] = mass.lines
    MassChange.objects.filter(pk=mass.pk).update(lines=[[first, AuditEntry.objects.latest("pk").pk]])
    assert actions.undo_mass(actor=boss, mass=mass.pk, at=AT).changed == 2
    assert rows("region", "profile")[:2] == [("", {"oil": "own"}), ("北京", {"oil": "old"})]


def test_two_at_once_each_count_their_own(boss: User, three: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "AT_ONCE", 0)
    first, second = ask(boss, MassKind.TAG, add=["会员"]), ask(boss, MassKind.SET, field="region", value="上海")
    actions.carry_out_mass(mass_id=first.pk, at=AT)
    second.refresh_from_db()
    assert (second.state, second.done, second.changed, second.lines, len(second.ids)) == ("waiting", 0, 0, [], 3)
    actions.carry_out_mass(mass_id=second.pk, at=AT)
    second.refresh_from_db()
    assert (second.state, second.done, second.changed) == ("done", 3, 3)
