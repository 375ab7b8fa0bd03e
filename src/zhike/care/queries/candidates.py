"""For which customers which rules may fire: one pass over all customers, the best of every assignee. The rules decide."""

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
    weights: dict[str, float]  # see `ranking.acceptance`
    only: list[int] | None = None
    leaving: tuple[int, datetime.date] | None = None  # the analysis whose chances to leave count, and as of when it is
    people: Assignees = field(default_factory=assignees)


@dataclass(frozen=True)
class Candidate:
    customer_id: int
    assignee_id: int
    rule: str
    extra: dict[str, Any]


# As the analysis of leaving learned it, of customers who have not bought since
CHANCE_TO_LEAVE = """(SELECT f.value FROM zhike_finding f
    WHERE f.analysis_id = %(leaving)s AND f.customer_id = c.id AND s.last_on <= %(learned_on)s::date)"""
YEAR = """(COALESCE(s.expected_orders, 0) * COALESCE(s.expected_spend, 0)
    * COALESCE(LEAST(GREATEST(s.margin / NULLIF(s.revenue, 0), 0), 1), 0))"""
_STAKES = {
    Rule.SLIPPING: f"""LEAST(365 / GREATEST(s.rhythm_days, 1) * COALESCE(s.mean_spend, 0),
        s.expected_orders * s.expected_spend / GREATEST(s.p_alive, 0.05)) * COALESCE({CHANCE_TO_LEAVE}, 1 - s.p_alive, 0.5)
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
    Rule.PROMISE: "p.id IS NOT NULL",
    Rule.BIRTHDAY: """s.stage IS DISTINCT FROM 'lost' AND c.birthday IS NOT NULL
        AND EXTRACT(MONTH FROM c.birthday) * 100 + EXTRACT(DAY FROM c.birthday)
            = ANY(CASE WHEN c.birthday_is_lunar THEN %(lunar)s::numeric[] ELSE %(solar)s END)""",
    Rule.QUESTION: "q.code IS NOT NULL",
}
_PROMISES = """LEFT JOIN (SELECT DISTINCT ON (i.customer_id) i.customer_id, i.id, i.at, i.summary, i.staff_id
    FROM zhike_interaction i
    WHERE i.state = 'planned' AND i.at < %(promised_before)s AND (%(only)s::bigint[] IS NULL OR i.customer_id = ANY(%(only)s))
    ORDER BY i.customer_id, i.at, i.id) p ON p.customer_id = c.id"""
_ASKED = "s.grade = ANY(%(valued)s) AND s.stage IS DISTINCT FROM 'lost'"
# A contact leaves the customer in peace for a while, and so does an answer to a suggestion; a promise is kept in any case.
_AT_REST = "(c.last_contact_at >= %(rest_from)s) IS TRUE"
_OFTEN = """(SELECT count(*) FROM zhike_interaction i WHERE i.customer_id = c.id AND i.state = 'done' AND i.kind <> 'note'
    AND i.direction = 'out' AND i.at >= %(cap_from)s) >= %(cap)s"""
_ANSWERED = """EXISTS (SELECT 1 FROM zhike_suggestion d WHERE d.customer_id = c.id AND (
    (d.state = 'postponed' AND d.postponed_until > %(on)s::date)
    OR (d.state = 'done' AND d.decided_at >= CASE WHEN d.rule <> r.rule THEN %(rest_from)s::timestamptz
        WHEN r.rule = 'birthday' THEN %(year_from)s ELSE %(same_from)s END)
    OR (d.state = 'refused' AND d.refusal IN ('do_not_disturb', 'wrong_time', 'already_done') AND d.decided_at >= CASE d.refusal
        WHEN 'do_not_disturb' THEN %(refused_from)s::timestamptz WHEN 'wrong_time' THEN %(not_now_from)s ELSE %(rest_from)s END)
    OR (d.state = 'refused' AND d.refusal IN ('not_fitting', 'data_wrong') AND d.rule = r.rule
        AND d.decided_at >= %(refused_from)s)))"""
_SAME_PROMISE = """EXISTS (SELECT 1 FROM zhike_suggestion d WHERE d.promised_id = p.id AND (
    (d.state = 'postponed' AND d.postponed_until > %(on)s::date) OR d.state IN ('done', 'refused')))"""
_PEACE = f"""CASE WHEN r.rule = 'promise' THEN {_SAME_PROMISE} WHEN r.rule = 'birthday' THEN {_ANSWERED}
    ELSE {_AT_REST} OR {_ANSWERED} OR (%(cap)s > 0 AND {_OFTEN}) END"""


def candidates(scope: Scope) -> list[Candidate]:
    """At most so many of each assignee and rule, those with the most at stake first."""
    sql = """
        SELECT id, assignee, rule, CASE rule WHEN 'promise' THEN jsonb_build_object('id', promise, 'at', at, 'summary', summary,
            'staff', staff_id) WHEN 'question' THEN jsonb_build_object('code', code, 'share', share, 'stale', stale) END AS extra
        FROM (SELECT *, row_number() OVER (PARTITION BY assignee, rule ORDER BY stake DESC NULLS LAST, id) AS place
            FROM found WHERE assignee IS NOT NULL) AS placed
        WHERE place <= %(most)s ORDER BY id"""
    return [
        Candidate(customer, assignee, rule, json.loads(extra) if isinstance(extra, str) else extra or {})
        for customer, assignee, rule, extra in _rows(scope, sql)
    ]


def count_candidates(scope: Scope) -> dict[str, int]:
    """For how many customers each rule may fire, however long the lists are."""
    return dict(_rows(scope, "SELECT rule, count(*) FROM found WHERE assignee IS NOT NULL GROUP BY rule"))


def _rows(scope: Scope, sql: str) -> list[tuple[Any, ...]]:
    rules = [rule for rule in Rule if scope.rules.is_on(rule)]
    question = question_sql(scope.on, _ASKED) if Rule.QUESTION in rules else None
    rules = [rule for rule in rules if rule != Rule.QUESTION or question]
    if not rules:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_found(scope, rules, question) + sql, _parameters(scope) | (question.parameters if question else {}))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _found(scope: Scope, rules: list[Rule], question: Question | None) -> str:
    """Of every customer, the rules that fire: each is looked at once, whatever the number of rules. (VALUES in place of UNION ALL
    would prepare every condition anew for every customer.)"""
    fires = " UNION ALL ".join(
        f"SELECT '{rule}'::text, ({_STAKES.get(rule, YEAR)})::float8 WHERE {_CONDITIONS[rule]}" for rule in rules
    )
    asked = "q.code, q.share, q.stale" if question else "NULL AS code, NULL AS share, NULL AS stale"
    return f"""
        WITH heads AS (SELECT * FROM unnest(%(departments)s::bigint[], %(heads)s::bigint[]) AS h(department_id, head_id)),
        found AS (
            SELECT c.id, COALESCE(CASE WHEN c.owner_id = ANY(%(able)s) THEN c.owner_id END, h.head_id, %(fallback)s) AS assignee,
                r.rule, r.stake, p.id AS promise, p.at, p.summary, p.staff_id, {asked}
            FROM zhike_customer c LEFT JOIN zhike_score s ON s.run_id = %(run)s AND s.customer_id = c.id
            LEFT JOIN heads h ON h.department_id = c.department_id {_PROMISES} {question.join if question else ""}
            CROSS JOIN LATERAL ({fires}) AS r(rule, stake)
            WHERE c.deleted_at IS NULL AND NOT c.do_not_disturb {"AND c.id = ANY(%(only)s)" if scope.only is not None else ""}
                AND NOT {_PEACE}
        )"""  # noqa: S608  texts of this module only


def _parameters(scope: Scope) -> dict[str, Any]:
    rules, birthdays = scope.rules, scope.birthdays
    solar, lunar = [[month * 100 + day for month, day in days] for days in (birthdays.solar, birthdays.lunar)]
    people, owed = scope.people, {f"{grade}_owed": _midnight(scope.on, rules.cadence(grade)) for grade in Grade.values}
    return owed | {
        "on": scope.on, "measured_on": scope.measured_on, "run": scope.run_id, "only": scope.only,
        **learned_leaving(scope),
        "most": rules.per_person * OVERSUPPLY, "able": people.able, "departments": list(people.heads),
        "heads": list(people.heads.values()), "fallback": people.fallback, "valued": list(VALUED),
        "silence_from": rules.silence_from, "silence_until": rules.silence_until,
        "cadenced": [grade for grade in Grade.values if rules.cadence(grade)],
        "earliest": scope.second.earliest, "latest": scope.second.latest, "solar": solar, "lunar": lunar,
        "promised_before": _midnight(scope.on, -rules.promise_days - 1), "rest_from": _midnight(scope.on, rules.rest_days),
        "same_from": _midnight(scope.on, rules.same_rule_days), "year_from": _midnight(scope.on, YEARLY_DAYS),
        "refused_from": _midnight(scope.on, rules.refused_days), "not_now_from": _midnight(scope.on, rules.not_now_days),
        "cap": rules.cap_contacts, "cap_from": _midnight(scope.on, rules.cap_days),
    }  # fmt: skip


def learned_leaving(scope: Scope) -> dict[str, Any]:
    analysis, learned_on = scope.leaving or (None, None)
    return {"leaving": analysis, "learned_on": learned_on}


def _midnight(on: datetime.date, days_before: int) -> datetime.datetime:
    """Where the day begins that lies so many days before, here and not in Greenwich."""
    return timezone.make_aware(datetime.datetime.combine(on - datetime.timedelta(days=days_before), datetime.time()))
