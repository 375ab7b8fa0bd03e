"""Risk of leaving: learned from those who left, judged on a time it has not seen, told with its reasons."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer
from zhike.teams.models import User
from zhike.value import actions, queries
from zhike.value.analyses.leaving import KIND
from zhike.value.analyses.leaving.kind import BANDS, reason, verdict
from zhike.value.analyses.leaving.stays_in_words import meaning
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
DAY = datetime.date(2026, 6, 30)


def come(owner: User | None = None, people: int = 200) -> list[Customer]:
    known = crowd.wander(owner, people)
    actions.run_scoring(actor=None, as_of=DAY)
    return known


def run(**options: Any) -> Analysis:
    done = actions.run_analysis(actor=None, kind="leaving", options={"days": 120, **options})
    done.refresh_from_db()
    return done


def found(analysis: Analysis) -> dict[int, Finding]:
    return {row.customer_id: row for row in Finding.objects.filter(analysis_id=analysis.pk)}


def test_who_stays_away_is_told_from_who_comes_and_the_figures_add_up() -> None:
    people = come()
    done = run()
    rows, report = found(done), done.report
    steady = [rows[one.pk].value or 0 for one in people[::2]]
    assert max(steady) < 0.4
    silent = [
        row.value or 0 for row in rows.values() if row.detail["reasons"][0][0] in ("silence", "ratio") and (row.value or 0) > 0.5
    ]
    assert silent
    assert report["rivals"][0]["auc"] > 0.8
    assert report["brier"] < report["base_brier"]
    assert report["customers"] == len(rows) == sum(row["customers"] for row in report["sums"])
    assert report["expected"] == pytest.approx(sum(row.value or 0 for row in rows.values()), abs=0.1)
    assert all(BANDS[row.group or ""][0] <= (row.value or 0) + 1e-4 for row in rows.values())
    assert report["lost"] == pytest.approx(sum(row.detail["lost"] or 0 for row in rows.values()), rel=0.01)
    assert sum(row["customers"] for row in report["calibration"]) == report["tested"]


def test_what_was_known_at_the_first_order_tells_who_leaves_sooner() -> None:
    people = come()
    for at, one in enumerate(people):  # half of them can leave; mostly those of the south
        Customer.objects.filter(pk=one.pk).update(region="南区" if at % 2 or at % 10 == 0 else "北区")
    stays = run().report["stays"]
    assert stays["usual"]["region"] == "南区"
    (north,) = [one for one in stays["factors"] if one["value"] == "北区"]
    assert north["low"] < north["factor"] < north["high"] < 0.5
    assert north["p"] < 0.001
    assert stays["concordance"] > 0.6
    assert all(0 <= low <= middle <= high <= 1 for _month, high, middle, low in stays["curves"])
    page = Client()
    page.force_login(shop.analyst())
    told = page.get("/value/analyses/leaving/").content.decode()
    assert "北区（对比南区）" in told
    assert "留得更久" in told


def test_whom_to_keep_first_is_told_by_what_would_leave_with_them() -> None:
    people = come()
    done = run()
    assert done.run is not None
    Finding.objects.filter(analysis_id=done.pk).update(detail={"reasons": []})
    for lost, one in zip((10, 30, 20), people[::2], strict=False):
        Finding.objects.filter(analysis_id=done.pk, customer_id=one.pk).update(detail={"reasons": [], "lost": lost})
    first = queries.leaving(shop.analyst(), done.run, done)[:3]
    assert [(score.customer_id, score.at_risk) for score in first] == [
        (people[2].pk, 30), (people[4].pk, 20), (people[0].pk, 10)
    ]  # fmt: skip


def test_who_has_long_been_gone_is_not_judged() -> None:
    come()
    rows = found(run())
    long_gone = {
        row.pk
        for row in Customer.objects.all()
        if row.orders.order_by("-ordered_at")[0].ordered_at.date() < DAY - datetime.timedelta(days=241)
    }
    assert long_gone
    assert not long_gone & set(rows)


def test_nothing_after_the_day_of_the_test_is_known_to_the_model_that_is_tested() -> None:
    come()
    first = run().report["rivals"]
    # a return years later, and everything after as_of, change nothing that was known then
    person = Customer.objects.order_by("pk")[0]
    shop.orders([(person, str(DAY + datetime.timedelta(days=20)), 99.0)])
    assert run().report["rivals"] == first


def test_gone_by_the_own_rhythm_is_sooner_than_by_the_period() -> None:
    come()
    by_period, by_rhythm = run(), run(label="rhythm")
    assert by_rhythm.report["test_left"] >= by_period.report["test_left"]
    assert by_rhythm.report["label"] == "rhythm"


def test_each_customer_has_a_sentence_with_reasons_and_what_is_at_risk() -> None:
    reasons = [["silence", 90.0, 1.4], ["visits", 7.0, -0.6], ["spend", 120.0, 0.02]]
    one = Finding(group="high", value=0.82, detail={"reasons": reasons, "lost": 1300.0})
    with translation.override("en"):
        assert KIND.sentence(one, {"days": 120}) == (
            "Will stay away for the next 120 days with a chance of 82%: "
            "Days since the last order 90 (raises it), Visits 7 (lowers it). At risk: ¥1.3k."
        )
    with translation.override("zh-hans"):
        assert "今后 120 天不再来的可能性为 82%" in KIND.sentence(one, {"days": 120})
    assert reason("silence", 90.0, 0.01) == ""
    assert reason("unknown", 1.0, 3.0) == ""


@pytest.mark.parametrize(
    ("factor", "p", "words"),
    [
        ((0.8, 0.7, 0.9), 0.001, "stays longer: at any time 20% fewer of them go (10% to 30%)"),
        ((1.5, 1.2, 1.9), 0.001, "leaves sooner: at any time 50% more of them go (20% to 90%)"),
        ((1.1, 0.9, 1.3), 0.2, "no difference"),
    ],
)
def test_a_factor_is_told_in_words_with_its_interval(factor: tuple[float, ...], p: float, words: str) -> None:
    one = dict(zip(("factor", "low", "high"), factor, strict=True)) | {"p": p, "alike_p": 0.001}
    with translation.override("en"):
        assert words in meaning(one)
        assert ("does not act alike" in meaning(one)) == (p < 0.05)


@pytest.mark.parametrize(
    ("mine", "theirs", "words"), [(0.9, 0.8, "better (0.900)"), (0.7, 0.8, "a simple way"), (0.8, 0.8, "as well")]
)
def test_where_a_simple_way_is_better_the_report_says_so(mine: float, theirs: float, words: str) -> None:
    rivals = [{"name": "model", "auc": mine, "top": 0.5}, {"name": "silence", "auc": theirs, "top": 0.5}]
    with translation.override("en"):
        assert words in verdict({"rivals": rivals})


@pytest.mark.parametrize(("theirs", "is_told"), [(0.70, True), (0.62, False), (0.50, False)])
def test_a_simple_way_that_finds_more_at_the_top_is_named(theirs: float, is_told: bool) -> None:
    rivals = [{"name": "model", "auc": 0.8, "top": 0.62}, {"name": "silence", "auc": 0.7, "top": theirs}]
    with translation.override("en"):
        assert ("riskiest tenth" in verdict({"rivals": rivals})) is is_told


def test_too_few_customers_and_impossible_periods_are_refused() -> None:
    crowd.scored()
    with pytest.raises(ValidationError):
        actions.run_analysis(actor=None, kind="leaving", options={"days": 5})
    done = actions.run_analysis(actor=None, kind="leaving", options={"days": 365})
    done.refresh_from_db()
    assert done.problem == "too_little"


def test_the_page_of_leaving_shows_the_chance_and_the_analysis_its_pictures() -> None:
    come()
    client, boss = Client(), shop.analyst()
    client.force_login(boss)
    before = client.get("/value/leaving/").content.decode()
    done = run()
    after = client.get("/value/leaving/").content.decode()
    assert "/value/analyses/leaving/" in before
    assert "流失可能性" in after
    page = client.get("/value/analyses/leaving/")
    assert page.status_code == 200
    for name in ("bands", "calibration", "drivers", "survival"):
        chart = client.get(f"/value/analyses/leaving/chart/{name}/?of={done.pk}").json()
        assert chart["table"]["rows"]
    for name in ("findings", "rivals", "drivers", "calibration", "survival"):
        assert client.get(f"/value/analyses/leaving/export/{name}/").getvalue()


def test_others_customers_are_not_seen() -> None:
    mine, other = (
        shop.salesperson("xiaowang", "customer.view", "value.view"),
        shop.salesperson("xiaoli", "customer.view", "value.view"),
    )
    come(mine)
    done = run()
    assert queries.findings(mine, done).count() == done.customers
    assert queries.findings(other, done).count() == 0
    client = Client()
    client.force_login(other)
    assert client.get("/value/analyses/leaving/").status_code == 200
    assert client.get("/value/leaving/").status_code == 200
