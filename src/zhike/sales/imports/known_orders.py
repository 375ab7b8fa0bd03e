"""Order numbers that exist already, when the file is to update them: compared, logged, changed, with their lines."""

from zhike.customers.imports.pipeline import Job
from zhike.customers.imports.staging import Staging

FIND = """
UPDATE ord SET existing_id = o.id FROM zhike_order o
WHERE ord.order_no <> '' AND o.order_no = ord.order_no AND o.order_no <> '' AND ord.reason = ''"""
KIND = "CASE WHEN o.amount < 0 OR (o.amount = 0 AND o.order_no ~ '^[Cc][0-9]') THEN 'return' ELSE 'sale' END"
NEW_VALUES = {
    "customer_id": "o.customer_id", "kind": KIND, "ordered_at": "o.ordered_at", "amount": "o.amount::numeric(14,2)",
    "cost": "coalesce(o.cost::numeric(14,2), z.cost)", "quantity": "coalesce(o.quantity::numeric(14,3), z.quantity)",
    "channel": "coalesce(nullif(o.channel, ''), z.channel)", "region": "coalesce(nullif(o.region, ''), z.region)",
    "due_on": "coalesce(o.due_on, z.due_on)", "paid_on": "coalesce(o.paid_on, z.paid_on)",
}  # fmt: skip
LINES_BEFORE = """
(SELECT coalesce(jsonb_agg(jsonb_build_object('product_id', l.product_id, 'quantity', l.quantity, 'unit_price', l.unit_price,
    'amount', l.amount, 'cost', l.cost) ORDER BY l.id), '[]') FROM zhike_orderline l WHERE l.order_id = z.id)"""


def find(stage: Staging) -> None:
    stage.run(FIND)


def update(stage: Staging, job: Job, *, has_lines: bool) -> int:
    """Known orders whose values differ get those of the file; the others stay untouched and count as skipped."""
    differs = " OR ".join(f"z.{column} IS DISTINCT FROM {value}" for column, value in NEW_VALUES.items())
    stage.run(
        "UPDATE ord SET reason = 'updated' FROM (SELECT o.id FROM ord o JOIN zhike_order z ON z.id = o.existing_id "
        f"WHERE o.reason = '' AND ({differs}) FOR UPDATE OF z) d WHERE d.id = ord.id"
    )
    before = ", ".join(f"'{column}', z.{column}" for column in NEW_VALUES)
    after = ", ".join(f"'{column}', {value}" for column, value in NEW_VALUES.items())
    lines = f" || jsonb_build_object('lines', {LINES_BEFORE})" if has_lines else ""
    stage.run(
        "INSERT INTO zhike_importchange (batch_id, object_type, object_id, before, after) "
        f"SELECT %(batch)s, 'order', z.id, jsonb_build_object({before}){lines}, jsonb_build_object({after}) "
        "FROM ord o JOIN zhike_order z ON z.id = o.existing_id WHERE o.reason = 'updated'",
        job.options,
    )
    assigned = ", ".join(f"{column} = {value}" for column, value in NEW_VALUES.items())
    changed = stage.run(
        f"UPDATE zhike_order t SET {assigned.replace('z.', 't.')} FROM ord o WHERE o.existing_id = t.id AND o.reason = 'updated'"
    )
    if has_lines:
        stage.run(
            "DELETE FROM zhike_orderline l USING ord o WHERE l.order_id = o.existing_id AND o.reason = 'updated'"
        )  # the new lines follow with those of the new orders
    return changed
