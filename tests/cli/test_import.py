"""`zhike import` as others script against it: whole processes on a home of their own."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
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
    house.ask(
        "INSERT INTO zhike_auditentry (at, actor_name, channel, verb, object_type, object_id, object_name, changes, note) "
        "SELECT now(), '李雷', 'web', 'changed', 'order', min(id), '', '{}', '' FROM zhike_order RETURNING id"
    )
    code, out, _err = run(house, "undo", str(answer["batch"]), "--dry-run")
    assert (code, "worked on since: 1 orders, 1 customers" in out, orders(house)) == (0, True, 3000)
    code, out, _err = run(house, "undo", str(answer["batch"]), "--json")
    told = json.loads(out)
    assert (code, told["undone"]["orders"], orders(house)) == (0, {"removed": 2999, "restored": 0, "kept": 1}, 1)
    assert [(one["what"], one["why"]) for one in told["kept"]] == [("order", "changed"), ("customer", "used")]
    house.ask("DELETE FROM zhike_order RETURNING id")


def test_what_cannot_be_read_is_said_on_standard_error(installation: Installation, tmp_path: Path) -> None:
    house = installation
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200)
    code, out, err = run(house, "orders", str(file), "--json")
    assert (code, out, err.startswith("Error: ")) == (1, "", True)
    good = tmp_path / "orders.csv"
    good.write_text(ROWS)
    assert run(house, "orders", str(good), "--map", "colour=1")[0] == 1
    assert run(house, "undo", "999999")[0] == 1
    assert run(house, "orders", str(tmp_path / "nothing.csv"))[0] == 2
    assert orders(house) == 0


def test_killed_in_the_middle_nothing_is_there_and_nothing_is_doubled(installation: Installation, tmp_path: Path) -> None:
    house = installation
    file = tmp_path / "large.csv"
    file.write_text(
        "customer,date,amount\n" + "".join(f"L{n % 9000},2024-01-{n % 28 + 1:02},{n % 90}.50\n" for n in range(150_000))
    )
    running = "SELECT count(*) FROM zhike_importbatch WHERE state = 'running' AND step IN ('reading', 'matching', 'writing')"
    process = house.start("import", "orders", str(file), "--json")
    try:
        _wait(lambda: bool(house.ask(running)) or process.poll() is not None)
        assert process.poll() is None
        time.sleep(0.3)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert orders(house) == 0
    assert house.ask("SELECT count(*) FROM zhike_customer WHERE number LIKE 'L%'") == 0
    code, out, err = run(house, "orders", str(file), "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert (answer["created"], orders(house)) == ({"customers": 9000, "orders": 150_000}, 150_000)
    run(house, "undo", str(answer["batch"]))
    assert orders(house) == 0


def test_the_same_file_twice_at_once_comes_in_once(installation: Installation, tmp_path: Path) -> None:
    house = installation
    file = tmp_path / "twice.csv"
    file.write_text(ROWS.replace("K", "T"))
    both = [house.start("import", "orders", str(file), "--json") for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], said
    assert orders(house) == 3000
    assert any("already" in err or "已经" in err for _out, err in said)


def _wait(ready: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)
