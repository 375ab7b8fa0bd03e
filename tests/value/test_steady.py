"""A company whose customers never leave and all spend alike: the simpler model at the edge, not no model."""

import datetime

import pytest
from django.test import Client

from tests.value import shop
from zhike.value import actions, queries
from zhike.value.actions import rescore_customers
from zhike.value.models import Run, Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]

DAY = datetime.date(2026, 6, 30)


def subscribers(people: int = 20, *, amount: float = 99) -> Run:
    """Everybody comes every fortnight, some since longer than others."""
    rows = [
        (person, str(DAY - datetime.timedelta(days=14 * visit + number % 10)), amount)
        for number, person in enumerate(shop.customers(people))
        for visit in range(6 + number % 5)
    ]
    shop.orders(rows)
    return actions.run_scoring(actor=None, as_of=DAY)


def test_customers_who_never_leave_and_spend_alike_have_a_lifetime_value() -> None:
    run = subscribers()
    told = queries.summary_of(run)
    assert told["bgnbd"]["limit"] == ["one_rate", "nobody_leaves"]
    assert told["gamma_gamma"] == {"mean": pytest.approx(99), "limit": ["one_spend"]}
    scores = list(Score.objects.filter(run_id=run.pk))
    assert {score.p_alive for score in scores} == {1}
    assert [score.expected_spend for score in scores] == pytest.approx([99] * len(scores), rel=1e-5)
    assert all(score.clv_low < score.clv < score.clv_high for score in scores)
    yearly = told["bgnbd"]["rate"] * 365.25 / 7
    assert scores[0].expected_orders == pytest.approx(yearly, rel=1e-4)
    assert run.customer_equity is not None
    assert run.report["curves"]


def test_one_of_them_is_scored_again_by_the_same_model() -> None:
    run = subscribers()
    score = Score.objects.filter(run_id=run.pk).order_by("customer_id").first()
    assert score is not None
    shop.orders([(score.customer, "2026-06-29", 99)])
    rescore_customers(customer_ids=[score.customer_id], as_of=DAY)
    again = Score.objects.get(run_id=run.pk, customer_id=score.customer_id)
    assert (again.frequency, again.p_alive) == (score.frequency + 1, 1)
    assert again.clv == pytest.approx(score.clv, rel=1e-3)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ("更简单的模型", "留存概率都是 100%", "人人按公司均值消费", "每周购买次数", "Poisson")),
        ("en", ("a simpler one fits as well", "likely active is 100% for all", "All customers spend the same", "purchases a week")),
    ],
)
def test_the_page_says_which_model_and_why(client: Client, language: str, words: tuple[str, ...]) -> None:
    subscribers()
    user = shop.analyst()
    user.language = language
    user.save()
    client.force_login(user)
    page = client.get("/value/lifetime/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert [one for one in words if one not in page] == []
