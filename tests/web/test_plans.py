"""My plans: agenda, week, month; moved to another day; taken along."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.care.world import SELL, customer
from tests.teams.company import person
from zhike.care.models import Suggestion
from zhike.core.models import AuditEntry
from zhike.customers.actions import cancel_interaction, plan_interaction
from zhike.customers.models import FieldDefinition, Interaction
from zhike.teams.choices import Language, Permission
from zhike.teams.models import User
from zhike.web.plans.spans import span_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def yu() -> User:
    FieldDefinition.objects.update(weight=0)
    return person("俞晓燕", can=[*SELL, Permission.CUSTOMER_EXPORT], language=Language.ENGLISH)


@pytest.fixture
def desk(client: Client, yu: User) -> Client:
    client.force_login(yu)
    return client


def planned(yu: User, days: int, hour: int = 14, **details: str) -> Interaction:
    at = timezone.localtime().replace(hour=hour, minute=30, second=0, microsecond=0) + datetime.timedelta(days=days)
    return plan_interaction(actor=yu, customer=customer(yu, last_bought=None), kind="visit", at=at, **details)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("view", ["agenda", "week", "month"])
def test_a_plan_stands_in_the_agenda_the_week_and_the_month(desk, yu, view):
    plan = planned(yu, 3, summary="看新车")
    on = timezone.localdate(plan.at)
    assert plan.customer.name in text(desk.get(f"/plans/?view={view}&on={on}"))


def test_the_calendar_shows_what_was_done_and_not_what_others_planned(desk, yu):
    done = planned(yu, 0)
    Interaction.objects.filter(pk=done.pk).update(state="done")
    other = planned(person("周磊", can=SELL), 0)
    shown = text(desk.get("/plans/?view=month"))
    assert done.customer.name in shown
    assert other.customer.name not in shown


def test_a_plan_is_opened_in_the_calendar_and_moved_to_another_day_at_the_same_time(desk, yu):
    plan = planned(yu, 0, hour=23)
    assert f'action="/plans/{plan.pk}/move/"' in text(desk.get(f"/plans/?view=week&plan={plan.pk}"))
    until = timezone.localdate() + datetime.timedelta(days=9)
    answer = desk.post(f"/plans/{plan.pk}/move/", {"on": until.isoformat(), "next": "/plans/?view=week"})
    assert answer.headers["Location"] == "/plans/?view=week"
    plan.refresh_from_db()
    assert timezone.localtime(plan.at).strftime("%Y-%m-%d %H:%M") == f"{until} 23:30"


@pytest.mark.parametrize("on", ["", "nonsense", "2020-01-01"])
def test_a_plan_moves_forward_only(desk, yu, on):
    plan = planned(yu, 1)
    before = plan.at
    assert "from today on" in text(desk.post(f"/plans/{plan.pk}/move/", {"on": on, "next": "/plans/"}, follow=True))
    plan.refresh_from_db()
    assert plan.at == before


def test_moving_and_cancelling_a_promise_moves_the_list_of_today(desk, yu):
    moved, cancelled = planned(yu, 0), planned(yu, 0)
    assert Suggestion.objects.filter(state="open", rule="promise").count() == 2
    desk.post(f"/plans/{moved.pk}/move/", {"on": (timezone.localdate() + datetime.timedelta(days=9)).isoformat()})
    cancel_interaction(actor=yu, interaction=cancelled)
    assert not Suggestion.objects.filter(state="open", rule="promise").exists()


def test_who_may_not_see_the_customer_cannot_move_the_plan(client, yu):
    plan = planned(yu, 1)
    client.force_login(person("周磊", can=SELL))
    assert client.post(f"/plans/{plan.pk}/move/", {"on": "2099-01-01"}).status_code == 404


def test_the_calendar_file_holds_my_plans_and_nothing_can_break_out_of_its_lines(desk, yu):
    planned(yu, 2, summary="第一行\nBEGIN:VEVENT; 还有，" + "很长" * 40)
    answer = desk.get("/plans/calendar.ics")
    lines = answer.content.decode().split("\r\n")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert all(len(line.encode()) <= 75 for line in lines)
    assert (
        AuditEntry.objects.filter(verb="exported", object_type="plans").exists()
        or AuditEntry.objects.filter(verb="exported").exists()
    )


def test_without_the_right_to_export_there_is_no_calendar_file(client):
    zhou = person("周磊", can=SELL)
    client.force_login(zhou)
    planned(zhou, 1)
    assert client.get("/plans/calendar.ics").status_code == 403
    assert "calendar.ics" not in text(client.get("/plans/"))


def test_a_month_is_shown_in_whole_weeks_and_its_arrows_keep_to_real_days():
    march = span_of("month", "2026-03-31", datetime.date(2026, 11, 22))
    assert (march.first, march.last) == (datetime.date(2026, 2, 23), datetime.date(2026, 4, 5))
    assert (march.before, march.after) == (datetime.date(2026, 2, 28), datetime.date(2026, 4, 30))
    assert span_of("nonsense", "2026-13-45", datetime.date(2026, 11, 22)).view == "agenda"
    assert span_of("week", "0001-01-01", datetime.date(2026, 11, 22)).first == datetime.date(2026, 11, 16)


@pytest.mark.parametrize("view", ["agenda", "month"])
def test_three_plans_cost_no_more_than_one(desk, yu, view, django_assert_num_queries: DjangoAssertNumQueries):
    planned(yu, 0, hour=23)
    desk.get(f"/plans/?view={view}")
    with django_assert_num_queries(3):
        desk.get(f"/plans/?view={view}")
    planned(yu, 0, hour=22)
    planned(yu, 0, hour=21)
    with django_assert_num_queries(3):
        desk.get(f"/plans/?view={view}")
