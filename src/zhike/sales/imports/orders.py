"""Staged rows into orders. Without an order number every row is an order; rows of one number are one order with its lines."""

from typing import Any

from django.db import connection
from django.db.models import Model

from zhike.core import events
from zhike.customers.choices import DuplicatePolicy
from zhike.customers.imports.arrivals import literal
from zhike.customers.imports.keys import checked_together
from zhike.customers.imports.matching import editable
from zhike.customers.imports.pipeline import Job
from zhike.customers.imports.progress import Progress
from zhike.customers.imports.staging import Staging
from zhike.sales.events import OrdersImported
from zhike.sales.imports import known_orders, lines
from zhike.sales.models import Order

AMOUNT = "round(coalesce(s.amount, s.quantity * s.unit_price), 2)"
UNLESS_ENTERED_MEANWHILE = " ON CONFLICT (order_no) WHERE order_no <> '' DO NOTHING"
IS_RETURN = "CASE WHEN {amount} < 0 OR ({amount} = 0 AND {order_no} ~ '^[Cc][0-9]') THEN 'return' ELSE 'sale' END"
USABLE = "w.reason = ''"
ON_ACCOUNT = ("due_on", "paid_on")

# one line an order: those with a number gathered, the others as they are
GATHER = f"""
CREATE TEMP TABLE ord ON COMMIT DROP AS
SELECT nextval('zhike_order_id_seq') AS id, g.*, NULL::bigint AS existing_id, ''::text AS reason FROM (
    SELECT s.order_no, s.order_no AS stated_no, min(s.rowno) AS rowno, min(w.customer_id) AS customer_id,
        max(w.customer_id) AS other_id, min(s.date) AS ordered_at,
        sum({AMOUNT}) AS amount, sum(s.cost) AS cost, sum(s.quantity) AS quantity, max(s.channel) AS channel,
            max(s.region) AS region,
        {{due_on}} AS due_on, {{paid_on}} AS paid_on, count(*) AS lines
    FROM stage s JOIN who w USING (ckey) WHERE {USABLE} AND s.order_no <> '' GROUP BY s.order_no
    UNION ALL
    SELECT '', '', s.rowno, w.customer_id, w.customer_id, s.date, {AMOUNT}, s.cost, s.quantity, s.channel, s.region,
        s.due_on, s.paid_on, 1
    FROM stage s JOIN who w USING (ckey) WHERE {USABLE} AND s.order_no = ''
) g"""
REFUSE = """
UPDATE ord SET reason = CASE WHEN customer_id <> other_id THEN 'two_customers' ELSE 'mixed_signs' END
WHERE customer_id <> other_id OR abs(amount) > 1e11"""
REJECT = """
INSERT INTO rejected SELECT s.rowno, -1, o.reason, '', 0 FROM stage s JOIN ord o ON o.stated_no = s.order_no AND o.stated_no <> ''
WHERE o.reason NOT IN ('', 'skipped', 'updated')"""
REPEATED = """
SELECT coalesce(sum(n - 1), 0)::bigint FROM (SELECT count(*) AS n FROM stage s GROUP BY hash_record_extended(
    (s.ckey, s.order_no, s.date, s.amount, s.quantity, s.unit_price, s.product, s.product_code), 0)) r"""
ZERO = f"SELECT count(*) FROM stage s JOIN who w USING (ckey) WHERE {USABLE} AND {AMOUNT} = 0"


def write(stage: Staging, job: Job, progress: Progress) -> None:
    """The orders of a batch, after its customers: what the pipeline calls."""
    has_lines = bool({"product", "product_code"} & set(job.mapping))
    if "order_no" in job.mapping or has_lines:
        created, skipped = _write_gathered(stage, job, progress, has_lines=has_lines)
    else:
        created, skipped = {"orders": _insert_rows(stage, job, progress)}, 0
    job.counts["created"] |= created
    job.counts["skipped"] = skipped
    job.counts["remarks"] = _remarks(stage, job)
    events.announce(OrdersImported(job.batch.pk))


def _remarks(stage: Staging, job: Job) -> dict[str, int]:
    """What was taken, but is worth knowing: repeated rows, amounts of nothing, returns. In rows, but returns in orders."""
    returns = stage.value("SELECT count(*) FROM zhike_order WHERE batch_id = %s AND kind = 'return'", [job.batch.pk])
    found = {"repeated": stage.value(REPEATED), "zero_amount": stage.value(ZERO), "returns": returns}
    return {remark: count for remark, count in found.items() if count}


def _insert_rows(stage: Staging, job: Job, progress: Progress) -> int:
    """Every row an order, straight from the staging table."""
    sql = _insert(
        "zhike_order", Order,
        {"customer_id": "w.customer_id", "kind": IS_RETURN.format(amount=AMOUNT, order_no="''"), "ordered_at": "s.date",
         "amount": AMOUNT, "cost": "s.cost", "quantity": "s.quantity", "channel": "s.channel", "region": "s.region",
         "due_on": "s.due_on", "paid_on": "s.paid_on"},
        f"stage s JOIN who w USING (ckey) WHERE {USABLE} AND {{slice}}",
    )  # fmt: skip
    inserted = 0
    with checked_together(stage, {"zhike_customer": f"SELECT customer_id FROM who w WHERE {USABLE}"}, {}):
        for piece in stage.slices():
            inserted += stage.run(sql.format(slice=piece), job.options)
            progress.at("writing")
    return inserted


def _write_gathered(stage: Staging, job: Job, progress: Progress, *, has_lines: bool) -> tuple[dict[str, int], int]:
    days = {name: f"max(s.{name})" if name in job.mapping else "NULL::date" for name in ON_ACCOUNT}  # few files have them
    stage.run(GATHER.format(**days))
    stage.run("CREATE INDEX ON ord (stated_no)")
    stage.run("ANALYZE ord")
    stage.run(REFUSE)
    skipped = _treat_known(stage, job, has_lines=has_lines) if "order_no" in job.mapping else 0
    stage.run(REJECT)
    created = {"orders": _insert_gathered(stage, job, progress)}
    if has_lines:
        created |= lines.insert_products_and_lines(stage, job, progress)
    return created, skipped


def _treat_known(stage: Staging, job: Job, *, has_lines: bool) -> int:
    """Order numbers that exist already, by the policy for duplicates. Gives the rows skipped."""
    known_orders.find(stage)
    scope, parameters = editable("o.customer_id", job.actor)
    if scope:
        stage.run(
            f"UPDATE ord SET reason = 'not_yours' FROM zhike_order o WHERE o.id = ord.existing_id AND NOT ({scope})",
            parameters,
        )
    if job.batch.policy == DuplicatePolicy.KEEP_BOTH:
        stage.run(
            "UPDATE ord SET order_no = left(order_no, 48) || '-' || %s, existing_id = NULL WHERE existing_id IS NOT "
            "NULL AND reason = ''",
            [str(job.batch.pk)],
        )
        return 0
    if job.batch.policy == DuplicatePolicy.UPDATE:
        job.counts["updated"]["orders"] = known_orders.update(stage, job, has_lines=has_lines)
    stage.run("UPDATE ord SET reason = 'skipped' WHERE existing_id IS NOT NULL AND reason = ''")
    return int(stage.value("SELECT coalesce(sum(lines), 0) FROM ord WHERE reason = 'skipped'"))


def _insert_gathered(stage: Staging, job: Job, progress: Progress) -> int:
    sql = _insert(
        "zhike_order", Order,
        {"id": "o.id", "customer_id": "o.customer_id", "kind": IS_RETURN.format(amount="o.amount", order_no="o.order_no"),
         "order_no": "o.order_no", "ordered_at": "o.ordered_at", "amount": "o.amount", "cost": "o.cost", "quantity": "o.quantity",
         "channel": "o.channel", "region": "o.region", "due_on": "o.due_on", "paid_on": "o.paid_on"},
        "ord o WHERE o.reason = '' AND {slice}",
    )  # fmt: skip
    inserted = 0
    with checked_together(stage, {"zhike_customer": "SELECT customer_id FROM ord WHERE reason = ''"}, {}):
        for piece in stage.slices("ord", "o"):
            inserted += stage.insert(sql.format(slice=piece), job.options, unless=UNLESS_ENTERED_MEANWHILE)
            progress.at("writing")
    if inserted < stage.value("SELECT count(*) FROM ord WHERE reason = ''"):  # somebody entered the same number in this moment
        stage.run(
            "UPDATE ord SET reason = 'skipped' WHERE reason = '' AND NOT EXISTS (SELECT 1 FROM zhike_order z WHERE z.id = ord.id)"
        )
    return inserted


def _insert(table: str, model: type[Model], given: dict[str, str], source: str) -> str:
    """INSERT … SELECT with every column of the model: given, else the model's default."""
    given = {"batch_id": "%(batch)s", "created_at": "%(now)s", "created_by_id": "%(created_by)s"} | given
    columns, values = [], []
    for field in model._meta.local_concrete_fields:
        if field.primary_key and field.column not in given:
            continue
        columns.append(f'"{field.column}"')
        values.append(given.get(str(field.column)) or _default(field))
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"


def _default(field: Any) -> str:
    return literal(field.get_db_prep_save(field.get_default(), connection))
