import random
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings, strategies as st

import zhike_insight as zi


@pytest.fixture(scope="module")
def groceries():
    from tests.conftest import SHARED_DATA

    path = SHARED_DATA / "groceries" / "groceries.csv"
    if not path.exists():
        pytest.skip("needs ../shared/data, which is not here")
    return [[item.strip() for item in line.split(",") if item.strip()] for line in path.read_text().splitlines() if line.strip()]


@pytest.mark.parametrize(("support", "confidence", "rules"), [(0.001, 0.5, 5668), (0.006, 0.25, 463), (0.001, 0.8, 410)])
def test_published_numbers_of_rules(groceries, support, confidence, rules):
    assert len(groceries) == 9835
    assert zi.association_rules(groceries, support=support, confidence=confidence).num_rows == rules


def test_a_published_rule(groceries):
    rules = zi.association_rules(groceries, support=0.006, confidence=0.25).to_pylist()
    herbs = next(rule for rule in rules if rule["antecedent"] == ["herbs"] and rule["consequent"] == "root vegetables")
    assert (round(herbs["support"], 6), round(herbs["confidence"], 5), round(herbs["lift"], 4)) == (0.007016, 0.43125, 3.9565)


baskets = st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), min_size=1, max_size=25)


@given(baskets, st.sampled_from([0.1, 0.2, 0.34]), st.sampled_from([0.0, 0.5, 0.8, 1.0]))
@settings(max_examples=60)
def test_agrees_with_counting_by_hand(data, support, confidence):
    sets = [set(basket) for basket in data]

    def count(items):
        return sum(items <= basket for basket in sets)

    expected = set()
    for size in range(2, 7):
        for items in combinations("abcdef", size):
            both = count(set(items))
            if both and both >= Fraction(str(support)) * len(sets):
                for right in items:
                    left = set(items) - {right}
                    if both >= Fraction(str(confidence)) * count(left):
                        expected.add((tuple(sorted(left)), right, both, count(left), count({right})))
    found = zi.association_rules(data, support=support, confidence=confidence).to_pylist()
    keys = ("consequent", "both", "with_antecedent", "with_consequent")
    assert {(tuple(rule["antecedent"]), *(rule[k] for k in keys)) for rule in found} == expected


def test_lines_become_baskets():
    lines = {"basket": [1, 1, 2, 2, None, 3], "item": ["a", "b", "a", "a", "b", None]}
    assert sorted(sorted(basket) for basket in zi.baskets_of(lines)) == [["a", "a"], ["a", "b"]]
    with pytest.raises(zi.BadTable, match="'item' is missing"):
        zi.baskets_of({"basket": [1]})


def test_a_million_distinct_products_do_no_harm():
    data = [[f"rare-{i}-{j}" for j in range(10)] + ["a", "b"] for i in range(20_000)]
    rules = zi.association_rules(data, support=0.01, confidence=0.5)
    assert rules.num_rows == 2


def test_offers_and_their_hit_rate():
    rng = random.Random(3)
    data = [["tea", "cup"] if rng.random() < 0.5 else ["nail", "hammer"] for _ in range(400)]
    data = [[*basket, "bag"] if rng.random() < 0.9 else basket for basket in data]
    shuffled = [rng.sample(basket, len(basket)) for basket in data]
    rules = zi.association_rules(shuffled[:300], support=0.05, confidence=0.1)
    assert zi.recommend(rules, ["tea"], most=2)[0] == ("cup", 1.0)
    rates = zi.hit_rates(shuffled[:300], shuffled[300:], rules, most=2)
    assert rates["baskets"] == 100
    assert rates["rules"] > rates["popularity"]


@pytest.mark.parametrize("wrong", [{"support": 0}, {"confidence": 2}, {"max_size": 1}])
def test_thresholds_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="support must be"):
        zi.association_rules([["a"]], **wrong)


def test_no_baskets_no_rules():
    assert zi.association_rules([]).num_rows == 0


def test_a_basket_written_as_one_text_is_not_taken_for_its_letters():
    with pytest.raises(ValueError, match="a list of items"):
        zi.association_rules(["oil", "tyre"])
