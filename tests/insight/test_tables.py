from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import zhike_insight as zi


def rows(*triples):
    ids, days, amounts = zip(*triples, strict=True)
    return zi.transactions(
        {"customer_id": list(ids), "date": [date(2026, 1, d) for d in days], "amount": [float(a) for a in amounts]}
    )


def summary(table, as_of=date(2026, 1, 31), **options):
    return {row["customer_id"]: row for row in zi.summaries(table, as_of, **options).to_pyarrow().to_pylist()}


def test_purchases_of_one_day_are_one_and_the_first_is_not_a_repeat():
    one = summary(rows((1, 1, 10), (1, 11, 20), (1, 11, 5), (1, 21, 35)))[1]
    assert (one["frequency"], one["recency"], one["age"], one["orders"]) == (2, 20.0, 30.0, 4)
    assert one["mean_spend"] == 30.0
    assert one["revenue"] == 70.0
    assert (one["first_on"], one["last_on"]) == (date(2026, 1, 1), date(2026, 1, 21))


def test_a_return_is_no_purchase_but_lowers_the_revenue():
    one = summary(rows((1, 1, 10), (1, 11, 20), (1, 25, -8)))[1]
    assert (one["frequency"], one["recency"], one["returns"], one["returned"], one["revenue"]) == (1, 10.0, 1, 8.0, 22.0)
    assert one["mean_spend"] == 20.0


def test_a_customer_with_returns_only_has_no_first_day():
    one = summary(rows((1, 5, -3), (2, 5, 4)))[1]
    assert (one["frequency"], one["age"], one["first_on"], one["orders"], one["revenue"]) == (0, 0.0, None, 0, -3.0)


def test_a_free_order_is_a_visit():
    assert summary(rows((1, 1, 10), (1, 11, 0)))[1]["frequency"] == 1


def test_what_comes_after_the_day_is_left_out():
    assert summary(rows((1, 1, 10), (1, 11, 20)), date(2026, 1, 10))[1]["frequency"] == 0


def test_weeks_are_seven_days():
    one = summary(rows((1, 1, 10), (1, 15, 20)), time_unit="week")[1]
    assert one["recency"] == 2.0
    assert one["age"] == pytest.approx(30 / 7)


def test_margin_is_taken_where_known_and_by_rate_elsewhere():
    table = zi.transactions(
        {"customer_id": [1, 1], "date": [date(2026, 1, 1)] * 2, "amount": [100.0, 100.0], "margin": [10.0, None]}
    )
    assert summary(table)[1]["margin"] == 10.0
    assert summary(table, margin_rate=0.3)[1]["margin"] == 40.0
    assert summary(rows((1, 1, 10), (2, 1, -4)), margin_rate=0.5)[2]["margin"] == -2.0
    assert summary(rows((1, 1, 10)))[1]["margin"] is None


def test_lines_of_one_order_are_one_order():
    table = zi.transactions(
        {"customer_id": [1, 1, 1], "date": [date(2026, 1, 1)] * 3, "amount": [1.0, 2.0, 3.0], "order_id": [7, 7, 8]}
    )
    assert summary(table)[1]["orders"] == 2


def test_unusable_rows_are_left_out_and_can_be_counted():
    table = zi.transactions(
        {
            "customer_id": [1, None, 1, 1, 2],
            "date": [date(2026, 1, 1), date(2026, 1, 1), None, date(2026, 1, 3), date(2026, 1, 3)],
            "amount": [1.0, 1.0, 1.0, float("nan"), float("inf")],
        }
    )
    assert zi.unusable(table).count().to_pyarrow().as_py() == 4
    assert list(summary(table)) == [1]


def test_a_missing_column_is_named():
    with pytest.raises(zi.BadTable, match="'amount' is missing"):
        zi.transactions({"customer_id": [1], "date": [date(2026, 1, 1)]})


def test_ids_may_be_text():
    table = zi.transactions(
        {"客户": ["甲", "甲"], "date": [date(2026, 1, 1), date(2026, 1, 2)], "amount": [1, 2]}, {"customer_id": "客户"}
    )
    assert summary(table)["甲"]["frequency"] == 1


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="fortnight"):
        zi.unit_days("fortnight")


def test_calibration_and_holdout_split_at_the_day():
    table = rows((1, 1, 1), (1, 8, 2), (1, 10, 3), (1, 12, 4), (1, 12, 5), (1, 20, 6), (2, 11, 7), (3, 2, 9))
    result = zi.calibration_and_holdout(table, date(2026, 1, 10), date(2026, 1, 15)).to_pyarrow().to_pylist()
    one = {row["customer_id"]: row for row in result}
    assert set(one) == {1, 3}
    assert (one[1]["frequency"], one[1]["holdout_frequency"], one[1]["holdout_spend"], one[1]["before_frequency"]) == (2, 1, 9.0, 2)
    assert (one[3]["holdout_frequency"], one[3]["before_frequency"]) == (0, 0)


def test_repeat_purchases_by_week():
    table = rows((1, 1, 1), (1, 8, 2), (1, 9, 3), (1, 9, 3), (1, 20, 3), (2, 9, 1))
    periods = zi.repeat_purchases_by_period(table, date(2026, 1, 1), date(2026, 1, 31)).to_pyarrow().to_pydict()
    assert periods == {"period": [1, 2, 3], "purchases": [1, 1, 1]}


def test_order_of_rows_does_not_matter_and_tables_may_be_split():
    import random

    rng = random.Random(4)
    start = date(2025, 1, 1)
    data = [(rng.randrange(20), start + timedelta(rng.randrange(300)), rng.randrange(-5, 40)) for _ in range(400)]
    shuffled = rng.sample(data, len(data))
    tables = []
    for part in (data, shuffled):
        ids, days, amounts = zip(*part, strict=True)
        tables.append(zi.transactions({"customer_id": list(ids), "date": list(days), "amount": list(amounts)}))
    assert summary(tables[0], date(2025, 12, 31)) == summary(tables[1], date(2025, 12, 31))


def test_an_order_belongs_to_the_day_its_own_clock_shows():
    shanghai = timezone(timedelta(hours=8))
    times = [datetime(2026, 1, 2, 1, tzinfo=shanghai), datetime(2026, 1, 2, 23, tzinfo=shanghai)]
    bought = zi.transactions({"customer_id": [7, 7], "at": times, "amount": [3, 4]}, {"date": "at"})
    (row,) = zi.summaries(bought, date(2026, 1, 31)).to_pyarrow().to_pylist()
    assert (row["first_on"], row["last_on"], row["frequency"]) == (date(2026, 1, 2), date(2026, 1, 2), 0)


@pytest.mark.parametrize("as_of", ["2026-01-31", datetime(2026, 1, 31, 12, tzinfo=UTC)])
def test_the_end_of_observation_must_be_a_day(as_of):
    bought = zi.transactions({"customer_id": [7], "date": [date(2026, 1, 2)], "amount": [3]})
    with pytest.raises(TypeError, match="as_of must be a date"):
        zi.summaries(bought, as_of)
