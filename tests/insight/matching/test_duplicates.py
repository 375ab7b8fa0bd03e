"""Customers that are one are found, strangers who look alike are not."""

import math

import pyarrow as pa
import pytest

import zhike_insight as zi
from tests.insight.matching.labelled import labelled, true_pairs


def pairs(table):
    return set(zip(table["first"].to_pylist(), table["second"].to_pylist(), strict=True))


@pytest.fixture(scope="module")
def crowd():
    columns, numbers = labelled(12_000, seed=11)
    return columns, true_pairs(numbers), zi.find_duplicates(columns)


def test_duplicates_in_a_crowd_are_found_and_strangers_are_left_alone(crowd):
    _, truth, found = crowd
    right = len(pairs(found) & truth)
    assert right / found.num_rows >= 0.98
    assert right / len(truth) >= 0.95


def test_probabilities_are_about_right(crowd):
    _, truth, found = crowd
    sure = [pair for pair, p in zip(sorted_pairs(found), found["probability"].to_pylist(), strict=True) if p > 0.99]
    assert len(set(sure) & truth) / len(sure) >= 0.99


def sorted_pairs(table):
    return list(zip(table["first"].to_pylist(), table["second"].to_pylist(), strict=True))


def test_the_order_of_the_records_does_not_matter(crowd):
    columns, _, _ = crowd
    some = {name: values[:2000] for name, values in columns.items()}
    back = {name: values[::-1] for name, values in some.items()}
    turned = {(1999 - b, 1999 - a) for a, b in pairs(zi.find_duplicates(back))}
    assert turned == pairs(zi.find_duplicates(some))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "上海华信网络科技有限公司"}, {"name": "華信網絡科技（上海）有限責任公司"}),
        ({"name": "恒源科技", "phone": "021-55556666"}, {"name": "上海衡元科技有限公司", "phone": "+86 21 55556666"}),
        ({"name": "张小明", "phone": "13800138000"}, {"name": "章小明", "phone": "138-0013-8000"}),
        ({"name": "张小明", "phone": "13800138000"}, {"name": "Zhang Xiaoming", "phone": "8613800138000"}),
        ({"name": "张小明", "phone": "13800138000 13900139000"}, {"name": "張小明", "phone": "13900139000"}),
        ({"name": "张小明", "birthday": "1980-02-03"}, {"name": "张小明", "birthday": "1980/2/3"}),
        ({"name": "张小明", "email": "xiaoming.z@qq.com"}, {"name": "张小明", "email": "xiaoming.z@163.com"}),
        ({"name": "华信贸易", "code": "91310000MA1FL4XX0X"}, {"name": "华信商贸行", "code": "91310000MA1FL4XX0X"}),
    ],
)  # fmt: skip
def test_one_customer_written_twice_is_found(one, other):
    names = sorted({*one, *other})
    found = zi.find_duplicates({name: [one.get(name, ""), other.get(name)] for name in names})
    assert pairs(found) == {(0, 1)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "张小明", "phone": "13800138", "address": "路1号"}, {"name": "张大", "phone": "13800138", "address": "路1号"}),
        ({"name": "张小明", "phone": "13800138000"}, {"name": "张小明", "phone": "13900139111"}),
        ({"name": "张小明", "birthday": "1980-02-03"}, {"name": "张小明", "birthday": "1991-12-30"}),
        ({"name": "北京字节科技有限公司"}, {"name": "北京字节科技有限公司上海分公司"}),
        ({"name": "上海华信网络科技有限公司"}, {"name": "深圳华信网络科技有限公司"}),
        ({"name": "上海华信网络科技有限公司"}, {"name": "上海华信餐饮管理有限公司"}),
        ({"name": "上海华信贸易", "code": "91310000MA1FL4XX0X"}, {"name": "上海华信贸易公司", "code": "91310115MA1H7Y6R2B"}),
        ({"name": "", "phone": ""}, {"name": "", "phone": ""}),
    ],
)  # fmt: skip
def test_strangers_who_look_alike_stay_apart(one, other):
    names = sorted({*one, *other})
    assert not zi.find_duplicates({name: [one.get(name, ""), other.get(name, "")] for name in names}).num_rows


def test_a_rare_name_says_more_than_a_common_one():
    weights = zi.MatchWeights()
    assert weights.bits("person", "same", share=2e-5) > weights.bits("person", "same", share=5e-3) + 7


def test_the_reasons_add_up_and_the_strongest_comes_first():
    found = zi.find_duplicates(
        {"name": ["张小明", "章小明"], "phone": ["13800138000"] * 2, "birthday": ["1980-02-03", "1980-03-02"]}
    )
    (row,) = found.to_pylist()
    bits = [one["bits"] for one in row["evidence"]]
    assert sum(bits) + zi.MatchWeights().start(2) == pytest.approx(row["bits"])
    assert row["probability"] == pytest.approx(1 / (1 + 2 ** -row["bits"]))
    assert [abs(one) for one in bits] == sorted(map(abs, bits), reverse=True)
    words = [zi.match_words(one["evidence"], one["finding"], "zh") for one in row["evidence"]]
    assert words == ["电话相同", "姓名同音", "生日相近"]


def test_every_finding_has_its_words():
    for evidence, findings in zi.MatchWeights().levels.items():
        for finding in findings:
            assert zi.match_words(evidence, finding, "en") != zi.match_words(evidence, finding, "zh")


def test_a_chain_of_relatives_does_not_become_one_customer():
    mother = {"name": "王秀兰", "phone": "13800138000, 13900139000", "birthday": "1955-01-02"}
    children = [
        {"name": "王秀兰", "phone": "13800138000", "birthday": "1980-05-06"},
        {"name": "王秀兰", "phone": "13900139000", "birthday": "1955-01-02"},
    ]
    rows = [mother, *children]
    found = zi.find_duplicates({name: [row[name] for row in rows] for name in mother})
    groups = [set(pair) for pair in pairs(found)]
    assert groups == [{0, 2}]  # the one with another birthday hangs on the mother's phone alone


def test_groups_are_the_customers():
    found = zi.find_duplicates({"name": ["张小明"] * 3 + ["李大力"] * 2, "phone": ["13800138000"] * 3 + ["13900139000"] * 2})
    assert pairs(found) == {(0, 1), (0, 2), (1, 2), (3, 4)}
    by_pair = dict(zip(sorted_pairs(found), found["group"].to_pylist(), strict=True))
    assert len({by_pair[pair] for pair in ((0, 1), (0, 2), (1, 2))}) == 1
    assert by_pair[3, 4] != by_pair[0, 1]


def test_a_thousand_with_one_made_up_phone_are_no_thousand_duplicates():
    columns, _ = labelled(1000, seed=5, copies=0)
    columns["phone"] = ["13800000000"] * 1000
    assert zi.find_duplicates(columns).num_rows < 60


def test_confirmed_pairs_teach_the_weights():
    columns, numbers = labelled(3000, seed=2)
    truth = sorted(true_pairs(numbers))
    learned = zi.learn_match_weights(columns, truth)
    for findings in learned.levels.values():
        assert sum(m for m, _ in findings.values()) <= 1.2
        assert all(0 < m < 1 for m, _ in findings.values())
    found = pairs(zi.find_duplicates(columns, weights=learned))
    assert len(found & set(truth)) / len(found) >= 0.98


def test_progress_is_told_and_reaches_the_end():
    told = []
    zi.find_duplicates({"name": ["张小明"] * 2, "phone": ["13800138000"] * 2}, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("names", [[], ["张小明"], [None, math.nan, ""], ["张小明"] * 200])
def test_nothing_to_find_is_an_empty_table(names):
    found = zi.find_duplicates({"name": names})
    assert found.num_rows == 0
    assert found.column_names == ["first", "second", "probability", "bits", "group", "evidence"]


def test_numbers_as_phones_and_arrow_tables_are_read():
    table = pa.table({"name": ["张小明", "张小明"], "phone": [13800138000.0, 13800138000.0]})
    assert zi.find_duplicates(table).num_rows == 1


@pytest.mark.parametrize(
    ("records", "options", "message"),
    [
        ({"phone": ["1"]}, {}, "'name' is missing"),
        ({"name": ["a"], "colour": ["red"]}, {}, "'colour' is none of"),
        ({"name": ["a"], "phone": []}, {}, "differ in length"),
        ({"name": ["a"]}, {"threshold": 1.0}, "between 0 and 1"),
        ({"name": ["a"]}, {"largest_block": 1}, "at least 2"),
    ],
)
def test_bad_records_are_refused_with_the_reason(records, options, message):
    with pytest.raises(zi.BadRecords, match=message):
        zi.find_duplicates(records, **options)


def test_there_is_nothing_to_learn_from_no_pair():
    with pytest.raises(zi.BadRecords, match="no confirmed pair"):
        zi.learn_match_weights({"name": ["a", "b"]}, [])
    with pytest.raises(zi.BadRecords, match="outside"):
        zi.learn_match_weights({"name": ["a", "b"]}, [(0, 2)])
