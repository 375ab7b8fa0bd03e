"""Nine indicators from what the company records."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer, Interaction, Relationship
from zhike.value import actions, queries
from zhike.value.analyses.indicators.kind import NAMES, tried
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def run(**weights: float) -> Analysis:
    return actions.run_analysis(actor=None, kind="indicators", options=weights)


def finding(analysis: Analysis, customer: Customer) -> Finding:
    return Finding.objects.get(analysis_id=analysis.pk, customer_id=customer.pk)


def talk(customer: Customer, **what: str) -> None:
    at = shop.noon(str(crowd.DAY - datetime.timedelta(days=20)))
    Interaction.objects.create(customer=customer, kind="call", at=at, **what)


def test_who_brings_much_comes_often_and_brings_others_is_told_apart() -> None:
    people, _run = crowd.scored()
    regular, lost = people[0], people[-1]
    Relationship.objects.create(customer=regular, other=lost, kind="refers")
    talk(regular, direction="in", mood="happy", outcome="reached")
    talk(lost, direction="out", mood="unhappy", outcome="problem")
    done = run()
    best, worst = (finding(done, one).detail["scores"] for one in (regular, lost))
    for name in ("profit", "volume", "loyalty", "network", "interaction"):
        assert best[name] > worst[name], name
    assert best["network"] == 100
    assert finding(done, regular).value > finding(done, lost).value  # type: ignore[operator]
    with translation.override("en"):
        (said,) = queries.said_of(shop.analyst(), regular.pk)
        assert "Strong: " in said.sentence


def test_what_nobody_records_is_not_known_and_lowers_the_confidence_alone() -> None:
    people, _run = crowd.scored()
    done = run()
    detail = finding(done, people[0]).detail
    assert detail["scores"]["network"] is None
    assert detail["sure"]["network"] == 0
    assert detail["sure"]["total"] < 1
    assert done.report["known"]["referred"] == 0
    with translation.override("en"):
        (said,) = queries.said_of(shop.analyst(), people[0].pk)
        assert "Network" in said.sentence.split("Not known:")[1]


def test_weights_decide_the_total_and_can_be_tried_before() -> None:
    people, _run = crowd.scored()
    done = run()
    only = {**dict.fromkeys(NAMES, 0.0), "profit": 1.0}
    trial = tried(done.report, only)
    again = run(**only)
    assert trial["after"] == pytest.approx(again.report["overall"]["profit"], abs=0.1)
    assert finding(again, people[0]).value == finding(again, people[0]).detail["scores"]["profit"]
    same = tried(done.report, done.report["weights"])
    assert (same["alike"], same["stay"]) == (pytest.approx(1), 1)
    with pytest.raises(ValidationError):
        run(**dict.fromkeys(NAMES, 0.0))
    with pytest.raises(ValidationError):
        run(profit=11)


def test_the_record_draws_a_customer_beside_everybody_and_the_time_before(client: Client) -> None:
    people, _run = crowd.scored()
    run()
    run()
    seller = shop.salesperson("li", "customer.view", "value.view")
    Customer.objects.filter(pk=people[0].pk).update(owner=seller)
    client.force_login(seller)
    address = reverse("value-analysis-portrait", args=["indicators", people[0].pk])
    assert address in client.get(reverse("customer", args=[people[0].pk]) + "?tab=value").content.decode()
    drawn = client.get(address).json()
    assert len(drawn["option"]["series"][0]["data"]) == 3
    assert client.get(reverse("value-analysis-portrait", args=["indicators", people[1].pk])).status_code == 404
    assert client.get(reverse("value-analysis-portrait", args=["segments", people[0].pk])).status_code == 404


def test_the_page_tries_other_weights_and_takes_nonsense_calmly(client: Client) -> None:
    crowd.scored()
    run()
    client.force_login(shop.analyst())
    page = reverse("value-analysis", args=["indicators"])
    plain = client.get(page).content
    assert client.get(f"{page}?w_profit=5").content.count(b'class="stat"') > plain.count(b'class="stat"')
    for nonsense in ("w_profit=x", "w_profit=-1", "w_profit=nan", "&".join(f"w_{name}=0" for name in NAMES)):
        answer = client.get(f"{page}?{nonsense}")
        assert answer.status_code == 200
        assert answer.content.count(b'class="stat"') == plain.count(b'class="stat"')


def test_the_means_of_the_newest_segments_tell_them_apart_and_lead_to_their_customers(client: Client) -> None:
    crowd.scored()
    client.force_login(shop.analyst())
    page, word = reverse("value-analysis", args=["indicators"]), "区分度"
    assert run().report["by"]["segment"] == {}
    assert word not in client.get(page).content.decode()
    segments = actions.run_analysis(actor=None, kind="segments", options={"segments": 3})
    done = run()
    means = done.report["by"]["segment"]
    assert done.report["segmentation"] == segments.pk
    assert set(means) == set(Finding.objects.filter(analysis_id=segments.pk).values_list("group", flat=True))
    code = next(iter(means))
    inside = Finding.objects.filter(analysis_id=segments.pk, group=code).values_list("customer_id", flat=True)
    profits = [one.detail["scores"]["profit"] for one in Finding.objects.filter(analysis_id=done.pk, customer_id__in=list(inside))]
    assert means[code]["profit"] == pytest.approx(sum(profits) / len(profits), abs=0.1)
    assert done.report["apart"]["volume"] > 0.5
    assert done.report["apart"]["network"] is None
    shown = client.get(page).content.decode()
    assert word in shown
    assert f"a_segments={code}" in shown
    actions.run_analysis(actor=None, kind="segments", options={"segments": 3})
    assert f"a_segments={code}" not in client.get(page).content.decode()
