"""The first visit, signing in and out, one's own account: as a browser does it."""

import datetime
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.teams.company import PASSWORD, administrator, person
from zhike.care.actions import DemoState
from zhike.core import settings_store
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer, FieldDefinition
from zhike.jobs import tasks
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken, User, UserSession
from zhike.teams.queries import sessions_of
from zhike.teams.rules import CompanyRules, SignInRules

pytestmark = pytest.mark.django_db
FIRST = {"company": "晨光汽修", "name": "王敏", "username": "wang", "new": PASSWORD, "again": PASSWORD, "begin": "empty"}
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def sign_in(client: Client, user: User, password: str = PASSWORD) -> int:
    return client.post(reverse("sign-in"), {"username": user.username, "password": password}).status_code


def code_of(user: User, steps: int = 0) -> str:
    totp = TOTP(user.totpdevice_set.get().bin_key)  # type: ignore[attr-defined]
    totp.time = timezone.now().timestamp() + 30 * steps
    return f"{totp.token():06d}"


def with_factor(user: User) -> list[str]:
    actions.begin_second_factor(actor=user)
    return actions.confirm_second_factor(actor=user, code=code_of(user, -1), session_key=None)


# --- first visit --------------------------------------------------------------------------------------------------------


def test_the_first_visit_leads_to_the_set_up_and_from_there_in(client: Client) -> None:
    assert client.get("/me/").headers["Location"] == reverse("setup")
    assert client.get(reverse("sign-in")).headers["Location"] == reverse("setup")
    assert "欢迎使用" in client.get(reverse("setup"), HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    assert client.post(reverse("setup"), FIRST).status_code == 302
    assert client.get(reverse("me")).status_code == 200
    assert settings_store.read(CompanyRules).name == "晨光汽修"
    assert User.objects.get().is_administrator


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"again": "something else"}, "not the same"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": "password123", "again": "password123"}, "too common"),
        ({"username": ""}, "required"),
    ],
)  # fmt: skip
def test_a_bad_first_form_says_what_is_wrong_and_makes_nobody(client: Client, change: dict[str, str], said: str) -> None:
    answer = client.post(reverse("setup"), FIRST | change, **ENGLISH)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not User.objects.exists()


def test_the_set_up_does_not_exist_once_somebody_does(client: Client) -> None:
    administrator()
    assert client.get(reverse("setup")).status_code == 404
    assert client.post(reverse("setup"), FIRST).status_code == 404
    assert User.objects.count() == 1


# --- in and out ---------------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_led_to_the_door_and_then_on(client: Client) -> None:
    li = person(username="li")
    door = client.get("/me/tokens/?a=1").headers["Location"]
    assert door == "/sign-in/?next=%2Fme%2Ftokens%2F%3Fa%3D1"
    answer = client.post(door, {"username": "li", "password": PASSWORD, "next": "/me/tokens/?a=1"})
    assert answer.headers["Location"] == "/me/tokens/?a=1"
    assert AuditEntry.objects.filter(verb=AuditVerb.SIGNED_IN, actor=li, channel="web").exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"])
def test_the_door_leads_to_no_other_house(client: Client, target: str) -> None:
    li = person()
    answer = client.post(reverse("sign-in"), {"username": li.username, "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_a_part_of_a_page_asks_the_browser_to_go_to_the_door(client: Client) -> None:
    person()
    answer = client.get("/me/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in/?next=%2Fme%2F")


def test_wrong_password_and_unknown_name_look_alike(client: Client) -> None:
    person(username="hanmeimei")
    pages = []
    for name in ("hanmeimei", "somebody"):
        answer = client.post(reverse("sign-in"), {"username": name, "password": "wrong"}, **ENGLISH)
        assert answer.status_code == 422
        without_tokens = re.sub(r'value="\w{64}"|"\w{64}"', "", answer.content.decode())
        pages.append(without_tokens.replace(name, "NAME"))
    assert pages[0] == pages[1]


def test_after_five_failures_the_right_password_waits_too(client: Client) -> None:
    li = person()
    for _try in range(5):
        assert sign_in(client, li, "wrong") == 422
    assert sign_in(client, li) == 429
    assert client.get(reverse("me")).status_code == 302


def test_the_session_key_changes_at_the_door(client: Client) -> None:
    li = person()
    client.get("/")
    client.session.save()
    before = client.session.session_key
    sign_in(client, li)
    assert client.session.session_key != before
    assert not UserSession.objects.filter(pk=before).exists()


def test_signing_out_ends_the_session(client: Client) -> None:
    li = person()
    sign_in(client, li)
    key = client.session.session_key
    assert client.get(reverse("sign-out")).status_code == 405
    client.post(reverse("sign-out"))
    assert not UserSession.objects.filter(pk=key).exists()
    assert client.get(reverse("me")).status_code == 302
    assert AuditEntry.objects.filter(verb=AuditVerb.SIGNED_OUT, actor=li).exists()


def test_who_leaves_is_out_with_the_next_request(client: Client) -> None:
    li = person()
    sign_in(client, li)
    actions.end_employment(actor=administrator(), person_id=li.pk, successors=[], left_on=timezone.localdate())
    assert client.get(reverse("me")).headers["Location"].startswith("/sign-in/")


def test_the_language_can_be_chosen_before_signing_in(client: Client) -> None:
    person()
    client.post(reverse("preferences"), {"language": "en", "next": "/sign-in/"})
    assert "Sign-in name" in client.get(reverse("sign-in"), HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    assert client.post(reverse("preferences"), {"language": "xx"}).status_code == 400


# --- second factor ------------------------------------------------------------------------------------------------------


def test_with_a_second_factor_the_password_alone_opens_nothing(client: Client) -> None:
    li = person()
    with_factor(li)
    answer = client.post(reverse("sign-in"), {"username": li.username, "password": PASSWORD, "next": "/me/tokens/"})
    assert answer.headers["Location"] == reverse("second-factor")
    assert client.get(reverse("me")).headers["Location"].startswith("/sign-in/")
    assert client.post(reverse("second-factor"), {"code": "000000"}).status_code == 422
    done = client.post(reverse("second-factor"), {"code": code_of(li)})
    assert done.headers["Location"] == "/me/tokens/"
    assert client.get(reverse("me")).status_code == 200


def test_the_code_must_come_within_ten_minutes_and_with_the_same_password(client: Client) -> None:
    li = person()
    codes = with_factor(li)
    sign_in(client, li)
    late = timezone.now() + datetime.timedelta(minutes=11)
    with time_machine.travel(late):
        assert client.post(reverse("second-factor"), {"code": codes[0]}).headers["Location"] == reverse("sign-in")
    sign_in(client, li)
    li.refresh_from_db()
    li.set_password("quite another phrase")
    li.save()
    assert client.post(reverse("second-factor"), {"code": codes[0]}).headers["Location"] == reverse("sign-in")


def test_turning_it_on_shows_a_picture_then_the_recovery_codes_once(client: Client) -> None:
    li = person()
    client.force_login(li)
    client.post(reverse("me-second-factor"), {"begin": "1"})
    assert "data:image/png;base64," in client.get(reverse("me-second-factor")).content.decode()
    assert client.post(reverse("me-second-factor"), {"code": "1"}).status_code == 422
    answer = client.post(reverse("me-second-factor"), {"code": code_of(li, -1)})
    codes = re.findall(r'class="nowrap">(\w{5}-\w{5})<', answer.content.decode())
    assert len(codes) == 10
    assert codes[0] not in client.get(reverse("me-second-factor")).content.decode()
    assert client.post(reverse("me-second-factor-remove"), {"password": "wrong"}).status_code == 422
    client.post(reverse("me-recovery-codes"), {"password": PASSWORD})
    assert not actions.passes_second_factor(person=li, code=codes[0], at=timezone.now())
    client.post(reverse("me-second-factor-remove"), {"password": PASSWORD})
    assert not li.totpdevice_set.exists()  # type: ignore[attr-defined]


def test_where_the_company_asks_for_it_nothing_works_before_it_is_on(client: Client) -> None:
    settings_store.write(SignInRules(second_factor_required=True))
    li = person()
    sign_in(client, li)
    assert client.get(reverse("me")).headers["Location"] == reverse("me-second-factor")
    assert client.get("/api/docs").status_code == 403
    client.post(reverse("me-second-factor"), {"begin": "1"})
    client.post(reverse("me-second-factor"), {"code": code_of(li)})
    assert client.get(reverse("me")).status_code == 200


# --- own account --------------------------------------------------------------------------------------------------------


def test_who_was_given_a_password_chooses_an_own_one_first(client: Client) -> None:
    li = person(must_change_password=True)
    sign_in(client, li)
    assert client.get(reverse("me")).headers["Location"] == reverse("me-password")
    new = "quite another phrase"
    client.post(reverse("me-password"), {"old": PASSWORD, "new": new, "again": new})
    assert client.get(reverse("me")).status_code == 200


def test_changing_the_password_keeps_me_in_and_puts_the_others_out(client: Client) -> None:
    li, other, new = person(), Client(), "quite another phrase"
    sign_in(client, li)
    sign_in(other, li)
    assert client.post(reverse("me-password"), {"old": PASSWORD, "new": new, "again": "x"}).status_code == 422
    assert client.post(reverse("me-password"), {"old": "x", "new": new, "again": new}).status_code == 422
    assert client.post(reverse("me-password"), {"old": PASSWORD, "new": new, "again": new}).status_code == 302
    assert client.get(reverse("me")).status_code == 200
    assert other.get(reverse("me")).status_code == 302


def test_i_see_my_sessions_and_end_one_of_them(client: Client) -> None:
    li, phone, han = person(), Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari"}), person("韩梅梅")
    sign_in(client, li)
    sign_in(phone, li)
    stranger = Client()
    sign_in(stranger, han)
    page = client.get(reverse("me-sessions")).content.decode()
    assert "Safari · iPhone" in page
    assert phone.session.session_key not in page
    theirs = UserSession.objects.get(user=han)
    client.post(reverse("me-sessions"), {"session": theirs.mark})
    assert stranger.get(reverse("me")).status_code == 200
    client.post(reverse("me-sessions"), {"session": UserSession.objects.get(pk=phone.session.session_key).mark})
    assert phone.get(reverse("me")).status_code == 302
    assert client.get(reverse("me")).status_code == 200


def test_signing_out_everywhere_else_leaves_this_one(client: Client) -> None:
    li, phone = person(), Client()
    sign_in(client, li)
    sign_in(phone, li)
    client.post(reverse("me-sessions"))
    assert phone.get(reverse("me")).status_code == 302
    assert client.get(reverse("me")).status_code == 200


def test_a_token_is_shown_once_and_can_be_revoked(client: Client) -> None:
    li = person(can=[Permission.ORDER_VIEW])
    client.force_login(li)
    assert "people.edit" not in client.get(reverse("me-tokens")).content.decode()
    answer = client.post(reverse("me-tokens"), {"name": "月报", "days": "30", "permissions": ["order.view"]})
    secret = re.search(r"zk_[\w-]{40,}", answer.content.decode())
    assert secret
    assert secret[0] not in client.get(reverse("me-tokens")).content.decode()
    assert client.post(reverse("me-tokens"), {"name": "x", "days": "30", "permissions": ["people.edit"]}).status_code == 422
    other = Client()
    other.force_login(person("韩梅梅"))
    token = ApiToken.objects.get()
    assert other.post(reverse("me-token-revoke", args=[token.pk])).status_code == 404
    client.post(reverse("me-token-revoke", args=[token.pk]))
    assert actions.person_of_token(secret=secret[0], at=timezone.now()) is None


def test_language_theme_and_absence_are_mine_to_change(client: Client) -> None:
    li, han = person(), person("韩梅梅")
    client.force_login(li)
    client.post(reverse("me"), {"email": "li@example.cn", "phone": "", "language": "en", "theme": "dark"})
    assert "My account" in client.get(reverse("me")).content.decode()
    client.post(reverse("preferences"), {"theme": "light", "next": "/me/"})
    answer = client.post(reverse("me-absence"), {"away_from": "2026-12-01", "away_until": "2026-11-01", "deputy": han.pk})
    assert answer.status_code == 422
    client.post(reverse("me-absence"), {"away_from": "2026-12-01", "away_until": "2026-12-05", "deputy": han.pk})
    li.refresh_from_db()
    assert (li.language, li.theme, li.deputy, li.email) == ("en", "light", han, "li@example.cn")


def test_being_seen_is_noted_every_few_minutes_only(client: Client) -> None:
    li = person()
    sign_in(client, li)
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    UserSession.objects.update(seen_at=long_ago, started_at=long_ago)
    client.get(reverse("me"))
    session = UserSession.objects.get()
    assert session.seen_at > long_ago
    assert session.started_at == long_ago
    client.get(reverse("me"))
    assert UserSession.objects.get().seen_at == session.seen_at


@pytest.mark.parametrize(("since", "why"), [({"seen_at": 31}, "idle"), ({"started_at": 25 * 60}, "age")])
def test_a_session_ends_after_idleness_and_after_days_and_sign_in_says_why(client: Client, since: dict[str, int], why: str) -> None:
    settings_store.write(SignInRules(idle_minutes=30, session_days=1))
    sign_in(client, person())
    UserSession.objects.update(**{name: timezone.now() - datetime.timedelta(minutes=29) for name in since})
    assert client.get(reverse("me")).status_code == 200
    UserSession.objects.update(**{name: timezone.now() - datetime.timedelta(minutes=minutes) for name, minutes in since.items()})
    answer = client.get(reverse("me") + "?x=1")
    assert answer.headers["Location"] == f"{reverse('sign-in')}?next=%2Fme%2F%3Fx%3D1&ended={why}"
    sent = client.post(reverse("me"), {"theme": "dark"}, headers={"Referer": "http://testserver/me/"})
    assert sent.headers["Location"] == f"{reverse('sign-in')}?next=%2Fme%2F&ended={why}"
    part = client.get(reverse("me"), headers={"HX-Request": "true"})
    assert (part.status_code, f"ended={why}" in part.headers["HX-Redirect"]) == (401, True)
    assert client.get("/api/me").status_code == 401
    said = client.get(answer.headers["Location"], headers={"Accept-Language": "en"}).content.decode()
    assert {"idle": "30 minutes without activity", "age": "after 1 day"}[why] in said
    assert UserSession.objects.get().seen_at < timezone.now() - datetime.timedelta(minutes=29) or why == "age"
    sign_in(client, User.objects.get())
    assert client.get(reverse("me")).status_code == 200


def test_what_a_page_asks_for_by_itself_keeps_nobody_signed_in(client: Client) -> None:
    sign_in(client, person())
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    UserSession.objects.update(seen_at=long_ago)
    client.get(reverse("exports"), headers={"X-Part": "progress"})
    assert UserSession.objects.get().seen_at == long_ago


def test_sessions_that_are_over_are_not_listed_and_go_at_night(client: Client) -> None:
    li = person()
    sign_in(client, li)
    now = timezone.now()
    for days in (1, 20):
        UserSession.objects.create(
            session_key=f"old{days}", session_data="", expire_date=now + datetime.timedelta(days=1),
            user=li, seen_at=now - datetime.timedelta(days=days), started_at=now - datetime.timedelta(days=days),
        )  # fmt: skip
    assert [one.pk for one in sessions_of(li, now)] == [client.session.session_key]
    assert actions.forget_sessions(at=now) == 1
    assert not UserSession.objects.filter(pk="old20").exists()


# --- what to begin with -------------------------------------------------------------------------------------------------


def test_the_industry_brings_its_profile_fields(client: Client) -> None:
    client.post(reverse("setup"), FIRST | {"industry": "insurance"})
    assert FieldDefinition.objects.filter(is_column=False).exists()
    assert not ProcrastinateJob.objects.filter(task_name="demo.load").exists()


def test_the_demo_company_is_loaded_in_the_background_and_shows_its_progress(client: Client) -> None:
    answer = client.post(reverse("setup"), FIRST | {"begin": "demo"})
    assert answer.headers["Location"] == reverse("setup-demo")
    assert ProcrastinateJob.objects.filter(task_name="demo.load").count() == 1
    page = client.get(reverse("setup-demo"), headers={"X-Part": "progress"}).content.decode()
    assert "every 1s" in page
    settings_store.write(DemoState(as_of="2026-11-22", progress=100))
    assert "every 1s" not in client.get(reverse("setup-demo")).content.decode()
    settings_store.write(DemoState(problem="已有客户", progress=100))
    assert "已有客户" in client.get(reverse("setup-demo")).content.decode()


def test_the_worker_loads_the_demo_company_once(client: Client) -> None:
    boss = administrator()
    Customer.objects.create(name="真实客户")
    tasks.load_demo(actor_id=boss.pk)
    state = settings_store.read(DemoState)
    assert state.problem
    assert Customer.objects.count() == 1
