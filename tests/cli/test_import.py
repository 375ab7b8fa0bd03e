"""`zhike import` as others script against it: whole processes on a home of their own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Installation

ROWS = "customer,date,quantity,amount\n" + "".join(f"K{n % 700},2024-01-{n % 28 + 1:02},1,{n % 90}.50\n" for n in range(3000))


def run(house: Installation, *arguments: str) -> tuple[int, str, str]:
    process = house.start("import", *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def orders(house: Installation) -> int:
    return int(house.ask("SELECT count(*) FROM zhike_order"))


def test_orders_from_a_file_and_back(installation: Installation, tmp_path: Path) -> None:
    house = installation
    file = tmp_path / "orders.csv"
    file.write_text(ROWS)
    code, out, err = run(house, "orders", str(file), "--map", "customer=1,date=2,quantity=3,amount=4", "--json")
    assert code == 0, err
    answer = json.loads(out.splitlines()[-1])
    assert {name: answer[name] for name in ("rows", "created", "skipped", "rejected", "errors_file")} == {
        "rows": 3000, "created": {"customers": 700, "orders": 3000}, "skipped": 0, "rejected": 0, "errors_file": None,
    }  # fmt: skip
    code, _out, err = run(house, "orders", str(file), "--json")
    assert (code, "already" in err or "已经" in err, orders(house)) == (1, True, 3000)
    code, out, _err = run(house, "undo", str(answer["batch"]), "--json")
    assert (code, json.loads(out)["undone"]["orders"]["removed"], orders(house)) == (0, 3000, 0)
