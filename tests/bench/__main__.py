"""`make bench`: a company of a million customers with ten million orders in the embedded database, measured.

    make bench ARGS="[--customers 1000000] [--orders 10] [--keep FOLDER] [--growth]"

Prints each figure as it is known, all of them as one JSON object last, and writes docs/benchmarks.md (from 100,000 customers on).
`--growth` also measures a tenth and a hundredth of the size. Ratios are against yardsticks of the same run.
"""

import argparse
import json
import platform
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tests.bench import analyses, company, load, report
from tests.bench.installation import Installation

PEOPLE = """
from zhike.teams.models import Department, Role, User
from zhike.teams.choices import Permission, Scope
departments = Department.objects.bulk_create([Department(name=f"部门{n}", position=n) for n in range(20)])
role = Role.objects.create(name="bench-all", permissions=list(Permission.values), scope=Scope.ALL)
own = Role.objects.create(name="bench-own", permissions=list(Permission.values), scope=Scope.OWN)
people = User.objects.bulk_create(
    [User(username=f"sales{n}", name=f"销售{n}", department=departments[n % 20]) for n in range(1, 201)]
)
for person in people:
    person.roles.add(own)
boss = User.objects.create(username="boss", name="老板", is_administrator=True)
"""
INTERACTIONS = """
INSERT INTO zhike_interaction (customer_id, kind, channel, direction, purpose, state, at, summary, mood, outcome, staff_id,
                               is_pinned, created_at)
SELECT c.id, 'call', 'phone', 'out', 'not_selling', 'done', timestamptz '2026-06-30' - make_interval(hours => ((c.id * 37 + n * 997)
       % 20000)::int), '回访客户，了解用车情况，约定下次保养时间。', 'neutral', 'reached', c.owner_id, false, now()
FROM zhike_customer c, generate_series(1, 5) n
"""
WORDS_IN_ORDER = """
SELECT gin_clean_pending_list(indexrelid) FROM pg_index i JOIN pg_attribute a ON a.attrelid = indexrelid AND a.attnum = 1
WHERE indrelid = 'floor'::regclass AND a.attname = 'search'"""


class Bench:
    def __init__(self, folder: Path, customers: int, orders: int, *, with_analyses: bool = True) -> None:
        self.folder, self.customers, self.orders, self.with_analyses = folder, customers, orders, with_analyses
        self.rng = np.random.default_rng(20260630)
        self.found: dict[str, Any] = {"customers": customers, "orders": orders}
        self.product = Installation(folder / "home")

    def note(self, name: str, value: Any) -> None:
        self.found[name] = value
        print(f"{name}: {json.dumps(value, ensure_ascii=False)}", flush=True)  # noqa: T201

    def run(self) -> dict[str, Any]:
        self.fill()
        self.value()
        self.pages()
        if self.with_analyses:
            self.analyses()
        return self.found

    # -- import --------------------------------------------------------------------------------------------------------

    def fill(self) -> None:
        self.product.shell("pass")
        self.product.shell(f"from zhike.cli.product import migrate_if_needed; migrate_if_needed()\n{PEOPLE}")
        people, sales = self.folder / "customers.csv", self.folder / "orders.csv"
        company.customers(people, self.customers, 200, self.rng)
        company.orders(sales, self.orders, self.customers, self.rng)
        for kind, path, columns in (
            ("customers", people, "number text, name text, phone text, region text, owner text"),
            ("orders", sales, "number text, order_no text, at date, amount numeric(14, 2)"),
        ):
            bare = self._bare_copy(path, columns)
            done = self.product.run("import", kind, str(path))
            seconds, rows = done["wall"], done["rows"]
            self.note(
                f"import_{kind}",
                {
                    "rows": rows,
                    "seconds": seconds,
                    "rows_per_second": round(rows / seconds),
                    "bare_copy_rows_per_second": round(rows / bare),
                    "ratio": round(bare / seconds, 3),
                    "peak_mib": done["peak_mib"],
                    "created": done["created"],
                    "rejected": done["rejected"],
                },
            )
            if kind == "customers":
                self._same_indexes(rows)
        with self.product.connect() as connection:
            connection.execute(INTERACTIONS)
            connection.execute(
                "UPDATE zhike_customer c SET last_contact_at = (SELECT max(at) FROM zhike_interaction i WHERE i.customer_id = c.id)"
            )
            connection.execute("VACUUM ANALYZE")
            size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        self.note("database_gib", round(size[0] / 2**30, 2) if size else None)

    def _same_indexes(self, rows: int) -> None:
        """The physical floor of the import of customers: a COPY of the finished rows into a table with the same columns,
        constraints and indexes, its search index put in order. Nothing is matched, no word is made."""
        finished = self.folder / "finished.copy"
        with self.product.connect() as connection:
            with finished.open("wb") as out, connection.cursor().copy("COPY zhike_customer TO STDOUT") as copy:
                out.writelines(copy)
            connection.execute("SET gin_pending_list_limit = '256MB'; SET maintenance_work_mem = '256MB'")
            connection.execute("CREATE TABLE floor (LIKE zhike_customer INCLUDING ALL)")
            began = time.perf_counter()
            with connection.cursor().copy("COPY floor FROM STDIN") as copy, finished.open("rb") as source:
                while block := source.read(1 << 20):
                    copy.write(block)
            connection.execute(WORDS_IN_ORDER)
            rate = round(rows / (time.perf_counter() - began))
            connection.execute("DROP TABLE floor")
        finished.unlink()
        share = round(self.found["import_customers"]["rows_per_second"] / rate, 2)
        self.note("same_indexes", {"rows_per_second": rate, "import_reaches": share})

    def _bare_copy(self, path: Path, columns: str) -> float:
        with self.product.connect() as connection:
            connection.execute(f"CREATE TABLE bare ({columns})")
            began = time.perf_counter()
            with connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy, path.open("rb") as source:
                while block := source.read(1 << 20):
                    copy.write(block)
            seconds = time.perf_counter() - began
            connection.execute("DROP TABLE bare")
        return seconds

    # -- value ---------------------------------------------------------------------------------------------------------

    def value(self) -> None:
        first = self.product.run("value", "run", "--as-of", str(company.LAST))
        runs = [self.product.run("value", "run", "--as-of", str(company.LAST)) for _ in range(1)]
        yardstick = self._scan_and_group() + self._copy_results()
        seconds = statistics.median(run["wall"] for run in runs)
        self.note(
            "value_run",
            {
                "first_seconds": first["wall"],
                "seconds": seconds,
                "steps": runs[-1]["seconds"],
                "peak_mib": first["peak_mib"],
                "scan_and_group_plus_copy": round(yardstick, 2),
                "ratio": round(seconds / yardstick, 2),
                "ratio_with_snapshot": round(first["wall"] / yardstick, 2),
                "customers": first["customers"],
            },
        )
        again = [self._incremental(number) for number in range(3)]  # the first while the disk still writes what went before
        typical = statistics.median(again)
        self.note("value_incremental", {"seconds": typical, "each": again, "ratio_to_full": round(typical / seconds, 3)})

    def _incremental(self, number: int) -> float:
        more = self.folder / f"more{number}.csv"
        first = self.orders * 2 + number * 1_000_000
        company.orders(more, 10_000, self.customers, self.rng, first_no=first, on=company.LAST)
        self.product.run("import", "orders", str(more))
        return float(self.product.run("value", "run", "--incremental")["wall"])

    def _scan_and_group(self) -> float:
        connection = duckdb.connect()
        facts = str(self.product.home / "facts" / "**" / "*.parquet")
        query = f"SELECT customer_id, count(*), min(ordered_on), max(ordered_on), sum(amount) FROM '{facts}' GROUP BY customer_id"
        times = []
        for _ in range(3):
            began = time.perf_counter()
            connection.execute(f"CREATE OR REPLACE TEMP TABLE grouped AS {query}")
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    def _copy_results(self) -> float:
        with self.product.connect() as connection:
            connection.execute("CREATE TABLE bare (LIKE zhike_score)")
            block = bytearray()
            with connection.cursor().copy(
                "COPY (SELECT s.* FROM zhike_score s JOIN zhike_run r ON r.id = run_id AND is_current) TO STDOUT"
            ) as out:
                for chunk in out:
                    block += chunk
            began = time.perf_counter()
            with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                copy.write(bytes(block))
            seconds = time.perf_counter() - began
            connection.execute("DROP TABLE bare")
        return seconds

    # -- pages ---------------------------------------------------------------------------------------------------------

    def pages(self) -> None:
        boss, seller = self.product.cookie("boss"), self.product.cookie("sales7")
        with self.product.connect() as connection:
            row = connection.execute(
                "SELECT array_agg(id) FROM (SELECT id FROM zhike_customer ORDER BY random() LIMIT 200) t"
            ).fetchone()
        records = [f"/customers/{number}/" for number in (row[0] if row else [])]
        kinds = report.page_kinds()
        with self.product.up(8731):  # the first start brings the static files; then the worker does what the runs left to it
            self.note("worker_rests_after_seconds", self.product.rest())
        with self.product.up(8731) as started:
            self.note("second_start_seconds", started)
            for name, paths, part in kinds:
                self.note(f"page_{name}", load.alone(8731, boss, name, paths, part=part).summary())
            self.note("page_record", load.alone(8731, boss, "record", records).summary())
            deep = load.hundredth(8731, boss, "/customers/?sort=-clv")
            self.note("page_list_hundredth_page", load.alone(8731, boss, "list", [deep]).summary())
            self.note("page_list_own_scope", load.alone(8731, seller, "list", ["/customers/"]).summary())
            self.note("server_memory_mib", self.product.memory())
            self.note("rescoring", load.rescoring(8731, self.product.token("boss"), self._buyers()).summary())
            mixed = [path for _, paths, part in kinds if not part for path in paths] + records[:40]
            self.note("mixed_16_clients", load.together(8731, boss, mixed))
            self.note("server_memory_after_orders_mib", self.product.memory())  # what scores an order is loaded by then

    def analyses(self) -> None:
        with self.product.connect() as connection:
            self.note("analysed", analyses.fill(connection))
        scan = self._scan_and_group()
        self.note("scan_and_group_seconds", round(scan, 2))
        self.note("analyses", analyses.measured(self.product, scan))

    def _buyers(self) -> list[int]:
        with self.product.connect() as connection:
            rows = connection.execute(
                "SELECT DISTINCT customer_id FROM (SELECT customer_id FROM zhike_order LIMIT 5000) t LIMIT 22"
            )
            return [customer for (customer,) in rows.fetchall()]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--orders", type=int, default=10, help="per customer")
    options.add_argument("--keep", type=Path, help="use this folder and leave it")
    options.add_argument("--growth", action="store_true")
    options.add_argument("--analyses", action=argparse.BooleanOptionalAction, default=True, help="also carry out every analysis")
    chosen = options.parse_args()
    sizes = [chosen.customers // 100, chosen.customers // 10, chosen.customers] if chosen.growth else [chosen.customers]
    results = []
    for size in sizes:
        folder = chosen.keep or Path(tempfile.mkdtemp(prefix="zhike-bench-"))
        folder /= str(size) if chosen.growth and chosen.keep else ""
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, size, size * chosen.orders, with_analyses=chosen.analyses)
        try:
            results.append(bench.run() | {"machine": platform.platform()})
        finally:
            bench.product.close()
            if not chosen.keep:
                shutil.rmtree(folder, ignore_errors=True)
    if chosen.customers >= 100_000:
        report.write(results, time.strftime("%Y-%m-%d"))
    print(json.dumps(results[-1] if len(results) == 1 else results, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    main()
