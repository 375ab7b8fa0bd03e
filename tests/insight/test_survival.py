"""Survival against the trial of Freireich & al. (1963), the textbook example with published results."""

import numpy as np
import pytest

import zhike_insight as zi

TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.fixture(scope="module")
def trial():
    duration = np.array(TREATED + PLACEBO, dtype=float)
    return np.array([[1.0]] * 21 + [[0.0]] * 21), duration, np.array(RELAPSED + [1] * 21)


def test_published_curve():
    found = {row["time"]: row for row in zi.kaplan_meier(TREATED, RELAPSED).to_pylist()}
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {time: row["survival"] for time, row in found.items()} == pytest.approx(published, abs=5e-4)
    assert [found[6][name] for name in ("at_risk", "left")] == [21, 3]
    assert (found[10]["low"], found[10]["high"]) == pytest.approx((0.503, 0.889), abs=1e-3)


def test_without_censoring_it_is_the_plain_share():
    rows = zi.kaplan_meier(PLACEBO, [1] * 21).to_pylist()
    for row in rows:
        assert row["survival"] == pytest.approx(np.mean(np.array(PLACEBO) > row["time"]))
    assert rows[-1]["low"] is None


def test_published_cox_coefficient(trial):
    X, duration, left = trial
    model = zi.CoxModel().fit(X, duration, left)
    assert model.coefficients_[0] == pytest.approx(-1.572, abs=5e-4)
    assert model.standard_errors_[0] == pytest.approx(0.412, abs=5e-4)
    assert model.concordance_ == pytest.approx(0.69, abs=0.005)


def test_survival_of_the_treated_is_higher_and_falls(trial):
    model = zi.CoxModel().fit(*trial)
    treated, placebo = model.survival([[1.0], [0.0]], [0, 5, 10, 20])
    assert treated[0] == placebo[0] == 1
    assert (treated[1:] > placebo[1:]).all()
    assert (np.diff(treated) < 0).all()


def test_known_effects_are_found_again():
    rng = np.random.default_rng(7)
    X = rng.normal(size=(4000, 2))
    leave = rng.exponential(1 / (0.1 * np.exp(X @ [0.7, -0.4])))
    end = rng.uniform(5, 20, 4000)
    model = zi.CoxModel().fit(X, np.minimum(leave, end), leave <= end)
    assert np.abs(model.coefficients_ - [0.7, -0.4]) == pytest.approx(0, abs=3.5 * model.standard_errors_.max())
    assert (model.p_values_ < 1e-6).all()


def test_units_and_order_do_not_matter(trial):
    X, duration, left = trial
    model = zi.CoxModel().fit(X, duration, left)
    order = np.random.default_rng(0).permutation(42)
    other = zi.CoxModel().fit(100 * X[order], 7 * duration[order], left[order])
    assert other.coefficients_ * 100 == pytest.approx(model.coefficients_)
    assert other.concordance_ == pytest.approx(model.concordance_)


@pytest.mark.parametrize(
    ("call", "problem", "message"),
    [
        (lambda: zi.kaplan_meier([1, -1], [1, 1]), zi.BadInput, "row 1"),
        (lambda: zi.kaplan_meier([1, 2], [1, 2]), zi.BadInput, "row 1"),
        (lambda: zi.kaplan_meier([], []), zi.BadInput, "at least one"),
        (lambda: zi.CoxModel().fit([[1.0], [np.nan]], [1, 2], [1, 1]), zi.BadInput, "finite"),
        (lambda: zi.CoxModel().fit([[1.0], [1.0]], [1, 2], [1, 1]), zi.NotEnoughData, "must vary"),
    ],
)
def test_bad_input_is_refused(call, problem, message):
    with pytest.raises(problem, match=message):
        call()
