"""What goes together: rules, the next product of each customer with its reason, and who names it best."""

import datetime

import numpy as np
import pytest
from django.utils import translation

from tests.value import shop
from zhike.customers.models import Customer
from zhike.sales.models import OrderLine, Product
from zhike.value import actions, queries
from zhike.value.analyses.together import KIND
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
DAY = datetime.date(2026, 6, 30)


def come() -> list[Customer]:
    """Half drink tea every month, and once had a pot with it; half come for shoes, and for socks with every other pair."""
    people = shop.customers(80)
    rng, rows, goods = np.random.default_rng(2), [], []
    for at, person in enumerate(people):
        clock, visit = float(rng.uniform(0, 40)), 0
        while clock < 420:
            rows.append((person, str(DAY - datetime.timedelta(days=int(420 - clock))), 10.0))
            if at % 2:
                goods.append(["shoes"] + ["socks"] * (visit % 2))
            else:
                goods.append(["tea"] + ["pot"] * (visit == 1))
            clock += rng.gamma(9, 30 / 9)
            visit += 1
    orders = shop.orders(rows)
    shop.lines([(order, code) for order, codes in zip(orders, goods, strict=True) for code in codes])
    actions.run_scoring(actor=None, as_of=DAY)
    return people


def run(**options: object) -> Analysis:
    return actions.run_analysis(actor=None, kind="together", options=options)


def code_of(product: str) -> str:
    return str(Product.objects.get(code=product).pk)


def test_rules_next_products_and_their_sentences() -> None:
    people = come()
    done = run(days=60)
    assert done.state == RunState.DONE, done.problem
    rules = {(tuple(row["left"]), row["right"]): row for row in done.report["rules"]}
    assert rules[(code_of("socks"),), code_of("shoes")]["confidence"] == 1
    found = {one.customer_id: one for one in Finding.objects.filter(analysis_id=done.pk)}
    assert set(found) == {one.pk for one in people}
    drinkers = [found[one.pk] for one in people[::2]]
    assert np.mean([one.group == code_of("tea") for one in drinkers]) > 0.95
    assert np.mean([one.value or 0 for one in drinkers]) > 0.7
    first = drinkers[0]
    with translation.override("zh-hans"):
        assert KIND.sentence(first, done.report).startswith("下一次最可能买商品tea（60 天内可能性")
    with translation.override("en"):
        assert "bought on" in KIND.sentence(first, done.report)
    assert queries.said_of(shop.analyst(), people[0].pk)[0].label == "商品tea"


def test_all_techniques_are_judged_on_days_held_back() -> None:
    come()
    report = run(days=60).report
    techniques = {row["technique"]: row for row in report["techniques"]}
    assert set(techniques) == {"popular", "own", "rules", "neighbours", "regression", "sequence", "propensity"}
    assert techniques["propensity"]["ndcg"] > techniques["popular"]["ndcg"]
    assert report["log_loss"] < report["base_log_loss"]
    assert sum(row["first"] for row in report["products"]) == 80


def test_of_who_stayed_away_no_product_is_called_the_next() -> None:
    people = come()
    gone = shop.customers(3)
    orders = shop.orders([(one, "2024-06-01", 10.0) for one in gone])
    shop.lines([(order, "lamp") for order in orders])
    actions.run_scoring(actor=None, as_of=DAY)
    done = run(days=60)
    found = {one.customer_id: one for one in Finding.objects.filter(analysis_id=done.pk)}
    assert len(found) == len(people) + 3
    assert all((one.value or 0) < 0.35 for one in (found[person.pk] for person in gone))
    with translation.override("en"):
        one = found[gone[0].pk]
        one.group = None
        assert KIND.sentence(one, done.report) == "Will probably buy nothing within 60 days."


def test_what_is_no_longer_sold_is_not_offered() -> None:
    come()
    Product.objects.filter(code="tea").update(is_active=False)
    done = run(days=60)
    gone = str(Product.objects.get(code="tea").pk)
    assert not Finding.objects.filter(analysis_id=done.pk, group=gone).exists()
    assert gone not in done.report["names"]


def test_line_by_line_only_what_has_a_line() -> None:
    come()
    done = run(level="line")
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")  # one line of business: nothing goes with it


def test_orders_without_lines_are_too_little() -> None:
    come()
    OrderLine.objects.all().delete()
    done = run()
    assert (done.state, done.problem, queries.current_analysis("together")) == (RunState.FAILED, "too_little", None)
