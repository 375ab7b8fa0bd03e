"""What was known of every customer on a day, from orders and contacts until that day, and who bought nothing afterwards."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.leaving.kind import Options
from zhike.value.analyses.material import Material

Floats = NDArray[np.float64]
LONGEST = 2  # who has been silent for so many periods is long gone: nothing is to be learned, and nothing to be saved
RHYTHMS = 3.0  # silences of the own rhythm after which a customer counts as gone
LEAST_SILENCE = 14.0  # days
ORDERS = """
    SELECT customer_id, date_diff('day', max(date), $day) AS silence, date_diff('day', min(date), $day) AS tenure,
        count(DISTINCT date)::double AS visits, sum(amount) AS revenue,
        count(DISTINCT date) FILTER (date > $recent)::double AS visits_lately,
        coalesce(sum(amount) FILTER (date > $recent), 0) AS revenue_lately,
        coalesce(sum(amount) FILTER (date > $before AND date <= $recent), 0) AS revenue_before,
        count(DISTINCT channel)::double AS channels
    FROM orders WHERE NOT is_return AND amount > 0 AND date <= $day GROUP BY 1 HAVING max(date) > $oldest ORDER BY 1
"""
RETURNS = "SELECT customer_id, count(*)::double AS returns FROM orders WHERE is_return AND date <= $day GROUP BY 1"
NEXT = "SELECT customer_id, min(date) AS day FROM orders WHERE NOT is_return AND amount > 0 AND date > $day GROUP BY 1"
CONTACTS = """
    SELECT customer_id, count(*)::double AS contacts, count(*) FILTER (mood = 'unhappy')::double AS unhappy
    FROM contacts WHERE date > $recent AND date <= $day GROUP BY 1
"""


@dataclass(frozen=True)
class Known:
    """On one day: who could leave, what was known of them."""

    day: datetime.date
    customers: NDArray[np.int64]
    features: dict[str, Floats]
    rhythm: Floats  # days between visits; nan for a single one

    def __len__(self) -> int:
        return len(self.customers)


def known_on(material: Material, day: datetime.date, options: Options) -> Known:
    period = datetime.timedelta(days=options.days)
    days = {"day": day, "recent": day - period, "before": day - 2 * period, "oldest": day - LONGEST * period}
    table = asked(material, ORDERS, days)
    customers = np.asarray(table["customer_id"].to_numpy(), dtype=np.int64)
    of = {name: arrow.plain(table[name]) for name in table.column_names[1:]}
    returns = asked(material, RETURNS, {"day": day})
    contacts = asked(material, CONTACTS, {"day": day, "recent": days["recent"]})
    rhythm = np.where(of["visits"] > 1, (of["tenure"] - of["silence"]) / np.maximum(of["visits"] - 1, 1), np.nan)
    ratio = of["silence"] / np.maximum(rhythm, 1.0)
    features = {
        "silence": of["silence"], "ratio": np.where(np.isnan(ratio), 1.0, np.minimum(ratio, 20.0)), "tenure": of["tenure"],
        "visits": of["visits"], "lately": of["visits_lately"], "spend": of["revenue"] / np.maximum(of["visits"], 1),
        "trend": (of["revenue_lately"] - of["revenue_before"]) / np.maximum(of["revenue_lately"] + of["revenue_before"], 1.0),
        "channels": of["channels"], "returns": looked_up(customers, returns, "returns"),
        "contacts": looked_up(customers, contacts, "contacts"), "unhappy": looked_up(customers, contacts, "unhappy"),
    }  # fmt: skip
    return Known(day, customers, {name: values for name, values in features.items() if len(values) and np.ptp(values) > 0}, rhythm)


def left_after(material: Material, known: Known, options: Options) -> Floats:
    """1 for those who did not buy again in time: within the period, or within three times their own rhythm if that is shorter."""
    table = asked(material, NEXT, {"day": known.day})
    first = pa.table({"customer_id": table["customer_id"], "day": table["day"].cast(pa.int32()).cast(pa.float64())})
    waited = looked_up(known.customers, first, "day", np.inf) - (known.day - datetime.date(1970, 1, 1)).days
    allowed = np.full(len(known), float(options.days))
    if options.label == "rhythm":
        own = np.clip(RHYTHMS * known.rhythm, LEAST_SILENCE, options.days)
        allowed = np.where(np.isnan(own), options.days, own)
    return np.asarray(waited > allowed, dtype=np.float64)


def model_probabilities(material: Material, known: Known, options: Options) -> tuple[Floats, Floats]:
    """By BG/NBD as it could be fitted on that day: probability of having left, and expected purchases in the period."""
    table = zi.transactions(material.backend.table("orders"))
    rows = zi.summaries(table, known.day).order_by("customer_id").to_pyarrow()
    place = np.searchsorted(rows["customer_id"].to_numpy(), known.customers)
    x, tx, age = (arrow.plain(rows[name]) for name in ("frequency", "recency", "age"))
    usable = np.isfinite(age)
    model = zi.BetaGeoNBD().fit(x[usable], tx[usable], age[usable])
    at = x[place], tx[place], age[place]
    return 1 - model.p_alive(*at), model.expected_purchases(options.days, *at)


def asked(material: Material, query: str, days: Mapping[str, datetime.date | int]) -> pa.Table:
    found = material.con.sql(query, params=dict(days)).to_arrow_table()
    assert isinstance(found, pa.Table)
    return found


def looked_up(customers: NDArray[np.int64], table: pa.Table, name: str, missing: float = 0.0) -> Floats:
    """A column of the table in the order of these customers."""
    found = np.full(len(customers), missing)
    ids, values = np.asarray(table["customer_id"].to_numpy()), arrow.plain(table[name])
    place = np.searchsorted(customers, ids)
    here = (place < len(customers)) & (np.append(customers, -1)[place] == ids)
    found[place[here]] = values[here]
    return found


def of_all(material: Material, since: datetime.date) -> Any:
    """Lets `CONTACTS` see the contacts."""
    return material.con.register("contacts", material.interactions(since))
