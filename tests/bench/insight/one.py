"""One task in this process: prints its median CPU and wall seconds, peak memory, and what it gave."""

import json
import resource
import statistics
import sys
import time
import warnings
from pathlib import Path

from tests.bench.insight.tasks import TASKS

ENOUGH = 20  # seconds after which a task is not repeated


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mib() -> int:
    """Of this process alone; what `resource` tells includes the parent before it started us."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def main() -> None:
    folder, name, tool, size, times = sys.argv[1:]
    warnings.simplefilter("ignore")
    run = TASKS[name][tool](Path(folder), int(size))
    cpu, wall = [], []
    for _ in range(int(times)):
        cpu_before, began = _cpu(), time.perf_counter()
        gave = run()
        cpu.append(_cpu() - cpu_before)
        wall.append(time.perf_counter() - began)
        if sum(wall) > ENOUGH:
            break
    figures = {
        "cpu": round(statistics.median(cpu[1:] or cpu), 4),  # the first run loads libraries too
        "wall": round(statistics.median(wall[1:] or wall), 4),
        "peak_mib": _peak_mib(),
        "runs": len(cpu),
    }
    if isinstance(gave, int | float):
        figures["gave"] = float(f"{gave:.8g}")
    elif isinstance(gave, str):
        figures["gave"] = gave
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
