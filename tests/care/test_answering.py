"""Answers to suggestions: what they change, who may give them, and how they move what is suggested next."""

import datetime
import threading
from collections.abc import Iterator

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from tests.care.world import ON, adviser, ago, customer, slipping
from tests.teams.company import person
from zhike.care.actions import (
    complete_suggestion,
    generate_suggestions,
    postpone_suggestion,
    refresh_customers,
    refuse_suggestion,
    reopen_suggestion,
)
from zhike.care.models import Suggestion
from zhike.care.queries.planning import answers_until
from zhike.care.rules import Answers
from zhike.core.models import AuditEntry
from zhike.customers.actions import change_customer, plan_interaction, record_consent, record_interaction
from zhike.customers.models import Customer, FieldDefinition, Interaction
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import User

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def within_today() -> Iterator[None]:
    """Also when midnight comes between the loading of these tests and their turn."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def yu() -> User:
    FieldDefinition.objects.update(weight=0)
    return adviser()


def suggested(one: Customer, rule: str = "slipping", **fields: object) -> Suggestion:
    given = {"assignee": one.owner, "gain": 100, "priority": 100, "due_on": TODAY, "channel": "phone"} | fields
    facts = {"days": 75, "rhythm": 30, "ratio": 2.5, "at_risk": 2000}
    return Suggestion.objects.create(customer=one, rule=rule, facts=facts, **given)


def answer_all(on: datetime.date = ON) -> list[str]:
    generate_suggestions(actor=None, on=on)
    return sorted(Suggestion.objects.filter(state="open").values_list("rule", flat=True))


def test_a_contact_recorded_on_the_record_page_answers_the_suggestion_too(yu):
    one = customer(yu, last_bought=None)
    waiting = suggested(one)
    call = record_interaction(actor=yu, customer=one, kind="call", at=NOW, outcome="reached")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.interaction, waiting.decided_by) == ("done", call, yu)


def test_a_call_nobody_answered_and_a_note_answer_nothing(yu):
    one = customer(yu, last_bought=None, birthday=TODAY)
    refresh_customers(actor=None, customer_ids=[one.pk], on=TODAY)
    record_interaction(actor=yu, customer=one, kind="call", at=NOW, outcome="not_reached")
    record_interaction(actor=yu, customer=one, kind="note", at=NOW, summary="车停在地下二层")
    assert Suggestion.objects.get(customer=one).state == "open"


def test_a_promise_made_now_is_on_the_list_at_once(yu):
    one = customer(yu, last_bought=None)
    plan_interaction(actor=yu, customer=one, kind="call", at=NOW + datetime.timedelta(hours=1), summary="回电报价")
    assert Suggestion.objects.get(customer=one, state="open").rule == "promise"


def test_another_contact_does_not_answer_a_promise(yu):
    one = customer(yu, last_bought=None)
    plan_interaction(actor=yu, customer=one, kind="call", at=NOW + datetime.timedelta(hours=1), summary="回电报价")
    record_interaction(actor=yu, customer=one, kind="message", at=NOW, outcome="reached")
    assert Suggestion.objects.get(customer=one, rule="promise").state == "open"


def test_do_not_disturb_takes_the_customer_off_the_list_at_once(yu):
    one = customer(yu, last_bought=None, birthday=TODAY)
    refresh_customers(actor=None, customer_ids=[one.pk], on=TODAY)
    assert Suggestion.objects.get().state == "open"
    change_customer(actor=yu, customer=one.pk, version=one.version, values={"do_not_disturb": True}, at=NOW)
    assert Suggestion.objects.get().state == "expired"


def test_a_withdrawn_consent_takes_the_customer_off_the_list_at_once(yu):
    one = customer(yu, last_bought=None, birthday=TODAY)
    refresh_customers(actor=None, customer_ids=[one.pk], on=TODAY)
    record_consent(actor=yu, customer=one, purpose="care", is_given=False, evidence="电话中说的", at=NOW)
    assert Suggestion.objects.get().state == "expired"


def test_not_fitting_silences_this_reason_only(yu):
    one = slipping(yu, last_contact_at=ago(99))
    assert answer_all() == ["slipping"]
    refuse_suggestion(actor=yu, suggestion_id=Suggestion.objects.get().pk, refusal="not_fitting", note="", at=ago(0))
    assert answer_all() == ["no_contact"]
    assert Suggestion.objects.get(state="open").customer == one


def test_not_now_silences_the_customer_for_two_weeks(yu):
    slipping(yu, last_contact_at=ago(99))
    answer_all()
    refuse_suggestion(actor=yu, suggestion_id=Suggestion.objects.get().pk, refusal="wrong_time", note="", at=ago(0))
    assert answer_all() == []
    assert answer_all(ON + datetime.timedelta(days=13)) == []
    assert answer_all(ON + datetime.timedelta(days=15)) == ["slipping"]


def test_somebody_who_was_just_called_is_left_in_peace_for_a_week(yu):
    one = slipping(yu, last_contact_at=ago(99))
    answer_all()
    complete_suggestion(actor=yu, suggestion_id=Suggestion.objects.get().pk, kind="call", at=ago(0), outcome="reached")
    assert answer_all() == []
    assert answer_all(ON + datetime.timedelta(days=6)) == []
    one.refresh_from_db()
    assert one.last_contact_at == ago(0)


def test_what_was_postponed_stays_away_until_its_day(yu):
    slipping(yu, last_contact_at=ago(99))
    answer_all()
    until = ON + datetime.timedelta(days=4)
    postpone_suggestion(actor=yu, suggestion_id=Suggestion.objects.get().pk, until=until, at=ago(0))
    assert answer_all(ON + datetime.timedelta(days=3)) == []
    assert answer_all(until) == ["slipping"]
    assert Suggestion.objects.count() == 1


def test_refusals_lower_a_rule_and_acceptance_raises_it(yu):
    answered = [customer(yu, last_bought=None) for _ in range(60)]
    for number, one in enumerate(answered):
        rule, state = ("birthday", "done") if number % 2 else ("slipping", "refused")
        refusal = "" if state == "done" else "not_fitting"
        suggested(one, rule, state=state, refusal=refusal, decided_by=yu, decided_at=ago(9))
    assert answers_until(ON) == {"birthday": Answers(30, 0), "slipping": Answers(0, 30)}
    one, other = slipping(yu), slipping(yu)
    generate_suggestions(actor=None, on=ON)
    low = Suggestion.objects.get(customer=one, state="open")
    assert low.priority == pytest.approx(low.gain * 1.3 * 0.5)
    Suggestion.objects.exclude(state="open").delete()
    generate_suggestions(actor=None, on=ON)
    assert Suggestion.objects.get(customer=other, state="open").priority == pytest.approx(low.gain * 1.3, rel=1e-4)


def test_orders_within_thirty_days_are_noted_as_the_result(yu):
    from zhike.sales.models import Order

    one = customer(yu, last_bought=None)
    done = suggested(one, state="done", decided_by=yu, decided_at=ago(35))
    for days, amount in ((36, 1000), (20, 300), (10, 200), (2, 5000)):
        Order.objects.create(customer=one, ordered_at=ago(days), amount=amount)
    generate_suggestions(actor=None, on=ON)
    done.refresh_from_db()
    assert done.result_amount == 500


def test_every_answer_is_in_the_audit_trail(yu):
    waiting = suggested(customer(yu, last_bought=None))
    refuse_suggestion(actor=yu, suggestion_id=waiting.pk, refusal="not_fitting", note="已搬走", at=NOW)
    entry = AuditEntry.objects.get(object_type="suggestion", object_id=waiting.pk)
    assert (entry.actor, entry.changes, entry.note) == (yu, {"state": ["open", "refused"]}, "not_fitting")


def test_only_ones_own_later_or_no_can_be_taken_back(yu):
    place_mate = person("周磊", can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD], scope=Scope.ALL)
    waiting = suggested(customer(yu, last_bought=None))
    refuse_suggestion(actor=yu, suggestion_id=waiting.pk, refusal="not_fitting", note="", at=NOW)
    with pytest.raises(ValidationError):
        reopen_suggestion(actor=place_mate, suggestion_id=waiting.pk)
    assert reopen_suggestion(actor=yu, suggestion_id=waiting.pk).state == "open"
    with pytest.raises(ValidationError):
        reopen_suggestion(actor=yu, suggestion_id=waiting.pk)


def test_a_stranger_may_not_answer_and_does_not_learn_that_it_exists(yu):
    waiting = suggested(customer(yu, last_bought=None))
    stranger = adviser("周磊")
    with pytest.raises(Suggestion.DoesNotExist):
        refuse_suggestion(actor=stranger, suggestion_id=waiting.pk, refusal="not_fitting", note="", at=NOW)
    with pytest.raises(Suggestion.DoesNotExist):
        complete_suggestion(actor=stranger, suggestion_id=waiting.pk, kind="call", at=NOW, outcome="reached")
    looker = person("分析", can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL)
    with pytest.raises(PermissionDenied):
        postpone_suggestion(actor=looker, suggestion_id=waiting.pk, until=TODAY + datetime.timedelta(days=2), at=NOW)


def test_when_the_record_fails_nothing_is_answered(yu):
    waiting = suggested(customer(yu, last_bought=None))
    with pytest.raises(ValidationError):
        complete_suggestion(actor=yu, suggestion_id=waiting.pk, kind="telepathy", at=NOW, outcome="reached")
    waiting.refresh_from_db()
    assert waiting.state == "open"
    assert not Interaction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_record_at_once_one_is_told_so():
    boss = person("店长", can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD], scope=Scope.ALL)
    yu = adviser()
    waiting = suggested(customer(yu, last_bought=None))
    told: list[str] = []
    start = threading.Barrier(2)

    def answer(who: User) -> None:
        start.wait()
        try:
            complete_suggestion(actor=who, suggestion_id=waiting.pk, kind="call", at=NOW, outcome="reached")
            told.append("recorded")
        except ValidationError:
            told.append("too late")
        finally:
            connection.close()

    both = [threading.Thread(target=answer, args=[who]) for who in (yu, boss)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told) == ["recorded", "too late"]
    assert Interaction.objects.count() == 1
