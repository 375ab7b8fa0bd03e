"""Who is called lost, and who of them came back within half a year: by the rhythm as it is learned, and by the mean interval alone.

    python -m tests.bench.stages [--retail online_retail.csv.gz] [--orders facts.parquet]

The data are those of `tests.bench.forecast`. Prints the rows of the table in docs/methods/lifecycle.md.
"""

import argparse
from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

import zhike_insight as zi
from tests.bench.forecast import cdnow, orders, retail

HALF_A_YEAR = timedelta(days=183)


def row(name: str, table: Table, end: date) -> str:
    rows = zi.calibration_and_holdout(table, end, end + HALF_A_YEAR).order_by("customer_id").to_pyarrow()
    x, active, age = (rows[one].to_numpy().astype(float) for one in ("frequency", "recency", "age"))
    alive = zi.BetaGeoNBD().fit(x, active, age).p_alive(x, active, age)
    known = rows.append_column("p_alive", pa.array(alive))
    stages = zi.stages(ibis.memtable(known)).order_by("customer_id").to_pyarrow()["stage"].to_numpy(zero_copy_only=False)
    came = rows["holdout_frequency"].to_numpy() > 0
    interval = np.where(x > 0, active / np.maximum(x, 1), np.nan)
    rules = zi.StageRules()
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = (x > 0) & (((age - active) / interval >= rules.lost_silence) | (alive < rules.lost_alive))
    learned = (x > 0) & (stages == "lost")
    shares = [f"{part.sum():,} | {came[part].mean():.1%}" for part in (alone, learned)]
    return f"| {name} | {end} | {(x > 0).sum():,} | {' | '.join(shares)} |"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--retail", type=Path)
    asked.add_argument("--orders", type=Path, help="A columnar copy of orders, such as of the demo company.")
    chosen = asked.parse_args()
    print(row("CDNOW", cdnow("CDNOW_master.txt"), date(1997, 12, 31)))  # noqa: T201
    if chosen.retail:
        print(row("Online Retail", retail(chosen.retail), date(2011, 6, 9)))  # noqa: T201
    if chosen.orders:
        table = orders(chosen.orders)
        end = table.date.max().to_pyarrow().as_py() - HALF_A_YEAR
        print(row("demo company", table, end))  # noqa: T201


if __name__ == "__main__":
    main()
