"""Alarms: what moved further since the run before than it does from one day to the next."""

from collections.abc import Mapping
from typing import Any

PARAMETER_MOVES = 0.25  # relative
MIX_MOVES = 0.05  # of all customers, in one grade or stage
EQUITY_MOVES = 0.2  # relative


def alarms(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`now`, `before`: {"parameters": {name: value}, "grade": {code: customers}, "stage": {…}, "equity": money or None}."""
    found = [
        {"code": "parameter", "name": name, "before": before["parameters"][name], "now": value}
        for name, value in now["parameters"].items()
        if _moved(value, before["parameters"].get(name), PARAMETER_MOVES)
    ]
    for mix in ("grade", "stage"):
        shares, earlier = _shares(now[mix]), _shares(before[mix])
        found += [
            {"code": mix, "name": name, "before": earlier.get(name, 0.0), "now": shares.get(name, 0.0)}
            for name in sorted(shares.keys() | earlier.keys())
            if earlier and abs(shares.get(name, 0.0) - earlier.get(name, 0.0)) > MIX_MOVES
        ]
    if _moved(now["equity"], before["equity"], EQUITY_MOVES):
        found.append({"code": "equity", "name": "", "before": before["equity"], "now": now["equity"]})
    return found


def _moved(value: float | None, earlier: float | None, limit: float) -> bool:
    return value is not None and bool(earlier) and abs(value / earlier - 1) > limit  # type: ignore[operator]


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {name: round(count / total, 4) for name, count in counts.items()} if total else {}
