"""`zhike insight` as a person calls it: on a file, without database and Django."""

import json
import subprocess
import sys
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tests.insight.conftest import dataset
from zhike.cli.insight import command

CDNOW = str(dataset("CDNOW_sample.txt"))
MAP = "customer=1,date=3,quantity=4,amount=5"


def run(*arguments):
    return CliRunner().invoke(command, list(arguments))


@pytest.fixture(scope="module")
def cdnow_result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clv")
    outcome = run(
        "clv", CDNOW, "--map", MAP, "--time-unit", "week", "--calibration-end", "1997-09-30", "--json",
        "--out", str(folder / "customers.parquet"), "--report", str(folder / "report.html"),
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.output
    return json.loads(outcome.stdout.splitlines()[-1]), folder


def test_clv_reproduces_the_published_fit_and_hold_out(cdnow_result):
    result, _ = cdnow_result
    assert (result["rows"], result["customers"]) == (6919, 2357)
    expected = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259, "log_likelihood": -9582.43}
    assert {name: result["bgnbd"][name] for name in expected} == pytest.approx(expected, rel=5e-3)
    spend = {"p": 6.25, "q": 3.74, "v": 15.44, "log_likelihood": -4055.92}
    assert {name: result["gamma_gamma"][name] for name in spend} == pytest.approx(spend, rel=5e-3)
    assert result["holdout"]["actual"] == 1882
    assert result["holdout"]["expected"]["bgnbd"] == pytest.approx(1653, abs=1)


def test_the_table_holds_every_customer(cdnow_result):
    result, folder = cdnow_result
    table = pq.read_table(folder / "customers.parquet")
    assert table.num_rows == 2357
    assert sum(table["value"].to_pylist()) == pytest.approx(result["customer_equity"])


class _Outside(HTMLParser):
    """Collects everything that a browser would fetch or run."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.pictures = 0

    def handle_starttag(self, tag, attrs):
        self.pictures += tag == "svg"
        if tag in ("script", "link", "iframe", "img") or any(name in ("src", "href") or name.startswith("on") for name, _ in attrs):
            self.found.append((tag, attrs))


def test_the_report_is_self_contained_with_plots(cdnow_result):
    _, folder = cdnow_result
    page = _Outside()
    text = (folder / "report.html").read_text()
    page.feed(text)
    assert page.found == []
    assert page.pictures == 2
    assert "客户终身价值" in text
    assert "1,882" in text


def test_rfm_counts_everybody(tmp_path):
    outcome = run("rfm", CDNOW, "--map", MAP, "--json", "--report", str(tmp_path / "rfm.html"), "--language", "en")
    result = json.loads(outcome.stdout.splitlines()[-1])
    assert sum(group["customers"] for group in result["classes"].values()) == result["customers"] == 2357
    assert sum(group["customers"] for group in result["segments"].values()) == 2357
    assert "<h1>RFM</h1>" in (tmp_path / "rfm.html").read_text()


def test_without_json_a_person_reads_it():
    outcome = run("rfm", CDNOW, "--map", MAP)
    assert outcome.exit_code == 0
    assert "important_value" in outcome.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("customer,date,amount\n1,2026-01-01,x\n", "row 2: 'x' is not an amount"),
        ("customer,date,amount\n1,2026-01-01,5\n2,2026-01-02,5\n", "no customer bought again"),
        ("", "is empty"),
    ],
)
def test_problems_go_to_standard_error_with_a_failing_code(tmp_path, content, message):
    path = tmp_path / "orders.csv"
    path.write_text(content)
    outcome = run("clv", str(path), "--json")
    assert outcome.exit_code == 1
    assert message in outcome.stderr
    assert outcome.stdout == ""


def test_it_needs_neither_django_nor_a_database(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("customer,date,amount\n1,2026-01-01,5\n1,2026-02-01,5\n2,2026-02-01,5\n")
    code = (
        "import sys; from zhike.cli.main import cli\n"
        f"try: cli(['insight', 'rfm', {str(path)!r}, '--json'])\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        "assert not {m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg')}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_network_of_an_edge_list(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("source,target,weight\n甲,乙,1\n乙,丙,2\n丙,丁,1\n")
    outcome = run("network", str(path), "--json", "--out", str(tmp_path / "people.csv"))
    result = json.loads(outcome.stdout.splitlines()[-1])
    assert (result["people"], result["edges"]) == (4, 3)
    assert {row["person"]: row["betweenness"] for row in result["top"]} == {"甲": 0.0, "乙": 2.0, "丙": 2.0, "丁": 0.0}
    assert "甲" in (tmp_path / "people.csv").read_text("utf-8-sig")
    path.write_text("1 2\n2 3\n")
    assert json.loads(run("network", str(path), "--json").stdout)["people"] == 3
    path.write_text("from,to\n1,2\n2,3\n")
    assert json.loads(run("network", str(path), "--json").stdout)["people"] == 3  # other headers are nobody either
    path.write_text("source,target,weight\n1,2,much\n")
    assert run("network", str(path)).exit_code == 1


def test_baskets_by_line_and_by_item(tmp_path):
    by_line, by_item = tmp_path / "lines.csv", tmp_path / "items.csv"
    baskets = [["tea", "cup"], ["tea", "cup"], ["tea"], ["nail"], ["tea", "cup", "nail"]] * 4
    by_line.write_text("\n".join(",".join(basket) for basket in baskets))
    by_item.write_text("order,product\n" + "\n".join(f"{i},{item}" for i, basket in enumerate(baskets) for item in basket))
    results = [
        json.loads(run("basket", str(by_line), "--support", "0.3", "--confidence", "0.7", "--json").stdout),
        json.loads(
            run(
                "basket", str(by_item), "--map", "basket=order,item=product", "--support", "0.3", "--confidence", "0.7", "--json"
            ).stdout
        ),
    ]
    assert results[0] == results[1]
    assert results[0]["rules"] == 2
    assert results[0]["holdout"]["baskets"] > 0


def test_groceries_from_the_command_line(shared_data):
    outcome = run("basket", str(shared_data / "groceries" / "groceries.csv"), "--support", "0.001", "--confidence", "0.8", "--json")
    assert json.loads(outcome.stdout)["rules"] == 410


def test_churn_of_a_table(tmp_path):
    import numpy as np

    rng = np.random.default_rng(0)
    visits, plan = rng.poisson(5, 400), rng.choice(["月", "年"], 400)
    gone = rng.random(400) < 1 / (1 + np.exp(0.6 * (visits - 4) + (plan == "年")))
    lines = [f"{i:04d}x,{v},{p},{'Yes' if g else 'No'}" for i, (v, p, g) in enumerate(zip(visits, plan, gone, strict=True))]
    path = tmp_path / "customers.csv"
    path.write_text("id,visits,plan,Churn\n" + "\n".join(lines))
    result = json.loads(
        run(
            "churn",
            str(path),
            "--target",
            "Churn",
            "--report",
            str(tmp_path / "churn.html"),
            "--json",
            "--out",
            str(tmp_path / "p.csv"),
        ).stdout
    )
    assert result["auc"] > 0.7
    assert (result["left"], result["left_out"]) == (int(gone.sum()), ["id"])
    assert sum(group["customers"] for group in result["calibration"]) == 400
    assert result["drivers"][0]["feature"] == "visits"
    outcome = run("churn", str(path), "--target", "leaving")
    assert outcome.exit_code == 1
    assert "there is no column 'leaving'" in outcome.stderr
    assert "流失预测" in (tmp_path / "churn.html").read_text()
