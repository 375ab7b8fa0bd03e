"""Taking an import back: what it wrote goes, what it overwrote returns, what somebody touched since stays and is counted."""

from collections.abc import Iterator
from typing import Any

from zhike.customers import tokens
from zhike.customers.imports import changes
from zhike.customers.models import Customer

DERIVED = {"duplicatepair", "suggestion"}  # made by the product from the record itself: no reason to keep a customer for them

ADDED = {
    "contact": "DELETE FROM zhike_contact t USING zhike_importchange ch WHERE {log} AND t.id = ch.object_id AND "
               "t.name = ch.after->>'said'",
    "address": "DELETE FROM zhike_address t USING zhike_importchange ch WHERE {log} AND t.id = ch.object_id AND "
               "t.detail = ch.after->>'said'",
    "identifier": "DELETE FROM zhike_identifier t USING zhike_importchange ch WHERE {log} AND t.id = ch.object_id AND "
                  "t.value = ch.after->>'said'",
}  # fmt: skip
# nobody changed it by hand, and no other import that stands
UNTOUCHED = """
NOT EXISTS (SELECT 1 FROM zhike_auditentry a WHERE a.object_type = 'customer' AND a.object_id = c.id AND a.verb NOT
    IN ('viewed', 'revealed'))
AND NOT EXISTS (SELECT 1 FROM zhike_importchange o JOIN zhike_importbatch b ON b.id = o.batch_id WHERE o.object_type = 'customer'
    AND o.object_id = c.id AND o.batch_id <> %(batch)s AND b.state = 'done')"""
STILL_HERE = """
SELECT DISTINCT c.id FROM zhike_importchange ch JOIN zhike_customer c ON c.id = (ch.after->>'customer_id')::bigint WHERE {log}"""
LOG = "ch.batch_id = %(batch)s AND ch.object_type = '{kind}'"


def undo_customers(cursor: Any, *, batch_id: int, now: Any) -> dict[str, int]:
    """{"restored", "removed", "kept"} customers. Set-based, inside the caller's transaction."""
    parameters = {"batch": batch_id, "now": now}
    cursor.execute(changes.restore_sql(), parameters)
    restored = cursor.rowcount
    for kind, sql in ADDED.items():
        cursor.execute(sql.format(log=LOG.format(kind=kind)), parameters)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.going")
    others = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} r WHERE r.{column} = c.id)" for table, column in _references(derived=False)
    )
    cursor.execute(
        f"CREATE TEMP TABLE going ON COMMIT DROP AS SELECT c.id FROM zhike_customer c "
        f"WHERE c.batch_id = %(batch)s AND c.deleted_at IS NULL AND {UNTOUCHED} AND {others} FOR UPDATE OF c",
        parameters,
    )
    cursor.execute("CREATE UNIQUE INDEX ON going (id)")
    cursor.execute("ANALYZE going")
    for table, column in _references(derived=True):
        cursor.execute(f"DELETE FROM {table} r USING going WHERE r.{column} = going.id")
    cursor.execute("DELETE FROM zhike_customer c USING going WHERE c.id = going.id")
    removed = cursor.rowcount
    cursor.execute(STILL_HERE.format(log=LOG.format(kind="identifier")), parameters)
    tokens.refresh(customer for (customer,) in cursor.fetchall())
    cursor.execute("SELECT count(*) FROM zhike_customer WHERE batch_id = %(batch)s", parameters)
    return {"restored": restored, "removed": removed, "kept": cursor.fetchone()[0]}


def _references(*, derived: bool) -> Iterator[tuple[str, str]]:
    """(table, column) of everything that points to a customer, in every domain."""
    relations = [*Customer._meta.related_objects]
    for relation in relations:
        model = relation.related_model
        if relation.concrete or not hasattr(relation.field, "column") or relation.field.column is None:
            continue
        if (model._meta.model_name in DERIVED) == derived:
            yield model._meta.db_table, relation.field.column
