"""Taking back the orders of an import."""

from typing import Any

FIELDS = {
    "customer_id": "::bigint", "kind": "", "ordered_at": "::timestamptz", "amount": "::numeric", "cost": "::numeric",
    "quantity": "::numeric", "channel": "", "region": "",
}  # fmt: skip
LOG = "ch.batch_id = %(batch)s AND ch.object_type = 'order'"
UNTOUCHED = (
    "jsonb_build_object('customer_id', o.customer_id, 'amount', o.amount, 'ordered_at', o.ordered_at, 'kind', o.kind) <@ "
    "jsonb_set(ch.after, '{ordered_at}', to_jsonb((ch.after->>'ordered_at')::timestamptz))"
)
# these follow from nothing else: each returns where what the import wrote still stands
BESIDE = ("channel", "region")
KEPT = f"o.channel IS DISTINCT FROM ch.after->>'channel' OR o.region IS DISTINCT FROM ch.after->>'region' OR NOT {UNTOUCHED}"
RESTORE_LINES = (
    f"DELETE FROM zhike_orderline l USING zhike_importchange ch, zhike_order o WHERE {LOG} AND o.id = ch.object_id "
    f"AND l.order_id = o.id "
    f"AND ch.before ? 'lines' AND {UNTOUCHED}",
    "INSERT INTO zhike_orderline (order_id, product_id, quantity, unit_price, amount, cost) "
    "SELECT o.id, l.product_id, l.quantity, l.unit_price, l.amount, l.cost FROM zhike_importchange ch JOIN "
    "zhike_order o ON o.id = ch.object_id, "
    "jsonb_to_recordset(ch.before->'lines') AS l(product_id bigint, quantity numeric, unit_price numeric, amount "
    "numeric, cost numeric) "
    f"WHERE {LOG} AND ch.before ? 'lines' AND {UNTOUCHED}",
)
RETURNS = "UPDATE zhike_order r SET returns_id = NULL FROM zhike_order o WHERE o.batch_id = %(batch)s AND r.returns_id = o.id"
LINES = "DELETE FROM zhike_orderline l USING zhike_order o WHERE o.batch_id = %(batch)s AND l.order_id = o.id"
ORDERS = "DELETE FROM zhike_order WHERE batch_id = %(batch)s"
PRODUCTS = """
DELETE FROM zhike_product p WHERE p.batch_id = %(batch)s
AND NOT EXISTS (SELECT 1 FROM zhike_orderline l WHERE l.product_id = p.id)
AND NOT EXISTS (SELECT 1 FROM zhike_pricelistitem i WHERE i.product_id = p.id)
AND NOT EXISTS (SELECT 1 FROM zhike_bundleitem b WHERE b.product_id = p.id OR b.bundle_id = p.id)
AND NOT EXISTS (SELECT 1 FROM zhike_product v WHERE v.variant_of_id = p.id)"""


def undo_orders(cursor: Any, *, batch_id: int) -> dict[str, int]:
    """{"removed", "restored", "kept"} orders; kept: somebody changed them since, wholly or in part. Before the customers, which
    nothing of the batch may hold any more."""
    parameters = {"batch": batch_id}
    for sql in (*RESTORE_LINES, RETURNS, LINES):
        cursor.execute(sql, parameters)
    cursor.execute(ORDERS, parameters)
    removed = cursor.rowcount
    cursor.execute(
        f"SELECT count(*) FROM zhike_importchange ch JOIN zhike_order o ON o.id = ch.object_id WHERE {LOG} AND ({KEPT})", parameters
    )
    kept = cursor.fetchone()[0]
    assigned = ", ".join(_restored(field, cast) for field, cast in FIELDS.items())
    cursor.execute(
        f"UPDATE zhike_order o SET {assigned} FROM zhike_importchange ch WHERE {LOG} AND o.id = ch.object_id AND {UNTOUCHED}",
        parameters,
    )
    restored = cursor.rowcount
    cursor.execute(PRODUCTS, parameters)
    return {"removed": removed, "restored": restored, "kept": kept}


def _restored(field: str, cast: str) -> str:
    before = f"(ch.before->>'{field}'){cast}"
    if field not in BESIDE:
        return f"{field} = {before}"
    return f"{field} = CASE WHEN o.{field} IS NOT DISTINCT FROM ch.after->>'{field}' THEN {before} ELSE o.{field} END"
