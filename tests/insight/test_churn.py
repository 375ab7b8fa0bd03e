import numpy as np
import pytest
from scipy.special import expit

import zhike_insight as zi


def customers(n=1500, seed=0, curved=False):
    rng = np.random.default_rng(seed)
    visits, plan = rng.normal(10, 3, n), rng.choice(["month", "year"], n)
    z = np.where(np.abs(visits - 10) > 3, 2.0, -2.0) if curved else 1.5 - 0.2 * visits - 1.0 * (plan == "year")
    return {"visits": visits, "plan": plan, "noise": rng.normal(size=n)}, (rng.random(n) < expit(z)).astype(float), expit(z)


def test_probabilities_are_near_the_truth_and_calibrated():
    X, left, truth = customers()
    model = zi.ChurnModel("logistic").fit(X, left)
    assert np.mean(np.abs(model.predict_left(X) - truth)) < 0.05
    assert model.log_loss_ < model.base_log_loss_
    assert all(abs(group["expected"] - group["actual"]) < 0.12 for group in model.calibration_)
    assert sum(group["customers"] for group in model.calibration_) == 1500


def test_straight_effects_take_the_logistic_and_curved_ones_the_trees():
    X, left, _ = customers(600)
    assert zi.ChurnModel(folds=3).fit(X, left).kind_ == "logistic"
    X, left, _ = customers(600, curved=True)
    model = zi.ChurnModel(folds=3).fit(X, left)
    assert model.kind_ == "boosting"
    assert model.auc_ > 0.8
    assert set(model.compared_) == {"logistic", "boosting"}


def test_on_noise_it_claims_nothing():
    rng = np.random.default_rng(1)
    model = zi.ChurnModel("logistic").fit({"noise": rng.normal(size=800), "more": rng.normal(size=800)}, rng.integers(0, 2, 800))
    assert model.auc_ == pytest.approx(0.5, abs=0.06)
    assert model.log_loss_ > model.base_log_loss_ - 0.005


def test_drivers_point_the_right_way():
    X, left, _ = customers()
    drivers = dict(zi.ChurnModel("logistic").fit(X, left).drivers_)
    assert drivers["visits"] < 0
    assert drivers["plan=year"] < drivers["plan=month"]
    assert abs(drivers["noise"]) < abs(drivers["visits"])


def test_german_credit_on_unseen_rows(shared_data):
    from zhike_insight.files import read_features

    columns = read_features(shared_data / "german_credit" / "german.data")
    bad = 1 - columns.pop("CLASSIFICATION")
    assert zi.ChurnModel("logistic").fit(columns, bad).auc_ == pytest.approx(0.785, abs=0.02)


@pytest.mark.parametrize(
    ("call", "problem", "message"),
    [
        (lambda: zi.ChurnModel().fit({"x": [1.0, 2.0]}, [0, 3]), zi.BadInput, "0 or 1"),
        (lambda: zi.ChurnModel().fit({"x": [1.0]}, [0, 1]), zi.BadInput, "as long"),
        (lambda: zi.ChurnModel().fit({"x": np.arange(9.0)}, [1] + [0] * 8), zi.NotEnoughData, "at least 5"),
        (lambda: zi.ChurnModel("magic").fit({"x": np.arange(20.0)}, [0, 1] * 10), ValueError, "magic"),
    ],
)
def test_bad_input_is_refused(call, problem, message):
    with pytest.raises(problem, match=message):
        call()
