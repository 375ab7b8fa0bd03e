"""Palette, message center, guide, manifest: what they give, and to whom not."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from zhike.care.models import Suggestion
from zhike.core.search import tokens_for
from zhike.customers.models import Customer
from zhike.sales.models import Order, Product
from zhike.teams.actions import give_notice
from zhike.teams.models import Notice, Role, SavedView, User
from zhike.web.frame.places import ACTIONS, PLACES
from zhike.web.help.guide import chapters
from zhike.web.layout import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller() -> User:
    role = Role.objects.create(name="sales", permissions=["customer.view"], scope="own", clearance="internal")
    person = User.objects.create(username="li", name="李雷")
    person.roles.add(role)
    return person


def found(client: Client, text: str) -> dict[str, list[str]]:
    answer: Any = client.get("/search", {"q": text}).json()
    return {kind["label"]: [item["text"] for item in kind["items"]] for kind in answer["kinds"]}


def customer(name: str, phone: str = "", **fields: Any) -> Customer:
    return Customer.objects.create(name=name, phone=phone, search=tokens_for(name, phones=[phone]), **fields)


def test_the_palette_finds_only_what_one_may_see_and_masks_phones(client: Client, seller: User) -> None:
    mine = customer("张伟", "+8613900004321", owner=seller)
    customer("张伟强", "+8613900005555")
    client.force_login(seller)
    assert found(client, "张伟")["客户"] == ["张伟"]
    assert "13900004321" not in client.get("/search?q=张伟").content.decode()
    assert client.get("/search?q=13900004321").json()["open"] == f"/customers/{mine.pk}/"
    assert client.get("/search?q=13900005555").json() == {"kinds": [], "open": ""}


def test_the_palette_offers_no_screen_that_is_closed(client: Client, seller: User) -> None:
    client.force_login(seller)
    screens = found(client, "")["页面"]
    assert "客户" in screens
    assert "审计日志" not in screens
    assert "操作" not in found(client, "")
    client.force_login(User.objects.create(username="boss", name="王芳", is_administrator=True))
    assert "审计日志" in found(client, "shenji")["页面"]
    assert "新建客户" in found(client, "")["操作"]


def test_the_palette_finds_orders_and_products_of_who_may_see_orders(client: Client, seller: User) -> None:
    theirs, mine = customer("张伟"), customer("王芳", owner=seller)
    for number, one in (("DD2026001", theirs), ("DD2026002", mine)):
        Order.objects.create(customer=one, order_no=number, ordered_at=timezone.now(), amount=100)
    Product.objects.create(code="P7", name="机油滤清器")
    client.force_login(seller)
    assert "订单" not in found(client, "DD2026")
    assert "产品" not in found(client, "滤清")
    Role.objects.update(permissions=["customer.view", "order.view"])
    assert found(client, "DD2026")["订单"] == ["DD2026002"]
    assert found(client, "滤清")["产品"] == found(client, "p7")["产品"] == ["机油滤清器"]
    assert "订单" not in found(client, "DD")


def test_every_place_of_the_palette_exists() -> None:
    assert [place.route for place in (*PLACES, *ACTIONS) if not address(place.route)] == []


def test_the_palette_gives_at_most_eight_of_a_kind(client: Client, seller: User) -> None:
    for at in range(12):
        customer(f"华腾{at}", owner=seller)
    client.force_login(seller)
    assert len(found(client, "华腾")["客户"]) == 8


def test_views_of_others_are_found_only_when_shared(client: Client, seller: User) -> None:
    boss = User.objects.create(username="boss", name="王芳", is_administrator=True)
    SavedView.objects.create(user=boss, screen="customers", name="大客户甲", query="", is_shared=True)
    SavedView.objects.create(user=boss, screen="customers", name="大客户乙", query="")
    client.force_login(seller)
    assert found(client, "大客户")["已存视图"] == ["大客户甲"]


def test_notices_are_ones_own_and_read_one_by_one_or_all(client: Client, seller: User) -> None:
    other = User.objects.create(username="han", name="韩梅梅")
    for person, rows in ((seller, 1111), (seller, 2222), (other, 3333)):
        give_notice(to=[person.pk], kind="backup.made", params={"rows": rows}, url="/help/")
    client.force_login(seller)
    page = client.get("/notices/").content.decode()
    assert "1,111" in page
    assert "3,333" not in page
    first = Notice.objects.filter(user=seller).earliest("pk")
    assert client.post("/notices/read", {"notice": first.pk}).headers["Location"] == "/help/"
    assert Notice.objects.filter(user=seller, read_at=None).count() == 1
    hers = Notice.objects.get(user=other)
    client.post("/notices/read", {"notice": hers.pk})
    assert not Notice.objects.filter(user=seller, read_at=None).exists()
    assert Notice.objects.get(pk=hers.pk).read_at is None


def test_the_sidebar_counts_whom_i_have_to_contact_and_the_bell_what_i_have_not_read(client: Client, seller: User) -> None:
    one, two = customer("甲", owner=seller), customer("乙")
    other = User.objects.create(username="han", name="韩梅梅")
    for who, about, state in ((seller, one, "open"), (seller, two, "done"), (other, two, "open")):
        Suggestion.objects.create(
            assignee=who, customer=about, rule="birthday", state=state, priority=1, gain=1, due_on="2026-06-01", channel="phone"
        )
    give_notice(to=[seller.pk, other.pk], kind="backup.made", params={"rows": 1})
    client.force_login(seller)
    page = client.get("/notices/").content.decode()
    assert 'aria-label="1 项待处理">1</span>' in page
    assert 'aria-label="1 条未读通知"' in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_guide_opens_and_its_links_lead_somewhere(client: Client, seller: User, language: str) -> None:
    seller.language = language
    seller.save()
    client.force_login(seller)
    pages = chapters(language)
    assert len(pages) > 5
    for one in pages:
        page = client.get(f"/help/{one.name}/").content.decode()
        assert one.title in page
        assert ".md" not in page
        assert "](" not in page
    assert client.get("/help/").status_code == 200
    assert client.get("/help/nothing/").status_code == 404


@pytest.mark.parametrize("name", ["nothing.png", "..%2f..%2fpyproject.toml", "a.svg", "..png"])
def test_only_pictures_of_the_guide_are_given(client: Client, seller: User, name: str) -> None:
    client.force_login(seller)
    assert client.get(f"/help/images/{name}").status_code == 404


def test_the_manifest_is_open_to_everybody(client: Client) -> None:
    sent = client.get("/manifest.webmanifest").json()
    assert sent["display"] == "standalone"
    assert {icon["sizes"] for icon in sent["icons"]} == {"192x192", "512x512", "any"}
