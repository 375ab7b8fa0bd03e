"""Which suggestions there should be on a day: candidates, what is known of them, the rules, the ranking."""

import datetime
import math
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from zhike.care.choices import Refusal, Rule, SuggestionState
from zhike.care.models import Suggestion
from zhike.care.queries.candidates import CHANCE_TO_LEAVE, Candidate, Scope, candidates, learned_leaving
from zhike.care.rules import (
    Acceptance,
    Answers,
    CareRules,
    Draft,
    Known,
    SecondPurchase,
    acceptance,
    best_of_each,
    birthdays_between,
    draft,
    priority,
)
from zhike.core import settings_store
from zhike.customers.choices import Channel
from zhike.customers.models import Consent, Customer
from zhike.customers.rules.contact import Line
from zhike.teams.models import User
from zhike.value import queries as value
from zhike.value.models import Run

SAMPLE = 20000  # customers from whom the time to the second purchase is learnt
ENOUGH = 30
LONG_AGO = 60  # days since the run's day after which silence is measured as of the run: those orders are history, not silence
_NOT_FITTING = (Refusal.NOT_FITTING, Refusal.DO_NOT_DISTURB, Refusal.DATA_WRONG)


def scope_on(on: datetime.date, only: list[int] | None = None, rules: CareRules | None = None) -> Scope:
    """With the rules that are set, or with others to see what they would bring."""
    stored, second, learnt = settings_store.read_all(CareRules, SecondPurchase, Acceptance)
    rules = rules or stored
    run_id, as_of = Run.objects.filter(is_current=True).values_list("pk", "as_of").first() or (0, on)
    measured_on = as_of if (on - as_of).days > LONG_AGO else on
    leaving = value.fresh_leaving(measured_on)
    return Scope(on, measured_on, run_id, rules, second, birthdays_between(on, rules.birthday_days), learnt.weights, only, leaving)


def planned_suggestions(scope: Scope) -> list[Draft]:
    """One a customer at most; `longest_allowed` shortens them to the lists' length."""
    found = _to_whom_promised(candidates(scope))
    known = _known(sorted({one.customer_id for one in found}), scope)
    made = []
    for one in found:
        acquainted = _with_extra(known[one.customer_id], one)
        if drafted := draft(one.rule, acquainted, scope.rules, scope.second, scope.birthdays):
            made.append(replace(drafted, priority=priority(drafted, scope.weights, scope.on)))
    return best_of_each(made)


def longest_allowed(drafts: list[Draft], rules: CareRules) -> list[Draft]:
    """Of every assignee the most urgent and valuable, `per_person` of them."""
    kept: dict[int, int] = {}
    chosen = []
    for one in sorted(drafts, key=lambda one: (-one.priority, one.customer_id)):
        if kept.get(one.assignee_id, 0) < rules.per_person:
            kept[one.assignee_id] = kept.get(one.assignee_id, 0) + 1
            chosen.append(one)
    return chosen


def learnt_acceptance(on: datetime.date) -> Acceptance:
    return Acceptance(acceptance(answers_until(on)))


def answers_until(on: datetime.date) -> dict[str, Answers]:
    """Of the last year, by rule."""
    year = Suggestion.objects.filter(decided_at__date__gt=on - datetime.timedelta(days=365), decided_at__date__lte=on)
    counts = year.values("rule").annotate(
        done=Count("pk", filter=Q(state=SuggestionState.DONE)),
        refused=Count("pk", filter=Q(state=SuggestionState.REFUSED, refusal__in=_NOT_FITTING)),
    )
    return {row["rule"]: Answers(row["done"], row["refused"]) for row in counts}


def learnt_second_purchase(run_id: int) -> SecondPurchase:
    """The middle half of the times from the first purchase to the second, from a sample; the defaults while there are few."""
    sql = """
        SELECT percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY days), count(*) FROM (
            SELECT (SELECT min((o.ordered_at AT TIME ZONE %(zone)s)::date) FROM zhike_order o WHERE o.customer_id = s.customer_id
                AND o.kind = 'sale' AND (o.ordered_at AT TIME ZONE %(zone)s)::date > s.first_on) - s.first_on AS days
            FROM zhike_score s WHERE s.run_id = %(run)s AND s.frequency > 0
            ORDER BY s.customer_id %% 9973, s.customer_id LIMIT %(sample)s
        ) AS sampled WHERE days IS NOT NULL"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"zone": timezone.get_current_timezone_name(), "run": run_id, "sample": SAMPLE})
        quarters, count = cursor.fetchone()
    if count < ENOUGH:
        return SecondPurchase()
    earliest = max(math.floor(quarters[0]), 1)
    return SecondPurchase(earliest, max(math.ceil(quarters[1]), earliest + 7), count)


def _to_whom_promised(found: list[Candidate]) -> list[Candidate]:
    """A promise is kept by who gave it, as long as they work here and see the customer; else by who answers for the customer."""
    by_giver: dict[int, list[int]] = {}
    for one in found:
        if one.extra.get("staff", one.assignee_id) not in (None, one.assignee_id):
            by_giver.setdefault(one.extra["staff"], []).append(one.customer_id)
    seen: set[tuple[int, int]] = set()
    for giver in User.objects.filter(pk__in=by_giver, is_active=True) if by_giver else ():
        visible = Customer.objects.visible_to(giver).filter(pk__in=by_giver[giver.pk])
        seen |= {(giver.pk, customer) for customer in visible.values_list("pk", flat=True)}
    return [
        replace(one, assignee_id=one.extra["staff"]) if (one.extra.get("staff"), one.customer_id) in seen else one for one in found
    ]


def _with_extra(known: Known, one: Candidate) -> Known:
    more: dict[str, Any] = {"assignee_id": one.assignee_id}
    if one.rule == Rule.PROMISE:
        at = datetime.datetime.fromisoformat(one.extra["at"])
        more |= {"promise_id": one.extra["id"], "promised_on": timezone.localtime(at).date(), "promise": one.extra["summary"][:200]}
    if one.rule == Rule.QUESTION:
        more |= {"question": one.extra["code"], "question_weight": one.extra["share"], "question_is_stale": one.extra["stale"]}
    return replace(known, **more)


_KNOWN = f"""
    SELECT c.id, s.grade, s.stage, COALESCE(s.orders, 0), COALESCE(s.frequency, 0), s.first_on, s.last_on, s.rhythm_days,
        s.mean_spend, s.p_alive, COALESCE(s.expected_orders, 0), COALESCE(s.expected_spend, 0), COALESCE(s.margin, 0)::float8,
        COALESCE(LEAST(GREATEST(s.margin / NULLIF(s.revenue, 0), 0), 1), 0)::float8, c.created_at, c.last_contact_at, c.birthday,
        c.birthday_is_lunar, c.preferred_channel, c.phone <> '', c.wechat <> '', c.email <> '', c.do_not_disturb,
        {CHANCE_TO_LEAVE}
    FROM zhike_customer c LEFT JOIN zhike_score s ON s.run_id = %(run)s AND s.customer_id = c.id
    WHERE c.id = ANY(%(ids)s)"""  # noqa: S608  a text of ours


def _known(ids: list[int], scope: Scope) -> dict[int, Known]:
    if not ids:
        return {}
    consents: dict[int, list[Line]] = {}
    for row in Consent.objects.filter(customer__in=ids):
        consents.setdefault(row.customer_id, []).append(Line(row.purpose, row.channel, row.is_given, row.at))
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"run": scope.run_id, "ids": ids, **learned_leaving(scope)})
        found = cursor.fetchall()
    return {one[0]: _one_known(one, tuple(consents.get(one[0], ())), scope) for one in found}


def _one_known(row: tuple[Any, ...], consents: tuple[Line, ...], scope: Scope) -> Known:
    (customer, grade, stage, orders, frequency, first_on, last_on, rhythm, spend, alive, expected, expected_spend, margin, share,
     created, contact, birthday, lunar, preferred, phone, wechat, email, quiet, chance) = row  # fmt: skip
    until = timezone.make_aware(datetime.datetime.combine(scope.on, datetime.time(23, 59, 59)))
    ways = {Channel.PHONE: phone, Channel.WECHAT: wechat, Channel.EMAIL: email}
    reachable = [str(channel) for channel, there in ways.items() if there or preferred == channel]
    reachable += [preferred] if preferred and preferred not in reachable else []
    return Known(
        customer_id=customer, assignee_id=0, on=scope.on, measured_on=scope.measured_on, until=until, grade=grade, stage=stage,
        orders=orders, frequency=frequency, first_on=first_on, last_on=last_on, rhythm_days=rhythm, mean_spend=spend, p_alive=alive,
        chance_to_leave=chance, expected_orders=expected, expected_spend=expected_spend, margin=margin, margin_share=share,
        since=timezone.localtime(created).date(), last_contact_on=timezone.localtime(contact).date() if contact else None,
        birthday=birthday, birthday_is_lunar=lunar, preferred_channel=preferred, reachable=(*reachable, Channel.STORE),
        consents=consents, do_not_disturb=quiet,
    )  # fmt: skip
