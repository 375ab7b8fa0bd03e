from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

import zhike_insight as zi


def found(rows, as_of, **options):
    who, when, amount = zip(*rows, strict=True)
    table = zi.transactions({"customer_id": list(who), "date": list(when), "amount": list(amount)})
    return zi.cohort_retention(table, as_of, **options).to_pyarrow().to_pylist()


def test_a_table_counted_by_hand():
    rows = [
        (1, date(2025, 11, 3), 10), (1, date(2025, 11, 20), 5), (1, date(2026, 1, 9), 10), (2, date(2025, 11, 8), 7),
        (2, date(2025, 12, 1), -7), (3, date(2025, 12, 30), 1), (3, date(2026, 3, 1), 9),
    ]  # fmt: skip
    cells = {(r["cohort"].month, r["age"]): r for r in found(rows, date(2026, 1, 20))}
    assert set(cells) == {(11, 0), (11, 1), (11, 2), (12, 0), (12, 1)}
    assert [cells[11, age]["active"] for age in range(3)] == [2, 0, 1]  # a return is no visit
    assert [cells[11, age]["revenue"] for age in range(3)] == [22, -7, 10]
    assert cells[11, 2]["retention"] == 0.5
    assert [cells[11, age]["is_complete"] for age in range(3)] == [True, True, False]
    assert cells[12, 1]["active"] == 0


@pytest.mark.parametrize(("period", "ages"), [("month", [0, 13]), ("quarter", [0, 4]), ("year", [0, 1])])
def test_periods_are_those_of_the_calendar(period, ages):
    rows = [(1, date(2024, 12, 31), 1), (1, date(2026, 1, 1) - timedelta(days=0 if period == "month" else 1), 1)]
    cells = found(rows, date(2026, 1, 1), period=period)
    assert [r["age"] for r in cells if r["active"]] == ages


def test_an_unknown_period_is_refused():
    with pytest.raises(ValueError, match="period must be one of"):
        found([(1, date(2026, 1, 1), 1)], date(2026, 1, 1), period="fortnight")


def test_only_returns_make_no_cohort():
    assert found([(1, date(2026, 1, 1), -5.0)], date(2026, 2, 1)) == []


purchases = st.lists(st.tuples(st.integers(0, 8), st.dates(date(2024, 1, 1), date(2025, 12, 31)), st.integers(-3, 9)), min_size=1)


@given(purchases, st.randoms())
@settings(max_examples=15)
def test_every_buyer_is_in_one_cohort_and_all_money_in_one_cell(rows, random):
    cells = found(rows, date(2025, 12, 31))
    buyers = {who for who, _, amount in rows if amount >= 0}
    assert sum(r["customers"] for r in cells if r["age"] == 0) == len(buyers)
    assert all(r["active"] == r["customers"] for r in cells if r["age"] == 0)
    first = {who: min(day for w, day, amount in rows if w == who and amount >= 0) for who in buyers}
    money = sum(amount for who, day, amount in rows if who in buyers and day.replace(day=1) >= first[who].replace(day=1))
    assert sum(r["revenue"] for r in cells) == pytest.approx(money)
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert found(shuffled, date(2025, 12, 31)) == cells
