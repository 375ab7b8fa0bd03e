"""`zhike insight survival`: how long customers with a contract stay."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from zhike.cli.insight import command

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]  # a published cohort, after each renewal


def run(*arguments):
    return CliRunner().invoke(command, ["survival", *map(str, arguments)])


def written(tmp_path, lines):
    path = tmp_path / "contracts.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def cohort(tmp_path):
    gone = [f"{year},1" for year in range(1, 8) for _ in range(REGULAR[year - 1] - REGULAR[year])]
    return written(tmp_path, ["years,gone", *gone, *["7,0"] * REGULAR[-1]])


def test_a_cohort_of_contracts_is_that_of_the_paper(cohort):
    result = json.loads(run(cohort, "--duration", "years", "--target", "gone", "--json").stdout)
    assert (result["contract"]["alpha"], result["contract"]["beta"]) == pytest.approx((0.704, 1.182), abs=2e-3)
    assert result["contract"]["active"] == REGULAR
    assert result["curve"][-1]["survival"] == pytest.approx(0.241)
    assert result["median"] == 2
    shares = [row["share"] for row in result["contract"]["retention"]]
    assert shares == sorted(shares)
    assert "drivers" not in result


def test_features_that_drive_them_away_are_found_and_judged(tmp_path):
    rng = np.random.default_rng(6)
    calls, plan = rng.poisson(2, 500), rng.choice(["month", "year"], 500, p=[0.6, 0.4])
    life = rng.exponential(20 / np.exp(0.5 * (calls - 2) - 1.0 * (plan == "year")))
    until = rng.uniform(5, 30, 500)
    rows = [
        f"c{n},{min(a, b):.3f},{'yes' if a < b else 'no'},{c},{p}"
        for n, (a, b, c, p) in enumerate(zip(life, until, calls, plan, strict=True))
    ]
    path = written(tmp_path, ["id,months,gone,calls,plan", *rows])
    page, out = tmp_path / "page.html", tmp_path / "risk.csv"
    asked = (path, "--duration", "months", "--target", "gone", "--report", page, "--out", out)
    result = json.loads(run(*asked, "--json").stdout)
    found = {row["feature"]: row for row in result["drivers"]}
    assert found["calls"]["low"] < np.exp(0.5) < found["calls"]["high"]
    assert found["plan=year"]["low"] < np.exp(-1.0) < found["plan=year"]["high"]
    assert 0.65 < result["concordance"] < 0.85
    assert (result["left_out"], "contract" in result) == (["id"], False)
    assert "什么让客户更早离开" in page.read_text()
    assert len(out.read_text("utf-8-sig").splitlines()) == 501
    assert "× 0." in run(*asked, "--language", "en").stdout
    assert "Renewals" not in page.read_text()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["time,gone", "1,0", "2,0"], "must hold two values"),
        (["time,gone", "x,0", "2,1"], "'time' must be numbers"),
        (["time,gone", "-1,0", "2,1"], "negative"),
        (["age,gone", "1,0", "2,1"], "there is no column 'time'"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path, lines, message):
    outcome = run(written(tmp_path, lines), "--duration", "time", "--target", "gone")
    assert outcome.exit_code == 1
    assert message in outcome.stderr
