"""Taking back the orders of an import."""

from typing import Any

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.imports import edited
from zhike.customers.imports.undo import Kept, refuse_if_edited
from zhike.customers.models import Customer
from zhike.sales.models import Order, OrderLine
from zhike.teams.models import User

FIELDS = {
    "customer_id": "::bigint", "kind": "", "ordered_at": "::timestamptz", "amount": "::numeric", "cost": "::numeric",
    "quantity": "::numeric", "channel": "", "region": "", "due_on": "::date", "paid_on": "::date",
}  # fmt: skip
LOG = "ch.batch_id = %(batch)s AND ch.object_type = 'order'"
UNTOUCHED = (
    "jsonb_build_object('customer_id', o.customer_id, 'amount', o.amount, 'ordered_at', o.ordered_at, 'kind', o.kind) <@ "
    "jsonb_set(ch.after, '{ordered_at}', to_jsonb((ch.after->>'ordered_at')::timestamptz))"
)
ANYWAY = "o.id = ANY(%(anyway)s::bigint[])"
# these follow from nothing else: each returns where what the import wrote still stands
BESIDE = ("channel", "region", "due_on", "paid_on")
TOUCHED = " OR ".join(f"o.{field} IS DISTINCT FROM (ch.after->>'{field}'){FIELDS[field]}" for field in BESIDE)
# SELECT (id, why): orders that the batch created, and such that it changed, which somebody has worked on since
CREATED = (
    f"{edited.of_created('order', 'zhike_order')} UNION ALL SELECT o.id, 'returned' FROM zhike_order o "
    "WHERE o.batch_id = %(batch)s AND EXISTS (SELECT 1 FROM zhike_order r WHERE r.returns_id = o.id)"
)
VALUES = (
    f"SELECT o.id, 'value' AS why FROM zhike_importchange ch JOIN zhike_order o ON o.id = ch.object_id WHERE {LOG} AND "
    f"({TOUCHED} OR NOT {UNTOUCHED})"
)
RESTORE_LINES = (
    f"DELETE FROM zhike_orderline l USING zhike_importchange ch, zhike_order o WHERE {LOG} AND o.id = ch.object_id "
    f"AND l.order_id = o.id "
    f"AND ch.before ? 'lines' AND ({UNTOUCHED} OR {ANYWAY})",
    "INSERT INTO zhike_orderline (order_id, product_id, quantity, unit_price, amount, cost) "
    "SELECT o.id, l.product_id, l.quantity, l.unit_price, l.amount, l.cost FROM zhike_importchange ch JOIN "
    "zhike_order o ON o.id = ch.object_id, "
    "jsonb_to_recordset(ch.before->'lines') AS l(product_id bigint, quantity numeric, unit_price numeric, amount "
    "numeric, cost numeric) "
    f"WHERE {LOG} AND ch.before ? 'lines' AND ({UNTOUCHED} OR {ANYWAY})",
)
GOING = """
CREATE TEMP TABLE going ON COMMIT DROP AS SELECT o.id FROM zhike_order o WHERE o.batch_id = %(batch)s
AND NOT EXISTS (SELECT 1 FROM edited_orders e WHERE e.id = o.id) FOR UPDATE OF o"""
STAYING = "SELECT e.id, min(e.why) FROM edited_orders e GROUP BY e.id ORDER BY e.id"
LINES = "DELETE FROM zhike_orderline l USING going g WHERE l.order_id = g.id"
ORDERS = "DELETE FROM zhike_order o USING going g WHERE o.id = g.id"
PRODUCTS = """
DELETE FROM zhike_product p WHERE p.batch_id = %(batch)s
AND NOT EXISTS (SELECT 1 FROM zhike_orderline l WHERE l.product_id = p.id)
AND NOT EXISTS (SELECT 1 FROM zhike_pricelistitem i WHERE i.product_id = p.id)
AND NOT EXISTS (SELECT 1 FROM zhike_bundleitem b WHERE b.product_id = p.id OR b.bundle_id = p.id)
AND NOT EXISTS (SELECT 1 FROM zhike_product v WHERE v.variant_of_id = p.id)"""


def undo_orders(cursor: Any, *, batch_id: int, actor: User | None = None) -> tuple[dict[str, int], Kept]:
    """({"removed", "restored"} orders, [(id, why)] of those that stay, wholly or in part). Before the customers, which nothing
    of the batch may hold any more. With an `actor`, also what somebody has worked on since goes, as far as they may change it."""
    parameters: dict[str, Any] = {"batch": batch_id, "anyway": []}
    cursor.execute("DROP TABLE IF EXISTS pg_temp.going, pg_temp.edited_orders")
    cursor.execute(f"CREATE TEMP TABLE edited_orders ON COMMIT DROP AS {CREATED}", parameters)
    removed = _remove_edited(cursor, actor) if actor else 0
    removed += _remove_created(cursor, parameters)
    cursor.execute(STAYING)
    kept: Kept = cursor.fetchall()
    cursor.execute(VALUES, parameters)
    changed = [key for (key, _why) in cursor.fetchall()]
    if actor:
        parameters["anyway"] = _own(actor, changed)
    kept += [(key, "value") for key in sorted({*changed} - {*parameters["anyway"]})]
    for sql in RESTORE_LINES:
        cursor.execute(sql, parameters)
    assigned = ", ".join(_restored(field, cast) for field, cast in FIELDS.items())
    cursor.execute(
        f"UPDATE zhike_order o SET {assigned} FROM zhike_importchange ch WHERE {LOG} AND o.id = ch.object_id "
        f"AND ({UNTOUCHED} OR {ANYWAY})",
        parameters,
    )
    restored = cursor.rowcount
    cursor.execute(PRODUCTS, parameters)
    return {"removed": removed, "restored": restored}, kept


def _remove_created(cursor: Any, parameters: dict[str, Any]) -> int:
    cursor.execute(GOING, parameters)
    cursor.execute("CREATE UNIQUE INDEX ON going (id)")
    cursor.execute("ANALYZE going")
    refuse_if_edited(cursor, CREATED, parameters)
    cursor.execute(LINES)
    cursor.execute(ORDERS)
    removed: int = cursor.rowcount
    cursor.execute("DROP TABLE going")
    return removed


def _remove_edited(cursor: Any, actor: User) -> int:
    """Orders that somebody has worked on, with the returns recorded on them. The trail keeps what each was."""
    cursor.execute(STAYING)
    own = _own(actor, [key for key, _why in cursor.fetchall()])
    cursor.execute("DELETE FROM edited_orders WHERE id = ANY(%s)", [own])
    going = [*Order.objects.filter(returns_id__in=own), *Order.objects.filter(pk__in=own)]
    audit.record_many(
        actor=actor, verb=AuditVerb.DELETED, object_type="order",
        rows=[(one.pk, str(one), {name: [getattr(one, name), None] for name in FIELDS}) for one in going],
    )  # fmt: skip
    keys = [one.pk for one in going]
    OrderLine.objects.filter(order_id__in=keys).delete()
    cursor.execute("DELETE FROM zhike_order WHERE id = ANY(%s)", [keys])
    return len(keys)


def _own(actor: User, orders: list[int]) -> list[int]:
    """Those of whose customer the actor may change something."""
    customers = Customer.objects.editable_by(actor)
    return list(Order.objects.filter(pk__in=orders, customer__in=customers).values_list("pk", flat=True))


def _restored(field: str, cast: str) -> str:
    before = f"(ch.before->>'{field}'){cast}"
    if field not in BESIDE:
        return f"{field} = {before}"
    still = f"o.{field} IS NOT DISTINCT FROM (ch.after->>'{field}'){cast} OR {ANYWAY}"
    return f"{field} = CASE WHEN {still} THEN {before} ELSE o.{field} END"
