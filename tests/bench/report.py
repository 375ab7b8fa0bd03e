"""Which pages are measured, and how the figures are written down."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

TARGET = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def page_kinds() -> list[tuple[str, list[str], str | None]]:
    """Name, addresses, and the named part when only that is fetched, as while typing."""
    names = ["张伟", "王芳", "李娜", "建国", "晨曦", "志强", "玉萍", "刘洋"]
    return [
        ("list", ["/customers/"], None),
        ("list_by_value", ["/customers/?sort=-clv"], None),
        (
            "list_filtered",
            ["/customers/?grade=key&sort=-clv", "/customers/?stage=declining&sort=-clv", "/customers/?grade=key&stage=stable"],
            None,
        ),
        ("search_two_characters", [f"/customers/?q={quote(name)}" for name in names], "list"),
        ("search_initials", [f"/customers/?q={initials}" for initials in ("zw", "wf", "ln", "jg", "zq")], "list"),
        ("search_pinyin", [f"/customers/?q={pinyin}" for pinyin in ("zhangwei", "wangfang", "lina", "liuyang")], "list"),
        ("search_phone_tail", [f"/customers/?q={tail}" for tail in ("8000", "1234", "5678", "4321")], "list"),
        (
            "count_of_a_filter",
            [f"/customers/?{one}&count=exact" for one in ("grade=small", "stage=stable", "clv_from=50")],
            "count",
        ),
        ("today", ["/"], None),
        ("value", ["/value/"], None),
    ]


HEAD = """# Benchmarks

Made by `make bench` ({date}), {customers:,} customers with {orders:,} orders and five interactions each, embedded PostgreSQL on two
cores. Absolute figures are orders of magnitude for such a machine; ratios hold anywhere. Targets: `QUA-20` and after. The analytics
library has [its own page](benchmarks-insight.md).

"""


def write(results: list[dict[str, Any]], date: str) -> None:
    """The figures of the largest size, and how they grew when smaller sizes were measured too."""
    largest = results[-1]
    text = HEAD.format(date=date, **largest) + _targets(largest) + _bulk(largest) + _pages(largest) + _analyses(largest)
    if len(results) > 1:
        text += _growth(results)
    TARGET.write_text(text)


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines) + "\n"


# name, what, way to the figure, target, whether more is better
TARGETS: list[tuple[str, str, tuple[str, str], float, bool]] = [
    ("QUA-01", "second start, s", ("second_start_seconds", ""), 5, False),
    ("QUA-20", "import of customers, rows/s", ("import_customers", "rows_per_second"), 15_000, True),
    ("QUA-20", "import of orders, rows/s", ("import_orders", "rows_per_second"), 15_000, True),
    ("QUA-20", "import of customers against a bare COPY", ("import_customers", "ratio"), 0.2, True),
    ("QUA-20", "import of orders against a bare COPY", ("import_orders", "ratio"), 0.2, True),
    ("QUA-21", "value run against scan-and-group and COPY", ("value_run", "ratio"), 4, False),
    ("QUA-21", "value run, peak MiB", ("value_run", "peak_mib"), 2048, False),
    ("QUA-21", "incremental against a full run", ("value_incremental", "ratio_to_full"), 0.1, False),
    ("QUA-22", "list, p50 ms", ("page_list", "p50"), 10, False),
    ("QUA-22", "list, p95 ms", ("page_list", "p95"), 60, False),
    ("QUA-22", "filtered list, p50 ms", ("page_list_filtered", "p50"), 10, False),
    ("QUA-22", "hundredth page by value, p50 ms", ("page_list_hundredth_page", "p50"), 10, False),
    ("QUA-23", "search by two characters, p50 ms", ("page_search_two_characters", "p50"), 10, False),
    ("QUA-23", "search by initials, p50 ms", ("page_search_initials", "p50"), 10, False),
    ("QUA-23", "search by phone tail, p50 ms", ("page_search_phone_tail", "p50"), 10, False),
    ("QUA-24", "record, p50 ms", ("page_record", "p50"), 40, False),
    ("QUA-24", "record, p95 ms", ("page_record", "p95"), 100, False),
    ("QUA-25", "exact count of a filter, p95 ms", ("page_count_of_a_filter", "p95"), 500, False),
    ("QUA-26", "16 clients, pages/s", ("mixed_16_clients", "pages_per_second"), 150, True),
    ("QUA-26", "16 clients, p95 ms", ("mixed_16_clients", "p95"), 400, False),
    ("QUA-26", "memory without the database, MiB", ("server_memory_mib", ""), 400, False),
    ("QUA-29", "new order in the customer's score, p95 ms", ("rescoring", "p95"), 1_000, False),
]

NOT_FLAT = ("page_count_of_a_filter", "page_today", "page_value")  # they count, or speak of everybody
WORK = {
    "import of customers": ("import_customers", "seconds"),
    "import of orders": ("import_orders", "seconds"),
    "value run, first": ("value_run", "first_seconds"),
    "value run": ("value_run", "seconds"),
    "incremental, after 10,000 orders": ("value_incremental", "seconds"),
}


def _targets(found: dict[str, Any]) -> str:
    rows = []
    for name, what, (key, part), target, more in TARGETS:
        got = found[key][part] if part else found[key]
        met = got >= target if more else got <= target
        rows.append([f"{name} {what}", f"{'≥' if more else '≤'} {target:,}", f"{got:,}", "met" if met else "missed"])
    return "## Against the targets\n\n" + _table(["what", "target", "measured", ""], rows)


def _bulk(found: dict[str, Any]) -> str:
    rows = []
    for kind in ("customers", "orders"):
        done = found[f"import_{kind}"]
        rows.append(
            [
                f"import of {done['rows']:,} {kind}",
                f"{done['seconds']} s",
                f"{done['rows_per_second']:,} rows/s",
                f"{done['ratio']} of a bare COPY ({done['bare_copy_rows_per_second']:,} rows/s)",
                f"{done['peak_mib']} MiB",
            ]
        )
    if floor := found.get("same_indexes"):
        reached = f"the import of customers reaches {floor['import_reaches']} of it"
        rows.append(["COPY of finished customers into the same indexes", "", f"{floor['rows_per_second']:,} rows/s", reached, ""])
    run, again = found["value_run"], found["value_incremental"]
    yardstick = run["scan_and_group_plus_copy"]
    rows += [
        [
            "value run, first (makes the columnar copy)",
            f"{run['first_seconds']} s",
            "",
            f"{run['ratio_with_snapshot']} × {yardstick} s",
            f"{run['peak_mib']} MiB",
        ],
        ["value run", f"{run['seconds']} s", "", f"{run['ratio']} × (bare scan-and-group + bare COPY of the results)", ""],
        [
            "incremental, after 10,000 orders",
            f"{again['seconds']} s",
            f"{', '.join(map(str, again['each']))} s",
            f"{again['ratio_to_full']} of a full run",
            "",
        ],
        ["second start", f"{found['second_start_seconds']} s", "", "", ""],
        ["memory of server, worker and supervisor, after the pages", "", "", "", f"{found['server_memory_mib']} MiB"],
        ["the same after new orders and 16 clients", "", "", "", f"{found['server_memory_after_orders_mib']} MiB"],
        ["size of the database", f"{found['database_gib']} GiB", "", "", ""],
    ]
    steps = ", ".join(f"{name} {seconds}" for name, seconds in run["steps"].items())
    return (
        "## Bulk work\n\n"
        + _table(["what", "time", "rate", "against the yardstick", "peak memory"], rows)
        + f"Steps of a run, in seconds: {steps}.\n\n"
    )


def _pages(found: dict[str, Any]) -> str:
    pages = {name.removeprefix("page_"): value for name, value in found.items() if name.startswith("page_")}
    rows = [[name.replace("_", " "), value["p50"], value["p95"], value["p99"], value["kilobytes"]] for name, value in pages.items()]
    mixed = found["mixed_16_clients"]
    return (
        "## Pages\n\nMilliseconds from request to last byte on loopback, one client, 120 requests each.\n\n"
        + _table(["page", "p50", "p95", "p99", "kB, not compressed"], rows)
        + f"Sixteen clients, mixed: {mixed['pages_per_second']} pages/s, p50 {mixed['p50']} ms, p95 {mixed['p95']} ms,"
        f" {mixed['errors']} errors (the clients share the two cores with the server).\n\n"
    )


def _analyses(found: dict[str, Any]) -> str:
    if "analyses" not in found:
        return ""
    rows = [
        [kind, one["seconds"], one["cpu"], one["peak_mib"], one["ratio"], f"{one['customers']:,}", one["ended"].replace("_", " ")]
        for kind, one in found["analyses"].items()
    ]
    head = ["analysis", "s", "CPU s", "peak MiB", "× scan-and-group", "customers", "ended"]
    lines, ties = found["analysed"]["orderline"], found["analysed"]["relationship"]
    return (
        f"## Analyses\n\nEach in a process of its own, with {lines:,} lines of orders and {ties:,} relationships; CPU without the"
        f" database's. The bare scan-and-group of the orders took {found['scan_and_group_seconds']} s.\n\n" + _table(head, rows)
    )


def _growth(results: list[dict[str, Any]]) -> str:
    """Pages that a person waits for take at most twice the time; what is done for everybody grows no faster than they do."""
    sizes = [result["customers"] for result in results]
    rows = []
    for name in (name for name in results[-1] if name.startswith("page_")):
        times = [result[name]["p50"] for result in results]
        flat = name not in NOT_FLAT
        rows.append([f"{name.removeprefix('page_').replace('_', ' ')}, ms", *times, *_grown(times, 2.0 if flat else None)])
    for what, (key, part) in WORK.items():
        times = [result[key][part] for result in results]
        rows.append([f"{what}, s", *times, *_grown(times, sizes[-1] / sizes[0])])
    rows.append(["server memory, MiB", *(result["server_memory_mib"] for result in results), "", ""])
    text = f"The same at smaller sizes; pages by their median. The largest has {sizes[-1] // sizes[0]} × the smallest's customers."
    head = ["customers", *(f"{size:,}" for size in sizes), "largest ÷ smallest", "target"]
    return f"## Growth\n\n{text}\n\n" + _table(head, rows)


def _grown(times: list[float], most: float | None) -> tuple[str, str]:
    grown = times[-1] / max(times[0], 1e-9)
    return f"{grown:.1f}", "" if most is None else f"≤ {most:g}: {'met' if grown <= most else 'missed'}"
