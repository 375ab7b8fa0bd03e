"""docs/benchmarks-insight.md from the figures."""

import math
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[3] / "docs" / "benchmarks-insight.md"
SCAN, MERGED, PASS = (
    "yardstick: scan and group by customer",
    "yardstick: scan and group by day, then customer",
    "yardstick: one pass over ten columns",
)
OF_FILE = ("summaries", "RFM")  # against the scan; the rest against the pass over numbers
HEAD = """# Benchmarks of the library

Made by `make bench-insight` ({date}) on two cores; about ten purchases a customer over two years, ordered by time. CPU seconds of
all threads, medians; each task in a process of its own, whose peak memory is given (with its imports and data). "Growth" is the
exponent between the two largest sizes: 1 means that ten times the customers cost ten times as much. "Yardstick" is the time over
that of bare DuckDB grouping the same file by customer (tables), or of one bare NumPy pass over ten columns (the rest), measured in
the same run. For graphs the size is edges, for rules baskets. Absolute figures are those of such a machine; ratios hold anywhere.
Targets: `QUA-30` and after. {note}

"""


def write(found: dict[str, Any]) -> None:
    tasks = found["tasks"]
    sizes = sorted({int(size) for tools in tasks.values() for by_size in tools.values() for size in by_size})
    head = ["task", "tool", *(f"{size:,}" for size in sizes), "growth", "× ours", "× yardstick", "MiB", "gave"]
    rows = []
    for name, tools in tasks.items():
        for tool, by_size in tools.items():
            known = {int(size): figures for size, figures in by_size.items() if "cpu" in figures}
            cells = [_cell(by_size.get(str(size))) for size in sizes]
            largest = known[max(known)] if known else {}
            rows.append(
                [name, tool, *cells, _growth(known), _against(known, tools, "zhike"), _yardstick(name, known, tasks),
                 largest.get("peak_mib", ""), largest.get("gave", "")]
            )  # fmt: skip
    TARGET.write_text(HEAD.format(**found) + _table(head, rows) + _skipped(tasks) + NOTES)


NOTES = """
## Reading

- **Summaries.** Purchases of one day count once, so the exact answer needs two levels of groups: by customer and day (about as
  many groups as rows), then by customer. Bare DuckDB needs the second yardstick for that alone, so that 1.3 times the one-level
  group is out of reach of an exact query. Tried and slower: one 64-bit key of customer and day, `count(DISTINCT day)`, a bit string
  or twelve 64-bit masks of days for each customer, lists of days.
- "gave" lets the results be compared: log-likelihood of fits, sum of predictions, inertia of a row, quantisation error, number of
  rules or people.
- `influence` gives degree, strength and eigenvector besides PageRank; its time includes them.
"""


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---", "---"] + ["---:"] * (len(head) - 2), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines) + "\n"


def _cell(figures: dict[str, Any] | None) -> str:
    if figures is None or "cpu" not in figures:
        return "–"
    return f"{figures['cpu']:.3g}"


def _growth(known: dict[int, Any]) -> str:
    sizes = sorted(known)[-2:]
    if len(sizes) < 2 or not known[sizes[0]]["cpu"]:
        return ""
    return f"{math.log(known[sizes[1]]['cpu'] / known[sizes[0]]['cpu']) / math.log(sizes[1] / sizes[0]):.2f}"


def _against(known: dict[int, Any], tools: dict[str, Any], tool: str) -> str:
    """At the largest size that both did."""
    ours = {int(size): figures for size, figures in tools.get(tool, {}).items() if "cpu" in figures}
    both = sorted(set(known) & set(ours))
    if not both or known is ours or not ours[both[-1]]["cpu"]:
        return ""
    return f"{known[both[-1]]['cpu'] / ours[both[-1]]['cpu']:.2g}"


def _yardstick(name: str, known: dict[int, Any], tasks: dict[str, Any]) -> str:
    if name in (SCAN, PASS):
        return ""
    stick = tasks.get(SCAN if name in OF_FILE or name == MERGED else PASS, {})
    bare = {int(size): figures for by_size in stick.values() for size, figures in by_size.items() if "cpu" in figures}
    both = sorted(set(known) & set(bare))
    if not both or not bare[both[-1]]["cpu"]:
        return ""
    return f"{known[both[-1]]['cpu'] / bare[both[-1]]['cpu']:.2g}"


def _skipped(tasks: dict[str, Any]) -> str:
    lines = {
        f"- {name}, {tool}: {int(size):,}: {figures['skipped']}"
        for name, tools in tasks.items()
        for tool, by_size in tools.items()
        for size, figures in by_size.items()
        if "skipped" in figures
    }
    return "Not measured:\n\n" + "\n".join(sorted(lines)) + "\n" if lines else ""
