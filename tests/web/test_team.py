"""The manager's view of Today."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.care.world import SELL
from tests.teams.company import department, person
from zhike.care.choices import Rule
from zhike.care.models import Suggestion
from zhike.customers.choices import Channel
from zhike.customers.models import Customer, Interaction
from zhike.teams.choices import Scope
from zhike.teams.models import Department, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Department:
    return department("一店")


@pytest.fixture
def head(client: Client, shop: Department) -> User:
    found = person("王店长", can=SELL, scope=Scope.DEPARTMENT, department=shop, language="en")
    client.force_login(found)
    return found


def busy(person: User, name: str) -> Customer:
    """A customer with an open suggestion, one done, one postponed and one refused just now, a promise that is late and a visit."""
    now = timezone.now()
    customer = Customer.objects.create(name=name, owner=person, department=person.department)
    states = {Rule.SLIPPING: "open", Rule.BIRTHDAY: "done", Rule.QUESTION: "postponed", Rule.NO_CONTACT: "refused"}
    for rule, state in states.items():
        answer = {} if state == "open" else {"decided_by": person, "decided_at": now}
        Suggestion.objects.create(
            customer=customer, assignee=person, rule=rule, facts={"days": 40, "rhythm": 30, "silent": 75}, gain=1, priority=1,
            due_on=now.date(), channel=Channel.PHONE, state=state, **answer,
        )  # fmt: skip
    for kind, hours in (("call", -30), ("visit", 30), ("call", 30)):
        at = now + datetime.timedelta(hours=hours)
        Interaction.objects.create(customer=customer, kind=kind, state="planned", at=at, staff=person)
    return customer


def test_each_figure_of_each_person_leads_to_what_it_counts(client: Client, head: User, shop: Department) -> None:
    li = person("李雷", can=SELL, department=shop)
    busy(li, "张伟")
    stranger = person("林涛", can=SELL, department=department("二店"))
    busy(stranger, "别店客户")
    page = client.get("/today/team/").content.decode()
    assert "李雷" in page
    assert "林涛" not in page
    figures = [
        (link.replace("&amp;", "&"), number)
        for link, number in re.findall(r'<td class="num[^"]*"><a href="([^"]+)"[^>]*>(\d+)</a>', page)
    ]
    assert [number for _link, number in figures] == ["1"] * 6
    for link, _number in figures[1:]:
        listed = client.get(link).content.decode()
        assert "张伟" in listed
        assert "别店客户" not in listed
        assert "No match" not in listed
    assert f"who={li.pk}" in figures[0][0]
    for route in ("answers", "planned"):
        assert "No match" in client.get(f"/today/{route}/?person={li.pk}&rule=promise&kind=gift").content.decode()
        assert "别店客户" not in client.get(f"/today/{route}/?person={stranger.pk}").content.decode()


@pytest.mark.parametrize("people", [1, 3])
def test_the_team_takes_the_same_queries_for_any_number_of_people(
    client: Client, head: User, shop: Department, people: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(people):
        busy(person(f"顾问{number}", can=SELL, department=shop), f"客户{number}")
    with django_assert_max_num_queries(10):
        assert client.get("/today/team/").status_code == 200
