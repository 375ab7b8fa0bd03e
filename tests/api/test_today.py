"""Today through the API: read the list, answer it."""

import datetime

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.care.world import adviser, slipping
from zhike.care.actions import generate_suggestions
from zhike.care.models import Suggestion
from zhike.customers.models import FieldDefinition

pytestmark = pytest.mark.django_db


@pytest.fixture
def yu():
    FieldDefinition.objects.update(weight=0)
    return adviser()


@pytest.fixture
def suggested(yu):
    for _number in range(3):
        slipping(yu)
    generate_suggestions(actor=None, on=timezone.localdate())
    return list(Suggestion.objects.order_by("-priority", "-pk"))


def test_my_list_tells_whom_why_and_with_which_words(yu, suggested):
    api = Api.with_token(yu)
    rows = api.everything("/suggestions?limit=2")
    assert {one["id"] for one in rows} == {one.pk for one in suggested}
    assert [one["facts"] is not None and bool(one["reason"] and one["opening"]) for one in rows] == [True] * 3
    assert api.everything("/suggestions?rule=birthday") == []
    assert len(api.everything(f"/suggestions?who={yu.pk}")) == len(api.everything("/suggestions?who=all")) == 3
    figures = api.get("/suggestions/figures")
    assert (figures["open"], sum(figures["by_rule"].values())) == (3, 3)
    assert len(api.get(f"/customers/{suggested[0].customer_id}/suggestions").body) == 1


def test_done_later_and_no(yu, suggested):
    api, (first, second, third) = Api.with_token(yu), suggested
    done = api.post(f"/suggestions/{first.pk}/complete", {"kind": "call", "outcome": "reached", "summary": "下周来"})
    assert (done.status, done["state"], done["customer"]["id"]) == (201, "done", first.customer_id)
    later = (timezone.localdate() + datetime.timedelta(days=3)).isoformat()
    assert api.post(f"/suggestions/{second.pk}/postpone", {"until": later})["postponed_until"] == later
    assert api.post(f"/suggestions/{third.pk}/refuse", {"refusal": "not_fitting"})["state"] == "refused"
    assert api.everything("/suggestions") == []
    assert api.post(f"/suggestions/{third.pk}/reopen")["state"] == "open"
    assert api.post(f"/suggestions/{first.pk}/refuse", {"refusal": "wrong_time"}).status == 422
    assert api.post(f"/suggestions/{third.pk}/postpone", {"until": "2020-01-01"}).status == 422


def test_a_contact_sent_twice_is_recorded_once(yu, suggested):
    api, body = Api.with_token(yu), {"kind": "call", "outcome": "reached"}
    answers = [api.post(f"/suggestions/{suggested[0].pk}/complete", body, Idempotency_Key="c") for _twice in range(2)]
    assert answers[0].response.content == answers[1].response.content
    assert suggested[0].customer.interactions.count() == 1


def test_others_lists_do_not_exist(suggested):
    other = Api.with_token(adviser("外人"))
    assert other.everything("/suggestions?who=all") == []
    assert other.get(f"/suggestions/{suggested[0].pk}").status == 404
    assert other.post(f"/suggestions/{suggested[0].pk}/complete", {"kind": "call", "outcome": "reached"}).status == 404
