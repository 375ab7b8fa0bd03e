"""The commands of `zhike insight` on features, texts and records."""

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.cli.test_insight import run


def asked(*arguments):
    outcome = run(*arguments, "--json")
    assert outcome.exit_code == 0, outcome.output
    return json.loads(outcome.stdout.splitlines()[-1])


@pytest.fixture
def written(tmp_path):
    def write(name, columns):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(columns), *zip(*columns.values(), strict=True)])
        return str(path)

    return write


@pytest.fixture
def customers(written):
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], 60)
    spend = np.array([100, 500, 900])[kind] + rng.normal(0, 20, 180)
    visits = np.array([20, 2, 10])[kind] + rng.normal(0, 1, 180)
    bad = (rng.random(180) < np.array([0.1, 0.3, 0.7])[kind]).astype(int)
    return written(
        "customers.csv",
        {"spend": spend.round(2), "visits": visits.round(2), "city": np.array(["上海", "北京"])[kind % 2], "bad": bad},
    )


def report_of(path):
    text = path.read_text()
    assert text.startswith("<!doctype html>")
    for foreign in ("http://", "https://", "<script", "src="):
        assert foreign not in text.replace("http://www.w3.org/2000/svg", "")
    return text


def test_segments_of_a_table(customers, tmp_path):
    out, page = tmp_path / "segments.parquet", tmp_path / "page.html"
    result = asked("segment", customers, "--goal", "bad", "--out", str(out), "--report", str(page))
    assert result["k"] == 3
    assert [one["customers"] for one in result["segments"]] == [60, 60, 60]
    assert result["stability"] > 0.9
    assert {row["test"] for row in result["tests"]} == {"large", "relevant", "described", "stable"}
    assert pq.read_table(out).num_rows == 180
    text = report_of(page)
    assert "<svg" in text
    assert "客户细分" in text


def test_segments_by_mixture_and_as_many_as_asked(customers):
    assert asked("segment", customers, "--technique", "mixture", "--segments", "2")["k"] == 2


def test_a_scorecard_is_judged_on_rows_it_has_not_seen(customers, tmp_path):
    page = tmp_path / "card.html"
    result = asked("scorecard", customers, "--target", "bad", "--report", str(page), "--language", "en")
    assert 0.6 < result["auc"] <= result["in_sample_auc"] <= 1
    assert result["gini"] == pytest.approx(2 * result["auc"] - 1)
    assert result["card"]
    assert "Points" in report_of(page)


def test_german_credit_from_the_command_line(shared_data, tmp_path):
    lines = (shared_data / "german_credit" / "german.data").read_text().split("\n")
    path = tmp_path / "german.csv"
    path.write_text("\n".join(",".join(line.split()) for line in lines if line.strip()))
    result = asked("scorecard", str(path), "--target", lines[0].split()[-1], "--positive", "0")
    assert (result["rows"], result["bad"]) == (1000, 300)
    assert 0.76 < result["auc"] < 0.82
    assert max(result["auc"], 0.785) < result["challenger_auc"] < 0.83


def test_drivers_of_a_survey(written, tmp_path):
    rng = np.random.default_rng(1)
    speed, price = rng.integers(1, 11, (2, 120))
    path = written(
        "survey.csv",
        {"overall": speed * 0.8 + price * 0.2 + rng.normal(0, 1, 120), "speed": speed, "price": price, "who": range(120)},
    )
    page, out = tmp_path / "page.html", tmp_path / "drivers.csv"
    result = asked("drivers", path, "--outcome", "overall", "--resamples", "50", "--report", str(page), "--out", str(out))
    assert result["drivers"][0]["name"] == "speed"
    assert result["drivers"][0]["low"] < result["drivers"][0]["importance"] < result["drivers"][0]["high"]
    assert "关键驱动因素" in report_of(page)
    assert out.read_text(encoding="utf-8-sig").startswith('"name"')


GOOD, BAD = (
    ("房间干净，服务热情", "非常满意，推荐", "位置方便，早餐丰富"),
    ("房间很脏，有异味", "服务太差，失望", "又吵又贵，再也不来"),
)


@pytest.fixture
def reviews(written):
    texts = [f"{text}{number}" for number in range(20) for text in (*GOOD, *BAD)]
    return written("reviews.csv", {"评论": texts, "满意": [1, 1, 1, 0, 0, 0] * 20})


def test_sentiment_with_labels_is_judged_on_a_fifth(reviews, tmp_path):
    page, model = tmp_path / "page.html", tmp_path / "model.parquet"
    result = asked("sentiment", reviews, "--text", "评论", "--label", "满意", "--report", str(page), "--save-model", str(model))
    assert (result["accuracy"], result["auc"]) == (1.0, 1.0)
    assert (result["train"], result["test"], result["method"]) == (96, 24, "model")
    assert result["topics"]["place"] > 0
    assert "客户之声" in report_of(page)
    again = asked("sentiment", reviews, "--text", "评论", "--model", str(model))
    assert again["mean_positive"] == pytest.approx(0.5, abs=0.1)
    assert "accuracy" not in again


def test_sentiment_without_labels_says_that_it_is_a_list_of_words(reviews):
    assert asked("sentiment", reviews, "--text", "评论")["method"] == "list of words"


def test_matching_of_a_file_of_customers(written, tmp_path):
    path = written(
        "customers.csv",
        {"客户名称": ["上海恒源网络科技有限公司", "衡元網絡科技（上海）", "张小明"], "电话": ["02155556666", "02155556667", ""]},
    )
    page, out = tmp_path / "page.html", tmp_path / "pairs.csv"
    result = asked("match", path, "--report", str(page), "--out", str(out))
    assert (result["rows"], result["pairs"]) == (3, 1)
    assert result["top"][0]["first"] == 1
    assert "names that sound the same" in out.read_text(encoding="utf-8-sig")
    assert "疑似重复客户" in report_of(page)
    assert asked("match", path, "--map", "name=1,phone=2")["pairs"] == 1


def test_network_and_basket_have_reports_too(written, tmp_path):
    edges = written("edges.csv", {"source": ["a", "a", "b", "c"], "target": ["b", "c", "c", "d"]})
    baskets = tmp_path / "baskets.csv"
    baskets.write_text("\n".join(["牛奶,面包", "牛奶,面包,蛋", "蛋,面包", "牛奶,面包"] * 10))
    for command, title in (
        (("network", edges), "影响力"), (("basket", str(baskets), "--support", "0.1"), "购物篮分析"),
    ):  # fmt: skip
        page = tmp_path / f"{command[0]}.html"
        asked(*command, "--report", str(page))
        assert title in report_of(page)


def test_without_json_a_person_reads_the_figures(customers, reviews):
    for arguments in (
        ("segment", customers),
        ("scorecard", customers, "--target", "bad"),
        ("sentiment", reviews, "--text", "评论"),
    ):
        outcome = run(*arguments)
        assert outcome.exit_code == 0, outcome.output
        assert len(outcome.stdout.splitlines()) > 2


@pytest.mark.parametrize(
    ("columns", "arguments", "message"),
    [
        ({"a": [1, 2]}, ("segment",), "fewer different customers"),
        ({"name": ["甲", "乙", "丙"]}, ("segment",), "no column to segment by"),
        ({"a": [1, 2]}, ("segment", "--goal", "b"), "no column 'b'"),
        ({"a": [1, 2], "bad": [1, 1]}, ("scorecard", "--target", "bad"), "two values"),
        ({"a": [1, 2], "bad": [0, 1]}, ("scorecard", "--target", "bad"), "at least 5"),
        ({"a": ["x", "y"]}, ("drivers", "--outcome", "a"), "must be numbers"),
        ({"a": [1, 2]}, ("drivers", "--outcome", "b"), "no column 'b'"),
        ({"a": [1, 2], "b": [1, 1]}, ("drivers", "--outcome", "b"), "too few"),
        ({"t": ["好", "差"], "l": [1, 1]}, ("sentiment", "--text", "t", "--label", "l"), "two values"),
        ({"t": ["好", "差"], "l": [1, 0]}, ("sentiment", "--text", "t", "--label", "l"), "too few"),
        ({"t": ["好", "差"]}, ("sentiment", "--text", "x"), "no column 'x'"),
        ({"a": [1, 2]}, ("match",), "a column of names is needed"),
        ({"name": [1, 2]}, ("match", "--map", "colour=1"), "--map"),
        ({"name": []}, ("match",), "no rows"),
    ],
)
def test_bad_input_is_one_sentence(written, columns, arguments, message):
    outcome = run(arguments[0], written("bad.csv", columns), *arguments[1:])
    assert outcome.exit_code != 0
    assert message in outcome.stderr
    assert "Traceback" not in outcome.output


def test_a_file_of_lines_tells_what_each_customer_buys_next(tmp_path):
    from tests.insight.offers.conftest import lines_of_a_shop

    shop = lines_of_a_shop(customers=120, days=400)
    rows = [f"{c}-{d},{p},{c},{d},{price},{k}" for c, p, k, d, price in zip(*shop.values(), strict=True)]
    path, offers, page = tmp_path / "lines.csv", tmp_path / "offers.csv", tmp_path / "page.html"
    path.write_text("\n".join(["订单,商品,客户,日期,单价,品类", *rows]))
    mapping = "basket=订单,item=商品,customer=客户,date=日期,price=单价,category=品类"
    result = asked("basket", str(path), "--map", mapping, "--days", "60", "--offers", str(offers), "--report", str(page))
    assert result["baskets"] > 0  # as ever
    found = result["next"]
    assert {row["technique"] for row in found["holdout"]["techniques"]} >= {"popular", "own", "propensity"}
    assert found["propensity"]["log_loss"] < found["propensity"]["base_log_loss"]
    assert "price_steps" in found
    assert offers.read_text(encoding="utf-8-sig").startswith('"customer_id","rank","product","probability"')
    assert "谁更能说中下一次购买" in report_of(page)


def test_a_date_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("1,tea,a,2026-01-01\n2,tea,b,someday\n")
    outcome = run("basket", str(path), "--map", "basket=1,item=2,customer=3,date=4", "--json")
    assert outcome.exit_code != 0
    assert "line 2: 'someday' is not a date" in outcome.output
