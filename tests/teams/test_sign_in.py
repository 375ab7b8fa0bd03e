"""Signing in, lock-out, tokens, second factor: through the actions."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken

from tests.teams.company import PASSWORD, administrator, person
from zhike.core import origin
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.teams import access, actions
from zhike.teams.actions.sign_in import LockedOut
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken, Role, SignInLock, User

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def attempt(username: str, password: str, after: int = 0) -> User | None:
    return actions.sign_in(username=username, password=password, at=NOW + datetime.timedelta(minutes=after))


def test_the_right_password_lets_in_whatever_the_case_of_the_name() -> None:
    li = person(username="Li.Lei")
    assert attempt("  li.LEI ", PASSWORD) == li


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer_and_are_recorded() -> None:
    person(username="li")
    assert attempt("li", "wrong") is None
    assert attempt("nobody", "wrong") is None
    assert AuditEntry.objects.filter(verb=AuditVerb.SIGN_IN_FAILED).count() == 2


@pytest.mark.parametrize("name", ["li", "nobody"])
def test_five_failures_lock_a_name_known_or_not_even_for_the_right_password(name: str) -> None:
    person(username="li")
    for _try in range(5):
        assert attempt(name, "wrong") is None
    with pytest.raises(LockedOut):
        attempt(name, PASSWORD)


def test_the_lock_opens_after_a_quarter_of_an_hour_and_counts_anew() -> None:
    li = person(username="li")
    for _try in range(5):
        attempt("li", "wrong")
    with pytest.raises(LockedOut):
        attempt("li", PASSWORD)
    with pytest.raises(LockedOut):
        attempt("li", PASSWORD, after=14)
    assert attempt("li", "wrong", after=16) is None
    assert attempt("li", PASSWORD, after=16) == li


def test_knocking_at_a_locked_door_does_not_lengthen_the_lock() -> None:
    person(username="li")
    for _try in range(5):
        attempt("li", "wrong")
    for minute in range(14):
        with pytest.raises(LockedOut):
            attempt("li", "wrong", after=minute)
    assert attempt("li", PASSWORD, after=15) is not None


def test_success_forgives_the_failures_before_it() -> None:
    person(username="li")
    for _round in range(3):
        for _try in range(4):
            attempt("li", "wrong")
        assert attempt("li", PASSWORD)
    assert not SignInLock.objects.filter(key="name:li").exists()


def test_one_address_that_tries_many_names_is_stopped_and_an_own_account_does_not_reset_it() -> None:
    li = person(username="li")
    with origin.coming_from("web", "10.0.0.9"):
        for number in range(29):
            attempt(f"name{number}", "guess")
        assert attempt("li", PASSWORD) == li
        attempt("another", "guess")
        with pytest.raises(LockedOut):
            attempt("li", PASSWORD)
    with origin.coming_from("web", "10.0.0.10"):
        assert attempt("li", PASSWORD) == li


def test_who_left_cannot_sign_in() -> None:
    person(username="li", is_active=False)
    assert attempt("li", PASSWORD) is None


def test_an_administrator_opens_a_lock() -> None:
    li = person(username="li")
    for _try in range(5):
        attempt("li", "wrong")
    with pytest.raises(LockedOut):
        attempt("li", PASSWORD)
    actions.unlock(actor=administrator(), person_id=li.pk)
    assert attempt("li", PASSWORD) == li


def test_a_salesperson_opens_no_lock() -> None:
    with pytest.raises(PermissionDenied):
        actions.unlock(actor=person(can=[Permission.CUSTOMER_VIEW]), person_id=person(username="li").pk)


# --- second factor ------------------------------------------------------------------------------------------------------


def code_of(device: object, steps: int = 0) -> str:
    totp = TOTP(device.bin_key)  # type: ignore[attr-defined]
    totp.time = timezone.now().timestamp() + 30 * steps
    return f"{totp.token():06d}"


def with_factor(user: User) -> list[str]:
    device = actions.begin_second_factor(actor=user)
    codes = actions.confirm_second_factor(actor=user, code=code_of(device, -1), session_key=None)
    user.refresh_from_db()
    return codes


def test_a_code_works_once() -> None:
    li = person()
    with_factor(li)
    device = li.totpdevice_set.get()
    code = code_of(device)
    assert actions.passes_second_factor(person=li, code=f"{code[:3]} {code[3:]}", at=NOW)
    assert not actions.passes_second_factor(person=li, code=code, at=NOW)


def test_a_recovery_code_works_once_and_is_stored_as_a_digest() -> None:
    li = person()
    codes = with_factor(li)
    assert len(set(codes)) == 10
    assert not StaticToken.objects.filter(token__in=[code.replace("-", "") for code in codes]).exists()
    assert actions.passes_second_factor(person=li, code=codes[3].upper(), at=NOW)
    assert not actions.passes_second_factor(person=li, code=codes[3], at=NOW)


def test_somebody_elses_recovery_code_does_not_work() -> None:
    codes, han = with_factor(person()), person("韩梅梅")
    with_factor(han)
    assert not actions.passes_second_factor(person=han, code=codes[0], at=NOW)


def test_guessing_codes_is_stopped() -> None:
    li = person()
    codes = with_factor(li)
    for _try in range(5):
        assert not actions.passes_second_factor(person=li, code="000000x", at=NOW)
    with pytest.raises(LockedOut):
        actions.passes_second_factor(person=li, code=codes[0], at=NOW)


def test_a_secret_that_was_never_confirmed_is_worth_nothing() -> None:
    li = person()
    device = actions.begin_second_factor(actor=li)
    assert not actions.passes_second_factor(person=li, code=code_of(device), at=NOW)
    with pytest.raises(ValidationError):
        actions.confirm_second_factor(actor=li, code="123", session_key=None)


def test_a_second_secret_does_not_replace_the_one_in_use() -> None:
    li = person()
    with_factor(li)
    with pytest.raises(ValidationError):
        actions.begin_second_factor(actor=li)


def test_removing_it_needs_the_password_or_the_right_to_change_people() -> None:
    li = person()
    with_factor(li)
    with pytest.raises(ValidationError):
        actions.remove_second_factor(actor=li, person_id=li.pk, password="wrong")
    with pytest.raises(PermissionDenied):
        actions.remove_second_factor(actor=person("韩梅梅", can=[]), person_id=li.pk)
    actions.remove_second_factor(actor=administrator(), person_id=li.pk)
    assert not li.totpdevice_set.exists()


# --- tokens -------------------------------------------------------------------------------------------------------------


def test_a_token_is_its_owner_narrowed_to_what_it_names() -> None:
    li = person(can=[Permission.CUSTOMER_VIEW, Permission.ORDER_VIEW])
    _token, secret = actions.create_token(
        actor=li, name="report", permissions=["order.view"], expires_at=NOW + datetime.timedelta(days=1), at=NOW
    )
    found = actions.person_of_token(secret=secret, at=NOW)
    assert found == li
    assert access.rights_of(found).permissions == {"order.view"}
    assert not ApiToken.objects.filter(digest=secret).exists()


def test_a_token_loses_what_its_owner_loses() -> None:
    li = person(can=[Permission.ORDER_VIEW])
    _token, secret = actions.create_token(
        actor=li, name="report", permissions=["order.view"], expires_at=NOW + datetime.timedelta(days=1), at=NOW
    )
    Role.objects.update(permissions=[])
    assert access.rights_of(actions.person_of_token(secret=secret, at=NOW)).permissions == set()  # type: ignore[arg-type]


def test_an_expired_a_revoked_and_an_unknown_token_are_nobody() -> None:
    li = person(can=[Permission.ORDER_VIEW])
    end = NOW + datetime.timedelta(days=1)
    token, secret = actions.create_token(actor=li, name="report", permissions=["order.view"], expires_at=end, at=NOW)
    assert actions.person_of_token(secret=secret, at=end) is None
    assert actions.person_of_token(secret=f"{secret}x", at=NOW) is None
    actions.revoke_token(actor=li, token_id=token.pk, at=NOW)
    assert actions.person_of_token(secret=secret, at=NOW) is None


def test_nobody_makes_a_token_that_may_more_than_they() -> None:
    with pytest.raises(ValidationError):
        actions.create_token(
            actor=person(can=[Permission.ORDER_VIEW]), name="x", permissions=["people.edit"],
            expires_at=NOW + datetime.timedelta(days=1), at=NOW,
        )  # fmt: skip


def test_nobody_revokes_somebody_elses_token() -> None:
    li = person(can=[Permission.ORDER_VIEW])
    token, _secret = actions.create_token(
        actor=li, name="report", permissions=["order.view"], expires_at=NOW + datetime.timedelta(days=1), at=NOW
    )
    with pytest.raises(ApiToken.DoesNotExist):
        actions.revoke_token(actor=person("韩梅梅", can=[Permission.ORDER_VIEW]), token_id=token.pk, at=NOW)
