from datetime import timedelta

import pytest

import zhike_insight as zi


@pytest.fixture(scope="module")
def compared(shop):
    table = zi.compare_offers(shop, shop.as_of - timedelta(days=60), days=60, most=2)
    return {row["technique"]: row for row in table.to_pylist()}


def test_all_techniques_stand_side_by_side(compared):
    assert set(compared) == {"popular", "own", "rules", "neighbours", "regression", "sequence", "propensity"}
    assert len({row["customers"] for row in compared.values()}) == 1
    for row in compared.values():
        assert 0 <= row["ndcg"] <= 1
        assert 0 <= row["hit_rate"] <= 1


def test_who_knows_more_names_more(compared):
    assert compared["propensity"]["ndcg"] > compared["popular"]["ndcg"]
    assert compared["propensity"]["hit_rate"] >= compared["own"]["hit_rate"] - 0.02
    assert compared["own"]["new_hit_rate"] == compared["popular"]["new_hit_rate"]  # who bought nothing of it knows nothing of it


def test_nothing_after_the_cut_is_used(shop):
    """The same past with another future gives the same offers, and therefore no hits in a future of other products."""
    cut = shop.as_of - timedelta(days=60)
    future = shop.day > (cut - cut.fromtimestamp(0)).days
    changed = zi.Purchases(shop.customers, shop.products, shop.customer, shop.product.copy(), shop.day, shop.as_of)
    changed.product[future] = len(shop.products) - 1
    table = {row["technique"]: row for row in zi.compare_offers(changed, cut, days=60, most=1).to_pylist()}
    assert table["own"]["hit_rate"] < 0.05


def test_no_customer_of_the_past_came(shop):
    with pytest.raises(zi.NotEnoughData, match="no customer known"):
        zi.compare_offers(shop, shop.as_of, days=60)
