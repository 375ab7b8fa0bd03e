"""What happened, what is planned, what repeats."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.core.models import StoredFile
from zhike.customers import actions
from zhike.customers.models import Customer, Interaction
from zhike.teams.models import User

Made = Callable[..., Customer]
DAY = datetime.timedelta(days=1)


def test_a_call_is_recorded_and_counts_as_contact(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    file = StoredFile.objects.create(name="合同.pdf", path="x", content_type="application/pdf", size=1, sha256="0" * 64)
    call = actions.record_interaction(
        actor=li, customer=customer, kind="call", at=at, summary=" 想换轮胎 ", outcome="interested", minutes=5, files=[file]
    )
    customer.refresh_from_db()
    assert (call.channel, call.staff, call.state, call.summary) == ("phone", li, "done", "想换轮胎")
    assert customer.last_contact_at == at
    assert list(call.files.all()) == [file]


@pytest.mark.parametrize("values", [{"kind": "note"}, {"kind": "call", "outcome": "not_reached"}])
def test_a_note_and_an_unanswered_call_are_no_contact(li: User, made: Made, at: datetime.datetime, values: dict[str, str]) -> None:
    customer = made(li)
    actions.record_interaction(actor=li, customer=customer, at=at, **values)
    customer.refresh_from_db()
    assert customer.last_contact_at is None


def test_an_older_call_does_not_move_the_last_contact_back(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    actions.record_interaction(actor=li, customer=customer, kind="call", at=at)
    actions.record_interaction(actor=li, customer=customer, kind="visit", at=at - DAY)
    customer.refresh_from_db()
    assert customer.last_contact_at == at


def test_the_future_is_planned_and_the_past_recorded(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    with pytest.raises(ValidationError):
        actions.record_interaction(actor=li, customer=customer, kind="call", at=at + DAY, now=at)
    with pytest.raises(ValidationError):
        actions.plan_interaction(actor=li, customer=customer, kind="call", at=at - 2 * DAY, now=at)


@pytest.mark.parametrize(
    "wrong", [{"kind": "dance"}, {"mood": "so-so"}, {"minutes": -1}, {"summary": "x" * 6000}, {"outcome": "eh"}]
)
def test_words_that_are_none_are_refused(li: User, made: Made, at: datetime.datetime, wrong: dict[str, object]) -> None:
    customer = made(li)
    with pytest.raises(ValidationError):
        actions.record_interaction(actor=li, customer=customer, at=at, **{"kind": "call", **wrong})  # type: ignore[arg-type]
    assert not Interaction.objects.exists()


def test_a_recurring_follow_up_plans_its_next(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    plan = actions.plan_interaction(actor=li, customer=customer, kind="call", at=at, repeat_days=30)
    assert Customer.objects.get().last_contact_at is None
    done = actions.complete_interaction(actor=li, interaction=plan, at=at + DAY, summary="一切都好", mood="happy")
    following = Interaction.objects.planned().get()
    assert (done.state, done.at) == ("done", at + DAY)
    assert (following.at, following.repeat_days, following.follows) == (at + 31 * DAY, 30, done)
    with pytest.raises(ValidationError):
        actions.complete_interaction(actor=li, interaction=plan, at=at)
    actions.cancel_interaction(actor=li, interaction=following, reason="客户不需要")
    assert not Interaction.objects.planned().exists()


def test_an_unhappy_customer_is_an_open_problem_until_put_right(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    call = actions.record_interaction(actor=li, customer=customer, kind="call", at=at, mood="unhappy")
    actions.record_interaction(actor=li, customer=customer, kind="call", at=at, mood="happy")
    assert Interaction.objects.open_problems().get() == call
    actions.resolve_problem(actor=li, interaction=call, at=at + DAY, how="换新")
    assert not Interaction.objects.open_problems().exists()


def test_somebody_elses_contact_is_refused(li: User, made: Made, at: datetime.datetime) -> None:
    one, two = made(li, "甲", kind="organisation"), made(li, "乙", kind="organisation")
    contact = actions.save_contact(actor=li, customer=two, name="王芳")
    with pytest.raises(type(contact).DoesNotExist):
        actions.record_interaction(actor=li, customer=one, kind="call", at=at, contact=contact)


def test_only_who_recorded_it_or_may_change_the_customer_changes_it(
    boss: User, li: User, han: User, made: Made, at: datetime.datetime
) -> None:
    customer = made(li)
    call = actions.record_interaction(actor=li, customer=customer, kind="call", at=at, summary="一")
    actions.share_customer(actor=li, customer=customer, user=han)
    with pytest.raises(PermissionDenied):
        actions.change_interaction(actor=han, interaction=call, summary="二")
    assert actions.change_interaction(actor=boss, interaction=call, summary="三").summary == "三"
    assert actions.pin_interaction(actor=han, interaction=call, pinned=True).is_pinned


def test_who_may_not_see_the_customer_records_nothing(li: User, han: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    with pytest.raises(Customer.DoesNotExist):
        actions.record_interaction(actor=han, customer=customer, kind="call", at=at)
    call = actions.record_interaction(actor=li, customer=customer, kind="call", at=at)
    for change in (actions.change_interaction, actions.cancel_interaction):
        with pytest.raises(Interaction.DoesNotExist):
            change(actor=han, interaction=call)
