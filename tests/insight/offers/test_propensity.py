from datetime import date, timedelta

import numpy as np
import pytest

import zhike_insight as zi
from tests.insight.offers.conftest import lines_of_a_shop

TEST_DAYS = 60


@pytest.fixture(scope="module")
def learned(shop):
    known = shop.until(shop.as_of - timedelta(days=TEST_DAYS))
    return known, zi.ProductPropensity(horizon=TEST_DAYS).fit(known)


def test_chances_hold_on_days_not_seen(shop, learned):
    known, model = learned
    chances = model.chances(known)
    after = shop.day > known.end
    came = np.zeros(chances.shape, bool)
    came[shop.customer[after], shop.product[after]] = True
    chance = chances.toarray()
    assert 0 <= chance.min() <= chance.max() <= 1
    assert chance.sum() == pytest.approx(came.sum(), rel=0.15)
    sure = chance > 0.7
    assert sure.sum() > 30
    assert came[sure].mean() == pytest.approx(chance[sure].mean(), abs=0.1)


def test_the_report_is_out_of_time_and_beats_the_share_of_buyers(learned):
    _, model = learned
    assert model.log_loss_ < 0.7 * model.base_log_loss_
    assert model.log_loss_ == model.compared_[model.kind_]
    assert len(model.calibration_) == 10
    assert [g["expected"] for g in model.calibration_] == sorted(g["expected"] for g in model.calibration_)


def test_what_is_due_comes_first_with_what_is_known_of_it(learned):
    known, model = learned
    table = model.predict(known, most=2)
    drinkers = [row for row in table.to_pylist() if row["customer_id"] % 2 == 0 and row["rank"] == 1]
    assert np.mean([row["product"] == "tea" for row in drinkers]) > 0.9
    assert all(row["bought"] > 0 and row["last_on"] is not None for row in drinkers if row["product"] == "tea")
    new = model.predict(known, most=1, new_only=True)
    assert set(new["bought"].to_pylist()) == {0}
    assert new["last_on"].null_count == new.num_rows


def test_the_same_data_give_the_same_answer(shop, learned):
    known, model = learned
    again = zi.ProductPropensity(horizon=TEST_DAYS).fit(known)
    assert again.predict(known).equals(model.predict(known))


def test_a_customer_of_the_last_day_is_no_trouble():
    lines = lines_of_a_shop(customers=120, days=300)
    for name, value in zip(lines, (999, "tea", "drinks", date(2025, 11, 1), 10.0), strict=True):
        lines[name].append(value)
    known = zi.product_purchases(lines)
    table = zi.ProductPropensity(horizon=45).fit(known).predict(known, most=1)
    assert table.filter(np.array(table["customer_id"]) == 999).num_rows == 1


def test_too_little_is_told():
    lines = {"customer_id": [1, 2], "product": ["a", "b"], "date": [date(2026, 1, 1), date(2026, 5, 1)]}
    with pytest.raises(zi.NotEnoughData, match="fewer than 50 purchases"):
        zi.ProductPropensity().fit(zi.product_purchases(lines))


def test_nobody_buys_anything_again():
    """Every customer comes once: nothing is learned of the next purchase, and it is told."""
    lines = {
        "customer_id": range(400),
        "product": ["a", "b"] * 200,
        "date": [date(2025, 1, 1) + timedelta(days=i) for i in range(400)],
    }
    with pytest.raises(zi.NotEnoughData):
        zi.ProductPropensity().fit(zi.product_purchases(lines))


def test_the_horizon_must_be_a_day_at_least(shop):
    with pytest.raises(ValueError, match="at least 1 day"):
        zi.ProductPropensity(horizon=0).fit(shop)
