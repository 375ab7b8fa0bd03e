"""`zhike insight patterns`: who comes next when, cohorts, season, and the sales to come."""

import json
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tests.insight.conftest import dataset
from zhike.cli.insight import command


def run(*arguments):
    return CliRunner().invoke(command, ["patterns", *map(str, arguments)])


def written(tmp_path, rows, header="customer,date,amount"):
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def visits(days, *, every=14.0, customers=40, more=lambda one: ""):
    """Rows of customers who come about every fortnight."""
    rng, rows = np.random.default_rng(5), []
    for one in range(customers):
        at = rng.uniform(0, every)
        while at < days:
            rows.append(f"{one},{date(2025, 1, 1) + timedelta(days=int(at))},10{more(one)}")
            at += rng.gamma(9, every / 9)
    return rows


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patterns")
    outcome = run(
        dataset("CDNOW_sample.txt"), "--map", "customer=1,date=3,quantity=4,amount=5", "--json", "--as-of", "1998-06-30",
        "--out", folder / "next.parquet", "--report", folder / "report.html",
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.output
    return json.loads(outcome.stdout.splitlines()[-1]), folder


def test_everybody_has_a_state_and_the_months_of_the_first_purchase_add_up(cdnow):
    result, folder = cdnow
    table = pq.read_table(folder / "next.parquet").to_pylist()
    assert len(table) == result["customers"] == sum(result["states"].values()) == 2357
    assert [(one["cohort"], one["customers"]) for one in result["cohorts"]] == [
        ("1997-01", 781),
        ("1997-02", 857),
        ("1997-03", 719),
    ]
    known = [row for row in table if row["middle"] is not None]
    assert all(row["low"] <= row["middle"] <= row["high"] for row in known)
    assert all(row["next_on"] >= date(1998, 6, 30) for row in known)


def test_what_was_foretold_is_held_against_what_came(cdnow):
    result, _ = cdnow
    assert [row["days"] for row in result["judged"]] == [7, 30, 60, 90]
    assert result["judged"][-1]["expected"] == pytest.approx(result["judged"][-1]["came"], rel=0.25)
    assert result["held"] == pytest.approx(0.8, abs=0.1)
    assert {row["measure"] for row in result["tests"] if row["chosen"]} == {"orders", "revenue"}
    assert result["origins"] == 6


def test_the_report_shows_all_parts_in_both_languages(cdnow, tmp_path):
    _, folder = cdnow
    page = (folder / "report.html").read_text()
    for title in ("谁该来了", "规律是否应验", "季节: 星期", "客户群留存", "预测: 订单数", "预测: 销售额", "各方法的检验"):
        assert f"<h2>{title}</h2>" in page
    path = written(tmp_path, visits(200))
    assert run(path, "--period", "week", "--periods", 3, "--language", "en", "--report", tmp_path / "en.html").exit_code == 0
    english = (tmp_path / "en.html").read_text()
    assert "<h2>Forecast: revenue</h2>" in english
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english)


def test_the_forecast_is_by_segment_and_the_small_ones_are_together(tmp_path):
    path = written(tmp_path, visits(240, more=lambda one: f",门店{one % 11}"), "customer,date,amount,渠道")
    result = json.loads(run(path, "--json", "--periods", 2).stdout)
    orders = [row for row in result["forecast"] if row["measure"] == "orders" and row["start"] == "2025-09-01"]
    names = [row["segment"] for row in orders if row["segment"] is not None]
    assert len(names) == 9
    assert "…" in names
    (whole,) = [row["expected"] for row in orders if row["segment"] is None]
    assert sum(row["expected"] for row in orders if row["segment"] is not None) == pytest.approx(whole, abs=0.1)
    assert whole == pytest.approx(40 * 30 / 14, rel=0.2)


def test_a_short_history_has_a_rhythm_but_neither_season_nor_forecast(tmp_path):
    path = written(tmp_path, visits(45))
    outcome = run(path, "--report", tmp_path / "short.html")
    assert outcome.exit_code == 0, outcome.output
    result = json.loads(run(path, "--json").stdout)
    assert "at least 56 days" in result["season"]["problem"]
    assert (result["forecast"], result["judged"], result["held"]) == ([], [], None)
    assert result["rhythm"]["middle"] == pytest.approx(14, abs=2)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (["1,2025-01-01,5", "1,2025-02-01,5"], (), "fewer than 30 intervals between purchases"),
        (visits(90), ("--as-of", "2020-01-01"), "fewer than 30 intervals between purchases"),
        (visits(90), ("--map", "customer=1,date=2,amount=3,segment=9"), "there is no column 9"),
    ],
)
def test_too_little_is_said_in_one_sentence(tmp_path, rows, options, message):
    outcome = run(written(tmp_path, rows), *options)
    assert outcome.exit_code == 1
    assert message in outcome.stderr
