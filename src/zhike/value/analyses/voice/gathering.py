"""What was written down of what customers said, with where and about what; and what people corrected."""

import datetime

import pyarrow as pa
from psycopg import sql

from zhike.customers.models import VoiceLabel
from zhike.value.analyses.columns import read
from zhike.value.analyses.material import Material, zone
from zhike.value.analyses.voice.reading import Correction

MOST = 200_000  # the newest are read; more would say the same and take minutes
LONGEST = 1_000  # characters of one
NEAR = 60  # days from a purchase to what is said of it
MOST_CORRECTIONS = 5_000
SAID = """
    SELECT i.id, i.customer_id, (i.at AT TIME ZONE {zone})::date, i.mood, i.outcome = 'problem', i.resolved_at IS NOT NULL,
        c.department_id, left(i.summary, {longest})
    FROM zhike_interaction i JOIN zhike_customer c ON c.id = i.customer_id AND c.deleted_at IS NULL
    WHERE i.state = 'done' AND i.kind <> 'note' AND i.outcome <> 'not_reached' AND i.summary <> ''
        AND (i.at AT TIME ZONE {zone})::date BETWEEN {since} AND {until}
    ORDER BY i.at DESC, i.id DESC LIMIT {most}"""
BOUGHT = """
    SELECT DISTINCT ON (l.order_id) l.order_id, p.line_id FROM zhike_orderline l
    JOIN zhike_order o ON o.id = l.order_id JOIN zhike_product p ON p.id = l.product_id
    WHERE o.kind = 'sale' AND p.line_id IS NOT NULL AND (o.ordered_at AT TIME ZONE {zone})::date BETWEEN {since} AND {until}
    ORDER BY l.order_id, l.amount DESC, l.id"""
BESIDE = """
    SELECT s.*, CASE WHEN b.bought >= s.date - $near::INT THEN b.line_id END AS line_id FROM said s
    ASOF LEFT JOIN (SELECT customer_id, date AS bought, line_id FROM orders JOIN bought USING (order_id) WHERE NOT is_return) b
        ON s.customer_id = b.customer_id AND s.date >= b.bought
    ORDER BY s.id"""


def said(material: Material, days: int) -> pa.Table:
    """`id`, `customer_id`, `date`, `mood`, `is_problem`, `is_resolved`, `department_id`, `summary`, and `line_id`: the line of
    products of the last purchase before, if it is near."""
    since = material.as_of - datetime.timedelta(days)
    bounds = {"zone": zone(), "until": sql.Literal(material.as_of)}
    types = {
        "id": pa.int64(), "customer_id": pa.int64(), "date": pa.date32(), "mood": pa.string(), "is_problem": pa.bool_(),
        "is_resolved": pa.bool_(), "department_id": pa.int64(), "summary": pa.string(),
    }  # fmt: skip
    table = read(
        sql.SQL(SAID).format(since=sql.Literal(since), most=sql.Literal(MOST), longest=sql.Literal(LONGEST), **bounds), types
    )
    before = sql.Literal(since - datetime.timedelta(NEAR))
    bought = read(sql.SQL(BOUGHT).format(since=before, **bounds), {"order_id": pa.int64(), "line_id": pa.int64()})
    material.con.register("said", table)
    material.con.register("bought", bought)
    return material.con.sql(BESIDE, params={"near": NEAR}).to_arrow_table()


def corrections() -> dict[int, Correction]:
    """By interaction, the newest; also of what was said before the period."""
    rows = VoiceLabel.objects.filter(interaction__customer__deleted_at=None).exclude(interaction__summary="").order_by("-at")
    columns = ("pk", "interaction__summary", "topic", "tone", "urgency")
    return {key: Correction(text[:LONGEST], *told) for key, text, *told in rows.values_list(*columns)[:MOST_CORRECTIONS]}
