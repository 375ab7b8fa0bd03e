import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

import zhike_insight as zi
from zhike.cli.insight import command


def trial(n=6000, seed=0, *, by_lot=True):
    """A contact keeps the young, drives some of the old away, and does nothing to the others."""
    rng = np.random.default_rng(seed)
    age, plan = rng.choice(["young", "middle", "old"], n), rng.normal(size=n)
    treated = (rng.random(n) < (0.5 if by_lot else np.where(age == "young", 0.9, 0.2))).astype(float)
    effect = np.select([age == "young", age == "old"], [0.25, -0.1], 0.0)
    stayed = (rng.random(n) < 0.45 + 0.05 * np.tanh(plan) + effect * treated).astype(float)
    return {"age": age, "plan": plan}, treated, stayed, effect


def test_who_is_changed_is_found_and_the_figures_are_of_unseen_rows():
    X, treated, stayed, effect = trial()
    model = zi.UpliftModel().fit(X, treated, stayed)
    assert np.abs(model.predict_uplift(X) - effect).mean() < 0.05
    assert model.effect_.low < effect.mean() < model.effect_.high
    assert 0 < model.qini_low_ < model.qini_ < model.qini_high_
    assert model.balance_ == pytest.approx(0.5, abs=0.03)
    assert model.bands_[0]["lift"] > 0.15 > 0 > model.bands_[-1]["lift"]
    assert sum(band["customers"] for band in model.bands_) == 6000
    assert model.curve_[0] == (0.0, 0.0)
    assert model.curve_[-1] == (1.0, pytest.approx(model.effect_.value))
    assert max(gain for _share, gain in model.curve_) > model.effect_.value  # the old are better left alone
    assert dict(model.drivers_)["age=young"] > 0 > dict(model.drivers_)["age=old"]


def test_where_a_contact_changes_all_alike_nothing_is_claimed():
    rng = np.random.default_rng(3)
    x, treated = rng.normal(size=4000), rng.integers(0, 2, 4000)
    model = zi.UpliftModel().fit({"x": x}, treated, rng.random(4000) < 0.4 + 0.1 * treated)
    assert model.qini_low_ < 0 < model.qini_high_
    assert model.effect_.low > 0


def test_groups_that_were_not_drawn_by_lot_are_noticed():
    X, treated, stayed, _effect = trial(by_lot=False)
    assert zi.UpliftModel().fit(X, treated, stayed).balance_ > 0.7


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_the_interval_holds_the_difference_and_turns_round_with_the_groups(n, m, data):
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    one, other = zi.lift_over_control(a, n, b, m), zi.lift_over_control(b, m, a, n)
    assert -1.000001 <= one.low <= one.value + 1e-9 <= one.high + 2e-9 <= 1.000001
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))


@pytest.mark.parametrize(
    ("call", "problem", "message"),
    [
        (lambda: zi.lift_over_control(3, 2, 0, 5), zi.BadInput, "3 of 2"),
        (lambda: zi.lift_over_control(0, 0, 0, 5), zi.BadInput, "somebody"),
        (lambda: zi.UpliftModel().fit({"x": [1.0, 2.0]}, [0, 1], [0]), zi.BadInput, "one length"),
        (lambda: zi.UpliftModel().fit({"x": [1.0, 2.0]}, [0, 2], [0, 1]), zi.BadInput, "0 or 1"),
        (lambda: zi.UpliftModel().fit({"x": [1.0, 2.0]}, [0, 1], [0, 1]), zi.NotEnoughData, "at least 5"),
    ],
)
def test_what_makes_no_trial_is_refused(call, problem, message):
    with pytest.raises(problem, match=message):
        call()


def test_a_file_of_a_trial_tells_whom_a_contact_keeps(tmp_path):
    X, treated, stayed, _effect = trial(700)
    rows = zip(X["age"], X["plan"], treated.astype(int), 1 - stayed.astype(int), strict=True)
    file, page = tmp_path / "trial.csv", tmp_path / "trial.html"
    file.write_text("age,plan,called,left\n" + "\n".join(",".join(map(str, row)) for row in rows))
    asked = ["churn", str(file), "--target", "left", "--treated", "called", "--report", str(page), "--json"]
    answer = CliRunner().invoke(command, asked)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output.splitlines()[-1])
    effect = told["uplift"]["effect"]
    assert effect["low"] < effect["value"] < effect["high"]
    assert told["uplift"]["treated"] + told["uplift"]["control"] == 700
    assert {"age=young", "plan"} <= {one["feature"] for one in told["uplift"]["drivers"]}
    assert "called" not in {one["feature"] for one in told["drivers"]}
    assert "联系带来的改变" in page.read_text(encoding="utf-8")


def test_customers_of_one_uplift_are_judged_together_though_the_table_is_sorted_by_what_came():
    treated, stayed = np.repeat([1, 1, 0, 0], 500), np.tile(np.repeat([1, 0], 500), 2)
    model = zi.UpliftModel().fit({"x": np.zeros(2000)}, treated, stayed)
    assert all(band["lift"] == pytest.approx(0.0, abs=0.05) for band in model.bands_)
    assert all(gain == pytest.approx(0.0, abs=0.02) for _share, gain in model.curve_)
