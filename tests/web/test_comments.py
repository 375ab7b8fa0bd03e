"""Comments on the record's page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.teams.company import administrator, person
from zhike.customers import actions
from zhike.customers.models import Comment, Customer, Interaction
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import User

pytestmark = pytest.mark.django_db
SELLING = [Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD]


@pytest.fixture
def boss() -> User:
    return administrator("王敏", language="en")


@pytest.fixture
def lin() -> User:
    return person("林涛", can=SELLING, scope=Scope.ALL, language="en")


@pytest.fixture
def office(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


@pytest.fixture
def call(boss: User) -> Interaction:
    customer = actions.create_customer(actor=boss, values={"name": "张伟"}, at=timezone.now())
    return actions.record_interaction(actor=boss, customer=customer, kind="call", at=timezone.now(), summary="想降价")


def test_a_comment_on_a_call_reaches_the_colleague_who_is_named(office: Client, lin: User, call: Interaction) -> None:
    form = reverse("comment-new", args=[call.customer_id]) + f"?on=interaction&key={call.pk}"
    assert "<html" not in office.get(form, headers={"X-Part": "sheet"}).content.decode()
    proposed = office.get(reverse("comment-mention", args=[call.customer_id]), {"q": "林"}, headers={"X-Part": "people"})
    assert 'data-handle="林涛"' in proposed.content.decode()
    answer = office.post(form, {"text": "@林涛 <b>能让</b>多少？"})
    row = Comment.objects.get()
    assert answer.headers["Location"].endswith(f"?comment={row.pk}#comment-{row.pk}")
    hers = Client()
    hers.force_login(lin)
    notice = hers.get(reverse("notices")).content.decode()
    assert "王敏 mentioned you in a comment on 张伟." in notice
    shown = hers.get(lin.notices.get().url.partition("#")[0]).content.decode()
    assert "<b>@林涛</b> &lt;b&gt;能让&lt;/b&gt;多少？" in shown
    assert reverse("comment-edit", args=[row.pk]) not in shown
    assert hers.get(reverse("comment-edit", args=[row.pk])).status_code == 404
    assert hers.post(reverse("comment-settle", args=[row.pk, "delete"])).status_code == 404


def test_ones_own_comment_is_changed_deleted_and_brought_back(office: Client, boss: User, call: Interaction) -> None:
    row = actions.add_comment(actor=boss, customer=call.customer_id, text="第一稿", at=timezone.now()).comment
    page = reverse("customer", args=[call.customer_id])
    office.post(reverse("comment-edit", args=[row.pk]), {"text": "第二稿"})
    shown = office.get(page).content.decode()
    assert "第二稿" in shown
    assert "edited" in shown
    assert office.post(reverse("comment-edit", args=[row.pk]), {"text": " "}).status_code == 422
    on_call = actions.add_comment(
        actor=boss, customer=call.customer_id, text="第三稿", on="interaction", on_id=call.pk, at=timezone.now()
    )
    office.post(reverse("comment-settle", args=[on_call.comment.pk, "delete"]))
    shown = office.get(page).content.decode()
    assert "第三稿" not in shown
    assert reverse("comment-settle", args=[on_call.comment.pk, "restore"]) in shown
    office.post(reverse("comment-settle", args=[on_call.comment.pk, "restore"]))
    assert "第三稿" in office.get(page).content.decode()
    assert office.post(reverse("comment-settle", args=[row.pk, "dance"])).status_code == 404


def test_who_is_named_but_may_not_see_it_is_said(office: Client, call: Interaction) -> None:
    person("外人", can=SELLING, language="en")
    form = reverse("comment-new", args=[call.customer_id])
    assert "Not told, because they may not see it: 外人" in office.post(form, {"text": "@外人 看看"}, follow=True).content.decode()


def test_pinned_ones_stand_on_top_and_an_old_entry_is_found_by_its_comment(office: Client, boss: User, call: Interaction) -> None:
    said = actions.add_comment(
        actor=boss, customer=call.customer_id, text="旧话", on="interaction", on_id=call.pk, at=timezone.now()
    )
    for number in range(25):
        actions.record_interaction(actor=boss, customer=call.customer_id, kind="call", at=timezone.now(), summary=f"later {number}")
    page = reverse("customer", args=[call.customer_id])
    assert "想降价" not in office.get(page).content.decode()
    led_to = office.get(page, {"comment": said.comment.pk}).content.decode()
    assert led_to.index("旧话") < led_to.index("later 24")
    assert office.get(page, {"comment": "9" * 30}).status_code == 200
    office.post(reverse("interaction-settle", args=[call.pk, "pin"]))
    pinned = office.get(page).content.decode()
    assert pinned.index("想降价") < pinned.index("later 24")


@pytest.mark.parametrize("count", [1, 3])
def test_comments_take_the_same_queries_for_any_number(office: Client, boss: User, call: Interaction, count: int) -> None:
    page = reverse("customer", args=[call.customer_id])
    for number in range(count):
        for about in ({}, {"on": "interaction", "on_id": call.pk}):
            actions.add_comment(actor=boss, customer=call.customer_id, text=f"@王敏 {number}", at=timezone.now(), **about)
    office.get(page)
    with CaptureQueriesContext(connection) as asked:
        office.get(page)
    assert len(asked) <= 16, [query["sql"][:100] for query in asked]
    assert Customer.objects.count() == 1
