"""docs/benchmarks-insight.md from the figures."""

import math
from pathlib import Path
from typing import Any

from tests.bench.insight.tasks import LARGEST

TARGET = Path(__file__).parents[3] / "docs" / "benchmarks-insight.md"
SCAN, MERGED, PASS = (
    "yardstick: scan and group by customer",
    "yardstick: scan and group by day, then customer",
    "yardstick: one pass over ten columns",
)
MATCHING = "fuzzy duplicates"  # its target is of fewer customers than the others
WEEKLY, DAILY = "BG/NBD fit, weekly", "BG/NBD fit, daily"
CLUSTERS, MAP = "K-means, 10 columns, 8 segments", "SOM 10 × 10, 10 columns"
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
    TARGET.write_text(HEAD.format(**found) + _table(head, rows) + _skipped(tasks) + _targets(tasks, max(sizes)) + NOTES)


NOTES = """
## Reading

- **Summaries.** Purchases of one day count once, so that an engine needs two levels of groups for an exact answer: by customer and
  day (about as many groups as rows), then by customer; the second yardstick is that alone, in bare DuckDB. What DuckDB holds is
  therefore summed by a sort: customer and day as one whole number, sorted by NumPy, neighbours compared. One scan, no hash table;
  the time includes Ibis (about .1 s, nearly all of it at 10,000) and writing the table. It holds some 60 bytes a row in memory;
  above 25 million rows, with order numbers, or on another engine it is the expression, whose figures stand in the row below. The
  tests compare the two on every kind of table. Tried and slower in DuckDB: one 64-bit key of customer and day,
  `count(DISTINCT day)`, a bit string or twelve 64-bit masks of days for each customer, lists of days.
- "gave" lets the results be compared: log-likelihood of fits, sum of predictions, inertia of a row, quantisation error, number of
  rules or people.
- `influence` gives degree, strength and eigenvector besides PageRank; its time includes them.
- **Fits.** What depends on (frequency, recency) and on (frequency, age) is computed once for each distinct pair; from the optimum
  of rounded times to that of the exact ones it goes by Newton steps with the Hessian of the rounded ones: some fifteen
  evaluations of the full likelihood instead of forty. Fits, the search for centres on a sample and the eigenvector take one
  thread: for sums of some ten thousand numbers BLAS and OpenMP start one a core, and threads that wait for each other burn the
  time of all.
- The time to load a library is not counted but where a task ran once or twice at the largest size (value, Pareto/NBD, SOM,
  rules). pymc-marketing (half a gigabyte, compiles for forty seconds before its first fit) is not
  installed for this page: measured once apart, its maximum a posteriori of the daily fit took 9.9 s at a million.
"""
# what, the (task, tool) measured, the one it is divided by, the bound, and whether that is the least
TARGETS: tuple[tuple[str, tuple[str, str], tuple[str, str] | None, float, bool], ...] = (
    ("QUA-30 summaries over bare scan-and-group", ("summaries", "zhike"), (SCAN, "bare DuckDB"), 1.3, False),
    ("QUA-30 pandas over summaries", ("summaries", "pandas"), ("summaries", "zhike"), 4, True),
    ("QUA-30 lifetimes over summaries", ("summaries", "lifetimes"), ("summaries", "zhike"), 10, True),
    ("QUA-31 BG/NBD fit, weekly, s", (WEEKLY, "zhike"), None, 3, False),
    ("QUA-31 lifetimes over BG/NBD fit, daily", (DAILY, "lifetimes"), (DAILY, "zhike"), 10, True),
    ("QUA-32 prediction, s", ("prediction, 52 weeks", "zhike"), None, 5, False),
    ("QUA-32 value with intervals, s", ("value with intervals, 52 weeks", "zhike"), None, 5, False),
    ("QUA-33 scikit-learn on a sample over K-means", (CLUSTERS, "scikit-learn, on a sample"), (CLUSTERS, "zhike"), 1, True),
    ("QUA-33 minisom over SOM", (MAP, "minisom"), (MAP, "zhike"), 1, True),
    ("QUA-34 PageRank, s", ("PageRank", "zhike"), None, 5, False),
    ("QUA-34 betweenness, 128 sources, s", ("betweenness, 128 sources", "zhike"), None, 60, False),
    ("QUA-35 fuzzy duplicates among 100,000, s", ("fuzzy duplicates", "zhike"), None, 60, False),
)


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---", "---"] + ["---:"] * (len(head) - 2), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines) + "\n"


def _targets(tasks: dict[str, Any], size: int) -> str:
    """What was asked against what was measured at the largest size, CPU seconds."""

    def seconds(task: str, tool: str) -> float | None:
        largest = str(min(size, LARGEST.get((task, tool), size) if task == MATCHING else size))
        found: float | None = tasks.get(task, {}).get(tool, {}).get(largest, {}).get("cpu")
        return found

    rows = []
    for what, of, over, bound, least in TARGETS:
        measured, under = seconds(*of), seconds(*over) if over else 1.0
        figure = measured / under if measured is not None and under else None
        met = figure is not None and (figure >= bound if least else figure <= bound)
        verdict = ("met" if met else "missed") if figure is not None else "not measured"
        rows.append([what, f"{'≥' if least else '≤'} {bound:g}", "–" if figure is None else f"{figure:.3g}", verdict])
    return f"\n## Against the targets, at {size:,}\n\n" + _table(["what", "target", "measured", ""], rows)


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
