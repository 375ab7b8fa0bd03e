"""Winning back: learned from those who came back, judged on a time it has not seen, told of each who has gone."""

import datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer
from zhike.value import actions, queries
from zhike.value.analyses.winback import KIND
from zhike.value.analyses.winback.kind import verdict
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
DAY = crowd.DAY


def come(people: int = 500) -> list[Customer]:
    """All bought often in one year and then stopped; every other one, the dear ones, comes back for a month once in two years."""
    known, rng, rows = shop.customers(people), np.random.default_rng(6), []
    for at, one in enumerate(known):
        dear = at % 2 == 0
        amount = 300.0 if dear else 40.0
        start = int(rng.integers(900, 1300))
        first = [start - 20 * n - int(rng.integers(0, 8)) for n in range(int(rng.integers(3, 5)) if dear else 1)]
        back = int(rng.integers(10, 560)) if dear and rng.random() < 0.8 else None
        days = first if back is None else [*first, back, back - 7]
        rows += [(one, str(DAY - datetime.timedelta(days=day)), round(amount * rng.uniform(0.8, 1.2), 2)) for day in days]
    shop.orders(rows)
    actions.run_scoring(actor=None, as_of=DAY)
    return known


def run(**options: Any) -> Analysis:
    done = actions.run_analysis(actor=None, kind="winback", options={"silence": 200, "days": 150, "cost": 5, **options})
    done.refresh_from_db()
    return done


def test_who_came_back_teaches_who_comes_back_and_what_it_is_worth() -> None:
    people = come()
    done = run()
    report, rows = done.report, {row.customer_id: row for row in Finding.objects.filter(analysis_id=done.pk)}
    said: dict[int, Any] = {key: row.detail for key, row in rows.items()}
    dear, cheap = ([said[one.pk]["chance"] for one in people[start::2] if one.pk in rows] for start in (0, 1))
    assert done.problem == ""
    assert np.mean(dear) > 3 * np.mean(cheap)
    assert report["auc"] > 0.6
    assert report["gone"] == len(rows)
    assert report["expected"] == pytest.approx(sum(one["chance"] for one in said.values()), abs=0.1)
    for key, row in rows.items():
        assert row.value == pytest.approx(said[key]["chance"] * said[key]["worth"] - 5, abs=0.2)
        assert (row.group == "leave") == ((row.value or 0) <= 0)
        assert said[key]["silence"] >= 200
    assert report["pays"] == sum(row["customers"] for row in report["sums"] if row["group"] != "leave")
    (few,) = [row for row in report["lives"] if row["band"] == "few"]
    assert few["ratio"] == pytest.approx(few["actual"] / few["expected"])
    first = queries.whom_to_win_back(shop.analyst(), limit=3)
    assert [one.value for one in first] == sorted((row.value or 0 for row in rows.values()), reverse=True)[:3]


def test_a_history_in_which_nobody_came_back_says_so(client: Client) -> None:
    come(60)
    done = run()
    assert (done.state, done.problem) == ("failed", "too_little")
    client.force_login(shop.analyst())
    assert "至少 30 位客户" in client.get(reverse("value-analysis", args=["winback"])).content.decode()


def test_an_attempt_that_costs_too_much_pays_for_nobody() -> None:
    come()
    report = run(cost=90_000).report
    assert (report["pays"], report["gain"]) == (0, 0)
    assert {row["group"] for row in report["sums"]} == {"leave"}


def test_the_page_of_leaving_names_whom_to_win_back_first_and_only_own_customers(client: Client) -> None:
    seller = shop.salesperson("li", "customer.view", "value.view")
    people = come()
    Customer.objects.filter(pk=people[0].pk).update(owner=seller)
    boss = shop.analyst()
    client.force_login(boss)
    assert "已流失的客户值多少" in client.get(reverse("value-leaving")).content.decode()
    run()
    (first,) = queries.whom_to_win_back(boss, limit=1)
    page = client.get(reverse("value-leaving")).content.decode()
    assert first.customer.name in page.partition('id="winback"')[2]
    assert "a_winback_value" in client.get(reverse("value-analysis", args=["winback"])).content.decode()
    ranked = client.get(
        reverse("customers") + "?a_winback=first&a_winback=pays&columns=name,a_winback,a_winback_value&sort=-a_winback_value"
    )
    assert first.customer.name in ranked.content.decode()
    assert {one.customer_id for one in queries.whom_to_win_back(seller)} <= {people[0].pk}


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [(0.8, 0.7, "better (0.800)"), (0.6, 0.7, "the length of the silence orders"), (0.7, 0.7, "as well")],
)
def test_where_the_silence_alone_is_better_the_report_says_so(mine: float, theirs: float, words: str) -> None:
    with translation.override("en"):
        assert words in verdict({"auc": mine, "silence_auc": theirs})


def test_each_has_a_sentence() -> None:
    one = Finding(group="pays", value=20.0, detail={"chance": 0.1, "worth": 250.0, "silence": 400.0})
    with translation.override("en"):
        told = (
            "Has not bought for 400 days; of such customers 10.0% come back within 180 days, and this one would then be worth ¥250."
        )
        assert KIND.sentence(one, {"days": 180}) == told
        one.group = "leave"
        assert KIND.sentence(one, {"days": 180}) == told + " An attempt costs more than it brings."
