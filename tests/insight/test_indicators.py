"""Nine indicators from what is known of a customer."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

import zhike_insight as zi

PROFIT, RETURNS = zi.Evidence("profit", "margin"), zi.Evidence("credit", "returns", more_is_better=False)
NAMES = [name for pillar in zi.PILLARS.values() for name in pillar]


def column(found: pa.Table, name: str) -> list[float | None]:
    return found[name].to_pylist()


def test_the_best_have_100_the_worst_0_and_equals_the_same():
    table = pa.table({"customer": [1, 2, 3, 4], "margin": [5.0, 1.0, 1.0, 9.0], "returns": [0.0, 0.0, 0.0, 2.0]})
    found = zi.nine_indicators(table, [PROFIT, RETURNS])
    assert column(found, "profit") == [pytest.approx(200 / 3), 0, 0, 100]
    assert column(found, "credit") == [100, 100, 100, 0]
    assert column(found, "present") == column(found, "profit")
    assert column(found, "social") == [None] * 4
    assert column(found, "present_confidence") == [pytest.approx(1 / 3)] * 4


def test_missing_evidence_lowers_the_confidence_and_not_the_score():
    evidence = [PROFIT, zi.Evidence("profit", "rate", weight=3)]
    table = pa.table({"customer": [1, 2, 3], "margin": [1.0, 2.0, 3.0], "rate": [None, 1.0, 2.0]})
    found = zi.nine_indicators(table, evidence)
    assert column(found, "profit") == [0, 12.5, 100]
    assert column(found, "profit_confidence") == [0.25, 1, 1]
    without = zi.nine_indicators(table.drop_columns("rate"), evidence)
    assert column(without, "profit") == [0, 50, 100]
    assert column(without, "profit_confidence") == [0.25] * 3


def test_weights_move_the_total_and_a_weight_of_nothing_leaves_an_indicator_out():
    table = pa.table({"customer": [1, 2], "margin": [1.0, 2.0], "returns": [0.0, 1.0]})
    assert column(zi.nine_indicators(table, [PROFIT, RETURNS]), "total") == [50, 50]
    only = zi.nine_indicators(table, [PROFIT, RETURNS], weights={**dict.fromkeys(NAMES, 0.0), "profit": 2})
    assert column(only, "total") == [0, 100]
    assert column(only, "total_confidence") == [1, 1]


def test_where_all_are_alike_nobody_is_better():
    table = pa.table({"customer": [1, 2], "margin": [3.0, 3.0]})
    assert column(zi.nine_indicators(table, [PROFIT]), "profit") == [50, 50]
    assert zi.nine_indicators(table.slice(0, 0), [PROFIT]).num_rows == 0


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: round(x, 3))), min_size=1, max_size=30))
def test_scores_stay_within_bounds_and_follow_the_order_alone(values: list[float | None]):
    table = pa.table({"customer": range(len(values)), "margin": pa.array(values, pa.float64())})
    found = column(zi.nine_indicators(table, [PROFIT]), "profit")
    assert [one is None for one in found] == [one is None for one in values]
    assert all(0 <= one <= 100 for one in found if one is not None)
    stretched = pa.table({"customer": range(len(values)), "margin": pa.array([None if v is None else 3 * v + 7 for v in values])})
    if stretched["margin"].type == pa.float64():
        assert column(zi.nine_indicators(stretched, [PROFIT]), "profit") == found
    back = zi.nine_indicators(table.take(np.arange(len(values))[::-1]), [PROFIT])
    assert column(back, "profit") == found[::-1]


@pytest.mark.parametrize(("evidence", "weights"), [
    ([zi.Evidence("beauty", "margin")], {}), ([zi.Evidence("profit", "margin", weight=-1)], {}), ([PROFIT], {"beauty": 1}),
    ([PROFIT], {"profit": -1}), ([PROFIT], dict.fromkeys(NAMES, 0)), ([PROFIT], {"profit": float("nan")}),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(evidence: list[zi.Evidence], weights: dict[str, float]):
    with pytest.raises(zi.BadInput):
        zi.nine_indicators(pa.table({"customer": [1], "margin": [1.0]}), evidence, weights=weights)
    with pytest.raises(zi.BadInput, match="customer"):
        zi.nine_indicators(pa.table({"margin": [1.0]}), [PROFIT])
