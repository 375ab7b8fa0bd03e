"""New customers out of an import: named, made searchable, inserted with their provenance."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from zhike.customers.imports import aside, naming
from zhike.customers.imports.keys import checked_together
from zhike.customers.imports.progress import Progress
from zhike.customers.imports.settling import facts_of
from zhike.customers.imports.staging import Staging
from zhike.customers.imports.tidying import Tidying
from zhike.customers.models import Customer

PAGES = 512  # of `who` in one statement: 20,000 to 40,000 customers
ORIGIN = """
SELECT w.facts, w.source, jsonb_strip_nulls(jsonb_build_object('on', %(today)s::date, 'batch', %(batch)s::bigint, 'source',
    nullif(w.source, 0), 'by', %(created_by)s::bigint)) AS origin
FROM (SELECT DISTINCT facts, coalesce(source_id, %(source)s, 0) AS source FROM who WHERE is_new) w"""
PROFILE_ORIGIN = " || coalesce((SELECT jsonb_object_agg(k, o.origin) FROM jsonb_object_keys(w.profile) k), '{}')"
# in the very types of the record: to cast 27 words a customer once more costs as much as an index
MADE = "CREATE TEMP TABLE made (id bigint, name varchar(120), kind varchar(12), search varchar(20)[]) ON COMMIT DROP"
UNLESS_ENTERED_MEANWHILE = " ON CONFLICT (number) WHERE deleted_at IS NULL AND number <> '' DO NOTHING"
POINTING = {  # what the new customers will point to
    "zhike_user": "SELECT owner_id FROM who WHERE is_new UNION SELECT %(owner)s UNION SELECT %(created_by)s",
    "zhike_department": "SELECT department_id FROM who WHERE is_new UNION SELECT %(department)s",
    "zhike_source": "SELECT source_id FROM who WHERE is_new UNION SELECT %(source)s",
    "zhike_importbatch": "SELECT %(batch)s",
}


def insert_customers(stage: Staging, progress: Progress, *, options: dict[str, Any], kind: str, bulk: bool) -> int:
    """Insert what was not found. `options`: owner, department, source, created_by, today, batch. A customer of the same number
    that somebody enters in this moment is taken instead of a second one.

    While the database inserts one page, the words of the next are made, and the index puts those of the one before in order.
    `bulk`: there is no index, and nobody else writes until they are back.
    """
    if bulk:
        stage.run(aside.OTHER_WRITERS_WAIT)
    stage.run(MADE)
    stage.run(f"CREATE TEMP TABLE origins ON COMMIT DROP AS SELECT *, {_provenance(kind)} AS provenance FROM ({ORIGIN}) w", options)
    sql = _insert(kind, profile="profile" in stage.columns)
    inserted = 0
    with (
        checked_together(stage, POINTING, options),
        ThreadPoolExecutor(1) as maker,
        Tidying("" if bulk else "customer_search") as index,
    ):
        waiting = ""
        for piece, page in _pages(stage, kind):
            making = maker.submit(naming.lines, page, get_language())
            inserted += _write(stage, sql, waiting, options, index)
            progress.at("writing")
            stage.copy_lines("made", making.result())
            waiting = piece
        inserted += _write(stage, sql, waiting, options, index)
    if inserted < stage.value("SELECT count(*) FROM who WHERE is_new"):
        _take_those_entered_meanwhile(stage)
    return inserted


def _write(stage: Staging, sql: str, piece: str, options: dict[str, Any], index: Tidying) -> int:
    if not piece:
        return 0
    inserted = stage.insert(sql.format(piece=piece), options, unless=UNLESS_ENTERED_MEANWHILE)
    stage.run("TRUNCATE made")
    index.tidy()
    return inserted


def _pages(stage: Staging, kind: str) -> Iterator[tuple[str, list[naming.New]]]:
    columns = ", ".join(naming.New._fields if kind == "customers" else naming.New._fields[:7])
    for piece in stage.slices("who", "w", PAGES):
        stage.run(f"SELECT {columns} FROM who w WHERE is_new AND {piece}")
        page = [naming.New(*row) for row in stage.cursor.fetchall()]
        if page:
            yield piece, page


def _insert(kind: str, *, profile: bool) -> str:
    given = {
        "id": "w.customer_id", "kind": "m.kind", "name": "m.name", "number": "w.number", "phone": "w.phone", "email": "w.email",
        "credit_code": "w.credit_code", "member_no": "w.member_no", "region": "w.customer_region", "search": "m.search",
        "owner_id": "coalesce(w.owner_id, %(owner)s)", "source_id": "coalesce(w.source_id, %(source)s)",
        "department_id": "coalesce(w.department_id, %(department)s)",
        "owner_since": "CASE WHEN coalesce(w.owner_id, %(owner)s) IS NOT NULL THEN %(today)s::date END",
        "batch_id": "%(batch)s", "created_by_id": "%(created_by)s", "created_at": "%(now)s", "updated_at": "%(now)s",
        "provenance": f"o.provenance{PROFILE_ORIGIN if profile else ''}",
    }  # fmt: skip
    if kind == "customers":
        given |= {"wechat": "w.wechat", "birthday": "w.birthday",
                  "birthday_is_lunar": "w.birthday_is_lunar", "note": "w.note", "tags": "coalesce(w.tags, '{}')",
                  "profile": "coalesce(w.profile, '{}')"}  # fmt: skip
    columns, values = zip(*_all_columns(given), strict=True)
    return (
        f"INSERT INTO zhike_customer ({', '.join(columns)}) SELECT {_plain(values)} FROM who w JOIN made m USING "
        "(id) JOIN origins o ON o.facts = w.facts AND o.source = coalesce(w.source_id, %(source)s, 0) "
        "WHERE w.is_new AND {piece}"
    )


def _all_columns(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for field in Customer._meta.local_concrete_fields:
        default = field.get_db_prep_save(field.get_default(), connection)
        yield f'"{field.column}"', given.get(str(field.column)) or literal(default)


def literal(value: Any) -> str:
    """A model's default as SQL."""
    from psycopg import sql

    return sql.Literal(value).as_string(connection.connection) if value is not None else "NULL"


def _plain(values: tuple[str, ...]) -> str:
    """Braces of values doubled: the statement is still to be told its piece."""
    return ", ".join(values).replace("{", "{{").replace("}", "}}")


def _provenance(kind: str) -> str:
    """{field: where from and when} for every fact that the row gives."""
    pairs = ", ".join(
        f"'{'region' if fact == 'customer_region' else fact}', CASE WHEN facts & {1 << bit} <> 0 THEN origin END"
        for bit, fact in enumerate(facts_of(kind))
    )
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


def _take_those_entered_meanwhile(stage: Staging) -> None:
    stage.run(
        "UPDATE who w SET customer_id = c.id, is_new = false FROM zhike_customer c WHERE w.is_new AND w.number <> '' "
        "AND c.number = w.number AND c.number <> '' AND c.deleted_at IS NULL AND c.id <> w.customer_id"
    )
