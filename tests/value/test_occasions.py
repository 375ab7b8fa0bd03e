"""Occasions: who buys at the next one, judged on the last ones beside a model for which time runs on."""

import datetime

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.value import shop
from zhike.customers.models import Customer
from zhike.value import actions
from zhike.value.analyses.occasions import KIND
from zhike.value.analyses.occasions.kind import verdict
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def come(people: int = 160) -> list[Customer]:
    """Once in a quarter from 2022 on: every other one nearly always, the others seldom; after each one in 12 never comes again."""
    known, rng, rows = shop.customers(people), np.random.default_rng(4), []
    for at, one in enumerate(known):
        for quarter in range(18):  # the first of 2022 to the second of 2026, which is not over
            day = datetime.date(2022 + quarter // 4, 1 + quarter % 4 * 3, 1 + int(rng.integers(0, 28)))
            if quarter == 0 or rng.random() < (0.9 if at % 2 else 0.25):
                rows.append((one, str(day), round(float(rng.uniform(50, 150)), 2)))
            if quarter and rng.random() < 1 / 12:
                break
    shop.orders(rows)
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 5, 31))
    return known


def run(every: str = "quarter") -> Analysis:
    done = actions.run_analysis(actor=None, kind="occasions", options={"every": every})
    done.refresh_from_db()
    return done


def test_who_buys_nearly_always_is_told_from_who_seldom_does_and_the_last_occasions_are_foretold() -> None:
    come()
    done = run()
    report = done.report
    assert report["end"] == "2026-Q1"  # the second quarter is not over
    assert [row["period"] for row in report["held"]] == ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"]
    assert sum(row["came"] for row in report["held"]) == report["actual"]
    assert abs(report["ways"]["bgbb"]["bias"]) < 0.25
    assert report["ways"]["bgbb"]["gini"] > 0.4
    assert sum(row["customers"] for row in report["frequency"]) == report["tested"] == 160
    rows = list(Finding.objects.filter(analysis_id=done.pk))
    assert report["next"] == pytest.approx(sum(row.value or 0 for row in rows), abs=0.1)
    assert {row.group for row in rows if (row.value or 0) >= 0.5} == {"probable"}
    told = {(row.detail or {})["bought"]: row.value or 0 for row in rows if (row.detail or {})["occasions"] == 16}
    assert told[max(told)] > 0.6 > 0.2 > told[min(told)]


def test_too_few_occasions_or_customers_say_so(client: Client) -> None:
    come(40)
    assert run().problem == "too_little"
    assert run("year").problem == "too_little"
    client.force_login(shop.analyst())
    assert "至少需要 6 个已结束的期" in client.get(reverse("value-analysis", args=["occasions"])).content.decode()


def test_the_better_way_is_named_and_each_has_a_sentence() -> None:
    ways = {"bgbb": {"bias": -0.1, "gini": 0.6}, "bgnbd": {"bias": 0.05, "gini": 0.5}}
    with translation.override("en"):
        said = verdict({"ways": ways})
        assert "came “Any time” (off by -10.0%; any time: 5.0%)" in said
        assert "“Occasions” (Gini 0.600; any time: 0.500)" in said
        one = Finding(group="probable", value=0.8, detail={"bought": 5.0, "occasions": 6.0})
        assert KIND.sentence(one, {"every": "quarter"}) == (
            "Bought on 5 of 6 occasions (every quarter) since the first; buys on the next one with a chance of 80%."
        )
