"""Comments through the API."""

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import administrator, person
from zhike.customers import actions
from zhike.teams.choices import Permission, Scope

pytestmark = pytest.mark.django_db


def test_a_comment_is_written_read_changed_deleted_and_restored() -> None:
    boss = administrator()
    lin = person("林涛", can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD], scope=Scope.ALL)
    customer = actions.create_customer(actor=boss, values={"name": "张伟"}, at=timezone.now())
    call = actions.record_interaction(actor=boss, customer=customer, kind="call", at=timezone.now())
    api = Api.with_token(boss)
    there = f"/customers/{customer.pk}/comments"
    assert [one["handle"] for one in api.get(f"/customers/{customer.pk}/mentionable?q=%E6%9E%97").body] == ["林涛"]
    made = api.post(there, {"text": "@林涛 请看", "on": "interaction", "on_id": call.pk})
    assert (made.status, made["untold"], made["comment"]["mentioned"]) == (201, [], [lin.pk])
    key = made["comment"]["id"]
    assert api.patch(f"/comments/{key}", {"text": "改了"})["comment"]["text"] == "改了"
    assert Api.with_token(lin).patch(f"/comments/{key}", {"text": "x"}).status == 404
    assert [one["id"] for one in api.get(f"{there}?on=interaction&on_id={call.pk}")["items"]] == [key]
    assert api.delete(f"/comments/{key}").status == 204
    assert api.get(there)["items"] == []
    assert api.post(f"/comments/{key}/restore")["id"] == key
    api.post(there, {"text": "整体看法"})
    timeline = api.get(f"/customers/{customer.pk}/timeline?kind=comment")["items"]
    assert [one["facts"]["text"] for one in timeline] == ["整体看法"]
    assert api.post(there, {"text": "x", "on": "order", "on_id": 1}).status == 422
