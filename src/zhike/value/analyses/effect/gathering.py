"""Who was acted on and who was held back; what was known of them on the evening before, and what they bought since."""

import datetime
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

import zhike_insight as zi
from zhike.customers.models import Source
from zhike.value import arrow
from zhike.value.analyses.columns import read
from zhike.value.analyses.effect.kind import SILENCES, VISITS, Options
from zhike.value.analyses.material import Material

Floats = NDArray[np.float64]
Words = NDArray[np.str_]
TAGGED = """SELECT id, tags @> ARRAY[{treated}]::varchar[], tags @> ARRAY[{control}]::varchar[] FROM zhike_customer
    WHERE deleted_at IS NULL AND tags && ARRAY[{treated}, {control}]::varchar[] AND tags <> '{{}}' ORDER BY id"""
KNOWN = """
    WITH signed AS (
        SELECT customer_id, date, NOT is_return AND amount > 0 AS is_sale,
            CASE WHEN is_return THEN -abs(amount) ELSE amount END AS amount,
            CASE WHEN is_return THEN -abs(margin) ELSE margin END AS margin
        FROM orders JOIN members USING (customer_id) WHERE date < $until)
    SELECT m.customer_id,
        date_diff('day', max(date) FILTER (is_sale AND date < $day), $day)::DOUBLE AS silence,
        date_diff('day', min(date) FILTER (is_sale AND date < $day), $day)::DOUBLE AS tenure,
        count(DISTINCT date) FILTER (is_sale AND date < $day)::DOUBLE AS visits,
        coalesce(sum(amount) FILTER (date < $day), 0)::DOUBLE AS revenue,
        coalesce(sum(amount) FILTER (date < $day AND date >= $before), 0)::DOUBLE AS lately,
        coalesce(sum(margin) FILTER (date < $day AND date >= $before), 0)::DOUBLE AS margin_lately,
        count(DISTINCT date) FILTER (is_sale AND date >= $day)::DOUBLE AS orders,
        coalesce(sum(amount) FILTER (date >= $day), 0)::DOUBLE AS spent,
        coalesce(sum(margin) FILTER (date >= $day), 0)::DOUBLE AS earned
    FROM members m LEFT JOIN signed s USING (customer_id) GROUP BY 1 ORDER BY 1
"""
WEEKS = """
    SELECT floor(date_diff('day', $day::DATE, date) / 7)::INTEGER AS week, is_treated, count(DISTINCT customer_id) AS came
    FROM orders JOIN members USING (customer_id)
    WHERE NOT is_return AND amount > 0 AND date >= $first AND date < $until GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Trial:
    """`of`: columns of KNOWN, in the order of the customers."""

    customers: NDArray[np.int64]
    treated: NDArray[np.bool_]
    in_both: int
    of: dict[str, Floats]


def tagged(material: Material, options: Options) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """The customers of either group, which of them were acted on, and how many have both tags."""
    words = {name: sql.Literal(getattr(options, name)) for name in ("treated", "control")}
    types = {"customer_id": pa.int64(), "treated": pa.bool_(), "control": pa.bool_()}
    rows = read(sql.SQL(TAGGED).format(**words), types)
    there, alone = (np.array(rows[name].to_pylist(), dtype=bool) for name in ("treated", "control"))
    one = there != alone
    return np.asarray(rows["customer_id"].to_numpy())[one], there[one], int((~one).sum())


def gathered(material: Material, options: Options, day: datetime.date, until: datetime.date) -> Trial:
    """`until`: the first day that is not watched."""
    customers, treated, both = tagged(material, options)
    members = pa.table({"customer_id": arrow.numbers(customers), "is_treated": arrow.flags(treated)})
    material.con.register("members", members)
    told = {"day": day, "until": until, "before": day - (until - day)}
    found = material.con.sql(KNOWN, params=told).to_arrow_table()
    return Trial(customers, treated, both, {name: arrow.plain(found[name]) for name in found.column_names[1:]})


def weeks(material: Material, trial: Trial, day: datetime.date, until: datetime.date, before: int) -> list[list[float]]:
    """By week from the action on (before: negative): share of either group that bought. The last week may be cut off: left out."""
    first = day - datetime.timedelta(weeks=before)
    rows = material.con.sql(WEEKS, params={"day": day, "first": first, "until": until}).fetchall()
    came = {(week, bool(there)): count for week, there, count in rows}
    sizes = {True: max(int(trial.treated.sum()), 1), False: max(int((~trial.treated).sum()), 1)}
    return [
        [week, *(round(came.get((week, there), 0) / sizes[there], 4) for there in (True, False))]
        for week in range(-before, (until - day).days // 7)
    ]


def rfm_before(material: Material, trial: Trial, day: datetime.date) -> Words:
    """The class each stood in on the evening before, among all customers; empty for who had not bought."""
    evening = day - datetime.timedelta(days=1)
    scored = zi.rfm(zi.summaries(zi.transactions(material.backend.table("orders")), evening))
    rows = scored.filter(scored.rfm_class.notnull()).select("customer_id", "rfm_class").order_by("customer_id").to_pyarrow()
    if not rows.num_rows:
        return np.full(len(trial.customers), "", dtype="U1")
    ids, names = rows["customer_id"].to_numpy(), np.array(rows["rfm_class"].to_pylist())
    place = np.minimum(np.searchsorted(ids, trial.customers), len(ids) - 1)
    return np.where(ids[place] == trial.customers, names[place], "")


def of_record(material: Material, trial: Trial) -> dict[str, Words]:
    """Kind, region and source of each."""
    known = material.customers
    place = np.searchsorted(known["customer_id"].to_numpy(), trial.customers)
    rows = known.take(pa.array(place))
    sources = dict(Source.objects.values_list("pk", "name"))
    return {
        "kind": np.array(rows["kind"].to_pylist()),
        "region": np.array([value or "" for value in rows["region"].to_pylist()]),
        "source": np.array([sources.get(value, "") for value in rows["source_id"].to_pylist()]),
    }


def silence_band(silence: Floats) -> Words:
    ends = [int(code) for code in SILENCES if code.isdigit()]
    found = np.select([silence <= end for end in ends], [str(end) for end in ends], "more")
    return np.where(np.isnan(silence), "never", found)


def visits_band(visits: Floats) -> Words:
    return np.select([visits <= most for most in (0, 1, 3, 9)], VISITS[:-1], VISITS[-1])
