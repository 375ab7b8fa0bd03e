"""Reading what customers say: tone, topics, urgency, words."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import zhike_insight as zi
from zhike_insight import files, runs_of_features as runs

GOOD = [
    "房间干净，服务热情，下次还来",
    "非常满意，推荐给朋友",
    "位置方便，性价比高",
    "早餐丰富，前台很有礼貌",
    "环境安静，床很舒服",
]
BAD = ["房间很脏，有异味", "服务态度太差，再也不来", "隔音不好，吵了一夜", "价格贵，设施陈旧", "等了半天没人管，失望"]


@pytest.fixture(scope="module")
def model():
    return zi.SentimentModel(folds=2, least=1).fit((GOOD + BAD) * 4, ([1] * 5 + [0] * 5) * 4)


def test_a_trained_model_tells_praise_from_blame(model):
    assert model.predict(["服务热情，房间干净", "太脏了，失望"]).tolist() == [1, 0]
    p = model.predict_positive(GOOD + BAD)
    assert p[:5].min() > 0.5 > p[5:].max()
    assert ((p >= 0) & (p <= 1)).all()


def test_a_model_is_kept_as_a_table_and_read_again(model, tmp_path):
    files.write_table(model.to_table(), tmp_path / "model.parquet")
    again = zi.SentimentModel.from_table(pq.read_table(tmp_path / "model.parquet"))
    texts = [*GOOD, *BAD, "", "全新的话 hello 123"]
    assert again.predict_positive(texts) == pytest.approx(model.predict_positive(texts))
    assert again.get_params() == model.get_params()


def test_traditional_characters_and_width_change_nothing(model):
    assert model.predict_positive(["服務熱情，房間乾淨ＯＫ"]) == pytest.approx(model.predict_positive(["服务热情,房间干净ok"]))


def test_a_text_without_a_known_piece_still_has_an_answer(model):
    assert np.isfinite(model.predict_positive(["", " ", "！！！", "zzzz"])).all()
    assert len(model.predict_positive([])) == 0


def test_the_clauses_say_why(model):
    clause, tone = model.explain("房间很脏，有异味，走廊")[0]
    assert tone < 0
    assert clause in ("房间很脏", "有异味")


def test_the_same_texts_give_the_same_model(model):
    again = zi.SentimentModel(folds=2, least=1).fit((GOOD + BAD) * 4, ([1] * 5 + [0] * 5) * 4)
    assert again.predict_positive(GOOD) == pytest.approx(model.predict_positive(GOOD))


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["好"], [1, 0], "1 texts and 2 labels"),
        (["好"] * 9, [1] * 9, "two labels, not 1"),
        (["好"] * 9, list(range(9)), "two labels, not 9"),
        (["好"] * 9, [1] * 8 + [0], "at least 5"),
        ([""] * 20, [1, 0] * 10, "no piece"),
    ],
)
def test_nothing_to_learn_is_said(texts, labels, message):
    with pytest.raises(ValueError, match=message):
        zi.SentimentModel().fit(texts, labels)


def test_a_foreign_table_is_no_model(model):
    with pytest.raises(zi.BadInput):
        zi.SentimentModel.from_table(model.to_table().replace_schema_metadata(None))


def test_the_list_of_words_turns_with_not_and_weighs_what_follows_but():
    tones = zi.lexicon_sentiment(["服务热情", "服务不热情", "位置不错，但是房间太脏", "今天星期三", ""])
    assert tones[0] > 0 > tones[1]
    assert tones[2] < 0
    assert tones[3] == tones[4] == 0
    assert (np.abs(zi.lexicon_sentiment(["很好，" * 500, "太差，" * 500])) <= 1).all()


def test_topics_are_named_and_own_topics_can_be_given():
    assert zi.topics_of(["快递太慢"])[0][0] == "delivery"
    assert zi.topics_of(["机油滤芯换贵了"], {"parts": ["滤芯", "机油"], "price": ["贵"]}) == [["parts", "price"]]
    assert zi.topics_of([]) == []


def test_danger_is_urgent_and_praise_is_not():
    danger, again, praise = zi.urgency_of(["刹车失灵！", "第三次来修了，一直没解决，要投诉", "服务很好"])
    assert danger["urgency"] == 1
    assert 0.6 < again["urgency"] < 1
    assert again["why"] == ["again", "complaint"]
    assert (praise["urgency"], praise["why"]) == (0, [])


def test_words_that_one_topic_says_more_than_the_rest():
    found = zi.keywords(["漏油了，发动机漏油", "又漏油"] * 5, ["空调不冷", "服务很好"] * 5, most=3)
    assert "漏油" in found["word"].to_pylist()[:2]
    assert found["strength"].to_pylist() == sorted(found["strength"].to_pylist(), reverse=True)
    assert zi.keywords(["甲"], [], least=9).num_rows == 0
    with pytest.raises(zi.BadInput):
        zi.keywords([], ["好"])


def test_hotel_reviews_are_read_well_from_an_eighth_of_them(shared_data):
    with (shared_data / "cn_reviews" / "hotel_reviews.csv").open(encoding="utf-8-sig") as file:
        rows = [(row["review"], int(row["label"])) for row in csv.DictReader(file) if row["review"].strip()]
    table, result, _ = runs.sentiment_run([text for text, _ in rows[::8]], [label for _, label in rows[::8]])
    assert table.num_rows == len(rows[::8])
    assert result["accuracy"] > result["lexicon"]["accuracy"]
    assert result["auc"] > 0.88


def test_a_word_tree_tells_how_a_word_is_said():
    texts = ["洗车等了半天", "等了半天没人", "又等了半天", "等了两小时", "等等看"]
    after = zi.word_tree(texts, "等").to_pylist()
    assert [(row["depth"], row["words"], row["texts"]) for row in after] == [(1, "了", 4), (2, "半天", 3)]
    assert "两小时" in zi.word_tree(texts, "等", least=1, most=9)["words"].to_pylist()
    assert zi.word_tree(["房间很吵", "房间很吵"], "吵", before=True)["words"].to_pylist() == ["房间很"]
    assert zi.word_tree(["没有"], "等").num_rows == 0
    with pytest.raises(zi.BadInput):
        zi.word_tree(texts, "等", most=0)


@pytest.mark.parametrize("read", [zi.lexicon_sentiment, zi.topics_of, zi.urgency_of])
def test_one_text_alone_or_a_missing_one_is_refused(read):
    with pytest.raises(zi.BadInput, match="a list of texts"):
        read("服务很好")
    with pytest.raises(zi.BadInput, match="row 1: None is no text"):
        read(["服务很好", None])
    assert list(read(pa.array(["服务很好"]))) == list(read(["服务很好"]))
