"""`make bench-insight`: the library next to what a user would take instead.

    python -m tests.bench.insight [--sizes 10000,100000,1000000] [--only summaries,PageRank] [--keep FOLDER] [--times 3]

Each task runs in a process of its own: CPU seconds (all threads), wall seconds, peak memory. Figures go to FOLDER/figures.json as
they are known (a second run with the same folder adds to them), all of them as one JSON object last, and to
docs/benchmarks-insight.md.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.insight import data, report
from tests.bench.insight.tasks import AS_OF, LARGEST, TASKS, parquet

MODULES = {"lifetimes": "lifetimes", "pandas": "pandas", "minisom": "minisom", "networkx": "networkx", "mlxtend": "mlxtend"}
LIMIT = 200  # seconds a task may take


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", default="10000,100000,1000000")
    options.add_argument("--only", default="", help="parts of the names of tasks")
    options.add_argument("--keep", type=Path, help="use this folder and leave it")
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--note", default="", help="a remark for the page: what else the machine did")
    chosen = options.parse_args()
    sizes = sorted(int(size) for size in chosen.sizes.split(","))
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
        _measure(chosen.keep, sizes, chosen.only.split(","), chosen.times, chosen.note)
        return
    with tempfile.TemporaryDirectory(prefix="zhike-bench-") as folder:
        _measure(Path(folder), sizes, chosen.only.split(","), chosen.times, chosen.note)


def _measure(folder: Path, sizes: list[int], only: list[str], times: int, note: str) -> None:
    store = folder / "figures.json"
    found: dict[str, Any] = json.loads(store.read_text()) if store.exists() else {}
    found |= {"machine": platform.platform(), "date": time.strftime("%Y-%m-%d"), "note": note}
    for size in sizes:
        _files(folder, size)
        for name, tools in TASKS.items():
            for tool in tools:
                if any(part in name for part in only):
                    result = _one(folder, name, tool, size, times)
                    found.setdefault("tasks", {}).setdefault(name, {}).setdefault(tool, {})[str(size)] = result
                    print(f"{size:>9,}  {name} · {tool}: {json.dumps(result)}", flush=True)  # noqa: T201
                    store.write_text(json.dumps(found))
    report.write(found)
    print(json.dumps(found, ensure_ascii=False))  # noqa: T201


def _files(folder: Path, size: int) -> None:
    import ibis

    import zhike_insight as zi

    path, summary = parquet(folder, size), folder / f"summary-{size}.npz"
    if summary.exists():
        return
    data.transactions(path, size)
    rows = zi.summaries(zi.transactions(ibis.read_parquet(path)), AS_OF).to_pyarrow()
    columns = ("frequency", "recency", "age", "mean_spend")
    np.savez(summary, **{name: rows[name].to_numpy().astype(np.float64) for name in columns})


def _one(folder: Path, name: str, tool: str, size: int, times: int) -> dict[str, Any]:
    module = next((module for known, module in MODULES.items() if tool.startswith(known)), None)
    if module and find_spec(module) is None:
        return {"skipped": f"{module} is not installed"}
    if size > LARGEST.get((name, tool), size):
        return {"skipped": "would take minutes"}
    command = [sys.executable, "-m", "tests.bench.insight.one", str(folder), name, tool, str(size), str(times)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return {"skipped": f"more than {LIMIT} s"}
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["failed"])[-1][:200]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
