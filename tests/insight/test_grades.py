from datetime import date

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

import zhike_insight as zi


def table(values):
    return ibis.memtable(pa.table({"customer_id": list(range(len(values))), "revenue": pa.array(values, pa.float64())}))


def earned(values, **options):
    rows = zi.grades(table(values), **options).to_pyarrow().to_pylist()
    return [row["earned_grade"] for row in sorted(rows, key=lambda row: row["customer_id"])]


def test_bands_of_cumulative_contribution():
    # 40 + 30 cross a half; 70 + 15 cross 80 %; 85 + 9 + 3 cross 95 %
    assert earned([40, 30, 15, 9, 3, 2, 1]) == ["key", "key", "important", "regular", "regular", "small", "small"]


def test_equal_values_have_equal_grades():
    assert earned([10, 10, 10, 10]) == ["key"] * 4


def test_who_brings_nothing_is_small():
    assert earned([100, 0, -5, None]) == ["key", "small", "small", "small"]
    assert earned([0, -1]) == ["small", "small"]


def test_thresholds():
    limits = {"key": 1000, "important": 100, "regular": 10}
    assert earned([1000, 999.99, 100, 10, 9, None], thresholds=limits) == [
        "key", "important", "important", "regular", "small", "small",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {"shares": {"key": 0.5, "important": 0.4, "regular": 0.9}},
        {"shares": {"key": 0.5, "important": 0.8, "regular": 1.9}},
        {"thresholds": {"key": 1, "important": 2, "regular": 3}},
        {"shares": {"key": 0.5}},
        {"shares": {}, "thresholds": {}},
    ],
)
def test_wrong_numbers_are_refused(options):
    with pytest.raises(ValueError, match=r"must|missing|not both"):
        zi.grades(table([1.0]), **options)


@given(st.lists(st.integers(-50, 1000), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_a_better_customer_never_has_a_worse_grade(values):
    got = earned([float(v) for v in values])
    order = sorted(zip(values, got, strict=True), reverse=True)
    places = [zi.GRADES.index(grade) for _, grade in order]
    assert places == sorted(places)


def test_whale_curve_rises_and_falls():
    curve = zi.whale_curve(table([50, -10, 30, 20, 10]), points=5).to_pyarrow().to_pydict()
    assert curve["customers"] == [1, 2, 3, 4, 5]
    assert curve["customer_share"] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert curve["value_share"] == pytest.approx([0.5, 0.8, 1.0, 1.1, 1.0])


def test_whale_curve_of_many_customers_has_so_many_points():
    curve = zi.whale_curve(table([float(i) for i in range(1, 1001)]), points=20).to_pyarrow()
    assert curve.num_rows == 20
    assert curve["customers"].to_pylist()[:2] == [50, 100]
    assert curve["value_share"].to_pylist()[-1] == pytest.approx(1)


def kept(rows, as_of, **options):
    """Rows of (earned, previous grade, confirmed on)."""
    now = ibis.memtable(pa.table({"customer_id": list(range(len(rows))), "earned_grade": [r[0] for r in rows]}))
    past = [(i, r[1], r[2]) for i, r in enumerate(rows) if r[1]]
    before = ibis.memtable(
        pa.table(
            {
                "customer_id": pa.array([p[0] for p in past], pa.int64()),
                "grade": pa.array([p[1] for p in past], pa.string()),
                "confirmed_on": pa.array([p[2] for p in past], pa.date32()),
            }
        )
    )
    found = zi.keep_grades(now, before, as_of, **options).to_pyarrow().to_pylist()
    return [(row["grade"], row["confirmed_on"]) for row in sorted(found, key=lambda row: row["customer_id"])]


GRACE = [
    ("key", "regular", date(2026, 5, 1)),  # promoted at once
    ("small", "key", date(2026, 5, 1)),  # within the grace
    ("small", "key", date(2025, 5, 1)),  # after it
    ("regular", None, None),  # new
    ("important", "important", date(2025, 1, 1)),  # confirmed
]


def test_demotion_waits_for_the_grace():
    today = date(2026, 6, 1)
    expected = [("key", today), ("key", date(2026, 5, 1)), ("small", today), ("regular", today), ("important", today)]
    assert kept(GRACE, today) == expected
    assert [zi.grade_with_grace(*row, today) for row in GRACE] == expected


def test_without_grace_demotion_is_immediate():
    assert kept(GRACE, date(2026, 6, 1), grace_days=0)[1] == ("small", date(2026, 6, 1))
