"""The table `who` made final in one pass over it: ids for the new customers, owners with their departments, sources."""

from typing import Any

from zhike.customers.imports.staging import Staging

SETTLED = ("customer_id", "is_new", "owner_id", "source_id")
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_temp.who'::regclass AND attnum > 0 AND NOT attisdropped"
OWNER = (
    " LEFT JOIN people p ON p.owner = w.owner AND w.owner <> '' AND w.reason = '' LEFT JOIN zhike_user u ON u.id = p.id"
    " LEFT JOIN zhike_source z ON z.name = w.source AND w.source <> ''"
)
FACTS = ("number", "phone", "email", "credit_code", "member_no", "customer_region", "wechat", "birthday")
NEW = "(w.customer_id IS NULL AND w.reason = '')"


def facts_of(kind: str) -> tuple[str, ...]:
    """What a row can tell of a customer; its place here is its bit in `who.facts`."""
    return FACTS if kind == "customers" else FACTS[:6]


def settle(stage: Staging, *, kind: str) -> int:
    """The number of new customers."""
    new = int(stage.value(f"SELECT count(*) FROM who w WHERE {NEW}"))
    if not new and kind == "orders":
        return 0
    stage.run(COLUMNS)
    kept = [f'w."{name}"' for (name,) in stage.cursor.fetchall() if name not in SETTLED]
    named = kind == "customers"
    values: dict[str, Any] = {
        "customer_id": f"CASE WHEN {NEW} THEN nextval('zhike_customer_id_seq') ELSE w.customer_id END",
        "is_new": NEW,
        "owner_id": "p.id" if named else "w.owner_id",
        "department_id": "u.department_id" if named else "NULL::bigint",
        "source_id": "z.id" if named else "w.source_id",
        "facts": " + ".join(f"CASE WHEN {_given(fact)} THEN {1 << bit} ELSE 0 END" for bit, fact in enumerate(facts_of(kind))),
    }
    columns = ", ".join([*kept, *(f"{value} AS {name}" for name, value in values.items())])
    stage.run(f"CREATE TEMP TABLE settled ON COMMIT DROP AS SELECT {columns} FROM who w{OWNER if named else ''}")
    stage.run("DROP TABLE who")
    stage.run("ALTER TABLE settled RENAME TO who")
    stage.run("ANALYZE who (ckey, customer_id)")
    return new


def _given(fact: str) -> str:
    return "w.birthday IS NOT NULL" if fact == "birthday" else f"w.{fact} <> ''"
