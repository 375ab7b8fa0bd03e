"""Getting in: tokens, the signed-in browser, languages, limits, and how refusals look."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.api.client import Answer, Api
from tests.teams.company import person
from zhike.api import limits
from zhike.teams.actions import change_account, end_employment
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import ApiToken, Department, User

pytestmark = pytest.mark.django_db


def test_nobody_gets_in_without_a_token_or_a_session():
    answer = Api(Client(), {}).get("/me")
    assert answer.status == 401
    assert (answer["error"], answer.headers["WWW-Authenticate"]) == ("unauthenticated", "Bearer")
    assert set(answer.body) == {"error", "message", "fields", "reference"}


@pytest.mark.parametrize("header", ["Bearer zk_wrong", "Bearer ", "Basic YTpi", "zk_x", "Bearer \u00ff"])
def test_a_wrong_token_is_refused_even_with_a_session(header):
    inside = Api.in_browser(person())
    inside.headers = {"Authorization": header}
    answer = inside.get("/me")
    assert answer.status == 401
    assert (answer["error"], answer.headers["WWW-Authenticate"]) == ("unauthenticated", 'Bearer error="invalid_token"')


def test_a_token_says_who_asks_and_what_it_may():
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW, Permission.ORDER_VIEW])
    me = Api.with_token(anna, [Permission.ORDER_VIEW]).get("/me")
    assert me["name"] == "安娜"
    assert me["permissions"] == ["order.view"]


def test_a_token_can_do_less_than_its_owner(boss):
    narrow = Api.with_token(boss, [Permission.CUSTOMER_VIEW])
    assert narrow.get("/roles").status == 403
    assert narrow.post("/departments", {"name": "x"}).status == 403
    assert Department.objects.count() == 0


def test_a_token_ends_with_its_time(boss):
    api = Api.with_token(boss, days=1)
    assert api.get("/me").status == 200
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1, seconds=1), tick=False):
        assert api.get("/me").status == 401


def test_a_revoked_token_is_dead_at_once(api, boss):
    token = ApiToken.objects.get()
    assert api.delete(f"/me/tokens/{token.pk}").status == 204
    assert api.get("/me").status == 401


def test_who_left_is_out_at_once(boss):
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW])
    token, browser = Api.with_token(anna), Api.in_browser(anna)
    assert (token.get("/me").status, browser.get("/me").status) == (200, 200)
    end_employment(actor=boss, person_id=anna.pk, successors=[], left_on=timezone.localdate())
    assert (token.get("/me").status, browser.get("/me").status) == (401, 401)


def test_a_disabled_account_is_out_even_when_its_token_was_forgotten(boss):
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW])
    token = Api.with_token(anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert token.get("/me").status == 401


def test_who_must_choose_a_password_does_that_first():
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW])
    token, browser = Api.with_token(anna), Api.in_browser(anna)
    User.objects.filter(pk=anna.pk).update(must_change_password=True)
    assert token.get("/me").status == 401
    assert browser.get("/me").status == 403


def test_a_browser_must_prove_that_the_request_is_its_own(boss):
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    browser = Api(client, {})
    assert browser.get("/me").status == 200
    answer = browser.post("/departments", {"name": "维修"})
    assert (answer.status, answer["error"]) == (403, "csrf")
    client.cookies["csrftoken"] = "a" * 32
    assert browser.post("/departments", {"name": "维修"}, X_CSRFToken="a" * 32).status == 201


def test_a_token_needs_no_csrf_proof(boss):
    api = Api.with_token(boss)
    api.client.handler.enforce_csrf_checks = True
    assert api.post("/departments", {"name": "维修"}).status == 201


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("POST", "/me/password", {"old": "x", "new": "y"}),
        ("POST", "/me/tokens", {"name": "x", "permissions": ["customer.view"], "expires_at": "2030-01-01T00:00:00Z"}),
        ("POST", "/me/second-factor", {}),
        ("GET", "/me/sessions", None),
    ],
)
def test_a_stolen_token_reaches_no_password_and_no_further_token(api, method, path, data):
    answer = api.send(method, path, data)
    assert (answer.status, answer["error"]) == (403, "forbidden")
    assert ApiToken.objects.count() == 1


def test_a_browser_makes_a_token_that_works(boss):
    made = Api.in_browser(boss).post(
        "/me/tokens", {"name": "ERP", "permissions": ["customer.view"], "expires_at": "2099-01-01T00:00:00Z"}
    )
    assert made.status == 201
    erp = Api(Client(), {"Authorization": f"Bearer {made['secret']}"})
    assert erp.get("/me")["permissions"] == ["customer.view"]
    assert "secret" not in erp.get("/me/tokens")["items"][0]


def test_refusals_speak_the_callers_language(boss):
    api = Api.with_token(boss)
    assert api.get("/people/999999")["message"] == "内容不存在，或您无权查看。"
    assert api.get("/people/999999", Accept_Language="en")["message"] == "It does not exist, or you may not see it."
    change_account(actor=boss, language="en", theme="auto")
    assert api.get("/people/999999")["message"] == "It does not exist, or you may not see it."


def test_an_unknown_address_answers_in_the_same_shape(api):
    for path in ("/nothing", "/people/x", "/customers/1/2/3"):
        answer = api.get(path)
        assert (answer.status, answer["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1,", b'{"name": NaN}', b'{"name": "a\\u0000"}', b'{"name": "\\ud800"}', b"[" * 100_000, b"\xff\xfe", b"1" * 5000],
)
def test_what_is_no_json_is_refused(api, body):
    response = api.client.generic("POST", "/api/departments", body, content_type="application/json", headers=api.headers)
    assert response.status_code in (400, 422)
    assert Answer(response)["error"] in ("unreadable", "invalid")
    assert Department.objects.count() == 0


def test_a_body_without_end_is_refused(api):
    body = b'{"name": "' + b"a" * 6_000_000 + b'"}'
    response = api.client.generic("POST", "/api/departments", body, content_type="application/json", headers=api.headers)
    assert response.status_code == 413


def test_unknown_fields_and_filters_are_refused(api):
    answer = api.post("/departments", {"name": "维修", "is_superuser": True, "id": 7})
    assert answer.status == 422
    assert answer["fields"] == {"is_superuser": ["没有这个字段。"], "id": ["没有这个字段。"]}
    answer = api.get("/people?is_actve=true")
    assert (answer.status, list(answer["fields"])) == (422, ["is_actve"])


def test_too_long_is_said_with_the_limit(api):
    answer = api.post("/departments", {"name": "长" * 81}, Accept_Language="en")
    assert answer["fields"] == {"name": ["At most 80 characters."]}


def test_too_many_requests_are_told_when_to_come_back(api, monkeypatch):
    monkeypatch.setattr(limits, "usual", limits.Limiter(2))
    assert [api.get("/me").status for _ in range(3)] == [200, 200, 429]
    assert int(api.get("/me").headers["Retry-After"]) >= 1


def test_the_allowance_comes_back_with_time():
    now = [0.0]
    limiter = limits.Limiter(60, clock=lambda: now[0])
    assert [limiter.wait("a") for _ in range(61)][-1] > 0
    assert limiter.wait("b") == 0
    now[0] = 1.0
    assert limiter.wait("a") == 0


def test_answers_are_kept_by_no_cache_and_run_no_script(api):
    answer = api.get("/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_the_api_can_do_is_for_insiders():
    outside = Client()
    assert outside.get("/api/openapi.json").status_code == 401
    response = outside.get("/api/docs", headers={"Accept": "text/html"})
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in")


def test_the_docs_page_loads_only_our_own_files():
    page = Api.in_browser(person(can=[], scope=Scope.OWN)).client.get("/api/docs")
    html = page.content.decode()
    assert page.status_code == 200
    assert "/static/ninja/swagger-ui-bundle.js" in html
    assert "http" not in html.replace("http-equiv", "")
    from django.contrib.staticfiles import finders

    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "swagger-ui-init.js"):
        assert finders.find(f"ninja/{name}")
