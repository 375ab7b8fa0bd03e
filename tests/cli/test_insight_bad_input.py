"""What people give to `zhike insight` by mistake: a sentence that names the row, or a treatment that is written down; no storm."""

import json
import random
import warnings

import pytest
from click.testing import CliRunner

from zhike.cli.insight import command

HEADER = "customer,date,amount"


def shop(customers=200):
    """Rows of a shop, in no order: some come once, some eight times."""
    rng = random.Random(3)
    rows = [
        f"{one},2025-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d},{rng.randint(1, 500)}"
        for one in range(customers)
        for _ in range(rng.choice([1, 1, 2, 3, 5, 8]))
    ]
    rng.shuffle(rows)
    return rows


SHOP = shop()


@pytest.fixture
def asked(tmp_path):
    """Calls an analysis on rows: (exit code, result, everything said)."""

    def ask(analysis, rows, *options, header=HEADER):
        path = tmp_path / "orders.csv"
        path.write_text("\n".join([header, *rows]) + "\n" if header else "")
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what escapes to a person as a warning of the interpreter is an error here
            outcome = CliRunner().invoke(command, [analysis, str(path), *options, "--json"])
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
        result = json.loads(outcome.stdout.splitlines()[-1]) if outcome.exit_code == 0 else None
        assert outcome.stderr.count("\n") <= 5, outcome.stderr
        return outcome.exit_code, result, outcome.stderr

    return ask


def with_amount(amount):
    return [",".join([*row.split(",")[:2], amount]) for row in SHOP]


@pytest.mark.parametrize(
    ("analysis", "rows", "options", "message"),
    [
        ("rfm", [*SHOP, "5,2025-01-01,inf"], (), f"row {len(SHOP) + 2}: 'inf' is not an amount"),
        ("clv", [*SHOP, "5,2025-01-01,-Infinity"], (), f"row {len(SHOP) + 2}: '-Infinity' is not an amount"),
        ("clv", [*SHOP, "5,2025-01-01,nan"], (), f"row {len(SHOP) + 2}: 'nan' is not an amount"),
        ("rfm", [*SHOP, "5,2025-01-01,1e400"], (), f"row {len(SHOP) + 2}: '1e400' is not an amount"),
        ("rfm", [*SHOP, "5,9999-01-01,5"], (), f"row {len(SHOP) + 2}: '9999-01-01' is not a date"),
        ("rfm", [*SHOP, "5,2025-02-30,5"], (), f"row {len(SHOP) + 2}: '2025-02-30' is not a date"),
        ("rfm", SHOP, ("--as-of", "2020-01-01"), "nobody bought anything until 2020-01-01"),
        ("clv", SHOP, ("--as-of", "2020-01-01"), "nobody bought anything until 2020-01-01"),
        ("clv", SHOP, ("--calibration-end", "2030-01-01"), "the hold-out must end after the calibration (2030-01-01)"),
        ("clv", with_amount("-5"), (), "nobody bought anything"),
        ("clv", with_amount("0"), (), "only 0 customers spent something at a repeat purchase; ten are needed"),
        ("clv", ["1,2025-01-01,5", "1,2025-02-01,6"], (), "only 1 customers spent something"),
        ("clv", [f"{n},2025-{n % 12 + 1:02d}-01,{n + 1}" for n in range(100)], (), "no customer bought again"),
        ("rfm", [",,", ",,"], (), "no row has a customer, a date and an amount"),
        ("rfm", [], (), "the file has no rows below its header"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_one_sentence(asked, analysis, rows, options, message):
    code, _, said = asked(analysis, rows, *options)
    assert code == 1
    assert message in said


def test_an_empty_file_is_empty(asked):
    assert "is empty" in asked("rfm", [], header="")[2]


@pytest.mark.parametrize(
    "rows",
    [
        sorted(SHOP),
        sorted(SHOP, key=lambda row: row.split(",")[1]),
        [row.replace(f"-{row.split(',')[1][8:]},", f"-{row.split(',')[1][8:]}T23:30:00+08:00,") for row in SHOP],
        [row.replace(f"-{row.split(',')[1][8:]},", f"-{row.split(',')[1][8:]} 00:10:00.500Z,") for row in SHOP],
        ["客户-" + row for row in SHOP],
    ],
    ids=["by customer", "by day", "zone of China", "universal time", "ids as texts"],
)
def test_order_zones_and_kinds_of_ids_change_nothing(asked, rows):
    expected = asked("clv", SHOP)[1]
    got = asked("clv", rows)[1]
    assert got["bgnbd"]["log_likelihood"] == pytest.approx(expected["bgnbd"]["log_likelihood"], rel=1e-9)
    assert got["customer_equity"] == pytest.approx(expected["customer_equity"], rel=1e-9)


def test_rows_that_come_twice_are_one_visit_with_twice_the_money(asked):
    expected, got = asked("clv", SHOP)[1], asked("clv", SHOP + SHOP)[1]
    assert got["bgnbd"]["log_likelihood"] == pytest.approx(expected["bgnbd"]["log_likelihood"])
    assert got["customer_equity"] == pytest.approx(2 * expected["customer_equity"], rel=1e-6)


def test_returns_lower_the_money_and_are_no_visits(asked):
    expected, got = asked("clv", SHOP)[1], asked("clv", [*SHOP, "1,2025-06-15,-1"])[1]
    assert got["customers"] == expected["customers"]
    assert got["rows"] == expected["rows"] + 1
    assert got["bgnbd"]["log_likelihood"] == pytest.approx(expected["bgnbd"]["log_likelihood"])


def test_missing_cells_are_left_out_and_counted(asked):
    _, result, _ = asked("rfm", [*SHOP, ",2025-01-01,5", "5,,5", "5,2025-01-01,"])
    assert result["left_out"] == {"no customer": 1, "no date": 1, "no amount": 1}


def test_one_customer_and_only_ones_who_are_alike(asked):
    assert asked("rfm", ["1,2025-01-01,5"])[1]["customers"] == 1
    alike = [f"{n},2025-{month:02d}-01,10" for n in range(50) for month in (1, 3, 5)]
    assert asked("rfm", alike)[1]["customers"] == 50
    code, result, said = asked("clv", alike)
    assert code == 0
    assert result["bgnbd"]["limit"] == ["one_rate", "nobody_leaves"]
    assert result["gamma_gamma"]["limit_parameters"] == {"mean": pytest.approx(10)}
    assert result["customer_equity"] == pytest.approx(50 * 10 * 365.25 * 100 / (50 * 120), rel=0.06)  # two in 120 days, discounted
    assert said == ""


def test_a_date_beyond_the_horizon_is_noticed_and_can_be_left_out(asked):
    _, result, said = asked("rfm", [*SHOP, "5,2199-01-01,5"])
    assert result["as_of"] == "2199-01-01"
    assert "days behind all others; give --as-of" in said
    last = max(row.split(",")[1] for row in SHOP)
    _, result, said = asked("rfm", [*SHOP, "5,2199-01-01,5"], "--as-of", last)
    assert said == ""
    assert result["segments"] == asked("rfm", SHOP)[1]["segments"]


def test_a_million_different_products(tmp_path):
    path = tmp_path / "baskets.csv"
    with path.open("w") as file:
        file.writelines(
            f"p{4 * n},p{4 * n + 1},p{4 * n + 2},{'bread,butter' if n % 50 == 0 else f'p{4 * n + 3}'}\n" for n in range(250_000)
        )
    outcome = CliRunner().invoke(command, ["basket", str(path), "--json"])
    assert outcome.exit_code == 0, outcome.output
    result = json.loads(outcome.stdout.splitlines()[-1])
    assert result["baskets"] == 250_000
    assert {rule["antecedent"] for rule in result["top"]} == {"bread", "butter"}
