from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import zhike_insight as zi

DAY = date(2026, 3, 1)


def test_lines_of_a_day_are_one_purchase_and_returns_are_none():
    found = zi.product_purchases(
        {
            "customer_id": ["a", "a", "a", "b", None, "b", "c"],
            "product": ["x", "x", "y", "x", "x", None, "y"],
            "date": [DAY, DAY, DAY, DAY, DAY, DAY, None],
            "amount": [1.0, 2.0, -3.0, 4.0, 5.0, 6.0, 7.0],
        }
    )
    assert found.customers.to_pylist() == ["a", "b"]
    assert found.products.to_pylist() == ["x"]
    assert found.matrix().toarray().tolist() == [[1.0], [1.0]]
    assert found.as_of == DAY


def test_later_lines_are_not_looked_at():
    lines = {"customer_id": [1, 1], "product": ["x", "y"], "date": [DAY, date(2026, 4, 1)]}
    assert zi.product_purchases(lines, DAY).products.to_pylist() == ["x"]
    whole = zi.product_purchases(lines)
    assert len(whole.until(DAY).customer) == 1
    assert whole.until(DAY).products.equals(whole.products)


def test_a_million_distinct_products_keep_the_most_bought():
    n = 1_000_000
    lines = {
        "customer_id": np.arange(n + 40) % 20_000,
        "product": np.concatenate([np.arange(n), np.repeat([-1, -2], 20)]),
        "date": np.full(n + 40, np.datetime64("2026-03-01")),
    }
    found = zi.product_purchases(lines, most_products=100)
    assert found.products.to_pylist()[:2] == [-2, -1]
    assert (len(found.products), found.products_left_out) == (100, n - 98)


@pytest.mark.parametrize("missing", ["customer_id", "product", "date"])
def test_a_missing_column_is_named(missing):
    lines = {name: [1] for name in ("customer_id", "product", "date") if name != missing}
    with pytest.raises(zi.BadTable, match=f"'{missing}' is missing"):
        zi.product_purchases(lines)


def test_nothing_usable_is_told():
    with pytest.raises(zi.NotEnoughData, match="no line"):
        zi.product_purchases({"customer_id": [None], "product": ["x"], "date": [DAY]})


lines = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abcd"), st.integers(1, 28)), min_size=1, max_size=40)


@given(lines, st.randoms())
@settings(max_examples=30)
def test_the_order_of_the_lines_does_not_matter(rows, random):
    def table(some):
        who, what, day = zip(*some, strict=True)
        return zi.product_purchases({"customer_id": who, "product": what, "date": [date(2026, 3, d) for d in day]})

    shuffled = rows[:]
    random.shuffle(shuffled)
    one, other = table(rows), table(shuffled)
    assert one.products.equals(other.products)
    assert (one.matrix() != other.matrix()).nnz == 0
    assert one.matrix().sum() == len(set(rows))
