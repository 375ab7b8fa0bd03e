"""For which customers a rule may fire: set-based over all customers, the best of every assignee. The rules themselves decide."""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.care.choices import Rule
from zhike.care.queries.assignees import Assignees, assignees
from zhike.care.queries.questions import Question, question_sql
from zhike.care.rules import Birthdays, CareRules, SecondPurchase
from zhike.care.rules.acts import VALUED
from zhike.value.choices import Grade

YEARLY_DAYS = 300  # a birthday is not brought up twice a year
OVERSUPPLY = 2  # so many times the length of a list are looked at for each rule: some fall to wishes and to better reasons


@dataclass(frozen=True)
class Scope:
    """As of when, by which run, and for whom; all customers when `only` is None."""

    on: datetime.date
    measured_on: datetime.date  # see `Known.measured_on`
    run_id: int
    rules: CareRules
    second: SecondPurchase
    birthdays: Birthdays
    only: list[int] | None = None
    people: Assignees = field(default_factory=assignees)


@dataclass(frozen=True)
class Candidate:
    customer_id: int
    assignee_id: int
    extra: dict[str, Any]


YEAR = """(COALESCE(s.expected_orders, 0) * COALESCE(s.expected_spend, 0)
    * COALESCE(LEAST(GREATEST(s.margin / NULLIF(s.revenue, 0), 0), 1), 0))"""
_STAKES = {
    Rule.SLIPPING: """LEAST(365 / GREATEST(s.rhythm_days, 1) * COALESCE(s.mean_spend, 0),
        s.expected_orders * s.expected_spend / GREATEST(s.p_alive, 0.05)) * (1 - COALESCE(s.p_alive, 0.5))
        * LEAST(GREATEST(s.margin / NULLIF(s.revenue, 0), 0), 1)""",
    Rule.SECOND_PURCHASE: "s.margin",
    Rule.PROMISE: "-EXTRACT(EPOCH FROM p.at)",
}
_CONDITIONS = {
    Rule.SLIPPING: """s.grade = ANY(%(valued)s) AND s.stage IS DISTINCT FROM 'lost' AND s.rhythm_days > 0 AND s.frequency >= 2
        AND (%(measured_on)s::date - s.last_on) BETWEEN s.rhythm_days * %(silence_from)s AND s.rhythm_days * %(silence_until)s""",
    Rule.NO_CONTACT: """s.grade = ANY(%(cadenced)s) AND s.stage IS DISTINCT FROM 'lost'
        AND COALESCE(c.last_contact_at, c.created_at) < CASE s.grade WHEN 'key' THEN %(key_owed)s::timestamptz
            WHEN 'important' THEN %(important_owed)s WHEN 'regular' THEN %(regular_owed)s ELSE %(small_owed)s END""",
    Rule.SECOND_PURCHASE: """s.frequency = 0 AND s.orders > 0 AND s.first_on = s.last_on
        AND %(measured_on)s::date - s.first_on BETWEEN %(earliest)s AND %(latest)s""",
    Rule.PROMISE: "TRUE",
    Rule.BIRTHDAY: """s.stage IS DISTINCT FROM 'lost' AND c.birthday IS NOT NULL AND (
        (NOT c.birthday_is_lunar AND EXTRACT(MONTH FROM c.birthday) * 100 + EXTRACT(DAY FROM c.birthday) = ANY(%(solar)s))
        OR (c.birthday_is_lunar AND EXTRACT(MONTH FROM c.birthday) * 100 + EXTRACT(DAY FROM c.birthday) = ANY(%(lunar)s)))
        AND EXTRACT(MONTH FROM c.birthday) = ANY(%(months)s)""",
    Rule.QUESTION: "s.grade = ANY(%(valued)s) AND s.stage IS DISTINCT FROM 'lost' AND q.code IS NOT NULL",
}
_PROMISES = """JOIN LATERAL (SELECT i.id, i.at, i.summary, i.staff_id FROM zhike_interaction i WHERE i.customer_id = c.id
    AND i.state = 'planned' AND i.at < %(promised_before)s ORDER BY i.at, i.id LIMIT 1) p ON TRUE"""
_EXTRAS = {
    Rule.PROMISE: "jsonb_build_object('id', p.id, 'at', p.at, 'summary', p.summary, 'staff', p.staff_id)",
    Rule.QUESTION: "jsonb_build_object('code', q.code, 'share', q.share, 'stale', q.stale)",
}
# A contact leaves the customer in peace for a while, and so does an answer to a suggestion; a promise is kept in any case.
_AT_REST = "(c.last_contact_at >= %(rest_from)s)"
_ANSWERED = """EXISTS (SELECT 1 FROM zhike_suggestion d WHERE d.customer_id = c.id AND (
    (d.state = 'postponed' AND d.postponed_until > %(on)s::date)
    OR (d.state = 'done' AND d.decided_at >= CASE WHEN d.rule = %(rule)s THEN %(same_from)s::timestamptz ELSE %(rest_from)s END)
    OR (d.state = 'refused' AND d.refusal IN ('do_not_disturb', 'wrong_time', 'already_done') AND d.decided_at >= CASE d.refusal
        WHEN 'do_not_disturb' THEN %(refused_from)s::timestamptz WHEN 'wrong_time' THEN %(not_now_from)s ELSE %(rest_from)s END)
    OR (d.state = 'refused' AND d.refusal IN ('not_fitting', 'data_wrong') AND d.rule = %(rule)s
        AND d.decided_at >= %(refused_from)s)))"""
_SAME_PROMISE = """EXISTS (SELECT 1 FROM zhike_suggestion d WHERE d.promised_id = p.id AND (
    (d.state = 'postponed' AND d.postponed_until > %(on)s::date) OR d.state IN ('done', 'refused')))"""


def candidates(rule: str, scope: Scope) -> list[Candidate]:
    """At most so many of each assignee, those with the most at stake first."""
    question = question_sql(scope.on) if rule == Rule.QUESTION else None
    if rule == Rule.QUESTION and question is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_sql(rule, scope, question), _parameters(rule, scope) | (question.parameters if question else {}))
        rows = cursor.fetchall()
    return [
        Candidate(customer, assignee, json.loads(extra) if isinstance(extra, str) else extra) for customer, assignee, extra in rows
    ]


def _sql(rule: str, scope: Scope, question: Question | None) -> str:
    joined = _PROMISES if rule == Rule.PROMISE else question.join if question else ""
    peace = f"NOT {_SAME_PROMISE}" if rule == Rule.PROMISE else f"NOT {_ANSWERED}"
    if rule not in (Rule.PROMISE, Rule.BIRTHDAY):
        peace += f" AND {_AT_REST} IS NOT TRUE"
    return f"""
        WITH heads AS (SELECT * FROM unnest(%(departments)s::bigint[], %(heads)s::bigint[]) AS h(department_id, head_id)),
        found AS (
            SELECT c.id, COALESCE(CASE WHEN c.owner_id = ANY(%(able)s) THEN c.owner_id END, h.head_id, %(fallback)s) AS assignee,
                {_EXTRAS.get(Rule(rule), "'{}'::jsonb")} AS extra, {_STAKES.get(Rule(rule), YEAR)} AS stake
            FROM zhike_customer c LEFT JOIN zhike_score s ON s.run_id = %(run)s AND s.customer_id = c.id
            LEFT JOIN heads h ON h.department_id = c.department_id {joined}
            WHERE c.deleted_at IS NULL AND NOT c.do_not_disturb {"AND c.id = ANY(%(only)s)" if scope.only is not None else ""}
                AND {_CONDITIONS[Rule(rule)]} AND {peace}
        ),
        placed AS (
            SELECT *, row_number() OVER (PARTITION BY assignee ORDER BY stake DESC NULLS LAST, id) AS place
            FROM found WHERE assignee IS NOT NULL
        )
        SELECT id, assignee, extra FROM placed WHERE place <= %(most)s ORDER BY id"""  # noqa: S608  texts of this module only


def _parameters(rule: str, scope: Scope) -> dict[str, Any]:
    rules, birthdays = scope.rules, scope.birthdays
    solar, lunar = [[month * 100 + day for month, day in days] for days in (birthdays.solar, birthdays.lunar)]
    people, owed = scope.people, {f"{grade}_owed": _midnight(scope.on, rules.cadence(grade)) for grade in Grade.values}
    return owed | {
        "on": scope.on, "measured_on": scope.measured_on, "run": scope.run_id, "rule": rule, "only": scope.only,
        "most": rules.per_person * OVERSUPPLY, "able": people.able, "departments": list(people.heads),
        "heads": list(people.heads.values()), "fallback": people.fallback, "valued": list(VALUED),
        "silence_from": rules.silence_from, "silence_until": rules.silence_until,
        "cadenced": [grade for grade in Grade.values if rules.cadence(grade)],
        "earliest": scope.second.earliest, "latest": scope.second.latest,
        "solar": solar, "lunar": lunar, "months": sorted({number // 100 for number in [*solar, *lunar]}),
        "promised_before": _midnight(scope.on, -rules.promise_days - 1), "rest_from": _midnight(scope.on, rules.rest_days),
        "same_from": _midnight(scope.on, YEARLY_DAYS if rule == Rule.BIRTHDAY else rules.same_rule_days),
        "refused_from": _midnight(scope.on, rules.refused_days), "not_now_from": _midnight(scope.on, rules.not_now_days),
    }  # fmt: skip


def _midnight(on: datetime.date, days_before: int) -> datetime.datetime:
    """Where the day begins that lies so many days before, here and not in Greenwich."""
    return timezone.make_aware(datetime.datetime.combine(on - datetime.timedelta(days=days_before), datetime.time()))
