"""Timeline, look-up, completeness and the figures of the information model."""

import datetime
import sys
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from zhike.customers import actions, queries
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.queries import model
from zhike.customers.queries.completeness import trend
from zhike.customers.queries.contact import may_contact
from zhike.teams.models import User

Made = Callable[..., Customer]
HOUR = datetime.timedelta(hours=1)


def test_the_timeline_is_one_and_pages_without_gap_or_repeat(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    for n in range(12):
        actions.record_interaction(actor=li, customer=customer, kind="call", at=at + HOUR * (n // 3), summary=str(n))
        actions.change_customer(actor=li, customer=customer, values={"region": str(n)}, at=at)
    seen, cursor = [], None
    while True:
        page, cursor = queries.timeline(li, customer, before=cursor, limit=5)
        seen += [(event.kind, event.key) for event in page]
        if cursor is None:
            break
        cursor = queries.Cursor.parse(str(cursor))
    assert len(seen) == len(set(seen)) == 25
    whole, end = queries.timeline(li, customer, limit=100)
    assert [(event.kind, event.key) for event in whole] == seen
    assert end is None


@pytest.mark.parametrize("text", ["", "x", "2026-01-01~audit~1", "2026-01-01T00:00:00+08:00~audit~x", "~~"])
def test_a_broken_cursor_is_none(text: str) -> None:
    assert queries.Cursor.parse(text) is None


def test_plans_are_no_history_and_kinds_can_be_chosen(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    actions.plan_interaction(actor=li, customer=customer, kind="call", at=at)
    assert [event.kind for event in queries.timeline(li, customer)[0]] == ["audit"]
    assert queries.timeline(li, customer, kinds=["interaction"])[0] == []


def test_who_may_not_see_the_customer_gets_no_timeline(li: User, han: User, made: Made) -> None:
    customer = made(li)
    with pytest.raises(Customer.DoesNotExist):
        queries.timeline(han, customer)


def test_upper_domains_add_their_events(li: User, made: Made, at: datetime.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = made(li)
    module = sys.modules["zhike.customers.queries.timeline"]
    monkeypatch.setattr(module, "_sources", {})
    module.register(module.Source("person", lambda key: User.objects.filter(pk=li.pk), at="last_login"))
    User.objects.filter(pk=li.pk).update(last_login=at)
    assert [event.kind for event in queries.timeline(li, customer)[0]] == ["person"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_takes_the_same_queries_for_any_length(
    li: User, made: Made, at: datetime.datetime, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    customer = made(li)
    for _ in range(rows):
        actions.record_interaction(actor=li, customer=customer, kind="call", at=at)
    with django_assert_num_queries(5):  # visible, interactions, audit, comments, orders
        for event in queries.timeline(li, customer)[0]:
            assert event.kind != "interaction" or event.what.staff.name


def test_who_calls_is_found_by_full_number_contact_and_tail(li: User, han: User, made: Made) -> None:
    customer = made(li, phone="13800138000")
    company = made(li, "华腾", kind="organisation")
    actions.save_contact(actor=li, customer=company, name="王芳", phone="01088886666")
    assert queries.look_up_phone(li, "+86 138-0013-8000") == [customer]
    assert queries.look_up_phone(li, "010 8888 6666") == [company]
    assert queries.look_up_phone(li, "8000") == [customer]
    assert queries.look_up_phone(li, "80") == []
    assert queries.look_up_phone(han, "13800138000") == []
    assert queries.look_up_phone(han, "8000") == []


def test_filling_a_fact_raises_completeness_and_changes_the_question(boss: User, made: Made, at: datetime.datetime) -> None:
    actions.apply_template(actor=boss, template="auto_service")
    customer = made(boss)
    assert queries.completeness(customer)["visible"].filled == 0
    first = queries.next_questions(customer, today=at.date())[0]
    assert first.code == "phone"
    changed = actions.change_customer(actor=boss, customer=customer, values={"phone": "13800138000"}, at=at)
    assert queries.completeness(changed)["visible"].filled == 5
    assert "phone" not in [field.code for field in queries.next_questions(changed, today=at.date())]
    much_later = at.date() + datetime.timedelta(days=731)
    assert "phone" in [field.code for field in queries.next_questions(changed, today=much_later)]


def test_a_person_is_not_asked_for_a_credit_code(boss: User, made: Made) -> None:
    person, company = made(boss), made(boss, "华腾", kind="organisation")
    fields = list(FieldDefinition.objects.all())
    assert "credit_code" not in {fact.code for fact in queries.facts_of(person, fields)}
    assert "birthday" not in {fact.code for fact in queries.facts_of(company, fields)}


def test_the_model_page_tells_used_from_unused_and_empty(boss: User, made: Made) -> None:
    actions.add_field(actor=boss, code="shoe", type="number", label_zh="鞋码", label_en="Shoe size")
    actions.add_field(actor=boss, code="hat", type="number", label_zh="帽", label_en="Hat", used_by=["value.rfm"], weight=2)
    for n in range(4):
        made(boss, f"客户{n}", phone=f"1380013800{n}", shoe="40", birthday="1980-01-01" if n == 0 else "")
    made(boss, "华腾", kind="organisation")
    figures = {one.field.code: one for one in model.field_figures()}
    assert (figures["phone"].filled, figures["phone"].customers, figures["birthday"].customers) == (4, 5, 4)
    assert figures["shoe"].is_used_by_nothing
    assert figures["hat"].produces_value
    assert figures["hat"].is_needed_and_empty
    assert figures["birthday"].is_needed_and_empty
    assert figures["phone"].is_direct
    assert not figures["phone"].is_needed_and_empty


def test_completeness_per_owner_grows_from_day_to_day(boss: User, li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, phone="13800138000")
    made(boss)
    later = at + datetime.timedelta(days=10)
    actions.change_customer(actor=li, customer=customer, values={"region": "海淀"}, at=later)
    days = [at.date() - datetime.timedelta(days=1), at.date(), later.date()]
    everybody = trend(Customer.objects.visible_to(boss), by="owner", until=days)
    found = {row.name: row.shares for row in everybody.rows}
    assert found["老板"] == [0, 0, 0]
    assert found["李雷"][0] == 0 < found["李雷"][1] < found["李雷"][2] < 1
    assert everybody.everybody[2] == pytest.approx((found["李雷"][2] + found["老板"][2]) / 2)
    assert len(trend(Customer.objects.visible_to(li), by="department", until=days).rows) == 1


def test_of_many_customers_every_nth_is_looked_at(boss: User, made: Made, at: datetime.datetime) -> None:
    for n in range(6):
        made(boss, f"客户{n}", phone=f"1380013800{n}")
    found = trend(Customer.objects.visible_to(boss), by="owner", until=[at.date()], most=3)
    assert (found.customers, found.looked_at, found.rows[0].customers) == (6, 3, 6)
    assert found.rows[0].shares == trend(Customer.objects.visible_to(boss), by="owner", until=[at.date()]).rows[0].shares


def test_nothing_goes_around_a_withdrawn_consent(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    assert may_contact(customer, channel="sms", purpose="care", at=at) is None
    actions.record_consent(actor=li, customer=customer, purpose="care", is_given=False, evidence="电话里说的", at=at)
    assert may_contact(customer, channel="sms", purpose="care", at=at + HOUR) == "withdrawn"
