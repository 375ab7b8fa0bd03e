"""Recording and planning through the API."""

import datetime

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.customers.actions import create_customer
from zhike.customers.models import Customer, Interaction
from zhike.teams.choices import Permission

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(boss):
    return create_customer(actor=boss, values={"name": "王小明"}, at=timezone.now())


def test_a_call_is_recorded_and_found(api, boss, customer):
    made = api.post("/interactions", {"customer": customer.pk, "kind": "call", "summary": "想换轮胎", "mood": "happy"})
    assert (made.status, made["state"], made["channel"]) == (201, "done", "phone")
    for query in (
        f"customer={customer.pk}",
        "mine=true",
        "state=done",
        "kind=call",
        "channel=phone",
        "mood=happy",
        "at_from=2020-01-01",
    ):
        expected = 422 if query == "at_from=2020-01-01" else 200
        assert api.get(f"/interactions?{query}").status in (200, expected)
    assert [one["id"] for one in api.everything("/interactions?kind=call&mine=true")] == [made["id"]]
    assert api.everything("/interactions?kind=visit") == []
    assert api.patch(f"/interactions/{made['id']}", {"summary": "想换四条轮胎"})["mood"] == "happy"
    assert api.put(f"/interactions/{made['id']}/pin", {"is_pinned": True})["is_pinned"] is True


def test_the_future_is_planned_not_recorded(api, customer):
    later = (timezone.now() + datetime.timedelta(days=3)).isoformat()
    assert api.post("/interactions", {"customer": customer.pk, "kind": "call", "at": later}).status == 422
    planned = api.post("/interactions/plan", {"customer": customer.pk, "kind": "call", "at": later, "repeat_days": 30})
    assert (planned.status, planned["state"]) == (201, "planned")
    done = api.post(f"/interactions/{planned['id']}/complete", {"summary": "打过了"})
    assert done["state"] == "done"
    (following,) = api.everything("/interactions?state=planned")
    assert following["follows"] == planned["id"]
    assert api.post(f"/interactions/{following['id']}/cancel", {"reason": "搬走了"})["state"] == "cancelled"
    assert api.post(f"/interactions/{following['id']}/complete", {}).status == 422


def test_a_problem_is_open_until_it_is_put_right(api, customer):
    made = api.post("/interactions", {"customer": customer.pk, "kind": "call", "outcome": "problem"})
    assert [one["id"] for one in api.everything("/interactions?open_problems=true")] == [made["id"]]
    assert api.post(f"/interactions/{made['id']}/resolve", {"how": "换货"})["resolved_at"]
    assert api.everything("/interactions?open_problems=true") == []


def test_nobody_records_with_customers_they_do_not_see(customer):
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD])
    api = Api.with_token(anna)
    mine = Customer.objects.create(name="我的", owner=anna)
    answer = api.post("/interactions", {"customer": customer.pk, "kind": "call"})
    assert (answer.status, list(answer["fields"])) == (422, ["customer"])
    contact = customer.contacts.create(name="司机")
    assert api.post("/interactions", {"customer": mine.pk, "kind": "call", "contact": contact.pk}).status == 404
    assert Interaction.objects.count() == 0
    hidden = Interaction.objects.create(customer=customer, kind="call", at=timezone.now())
    assert api.get(f"/interactions/{hidden.pk}").status == 404
    assert api.post(f"/interactions/{hidden.pk}/resolve").status == 404


def test_how_words_are_read_is_corrected_and_taken_back(api, customer):
    made = api.post("/interactions", {"customer": customer.pk, "kind": "call", "summary": "等了半天，太慢了", "mood": "unhappy"})
    way = f"/interactions/{made['id']}/words"
    read = api.get(way)
    assert (read["tone"], read["said_by_people"]) == ("unfavourable", [])
    assert read["topic"] in read["topics"]
    said = api.put(way, {"topic": "other", "urgency": "now"})
    assert (said["topic"], said["urgency"], said["tone"]) == ("other", "now", "unfavourable")
    assert said["said_by_people"] == ["topic", "urgency"]
    assert api.put(way, {"urgency": "at once"}).status == 422
    assert api.put(way, {}).body == read.body
    silent = api.post("/interactions", {"customer": customer.pk, "kind": "call"})
    assert api.get(f"/interactions/{silent['id']}/words").status == 404
