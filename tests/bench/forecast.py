"""The stacked forecast next to the models it is made of, on hold-outs: the table of docs/methods/forecast.md.

    python -m tests.bench.forecast [--retail online_retail.csv.gz] [--orders facts.parquet]

CDNOW comes with the wheel `lifetimes`; Online Retail (the well-known file of invoices) and the orders of the demo company (columns
customer_id, ordered_on, amount, is_return) are taken where given. Prints the table.
"""

import argparse
import tempfile
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ibis
import numpy as np
from ibis.expr.types import Table

import zhike_insight as zi
from tests.bench.insight import data

SINGLE = {"bgnbd": "BG/NBD", "mbgnbd": "modified", "pareto_nbd": "Pareto/NBD"}
HEAD = (
    "| data | known until | weeks | came | total (bias): stacked, 90 % interval | BG/NBD | modified | Pareto/NBD "
    "| Gini: stacked | best single | top tenth: stacked | best single | MAE: stacked | best single | customers in 90 % |\n"
    "|---|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def cdnow(name: str) -> Table:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations
    lines = (Path(spec.submodule_search_locations[0]) / "datasets" / name).read_text().splitlines()
    cells = [line.split() for line in lines]
    rows = [row for row in cells if len(row) > 3 and row[0].isdigit()]
    who, when = (1, 2) if name == "CDNOW_sample.txt" else (0, 1)
    days = [date.fromisoformat(row[when]) for row in rows]
    return zi.transactions(
        {"customer_id": [int(row[who]) for row in rows], "date": days, "amount": [float(row[-1]) for row in rows]}
    )


def retail(path: Path) -> Table:
    connection = ibis.duckdb.connect()
    rows = connection.con.execute(
        "SELECT CustomerID AS customer_id, min(InvoiceDate::TIMESTAMP)::DATE AS date, "
        "sum(Quantity::DOUBLE * UnitPrice::DOUBLE) AS amount "
        "FROM read_csv(?, all_varchar = true) WHERE coalesce(CustomerID, '') <> '' AND InvoiceNo NOT LIKE 'C%' "
        "AND Quantity::DOUBLE > 0 GROUP BY CustomerID, InvoiceNo",
        [str(path)],
    )
    return zi.transactions(rows.to_arrow_table())


def simulated() -> Table:
    """BG/NBD customers who in January and February leave out every second purchase."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.parquet"
        data.transactions(path, 5000)
        table = ibis.read_parquet(path)
        thinned = table.filter(~(table.date.month().isin([1, 2]) & (table.amount.cast("int64") % 2 == 0)))
        return zi.transactions(thinned.to_pyarrow())


def orders(path: Path) -> Table:
    table = ibis.read_parquet(path)
    return zi.transactions(table.filter(~table.is_return).select("customer_id", date="ordered_on", amount="amount").to_pyarrow())


def row(name: str, table: Table, end: date, weeks: int) -> tuple[str, dict[str, Any]]:
    after = end + timedelta(weeks=weeks)
    found = zi.forecast_purchases(table, end, after)
    rows = zi.calibration_and_holdout(table, end, after).order_by("customer_id").to_pyarrow()
    came = rows["holdout_frequency"].to_numpy().astype(np.float64)
    one = zi.judge(found.table["expected"], came)
    singles = [zi.judge(found.table[kind], came) for kind in SINGLE]
    low, high = (found.table[column].to_numpy() for column in ("low", "high"))
    inside = float(((low <= came) & (came <= high)).mean())
    hit = found.total_low <= came.sum() <= found.total_high
    cells = [
        name, end, weeks, f"{came.sum():,.0f}",
        f"{one.bias:+.1%} ({found.total_low:,.0f}–{found.total_high:,.0f}{'' if hit else ', missed'})",
        *(f"{single.bias:+.1%}" for single in singles),
        _better(one.gini, max(s.gini for s in singles), "{:.3f}"), f"{max(s.gini for s in singles):.3f}",
        _better(one.top_decile, max(s.top_decile for s in singles), "{:.1%}"), f"{max(s.top_decile for s in singles):.1%}",
        _better(-one.mae, -min(s.mae for s in singles), "{:.3f}"), f"{min(s.mae for s in singles):.3f}",
        f"{inside:.1%}",
    ]  # fmt: skip
    facts = {
        "gini": one.gini > max(s.gini for s in singles),
        "top": one.top_decile > max(s.top_decile for s in singles),
        "mae": one.mae < min(s.mae for s in singles),
        "bias": abs(one.bias), "single_bias": [abs(s.bias) for s in singles], "hit": hit, "inside": inside,
    }  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |", facts


def _better(value: float, other: float, shape: str) -> str:
    text = shape.format(abs(value))
    return f"**{text}**" if value > other else text


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--retail", type=Path)
    options.add_argument("--orders", type=Path)
    chosen = options.parse_args()
    sets: list[tuple[str, Table, list[tuple[date, int]]]] = []
    for name, file in (("CDNOW sample", "CDNOW_sample.txt"), ("CDNOW", "CDNOW_master.txt")):
        sets.append((name, cdnow(file), [(date(1997, 9, 30), 39), (date(1997, 9, 30), 13), (date(1997, 12, 21), 26)]))
    if chosen.retail:
        ends = [(date(2011, 6, 5), 13), (date(2011, 6, 5), 26), (date(2011, 7, 31), 13), (date(2011, 9, 6), 13)]
        sets.append(("Online Retail", retail(chosen.retail), ends))
    if chosen.orders:
        table = orders(chosen.orders)
        last = table.date.max().to_pyarrow().as_py()
        ends = [(last - timedelta(weeks=ago), weeks) for ago, weeks in ((65, 26), (52, 39), (39, 39), (26, 13), (13, 13))]
        sets.append(("demo company", table, ends))
    sets.append(("simulated", simulated(), [(date(2025, 3, 31), 26), (date(2025, 6, 30), 26), (date(2025, 9, 30), 13)]))
    print(HEAD)  # noqa: T201
    every = []
    for name, table, ends in sets:
        for end, weeks in ends:
            line, facts = row(name, table, end, weeks)
            every.append(facts)
            print(line, flush=True)  # noqa: T201
    single = [np.mean([facts["single_bias"][i] for facts in every]) for i in range(3)]
    won = {name: sum(facts[name] for facts in every) for name in ("gini", "top", "mae", "hit")}
    near = [sum(facts["single_bias"][i] < 0.05 for facts in every) for i in range(3)]
    bias, inside = (np.mean([facts[name] for facts in every]) for name in ("bias", "inside"))
    print(  # noqa: T201
        f"\n{len(every)} hold-outs. Better than each single model in Gini {won['gini']}, top tenth {won['top']}, MAE {won['mae']}; "
        f"total within 5 % {sum(facts['bias'] < 0.05 for facts in every)} (single models {', '.join(map(str, near))}); "
        f"mean size of the bias {bias:.1%} (single models {', '.join(f'{size:.1%}' for size in single)}); "
        f"total inside its interval {won['hit']}; customers inside theirs {inside:.1%} in the mean."
    )


if __name__ == "__main__":
    main()
