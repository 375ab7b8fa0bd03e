"""The suggestions of a day, through the real tables: which customers, for whom, and how answers move them."""

import datetime

import pytest
from django.db import connection

from tests.care.world import ON, adviser, ago, customer, day, promise, shop_with_manager, slipping
from tests.teams.company import administrator, department, person
from zhike.care.actions import generate_suggestions, refresh_customers
from zhike.care.models import Suggestion
from zhike.care.rules import CareRules
from zhike.care.wording import Acquaintance, reason, salutation
from zhike.core import settings_store
from zhike.customers.models import Consent, Customer, FieldDefinition, Interaction
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import User
from zhike.value.models import Analysis, Finding

pytestmark = pytest.mark.django_db


def generate() -> dict[tuple[int, str], Suggestion]:
    generate_suggestions(actor=None, on=ON)
    return {(one.customer_id, one.rule): one for one in Suggestion.objects.filter(state="open")}


@pytest.fixture
def yu() -> User:
    FieldDefinition.objects.update(weight=0)  # no questions, unless a test asks for them
    return adviser()


def test_a_valued_customer_silent_beyond_the_own_rhythm_is_slipping(yu):
    late, fine = slipping(yu), customer(yu)
    found = generate()
    assert list(found) == [(late.pk, "slipping")]
    one = found[late.pk, "slipping"]
    assert one.assignee == yu
    assert one.facts["days"] == 75
    assert one.facts["ratio"] == 2.5
    assert one.gain == pytest.approx(365 / 30 * 1000 * 0.4 * 0.6 * 0.15, rel=1e-3)
    assert fine.pk not in {key for key, _ in found}


@pytest.mark.parametrize(
    ("as_of", "bought", "counts"), [(10, 75, True), (50, 75, False), (40, 35, False)], ids=["fresh", "old", "bought since"]
)
def test_the_order_goes_by_the_fresh_chance_to_leave(yu, as_of, bought, counts):
    unlikely = slipping(yu, last_bought=bought, rhythm_days=20)
    likely = slipping(yu, last_bought=bought, rhythm_days=20, p_alive=0.5)
    done = Analysis.objects.create(kind="leaving", state="done", is_current=True, as_of=day(as_of), report={"days": 180})
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE zhike_finding_{done.pk} PARTITION OF zhike_finding FOR VALUES IN ({done.pk})")
    for one, chance in ((likely, 0.9), (unlikely, 0.1)):
        Finding.objects.create(analysis=done, customer=one, value=chance)
    found = generate()
    gains = {key: one.gain for (key, _rule), one in found.items()}
    assert (gains[likely.pk] > gains[unlikely.pk]) == counts
    words = reason("slipping", found[likely.pk, "slipping"].facts)
    assert ("90%" in words) == counts


@pytest.mark.parametrize(
    "fields", [{"grade": "small"}, {"stage": "lost"}, {"last_bought": 40}, {"last_bought": 400}, {"rhythm_days": None}]
)
def test_nobody_else_is_slipping(yu, fields):
    slipping(yu, **fields)
    assert generate() == {}


def test_a_key_customer_is_owed_a_contact_every_thirty_days(yu):
    owed, seen = customer(yu, last_contact_at=ago(31)), customer(yu, last_contact_at=ago(30))
    assert list(generate()) == [(owed.pk, "no_contact")]
    settings_store.write(CareRules(cadence_key=20))
    assert {key for key, _ in generate()} == {owed.pk, seen.pk}


def test_one_who_was_never_contacted_is_owed_one_since_they_became_a_customer(yu):
    never = customer(yu, last_contact_at=None)
    assert generate()[never.pk, "no_contact"].facts["never"] is True


def test_a_second_purchase_is_due_when_second_purchases_usually_come(yu):
    once = {"orders": 1, "frequency": 0, "recency": 0, "rhythm_days": None, "grade": "regular", "mean_spend": None, "margin": 300}
    due = customer(yu, last_bought=60, **once)
    customer(yu, last_bought=10, **once)
    customer(yu, last_bought=300, **once)
    found = generate()
    assert list(found) == [(due.pk, "second_purchase")]
    assert found[due.pk, "second_purchase"].gain == pytest.approx(30)


def test_the_usual_time_to_the_second_purchase_is_learnt_from_the_orders(yu):
    from zhike.care.rules import SecondPurchase
    from zhike.sales.models import Order

    for number in range(40):
        one = customer(yu, last_bought=100, recency=200, grade="regular")
        for bought in (300, 300 - (20 + number)):
            Order.objects.create(customer=one, ordered_at=ago(bought), amount=100)
    generate()
    learnt = settings_store.read(SecondPurchase)
    assert (learnt.earliest, learnt.latest, learnt.customers) == (29, 50, 40)


def test_a_promise_is_due_from_the_day_before(yu):
    one, other = customer(yu, last_bought=None), customer(yu, last_bought=None)
    due = promise(one, yu, days_ago=-1)
    promise(other, yu, days_ago=-2)
    found = generate()
    assert list(found) == [(one.pk, "promise")]
    assert found[one.pk, "promise"].promised == due
    assert found[one.pk, "promise"].due_on == day(-1)


def test_a_promise_is_kept_by_who_gave_it_if_they_see_the_customer(yu):
    desk = person("许倩", can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD], scope=Scope.ALL)
    stranger = adviser("周磊")
    one, other = customer(yu), customer(yu)
    promise(one, desk)
    promise(other, stranger)
    found = generate()
    assert found[one.pk, "promise"].assignee == desk
    assert found[other.pk, "promise"].assignee == yu


def test_birthdays_by_both_calendars(yu):
    born = {
        "solar": customer(yu, birthday=datetime.date(1980, 11, 25)),
        "lunar": customer(yu, birthday=datetime.date(1980, 10, 15), birthday_is_lunar=True),  # 23 November 2026
        "later": customer(yu, birthday=datetime.date(1980, 12, 25)),
        "solar october": customer(yu, birthday=datetime.date(1980, 10, 15)),
    }
    found = generate()
    assert {key for key, _ in found} == {born["solar"].pk, born["lunar"].pk}
    assert found[born["solar"].pk, "birthday"].due_on == datetime.date(2026, 11, 25)
    assert found[born["lunar"].pk, "birthday"].due_on == datetime.date(2026, 11, 23)


def test_a_question_is_asked_of_valued_customers_only(yu):
    FieldDefinition.objects.filter(code="birthday").update(weight=3)
    asked, known = customer(yu), customer(yu, birthday=datetime.date(1980, 6, 1))
    customer(yu, grade="small")
    customer(yu, kind="organisation")
    found = generate()
    assert [key for key in found if key[0] != known.pk] == [(asked.pk, "question")]
    assert (known.pk, "question") not in found
    assert found[asked.pk, "question"].facts == {"field": "birthday", "stale": False}


def test_a_stale_fact_is_asked_for_again(yu):
    FieldDefinition.objects.filter(code="region").update(weight=2, shelf_life_days=365)
    fresh = customer(yu, region="杭州", provenance={"region": {"on": day(100).isoformat()}})
    stale = customer(yu, region="杭州", provenance={"region": {"on": day(500).isoformat()}})
    found = generate()
    assert found[stale.pk, "question"].facts == {"field": "region", "stale": True}
    assert (fresh.pk, "question") not in found


def test_who_does_not_want_to_be_disturbed_is_never_suggested(yu):
    one = slipping(yu, do_not_disturb=True, birthday=day(0))
    promise(one, yu)
    assert generate() == {}


def test_withdrawn_consent_is_respected(yu):
    one, other = slipping(yu), customer(yu, birthday=day(0))
    for who, purpose in ((one, "marketing"), (other, "care")):
        Consent.objects.create(customer=who, purpose=purpose, is_given=True, evidence="会员协议", at=ago(300))
    assert len(generate()) == 2
    for who, purpose in ((one, "marketing"), (other, "care")):
        Consent.objects.create(customer=who, purpose=purpose, is_given=False, evidence="电话", at=ago(3))
    assert generate() == {}


def test_a_channel_that_was_closed_is_not_used(yu):
    one = slipping(yu, preferred_channel="phone", wechat="wx_1")
    assert generate()[one.pk, "slipping"].channel == "phone"
    Consent.objects.create(customer=one, purpose="care", channel="phone", is_given=False, evidence="电话", at=ago(3))
    assert generate()[one.pk, "slipping"].channel == "wechat"


def test_a_customer_contacted_lately_is_left_in_peace(yu):
    slipping(yu, last_contact_at=ago(3))
    assert generate() == {}


def test_one_customer_has_one_suggestion_with_its_other_reasons(yu):
    one = slipping(yu, last_contact_at=ago(200), birthday=day(0))
    found = generate()
    assert list(found) == [(one.pk, "slipping")]
    assert found[one.pk, "slipping"].facts["also"] == ["birthday", "no_contact"]


def test_customers_without_an_owner_go_to_the_head_of_the_department(yu):
    place, manager = shop_with_manager()
    below = department(parent=place)
    one, other = slipping(None, department=place), slipping(None, department=below)
    found = generate()
    assert {suggestion.assignee for suggestion in found.values()} == {manager}
    assert {key for key, _ in found} == {one.pk, other.pk}


def test_customers_of_somebody_who_left_go_to_the_head_too(yu):
    place, manager = shop_with_manager()
    gone = adviser(is_active=False, department=place)
    one = slipping(gone, department=place)
    assert generate()[one.pk, "slipping"].assignee == manager


def test_where_nobody_is_responsible_the_administrator_is(yu):
    slipping(None)
    assert generate() == {}
    boss = administrator()
    assert next(iter(generate().values())).assignee == boss


def test_nobody_gets_a_customer_they_may_not_see(yu):
    for number in range(4):
        slipping(adviser(f"顾问{number}"))
    slipping(person("没有权限", can=[]))
    found = generate()
    assert len(found) == 4
    for one in found.values():
        assert Customer.objects.visible_to(one.assignee).filter(pk=one.customer_id).exists()


def test_a_list_is_never_longer_than_a_day(yu):
    settings_store.write(CareRules(per_person=3))
    worth = [slipping(yu, mean_spend=100.0 * (number + 1)) for number in range(6)]
    other = slipping(adviser("周磊"), mean_spend=1.0)
    found = generate()
    assert {key for key, _ in found} == {worth[5].pk, worth[4].pk, worth[3].pk, other.pk}


def test_running_twice_changes_nothing(yu):
    one = slipping(yu)
    promise(customer(yu), yu)
    before = {key: (one.pk, one.priority, one.created_at) for key, one in generate().items()}
    assert before == {key: (one.pk, one.priority, one.created_at) for key, one in generate().items()}
    assert Suggestion.objects.count() == 2
    assert (one.pk, "slipping") in before


def test_what_no_rule_says_any_more_disappears(yu):
    one = slipping(yu)
    generate()
    Customer.objects.filter(pk=one.pk).update(last_contact_at=ago(0))
    assert generate() == {}
    assert Suggestion.objects.get().state == "expired"


def test_one_customer_alone_gives_the_same_as_all_together(yu):
    FieldDefinition.objects.filter(code="email").update(weight=3)
    who = [slipping(yu), customer(yu, birthday=day(-2)), customer(yu, last_contact_at=ago(99)), customer(yu)]
    promise(who[3], yu)
    all_together = {key: _content(one) for key, one in generate().items()}
    assert len(all_together) == 4
    Suggestion.objects.all().delete()
    for one in who:
        refresh_customers(actor=None, customer_ids=[one.pk], on=ON)
    one_by_one = {(one.customer_id, one.rule): _content(one) for one in Suggestion.objects.filter(state="open")}
    assert one_by_one == all_together


def _content(one: Suggestion) -> tuple[object, ...]:
    return one.assignee_id, one.gain, one.priority, one.due_on, one.channel, one.facts, one.promised_id


def test_refreshing_one_leaves_the_others_alone(yu):
    one, other = slipping(yu), slipping(yu)
    generate()
    Customer.objects.filter(pk__in=[one.pk, other.pk]).update(last_contact_at=ago(0))
    refresh_customers(actor=None, customer_ids=[one.pk], on=ON)
    assert Suggestion.objects.get(customer=one).state == "expired"
    assert Suggestion.objects.get(customer=other).state == "open"


def test_without_any_value_analysis_promises_and_birthdays_still_come(yu):
    one, other = customer(yu, last_bought=None, birthday=day(0)), customer(yu, last_bought=None)
    promise(other, yu)
    assert set(generate()) == {(one.pk, "birthday"), (other.pk, "promise")}


def test_orders_that_ended_long_ago_are_measured_as_of_the_run(yu):
    from zhike.value.models import Run

    one = slipping(yu)
    Run.objects.update(as_of=ON)
    generate_suggestions(actor=None, on=ON + datetime.timedelta(days=9000))
    found = Suggestion.objects.get(customer=one, state="open", rule="slipping")
    assert found.facts["days"] == 75


def test_only_who_may_run_the_analysis_may_make_the_lists_anew(yu):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        generate_suggestions(actor=yu, on=ON)


def test_who_was_contacted_often_is_left_in_peace_but_promises_and_birthdays_go_on(yu):
    often, seldom = slipping(yu), slipping(yu)
    for one, contacts in ((often, 4), (seldom, 3)):
        for number in range(contacts):
            Interaction.objects.create(customer=one, kind="call", state="done", direction="out", at=ago(10 + number), staff=yu)
    assert {key for key, _ in generate()} == {seldom.pk}
    promise(often, yu)
    assert generate().keys() == {(seldom.pk, "slipping"), (often.pk, "promise")}
    settings_store.write(CareRules(cap_contacts=0, on_promise=False))
    assert generate().keys() == {(seldom.pk, "slipping"), (often.pk, "slipping")}


@pytest.mark.parametrize("name", ["00017", "13800138000", "客户 8000", "+86 138"])
def test_nobody_is_greeted_by_a_number(name: str) -> None:
    assert salutation(Acquaintance(name=name, is_person=True, me="俞晓燕", sex="f")) == ""
