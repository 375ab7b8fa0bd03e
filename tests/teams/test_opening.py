"""Who asks: found with one query, always as things stand now."""

import datetime

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from zhike.teams.access import rights_of
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Role, User
from zhike.teams.session_store import SessionStore

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    return str(session.session_key)


def test_session_person_and_rights_come_with_one_query(django_assert_num_queries):
    li = User.objects.create(username="li", name="李雷")
    seller = Role.objects.create(name="销售", permissions=[Permission.CUSTOMER_VIEW], scope=Scope.OWN)
    clerk = Role.objects.create(name="文员", permissions=[Permission.ORDER_VIEW], clearance=Confidentiality.SECRET)
    li.roles.set([seller, clerk])
    today = timezone.localdate()
    away = User.objects.create(username="han", name="韩梅梅", deputy=li, away_from=today, away_until=today)
    User.objects.create(
        username="back", name="归来", deputy=li, away_from=today - datetime.timedelta(9), away_until=today - datetime.timedelta(2)
    )
    key = signed_in(li)
    with django_assert_num_queries(1):
        person = SessionStore(key).person
        assert person == li
        rights = rights_of(person)
    assert rights == rights_of(User.objects.get(pk=li.pk))
    assert rights.owners == (li.pk, away.pk)
    li.roles.clear()
    assert not rights_of(SessionStore(key).person).permissions


def test_a_session_that_is_over_is_nobodys():
    li = User.objects.create(username="li", name="李雷")
    key = signed_in(li)
    SessionStore.get_model_class().objects.filter(pk=key).update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert SessionStore(key).person is None
    assert SessionStore("unknown").person is None
    assert SessionStore().person is None


def test_who_changed_the_password_or_left_is_signed_out_elsewhere(client):
    li = User.objects.create(username="li", name="李雷", is_administrator=True)
    client.cookies["sessionid"] = signed_in(li)
    assert client.get("/").status_code == 200
    li.set_password("another long word")
    li.save()
    assert client.get("/").status_code == 302
    client.cookies["sessionid"] = signed_in(li)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=li.pk).update(is_active=False)
    assert client.get("/").status_code == 302
