"""The same expressions on a Spark cluster of two workers give what DuckDB gives. `make test-spark` installs what is needed."""

import datetime
import os
import shutil
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import zhike_insight as zi

WHY = "pyspark is not installed" if find_spec("pyspark") is None else "there is no java" if not shutil.which("java") else ""
pytestmark = [
    pytest.mark.skipif(bool(WHY), reason=f"{WHY}: `make test-spark` runs it"),
    pytest.mark.filterwarnings("ignore"),  # Spark's own, of pandas and of sockets closed late
]
AS_OF = datetime.date(2025, 12, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Orders in four files, some of one day, some returned, some broken; and lines of baskets."""
    made = tmp_path_factory.mktemp("facts")
    rng = np.random.default_rng(7)
    lives = rng.beta(0.8, 0.8, 900)
    for part in range(4):
        rows = 2000
        customers = (rng.random(rows) ** 2 * 900).astype("int64")
        days = (rng.random(rows) * lives[customers] * 700).astype("int32") + 19723
        amount = np.round(rng.gamma(2, 40, rows), 2)
        amount[:40], amount[40:43] = -amount[:40], np.nan
        table = {
            "customer_id": customers,
            "date": pa.array(days, pa.int32()).cast(pa.date32()),
            "amount": amount,
            "margin": pa.array(np.where(rng.random(rows) < 0.9, amount * 0.3, np.nan), from_pandas=True),
        }
        pq.write_table(pa.table(table), made / f"orders-{part}.parquet")
    lines = {"basket": rng.integers(0, 800, 4000), "item": (rng.random(4000) ** 2 * 40).astype("int64")}
    pq.write_table(pa.table(lines), made / "lines.parquet")
    return made


@pytest.fixture(scope="module")
def cluster():
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    connection = zi.connect("local-cluster[2,1,1024]")
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def engines(folder, cluster):
    found = {}
    for name, connection in (("duckdb", zi.connect()), ("spark", cluster)):
        orders = zi.transactions(connection.read_parquet(str(folder / "orders-*.parquet")))
        lines = connection.read_parquet(str(folder / "lines.parquet"))
        found[name] = (orders, lines)
    return found


def same(engines, expression, *keys):
    """Both give the same rows: texts and whole numbers equal, others within rounding."""
    ours, theirs = (expression(*engines[name]).to_pyarrow().sort_by([(key, "ascending") for key in keys]) for name in engines)
    assert ours.num_rows > 0
    assert ours.column_names == theirs.column_names
    for name in ours.column_names:
        one, other = ours[name].to_pylist(), theirs[name].to_pylist()
        if pa.types.is_floating(ours.schema.field(name).type):
            np.testing.assert_allclose(np.array(other, dtype=float), np.array(one, dtype=float), rtol=1e-9, atol=1e-9, err_msg=name)
        else:
            assert one == other, name
    return ours


def test_summaries(engines):
    found = same(engines, lambda orders, _: zi.summaries(orders, AS_OF, time_unit="week"), "customer_id")
    assert sum(found["frequency"].to_pylist()) > 3000


def test_rfm(engines):
    same(engines, lambda orders, _: zi.rfm(zi.summaries(orders, AS_OF)), "customer_id")


def test_grades(engines):
    same(engines, lambda orders, _: zi.grades(zi.summaries(orders, AS_OF)), "customer_id")


def test_baskets(engines):
    same(engines, lambda _, lines: zi.pair_rules(lines, support=0.005, confidence=0.1), "antecedent", "consequent")


def test_what_the_fit_starts_from(engines):
    def triples(orders, _):
        return zi.purchase_triples(zi.summaries(orders, AS_OF, time_unit="week"))

    found = same(engines, triples, "frequency", "recency", "age")
    columns = [found[name].to_numpy() for name in ("frequency", "recency", "age", "customers")]
    assert zi.BetaGeoNBD().fit(*columns[:3], weights=columns[3]).converged_
