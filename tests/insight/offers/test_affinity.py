from datetime import date

import numpy as np
import pytest
from sklearn.base import clone

import zhike_insight as zi

TECHNIQUES = ("regression", "neighbours", "sequence")


def weight(shop, model, one, other):
    names = shop.products.to_pylist()
    return model.weights_[names.index(one), names.index(other)]


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_what_belongs_together_has_more_weight(shop, technique):
    model = zi.ProductAffinity(technique).fit(shop)
    assert weight(shop, model, "shoes", "socks") > 3 * weight(shop, model, "shoes", "tea")
    assert model.weights_.diagonal().max() == 0
    assert model.weights_.data.min() >= 0


def test_a_sequence_has_a_direction():
    day = np.datetime64("2026-01-01")
    first = {"customer_id": np.repeat(np.arange(50), 2), "product": ["a", "b"] * 40 + ["c", "c"] * 10}
    known = zi.product_purchases({**first, "date": np.tile([day, day + 30], 50)})
    model = zi.ProductAffinity("sequence").fit(known)
    assert weight(known, model, "a", "b") > 0.05
    assert weight(known, model, "b", "a") == 0


def test_regression_agrees_with_its_definition(shop):
    """Each column of the weights minimises the ridge regression of its product on all others."""
    model = zi.ProductAffinity("regression", shrinkage=30.0).fit(shop)
    owned = (shop.matrix().toarray() > 0).astype(float)
    for product in range(3):
        others = [i for i in range(owned.shape[1]) if i != product]
        X, y = owned[:, others], owned[:, product]
        expected = np.linalg.solve(X.T @ X + 30 * np.eye(len(others)), X.T @ y)
        found = model.weights_[:, [product]].toarray().ravel()[others]
        assert found == pytest.approx(np.maximum(expected, 0), abs=1e-6)


def test_only_what_is_not_owned_is_recommended_with_a_reason(shop):
    table = zi.ProductAffinity().fit(shop).recommend(shop, most=3)
    owned = {
        (shop.customers[int(c)].as_py(), shop.products[int(p)].as_py()) for c, p in zip(shop.customer, shop.product, strict=True)
    }
    for row in table.to_pylist():
        assert (row["customer_id"], row["product"]) not in owned
        assert (row["customer_id"], row["because"]) in owned
    assert max(table["rank"].to_pylist()) <= 3


def test_a_block_gives_what_the_whole_gives(shop):
    model = zi.ProductAffinity("neighbours").fit(shop)
    whole, part = model.recommend(shop, most=2), model.recommend(shop, most=2, rows=np.array([7, 8]))
    chosen = {shop.customers[7].as_py(), shop.customers[8].as_py()}
    assert part.to_pylist() == [row for row in whole.to_pylist() if row["customer_id"] in chosen]


@pytest.mark.parametrize("wrong", [{"technique": "magic"}, {"half_life": 0}, {"shrinkage": -1.0}])
def test_options_out_of_range_are_refused(shop, wrong):
    with pytest.raises(ValueError, match="technique must be one of"):
        clone(zi.ProductAffinity().set_params(**wrong)).fit(shop)


def test_one_product_is_not_enough():
    known = zi.product_purchases({"customer_id": [1], "product": ["a"], "date": [date(2026, 1, 1)]})
    with pytest.raises(zi.NotEnoughData, match="two products"):
        zi.ProductAffinity().fit(known)


def test_customers_all_alike_need_no_recommendation():
    day = date(2026, 1, 1)
    known = zi.product_purchases({"customer_id": [1, 1, 2, 2], "product": list("abab"), "date": [day] * 4})
    for technique in TECHNIQUES:
        assert zi.ProductAffinity(technique).fit(known).recommend(known).num_rows == 0
