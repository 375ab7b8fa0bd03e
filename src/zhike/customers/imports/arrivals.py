"""New customers out of an import: named, made searchable, inserted with their provenance."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from zhike.core.search import MOST_PIECES, bulk_tokens, tokens_for
from zhike.customers.imports import texts
from zhike.customers.imports.staging import Staging
from zhike.customers.models import Customer

PAGE = 20_000
_ORGANISATION = re.compile(texts.ORGANISATION)
_SAYS_ORGANISATION = re.compile(r"企业|公司|单位|机构|组织|organi[sz]ation|company|business|b2b|corporate", re.I)
EMPTY_NOT = "<> ''"
FACTS = ("number", "phone", "email", "credit_code", "member_no", "wechat", "birthday", "customer_region")


def insert_customers(stage: Staging, *, batch_id: int, options: dict[str, Any], kind: str) -> int:
    """Insert what was not found. `options`: owner, department, source, created_by, today. A customer of the same number that
    somebody enters in this moment is taken instead of a second one."""
    new = stage.run(
        "UPDATE who SET customer_id = nextval('zhike_customer_id_seq'), is_new = true WHERE customer_id IS NULL AND reason = ''"
    )
    if not new:
        return 0
    stage.run("CREATE TEMP TABLE made (id bigint, name text, kind text, search text[]) ON COMMIT DROP")
    for page in _pages(stage, kind):
        _make(stage, page)
    stage.run("ANALYZE made")
    inserted = stage.run(_insert(kind), options | {"batch": batch_id})
    stage.run("SELECT gin_clean_pending_list('customer_search')")
    if inserted < new:
        stage.run(
            "UPDATE who w SET customer_id = c.id, is_new = false FROM zhike_customer c WHERE w.is_new AND w.number <> '' "
            "AND c.number = w.number AND c.number <> '' AND c.deleted_at IS NULL AND c.id <> w.customer_id"
        )
    return inserted


class New(NamedTuple):
    """What the name and the search words of a new customer are made from."""

    id: int
    name: str
    number: str
    phone: str
    email: str
    credit_code: str
    member_no: str
    kind: str = ""
    contact: str = ""
    wechat: str = ""


def _pages(stage: Staging, kind: str) -> Iterator[list[New]]:
    columns = ", ".join(New._fields if kind == "customers" else New._fields[:7])
    stage.run("CREATE INDEX ON who (id)")
    last = stage.value("SELECT max(id) FROM who")
    for start in range(0, last + 1, PAGE):
        stage.run(f"SELECT {columns} FROM who WHERE is_new AND id > %s AND id <= %s", [start, start + PAGE])
        yield [New(*row) for row in stage.cursor.fetchall()]


def _make(stage: Staging, page: list[New]) -> None:
    names = [one.name or one.number or fallback_name(one.phone, one.email) for one in page]
    codes = [f"{one.number} {one.credit_code} {one.member_no} {one.wechat} {one.email.partition('@')[0]}" for one in page]
    tokens = bulk_tokens(names, [one.phone for one in page], codes)
    with stage.cursor.copy("COPY made FROM STDIN") as copy:
        for one, name, pieces in zip(page, names, tokens, strict=True):
            if one.contact:
                pieces = list(dict.fromkeys([*pieces, *tokens_for(one.contact)]))[:MOST_PIECES]
            copy.write_row((one.id, name, _kind(name, one.credit_code, one.kind), pieces))


def fallback_name(phone: str, email: str) -> str:
    """Something to call a customer of whom only a phone or an address is known, that gives neither away."""
    tail = phone[-4:] if phone else email.partition("@")[0][:3] + "…"
    return _("Customer %(tail)s") % {"tail": tail} if phone or email else _("Customer")


def _kind(name: str, credit_code: str, said: str) -> str:
    return "organisation" if credit_code or _SAYS_ORGANISATION.search(said) or _ORGANISATION.search(name) else "person"


def _insert(kind: str) -> str:
    given = {
        "id": "w.customer_id", "kind": "m.kind", "name": "m.name", "number": "w.number", "phone": "w.phone", "email": "w.email",
        "credit_code": "w.credit_code", "member_no": "w.member_no", "region": "w.customer_region", "search": "m.search",
        "owner_id": "coalesce(w.owner_id, %(owner)s)", "source_id": "coalesce(w.source_id, %(source)s)",
        "department_id": "coalesce((SELECT u.department_id FROM zhike_user u WHERE u.id = w.owner_id), %(department)s)",
        "owner_since": "CASE WHEN coalesce(w.owner_id, %(owner)s) IS NOT NULL THEN %(today)s::date END",
        "batch_id": "%(batch)s", "created_by_id": "%(created_by)s", "created_at": "%(now)s", "updated_at": "%(now)s",
        "provenance": provenance(FACTS if kind == "customers" else (*FACTS[:5], FACTS[7]), kind),
    }  # fmt: skip
    if kind == "customers":
        given |= {"wechat": "w.wechat", "birthday": "w.birthday", "note": "w.note", "tags": "coalesce(w.tags, '{}')",
                  "profile": "coalesce(w.profile, '{}')"}  # fmt: skip
    columns, values = zip(*_all_columns(given), strict=True)
    return (
        f"INSERT INTO zhike_customer ({', '.join(columns)}) SELECT {', '.join(values)} FROM who w JOIN made m USING "
        f"(id) ORDER BY w.id "
        "ON CONFLICT (number) WHERE deleted_at IS NULL AND number <> '' DO NOTHING"
    )


def _all_columns(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for field in Customer._meta.local_concrete_fields:
        default = field.get_db_prep_save(field.get_default(), connection)
        yield f'"{field.column}"', given.get(str(field.column)) or literal(default)


def literal(value: Any) -> str:
    """A model's default as SQL."""
    from psycopg import sql

    return sql.Literal(value).as_string(connection.connection) if value is not None else "NULL"


def provenance(facts: tuple[str, ...], kind: str) -> str:
    """{field: where from and when} for every fact that the row gives."""
    given = {"birthday": "IS NOT NULL"}
    names = {"customer_region": "region"}
    pairs = ", ".join(
        f"'{names.get(fact, fact)}', CASE WHEN w.{fact} {given.get(fact, EMPTY_NOT)} THEN p.origin END" for fact in facts
    )  # fmt: skip
    own = f"jsonb_strip_nulls(jsonb_build_object({pairs}))"
    if kind == "customers":
        own += " || coalesce((SELECT jsonb_object_agg(k, p.origin) FROM jsonb_object_keys(w.profile) k), '{}')"
    source = "'source', coalesce(w.source_id, %(source)s)::bigint"
    return (
        f"(SELECT {own} FROM (SELECT jsonb_strip_nulls(jsonb_build_object('on', %(today)s::date, 'batch', "
        f"%(batch)s::bigint, {source}, "
        "'by', %(created_by)s::bigint)) AS origin) p)"
    )
