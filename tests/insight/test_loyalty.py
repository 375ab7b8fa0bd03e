"""Loyalty and satisfaction: published numbers, exact sums, honest intervals."""

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest

import zhike_insight as zi
from zhike_insight.loyalty.drivers import _correlations, _relative_weights

# Swiss provinces about 1888 (Mosteller & Tukey 1977): fertility, agriculture, examination, education, catholic, infant mortality
SWISS = np.array("""
80.2 17 15 12 9.96 22.2 83.1 45.1 6 9 84.84 22.2 92.5 39.7 5 5 93.4 20.2 85.8 36.5 12 7 33.77 20.3 76.9 43.5 17 15 5.16 20.6
76.1 35.3 9 7 90.57 26.6 83.8 70.2 16 7 92.85 23.6 92.4 67.8 14 8 97.16 24.9 82.4 53.3 12 7 97.67 21 82.9 45.2 16 13 91.38 24.4
87.1 64.5 14 6 98.61 24.5 64.1 62 21 12 8.52 16.5 66.9 67.5 14 7 2.27 19.1 68.9 60.7 19 12 4.43 22.7 61.7 69.3 22 5 2.82 18.7
68.3 72.6 18 2 24.2 21.2 71.7 34 17 8 3.3 20 55.7 19.4 26 28 12.11 20.2 54.3 15.2 31 20 2.15 10.8 65.1 73 19 9 2.84 20
65.5 59.8 22 10 5.23 18 65 55.1 14 3 4.52 22.4 56.6 50.9 22 12 15.14 16.7 57.4 54.1 20 6 4.2 15.3 72.5 71.2 12 1 2.4 21
74.2 58.1 14 8 5.23 23.8 72 63.5 6 3 2.56 18 60.5 60.8 16 10 7.72 16.3 58.3 26.8 25 19 18.46 20.9 65.4 49.5 15 8 6.1 22.5
75.5 85.9 3 2 99.71 15.1 69.3 84.9 7 6 99.68 19.8 77.3 89.7 5 2 100 18.3 70.5 78.2 12 6 98.96 19.4 79.4 64.9 7 3 98.22 20.2
65 75.9 9 9 99.06 17.8 92.2 84.6 3 3 99.46 16.3 79.3 63.1 13 13 96.83 18.1 70.4 38.4 26 12 5.62 20.3 65.7 7.7 29 11 13.79 20.5
72.7 16.7 22 13 11.22 18.9 64.4 17.6 35 32 16.92 23 77.6 37.6 15 7 4.97 20 67.6 18.7 25 7 8.65 19.5 35 1.2 37 53 42.34 18
44.7 46.6 16 29 50.43 18.2 42.8 27.7 22 29 58.33 19.3
""".split(), dtype=float).reshape(47, 6)  # fmt: skip
NAMES = ("agriculture", "examination", "education", "catholic", "infant_mortality")


def swiss():
    return dict(zip(NAMES, SWISS[:, 1:].T, strict=True)), SWISS[:, 0]


def test_shared_importance_of_the_swiss_provinces_is_as_published():
    """As the R package relaimpo prints it (Grömping 2006)."""
    found = zi.key_drivers(*swiss(), resamples=0)
    published = {
        "education": 0.26013468,
        "examination": 0.17117303,
        "infant_mortality": 0.11276592,
        "catholic": 0.10557015,
        "agriculture": 0.05709122,
    }
    assert {driver.name: round(driver.importance, 8) for driver in found.drivers} == published
    assert found.r_squared == pytest.approx(0.706735)
    assert (found.n, found.method) == (47, "lmg")
    assert sum(driver.share for driver in found.drivers) == pytest.approx(1)


def test_importance_is_the_mean_gain_over_all_orders():
    X, y = swiss()
    table = SWISS[:, 1:]

    def fit(rows):
        design = np.column_stack([np.ones(47), table[:, rows]])
        return 1 - np.var(y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) / np.var(y)

    gains = np.zeros(5)
    for order in itertools.permutations(range(5)):
        for place, attribute in enumerate(order):
            gains[attribute] += fit(list(order[: place + 1])) - fit(list(order[:place]))
    found = {driver.name: driver.importance for driver in zi.key_drivers(X, y, resamples=0).drivers}
    assert [found[name] for name in NAMES] == pytest.approx(gains / 120)


def test_relative_weights_nearly_agree_and_add_up_too():
    weights = _relative_weights(_correlations(SWISS[:, 1:], SWISS[:, 0]))
    assert weights.sum() == pytest.approx(0.706735, abs=1e-6)
    found = {driver.name: driver.importance for driver in zi.key_drivers(*swiss(), resamples=0).drivers}
    assert weights == pytest.approx([found[name] for name in NAMES], abs=0.02)


def test_twins_share_what_a_coefficient_gives_to_one_of_them():
    rng = np.random.default_rng(3)
    speed = rng.normal(size=400)
    attributes = {"speed": speed, "tempo": speed + rng.normal(size=400) / 50, "price": rng.normal(size=400)}
    found = zi.key_drivers(attributes, speed + rng.normal(size=400), resamples=50)
    by_name = {driver.name: driver for driver in found.drivers}
    assert by_name["speed"].importance == pytest.approx(by_name["tempo"].importance, rel=0.05)
    assert by_name["price"].high < by_name["speed"].low
    assert found.highest_vif > 100


def test_many_attributes_take_relative_weights():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 15))
    found = zi.key_drivers({f"a{i}": X[:, i] for i in range(15)}, X[:, 0] * 2 + rng.normal(size=300), resamples=20)
    assert found.method == "relative weights"
    assert found.drivers[0].name == "a0"
    assert found.adjusted_r_squared < found.r_squared


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    hits = 0
    for at in range(60):
        X = rng.normal(size=(150, 2))
        found = zi.key_drivers({"a": X[:, 0], "b": X[:, 1]}, X[:, 0] + rng.normal(size=150), resamples=120, seed=at)
        a = next(driver for driver in found.drivers if driver.name == "a")
        hits += a.low <= 0.5 <= a.high  # half of the variance
    assert hits >= 51


@pytest.mark.parametrize(
    ("attributes", "outcome", "message"),
    [
        ({}, [1, 2, 3], "no attribute"),
        ({"a": [1, 2]}, [1, 2, 3], "as long as"),
        ({"a": [1.0, 1, 1, 1]}, [1, 2, 3, 4], "'a' is the same"),
        ({"a": [1.0, 2, 3, 4]}, [2, 2, 2, 2], "the same in all rows"),
        ({"a": [1.0]}, [1.0], "too few"),
        ({"a": [math.nan, math.nan, 1, 2]}, [1, 2, 3, 4], "too few"),
    ],
)
def test_drivers_refuse_what_tells_nothing(attributes, outcome, message):
    with pytest.raises(ValueError, match=message):
        zi.key_drivers(attributes, outcome)


def test_the_net_promoter_interval_is_right_in_small_samples():
    rng = np.random.default_rng(6)
    ratings, p = np.array([10, 8, 3]), [0.6, 0.3, 0.1]
    found = [zi.net_promoter(rng.choice(ratings, 20, p=p)) for _ in range(800)]
    share = np.mean([one.low <= 50 <= one.high for one in found])
    assert 0.93 <= share <= 0.985
    alike = zi.net_promoter([10] * 20)
    assert (alike.value, alike.high) == (100.0, pytest.approx(100, abs=1))
    assert alike.low < 90


def test_the_net_promoter_score_of_a_large_sample_has_the_variance_of_the_formula():
    found = zi.net_promoter([10] * 5000 + [7] * 3000 + [3] * 2000)
    assert found.value == 30
    assert (found.high - found.low) / 2 == pytest.approx(196 * math.sqrt((0.7 - 0.09) / 10_000), rel=0.01)


@pytest.mark.parametrize("ratings", [[], [math.nan], [11], [-1], [math.inf]])
def test_ratings_that_are_none_are_refused(ratings):
    with pytest.raises(ValueError, match=r"no answer|outside"):
        zi.net_promoter(ratings)


def test_the_satisfaction_index_is_the_american_one():
    index = zi.satisfaction_index({"overall": [8], "expected": [7], "ideal": [7]}, {"overall": 0.4, "expected": 0.3, "ideal": 0.3})
    assert index.value == pytest.approx(100 * (0.4 * 7 + 0.3 * 6 + 0.3 * 6) / 9)
    assert index.n == 1
    assert math.isnan(index.low)


def test_an_answer_left_out_is_not_a_bad_answer():
    whole = zi.satisfaction_index({"a": [8, 8], "b": [8, 8]})
    gaps = zi.satisfaction_index({"a": [8, 8, math.nan], "b": [8, math.nan, math.nan]})
    assert gaps.value == pytest.approx(whole.value)
    assert gaps.n == 2


def test_indices_refuse_what_is_no_index():
    for columns, weights in (
        ({}, None),
        ({"a": [11]}, None),
        ({"a": [5]}, {"b": 1}),
        ({"a": [5]}, {"a": -1}),
        ({"a": [5], "b": [5, 6]}, None),
    ):
        with pytest.raises(zi.BadInput):
            zi.satisfaction_index(columns, weights)
    with pytest.raises(zi.NotEnoughData):
        zi.satisfaction_index({"a": [math.nan]})


def test_wallet_shares_of_a_customers_brands_add_up_to_one():
    for brands in range(1, 8):
        assert zi.wallet_allocation(np.arange(1, brands + 1), brands).sum() == pytest.approx(1)
    with pytest.raises(zi.BadInput):
        zi.wallet_allocation([3], [2])
    with pytest.raises(zi.BadInput):
        zi.share_of_wallet([-1], [2])
    with pytest.raises(zi.BadInput):
        zi.share_of_wallet([1, 2], [2])


def test_who_did_not_answer_stands_in_no_cell():
    assert zi.loyalty_matrix([math.nan, 50], [90, 50]) == [None, "true"]


def test_the_kano_table_is_the_published_one():
    """Berger et al. (1993), from like / must / neutral / live with / dislike."""
    published = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
    answers = ("like", "must", "neutral", "live_with", "dislike")
    assert ["".join(zi.kano_class(a, b) for b in answers) for a in answers] == published


def test_kano_counts_classes_and_says_whether_they_stand_out():
    clear = zi.kano([1] * 90 + [3] * 10, [5] * 90 + [3] * 10)
    assert (clear.kind, clear.counts["O"], clear.significant, clear.n) == ("O", 90, True, 100)
    assert (clear.better, clear.worse) == (0.9, -0.9)
    tie = zi.kano(["like"] * 5 + ["neutral"] * 5, ["neutral"] * 5 + ["dislike"] * 5)
    assert (tie.kind, tie.significant) == ("M", False)  # what is missed before what delights
    assert zi.kano([1, None, math.nan], [5, 5, 5]).n == 1


def test_kano_refuses_other_answers():
    for answers in ((["great"], ["like"]), ([6], [1]), ([1.5], [1])):
        with pytest.raises(zi.BadInput):
            zi.kano(*answers)
    with pytest.raises(zi.BadInput):
        zi.kano(["like"], [])
    with pytest.raises(zi.NotEnoughData):
        zi.kano([], [])


def test_what_loyalty_earns_adds_up_to_the_profit():
    rng = np.random.default_rng(7)
    rows = {name: rng.gamma(3, 20, 500) for name in ("quantity", "revenue", "goods_cost", "serving_cost", "referred")}
    rows["year"] = rng.integers(1, 7, 500)
    table = zi.loyalty_profit(pa.table(rows))
    for row in table.to_pylist():
        here = rows["year"] == row["year"]
        profit = (rows["revenue"] - rows["goods_cost"] - rows["serving_cost"] + rows["referred"])[here].mean()
        assert row["profit"] == pytest.approx(profit)
        assert row["customers"] == here.sum()
    first = table.to_pylist()[0]
    assert [first[part] for part in ("growth", "premium", "goods", "serving")] == pytest.approx([0, 0, 0, 0])


def test_profit_refuses_what_cannot_be_taken_apart():
    good = {"year": [1], "quantity": [1], "revenue": [2], "goods_cost": [1], "serving_cost": [0], "referred": [0]}
    for wrong in ({"year": [0]}, {"revenue": [math.nan]}, {"revenue": [1, 2]}):
        with pytest.raises(zi.BadInput):
            zi.loyalty_profit(good | wrong)
    with pytest.raises(zi.BadInput):
        zi.loyalty_profit({name: values for name, values in good.items() if name != "referred"})
    with pytest.raises(zi.NotEnoughData):
        zi.loyalty_profit(good | {"year": [2]})
