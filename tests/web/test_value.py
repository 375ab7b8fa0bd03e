"""The value room: every page, chart and file, as people with different rights see them."""

import csv
import datetime
import json
from dataclasses import fields
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.value import cdnow, shop
from tests.value.test_runs import DAY, little_shop
from zhike.core import settings_store
from zhike.customers.models import Customer
from zhike.teams.models import User
from zhike.value import actions, queries
from zhike.value.choices import Grade, RunState, Stage
from zhike.value.models import Decision, Run
from zhike.value.rules import CostRules, GradeRules, RfmRules, StageRules
from zhike.web.layout import address
from zhike.web.value.charts import PICTURES
from zhike.web.value.sheets import TABLES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
PAGES = ["value", "value-grades", "value-rfm", "value-matrix", "value-clv", "value-lifecycle", "value-leaving", "value-equity",
         "value-calculator", "value-runs",
         "value-compare", "value-assumptions"]  # fmt: skip


def signed_in(user: User, client: Client) -> Client:
    client.force_login(user)
    return client


def sent(client: Client, table: str) -> Any:
    return client.post(reverse("list-export", args=[f"value-{table}"]), {"kind": "csv", "all": "1"})


def text_of(client: Client, name: str, query: str = "") -> str:
    answer = client.get(reverse(name) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_before_the_first_run_every_page_says_what_to_do(client: Client, language: str) -> None:
    User.objects.create(username="boss", name="老板", is_administrator=True, language=language)
    signed_in(User.objects.get(), client)
    for name in PAGES:
        text_of(client, name)
    assert address("imports") in text_of(client, "value")
    shop.orders([(shop.customers(1)[0], "2026-06-01", 10)])
    assert reverse("value-runs") in text_of(client, "value")


def test_what_nobody_knows_is_not_nothing(client: Client) -> None:
    User.objects.create(username="boss", name="老板", is_administrator=True)
    signed_in(User.objects.get(), client)
    shop.orders([(shop.customers(1)[0], "2026-06-01", 10)])  # too few for a lifetime value
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 6, 30))
    page = text_of(client, "value")
    assert "¥10" in page
    assert "¥0.00" in page  # the revenue of the other grades
    assert page.count('<span class="faint">–</span>') == len(Grade) + len(Stage)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_after_a_run_of_cdnow_every_page_chart_and_file_is_there(client: Client, language: str) -> None:
    cdnow.load_sample()
    actions.run_scoring(actor=None, as_of=datetime.date(1997, 12, 31))
    actions.run_scoring(actor=None, as_of=datetime.date(1998, 6, 30))
    User.objects.create(username="boss", name="老板", is_administrator=True, language=language)
    signed_in(User.objects.get(), client)
    for name in PAGES:
        assert "undefined" not in text_of(client, name).lower()
    for name in PICTURES:
        picture = client.get(reverse("value-chart", args=[name])).json()
        assert picture["option"]["series"]
        assert picture["table"]["rows"], name
    for name in TABLES:
        lines = b"".join(sent(client, name)).decode("utf-8-sig").splitlines()
        assert len(list(csv.reader(lines))) > 1 or name == "turning-down", name
    run = queries.current_run()
    assert run is not None
    assert client.get(reverse("value-run", args=[run.pk])).status_code == 200
    assert client.get(reverse("value-chart", args=["nothing"])).status_code == 404
    assert sent(client, "nothing").status_code == 404
    for times in (1, 2):  # "one customer", "some customers"
        shop.orders([(customer, "1998-06-29", 25.5) for customer in Customer.objects.order_by("pk")[:times]])
        assert actions.run_incremental(today=datetime.date(1998, 6, 30)) is not None
        assert ("重新评分" if language == "zh-hans" else "scored again") in text_of(client, "value")


def test_every_number_of_the_grade_table_leads_to_as_many_customers(client: Client) -> None:
    little_shop()
    run = actions.run_scoring(actor=None, as_of=DAY)
    boss = shop.analyst()
    signed_in(boss, client)
    page = text_of(client, "value")
    for grade, count in run.report["grades"].items():
        assert f'href="{reverse("customers")}?grade={grade}"' in page
        shown = text_of(client, "customers", f"?grade={grade}")
        assert sum(f">{name}<" in shown for name in Customer.objects.values_list("name", flat=True)) == count


def test_a_salesperson_sees_the_figures_of_own_customers_only(client: Client) -> None:
    seller = shop.salesperson("li", "customer.view", "value.view", "customer.export")
    people = little_shop()
    Customer.objects.filter(pk__in=[people[1].pk, people[3].pk]).update(owner=seller)
    first = actions.run_scoring(actor=None, as_of=DAY)
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 7, 1))
    run = queries.current_run()
    assert run is not None
    assert first.pk != run.pk
    totals = queries.totals(seller, run)
    assert (totals["customers"], totals["revenue"]) == (2, 780)
    assert sum(sum(line.values()) for line in queries.movement(seller, run)["grade"].values()) == 2
    assert queries.movement(seller, run)["left"] == 0
    signed_in(seller, client)
    for name in PAGES[:10]:
        text_of(client, name)
    for name in PICTURES:
        assert client.get(reverse("value-chart", args=[name])).status_code == 200
    grid = b"".join(sent(client, "grid")).decode("utf-8-sig").splitlines()
    assert sum(int(row[2]) for row in list(csv.reader(grid))[1:]) == 2
    everything = json.dumps([client.get(reverse("value-chart", args=[name])).json() for name in ("grades", "stages", "classes")])
    assert "7780" not in everything


def test_who_may_not_see_values_is_refused(client: Client) -> None:
    little_shop()
    run = actions.run_scoring(actor=None, as_of=DAY)
    signed_in(shop.salesperson("li", "customer.view", "customer.export"), client)
    assert {client.get(reverse(name)).status_code for name in PAGES} == {403}
    assert client.get(reverse("value-run", args=[run.pk])).status_code == 403
    assert {client.get(reverse("value-chart", args=[name])).status_code for name in PICTURES} == {403}
    assert {sent(client, name).status_code for name in TABLES} == {403}
    assert queries.visible_scores(User.objects.get(username="li"), run.pk).count() == 0


def test_who_may_only_look_cannot_start_cancel_or_change_anything(client: Client) -> None:
    little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    waiting = Run.objects.create(as_of=DAY)
    signed_in(shop.salesperson("li", "customer.view", "value.view"), client)
    assert client.post(reverse("value-runs"), {"as_of": "2026-06-30"}).status_code == 403
    assert client.post(reverse("value-runs"), {"as_of": "x"}).status_code == 403
    assert client.post(reverse("value-run-cancel", args=[waiting.pk])).status_code == 403
    assert client.post(reverse("value-grades"), {}).status_code == 403
    assert client.get(reverse("value-assumptions")).status_code == 403
    assert sent(client, "grade").status_code == 403
    assert settings_store.read(GradeRules) == GradeRules()
    assert Run.objects.count() == 2


def test_starting_watching_and_cancelling_a_run(client: Client) -> None:
    little_shop()
    signed_in(shop.analyst(), client)
    assert "2026-06-10" in text_of(client, "value-runs")  # the orders ended long ago, so their last day is suggested
    answer = client.post(reverse("value-runs"), {"as_of": "2026-06-30"})
    run = Run.objects.get()
    assert answer.headers["Location"] == reverse("value-run", args=[run.pk])
    assert "<progress" in client.get(answer.headers["Location"]).content.decode()
    again = client.post(reverse("value-runs"), {"as_of": "2026-06-30"})
    assert again.status_code == 422
    client.post(reverse("value-run-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    part = client.get(reverse("value-run", args=[run.pk]), headers={"X-Part": "progress"}).content.decode()
    assert "hx-get" not in part
    assert client.post(reverse("value-runs"), {"as_of": "someday"}).status_code == 422
    to_come = client.post(reverse("value-runs"), {"as_of": "2999-01-01"})
    assert (to_come.status_code, "这一天还没有到" in to_come.content.decode()) == (422, True)


def test_changing_the_cuts_of_the_grades(client: Client) -> None:
    little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    signed_in(shop.analyst(), client)
    good = {"method": "contribution", "basis": "revenue", "key": 40, "important": 70, "regular": 90, "key_from": 3,
            "important_from": 2, "regular_from": 1, "grace_days": 10}  # fmt: skip
    assert client.post(reverse("value-grades"), good).status_code == 302
    assert tuple(settings_store.read(GradeRules).shares) == (0.4, 0.7, 0.9)
    assert client.post(reverse("value-grades"), good | {"important": 30}).status_code == 422
    assert client.post(reverse("value-grades"), good | {"method": "magic"}).status_code == 422
    assert tuple(settings_store.read(GradeRules).shares) == (0.4, 0.7, 0.9)
    assert (
        client.post(
            reverse("value-assumptions"),
            {"group": "assumptions", "default_margin": 25, "discount_rate": 8, "horizon_months": 24, "runs_kept": 3},
        ).status_code
        == 302
    )
    assert client.post(reverse("value-assumptions"), {"group": "assumptions", "default_margin": 250}).status_code == 422


def test_what_if_changes_the_equity_and_nothing_that_is_stored(client: Client) -> None:
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=datetime.date(1998, 6, 30))
    signed_in(shop.analyst(), client)
    before = text_of(client, "value-equity")
    after = text_of(client, "value-equity", "?margin=50&discount=10&retention=0&horizon=36")
    assert before != after
    assert "50.0%" in after
    assert client.get(reverse("value-equity") + "?margin=lots").status_code == 422
    run.refresh_from_db()
    assert run.report["curves"]
    wholes = [
        sum(sum(quarters) for quarters in curves.values()) for curves in (run.report["curves"], *run.report["curves_of"].values())
    ]
    assert wholes == pytest.approx([wholes[0]] * 4, rel=1e-6)
    for by in ("stage", "rfm_class", "segment"):
        assert f"/customers/?{by}=" in text_of(client, "value-equity", f"?by={by}&margin=50&discount=10&retention=0&horizon=36")
    few = shop.salesperson("few", "value.view", "customer.view")
    signed_in(few, client)
    assert client.get(reverse("value-equity") + "?by=stage").status_code == 200


def test_the_calculator_gives_the_textbook_example(client: Client) -> None:
    signed_in(shop.analyst(), client)
    assert "62,400" in text_of(client, "value-calculator")
    text = text_of(client, "value-calculator", "?margin=100&retention=80&discount=10&cost=0&spend=40&visits=52&years=30&periods=")
    assert "¥367" in text
    assert client.get(reverse("value-calculator") + "?retention=100&discount=0&periods=").status_code == 422


def test_the_calculator_foretells_renewals(client: Client) -> None:
    signed_in(shop.analyst(), client)
    text = text_of(client, "value-calculator", "?still=1000+631+468+382+326+289+262+241")
    assert "0.704" in text
    assert "1.182" in text  # as published
    for wrong in ("1000", "1000 900 950", "1000 1000 1000", "many"):
        assert client.get(reverse("value-calculator"), {"still": wrong}).status_code == 422
    assert client.get(reverse("value-calculator") + "?spend=-1").status_code == 422


def test_the_calculator_begins_with_what_is_known_of_a_customer_one_may_see(client: Client) -> None:
    big, *_ = little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    signed_in(shop.analyst(), client)
    assert "1000" in text_of(client, "value-calculator", f"?customer={big.pk}")
    signed_in(shop.salesperson("li", "customer.view", "value.view"), client)
    assert client.get(reverse("value-calculator") + f"?customer={big.pk}").status_code == 404


@pytest.mark.parametrize("name", ["value", "value-rfm", "value-clv", "value-lifecycle"])
def test_the_number_of_queries_does_not_grow_with_the_customers(
    client: Client, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    signed_in(shop.analyst(), client)
    text_of(client, name)
    with django_assert_max_num_queries(12):
        text_of(client, name)
    assert people


def test_an_order_just_entered_shows_in_the_list_and_the_record_at_once(client: Client) -> None:
    """From the form through the reaction to the scores: the customer moves without a run."""
    _big, _steady, _quiet, once, _returner = little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    signed_in(shop.analyst(), client)
    assert once.name not in text_of(client, "customers", "?stage=forming")
    order = {"customer": once.name, "ordered_at": "2026-06-29", "amount": "5000"}
    assert client.post(reverse("order-new"), order).status_code == 302
    assert once.name in text_of(client, "customers", "?grade=important&stage=forming")
    assert "5,080" in client.get(reverse("customer", args=[once.pk])).content.decode()


def test_the_matrix_leads_to_its_customers_and_a_decision_is_written_down(client: Client) -> None:
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=datetime.date(1998, 6, 30))
    boss = shop.analyst()
    signed_in(boss, client)
    rows = {row["treatment"]: row for row in run.report["breakdowns"]["treatment"]}
    assert sum(row["customers"] for row in rows.values()) == run.customers
    page = text_of(client, "value-matrix")
    assert all(f"?treatment={code}" in page for code in rows)
    assert text_of(client, "customers", "?treatment=keep")
    assert client.post(reverse("value-decide"), {"text": "  "}).status_code == 422
    assert client.post(reverse("value-decide"), {"text": "下半部分客户只用短信联系"}).status_code == 302
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.figures["customers"]) == (boss, run.customers)
    assert "下半部分客户只用短信联系" in text_of(client, "value-matrix")
    signed_in(shop.salesperson("li", "customer.view", "value.view"), client)
    assert client.post(reverse("value-decide"), {"text": "x"}).status_code == 403


def test_prices_cuts_and_stage_rules_are_changed_and_stages_tried_first(client: Client) -> None:
    little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    signed_in(shop.analyst(), client)
    page = reverse("value-assumptions")
    prices = {field.name: 1 for field in fields(CostRules)}
    assert client.post(page, prices | {"group": "costs", "visit": 250}).status_code == 302
    assert settings_store.read(CostRules).visit == 250
    assert client.post(page, prices | {"group": "costs", "visit": -1}).status_code == 422
    cuts = {"recency_cuts": "10, 20, 30, 40", "frequency_cuts": "2, 3, 4, 5", "monetary_cuts": "1, 2, 3, 4"}
    rfm = {"group": "rfm", "method": "fixed", "window_days": 365, "monetary": "margin", **cuts}
    assert client.post(page, rfm).status_code == 302
    assert settings_store.read(RfmRules).recency_cuts == (10, 20, 30, 40)
    assert client.post(page, rfm | {"monetary_cuts": "4, 3, 2, 1"}).status_code == 422
    assert client.post(page, rfm | {"monetary_cuts": "much"}).status_code == 422
    stages = {"group": "stages", "lost_silence": 1, "lost_alive": 99, "declining_silence": 1, "declining_alive": 99,
              "declining_trend": -10, "forming_purchases": 4, "forming_days": 180, "alarm_probability": 5}  # fmt: skip
    tried = client.post(page, stages | {"preview": "1"})
    assert tried.status_code == 200
    assert settings_store.read(StageRules) == StageRules()
    assert client.post(page, stages).status_code == 302
    assert settings_store.read(StageRules).lost_alive == 0.99


def test_who_may_have_left_with_most_value_stands_first(client: Client) -> None:
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=datetime.date(1997, 12, 31))
    boss = shop.analyst()
    people = list(queries.leaving(boss, run))
    risks = [person.clv * (1 - person.p_alive) / person.p_alive for person in people]
    assert risks == sorted(risks, reverse=True)
    assert {person.stage for person in people}.isdisjoint({"lost"})
    kept = queries.value_at_risk(boss, run)
    run.report = {}
    added_up = queries.value_at_risk(boss, run)
    assert kept.keys() == added_up.keys()
    assert [kept[stage]["risk"] for stage in kept] == pytest.approx([added_up[stage]["risk"] for stage in kept])
    signed_in(boss, client)
    page = text_of(client, "value-leaving")
    first, second = (page.index(f'href="{reverse("customer", args=[person.customer_id])}"') for person in people[:2])
    assert first < second
    assert not queries.leaving(shop.salesperson("li", "customer.view", "value.view"), run).exists()
