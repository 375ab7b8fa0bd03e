"""Today in the browser's terms: what a person sees, records, postpones, refuses, and what others may not."""

import datetime
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.care.world import SELL, ago, customer, promise, slipping
from tests.teams.company import administrator, department, person
from zhike.care.actions import generate_suggestions
from zhike.care.models import Suggestion
from zhike.customers.models import Customer, FieldDefinition, Interaction
from zhike.teams.choices import Confidentiality, Language, Permission, Scope
from zhike.teams.models import User
from zhike.value.choices import RunState
from zhike.value.models import Run

pytestmark = pytest.mark.django_db
PART = {"X-Part": "answer"}


@pytest.fixture
def yu() -> User:
    FieldDefinition.objects.update(weight=0)
    return person("俞晓燕", can=SELL, language=Language.ENGLISH)


@pytest.fixture
def desk(client: Client, yu: User) -> Client:
    client.force_login(yu)
    return client


def generate() -> None:
    """As of the real day, because the page asks the clock; the fixtures' days move along."""
    shift = timezone.localdate() - datetime.date(2026, 11, 22)
    Run.objects.update(as_of=timezone.localdate())
    from django.db.models import F

    from zhike.value.models import Score

    Score.objects.update(first_on=F("first_on") + shift, last_on=F("last_on") + shift)
    Customer.objects.update(last_contact_at=F("last_contact_at") + shift)
    Interaction.objects.update(at=F("at") + shift)
    generate_suggestions(actor=None, on=timezone.localdate())


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_a_line_says_who_why_worth_until_when_how_and_with_which_words(desk, yu):
    for code in ("sex", "likes"):
        FieldDefinition.objects.create(code=code, label_zh=code, label_en=code, ring="related", type="text", weight=0)
    one = slipping(yu, name="王建国", profile={"sex": "m", "likes": "要看旧件"}, preferred_channel="phone")
    generate()
    shown = text(desk.get("/"))
    assert "王建国" in shown
    assert "Usually comes every 30 days, silent for 75: ¥2,920 margin a year at risk." in shown
    assert "Hello Mr 王, this is 俞晓燕." in shown
    assert "要看旧件" in shown
    assert f"/customers/{one.pk}/" in shown
    assert "¥438" in shown
    assert "phone" in shown


def test_the_first_visit_says_what_to_do_first(client, db):
    boss = administrator(language=Language.ENGLISH)
    client.force_login(boss)
    assert "No customers yet" in text(client.get("/"))
    customer(boss, last_bought=None)
    assert "Not analysed yet" in text(client.get("/"))
    Run.objects.create(as_of=timezone.localdate(), state=RunState.RUNNING)
    assert "Being worked out" in text(client.get("/"))


def test_who_may_not_import_is_not_sent_to_the_imports(client):
    client.force_login(person("新人", language=Language.ENGLISH))
    shown = client.get("/").content.decode()
    assert "ask your administrator" in shown
    assert 'href="/imports/"' not in shown


def test_an_empty_day_is_told_from_no_data(desk, yu):
    customer(yu)
    generate()
    assert "Nothing to do right now" in text(desk.get("/"))
    in_a_week = promise(Customer.objects.get(), yu, days_ago=-7, summary="看新车")
    Interaction.objects.filter(pk=in_a_week.pk).update(at=timezone.now() + datetime.timedelta(days=7))
    assert "看新车" in text(desk.get("/"))


def test_recording_a_call_writes_it_down_and_shortens_the_list(desk, yu):
    one = slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    form = desk.get(f"/today/{suggestion.pk}/record/", headers=PART)
    assert 'name="outcome"' in text(form)
    said = {"kind": "call", "outcome": "interested", "mood": "happy", "summary": "周六来做保养"}
    answer = desk.post(f"/today/{suggestion.pk}/record/", said, headers=PART)
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == "#today"
    assert f"line-{suggestion.pk}" not in text(answer)
    interaction = Interaction.objects.get(customer=one)
    assert (interaction.kind, interaction.outcome, interaction.summary) == ("call", "interested", "周六来做保养")
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by, suggestion.interaction) == ("done", yu, interaction)
    assert "All done for today" in text(desk.get("/"))


def test_without_script_the_same_form_leads_back_to_the_list(desk, yu):
    slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    assert "<!doctype html>" in text(desk.get(f"/today/{suggestion.pk}/record/"))
    answer = desk.post(f"/today/{suggestion.pk}/record/?rule=slipping", {"kind": "call", "outcome": "reached"}, follow=True)
    assert answer.redirect_chain == [("/?rule=slipping", 302)]
    assert "Recorded." in text(answer)


def test_the_next_step_becomes_a_promise(desk, yu):
    one = slipping(yu)
    generate()
    in_a_week = timezone.localdate() + datetime.timedelta(days=7)
    said = {"kind": "call", "outcome": "reached", "next_on": in_a_week.isoformat(), "next_step": "报四条轮胎价格"}
    desk.post(f"/today/{Suggestion.objects.get().pk}/record/", said)
    planned = Interaction.objects.get(customer=one, state="planned")
    assert timezone.localtime(planned.at).date() == in_a_week
    assert planned.summary == "报四条轮胎价格"
    assert planned.staff == yu


def test_who_was_not_reached_comes_back_tomorrow(desk, yu):
    slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    desk.post(f"/today/{suggestion.pk}/record/", {"kind": "call", "outcome": "not_reached"})
    suggestion.refresh_from_db()
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert (suggestion.state, suggestion.postponed_until) == ("postponed", tomorrow)
    generate_suggestions(actor=None, on=tomorrow)
    suggestion.refresh_from_db()
    assert suggestion.state == "open"


def test_keeping_a_promise_completes_what_was_planned(desk, yu):
    one = customer(yu, last_bought=None)
    planned = promise(one, yu, summary="回电报价")
    generate()
    assert "回电报价" in text(desk.get("/"))
    desk.post(f"/today/{Suggestion.objects.get().pk}/record/", {"kind": "call", "outcome": "reached"})
    planned.refresh_from_db()
    assert planned.state == "done"
    assert Interaction.objects.filter(customer=one).count() == 1


def test_an_outcome_is_needed_and_a_next_step_lies_ahead(desk, yu):
    slipping(yu)
    generate()
    address = f"/today/{Suggestion.objects.get().pk}/record/"
    assert desk.post(address, {"kind": "call", "outcome": ""}, headers=PART).status_code == 422
    wrong = desk.post(address, {"kind": "call", "outcome": "reached", "next_on": "2020-01-01"}, headers=PART)
    assert wrong.status_code == 422
    assert "from today on" in text(wrong)
    assert not Interaction.objects.exists()


def test_later_hides_it_until_that_day(desk, yu):
    slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    until = timezone.localdate() + datetime.timedelta(days=3)
    desk.post(f"/today/{suggestion.pk}/later/", {"until": until.isoformat()})
    assert f"line-{suggestion.pk}" not in text(desk.get("/"))
    generate_suggestions(actor=None, on=until - datetime.timedelta(days=1))
    assert Suggestion.objects.get().state == "postponed"
    generate_suggestions(actor=None, on=until)
    assert Suggestion.objects.get().state == "open"


def test_later_means_later_than_today(desk, yu):
    slipping(yu)
    generate()
    answer = desk.post(f"/today/{Suggestion.objects.get().pk}/later/", {"until": timezone.localdate().isoformat()}, headers=PART)
    assert answer.status_code == 422


def test_no_needs_a_reason_and_can_be_taken_back(desk, yu):
    slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    assert desk.post(f"/today/{suggestion.pk}/no/", {"refusal": ""}, headers=PART).status_code == 422
    desk.post(f"/today/{suggestion.pk}/no/", {"refusal": "not_fitting", "note": "已经搬走"})
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.refusal, suggestion.note) == ("refused", "not_fitting", "已经搬走")
    assert "Answered today" in text(desk.get("/"))
    desk.post(f"/today/{suggestion.pk}/reopen/")
    assert f"line-{suggestion.pk}" in text(desk.get("/"))


def test_an_answer_after_somebody_elses_is_told_so(desk, yu):
    slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    desk.post(f"/today/{suggestion.pk}/no/", {"refusal": "wrong_time"})
    late = desk.post(f"/today/{suggestion.pk}/record/", {"kind": "call", "outcome": "reached"}, headers=PART)
    assert "already answered" in late.headers["HX-Trigger"]
    assert not Interaction.objects.exists()


def test_a_stranger_neither_sees_nor_answers(client, yu):
    slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    client.force_login(person("周磊", can=SELL, language=Language.ENGLISH))
    assert f"line-{suggestion.pk}" not in text(client.get("/"))
    assert f"line-{suggestion.pk}" not in text(client.get(f"/?who={yu.pk}"))
    for act in ("record", "later", "no"):
        assert client.get(f"/today/{suggestion.pk}/{act}/").status_code == 404
        assert client.post(f"/today/{suggestion.pk}/{act}/", {"outcome": "reached"}).status_code == 404
    assert client.post(f"/today/{suggestion.pk}/reopen/").status_code == 404


def test_who_may_look_but_not_record_has_no_buttons(client, yu):
    slipping(yu)
    generate()
    analyst = person("分析", can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL, language=Language.ENGLISH)
    client.force_login(analyst)
    shown = text(client.get(f"/?who={yu.pk}"))
    assert f"line-{Suggestion.objects.get().pk}" in shown
    assert "data-act" not in shown
    said = {"kind": "call", "outcome": "reached"}
    assert client.post(f"/today/{Suggestion.objects.get().pk}/record/", said).status_code == 403


def test_a_manager_sees_the_lists_of_the_own_people(client, yu):
    place = department()
    User.objects.filter(pk=yu.pk).update(department=place)
    slipping(yu, department=place, name="王建国")
    slipping(person("别家", can=SELL), name="李别家")
    generate()
    manager = person("店长", can=SELL, scope=Scope.DEPARTMENT, department=place, language=Language.ENGLISH)
    client.force_login(manager)
    shown = text(client.get("/"))  # none of their own: they begin with their people's
    assert "王建国" in shown
    assert "李别家" not in shown
    assert "俞晓燕" in shown


def test_the_deputy_works_off_the_list_of_who_is_away(client, yu):
    slipping(yu, name="王建国")
    generate()
    zhou = person("周磊", can=SELL, language=Language.ENGLISH)
    client.force_login(zhou)
    assert "王建国" not in text(client.get("/"))
    User.objects.filter(pk=yu.pk).update(deputy=zhou, away_from=timezone.localdate())
    assert "王建国" in text(client.get("/"))


def test_the_record_says_what_to_do_next_and_the_answer_leads_back_to_it(desk, yu):
    one = slipping(yu)
    generate()
    suggestion = Suggestion.objects.get()
    assert "What to do next" in text(desk.get(f"/customers/{one.pk}/"))
    answer = desk.post(f"/today/{suggestion.pk}/no/?from=record", {"refusal": "not_fitting"})
    assert answer.headers["Location"] == f"/customers/{one.pk}/"
    assert "What to do next" not in text(desk.get(f"/customers/{one.pk}/"))


def test_a_filter_keeps_one_reason(desk, yu):
    slipping(yu, name="王建国")
    promise(customer(yu, name="李雷"), yu)
    generate()
    shown = text(desk.get("/?rule=promise"))
    assert "data-line" in shown
    assert shown.count("data-line") == 1
    assert "王建国" not in shown
    assert text(desk.get("/?rule=nonsense")).count("data-line") == 2


def test_quiet_hours_hide_a_customer_for_the_time(desk, yu):
    now = timezone.localtime()
    around = {
        "quiet_from": (now - datetime.timedelta(minutes=5)).time(),
        "quiet_until": (now + datetime.timedelta(minutes=5)).time(),
    }
    one = slipping(yu, **around)
    generate()
    shown = text(desk.get("/"))
    assert shown.count("data-line") == 0
    assert "1 customer has quiet hours now" in shown
    Customer.objects.filter(pk=one.pk).update(quiet_from=None, quiet_until=None)
    assert text(desk.get("/")).count("data-line") == 1


def test_a_confidential_phone_is_masked(client):
    FieldDefinition.objects.update(weight=0)
    clerk = person("文员", can=SELL, language=Language.ENGLISH)
    clerk.roles.update(clearance=Confidentiality.INTERNAL)
    one = slipping(clerk)
    generate()
    client.force_login(clerk)
    shown = text(client.get("/"))
    assert one.phone[3:] not in shown
    assert "****" in shown


def test_what_is_confidential_is_not_in_the_words_either(desk, yu):
    FieldDefinition.objects.create(
        code="car", label_zh="车型", label_en="Car", ring="visible", type="text", confidentiality="secret", weight=0
    )
    slipping(yu, profile={"car": "大众帕萨特"})
    generate()
    assert "帕萨特" not in text(desk.get("/"))


def test_who_may_not_see_value_sees_the_reason_without_what_the_customer_is_worth(client):
    FieldDefinition.objects.update(weight=0)
    clerk = person("文员", can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD], language=Language.ENGLISH)
    slipping(clerk)
    customer(clerk, last_contact_at=ago(40))
    generate()
    client.force_login(clerk)
    shown = text(client.get("/"))
    assert "Usually comes every 30 days, silent for 75." in shown
    assert "No contact for 40 days" in shown
    assert "margin a year" not in shown
    assert "today-gain" not in shown
    for one in client.get("/api/suggestions").json()["items"]:
        assert one["gain"] is None
        assert not {"at_risk", "grade"} & one["facts"].keys()


def test_names_are_escaped(desk, yu):
    slipping(yu, name="<script>alert(1)</script>")
    generate()
    assert "<script>alert" not in text(desk.get("/"))


@pytest.mark.parametrize("language", [Language.CHINESE, Language.ENGLISH])
def test_both_languages(client, language):
    one = person("俞晓燕", can=SELL, language=language)
    slipping(one, birthday=timezone.localdate())
    customer(one, birthday=timezone.localdate() + datetime.timedelta(days=1), last_contact_at=ago(5))
    generate()
    client.force_login(one)
    shown = text(client.get("/"))
    assert ("Birthday on" in shown) == (language == Language.ENGLISH)


def test_the_page_asks_as_often_for_three_lines_as_for_one(desk, yu, django_assert_num_queries: DjangoAssertNumQueries):
    slipping(yu)
    generate()
    desk.get("/")
    with django_assert_num_queries(QUERIES):
        assert text(desk.get("/")).count("data-line") == 1
    slipping(yu)
    slipping(yu)
    Run.objects.update(as_of=timezone.localdate())
    generate_suggestions(actor=None, on=timezone.localdate())
    with django_assert_num_queries(QUERIES):
        assert text(desk.get("/")).count("data-line") == 3


QUERIES = 8  # session with person and roles; lists, lines, what stands around them, fields, company, figures; frame


def test_somebody_who_may_see_nothing_opens_today_all_the_same(client: Client):
    client.force_login(person("新来的"))
    assert client.get("/").status_code == 200


def test_what_i_did_today_leads_to_its_rows(desk: Client, yu: User) -> None:
    one = customer(yu, last_bought=None, name="王建国")
    Suggestion.objects.create(
        assignee=yu, customer=one, rule="birthday", state="done", priority=1, gain=1, due_on=timezone.localdate(), channel="phone",
        decided_by=yu, decided_at=timezone.now(),
    )  # fmt: skip
    [address] = re.findall(r'<a href="([^"]*today/answers[^"]*)">1</a>', desk.get("/").content.decode())
    assert "王建国" in desk.get(unescape(address)).content.decode()
