from datetime import date

import pytest

import zhike_insight as zi


def steps(lines, **options):
    return zi.price_steps(lines, **options).to_pyarrow().to_pylist()


def test_steps_counted_by_hand():
    bought = [
        ("a", "S", 10, 1), ("a", "L", 20, 5), ("b", "S", 10, 1), ("b", "L", 22, 9), ("c", "S", 10, 2),
        ("d", "L", 20, 1), ("d", "S", 10, 3), ("e", "S", 10, 4), ("e", "L", 20, 4), ("f", "L", 21, 2),
    ]  # fmt: skip
    lines = {
        "customer_id": [b[0] for b in bought], "product": [b[1] for b in bought], "category": ["tea"] * 10,
        "price": [b[2] for b in bought], "date": [date(2026, 1, b[3]) for b in bought],
    }  # fmt: skip
    (step,) = steps(lines, least_customers=1)
    assert (step["product"], step["dearer"], step["price"], step["dearer_price"]) == ("S", "L", 10, 20)
    assert (step["customers"], step["moved"], step["days"]) == (3, 2, 6)  # d and e had L before or at once
    assert step["usual_share"] == pytest.approx(2 / 3)  # of a, b, c, who did not start with L
    assert steps(lines, least_rise=1.5, least_customers=1) == []


def test_the_scale_of_money_changes_nothing(shop_lines):
    scaled = {**shop_lines, "price": [price * 7 for price in shop_lines["price"]]}
    one, other = steps(shop_lines), steps(scaled)
    assert one
    assert [(s["product"], s["dearer"], s["moved"], s["share"]) for s in one] == [
        (s["product"], s["dearer"], s["moved"], s["share"]) for s in other
    ]


def test_prices_that_are_none_are_left_out():
    rows = [(c, p, price, date(2026, 1, d)) for c in range(6) for p, price, d in (("S", 10.0, 1), ("L", 20.0, 5))]
    rows += [(9, "S", None, date(2026, 1, 1)), (9, "L", float("inf"), date(2026, 1, 2)), (9, "L", 0.0, date(2026, 1, 2))]
    names = ("customer_id", "product", "price", "date")
    lines = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) | {"category": ["tea"] * len(rows)}
    assert [step["customers"] for step in steps(lines)] == [6]


@pytest.mark.parametrize("wrong", [{"least_rise": 0}, {"least_customers": 0}])
def test_options_out_of_range_are_refused(shop_lines, wrong):
    with pytest.raises(ValueError, match="least_rise must be"):
        zi.price_steps(shop_lines, **wrong)
