from datetime import date

import pytest

import zhike_insight as zi


def summaries_of(customers):
    """Rows of (id, frequency, silence, revenue)."""
    import ibis
    import pyarrow as pa

    return ibis.memtable(
        pa.table(
            {
                "customer_id": [c[0] for c in customers],
                "frequency": [c[1] for c in customers],
                "recency": [100.0 - c[2] for c in customers],
                "age": [100.0 for _ in customers],
                "revenue": [float(c[3]) for c in customers],
                "first_on": [date(2026, 1, 1) for _ in customers],
            }
        )
    )


def result(table, **options):
    return {row["customer_id"]: row for row in zi.rfm(table, **options).to_pyarrow().to_pylist()}


TEN = [(i, i, 10.0 * i, 100 * i) for i in range(1, 11)]


def test_quintiles_without_ties_hold_a_fifth_each():
    got = result(summaries_of(TEN), one_time="ranked")
    assert [got[i]["m_score"] for i in range(1, 11)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [got[i]["r_score"] for i in range(1, 11)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_equal_values_get_equal_scores():
    got = result(summaries_of([(i, 0 if i < 8 else i, 5.0, 10) for i in range(10)]), one_time="ranked")
    assert {got[i]["f_score"] for i in range(8)} == {1}
    assert (got[8]["f_score"], got[9]["f_score"]) == (5, 5)
    assert {row["m_score"] for row in got.values()} == {1}


def test_one_time_buyers_are_lowest_and_the_others_share_the_rest():
    got = result(summaries_of([(i, max(0, i - 5), 5.0, 10) for i in range(10)]))
    assert [got[i]["f_score"] for i in range(10)] == [1, 1, 1, 1, 1, 1, 2, 3, 4, 5]


def test_one_time_buyers_are_never_often():
    got = result(summaries_of([(i, 0, float(i), 10 * i) for i in range(10)]))
    assert all("value" not in row["rfm_class"] and "keep" not in row["rfm_class"] for row in got.values())


@pytest.mark.parametrize(
    ("frequency", "silence", "revenue", "name"),
    [
        (5, 1, 900, "important_value"),
        (1, 1, 900, "important_develop"),
        (5, 90, 900, "important_keep"),
        (1, 90, 900, "important_retain"),
        (5, 1, 9, "general_value"),
        (1, 1, 9, "general_develop"),
        (5, 90, 9, "general_keep"),
        (1, 90, 9, "general_retain"),
    ],
)
def test_eight_classes(frequency, silence, revenue, name):
    split = {"recency": 30, "frequency": 4, "monetary": 100}
    assert result(summaries_of([(1, frequency, silence, revenue)]), split=split)[1]["rfm_class"] == name


def test_a_value_equal_to_a_cut_gets_the_better_score():
    cuts = {"recency": [7, 30, 60, 90], "frequency": [2, 3, 5, 9], "monetary": [100, 200, 300, 400]}
    got = result(summaries_of([(1, 1, 7, 100), (2, 8, 91, 99.99), (3, 0, 30, 400)]), cuts=cuts)
    assert (got[1]["r_score"], got[1]["f_score"], got[1]["m_score"]) == (5, 2, 2)
    assert (got[2]["r_score"], got[2]["f_score"], got[2]["m_score"]) == (1, 5, 1)
    assert (got[3]["r_score"], got[3]["f_score"], got[3]["m_score"]) == (4, 1, 5)


def test_all_eleven_segments_occur():
    from zhike_insight.rfm import _MAP

    assert {name for row in _MAP for name in row} == set(zi.ELEVEN_SEGMENTS)


def test_best_and_worst_customer_by_segment():
    got = result(summaries_of([(i, i, 100.0 - i, 100 * i) for i in range(1, 101)]))
    assert got[100]["segment"] == "champion"
    assert got[1]["segment"] == "lost"


def test_customers_without_purchase_have_no_class():
    table = zi.transactions({"customer_id": [1, 2], "date": [date(2026, 1, 1)] * 2, "amount": [-5.0, 5.0]})
    got = result(zi.summaries(table, date(2026, 1, 31)))
    assert got[1]["rfm_class"] is None
    assert got[2]["rfm_class"] is not None


def test_the_grid_counts_everybody_once():
    grid = zi.rfm_grid(zi.rfm(summaries_of(TEN))).to_pyarrow().to_pydict()
    assert sum(grid["customers"]) == 10
    assert sum(grid["monetary"]) == 5500.0


def test_wrong_options_are_named():
    table = summaries_of(TEN)
    for options, word in [
        ({"bins": 1}, "bins"),
        ({"cuts": {"recency": [3, 2, 1, 0]}}, "rising"),
        ({"cuts": {"value": [1, 2, 3, 4]}}, "value"),
        ({"split": "mode"}, "split"),
        ({"monetary": "profit"}, "profit"),
    ]:
        with pytest.raises(ValueError, match=word):
            zi.rfm(table, **options)
