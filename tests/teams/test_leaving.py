"""Leaving and moving: no customer stays without an owner, and all of it happens or nothing."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.teams.company import administrator, department, person
from zhike.care.models import Suggestion
from zhike.core.models import AuditEntry
from zhike.customers.actions import plan_interaction
from zhike.customers.choices import InteractionKind, InteractionState
from zhike.customers.models import Customer, Interaction
from zhike.teams import actions
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Department, User

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


def customers(owner: User, count: int, in_department: Department | None = None) -> list[Customer]:
    return [Customer.objects.create(name=f"客户{n}", owner=owner, department=in_department) for n in range(count)]


def owners() -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for owner in Customer.objects.values_list("owner_id", flat=True):
        found[owner] = found.get(owner, 0) + 1
    return found


def test_one_successor_takes_everything_and_each_record_says_so() -> None:
    li, han, boss = person("李雷"), person("韩梅梅"), administrator()
    mine = customers(li, 3)
    actions.end_employment(actor=boss, person_id=li.pk, successors=[han], left_on=TODAY)
    assert owners() == {han.pk: 3}
    assert AuditEntry.objects.filter(object_type="customer", object_id=mine[0].pk, verb="transferred").exists()
    assert han.notices.count() == 1


def test_several_successors_get_equal_shares() -> None:
    li = person()
    others = [person(f"同事{n}") for n in range(3)]
    customers(li, 8)
    actions.end_employment(actor=administrator(), person_id=li.pk, successors=others, left_on=TODAY)
    assert sorted(owners().values()) == [2, 3, 3]


def test_without_a_successor_who_has_customers_cannot_leave() -> None:
    li = person()
    customers(li, 2)
    with pytest.raises(ValidationError) as problem:
        actions.end_employment(actor=administrator(), person_id=li.pk, successors=[], left_on=TODAY)
    assert "2" in problem.value.message_dict["successors"][0]
    li.refresh_from_db()
    assert li.is_active
    assert owners() == {li.pk: 2}


def test_deleted_customers_and_promises_move_too() -> None:
    li, han, tao = person("李雷"), person("韩梅梅"), person("林涛")
    (mine,) = customers(li, 1)
    (theirs,) = customers(tao, 1)
    binned = Customer.objects.create(name="已删", owner=li, deleted_at=timezone.now())
    for one in (mine, theirs):
        Interaction.objects.create(
            customer=one, kind=InteractionKind.CALL, at=timezone.now(), state=InteractionState.PLANNED, staff=li
        )
    done = Interaction.objects.create(customer=mine, kind=InteractionKind.CALL, at=timezone.now(), staff=li)
    actions.end_employment(actor=administrator(), person_id=li.pk, successors=[han], left_on=TODAY)
    binned.refresh_from_db()
    done.refresh_from_db()
    assert binned.owner == han
    assert done.staff == li
    assert Interaction.objects.get(customer=mine, state="planned").staff == han
    assert Interaction.objects.get(customer=theirs, state="planned").staff == tao


def test_who_may_not_transfer_customers_lets_nobody_with_customers_go() -> None:
    north = department()
    head = person(can=[Permission.PEOPLE_EDIT, Permission.CUSTOMER_VIEW], scope=Scope.DEPARTMENT, department=north)
    li = person(department=north)
    customers(li, 1, north)
    with pytest.raises(PermissionDenied):
        actions.end_employment(actor=head, person_id=li.pk, successors=[head], left_on=TODAY)
    li.refresh_from_db()
    assert li.is_active


def test_customers_out_of_reach_stop_the_leaving() -> None:
    north, south = department(), department()
    head = person(
        can=[Permission.PEOPLE_EDIT, Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT, Permission.CUSTOMER_TRANSFER],
        scope=Scope.DEPARTMENT, department=north,
    )  # fmt: skip
    li = person(department=north)
    customers(li, 1, north)
    customers(li, 1, south)
    with pytest.raises(ValidationError):
        actions.end_employment(actor=head, person_id=li.pk, successors=[head], left_on=TODAY)
    assert owners() == {li.pk: 2}


def test_who_moves_takes_their_customers_along() -> None:
    north, south = department(), department()
    li = person(department=north)
    customers(li, 2, north)
    actions.change_person(actor=administrator(), person_id=li.pk, department=south)
    assert set(Customer.objects.values_list("department", flat=True)) == {south.pk}
    assert owners() == {li.pk: 2}


def test_who_moves_can_leave_their_customers_behind() -> None:
    north, south = department(), department()
    li, han = person(department=north), person("韩梅梅", department=north)
    customers(li, 2, north)
    actions.change_person(actor=administrator(), person_id=li.pk, department=south, successors=[han])
    assert set(Customer.objects.values_list("department", flat=True)) == {north.pk}
    assert owners() == {han.pk: 2}


def test_the_page_asks_for_successors_and_hands_over(client: Client) -> None:
    client.force_login(administrator())
    li, han, tao = person("李雷"), person("韩梅梅"), person("林涛")
    customers(li, 4)
    url = reverse("settings-person-leave", args=[li.pk])
    assert client.post(url, {"left_on": "2026-11-22"}).status_code == 422
    assert client.post(url, {"left_on": "2026-11-22", "successors": [han.pk, tao.pk]}).status_code == 302
    assert owners() == {han.pk: 2, tao.pk: 2}


def suggestion(customer: Customer, assignee: User, state: str = "open", rule: str = "question") -> Suggestion:
    until = timezone.localdate() + datetime.timedelta(days=5) if state == "postponed" else None
    return Suggestion.objects.create(
        customer=customer, assignee=assignee, rule=rule, gain=1, priority=1, due_on=timezone.localdate(), channel="phone",
        state=state, postponed_until=until,
    )  # fmt: skip


def test_what_was_postponed_and_what_others_customers_were_due_goes_on_with_somebody_who_is_there() -> None:
    can = [Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD]
    li, han, tao, boss = person("李雷", can=can), person("韩梅梅", can=can), person("林涛", can=can), administrator()
    (mine,), (theirs,) = customers(li, 1), customers(tao, 1)
    nobodys = Customer.objects.create(name="公海")
    for one in (mine, theirs, nobodys):
        suggestion(one, li, "postponed")
    done = suggestion(mine, li, "done")
    actions.end_employment(actor=boss, person_id=li.pk, successors=[han], left_on=TODAY)
    assert dict(Suggestion.objects.filter(state="postponed").values_list("customer_id", "assignee_id")) == {
        mine.pk: han.pk, theirs.pk: tao.pk, nobodys.pk: han.pk,
    }  # fmt: skip
    done.refresh_from_db()
    assert done.assignee == li
    assert not Suggestion.objects.filter(assignee=li, state__in=["open", "postponed"]).exists()
    assert AuditEntry.objects.filter(object_type="user", object_id=li.pk, changes__has_key="suggestions").exists()


def test_promises_on_the_list_of_who_leaves_stand_on_the_list_of_who_comes(client: Client) -> None:
    can = [Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD]
    li, han, boss = person("李雷", can=can), person("韩梅梅", can=can), administrator()
    (mine,) = customers(li, 1)
    plan_interaction(actor=li, customer=mine, kind="call", at=timezone.now())
    assert Suggestion.objects.get(state="open").assignee == li
    client.force_login(boss)
    url = reverse("settings-person-leave", args=[li.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"left_on": "2026-11-22", "successors": [han.pk]}, follow=True)
    assert "建议 1 条" in answer.content.decode()
    assert Suggestion.objects.get(state="open").assignee == han
    assert Interaction.objects.get(state="planned").staff == han
