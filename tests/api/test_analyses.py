"""Analyses through the API."""

import pytest

from tests.api.client import Api
from tests.value import crowd, shop
from zhike.customers.models import Customer
from zhike.value import actions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def test_a_program_carries_out_an_analysis_and_reads_what_it_found(api: Api) -> None:
    people, _run = crowd.scored()
    (segments, *_others) = api.get("/analyses/kinds").body
    assert segments["name"] == "segments"
    assert {one["name"]: one["type"] for one in segments["options"]}["features"] == "choices"
    assert api.post("/analyses", {"kind": "segments", "options": {"segments": 40}}).status == 422
    assert api.post("/analyses", {"kind": "horoscope"}).status == 422
    asked = api.post("/analyses", {"kind": "segments", "options": {"segments": 3}})
    assert (asked.status, asked["state"]) == (202, "waiting")
    actions.carry_out_analysis(analysis_id=asked["id"])
    done = api.get(f"/analyses/{asked['id']}")
    assert (done["state"], len(done["groups"]), done["headline"][0]["value"]) == ("done", 3, 3)
    code = done["groups"][0]["code"]
    found = api.everything(f"/analyses/{asked['id']}/findings?group={code}")
    assert len(found) == done["groups"][0]["customers"]
    assert [one["value"] for one in found] == sorted((one["value"] for one in found), reverse=True)
    assert found[0]["sentence"]
    assert api.post(f"/analyses/{asked['id']}/name", {"group": code, "name": "老朋友"}).status == 200
    assert api.get(f"/analyses/{asked['id']}")["groups"][0]["label"] == "老朋友"
    assert api.post(f"/analyses/{asked['id']}/keep", {"kept": True})["is_kept"]
    assert api.send("PUT", "/analyses/kinds/segments/rhythm", {"rhythm": "weekly"})["rhythm"] == "weekly"
    assert api.send("PUT", "/analyses/kinds/horoscope/rhythm", {"rhythm": "weekly"}).status == 404
    assert api.get(f"/analyses/compare?first={asked['id']}&second={asked['id']}").body[0]["first"] == 3
    assert api.post(f"/analyses/{asked['id']}/cancel").status == 422
    assert [one["id"] for one in api.everything("/analyses?kind=segments&state=done")] == [asked["id"]]
    seller = shop.salesperson("li", "customer.view", "value.view")
    Customer.objects.filter(pk=people[0].pk).update(owner=seller)
    narrow = Api.with_token(seller)
    mine = narrow.get(f"/analyses/{asked['id']}")
    assert (mine["headline"], mine["report"], mine["customers"]) == ([], {}, None)
    assert sum(one["customers"] for one in mine["groups"]) == 1
    assert [one["customer"]["id"] for one in narrow.everything(f"/analyses/{asked['id']}/findings")] == [people[0].pk]
