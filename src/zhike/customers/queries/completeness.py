"""What is known of a customer, how complete and how fresh it is, and what to ask next."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from zhike.core.prepared import Prepared
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.rules import columns, completeness as rules
from zhike.customers.rules.completeness import Fact, Share
from zhike.customers.rules.merging import is_empty

MANY = 50_000  # customers whose facts are read for a page; the shares of a sample are exact to a point or so


def definitions() -> list[FieldDefinition]:
    """The fields in use, in their order."""
    return _IN_USE()


_IN_USE = Prepared(lambda: FieldDefinition.objects.filter(is_active=True))


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


@dataclass(frozen=True)
class Known:
    """How complete the records of one owner or department were at each of the days; None where nothing is expected."""

    key: int | None  # None: nobody's
    name: str | None
    customers: int
    shares: list[float | None]

    @property
    def change(self) -> float | None:
        first, last = self.shares[0], self.shares[-1]
        return None if first is None or last is None else last - first


@dataclass(frozen=True)
class Trend:
    rows: list[Known]  # most customers first
    everybody: list[float | None]
    customers: int
    looked_at: int  # fewer than `customers`: the shares are estimated from so many


def trend(customers: QuerySet[Customer], *, by: str, until: Sequence[datetime.date], most: int = MANY) -> Trend:
    """Completeness per owner or department at each of the days, from when each fact was confirmed first.

    Of more than `most` customers every n-th is looked at.
    """
    group = {"owner": ("owner_id", "zhike_user"), "department": ("department_id", "zhike_department")}[by]
    whole = customers.order_by().count()
    step = -(-whole // most) or 1
    looked_at = customers.order_by().alias(place=F("pk") % step).filter(place=0) if step > 1 else customers.order_by()
    inner, parameters = looked_at.values("pk").query.sql_with_params()
    weights = {field.code: (field.weight, field.applies_to) for field in definitions() if field.weight}
    codes, sizes, kinds = list(weights), [one[0] for one in weights.values()], [one[1] for one in weights.values()]
    sums = ", ".join("coalesce(sum(known.weight) FILTER (WHERE known.since <= %s), 0)" for _day in until)
    sql = f"""
        WITH asked(code, weight, kind) AS (SELECT * FROM unnest(%s::text[], %s::int[], %s::text[])),
        mine AS MATERIALIZED (SELECT kind, provenance, {group[0]} AS key FROM zhike_customer WHERE id IN ({inner})),
        sizes AS (SELECT key, kind, count(*) AS customers FROM mine GROUP BY 1, 2),
        expected AS (
            SELECT key, sum(customers) AS customers,
                   sum(customers * (SELECT coalesce(sum(weight), 0) FROM asked WHERE asked.kind IN ('', sizes.kind))) AS weight
            FROM sizes GROUP BY 1
        ),
        facts AS (
            SELECT mine.key, mine.kind, fact.key AS code, (fact.value ->> 'on')::date AS since, count(*) AS times
            FROM mine, jsonb_each(mine.provenance) AS fact WHERE fact.value ->> 'on' IS NOT NULL GROUP BY 1, 2, 3, 4
        ),
        known AS (
            SELECT facts.key, asked.weight * facts.times AS weight, facts.since
            FROM facts JOIN asked ON asked.code = facts.code AND asked.kind IN ('', facts.kind)
        )
        SELECT expected.key, named.name, expected.customers, expected.weight, {sums}
        FROM expected LEFT JOIN known ON known.key IS NOT DISTINCT FROM expected.key LEFT JOIN {group[1]} named
             ON named.id = expected.key
        GROUP BY 1, 2, 3, 4 ORDER BY 3 DESC, 1"""  # noqa: S608  table and column come from the two pairs above
    with connection.cursor() as cursor:
        cursor.execute(sql, [codes, sizes, kinds, *parameters, *until])
        rows = cursor.fetchall()
    return _as_trend(rows, whole)


def _as_trend(rows: list[tuple[Any, ...]], whole: int) -> Trend:
    looked_at, weight = sum(int(row[2]) for row in rows), sum(int(row[3]) for row in rows)
    scale = whole / looked_at if looked_at else 1
    known = [
        Known(key, name, round(int(count) * scale), [int(part) / int(size) if size else None for part in parts])
        for key, name, count, size, *parts in rows
    ]
    columns = zip(*(row[4:] for row in rows), strict=True)
    return Trend(known, [sum(map(int, column)) / weight if weight else None for column in columns], whole, looked_at)
