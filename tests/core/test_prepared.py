"""Prepared queries give what their querysets give."""

import datetime

import psycopg
import pytest
from django.db import connection
from django.db.models import Count, Q, Value
from django.utils import timezone

from zhike.core.prepared import Prepared, Shelf, written
from zhike.teams.models import Department, User

pytestmark = pytest.mark.django_db


def people_of(department, joined):
    return User.objects.filter(department=department, joined_on__gte=joined).select_related("department").annotate(said=Value("x"))


def test_asks_again_with_other_values_in_one_query(django_assert_num_queries):
    first, second = Department.objects.create(name="一部"), Department.objects.create(name="二部")
    for number, department in enumerate([first, first, second]):
        User.objects.create(
            username=f"u{number}", name=f"人{number}", department=department, joined_on=datetime.date(2020, 1, number + 1)
        )
    prepared = Prepared(people_of, int, datetime.date)
    with django_assert_num_queries(3):
        assert [one.username for one in prepared(first.pk, datetime.date(2020, 1, 1))] == ["u0", "u1"]
        assert [one.username for one in prepared(first.pk, datetime.date(2020, 1, 2))] == ["u1"]
        found = prepared.first(second.pk, datetime.date(2020, 1, 1))
        assert (found.username, found.department.name, found.said) == ("u2", "二部", "x")
    assert prepared.first(second.pk, datetime.date(2021, 1, 1)) is None


def test_gives_values_and_counts_as_the_queryset_does():
    User.objects.create(username="a", name="甲")
    by_name = Prepared(lambda name: User.objects.filter(name=name).values("name").annotate(n=Count("pk")), str)
    assert by_name("甲") == [{"name": "甲", "n": 1}]
    assert by_name("100%") == []
    flat = Prepared(lambda now: User.objects.filter(last_login__lt=now).values_list("pk", flat=True), datetime.datetime)
    assert flat(timezone.now()) == []


def test_of_nothing_is_nothing_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Prepared(lambda pk: User.objects.none().filter(pk=pk), int)(1) == []


def test_where_a_part_is_empty_the_query_is_put_together_each_time():
    """As for somebody who may see nothing: the value goes with the part that Django leaves out."""
    one = User.objects.create(username="u1", name="一")
    prepared = Prepared(lambda pk, other: User.objects.filter(pk=pk) | User.objects.none().filter(pk=other), int, int)
    assert [prepared(one.pk, 1), prepared(one.pk + 1, 1)] == [[one], []]
    lost = Prepared(lambda pk: User.objects.filter(pk=pk + 1), int)
    assert lost(one.pk - 1) == [one]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_not_used_again():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    assert connection.is_usable()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    assert not connection.is_usable()
    connection.close()


def test_a_condition_is_the_key_of_what_it_asks():
    asked = Q(name="a", number__in=[1, 2]) | ~Q(owner=None)
    assert written(asked) == written(Q(name="a", number__in=[1, 2]) | ~Q(owner=None))
    assert written(asked) != written(Q(name="a", number__in=[2, 1]) | ~Q(owner=None))
    assert written(Q(flag=True)) != written(Q(flag=1))
    with pytest.raises(TypeError):
        written(Q(pk__in=User.objects.all()))


def test_a_shelf_keeps_what_was_asked_for_lately():
    shelf = Shelf(2)
    first = shelf.get("first", User.objects.all)
    shelf.get("second", User.objects.all)
    assert shelf.get("first", User.objects.all) is first
    shelf.get("third", User.objects.all)
    assert shelf.get("first", User.objects.all) is first
    assert shelf.get("second", User.objects.all) is not first
