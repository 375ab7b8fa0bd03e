"""What is known of a customer, how complete and how fresh it is, and what to ask next."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.rules import columns, completeness as rules
from zhike.customers.rules.completeness import Fact, Share
from zhike.customers.rules.merging import is_empty


def definitions() -> list[FieldDefinition]:
    """The fields in use, in their order."""
    return list(FieldDefinition.objects.filter(is_active=True))


def facts_of(customer: Customer, fields: Iterable[FieldDefinition]) -> list[Fact]:
    """Of the fields that apply to this kind of customer."""
    return [
        Fact(
            code=field.code, ring=field.ring, weight=field.weight, shelf_life_days=field.shelf_life_days,
            is_filled=not is_empty(value(customer, field.code)),
            confirmed_on=rules.confirmed_on(customer.provenance, field.code), is_used=bool(field.used_by),
            has_question=bool(field.question_zh or field.question_en),
        )
        for field in fields if field.applies_to in ("", customer.kind)
    ]  # fmt: skip


def value(customer: Customer, code: str) -> Any:
    return getattr(customer, code) if code in columns.COLUMNS else customer.profile.get(code)


def completeness(customer: Customer, fields: Iterable[FieldDefinition] | None = None) -> dict[str, Share]:
    """By ring; for all of them under an empty word."""
    return rules.shares(facts_of(customer, definitions() if fields is None else fields))


def next_questions(
    customer: Customer, *, today: datetime.date, fields: Sequence[FieldDefinition] | None = None
) -> list[FieldDefinition]:
    """The two or three fields worth asking for at the next contact."""
    known = {field.code: field for field in (definitions() if fields is None else fields)}
    return [known[code] for code in rules.next_questions(facts_of(customer, known.values()), today)]


def trend(customers: QuerySet[Customer], *, by: str, until: Sequence[datetime.date]) -> list[dict[str, Any]]:
    """Completeness per owner or department at each of the days, from when each fact was confirmed first.

    Set-based: one pass over the given customers. Rows of `{"key", "name", "customers", "shares": [ratio, …]}`.
    """
    group = {"owner": ("owner_id", "zhike_user"), "department": ("department_id", "zhike_department")}[by]
    inner, parameters = customers.order_by().values("pk").query.sql_with_params()
    weights = {field.code: (field.weight, field.applies_to) for field in definitions() if field.weight}
    codes, sizes, kinds = list(weights), [one[0] for one in weights.values()], [one[1] for one in weights.values()]
    sums = ", ".join("coalesce(sum(known.weight) FILTER (WHERE known.since <= %s), 0)" for _day in until)
    sql = f"""
        WITH asked(code, weight, kind) AS (SELECT * FROM unnest(%s::text[], %s::int[], %s::text[])),
        mine AS (SELECT id, kind, provenance, {group[0]} AS key FROM zhike_customer WHERE id IN ({inner})),
        expected AS (
            SELECT key, count(*) AS customers,
                   sum((SELECT coalesce(sum(weight), 0) FROM asked WHERE asked.kind IN ('', mine.kind))) AS weight
            FROM mine GROUP BY key
        ),
        known AS (
            SELECT mine.key, asked.weight, (fact.value ->> 'on')::date AS since
            FROM mine, jsonb_each(mine.provenance) AS fact JOIN asked ON asked.code = fact.key
            WHERE asked.kind IN ('', mine.kind) AND fact.value ->> 'on' IS NOT NULL
        )
        SELECT expected.key, named.name, expected.customers, expected.weight, {sums}
        FROM expected LEFT JOIN known ON known.key IS NOT DISTINCT FROM expected.key LEFT JOIN {group[1]} named
             ON named.id = expected.key
        GROUP BY 1, 2, 3, 4 ORDER BY 3 DESC"""  # noqa: S608  table and column come from the two pairs above
    with connection.cursor() as cursor:
        cursor.execute(sql, [codes, sizes, kinds, *parameters, *until])
        rows = cursor.fetchall()
    return [
        {"key": key, "name": name, "customers": count, "shares": [int(part) / int(weight) if weight else None for part in parts]}
        for key, name, count, weight, *parts in rows
    ]
