"""Taking an import back: what it wrote goes, what it overwrote returns, what somebody touched since stays and is told."""

from typing import Any

from zhike.customers import tokens
from zhike.customers.imports import changes, edited
from zhike.customers.imports.edited import EditedMeanwhile
from zhike.customers.models import Customer
from zhike.teams.models import User

ADDED = {
    "contact": "DELETE FROM zhike_contact t USING zhike_importchange ch WHERE {log} AND t.id = ch.object_id AND "
               "t.name = ch.after->>'said'",
    "address": "DELETE FROM zhike_address t USING zhike_importchange ch WHERE {log} AND t.id = ch.object_id AND "
               "t.detail = ch.after->>'said'",
    "identifier": "DELETE FROM zhike_identifier t USING zhike_importchange ch WHERE {log} AND t.id = ch.object_id AND "
                  "t.value = ch.after->>'said'",
}  # fmt: skip
STILL_HERE = """
SELECT DISTINCT c.id FROM zhike_importchange ch JOIN zhike_customer c ON c.id = (ch.after->>'customer_id')::bigint WHERE {log}"""
LOG = "ch.batch_id = %(batch)s AND ch.object_type = '{kind}'"
# whose name or numbers were changed since: their search words are neither those before nor those after the import
RENAMED = """
SELECT c.id FROM zhike_importchange ch JOIN zhike_customer c ON c.id = ch.object_id WHERE ch.batch_id = %(batch)s
AND ch.object_type = 'customer' AND ch.after ? 'search' AND to_jsonb(c.search) <> ch.after->'search'"""
GOING = """
CREATE TEMP TABLE going ON COMMIT DROP AS SELECT c.id FROM zhike_customer c WHERE c.batch_id = %(batch)s
AND c.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM edited_customers e WHERE e.id = c.id) FOR UPDATE OF c"""
STAYING = """
SELECT e.id, min(e.why) FROM edited_customers e JOIN zhike_customer c ON c.id = e.id AND c.deleted_at IS NULL
GROUP BY e.id ORDER BY e.id"""
Kept = list[tuple[int, str]]


def undo_customers(cursor: Any, *, batch_id: int, now: Any, actor: User | None = None) -> tuple[dict[str, int], Kept]:
    """({"restored", "removed"} customers, [(id, why)] of those that stay, wholly or in part). Set-based, inside the caller's
    transaction. With an `actor`, values that were changed since go back as well in the customers that they may change."""
    parameters = {"batch": batch_id, "now": now, "anyway": []}
    cursor.execute(edited.values_of_customers(), parameters)
    kept: Kept = cursor.fetchall()
    if actor:
        own = set(Customer.objects.editable_by(actor).filter(pk__in=[key for key, _why in kept]).values_list("pk", flat=True))
        parameters["anyway"], kept = list(own), [(key, why) for key, why in kept if key not in own]
    cursor.execute(RENAMED, parameters)
    renamed = [key for (key,) in cursor.fetchall()]
    cursor.execute(changes.restore_sql(), parameters)
    restored = cursor.rowcount
    for kind, sql in ADDED.items():
        cursor.execute(sql.format(log=LOG.format(kind=kind)), parameters)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.going, pg_temp.edited_customers")
    cursor.execute(f"CREATE TEMP TABLE edited_customers ON COMMIT DROP AS {edited.customers()}", parameters)
    cursor.execute(GOING, parameters)
    cursor.execute("CREATE UNIQUE INDEX ON going (id)")
    cursor.execute("ANALYZE going")
    refuse_if_edited(cursor, edited.customers(), parameters)
    for table, column in edited.references(derived=True):
        cursor.execute(f"DELETE FROM {table} r USING going WHERE r.{column} = going.id")
    cursor.execute("DELETE FROM zhike_customer c USING going WHERE c.id = going.id")
    removed = cursor.rowcount
    cursor.execute(STILL_HERE.format(log=LOG.format(kind="identifier")), parameters)
    tokens.refresh([*renamed, *(customer for (customer,) in cursor.fetchall())])
    cursor.execute(STAYING)
    kept += cursor.fetchall()
    return {"restored": restored, "removed": removed}, kept


def refuse_if_edited(cursor: Any, touched: str, parameters: dict[str, Any]) -> None:
    """Asked once the rows in `going` are locked or gone: whoever saved one of them just before has finished by now."""
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM ({touched}) e JOIN going g ON g.id = e.id)", parameters)
    if cursor.fetchone()[0]:
        raise EditedMeanwhile
