"""Four stages of loyalty and what loyal years earn, on a crowd that has the answer built in."""

import datetime

import pytest
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer, FieldDefinition, Interaction, Relationship
from zhike.value import actions, queries
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def talk(customer: Customer, days: int = 20, **what: object) -> Interaction:
    at = shop.noon(str(crowd.DAY - datetime.timedelta(days=days)))
    return Interaction(customer=customer, **{"kind": "call", "at": at, **what})


def run(**options: object) -> Analysis:
    done = actions.run_analysis(actor=None, kind="loyalty", options=options)
    assert done.state == RunState.DONE
    return done


def of(analysis: Analysis, customer: Customer) -> Finding:
    return Finding.objects.get(analysis_id=analysis.pk, customer_id=customer.pk)


def test_who_buys_and_who_likes_us_are_told_apart_and_silence_is_no_attitude() -> None:
    people, _run = crowd.scored()
    loves, hates, quiet, gone_fond, gone_cross, gone_quiet = *people[:3], *people[70:73]
    Interaction.objects.bulk_create(
        [talk(one, n, mood=mood)
         for one, mood in ((loves, "happy"), (hates, "unhappy"), (gone_fond, "happy"), (gone_cross, "unhappy"))
         for n in (5, 10, 15)]
    )  # fmt: skip
    done = run()
    found = [of(done, one) for one in (loves, hates, quiet, gone_fond, gone_cross, gone_quiet)]
    assert [one.group for one in found] == ["true", "spurious", "unheard", "latent", "none", "unknown"]
    details = [one.detail or {} for one in found]
    assert [detail["stage"] for detail in details[:3]] == ["behavioural"] * 3
    assert (details[3]["stage"], details[2]["affective"], details[2]["attitude"]) == ("affective", None, None)
    assert details[0]["behavioural"] == pytest.approx(details[2]["behavioural"], abs=25)  # not heard of is no lower score
    assert details[0]["sure"] > details[2]["sure"]
    assert done.report["stages"]["affective"]["known"] == pytest.approx(4 / 90, abs=0.001)
    assert {row["group"]: row["customers"] for row in done.report["sums"]}["true"] == 1
    with translation.override("en"):
        (said,) = queries.said_of(shop.analyst(), quiet.pk)
        assert "Not known: Affective, Conative" in said.sentence
        assert "Ask at the next visit" in said.sentence


def test_answers_problems_put_right_referrals_rivals_and_chosen_fields_are_evidence() -> None:
    people, _run = crowd.scored()
    keen, refuser, mended, rival, wealthy = people[:5]
    Interaction.objects.bulk_create([
        talk(keen, outcome="interested", purpose="selling"), talk(refuser, outcome="declined", purpose="selling"),
        talk(mended, outcome="problem", resolved_at=shop.noon("2026-06-25")), talk(rival, mood="neutral", summary="说去别家做了"),
    ])  # fmt: skip
    Relationship.objects.create(customer=keen, other=people[50], kind="refers")
    for code, kind in (("spends", "money"), ("rival", "text")):
        FieldDefinition.objects.create(code=code, label_zh=code, label_en=code, ring="related", type=kind)
    before = run()
    profile = {"spends": 1_000_000, "rival": "隔壁"}
    Customer.objects.filter(pk=wealthy.pk).update(profile=profile)
    done = run(wallet="spends", competitor="rival")
    assert (of(done, keen).detail or {})["conative"] == pytest.approx(88, abs=5)
    assert (of(done, refuser).detail or {})["conative"] == 0
    assert done.report["evidence"]["recovery"] == [pytest.approx(1 / 90, abs=0.001), 100.0]
    assert (of(done, rival).detail or {})["cognitive"] < (of(done, keen).detail or {})["cognitive"]
    richer, poorer = of(before, wealthy).detail or {}, of(done, wealthy).detail or {}
    assert poorer["behavioural"] < richer["behavioural"] - 10
    assert poorer["cognitive"] < richer["cognitive"]
    assert "wallet" not in before.report["evidence"]


def test_movement_since_the_analysis_before_is_counted_and_said() -> None:
    people, _run = crowd.scored()
    Interaction.objects.bulk_create([talk(people[0], n, mood="happy") for n in (10, 12, 14)])
    first = run()
    assert first.report["moves"] is None
    Interaction.objects.bulk_create([talk(people[0], n, outcome="problem") for n in range(1, 7)])
    second = run()
    assert second.report["moves"] == [["true", "spurious", 1]]
    assert (of(second, people[0]).detail or {})["was"] == "true"
    assert run().report["moves"] == []


def test_what_loyal_years_earn_adds_up_and_what_is_not_recorded_stays_open() -> None:
    """Twenty regulars buy 10 a visit at cost 6: six times in their first year, nine times at 12 in their second."""
    people, rows = shop.customers(40), []
    start = crowd.DAY - datetime.timedelta(days=2 * 364)
    for one in people[:20]:
        rows += [(one, str(start + datetime.timedelta(days=60 * n + 1)), 10.0) for n in range(6)]
        rows += [(one, str(start + datetime.timedelta(days=366 + 40 * n)), 12.0) for n in range(9)]
    shop.orders(rows, cost=6)
    shop.orders([(one, str(crowd.DAY - datetime.timedelta(days=300)), 5.0) for one in people[20:]], cost=3)
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    earned = run().report["earned"]
    first, second = earned["years"]
    assert (earned["loyal"], first["customers"], second["customers"], earned["unit"]) == (20, 20, 20, "orders")
    assert (first["base"], first["profit"]) == (6 * (10 - 6 - 5), 6 * (10 - 6 - 5))
    assert (second["growth"], second["premium"], second["goods"], second["serving"]) == (3 * 4, 9 * 2, 0, -15)
    assert second["profit"] == second["own"] + 12 + 18 - 15 == 9 * (12 - 6 - 5)
    assert (second["referrals"], earned["contacts_since"]) == (None, None)
    assert second["low"] == second["high"] == second["profit"]
    Relationship.objects.create(customer=people[0], other=people[20], kind="refers")
    Interaction.objects.bulk_create([talk(one, 10) for one in people[:20]])
    first, second = run().report["earned"]["years"]
    assert (first["referrals"], second["referrals"]) == (0, pytest.approx(2 / 20))
    assert second["serving"] == -15 - 8
    assert second["low"] < second["profit"] < second["high"]


def test_a_handful_of_customers_is_too_little() -> None:
    shop.orders([(one, "2026-06-01", 100) for one in shop.customers(5)])
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    done = actions.run_analysis(actor=None, kind="loyalty", options={})
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")
