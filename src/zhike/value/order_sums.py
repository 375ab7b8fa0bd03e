"""The same sums as `aggregates`, for a few customers and straight from the orders in PostgreSQL: what a rescoring starts from."""

import datetime
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from django.db import connection
from django.utils import timezone

from zhike.value import arrow

HALF_YEAR = 182  # days

SUMS = """
WITH days AS MATERIALIZED (
    SELECT customer_id, (ordered_at AT TIME ZONE %(zone)s)::date AS day, bool_or(amount >= 0) AS bought,
           count(*) FILTER (WHERE amount >= 0) AS sales, count(*) FILTER (WHERE amount < 0) AS returns,
           coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS sold, sum(amount) AS net,
           sum(coalesce(amount - cost, amount * %(rate)s::numeric)) AS margin
    FROM zhike_order WHERE customer_id = ANY(%(customers)s) GROUP BY 1, 2
), heard AS (
    SELECT * FROM days WHERE day <= %(today)s::date
), sums AS (
    SELECT customer_id, sum(sales)::integer AS orders, sum(returns)::integer AS returns,
           min(day) FILTER (WHERE bought) AS first_on, max(day) FILTER (WHERE bought) AS last_on,
           sum(net) AS revenue, sum(margin) AS margin, (count(*) FILTER (WHERE bought) - 1)::integer AS frequency,
           sum(sold) - (array_agg(sold ORDER BY day) FILTER (WHERE bought))[1] AS repeat_sales
    FROM heard GROUP BY customer_id HAVING bool_or(bought)
), dated AS (
    SELECT *, greatest(%(as_of)s::date, last_on) AS as_of FROM sums
), spans AS (
    SELECT d.customer_id, count(*) FILTER (WHERE bought AND day > d.as_of - %(window)s)::integer AS purchases,
           sum(net) FILTER (WHERE day > d.as_of - %(window)s) AS window_revenue,
           sum(h.margin) FILTER (WHERE day > d.as_of - %(window)s) AS window_margin,
           coalesce(sum(h.margin) FILTER (WHERE day > d.as_of - 2 * %(half)s), 0) AS year_margin,
           coalesce(sum(sales) FILTER (WHERE day > d.as_of - 2 * %(half)s), 0)::integer AS year_orders,
           coalesce(sum(h.returns) FILTER (WHERE day > d.as_of - 2 * %(half)s), 0)::integer AS year_returns,
           coalesce(sum(net) FILTER (WHERE day > d.as_of - %(half)s), 0) AS late,
           coalesce(sum(net) FILTER (WHERE day <= d.as_of - %(half)s AND day > d.as_of - 2 * %(half)s), 0) AS early
    FROM dated d JOIN heard h USING (customer_id) GROUP BY 1
)
SELECT customer_id, as_of, orders, returns, first_on, last_on, revenue::float8, margin::float8, frequency,
       last_on - first_on AS recency, as_of - first_on AS age, (repeat_sales / nullif(frequency, 0))::float8 AS mean_spend,
       CASE WHEN early > 0 AND first_on <= as_of - 2 * %(half)s THEN (late / early - 1)::float8 END AS trend,
       year_margin::float8 AS year_margin, year_orders, year_returns,
       purchases, window_revenue::float8 AS window_revenue, window_margin::float8 AS window_margin
FROM dated JOIN spans USING (customer_id) ORDER BY customer_id
"""

SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()), ("as_of", pa.date32()), ("orders", pa.int64()), ("returns", pa.int64()),
        ("first_on", pa.date32()), ("last_on", pa.date32()), ("revenue", pa.float64()), ("margin", pa.float64()),
        ("frequency", pa.int64()), ("recency", pa.float64()), ("age", pa.float64()), ("mean_spend", pa.float64()),
        ("trend", pa.float64()), ("year_margin", pa.float64()), ("year_orders", pa.int64()), ("year_returns", pa.int64()),
        ("purchases", pa.int64()), ("window_revenue", pa.float64()), ("window_margin", pa.float64()),
    ]
)  # fmt: skip


def sums_of(customers: list[int], *, as_of: datetime.date, today: datetime.date, margin_rate: float, window_days: int) -> pa.Table:
    """One row for each of these who bought by `today`. Each is seen as of the run's day, or of a later last purchase."""
    values: dict[str, Any] = {
        "customers": sorted(customers), "as_of": as_of, "today": today, "rate": margin_rate, "half": HALF_YEAR,
        "window": window_days or 1_000_000, "zone": timezone.get_default_timezone_name(),
    }  # fmt: skip
    connection.ensure_connection()
    rows = psycopg.Cursor(connection.connection).execute(SUMS, values).fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    return pa.table([_array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    plain = np.array([0 if value is None else value for value in values], dtype="datetime64[D]" if kind == pa.date32() else None)
    known = np.array([value is not None for value in values], dtype=bool)
    return arrow.numbers(plain.astype(np.int64) if kind == pa.date32() else plain, known=known, kind=kind)
