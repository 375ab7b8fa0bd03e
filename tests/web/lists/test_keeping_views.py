"""A list's address kept under a name."""

import pytest
from django.test import Client

from tests.web.lists.world import customer, ids_shown
from zhike.customers.models import Customer
from zhike.teams.models import SavedView, User

pytestmark = pytest.mark.django_db


def test_a_saved_view_is_an_address_under_a_name(client: Client, boss: User, many: list[Customer]) -> None:
    client.force_login(boss)
    client.post("/lists/customers/views", {"name": "上海大客户", "query": "grade=key&region=上海&at=xyz", "pinned": "1"})
    view = SavedView.objects.get()
    assert (view.query, view.is_pinned, view.is_shared) == ("grade=key&region=%E4%B8%8A%E6%B5%B7", True, False)
    page = client.get("/customers/").content.decode()
    assert "上海大客户" in page
    assert client.get(f"/customers/?{view.query}&view={view.pk}").status_code == 200
    client.post(f"/lists/customers/views/{view.pk}/delete", {"query": ""})
    assert not SavedView.objects.exists()


def test_a_shared_view_shows_others_their_own_rows(client: Client, boss: User, seller: User) -> None:
    customer("张伟", region="上海")
    mine = customer("王芳", region="上海", owner=seller)
    client.force_login(boss)
    client.post("/lists/customers/views", {"name": "上海", "query": "region=上海", "shared": "1"})
    client.post("/lists/customers/views", {"name": "我的", "query": "region=杭州"})
    client.force_login(seller)
    page = client.get("/customers/").content.decode()
    assert ">上海</a>" in page
    assert "我的" not in page.replace("我的菜单", "").replace("我的账户", "")
    assert ids_shown(client.get("/customers/?region=上海")) == [mine.pk]
    view = SavedView.objects.get(name="上海")
    assert client.post(f"/lists/customers/views/{view.pk}/delete", {"query": ""}).status_code == 404
