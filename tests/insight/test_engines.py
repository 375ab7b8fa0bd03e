"""One setting says where tables are computed."""

from datetime import date
from importlib.util import find_spec

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import zhike_insight as zi
from zhike_insight.engines import read_orders
from zhike_insight.files import FileProblem


def test_an_unknown_engine_is_refused():
    with pytest.raises(zi.EngineProblem, match="not 'oracle'"):
        zi.connect("oracle")


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is installed")
def test_without_pyspark_the_message_says_what_is_needed():
    with pytest.raises(zi.EngineProblem, match="pyspark and Java"):
        zi.connect("spark://cluster:7077")


def test_orders_are_read_by_the_engine(tmp_path):
    rows = {"客户": ["a", "a", None], "下单时间": pa.array([20000, 20001, 20002], pa.int32()).cast(pa.date32()), "金额": [1, 2, 3]}
    pq.write_table(pa.table(rows), tmp_path / "orders.parquet")
    found = read_orders(str(tmp_path / "*.parquet"), "duckdb")
    assert (found.rows, found.left_out) == (3, {"incomplete": 1})
    assert zi.summaries(found.table, rows["下单时间"][2].as_py()).to_pyarrow()["frequency"].to_pylist() == [1]


def test_a_missing_column_is_named(tmp_path):
    pq.write_table(pa.table({"who": [1]}), tmp_path / "orders.parquet")
    with pytest.raises(FileProblem, match="customer is needed"):
        read_orders(str(tmp_path / "orders.parquet"), "duckdb")
    with pytest.raises(FileProblem, match="cannot read it"):
        read_orders(str(tmp_path / "none.parquet"), "duckdb")


def test_a_fault_of_the_engine_is_not_put_down_to_the_file(monkeypatch):
    class Engine:
        def read_parquet(self, path):
            raise MemoryError("no room")

    monkeypatch.setattr("zhike_insight.engines.connect", lambda engine: Engine())
    with pytest.raises(MemoryError, match="no room"):
        read_orders("orders.parquet", "duckdb")


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    (tmp_path / "orders.parquet").write_text("customer,date,amount")
    with pytest.raises(FileProblem, match=r"orders\.parquet: duckdb cannot read it as Parquet"):
        read_orders(str(tmp_path / "orders.parquet"), "duckdb")


def test_pair_rules_are_the_rules_of_two():
    baskets = [["bread", "butter"], ["bread", "butter", "milk"], ["bread"], ["milk", "butter"], ["milk", "milk", "bread"]]
    lines = {"basket": [i for i, items in enumerate(baskets) for _ in items], "item": [item for items in baskets for item in items]}
    found = zi.pair_rules(ibis.memtable(pa.table(lines)), support=0.2, confidence=0.5).to_pyarrow().to_pylist()
    all_rules = zi.association_rules(baskets, support=0.2, confidence=0.5, max_size=2).to_pylist()
    wanted = {(rule["antecedent"][0], rule["consequent"]): rule for rule in all_rules}
    assert len(found) == len(wanted) > 2
    for rule in found:
        other = wanted[rule["antecedent"], rule["consequent"]]
        assert all(rule[name] == pytest.approx(other[name]) for name in ("both", "support", "confidence", "lift", "baskets"))


def test_the_fit_needs_only_the_triples(cdnow_transactions):
    table = zi.summaries(cdnow_transactions, date(1997, 9, 30), time_unit="week")
    rows = zi.purchase_triples(table).order_by("frequency", "recency", "age").to_pyarrow()
    x, tx, T, customers = (rows[name].to_numpy() for name in ("frequency", "recency", "age", "customers"))
    fitted = zi.BetaGeoNBD().fit(x, tx, T, weights=customers)
    assert customers.sum() == 2357
    assert fitted.r_ == pytest.approx(0.2426, abs=1e-4)
