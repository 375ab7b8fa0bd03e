"""What must not matter (order of rows, names of customers, currency, how the table was cut), and what must: the truth behind."""

from datetime import date, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtri

import zhike_insight as zi
from tests.insight.conftest import simulate

AS_OF = date(2026, 6, 30)
sale = st.tuples(st.integers(1, 6), st.integers(0, 300), st.integers(-500, 5000))
sales = st.lists(sale, min_size=1, max_size=40)


def _table(rows):
    who, ago, amount = zip(*rows, strict=True)
    days = pa.array([AS_OF - timedelta(days=n) for n in ago], pa.date32())
    return pa.table({"customer_id": pa.array(who, pa.int64()), "date": days, "amount": pa.array(amount, pa.float64())})


def _summaries(table):
    return zi.summaries(zi.transactions(table), AS_OF).order_by("customer_id").to_pyarrow()


def _equal(one, other, scaled=1.0):
    money = {"mean_spend", "revenue", "returned"}
    for name in one.column_names:
        a, b = one[name].to_pylist(), other[name].to_pylist()
        if name in money:
            a = [None if v is None else v * scaled for v in a]
            assert b == pytest.approx(a)
        else:
            assert a == b


@settings(max_examples=12)
@given(sales, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_cut_into_tables_do_not_matter(rows, shuffle):
    whole = _summaries(_table(rows))
    mixed = list(rows)
    shuffle.shuffle(mixed)
    cut = len(mixed) // 2
    parts = [_table(part) for part in (mixed[:cut], mixed[cut:]) if part]
    _equal(whole, _summaries(ibis.union(*map(ibis.memtable, parts)) if len(parts) > 1 else parts[0]))


@settings(max_examples=12)
@given(sales)
def test_another_currency_scales_the_money_alone(rows):
    _equal(_summaries(_table(rows)), _summaries(_table([(who, ago, amount * 8) for who, ago, amount in rows])), scaled=8)


@settings(max_examples=12)
@given(sales)
def test_the_names_of_customers_do_not_matter(rows):
    turned = _summaries(_table([(7 - who, ago, amount) for who, ago, amount in rows]))
    _equal(_summaries(_table(rows)).drop(["customer_id"]), turned.sort_by([("customer_id", "descending")]).drop(["customer_id"]))


def test_later_orders_never_lower_frequency_or_recency():
    rows = [(1, 200, 10), (1, 150, 10), (2, 100, 10)]
    before, after = _summaries(_table(rows)), _summaries(_table([*rows, (1, 3, 10), (2, 2, 10)]))
    for name in ("frequency", "recency"):
        assert all(b > a for a, b in zip(before[name].to_pylist(), after[name].to_pylist(), strict=True))


def test_intervals_of_the_parameters_hold_the_truth_about_as_often_as_they_say():
    truth = {"r": 0.8, "alpha": 5.0, "a": 0.9, "b": 3.0}
    held = dict.fromkeys(truth, 0)
    tries = 40
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        age = rng.uniform(30, 80, 2000)
        x, tx = simulate(rng, 2000, **truth, T=age)
        model = zi.BetaGeoNBD().fit(x, tx, age)
        width = ndtri(0.95) * np.sqrt(np.diag(model.log_covariance_))
        for (name, value), reach in zip(truth.items(), width, strict=True):
            held[name] += abs(np.log(model.parameters_[name] / value)) <= reach
    assert all(0.78 * tries <= n for n in held.values()), held  # 36 of 40 are expected
    assert 0.84 <= sum(held.values()) / (4 * tries) <= 0.97, held
