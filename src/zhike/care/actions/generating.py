"""Writes the suggestions that there should be: of all at night and after a run, of one customer as soon as something happens."""

import datetime
import json
from collections.abc import Iterable
from dataclasses import asdict

from django.db import connection, transaction

from zhike.care.queries.planning import (
    learnt_acceptance,
    learnt_second_purchase,
    longest_allowed,
    planned_suggestions,
    scope_on,
)
from zhike.care.rules import Draft
from zhike.core import settings_store
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.models import Run

_LOCK = 0x63617265
_AT_ONCE = 5000


def generate_suggestions(*, actor: User | None, on: datetime.date) -> int:
    """For all customers. Running it twice changes nothing. Without an actor: the clock, or a finished run."""
    if actor:
        access.require_everywhere(actor, Permission.VALUE_RUN)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        settings_store.write(learnt_acceptance(on))
        run_id = Run.objects.filter(is_current=True).values_list("pk", flat=True).first()
        if run_id:
            settings_store.write(learnt_second_purchase(run_id))
        scope = scope_on(on)
        drafts = longest_allowed(planned_suggestions(scope), scope.rules)
        _write(drafts)
        _expire_others(drafts, on, only=None)
        _attribute_results(on)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE zhike_suggestion")  # Today counts them, and the planner knows nothing of these yet
    return len(drafts)


def refresh_customers(*, actor: User | None, customer_ids: Iterable[int], on: datetime.date) -> None:
    """The same for some customers, so that what was just recorded moves the lists at once."""
    only = sorted(set(customer_ids))
    if actor:
        access.require(actor, Permission.CUSTOMER_VIEW)
    for first in range(0, len(only), _AT_ONCE):
        with transaction.atomic():
            scope = scope_on(on, only[first : first + _AT_ONCE])
            drafts = planned_suggestions(scope)
            _expire_others(drafts, on, only=scope.only)
            if drafts:
                _write(drafts)
                _shorten(sorted({one.assignee_id for one in drafts}), scope.rules.per_person)


_UPSERT = """
    INSERT INTO zhike_suggestion (customer_id, assignee_id, rule, facts, gain, priority, due_on, channel, state, refusal, note,
        promised_id, created_at)
    SELECT customer_id, assignee_id, rule, facts, gain, priority, due_on, channel, 'open', '', '', promised_id, now()
    FROM jsonb_to_recordset(%s::jsonb) AS d(customer_id bigint, assignee_id bigint, rule text, facts jsonb, gain float8,
        priority float8, due_on date, channel text, promised_id bigint)
    ON CONFLICT (customer_id, rule) WHERE state IN ('open', 'postponed') DO UPDATE SET assignee_id = excluded.assignee_id,
        facts = excluded.facts, gain = excluded.gain, priority = excluded.priority, due_on = excluded.due_on,
        channel = excluded.channel, promised_id = excluded.promised_id, state = 'open', postponed_until = NULL"""


def _write(drafts: list[Draft]) -> None:
    rows = [asdict(one) | {"due_on": one.due_on.isoformat()} for one in drafts]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [json.dumps(rows)])


def _expire_others(drafts: list[Draft], on: datetime.date, *, only: list[int] | None) -> None:
    """What no rule says any more; also what was postponed until now and has become idle."""
    sql = """
        UPDATE zhike_suggestion SET state = 'expired'
        WHERE (state = 'open' OR (state = 'postponed' AND postponed_until <= %s))
            AND (%s::bigint[] IS NULL OR customer_id = ANY(%s))
            AND (customer_id, rule) NOT IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [on, only, only, [one.customer_id for one in drafts], [one.rule for one in drafts]])


def _shorten(people: list[int], most: int) -> None:
    sql = """
        UPDATE zhike_suggestion SET state = 'expired' WHERE id IN (
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY assignee_id ORDER BY priority DESC, customer_id) AS place
                FROM zhike_suggestion WHERE state = 'open' AND assignee_id = ANY(%s)
            ) AS placed WHERE place > %s)"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [people, most])


def _attribute_results(on: datetime.date) -> None:
    """What customers bought within 30 days of a suggestion being done: kept with it, for learning what contacts bring."""
    sql = """
        UPDATE zhike_suggestion d SET result_amount = (
            SELECT COALESCE(sum(o.amount), 0) FROM zhike_order o WHERE o.customer_id = d.customer_id
                AND o.ordered_at > d.decided_at AND o.ordered_at <= d.decided_at + interval '30 days')
        WHERE d.state = 'done' AND d.decided_at > %s::date - 40"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [on])
