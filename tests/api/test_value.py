"""Value analysis through the API."""

import datetime

import pytest

from tests.api.client import Api
from tests.care import world
from tests.care.world import ON, current_run
from tests.teams.company import person
from zhike.core.models import AuditEntry
from zhike.teams.choices import Permission, Scope
from zhike.value.models import Run, Score

pytestmark = pytest.mark.django_db


def customer(owner, *, clv=None, **fields):
    made = world.customer(owner, **fields)
    Score.objects.filter(customer_id=made.pk).update(clv=clv)
    return made


def test_before_the_first_run_there_is_nothing_to_read(api, boss):
    for path in ("/value/runs/current", "/value/breakdown", "/value/totals", "/value/scores"):
        assert api.get(path).status == 404, path
    assert api.everything("/value/runs") == []


def test_a_run_is_asked_for_watched_and_cancelled(api):
    asked = api.post("/value/runs", {"as_of": "2026-06-30"}, Idempotency_Key="run")
    assert (asked.status, asked["state"], asked["as_of"]) == (202, "waiting", "2026-06-30")
    assert api.post("/value/runs", {"as_of": "2026-06-30"}, Idempotency_Key="run")["id"] == asked["id"]
    assert list(api.post("/value/runs", {})["fields"]) == ["as_of"]
    assert [one["id"] for one in api.everything("/value/runs?state=waiting")] == [asked["id"]]
    assert api.post(f"/value/runs/{asked['id']}/cancel")["state"] == "cancelled"
    assert api.post(f"/value/runs/{asked['id']}/cancel").status == 422
    assert Run.objects.count() == 1


def test_scores_are_listed_filtered_and_ordered(api, boss):
    big, small = (
        customer(boss, name="大", clv=5000.0, grade="key"),
        customer(boss, name="小", clv=50.0, grade="small", stage="lost"),
    )
    none = customer(boss, name="无", clv=None)

    def found(query=""):
        return [one["customer"]["name"] for one in api.everything(f"/value/scores?limit=1&{query}")]

    assert found() == ["大", "小", "无"]
    assert found("sort=clv") == ["小", "大", "无"]
    assert found("grade=key&clv_from=1000") == ["大"]
    assert found("grade=small&stage=lost&stage=stable") == ["小"]
    assert found("stage=lost") == ["小"]
    assert found("p_alive_from=0.99") == found(f"owner={boss.pk + 1}") == []
    assert found("sort=id") == [one.name for one in sorted((big, small, none), key=lambda one: one.pk)]
    assert api.get(f"/customers/{big.pk}/score")["clv"] == 5000.0
    assert api.get(f"/customers/{big.pk}")["standing"]["grade"] == "key"
    assert [one["name"] for one in api.everything("/customers?sort=-clv&limit=1")] == ["大", "小", "无"]
    assert [one["name"] for one in api.everything("/customers?grade=small&stage=lost&sort=clv")] == ["小"]


def test_a_report_tells_what_the_models_learned(api):
    run = current_run()
    Run.objects.filter(pk=run.pk).update(models_fitted={"bgnbd": {"parameters": {"r": 0.24}}}, report={"back_test": {"actual": 7}})
    report = api.get(f"/value/runs/{run.pk}/report")
    assert (report["models"]["bgnbd"]["parameters"]["r"], report["back_test"]["actual"]) == (0.24, 7)


def test_figures_are_added_up_over_what_one_may_see(boss):
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW, Permission.VALUE_VIEW])
    mine, hidden = customer(anna, clv=100.0), customer(boss, clv=9000.0)
    Run.objects.update(customers=2, orders=24, customer_equity=9100)
    api = Api.with_token(anna)
    assert api.get("/value/totals")["clv"] == 100.0
    assert api.get("/value/breakdown?by=grade")["items"][0]["customers"] == 1
    assert [one["customer"]["id"] for one in api.everything("/value/scores?count=exact")] == [mine.pk]
    assert api.get(f"/customers/{hidden.pk}/score").status == 404
    run = api.get("/value/runs/current")
    assert (run["customers"], run["orders"], run["customer_equity"]) == (None, None, None)
    assert Api.with_token(boss).get("/value/runs/current")["customer_equity"] == 9100.0


def test_without_the_right_to_value_the_customer_shows_no_lifetime_value(boss):
    customer(boss, clv=9000.0)
    api = Api.with_token(person(can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL))
    (row,) = api.everything("/customers")
    assert (row["standing"]["clv"], row["standing"]["revenue"], row["standing"]["grade"]) == (None, None, "key")


def test_assumptions_are_changed_within_reason_and_on_record(api):
    assert api.patch("/value/assumptions", {"discount_rate": 0.12})["horizon_months"] == 36
    assert api.get("/value/assumptions")["assumptions"]["discount_rate"] == 0.12
    assert api.patch("/value/assumptions/grades", {"shares": [0.8, 0.5, 0.9]}).status == 422
    assert api.patch("/value/assumptions/grades", {"shares": [0.4, 0.7, 0.9]})["shares"] == [0.4, 0.7, 0.9]
    assert api.patch("/value/assumptions/rfm", {"method": "magic"}).status == 422
    assert api.patch("/value/assumptions/rfm", {"window_days": 365})["window_days"] == 365
    assert api.patch("/value/assumptions/stages", {"lost_silence": 5})["lost_silence"] == 5
    assert AuditEntry.objects.filter(object_type="value.assumptions").exists()


def test_the_pictures_come_as_numbers_over_what_one_may_see(boss):
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW, Permission.VALUE_VIEW])
    mine, hidden = customer(anna, clv=100.0, grade="key"), customer(boss, clv=9000.0, grade="key")
    run = current_run()
    Run.objects.filter(pk=run.pk).update(models_fitted={"matrix": {"cost": 1.0, "present": 2.0, "future": 3.0}})
    Score.objects.update(treatment="keep", cost=10, profit=20)
    api = Api.with_token(anna)
    matrix = api.get("/value/matrix")
    assert [(row["treatment"], row["customers"], row["cost"]) for row in matrix["items"]] == [("keep", 1, 10.0)]
    assert (matrix["cuts"]["future"], matrix["prices"]["visit"]) == (3.0, 120.0)
    assert sum(row["customers"] for row in api.get("/value/spread")["items"]) == 1
    assert api.get("/value/whale")["points"][-1] == [100.0, 1.0]
    assert api.get("/value/movement")["since"] is None
    assert [one["grade"] for one in api.get(f"/customers/{mine.pk}/scores").body] == ["key"]
    assert api.get(f"/customers/{hidden.pk}/scores").status == 404
    compared = api.get(f"/value/compare?first={run.pk}&second={run.pk}")
    assert (compared["first"]["as_of"], compared["second"]["customers"]) == (run.as_of.isoformat(), None)
    assert api.get("/value/compare?first=1").status == 422


def test_a_decision_and_prices_are_kept(api):
    current_run()
    made = api.post("/value/decisions", {"text": "只发短信"}, Idempotency_Key="d")
    assert (made.status, made["text"]) == (201, "只发短信")
    assert [one["id"] for one in api.get("/value/decisions").body] == [made["id"]]
    assert api.post("/value/decisions", {"text": " "}, Idempotency_Key="e").status == 422
    assert api.patch("/value/assumptions/costs", {"visit": 250})["visit"] == 250
    assert api.patch("/value/assumptions/costs", {"visit": -1}).status == 422


def test_one_customer_is_scored_again_at_once(api, boss):
    from zhike.customers.models import Customer

    lonely = Customer.objects.create(name="x", owner=boss)
    assert api.post(f"/customers/{lonely.pk}/rescore").status == 404  # never bought
    assert datetime.date(2026, 1, 1) < ON
