"""The column engine reaches the parts of the copy, and neither files, network nor its own settings."""

from pathlib import Path

import duckdb
import pytest

from zhike.value import engine
from zhike.value.snapshot import Manifest

ATTEMPTS = (
    "SELECT * FROM read_csv('{file}')", "SELECT * FROM read_text('{file}')", "COPY (SELECT 1) TO '{file}.out'",
    "ATTACH '{file}.db'", "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true", "SET memory_limit = '9GB'",
    "SET allowed_configs = []", "SET lock_configuration = false", "SET allowed_directories = ['/']",
)  # fmt: skip


def refused(con: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    found = []
    for statement in ATTEMPTS:
        try:
            con.execute(statement.format(file=file))
        except duckdb.Error:
            found.append(statement)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n")
    return path


def test_every_way_to_the_engine_is_shut_off(file: Path) -> None:
    nothing = Manifest(token="x", version=1, layout=1, time_zone="UTC", parts={})
    with engine.bare() as con:
        assert refused(con, file) == list(ATTEMPTS)
    with engine.with_facts(nothing, margin_rate=0.4) as con:
        assert refused(con, file) == list(ATTEMPTS)
    with engine.opened(nothing, margin_rate=0.4) as backend:
        assert refused(backend.con, file) == list(ATTEMPTS)


def test_the_control_an_engine_as_it_comes_does_all_of_it(file: Path) -> None:
    with duckdb.connect() as con:
        allowed = set(ATTEMPTS) - set(refused(con, file))
    assert {one for one in ATTEMPTS if "httpfs" not in one and "enable_external" not in one} <= allowed


def test_the_product_makes_its_connections_in_one_place() -> None:
    source = Path(engine.__file__).parents[1]
    makers = [path.name for path in source.rglob("*.py") if "duckdb.connect(" in path.read_text()]
    assert makers == ["engine.py"]
