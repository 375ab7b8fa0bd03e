"""The eight cells of cost × present × future profit."""

import numpy as np
import pytest

import zhike_insight as zi


def test_all_eight_cells_by_their_names():
    cost, present, future = np.array([[c, p, f] for c in (0, 1) for p in (0, 1) for f in (0, 1)], dtype=float).T
    found = zi.value_matrix(cost, present, future)
    assert found.cuts == {"cost": 0.5, "present": 0.5, "future": 0.5}
    expected = [zi.MATRIX_TREATMENTS[bool(c), bool(p), bool(f)] for c, p, f in zip(cost, present, future, strict=True)]
    assert found.treatments == expected
    assert len(set(expected)) == 8


def test_unknown_figures_have_no_cell_and_do_not_move_the_cuts():
    found = zi.value_matrix([1, 3, 100], [1, 3, 2], [1, 3, np.nan], cuts={"cost": 2, "present": 2, "future": 2})
    assert found.treatments == ["automate", "invest", None]
    assert zi.value_matrix([1, 3], [1, 1], [np.nan, np.nan]).treatments == [None, None]


def test_customers_all_alike_are_high_in_nothing():
    assert set(zi.value_matrix([5, 5], [2, 2], [1, 1]).treatments) == {"automate"}
    assert zi.value_matrix([], [], []).treatments == []


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="one length"):
        zi.value_matrix([1, 2], [1], [1])
    with pytest.raises(ValueError, match="cuts are needed"):
        zi.value_matrix([1], [1], [1], cuts={"cost": 1})
