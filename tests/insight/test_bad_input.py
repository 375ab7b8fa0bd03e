"""Every public function and model on tables that people really have: a sentence that says what is wrong, or a result without holes.

Whatever is raised is the library's own `ValueError` or `TypeError` with a sentence, never something from the depths; and nothing
warns but a fit that did not converge.
"""

import datetime
import inspect
import traceback
import warnings
from dataclasses import is_dataclass

import ibis
import pyarrow as pa
import pytest

import zhike_insight as zi

DAY = datetime.date(2026, 6, 30)
LATER = datetime.date(2026, 9, 30)
NAN, INF = float("nan"), float("inf")


def day(number):
    return datetime.date(2025, 6, 30) + datetime.timedelta(days=number)


def shop(customers=40):
    """Who came on which day and what they paid: customer n comes every 20 + n days."""
    return [(n, day(n + (20 + n) * visit), 10.0 + n + visit) for n in range(customers) for visit in range(1 + n % 7)]


def orders(rows, ids=int):
    who, days, amounts = zip(*rows, strict=True) if rows else ([], [], [])
    kind = pa.int64() if ids is int else pa.string()
    days = pa.array(days, None if days and isinstance(days[0], datetime.datetime) else pa.date32())
    return pa.table({"customer_id": pa.array(who, kind), "date": days, "amount": pa.array(amounts, pa.float64())})


LATE = datetime.time(23, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
SHOP = shop()
ORDERS = {
    "as they come": orders(SHOP),
    "unsorted": orders(SHOP[::-1]),
    "each row twice": orders(SHOP + SHOP),
    "returns only": orders([(who, when, -amount) for who, when, amount in SHOP]),
    "free": orders([(who, when, 0.0) for who, when, _ in SHOP]),
    "missing cells": orders([*SHOP, (None, day(3), 5.0), (1, None, 5.0), (1, day(3), None)]),
    "not a number": orders([*SHOP, (1, day(4), NAN), (2, day(4), INF), (3, day(4), -INF)]),
    "nothing usable": orders([(None, day(3), 5.0), (1, None, 5.0), (1, day(3), NAN)]),
    "one customer": orders([(7, day(10 * n), 5.0) for n in range(9)]),
    "one order": orders(SHOP[:1]),
    "all alike": orders([(n, day(30 * visit), 10.0) for n in range(40) for visit in range(5)]),
    "nobody again": orders([(n, day(n), 10.0 + n) for n in range(40)]),
    "beyond the horizon": orders([(who, datetime.date(2199, 1, 1), amount) for who, _, amount in SHOP]),
    "long ago": orders([*SHOP, (5, datetime.date(1, 1, 1), 5.0)]),
    "zone of China": orders([(who, datetime.datetime.combine(when, LATE), amount) for who, when, amount in SHOP]),
    "ids as texts": orders([(f"客户 {who}", when, amount) for who, when, amount in SHOP], ids=str),
    "huge amounts": orders([(who, when, 1e13 * amount) for who, when, amount in SHOP]),
    "empty": orders([]),
}  # fmt: skip
SUMMARY = zi.summaries(zi.transactions(ORDERS["as they come"]), DAY)
COLUMNS = {
    "as they come": [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 2.0, 1.0, 4.0, 6.0, 3.0, 2.0],
    "unsorted": [8.0, 1.0, 5.0, 3.0, 2.0, 0.0, 6.0, 4.0, 1.0, 2.0, 2.0, 3.0],
    "missing": [0.0, None, 2.0, 3.0, 5.0, 8.0, 2.0, 1.0, 4.0, 6.0, 3.0, 2.0],
    "not a number": [0.0, NAN, 2.0, 3.0, 5.0, 8.0, 2.0, 1.0, 4.0, 6.0, 3.0, 2.0],
    "infinite": [0.0, INF, 2.0, 3.0, 5.0, -INF, 2.0, 1.0, 4.0, 6.0, 3.0, 2.0],
    "negative": [-1.0, 1.0, -2.0, 3.0, 5.0, 8.0, 2.0, 1.0, 4.0, 6.0, 3.0, 2.0],
    "zeros": [0.0] * 12,
    "all alike": [3.0] * 12,
    "huge": [1e14, 1e15, 2.0, 3.0, 5.0, 8.0, 2.0, 1.0, 4.0, 6.0, 3.0, 2.0],
    "one": [3.0],
    "texts": ["甲", "乙", "", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子", "丑"],
    "empty": [],
}
TEXTS = {
    "as they come": ["房间很干净，服务热情", "太差了，再也不来", "还可以", "价格贵，环境吵"] * 5,
    "all alike": ["好"] * 20,
    "blank": ["", " ", "\n", "　"],
    "missing": ["好", None, "差"],
    "no Chinese": ["good", "12345", "\U0001f600", "\x00"],
    "very long": ["很好" * 20_000, "差"],
    "one": ["好"],
    "empty": [],
}


def half(values):
    return [n % 2 for n in range(len(values))]


def by_twos(values):
    return [n // 2 % 2 for n in range(len(values))]


def zeros(values):
    return [0.0] * len(values)


def features(values):
    return {"value": values, "place": [n * 7 % 5 for n in range(len(values))]}


def rows(values):
    return [[value, n * 7 % 5] for n, value in enumerate(values)]


def lines(table):
    """Orders as lines of a basket: a customer's day is a basket, the amount says which product."""
    given = table.to_pydict()
    items = [None if amount is None else f"p{amount}" for amount in given["amount"]]
    return pa.table({**{name: table[name] for name in ("customer_id", "date")}, "basket": table["customer_id"], "item": items,
                     "product": items, "category": items, "price": table["amount"]})  # fmt: skip


def bought(table):
    return zi.product_purchases(lines(table), DAY)


BG = zi.BetaGeoNBD.from_parameters(r=0.24, alpha=4.4, a=0.8, b=2.4)
SPEND = zi.GammaGamma.from_parameters(p=6.0, q=4.0, v=15.0)
PROFIT = ("quantity", "revenue", "goods_cost", "serving_cost", "referred")
RULES = zi.association_rules([["a", "b"]] * 3, support=0.1)
OF_ORDERS = {
    "transactions": zi.transactions,
    "unusable": lambda t: zi.unusable(zi.transactions(t)),
    "summaries": lambda t: zi.summaries(zi.transactions(t), DAY),
    "purchase_triples": lambda t: zi.purchase_triples(zi.summaries(zi.transactions(t), DAY)),
    "calibration_and_holdout": lambda t: zi.calibration_and_holdout(zi.transactions(t), DAY, LATER),
    "repeat_purchases_by_period": lambda t: zi.repeat_purchases_by_period(zi.transactions(t), day(0), DAY),
    "rfm": lambda t: zi.rfm(zi.summaries(zi.transactions(t), DAY)),
    "rfm_grid": lambda t: zi.rfm_grid(zi.rfm(zi.summaries(zi.transactions(t), DAY))),
    "grades": lambda t: zi.grades(zi.summaries(zi.transactions(t), DAY)),
    "whale_curve": lambda t: zi.whale_curve(zi.summaries(zi.transactions(t), DAY)),
    "trends": lambda t: zi.trends(zi.transactions(t), DAY),
    "cohort_retention": lambda t: zi.cohort_retention(zi.transactions(t), DAY),
    "purchase_intervals": lambda t: zi.purchase_intervals(zi.transactions(t), DAY),
    "back_test": lambda t: zi.back_test(zi.transactions(t), day(200), DAY),
    "forecast_purchases": lambda t: zi.forecast_purchases(zi.transactions(t), DAY, LATER),
    "forecast_sales": lambda t: zi.forecast_sales(zi.transactions(t), DAY),
    "product_purchases": bought,
    "ProductAffinity": lambda t: zi.ProductAffinity().fit(bought(t)).recommend(bought(t)),
    "ProductPropensity": lambda t: zi.ProductPropensity(horizon=30).fit(bought(t)).predict(bought(t)),
    "compare_offers": lambda t: zi.compare_offers(bought(t), day(250), days=60),
    "baskets_of": lambda t: zi.baskets_of(lines(t)),
    "pair_rules": lambda t: zi.pair_rules(ibis.memtable(lines(t))),
    "price_steps": lambda t: zi.price_steps(ibis.memtable(lines(t))),
}
OF_NUMBERS = {
    "BetaGeoNBD": lambda v: (zi.BetaGeoNBD().fit(v, v, v), BG.expected_purchases(9, v, v, v), BG.p_alive(v, v, v)),
    "ModifiedBetaGeoNBD": lambda v: zi.ModifiedBetaGeoNBD().fit(v, v, v),
    "ParetoNBD": lambda v: zi.ParetoNBD().fit(v, v, v),
    "BetaGeoBetaBinomial": lambda v: zi.BetaGeoBetaBinomial().fit(v, v, v),
    "ShiftedBetaGeometric": lambda v: zi.ShiftedBetaGeometric().fit(v),
    "GammaGamma": lambda v: zi.GammaGamma().fit(v, v),
    "lifetime_value": lambda v: zi.lifetime_value(BG, SPEND, v, v, v, v, horizon=52),
    "discounted_purchases": lambda v: zi.discounted_purchases(BG, v, v, v, horizon=52),
    "baselines": lambda v: zi.baselines(v, v, 10.0),
    "holdout_report": lambda v: zi.holdout_report({"bgnbd": BG}, v, v, v, v, 10.0),
    "judge": lambda v: zi.judge(v, v),
    "PurchaseRhythm": lambda v: zi.PurchaseRhythm().fit(v, v, v, v),
    "KMeansSegments": lambda v: zi.KMeansSegments(2).fit(rows(v)).predict(rows(v)),
    "MixtureSegments": lambda v: zi.MixtureSegments(2).fit(rows(v)).predict(rows(v)),
    "SelfOrganisingMap": lambda v: zi.SelfOrganisingMap(2, 2).fit(rows(v)).predict(rows(v)),
    "choose_k": lambda v: zi.choose_k(rows(v), [2, 3]),
    "stability": lambda v: zi.stability(rows(v), 2, resamples=2),
    "describe": lambda v: zi.describe(rows(v), half(v), ["a", "b"]),
    "segment_tests": lambda v: zi.segment_tests(half(v), goal=v),
    "Preparation": lambda v: zi.Preparation().fit_transform(features(v)),
    "ChurnModel": lambda v: zi.ChurnModel(folds=2).fit(features(v), half(v)).predict_left(features(v)),
    "UpliftModel": lambda v: zi.UpliftModel(folds=2).fit(features(v * 4), half(v * 4), by_twos(v * 4)).predict_uplift(features(v)),
    "standardised_differences": lambda v: zi.standardised_differences(features(v), half(v)),
    "gain_over_control": lambda v: zi.gain_over_control(v, v, before=(v, v)),
    "smallest_visible_lift": lambda v: [zi.smallest_visible_lift(9, 9, value) for value in v],
    "lift_over_control": lambda v: [zi.lift_over_control(value, 9, 1, 9) for value in v],
    "second_lifetime_value": lambda v: zi.second_lifetime_value(BG, SPEND, v, v, v, horizon=52),
    "CoxModel": lambda v: zi.CoxModel().fit(rows(v[::-1]), v, half(v)),
    "kaplan_meier": lambda v: zi.kaplan_meier(v, half(v)),
    "concordance": lambda v: zi.concordance(v, half(v), v),
    "Scorecard": lambda v: zi.Scorecard().fit(features(v), half(v)).score(features(v)),
    "ScorecardChallenger": lambda v: zi.ScorecardChallenger(trees=5).fit(features(v), half(v)).predict_bad(features(v)),
    "find_bins": lambda v: zi.find_bins(v, half(v)),
    "woe_and_iv": lambda v: zi.woe_and_iv(v, v),
    "auc": lambda v: zi.auc(v, half(v)),
    "ks": lambda v: zi.ks(v, half(v)),
    "psi": lambda v: zi.psi(v, v),
    "calibration": lambda v: zi.calibration(v, half(v)),
    "expert_weights": lambda v: zi.expert_weights([v] * len(v)),
    "key_drivers": lambda v: zi.key_drivers(features(v), v, resamples=5),
    "kano": lambda v: zi.kano(v, v),
    "loyalty_matrix": lambda v: zi.loyalty_matrix(v, v),
    "net_promoter": zi.net_promoter,
    "satisfaction_index": lambda v: zi.satisfaction_index({"a": v}, lowest=0),
    "share_of_wallet": lambda v: zi.share_of_wallet(v, v),
    "wallet_allocation": lambda v: zi.wallet_allocation(v, v),
    "value_matrix": lambda v: zi.value_matrix(v, v, v),
    "seasonality": lambda v: zi.seasonality([day(n) for n in range(7 * len(v))], v * 7),
    "influence": lambda v: zi.influence({"source": v, "target": v[::-1]}),
    "referral_credit": lambda v: zi.referral_credit({"source": v, "target": v[::-1]}, {"person": v, "value": zeros(v)}),
    "association_rules": lambda v: zi.association_rules([[value, 1] for value in v]),
    "hit_rates": lambda v: zi.hit_rates([[value, 1] for value in v], [[value, 1] for value in v], RULES),
    "recommend": lambda v: zi.recommend(RULES, v),
    "retention_value": lambda v: zi.retention_value(v, 0.8, 0.1, periods=len(v) or None),
    "retention_sensitivity": lambda v: zi.retention_sensitivity(100, v, v),
    "simple_value": lambda v: [zi.simple_value(value, value, value) for value in v],
    "unit_days": lambda v: [zi.unit_days(value) for value in v],
    "loyalty_profit": lambda v: zi.loyalty_profit({"year": [n + 1 for n in half(v)], **dict.fromkeys(PROFIT, v)}),
    "nine_indicators": lambda v: zi.nine_indicators(pa.table({"customer": half(v), "value": v}), [zi.Evidence("credit", "value")]),
}  # fmt: skip
OF_TEXTS = {
    "SentimentModel": lambda t: zi.SentimentModel(folds=2).fit(t, half(t)).predict(t),
    "lexicon_sentiment": zi.lexicon_sentiment,
    "topics_of": zi.topics_of,
    "urgency_of": zi.urgency_of,
    "keywords": lambda t: zi.keywords(t, t),
    "word_tree": lambda t: zi.word_tree(t, "服务"),
    "words_of": lambda t: [zi.words_of(text) for text in t],
    "company_name": lambda t: [zi.company_name(text) for text in t],
    "person_name": lambda t: [zi.person_name(text) for text in t],
    "find_duplicates": lambda t: zi.find_duplicates({"name": t, "phone": t}),
    "learn_match_weights": lambda t: zi.learn_match_weights({"name": t}, [(0, 1)]),
}
NOT_SO_PLAIN = {  # want more, or other columns, than the plain table, which they refuse too
    "ProductPropensity", "compare_offers", "ShiftedBetaGeometric", "Scorecard", "expert_weights", "kano", "wallet_allocation",
    "retention_sensitivity", "smallest_visible_lift", "unit_days",
}  # fmt: skip
SLOW = {
    "ChurnModel", "ScorecardChallenger", "SentimentModel", "choose_k", "stability", "key_drivers", "KMeansSegments",
    "MixtureSegments", "SelfOrganisingMap", "lifetime_value",
}  # fmt: skip
NO_TABLE = {  # take a day, a name or a choice, each tested where it lives; or follow a table that was tested above
    "chinese_festivals", "connect", "expected_stays", "grade_with_grace", "kano_class", "keep_grades", "match_words", "stages",
    "transitions",
}  # fmt: skip


def refused_or_whole(analysis, given):
    """The message, or what came out with every lazy table computed."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", zi.NotConverged)
        warnings.filterwarnings("ignore", "fetch_arrow_table")  # of Ibis
        try:
            found = analysis(given)
            return found.to_pyarrow() if isinstance(found, ibis.Expr) else found
        except (ValueError, TypeError) as problem:
            refused = problem
    raised_in = list(traceback.walk_tb(refused.__traceback__))[-1][0].f_code.co_filename
    assert "zhike_insight" in raised_in, f"from the depths: {refused!r}"
    assert len(str(refused)) > 12, refused
    return str(refused)


def cases(analyses, tables, always, slow):
    """Every analysis on every table; what is slow only on some, unless asked for (`make test-long`)."""

    def marks(name, kind):
        return [] if kind in always or name not in slow else [pytest.mark.long]

    return [pytest.param(name, kind, marks=marks(name, kind), id=f"{name}: {kind}") for name in analyses for kind in tables]


@pytest.mark.parametrize(("analysis", "kind"), cases(OF_ORDERS, ORDERS, {"nothing usable", "one order", "empty"}, OF_ORDERS))
def test_orders(analysis, kind):
    found = refused_or_whole(OF_ORDERS[analysis], ORDERS[kind])
    assert kind != "as they come" or analysis in NOT_SO_PLAIN or not isinstance(found, str), found


@pytest.mark.parametrize(("analysis", "kind"), cases(OF_NUMBERS, COLUMNS, {"one", "empty"}, SLOW))
def test_numbers(analysis, kind):
    found = refused_or_whole(OF_NUMBERS[analysis], COLUMNS[kind])
    assert kind != "as they come" or analysis in NOT_SO_PLAIN or not isinstance(found, str), found


@pytest.mark.parametrize(("analysis", "kind"), cases(OF_TEXTS, TEXTS, {"missing", "one", "empty"}, SLOW))
def test_texts(analysis, kind):
    found = refused_or_whole(OF_TEXTS[analysis], TEXTS[kind])
    assert kind != "as they come" or not isinstance(found, str), found


def test_every_public_function_and_model_is_here():
    results = {name for name in zi.__all__ if is_dataclass(getattr(zi, name))}
    public = {name for name in zi.__all__ if inspect.isroutine(getattr(zi, name)) or inspect.isclass(getattr(zi, name))}
    public -= {name for name in public if inspect.isclass(getattr(zi, name)) and issubclass(getattr(zi, name), Exception)}
    assert public - results == {*OF_ORDERS, *OF_NUMBERS, *OF_TEXTS} | NO_TABLE
