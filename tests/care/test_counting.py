"""What waits is counted of the customers somebody sees, without those who must not be contacted now."""

import datetime

import pytest
from django.utils import timezone

from tests.care.world import ON, adviser, customer
from tests.teams.company import administrator
from zhike.care.choices import Rule
from zhike.care.models import Suggestion
from zhike.care.queries import open_lists, open_suggestions

pytestmark = pytest.mark.django_db
NOON = timezone.make_aware(datetime.datetime.combine(ON, datetime.time(12)))
AT_NOON = {"quiet_from": datetime.time(11), "quiet_until": datetime.time(13)}


def waits(owner, rule=Rule.SLIPPING, **fields):
    one = customer(owner, **fields)
    return Suggestion.objects.create(
        customer=one, assignee=owner, rule=rule, gain=1, priority=one.pk, due_on=ON, channel="phone"
    )  # fmt: skip


@pytest.fixture
def yu():
    return adviser("俞晓燕")


@pytest.fixture
def waiting(yu):
    """Two may be contacted at noon, one of them because of a promise; one has quiet hours then, another at night."""
    waits(yu, deleted_at=NOON)
    waits(yu, do_not_disturb=True)
    waits(yu, **AT_NOON)
    night = {"quiet_from": datetime.time(22), "quiet_until": datetime.time(8)}
    return [waits(yu), waits(yu, Rule.PROMISE, **AT_NOON), waits(yu, **night)]


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_the_deleted_and_the_undisturbed_do_not_count_and_the_quiet_count_apart(who, yu, waiting):
    user = yu if who == "owner" else administrator()
    lists = open_lists(user, NOON)
    assert (lists.by_rule(), lists.quiet()) == ({Rule.SLIPPING: 2, Rule.PROMISE: 1}, 1)
    assert [(number, lines) for number, _name, lines in lists.people()] == [(yu.pk, 4)]
    assert [*open_suggestions(user, NOON)] == waiting[::-1]


def test_the_quiet_hours_over_midnight_hold_on_both_sides(yu, waiting):
    for hour in (23, 7):
        lists = open_lists(yu, NOON.replace(hour=hour))
        assert (sum(lists.by_rule().values()), lists.quiet()) == (3, 1)


def test_customers_of_others_do_not_count(yu, waiting):
    assert open_lists(adviser("何嘉明"), NOON).waiting == ()
    assert open_lists(administrator(), NOON).own() == set()
