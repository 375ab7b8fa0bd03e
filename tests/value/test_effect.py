"""What an action brought: told from what would come anyway, doubted where the groups were not alike."""

import datetime
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer, MassChange
from zhike.customers.queries.tags import known_tags
from zhike.value import actions, queries
from zhike.value.analyses.effect import KIND
from zhike.value.analyses.effect.kind import doubts, verdict
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
DAY = crowd.DAY - datetime.timedelta(days=60)


def come(people: int = 240, *, moved: float = 0.3) -> list[Customer]:
    """Customers who bought once, long ago, so that nobody comes but by chance or by the reminder."""
    known, rng = shop.customers(people), np.random.default_rng(3)
    shop.orders(
        [
            (one, str(DAY - datetime.timedelta(days=int(rng.integers(100, 500)))), round(float(rng.gamma(2, 60)) + 1, 2))
            for one in known
        ]
    )
    crowd.remind(known, moved=moved)
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    return known


def run(**options: Any) -> Analysis:
    done = actions.run_analysis(actor=None, kind="effect", options=crowd.REMINDED | options)
    done.refresh_from_db()
    return done


def test_what_the_reminder_brought_is_told_from_what_would_have_come_anyway() -> None:
    people = come()
    report = run(cost=1).report
    assert report["sizes"] == {"treated": 180, "control": 60}
    assert 0.1 < report["bought"]["control"] < 0.32
    assert 0.1 < report["lift"]["low"] < report["lift"]["value"] < 0.4
    assert report["revenue"]["all"]["low"] > 0
    assert report["revenue"]["all"]["value"] == pytest.approx(180 * report["revenue"]["each"]["value"])
    assert report["net"]["value"] == pytest.approx(report["margin"]["all"]["value"] - 180)
    assert not any(row["differs"] for row in report["balance"])
    assert doubts(report) == []
    tone, said = verdict(report)
    assert (tone, "would not have come" in said or "原本不会来" in said) == ("good", True)
    sums = {row["group"]: row["customers"] for row in report["sums"]}
    assert sums["acted_bought"] + sums["acted_not"] == 180
    assert sums["held_bought"] == round(60 * report["bought"]["control"])
    assert [row[0] for row in report["weeks"]] == list(range(-8, 4))
    assert all(row[1] == row[2] == 0 for row in report["weeks"][:8])
    assert len(people) == sum(sums.values())


def test_a_reminder_without_effect_brings_nothing_and_small_groups_say_what_they_cannot_say() -> None:
    come(moved=0)
    report = run().report
    assert report["lift"]["low"] < 0 < report["lift"]["high"]
    assert verdict(report)[0] == "unsure"
    with translation.override("en"):
        assert f"an effect of {report['visible'] * 100:.1f} points" in verdict(report)[1]
    assert report["model"] == {"problem": "too_few", "least": 50}
    assert not Finding.objects.filter(value__isnull=False).exists()


def test_groups_that_were_chosen_and_not_drawn_are_noticed() -> None:
    people = come()
    for one in people:  # the good ones were reminded
        last = one.orders.order_by("ordered_at")[0]
        one.tags = ["提醒"] if last.amount > 100 else ["提醒·对照"]
    Customer.objects.bulk_update(people, ["tags"])
    report = run().report
    apart = {row["feature"] for row in report["balance"] if row["differs"]}
    assert "revenue" in apart
    with translation.override("en"):
        assert doubts(report)[0].startswith("Not drawn at random: the groups differed before the action already, in Revenue so far")


def test_who_gains_most_is_found_where_there_are_enough_and_said_of_each() -> None:
    known, rng, rows = shop.customers(1000), np.random.default_rng(8), []
    for at, one in enumerate(known):
        late = at % 2 == 0
        rows.append((one, str(DAY - datetime.timedelta(days=int(rng.integers(200, 300) if late else rng.integers(30, 60)))), 80.0))
        acted = at % 3 != 0
        one.tags = ["提醒"] if acted else ["提醒·对照"]
        if rng.random() < 0.25 + (0.4 if acted and late else 0):
            rows.append((one, str(DAY + datetime.timedelta(days=int(rng.integers(0, 28)))), 100.0))
    Customer.objects.bulk_update(known, ["tags"])
    shop.orders(rows)
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    done = run()
    model, gains = done.report["model"], dict(Finding.objects.values_list("customer_id", "value"))
    assert model["sure"]
    assert model["low"] > 0
    assert model["bands"][0]["lift"] > 0.25 > model["bands"][-1]["lift"]
    moved, others = ([gains[one.pk] or 0 for one in known[start::2]] for start in (0, 1))
    assert np.mean(moved) == pytest.approx(0.4, abs=0.1)
    assert np.mean(others) == pytest.approx(0, abs=0.1)
    bands = {row["code"]: row for row in done.report["by"]["silence"]}
    assert bands["365"]["sure"]
    assert not bands["90"]["sure"]
    with translation.override("en"):
        told = Finding(group="acted_bought", value=0.4, detail={"spent": 120.0})
        assert KIND.sentence(told, done.report) == (
            f"Was acted on (提醒, {DAY}), bought within 30 days for ¥120. "
            "Acting on customers like this one changes their chance to buy by 40.0 points."
        )
        assert KIND.sentence(Finding(group="held_not"), done.report) == (
            f"Was held back (提醒, {DAY}), did not buy within 30 days."
        )


def test_what_is_not_over_yet_is_said_and_both_tags_are_left_out() -> None:
    people = come()
    Customer.objects.filter(pk=people[1].pk).update(tags=["提醒", "提醒·对照"])
    Customer.objects.filter(pk=people[2].pk).update(deleted_at="2026-06-01T00:00:00Z")
    report = run(days=90).report
    assert (report["watched"], report["in_both"], report["sizes"]["treated"]) == (61, 1, 178)
    assert len(doubts(report)) == 2


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, {"treated", "control", "day"}),
        ({"treated": "提醒", "control": "提醒", "day": "2026-05-01"}, {"control"}),
        ({"treated": "没有的"}, {"treated"}),
        ({"day": "yesterday"}, {"day"}),
        ({"day": "2026-05-01", "treated": "提醒" * 20}, {"treated"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options: dict[str, Any], named: set[str]) -> None:
    come(40)
    with pytest.raises(ValidationError) as refused:
        actions.run_analysis(actor=None, kind="effect", options=options)
    assert set(refused.value.message_dict) == named


@pytest.mark.parametrize("options", [{"day": str(crowd.DAY)}, {"day": "2030-01-01"}])
def test_what_is_too_early_to_say_ends_as_too_little(options: dict[str, Any]) -> None:
    come(40)
    assert run(**options).problem == "too_little"


def test_groups_of_very_few_end_as_too_little() -> None:
    people = come(40)
    Customer.objects.filter(pk__in=[one.pk for one in people[8:]]).update(tags=[])
    assert run().problem == "too_little"


def test_the_page_offers_tags_and_says_what_is_wrong(client: Client) -> None:
    boss = shop.analyst()
    client.force_login(boss)
    come(60)
    run()
    MassChange.objects.create(kind="hold_back", params={"acted": "提醒", "held": "提醒·对照"}, started_by=boss)
    MassChange.objects.create(kind="tag", params={"add": ["老客户"], "remove": []}, started_by=boss)
    assert known_tags()[:3] == ["老客户", "提醒", "提醒·对照"]
    address = reverse("value-analysis", args=["effect"])
    assert '<option value="提醒·对照">' in client.get(address).content.decode()
    told = {"treated": "提醒", "control": "不存在", "day": "2026-05-01", "days": "30", "cost": "0"}
    wrong = client.post(address, told)
    assert wrong.status_code == 422
    assert "没有客户带这个标签" in wrong.content.decode()
    assert client.post(address, told | {"control": "提醒·对照"}).status_code == 302
    page = client.get(address).content.decode()
    assert f'href="{reverse("customers")}?tags=%E6%8F%90%E9%86%92"' in page
    current = queries.current_analysis("effect")
    assert current is not None
    assert current.options["day"] == crowd.REMINDED["day"]
