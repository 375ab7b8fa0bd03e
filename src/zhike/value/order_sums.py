"""The same sums as `aggregates`, for some customers: what a rescoring starts from. For a few they come straight from the orders in
PostgreSQL; for thousands from the columnar copy, which is read in one sweep instead of page by page. One text for both engines."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pyarrow as pa
from django.db import connection
from django.utils import timezone

from zhike.value import arrow

if TYPE_CHECKING:
    from zhike.value.snapshot import Manifest

HALF_YEAR = 182  # days
EVER = 1_000_000  # days

SUMS = """
WITH days AS MATERIALIZED (
    SELECT customer_id, day, bool_or(amount >= 0) AS bought,
           count(*) FILTER (WHERE amount >= 0) AS sales, count(*) FILTER (WHERE amount < 0) AS returns,
           coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS sold, sum(amount) AS net, sum(margin) AS margin
    FROM (<orders>) AS orders GROUP BY 1, 2
), heard AS (
    SELECT * FROM days WHERE day <= $today::date
), sums AS (
    SELECT customer_id, sum(sales)::integer AS orders, sum(returns)::integer AS returns,
           min(day) FILTER (WHERE bought) AS first_on, max(day) FILTER (WHERE bought) AS last_on,
           sum(net) AS revenue, sum(margin) AS margin, (count(*) FILTER (WHERE bought) - 1)::integer AS frequency,
           sum(sold) - (array_agg(sold ORDER BY day) FILTER (WHERE bought))[1] AS repeat_sales
    FROM heard GROUP BY customer_id HAVING bool_or(bought)
), dated AS (
    SELECT *, greatest($as_of::date, last_on) AS as_of FROM sums
), spans AS (
    SELECT d.customer_id, count(*) FILTER (WHERE bought AND day > d.as_of - $window::integer)::integer AS purchases,
           sum(net) FILTER (WHERE day > d.as_of - $window::integer) AS window_revenue,
           sum(h.margin) FILTER (WHERE day > d.as_of - $window::integer) AS window_margin,
           coalesce(sum(h.margin) FILTER (WHERE day > d.as_of - 2 * <half>), 0) AS year_margin,
           coalesce(sum(sales) FILTER (WHERE day > d.as_of - 2 * <half>), 0)::integer AS year_orders,
           coalesce(sum(h.returns) FILTER (WHERE day > d.as_of - 2 * <half>), 0)::integer AS year_returns,
           coalesce(sum(net) FILTER (WHERE day > d.as_of - <half>), 0) AS late,
           coalesce(sum(net) FILTER (WHERE day <= d.as_of - <half> AND day > d.as_of - 2 * <half>), 0) AS early
    FROM dated d JOIN heard h USING (customer_id) GROUP BY 1
)
SELECT customer_id, as_of, orders, returns, first_on, last_on, revenue::float8 AS revenue, margin::float8 AS margin, frequency,
       last_on - first_on AS recency, as_of - first_on AS age, (repeat_sales / nullif(frequency, 0))::float8 AS mean_spend,
       CASE WHEN early > 0 AND first_on <= as_of - 2 * <half> THEN (late / early - 1)::float8 END AS trend,
       year_margin::float8 AS year_margin, year_orders, year_returns,
       purchases, window_revenue::float8 AS window_revenue, window_margin::float8 AS window_margin
FROM dated JOIN spans USING (customer_id) ORDER BY customer_id
""".replace("<half>", str(HALF_YEAR))
FROM_ORDERS = """
    SELECT customer_id, (ordered_at AT TIME ZONE $zone)::date AS day, amount,
           coalesce(amount - cost, amount * $rate::numeric) AS margin
    FROM zhike_order JOIN zhike_customer ON zhike_customer.id = customer_id AND deleted_at IS NULL
    WHERE customer_id = ANY($customers)"""
FROM_COPY = "SELECT customer_id, date AS day, amount, margin FROM facts"

TO_POSTGRESQL = re.sub(r"\$([a-z_]+)", r"%(\1)s", SUMS.replace("<orders>", FROM_ORDERS)).encode()

SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()), ("as_of", pa.date32()), ("orders", pa.int64()), ("returns", pa.int64()),
        ("first_on", pa.date32()), ("last_on", pa.date32()), ("revenue", pa.float64()), ("margin", pa.float64()),
        ("frequency", pa.int64()), ("recency", pa.float64()), ("age", pa.float64()), ("mean_spend", pa.float64()),
        ("trend", pa.float64()), ("year_margin", pa.float64()), ("year_orders", pa.int64()), ("year_returns", pa.int64()),
        ("purchases", pa.int64()), ("window_revenue", pa.float64()), ("window_margin", pa.float64()),
    ]
)  # fmt: skip


def of(customers: list[int], facts: "Manifest | None" = None, *, margin_rate: float, **days: Any) -> pa.Table:
    """One row for each of these who bought by `today`, by id. Each is seen as of the run's day, or of a later last purchase.

    `days`: `as_of`, `today`, `window_days`. `facts`: as this copy of the orders has it.
    """
    values = {"as_of": days["as_of"], "today": days["today"], "window": days["window_days"] or EVER}
    return _of_many(customers, facts, margin_rate, values) if facts else _of_few(customers, margin_rate, values)


def _of_few(customers: list[int], margin_rate: float, values: dict[str, Any]) -> pa.Table:
    values |= {"customers": sorted(customers), "rate": margin_rate, "zone": timezone.get_default_timezone_name()}
    connection.ensure_connection()
    rows = psycopg.Cursor(connection.connection).execute(TO_POSTGRESQL, values).fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    return pa.table([_array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def _of_many(customers: list[int], facts: "Manifest", margin_rate: float, values: dict[str, Any]) -> pa.Table:
    from zhike.value import engine  # takes longer to load than a few customers take to add up

    with engine.with_facts(facts, margin_rate=margin_rate, only=customers) as con:
        found = con.sql(SUMS.replace("<orders>", FROM_COPY), params=values).to_arrow_table()
        return found.select(SCHEMA.names).cast(SCHEMA)


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    plain = np.array([0 if value is None else value for value in values], dtype="datetime64[D]" if kind == pa.date32() else None)
    known = np.array([value is not None for value in values], dtype=bool)
    return arrow.numbers(plain.astype(np.int64) if kind == pa.date32() else plain, known=known, kind=kind)
