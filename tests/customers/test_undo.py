"""Taking one change back: what it puts back, what it says, and when it refuses."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.core import events
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.actions.looking import note_look
from zhike.customers.events import CustomerChanged, CustomersTransferred
from zhike.customers.models import Address, Customer, FieldDefinition, Identifier, Relationship
from zhike.customers.queries.history import history
from zhike.teams.models import User

Made = Callable[..., Customer]


@pytest.fixture
def heard() -> Any:
    from zhike import reactions

    said: list[object] = []
    events.connect([(kind, said.append) for kind in (CustomerChanged, CustomersTransferred)])
    yield said
    reactions.connect()


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def refused(actor: User, entry: AuditEntry, at: datetime.datetime) -> list[str]:
    with pytest.raises(ValidationError) as problem:
        actions.undo_change(actor=actor, entry=entry.pk, at=at)
    return list(problem.value.message_dict)


def test_what_is_put_back_is_of_today_findable_and_in_the_history(
    boss: User, li: User, made: Made, at: datetime.datetime, heard: list[object]
) -> None:
    FieldDefinition.objects.create(code="oil", label_zh="机油", label_en="Oil", ring="related", type="text")
    FieldDefinition.objects.create(code="tyre", label_zh="轮胎", label_en="Tyre", ring="related", type="text")
    customer = made(li, "王芳", region="朝阳", oil="5W-30")
    values = {"name": "李娜", "region": "", "oil": "", "tyre": "冬季", "email": "l@qq.com"}
    later, now = at + datetime.timedelta(days=1), at + datetime.timedelta(days=3)
    actions.change_customer(actor=li, customer=customer, values=values, at=later)
    change = last()
    heard.clear()
    actions.undo_change(actor=boss, entry=change.pk, at=now)
    customer.refresh_from_db()
    assert (customer.name, customer.region, customer.email, customer.profile) == ("王芳", "朝阳", "", {"oil": "5W-30"})
    assert ("wf" in customer.search, "ln" in customer.search) == (True, False)
    assert customer.version == 3
    origin = {"on": "2026-03-13", "by": boss.pk}
    assert customer.provenance == {"name": origin, "region": origin, "oil": origin}
    undo = last()
    assert (undo.actor, undo.verb, undo.object_id, undo.undoes) == (boss, "changed", customer.pk, change)
    assert undo.changes == {code: [after, before] for code, (before, after) in change.changes.items()}
    assert heard == [CustomerChanged(customer.pk, tuple(change.changes))]
    assert list(history(customer))[:2] == [undo, change]
    assert refused(boss, change, at) == ["entry"]
    actions.undo_change(actor=boss, entry=undo.pk, at=now)  # an undo is a change like any other
    customer.refresh_from_db()
    assert (customer.name, customer.profile) == ("李娜", {"tyre": "冬季"})


def test_a_history_is_that_of_one_customer_without_who_merely_looked(boss: User, made: Made, at: datetime.datetime) -> None:
    one, _other = made(boss), made(boss, "李四")
    note_look(actor=boss, customer=one, at=at)
    assert [(entry.verb, entry.object_id) for entry in history(one)] == [("created", one.pk)]


def test_nobody_undoes_on_customers_of_others_nor_without_the_right_nor_what_is_masked(
    boss: User, li: User, han: User, made: Made, at: datetime.datetime, person: Callable[..., User]
) -> None:
    customer = made(li, phone="13800138000")
    actions.change_customer(actor=li, customer=customer, values={"phone": "13900139000"}, at=at)
    change = last()
    with pytest.raises(Customer.DoesNotExist):
        actions.undo_change(actor=han, entry=change.pk, at=at)
    for who in (person("looker", "customer.view", scope="all"), person("clerk", "customer.view", "customer.edit")):
        with pytest.raises((PermissionDenied, Customer.DoesNotExist)):
            actions.undo_change(actor=who, entry=change.pk, at=at)
    masked = person("masked", "customer.view", "customer.edit", scope="all", clearance="internal")
    assert refused(masked, change, at) == ["phone"]
    customer.refresh_from_db()
    assert customer.phone == "+8613900139000"


def test_what_cannot_be_undone_says_so(boss: User, li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss, region="朝阳")
    created = last()
    assert refused(boss, created, at) == ["entry"]
    actions.change_customer(actor=boss, customer=customer, values={"region": "海淀"}, at=at)
    change = last()
    actions.change_customer(actor=boss, customer=customer, values={"region": "东城"}, at=at)
    assert refused(boss, change, at) == ["entry"]
    contact = actions.save_contact(actor=boss, customer=customer, name="赵六", position="采购")
    actions.save_contact(actor=boss, customer=customer, contact=contact.pk, position="")
    assert refused(boss, last(), at) == ["entry"]  # a field of a contact that was emptied is no contact taken away
    with pytest.raises(AuditEntry.DoesNotExist):
        actions.undo_change(actor=boss, entry=AuditEntry.objects.create(verb="changed", object_type="order").pk, at=at)


def test_a_hand_over_goes_back_with_its_day_and_department(
    boss: User, li: User, han: User, made: Made, at: datetime.datetime, heard: list[object]
) -> None:
    customer = made(li)
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=han, at=at)
    change, now = last(), at + datetime.timedelta(days=3)
    heard.clear()
    actions.undo_change(actor=boss, entry=change.pk, at=now)
    customer.refresh_from_db()
    assert (customer.owner, customer.owner_since, customer.department, customer.version) == (
        li, datetime.date(2026, 3, 13), li.department, 3,
    )  # fmt: skip
    undo = last()
    assert (undo.actor, undo.verb, undo.undoes) == (boss, "transferred", change)
    assert undo.changes == {"owner": [{"id": han.pk, "name": "韩梅梅"}, {"id": li.pk, "name": "李雷"}]}
    assert heard == [CustomersTransferred((customer.pk,), li.pk)]
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=None, at=at)
    actions.undo_change(actor=boss, entry=last().pk, at=now)
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=None, at=at)
    given_up = last()
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=han, at=at)
    picked_up = last()
    assert refused(boss, given_up, at) == ["entry"]  # somebody has it by now
    actions.undo_change(actor=boss, entry=picked_up.pk, at=now)
    customer.refresh_from_db()
    assert (customer.owner, customer.owner_since, customer.department) == (None, None, li.department)
    assert heard[-1] == CustomersTransferred((customer.pk,), None)


def test_a_hand_over_goes_back_only_to_who_is_here_and_by_who_may_hand_over(
    boss: User, li: User, han: User, made: Made, at: datetime.datetime, person: Callable[..., User]
) -> None:
    customer = made(li)
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=han, at=at)
    change = last()
    with pytest.raises(PermissionDenied):
        actions.undo_change(actor=person("editor", "customer.view", "customer.edit", scope="all"), entry=change.pk, at=at)
    User.objects.filter(pk=li.pk).update(is_active=False)
    assert refused(boss, change, at) == ["entry"]
    User.objects.filter(pk=li.pk).update(is_active=True)
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=boss, at=at)
    assert refused(boss, change, at) == ["entry"]


def test_what_was_taken_away_comes_back_as_it_was(boss: User, made: Made, at: datetime.datetime) -> None:
    customer, friend = made(boss, kind="organisation"), made(boss, "李四")
    contact = actions.save_contact(actor=boss, customer=customer, name="赵六", phone="13700137000", position="采购", is_main=True)
    address = actions.save_address(actor=boss, customer=customer, label="仓库", detail="中关村大街1号", is_main=True)
    number = actions.add_identifier(actor=boss, customer=customer, kind="plate", value="京A12345")
    link = actions.relate(actor=boss, customer=customer, other=friend, kind="knows", note="同学")
    entries = []
    for take_away in (
        lambda: actions.delete_contact(actor=boss, contact=contact.pk),
        lambda: actions.delete_address(actor=boss, address=address.pk),
        lambda: actions.delete_identifier(actor=boss, identifier=number.pk),
        lambda: actions.unrelate(actor=boss, relationship=link.pk),
    ):
        take_away()
        entries.append(last())
    customer.refresh_from_db()
    assert "7000" not in customer.search
    for entry in entries:
        actions.undo_change(actor=boss, entry=entry.pk, at=at)
        undo = last()
        assert (undo.undoes, undo.actor, undo.verb, undo.object_id) == (entry, boss, "changed", customer.pk)
        assert refused(boss, entry, at) == ["entry"]
    customer.refresh_from_db()
    assert {"7000", "zl", "1234"} <= set(customer.search)
    back = customer.contacts.get()
    assert (back.name, back.phone, back.position, back.is_main) == ("赵六", "+8613700137000", "采购", True)
    place = customer.addresses.get()
    assert (place.label, place.detail, place.is_main) == ("仓库", "中关村大街1号", True)
    assert customer.identifiers.get().value == "京A12345"
    assert [(one.other, one.kind, one.note) for one in customer.relationships.all()] == [(friend, "knows", "同学")]


def test_what_comes_back_does_not_push_aside_who_is_the_main_one_now(boss: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss, kind="organisation")
    old = actions.save_contact(actor=boss, customer=customer, name="赵六", is_main=True)
    place = actions.save_address(actor=boss, customer=customer, detail="老地方", is_main=True)
    actions.delete_contact(actor=boss, contact=old.pk)
    gone = last()
    actions.delete_address(actor=boss, address=place.pk)
    left = last()
    actions.save_contact(actor=boss, customer=customer, name="王芳", is_main=True)
    actions.save_address(actor=boss, customer=customer, detail="新地方", is_main=True)
    for entry in (gone, left):
        actions.undo_change(actor=boss, entry=entry.pk, at=at)
    assert set(customer.contacts.values_list("name", "is_main")) == {("赵六", False), ("王芳", True)}
    assert set(customer.addresses.values_list("detail", "is_main")) == {("老地方", False), ("新地方", True)}
    assert not Identifier.objects.exists()
    assert not Relationship.objects.exists()
    assert Address.objects.count() == 2
