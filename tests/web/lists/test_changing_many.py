"""Bulk actions on the selection and on all results."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.lists.world import customer
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.actions import mass
from zhike.customers.models import Customer, FieldDefinition, MassChange
from zhike.teams.models import Department, Role, User

pytestmark = pytest.mark.django_db


def test_a_bulk_action_takes_the_selection(client: Client, boss: User) -> None:
    one, two, three = customer("甲"), customer("乙"), customer("丙")
    client.force_login(boss)
    client.post(
        "/lists/customers/bulk", {"query": "", "sure": "1", "action": "tag", "tag.add": "老客户，常来", "id": [one.pk, two.pk]}
    )
    tags = dict(Customer.objects.values_list("pk", "tags"))
    assert tags == {one.pk: ["老客户", "常来"], two.pk: ["老客户", "常来"], three.pk: []}


def test_a_control_group_is_held_back_of_the_selection(client: Client, boss: User) -> None:
    keys = [customer(f"客户{at}").pk for at in range(10)]
    client.force_login(boss)
    ask = {"query": "", "action": "hold_back", "id": keys}
    asked = client.post("/lists/customers/bulk", ask).content.decode()
    assert 'value="10" selected' in asked
    answer = {"hold_back.acted": "春检", "hold_back.held": "春检·对照", "hold_back.per_cent": "20"}
    client.post("/lists/customers/bulk", ask | answer | {"sure": "1", "hold_back.per_cent": "99"})
    assert not Customer.objects.exclude(tags=[]).exists()
    client.post("/lists/customers/bulk", ask | answer | {"sure": "1"})
    tags = [row.tags for row in Customer.objects.order_by("pk")]
    assert (tags.count(["春检"]), tags.count(["春检·对照"])) == (8, 2)
    assert MassChange.objects.get().params["seed"] >= 0


def test_a_bulk_action_on_all_results_takes_the_query_not_the_page(client: Client, boss: User) -> None:
    Customer.objects.bulk_create(
        [Customer(name=f"客户{at}", region="上海") for at in range(60)] + [Customer(name="别的", region="北京")]
    )
    client.force_login(boss)
    li = User.objects.create(username="li", name="李雷")
    answer = client.post(
        "/lists/customers/bulk",
        {"query": "region=上海", "all": "1", "sure": "1", "action": "hand_over", "hand_over.to": str(li.pk)},
        follow=True,
    )
    assert "60" in answer.content.decode()
    assert Customer.objects.filter(owner=li).count() == 60
    assert Customer.objects.get(name="别的").owner is None


def test_a_bulk_action_leaves_what_one_may_not_change(client: Client, seller: User) -> None:
    Role.objects.update(permissions=["customer.view", "customer.edit", "customer.delete"])
    mine, other = customer("甲", owner=seller), customer("乙")
    client.force_login(seller)
    client.post("/lists/customers/bulk", {"query": "", "sure": "1", "action": "delete", "id": [mine.pk, other.pk]})
    assert list(Customer.objects.living()) == [other]
    assert client.post("/lists/customers/bulk", {"query": "", "action": "hand_over", "id": [other.pk]}).status_code == 403


def test_a_bulk_action_first_asks_and_changes_nothing(client: Client, boss: User) -> None:
    one = customer("甲")
    client.force_login(boss)
    for part in (None, "part"):
        headers = {"X-Part": part} if part else {}
        answer = client.post("/lists/customers/bulk", {"query": "q=甲", "action": "delete", "id": one.pk}, headers=headers)
        page = answer.content.decode()
        assert f'name="id" value="{one.pk}"' in page
        assert 'name="query" value="q=甲"' in page
        assert ("<html" in page) == (part is None)
    assert Customer.objects.living().get().version == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"action": "tag", "tag.add": "x"}, 302),  # nothing selected
        ({"action": "hand_over", "all": "1"}, 422),  # to whom?
        ({"action": "hand_over", "all": "1", "hand_over.to": "999"}, 302),
        ({"action": "tag", "all": "1"}, 302),  # no tag
    ],
)
def test_a_bulk_action_told_too_little_says_so_and_changes_nothing(
    client: Client, boss: User, sent: dict[str, str], status: int
) -> None:
    customer("甲")
    client.force_login(boss)
    answer = client.post("/lists/customers/bulk", {"query": "", "sure": "1"} | sent)
    assert answer.status_code == status
    page = answer if status == 422 else client.get("/customers/")
    assert ("field-error" if status == 422 else 'class="toast-line is-bad"') in page.content.decode()
    assert Customer.objects.get().version == 1


def test_unknown_lists_and_actions_do_not_exist(client: Client, boss: User) -> None:
    client.force_login(boss)
    assert client.post("/lists/nothing/bulk", {}).status_code == 404
    assert client.post("/lists/customers/bulk", {"query": "", "action": "explode", "id": "1"}).status_code == 404
    assert client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "exe"}).status_code == 404
    assert client.get("/lists/customers/bulk").status_code == 405


# One field


@pytest.fixture
def oil() -> None:
    choices = [{"code": "semi", "zh": "半合成", "en": "half"}, {"code": "full", "zh": "全合成", "en": "full"}]
    FieldDefinition.objects.create(code="oil", label_zh="机油", label_en="Oil", ring="related", type="choice", choices=choices)


def set_field(client: Client, **sent: Any) -> Any:
    return client.post("/lists/customers/bulk", {"query": "", "action": "set", "sure": "1"} | sent)


def test_a_field_is_chosen_then_its_value_and_only_then_it_changes(client: Client, boss: User, oil: None) -> None:
    one = customer("甲")
    client.force_login(boss)
    first = set_field(client, id=one.pk).content.decode()
    assert "机油" in first
    second = set_field(client, id=one.pk, **{"set.field": "oil"})
    assert second.status_code == 200
    assert "全合成" in second.content.decode()
    assert Customer.objects.get().version == 1
    assert set_field(client, id=one.pk, **{"set.field": "oil", "set.value": "full"}).status_code == 302
    assert Customer.objects.get().profile == {"oil": "full"}


def test_all_results_get_the_value_and_each_keeps_the_change_in_its_history(client: Client, boss: User, oil: None) -> None:
    has_it = customer("甲", region="上海", profile={"oil": "full"})
    other = customer("乙", region="上海", profile={"oil": "semi", "car": "大众"})
    elsewhere = customer("丙", region="杭州", profile={"oil": "semi"})
    client.force_login(boss)
    set_field(client, query="region=上海", all="1", **{"set.field": "oil", "set.value": "full"})
    kept = {one.pk: (one.profile, one.version) for one in Customer.objects.all()}
    assert kept == {
        has_it.pk: ({"oil": "full"}, 1), other.pk: ({"oil": "full", "car": "大众"}, 2), elsewhere.pk: ({"oil": "semi"}, 1),
    }  # fmt: skip
    entry = AuditEntry.objects.get(verb="changed")
    assert (entry.object_id, entry.changes, entry.actor) == (other.pk, {"oil": ["semi", "full"]}, boss)


def test_a_mass_change_is_taken_back_where_nothing_changed_since(client: Client, boss: User, oil: None) -> None:
    first, second, third = customer("甲", profile={"oil": "semi"}), customer("乙"), customer("丙", profile={"oil": "semi"})
    client.force_login(boss)
    set_field(client, all="1", **{"set.field": "oil", "set.value": "full"})
    link = re.search(r'href="(/customers/many/[^"]+)"', client.get("/customers/").content.decode())
    assert link
    Customer.objects.filter(pk=third.pk).update(profile={"oil": "semi", "car": "本田"})  # somebody changed it back meanwhile
    assert client.get(link[1]).status_code == 200
    assert client.post(f"{link[1]}undo/").status_code == 302
    client.post(f"{link[1]}undo/")  # once
    assert {one.pk: one.profile for one in Customer.objects.all()} == {
        first.pk: {"oil": "semi"}, second.pk: {}, third.pk: {"oil": "semi", "car": "本田"},
    }  # fmt: skip


def test_nobody_takes_back_what_somebody_else_changed(client: Client, boss: User, seller: User, oil: None) -> None:
    Role.objects.update(permissions=["customer.view", "customer.edit"])
    customer("甲", owner=seller)
    client.force_login(boss)
    set_field(client, all="1", **{"set.field": "oil", "set.value": "full"})
    link = re.search(r'href="(/customers/many/[^"]+)"', client.get("/customers/").content.decode())
    assert link
    client.force_login(seller)
    assert client.get(link[1]).status_code == 404
    assert client.post(f"{link[1]}undo/").status_code == 404
    assert Customer.objects.get().profile == {"oil": "full"}


@pytest.mark.parametrize("field", ["name", "phone", "number", "nothing", "debts"])
def test_what_tells_customers_apart_or_is_not_shown_is_no_field_for_many(client: Client, seller: User, field: str) -> None:
    Role.objects.update(permissions=["customer.view", "customer.edit"])
    FieldDefinition.objects.create(
        code="debts", label_zh="负债", label_en="Debts", ring="extended", type="text", confidentiality="secret"
    )
    customer("甲", owner=seller, phone="+8613900004321")
    client.force_login(seller)
    assert set_field(client, all="1", **{"set.field": field, "set.value": "x"}).status_code == 302
    one = Customer.objects.get()
    assert (one.name, one.phone, one.number, one.profile, one.version) == ("甲", "+8613900004321", "", {}, 1)


def test_others_customers_stay_as_they_are(client: Client, seller: User, boss: User, oil: None) -> None:
    Role.objects.update(permissions=["customer.view", "customer.edit"])
    mine, other = customer("甲", owner=seller), customer("乙", owner=boss)
    shared = customer("丙", owner=boss)
    shared.shares.create(user=seller, can_edit=False)
    client.force_login(seller)
    set_field(client, id=[mine.pk, other.pk, shared.pk], **{"set.field": "oil", "set.value": "full"})
    assert list(Customer.objects.exclude(profile={})) == [mine]


def test_owner_and_department_are_fields_for_who_may_hand_over(client: Client, seller: User, boss: User) -> None:
    one, place = customer("甲", owner=seller), Department.objects.create(name="二店")
    Role.objects.update(permissions=["customer.view", "customer.edit"])
    client.force_login(seller)
    assert 'value="owner"' not in set_field(client, id=one.pk).content.decode()
    assert set_field(client, id=one.pk, **{"set.field": "department", "set.value": str(place.pk)}).status_code == 403
    client.force_login(boss)
    assert "二店" in set_field(client, id=one.pk, **{"set.field": "department"}).content.decode()
    set_field(client, id=one.pk, **{"set.field": "department", "set.value": str(place.pk)})
    set_field(client, id=one.pk, **{"set.field": "owner", "set.value": str(boss.pk)})
    one.refresh_from_db()
    assert (one.owner, one.department) == (boss, place)


def test_many_are_changed_in_the_background_with_a_page_to_watch_and_cancel(
    client: Client, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass, "AT_ONCE", 1)
    customer("甲"), customer("乙")
    client.force_login(boss)
    answer = client.post("/lists/customers/bulk", {"query": "", "all": "1", "sure": "1", "action": "delete"})
    [asked] = MassChange.objects.all()
    address = f"/customers/many/{asked.pk}/"
    assert answer.headers["Location"] == address
    assert "hx-get" in client.get(address).content.decode()
    assert "<html" not in client.get(address, headers={"X-Part": "progress"}).content.decode()
    client.post(f"{address}cancel/")
    actions.carry_out_mass(mass_id=asked.pk, at=timezone.now())
    assert client.get(address, headers={"X-Part": "progress"}).headers["HX-Refresh"] == "true"
    assert "hx-get" not in client.get(address).content.decode()
    assert Customer.objects.living().count() == 2
    assert "0" in client.get("/notices/").content.decode()
    assert client.post(f"{address}dance/").status_code == 404


def test_the_bin_is_a_list_and_gives_back_what_is_chosen(client: Client, boss: User, seller: User) -> None:
    gone = [customer(name, deleted_at=timezone.now()) for name in ("甲一", "甲二", "乙")]
    client.force_login(boss)
    page = client.get("/customers/deleted/?name=甲").content.decode()
    assert "甲二" in page
    assert "乙" not in page
    client.post("/lists/bin/bulk", {"query": "name=甲", "all": "1", "sure": "1", "action": "restore"})
    assert set(Customer.objects.living()) == set(gone[:2])
    client.force_login(seller)
    assert client.get("/customers/deleted/").status_code == 403
