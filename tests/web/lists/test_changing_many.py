"""Bulk actions on the selection and on all results."""

import pytest
from django.test import Client

from tests.web.lists.world import customer
from zhike.customers.models import Customer
from zhike.teams.models import Role, User

pytestmark = pytest.mark.django_db


def test_a_bulk_action_takes_the_selection(client: Client, boss: User) -> None:
    one, two, three = customer("甲"), customer("乙"), customer("丙")
    client.force_login(boss)
    client.post(
        "/lists/customers/bulk", {"query": "", "sure": "1", "action": "tag", "tag.add": "老客户，常来", "id": [one.pk, two.pk]}
    )
    tags = dict(Customer.objects.values_list("pk", "tags"))
    assert tags == {one.pk: ["老客户", "常来"], two.pk: ["老客户", "常来"], three.pk: []}


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
