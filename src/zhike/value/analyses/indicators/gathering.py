"""The evidence of every scored customer as columns, missing where nothing is recorded."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

from zhike.value import arrow
from zhike.value.analyses.columns import of_customers, read
from zhike.value.analyses.material import Material
from zhike.value.models import Analysis

Floats = NDArray[np.float64]
YEAR = datetime.timedelta(days=364)
EPOCH = datetime.date(1970, 1, 1)
SCORES = ("first_on", "revenue", "margin", "frequency", "silence_ratio", "p_alive", "profit", "cost", "grade", "stage")

SUMS = """
    SELECT customer_id, sum(amount) FILTER (date > ?) AS spend, count(*) FILTER (date > ? AND NOT is_return)::DOUBLE AS bought,
           count(*) FILTER (is_return)::DOUBLE / count(*) AS returned FROM orders GROUP BY 1 ORDER BY 1"""
RHYTHMS = """
    WITH days AS (SELECT DISTINCT customer_id, date FROM orders WHERE NOT is_return),
         gaps AS (SELECT customer_id, date - lag(date) OVER (PARTITION BY customer_id ORDER BY date) AS gap FROM days)
    SELECT customer_id, stddev_samp(gap) / avg(gap) AS unsteady FROM gaps WHERE gap IS NOT NULL
    GROUP BY 1 HAVING count(*) >= 3 ORDER BY 1"""
PRODUCTS = """
    WITH begun AS (SELECT product_id, min(date) AS day FROM lines GROUP BY 1),
         fresh AS (SELECT * FROM begun WHERE day > (SELECT min(day) + 180 FROM begun)),
         early AS (SELECT customer_id, count(DISTINCT product_id) AS early FROM lines JOIN fresh USING (product_id)
                   WHERE date <= day + 90 GROUP BY 1)
    SELECT customer_id, count(DISTINCT coalesce(line_id, -product_id))::DOUBLE AS variety,
           CASE WHEN EXISTS (FROM fresh) THEN coalesce(any_value(early), 0)::DOUBLE END AS early
    FROM lines JOIN products USING (product_id) LEFT JOIN early USING (customer_id) GROUP BY 1 ORDER BY 1"""
TALKS = """
    SELECT customer_id, count(*) FILTER (direction = 'in')::DOUBLE AS came,
           (count(*) FILTER (mood = 'happy') - count(*) FILTER (mood = 'unhappy'))::DOUBLE / nullif(count(*) FILTER (mood <> ''), 0)
               AS mood,
           1 - count(*) FILTER (direction = 'out' AND outcome = 'not_reached')::DOUBLE
               / nullif(count(*) FILTER (direction = 'out' AND outcome <> ''), 0) AS reached,
           count(*) FILTER ((outcome = 'problem' OR mood = 'unhappy') AND NOT is_resolved)::DOUBLE AS unsolved
    FROM talks WHERE kind <> 'note' GROUP BY 1 ORDER BY 1"""
TOLD = "SELECT id, (SELECT count(*) FROM jsonb_object_keys(profile)) FROM zhike_customer WHERE deleted_at IS NULL ORDER BY id"
RATED = """
    SELECT customer_id, value FROM zhike_finding WHERE analysis_id = (
        SELECT id FROM zhike_analysis WHERE kind = 'credit' AND is_current) ORDER BY 1"""
CONSENTS = """
    SELECT customer_id, count(*) FILTER (WHERE is_given) FROM (
        SELECT DISTINCT ON (customer_id, purpose) customer_id, is_given FROM zhike_consent
        ORDER BY customer_id, purpose, at DESC) newest
    GROUP BY 1 ORDER BY 1"""

SEGMENTED = sql.SQL('SELECT customer_id, "group" FROM zhike_finding WHERE analysis_id = {} AND "group" IS NOT NULL ORDER BY 1')


def segmented(customers: NDArray[np.int64]) -> tuple[int | None, NDArray[np.str_]]:
    """The newest segmentation and these customers' segments in it; none where there is none, or somebody is in none."""
    newest = Analysis.objects.filter(kind="segments", is_current=True).values_list("pk", flat=True).first()
    nowhere = np.zeros(len(customers), dtype="<U40")
    if newest is None:
        return None, nowhere
    rows = read(SEGMENTED.format(sql.Literal(newest)), {"customer_id": pa.int64(), "group": pa.string()})
    known, words = rows["customer_id"].to_numpy(), rows["group"].to_numpy(zero_copy_only=False).astype("<U40")
    place = np.searchsorted(known, customers)
    there = np.append(known, -1)[place] == customers
    return newest, np.where(there, np.append(words, "")[place], nowhere)


def gathered(material: Material) -> tuple[pa.Table, dict[str, Floats]]:
    """The scores, and the evidence in their order."""
    scores = material.scores(*SCORES)
    customers = scores["customer_id"].to_numpy()
    known = {name: arrow.plain(scores[name]) for name in SCORES[1:8]}
    first, day = arrow.plain(scores["first_on"], pa.int32()), (material.as_of - EPOCH).days
    since = material.as_of - YEAR
    con = material.con
    found = of_customers(customers, con.sql(SUMS, params=[since, since]).to_arrow_table())
    found |= of_customers(customers, con.sql(RHYTHMS).to_arrow_table())
    positive = np.where(known["revenue"] > 0, known["revenue"], np.nan)
    spent = np.where(found["spend"] > 0, found["spend"], np.nan)
    found |= {
        "profit": known["profit"], "cost": known["cost"], "margin_rate": known["margin"] / positive, "tenure": day - first,
        "cost_rate": known["cost"] / spent, "alive": known["p_alive"], "repeats": known["frequency"],
        "silence": known["silence_ratio"],
    }  # fmt: skip
    found |= _bought(material, customers) | _talked(material, customers, since)
    return scores, found | _tied(material, customers) | _told(customers) | _rated(customers)


def _bought(material: Material, customers: NDArray[np.int64]) -> dict[str, Floats]:
    if not material.lines:
        return {}
    material.con.register("products", material.products)
    return of_customers(customers, material.con.sql(PRODUCTS).to_arrow_table())


def _talked(material: Material, customers: NDArray[np.int64], since: datetime.date) -> dict[str, Floats]:
    material.con.register("talks", material.interactions(since))
    return of_customers(customers, material.con.sql(TALKS).to_arrow_table())


def _tied(material: Material, customers: NDArray[np.int64]) -> dict[str, Floats]:
    """Who records relationships knows that somebody has none; who records none knows nothing."""
    table = material.relationships
    if not table.num_rows:
        return {}
    material.con.register("ties", table)
    referred = "SELECT customer_id, count(*)::DOUBLE AS referred FROM ties WHERE kind = 'refers' GROUP BY 1 ORDER BY 1"
    both = """SELECT customer_id, count(*)::DOUBLE AS ties FROM (SELECT customer_id FROM ties UNION ALL SELECT other_id FROM ties)
        GROUP BY 1 ORDER BY 1"""
    tables = (material.con.sql(query).to_arrow_table() for query in (referred, both))
    return {name: values for table in tables for name, values in of_customers(customers, table, missing=0.0).items()}


def _rated(customers: NDArray[np.int64]) -> dict[str, Floats]:
    """By the current credit rating, where there is one."""
    rated = read(sql.SQL(RATED), {"customer_id": pa.int64(), "rated": pa.float64()})
    return of_customers(customers, rated) if rated.num_rows else {}


def _told(customers: NDArray[np.int64]) -> dict[str, Floats]:
    told = read(sql.SQL(TOLD), {"customer_id": pa.int64(), "told": pa.float64()})
    consents = read(sql.SQL(CONSENTS), {"customer_id": pa.int64(), "consents": pa.float64()})
    found = of_customers(customers, told) if told.num_rows and _any(told["told"]) else {}
    return found | (of_customers(customers, consents) if consents.num_rows else {})


def _any(column: Any) -> bool:
    return bool(arrow.plain(column).any())
