"""A double click, the page gone back to and sent again, two of the same at once: done once."""

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.teams.company import administrator
from tests.web.record import made
from zhike.core.models import IdempotencyKey
from zhike.customers.models import Address, Comment, Consent, Contact, Customer, Interaction
from zhike.sales.models import Order

ORDER = {"customer": "张伟", "ordered_at": "2026-03-08", "amount": "100", "kind": "sale"}
# form → what is typed, and what it makes
FORMS: dict[str, tuple[dict[str, str], Any]] = {
    "/orders/new/": (ORDER, Order),
    "/customers/new/": ({"kind": "person", "name": "李四四"}, Customer),
    "/customers/{pk}/record/": ({"kind": "call", "direction": "out", "purpose": "selling", "summary": "回访"}, Interaction),
    "/customers/{pk}/plan/": ({"kind": "call", "at": "2036-03-08T09:00"}, Interaction),
    "/customers/{pk}/comment/": ({"text": "看一下"}, Comment),
    "/customers/{pk}/contacts/new/": ({"name": "司机"}, Contact),
    "/customers/{pk}/addresses/new/": ({"detail": "中山路"}, Address),
    "/customers/{pk}/consents/new/": ({"purpose": "service", "is_given": "1", "evidence": "电话"}, Consent),
}


def token(client: Client, path: str) -> str:
    """Of the form as it is drawn now."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())
    assert found
    return found[1]


def send(client: Client, path: str, typed: dict[str, str]) -> str:
    answer = client.post(path, typed)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return answer.headers["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_the_same_form_sent_again_is_done_once(office: Client, boss: Any, form: str) -> None:
    typed, model = FORMS[form]
    path, before = form.format(pk=made(boss).pk), model.objects.count()
    first = typed | {"csrfmiddlewaretoken": token(office, path)}
    assert send(office, path, first) == send(office, path, first)
    assert model.objects.count() == before + 1
    fresh = typed | {"csrfmiddlewaretoken": token(office, path), "all_the_same": "1"}
    send(office, path, fresh)  # the control: a form drawn anew is another one
    assert model.objects.count() == before + 2


@pytest.mark.django_db
def test_what_is_sent_without_a_form_is_what_it_says(office: Client, boss: Any) -> None:
    """A program that proves itself by the header has no form that could be sent twice."""
    path = f"/customers/{made(boss).pk}/comment/"
    for _twice in range(2):
        send(office, path, {"text": "看一下"})
    assert Comment.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_what_was_refused_is_not_remembered_and_what_was_changed_is_another(office: Client, boss: Any) -> None:
    path = f"/customers/{made(boss).pk}/comment/"
    drawn = {"csrfmiddlewaretoken": token(office, path)}
    assert [office.post(path, drawn | {"text": ""}).status_code for _twice in range(2)] == [422, 422]
    for text in ("一", "二", "一"):
        send(office, path, drawn | {"text": text})
    assert sorted(Comment.objects.values_list("text", flat=True)) == ["一", "二"]
    assert IdempotencyKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_the_second_waits_and_is_led_to_the_same_place() -> None:
    boss = administrator(language="en")
    client = Client()
    client.force_login(boss)
    path = f"/customers/{made(boss).pk}/comment/"
    typed = {"text": "看一下", "csrfmiddlewaretoken": token(client, path)}
    led: list[str] = []

    def click() -> None:
        own = Client()
        own.force_login(boss)
        led.append(send(own, path, typed))
        connection.close()

    clicks = [threading.Thread(target=click) for _each in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert (len(led), len(set(led)), Comment.objects.count()) == (4, 1, 1)
