"""`zhike value run`: the object that scripts rely on, from a part of CDNOW brought in by `zhike import`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Installation
from tests.value.cdnow import FOLDER

CUSTOMERS = 700  # of the published tenth


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The first customers of the file with their purchases of the first 39 weeks, with headings."""
    lines = [line.split() for line in (FOLDER / "CDNOW_sample.txt").read_text().splitlines()]
    some = [line for line in lines if int(line[0]) <= CUSTOMERS * 10 and line[2] <= "19970930"]
    path = tmp_path / "cdnow.csv"
    path.write_text("customer,date,quantity,amount\n" + "\n".join(",".join((one[0], *one[2:])) for one in some))
    return path


def test_value_run_prints_the_stable_object(installation: Installation, orders: Path) -> None:
    empty = installation.run("value", "run", "--json", fails=True)
    assert "zhike import orders" in empty.stderr
    assert empty.stdout == ""
    rows = len(orders.read_text().splitlines()) - 1
    brought = installation.answer("import", "orders", str(orders), "--map", "customer=1,date=2,quantity=3,amount=4")
    assert brought["created"]["orders"] == rows
    told = installation.answer("value", "run", "--as-of", "1997-09-30")
    assert (told["as_of"], told["customers"]) == ("1997-09-30", brought["created"]["customers"])
    assert set(told["bgnbd"]) == {"r", "alpha", "a", "b", "log_likelihood"}
    assert set(told["gamma_gamma"]) == {"p", "q", "v"}
    assert told["bgnbd"]["log_likelihood"] < 0 < min(told["gamma_gamma"].values())
    assert sum(told["grades"].values()) == told["customers"]
    assert set(told["grades"]) == {"key", "important", "regular", "small"}
    assert told["customer_equity"] > 0
    assert all(seconds >= 0 for seconds in told["seconds"].values())
    assert installation.ask("SELECT count(*) FROM zhike_score") == told["customers"]
