"""Whom the rows are about: existing customers found by their surest identity, the others made new. Set-based."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from zhike.customers.imports.staging import Staging
from zhike.customers.models import Customer
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User

Scope = Callable[[str, User], tuple[str, tuple[Any, ...]]]  # a condition on a column of customers, and its parameters
EXTRA = "NULL::bigint AS customer_id, false AS is_new, ''::text AS reason, NULL::bigint AS owner_id, NULL::bigint AS source_id"

# one customer per key of a file of orders; the file may spell a name in several ways
FROM_ORDERS = f"""
CREATE TEMP TABLE who ON COMMIT DROP AS SELECT row_number() OVER () AS id, g.*, {EXTRA} FROM (
    SELECT ckey, min(rowno) AS rowno, max(number) AS number, max(name) AS name, max(phone) AS phone, max(email) AS email,
        max(credit_code) AS credit_code, max(member_no) AS member_no, max(region) AS customer_region, count(*) AS lines,
        min(nullif(phone, '')) < max(phone) AS several_phones
    FROM stage GROUP BY ckey ORDER BY min(rowno)) g"""

# a file of customers: of several rows for one customer the first (skip) or the last (update) counts
FROM_CUSTOMERS = f"""
CREATE TEMP TABLE who ON COMMIT DROP AS SELECT row_number() OVER () AS id, g.*, {EXTRA} FROM (
    SELECT DISTINCT ON (ckey) *, false AS several_phones FROM stage ORDER BY ckey, rowno {{direction}}) g"""

# A number is one customer's. Elsewhere (a family's phone) the same name goes first; a customer known under another number is
# somebody else.
BY_NUMBER = """
UPDATE who w SET customer_id = c.id FROM zhike_customer c
WHERE w.number <> '' AND c.number = w.number AND c.number <> '' AND c.deleted_at IS NULL"""
BY_IDENTITY = """
UPDATE who w SET customer_id = m.customer_id FROM (
    SELECT DISTINCT ON (w.id) w.id, c.id AS customer_id FROM who w JOIN zhike_customer c
        ON c.{field} = w.{field} AND c.{field} <> '' AND c.deleted_at IS NULL AND (w.number = '' OR c.number IN ('', w.number))
    WHERE w.customer_id IS NULL AND w.{field} <> '' ORDER BY w.id, (c.name = w.name) DESC, c.id
) m WHERE m.id = w.id"""
BY_FURTHER_IDENTITY = """
UPDATE who w SET customer_id = m.customer_id FROM (
    SELECT DISTINCT ON (w.id) w.id, c.id AS customer_id FROM who w
    JOIN zhike_identifier i ON i.kind = '{field}' AND i.value = w.{field}
    JOIN zhike_customer c ON c.id = i.customer_id AND c.deleted_at IS NULL AND (w.number = '' OR c.number IN ('', w.number))
    WHERE w.customer_id IS NULL AND w.{field} <> '' ORDER BY w.id, (c.name = w.name) DESC, c.id
) m WHERE m.id = w.id"""
# only rows that have nothing better than the name, and only among the customers that the importer may change
BY_NAME = """
UPDATE who w SET customer_id = m.customer_id, reason = CASE WHEN m.found > 1 THEN 'name_not_unique' ELSE '' END FROM (
    SELECT w.id, min(c.id) AS customer_id, count(*) AS found FROM who w
    JOIN zhike_customer c ON c.name = w.name AND c.deleted_at IS NULL {scope}
    WHERE w.customer_id IS NULL AND left(w.ckey, 1) = 'a' GROUP BY w.id
) m WHERE m.id = w.id"""


def find_customers(stage: Staging, *, actor: User, kind: str, policy: str) -> None:
    """Make the table `who`: one line a customer of the file, with the existing record's id where there is one, or the reason
    why the importer may not touch it (which says nothing about the record)."""
    direction = "DESC" if policy == "update" else "ASC"
    stage.run(FROM_ORDERS if kind == "orders" else FROM_CUSTOMERS.format(direction=direction))
    stage.run("ANALYZE who (ckey, number, phone, name)")
    if kind == "orders" or policy != "keep_both":
        match(stage, actor, editable)
    else:
        stage.run(BY_NUMBER)  # a number stands once: such a row is the same customer under every policy
    keep_in_reach(stage, actor, editable)
    if not rights_of(actor).allows(Permission.CUSTOMER_CREATE):
        stage.run("UPDATE who SET reason = 'may_not_create' WHERE customer_id IS NULL AND reason = ''")


def match(stage: Staging, actor: User, scope_of: Scope) -> None:
    if "number" in stage.columns:
        stage.run(BY_NUMBER)
    for field in ("phone", "email", "credit_code", "member_no"):
        if field in stage.columns:
            stage.run(BY_IDENTITY.format(field=field))
            stage.run(BY_FURTHER_IDENTITY.format(field=field))
    if "name" in stage.columns and stage.value("SELECT EXISTS (SELECT 1 FROM who WHERE left(ckey, 1) = 'a')"):
        scope, parameters = scope_of("c.id", actor)
        stage.run(BY_NAME.format(scope=f"AND {scope}" if scope else ""), parameters)


def keep_in_reach(stage: Staging, actor: User, scope_of: Scope) -> None:
    scope, parameters = scope_of("w.customer_id", actor)
    if scope:
        stage.run(f"UPDATE who w SET reason = 'not_yours' WHERE customer_id IS NOT NULL AND NOT ({scope})", parameters)


def editable(column: str, actor: User) -> tuple[str, tuple[Any, ...]]:
    """(condition, parameters) that keeps the customers the actor may change; empty for who may change all."""
    rights = rights_of(actor)
    if rights.everything and rights.allows(Permission.CUSTOMER_EDIT):
        return "", ()
    return _among(column, Customer.objects.editable_by(actor))


def visible(column: str, actor: User) -> tuple[str, tuple[Any, ...]]:
    """The same for those the actor may see."""
    rights = rights_of(actor)
    if rights.everything and rights.allows(Permission.CUSTOMER_VIEW):
        return "", ()
    return _among(column, Customer.objects.visible_to(actor))


def _among(column: str, customers: QuerySet[Customer]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, parameters = customers.order_by().values("pk").query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # known beforehand: this person may touch none
        return "false", ()
    return f"{column} IN ({sql})", tuple(parameters)
