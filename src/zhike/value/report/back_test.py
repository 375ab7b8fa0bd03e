"""Would the models have foreseen the last months? Fitted on what was known before them and compared with what came."""

import datetime
import math
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from zhike_insight import BetaGeoNBD, NotEnoughData, back_test, transactions

LONGEST = 39 * 7  # days of hold-out, as the papers have it
SHORTEST = 28
MANY_CUSTOMERS = 100_000  # are enough for every figure of the report; of more a part is taken by their number


def report(facts: ibis.Table, as_of: datetime.date, customers: pa.Table) -> dict[str, Any]:
    """The hold-out report as JSON, or {"problem": why there is none}."""
    first = pc.min(customers["first_on"]).as_py() if customers.num_rows else as_of
    length = min(LONGEST, ((as_of - first).days + 1) // 2)
    if length < SHORTEST:
        return {"problem": "short_history"}
    share = max(1, -(-customers.num_rows // MANY_CUSTOMERS))
    table = transactions(facts.select("customer_id", "date", "amount").filter(facts.customer_id % share == 0))
    calibration_end = as_of - datetime.timedelta(days=length)
    try:
        found = back_test(table, calibration_end, as_of, time_unit="week", models={"bgnbd": BetaGeoNBD})
    except NotEnoughData as problem:
        return {"problem": "not_enough_data", "detail": str(problem)}
    told: dict[str, Any] = _plain(found.as_dict())
    return told | {"calibration_end": calibration_end.isoformat(), "as_of": as_of.isoformat(), "one_in": share}


def _plain(value: Any) -> Any:
    """Numbers that are none become null, which JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return (round(value, 6) if math.isfinite(value) else None) if isinstance(value, float) else value
