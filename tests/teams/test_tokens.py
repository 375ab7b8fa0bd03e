"""Keys to the API: what they may at most, what is written down, how they end."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from tests.teams.company import administrator, person
from zhike.core.models import AuditEntry
from zhike.teams.access import is_unlimited, rights_of
from zhike.teams.actions import create_token, person_of_token, revoke_token
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import ApiToken, User

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.UTC)
DAY, SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)
VIEW, ORDERS = "customer.view", "order.view"


def make(actor: User, *permissions: str, name: str = "ERP", until: datetime.datetime = AT + DAY) -> tuple[ApiToken, str]:
    return create_token(actor=actor, name=name, permissions=permissions or [VIEW], expires_at=until, at=AT)


def test_what_is_made_is_kept_without_its_secret_and_written_down() -> None:
    li = person(can=[Permission.CUSTOMER_VIEW, Permission.ORDER_VIEW])
    token, secret = make(li, ORDERS, VIEW, ORDERS, name=f" {'长' * 80} ")
    token.refresh_from_db()
    assert (token.user, token.name, token.hint, token.permissions, token.expires_at, token.revoked_at, token.used_at) == (
        li, "长" * 60, secret[-4:], [VIEW, ORDERS], AT + DAY, None, None,
    )  # fmt: skip
    assert secret.startswith("zk_")
    assert len(secret) == 46  # 32 random bytes
    assert secret[3:] not in str([vars(one) for one in ApiToken.objects.all()] + [vars(one) for one in AuditEntry.objects.all()])
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.object_id, entry.note) == (li, "created", token.pk, "长" * 80)
    assert entry.changes == {"permissions": [[], [VIEW, ORDERS]], "expires_at": [None, (AT + DAY).isoformat()]}


def test_a_key_without_name_rights_or_a_future_is_refused_at_its_field() -> None:
    li = person(can=[Permission.CUSTOMER_VIEW])
    for field, wrong in (("name", {"name": " "}), ("permissions", {"permissions": []}), ("expires_at", {"expires_at": AT})):
        with pytest.raises(ValidationError) as problem:
            create_token(**{"actor": li, "name": "x", "permissions": [VIEW], "expires_at": AT + DAY, "at": AT} | wrong)  # type: ignore[arg-type]
        assert list(problem.value.message_dict) == [field]
    with pytest.raises(ValidationError) as problem:
        make(li, VIEW, ORDERS)  # more than one's own
    assert list(problem.value.message_dict) == ["permissions"]
    assert not ApiToken.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_key_opens_until_its_last_moment_and_says_when_it_was_used() -> None:
    li = person(can=[Permission.CUSTOMER_VIEW, Permission.ORDER_VIEW], scope=Scope.ALL)
    (token, secret), (other, _secret) = make(li, ORDERS), make(li)
    who = person_of_token(secret=secret, at=AT + DAY - SECOND)
    assert who == li
    assert rights_of(who).permissions == {ORDERS}
    assert rights_of(who).everything
    assert person_of_token(secret=secret, at=AT + DAY) is None
    assert person_of_token(secret=f"{secret}x", at=AT) is None
    for later, kept in ((datetime.timedelta(minutes=1), False), (datetime.timedelta(minutes=1, seconds=1), True)):
        ApiToken.objects.filter(pk=token.pk).update(used_at=AT)
        person_of_token(secret=secret, at=AT + later)
        token.refresh_from_db()
        assert (token.used_at != AT) is kept  # one line a minute is enough
    other.refresh_from_db()
    assert other.used_at is None


def test_a_narrow_key_of_an_administrator_is_limited() -> None:
    boss = administrator()
    assert is_unlimited(boss)
    _token, secret = make(boss)
    who = person_of_token(secret=secret, at=AT)
    assert who is not None
    assert not is_unlimited(who)
    assert not is_unlimited(person(can=list(Permission), scope=Scope.ALL))


def test_one_ends_ones_own_keys_and_an_administrator_anybodys() -> None:
    li, han, boss = person(can=[Permission.CUSTOMER_VIEW]), person("韩", can=list(Permission), scope=Scope.ALL), administrator()
    tokens = [make(li)[0] for _each in range(3)]
    for stranger in (han, person(can=[Permission.CUSTOMER_VIEW])):
        with pytest.raises(ApiToken.DoesNotExist):
            revoke_token(actor=stranger, token_id=tokens[0].pk, at=AT)
    for who, token in ((li, tokens[0]), (boss, tokens[1])):
        revoke_token(actor=who, token_id=token.pk, at=AT)
        entry = AuditEntry.objects.get(verb="deleted", object_id=token.pk)
        assert (entry.actor, entry.object_type, entry.note) == (who, "apitoken", "ERP")
        with pytest.raises(ApiToken.DoesNotExist):
            revoke_token(actor=who, token_id=token.pk, at=AT + DAY)  # it is over
    assert list(ApiToken.objects.order_by("pk").values_list("revoked_at", flat=True)) == [AT, AT, None]


def test_a_key_of_somebody_who_left_opens_nothing() -> None:
    li = person(can=[Permission.CUSTOMER_VIEW])
    _token, secret = make(li)
    User.objects.filter(pk=li.pk).update(is_active=False)
    assert person_of_token(secret=secret, at=AT) is None
