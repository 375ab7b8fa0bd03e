"""Weights from the judgement of experts."""

import numpy as np
import pytest

import zhike_insight as zi


def test_consistent_judgements_give_their_weights_back():
    true = np.array([0.5, 0.3, 0.15, 0.05])
    found = zi.expert_weights(true[:, None] / true)
    assert found.weights == pytest.approx(true)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_a_judgement_that_contradicts_the_others_is_named():
    true = np.array([0.4, 0.3, 0.2, 0.1])
    table = true[:, None] / true
    table[1, 3], table[3, 1] = 1 / 9, 9
    found = zi.expert_weights(table)
    assert found.worst == (1, 3)
    assert found.consistency_ratio > 0.1


def test_two_characteristics_cannot_contradict():
    found = zi.expert_weights([[1, 4], [0.25, 1]])
    assert found.weights == pytest.approx([0.8, 0.2])
    assert found.consistency_ratio == 0


@pytest.mark.parametrize(
    "table", [[[1]], [[1, 2]], [[1, 2], [2, 1]], [[1, -2], [-0.5, 1]], [[1, np.nan], [1, 1]], np.ones((11, 11)), []]
)
def test_what_is_no_table_of_judgements_is_refused(table):
    with pytest.raises(zi.BadInput):
        zi.expert_weights(table)
