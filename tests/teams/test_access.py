"""Who sees whom: the SQL scope against plain Python on random organisations."""

import datetime
from dataclasses import dataclass, field

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from tests.teams.company import administrator, department, person, role
from zhike.customers.models import Customer, CustomerShare
from zhike.teams.access import away_with_deputy, rights_of
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Department, Role, User

SCOPES = list(Scope)
PEOPLE, CUSTOMERS, DEPARTMENTS = 20, 60, 12
PERMISSIONS = (Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT)


@dataclass
class Person:
    department: int | None
    manager: int | None
    roles: list[tuple[frozenset[Permission], Scope]]
    deputy: int | None = None
    away: tuple[int, int | None] | None = None  # days from today
    active: bool = True


@dataclass
class Company:
    """An organisation as plain values; everything points to a place in its list."""

    departments: list[int | None]  # the parent of each, always before it
    people: list[Person]
    customers: list[tuple[int | None, int | None, bool]]  # owner, department, deleted
    shares: dict[tuple[int, int], bool] = field(default_factory=dict)  # (customer, person): may edit


# --- the reference: nothing but loops -------------------------------------------------------------------------------------


def may(company: Company, viewer: int, permission: Permission) -> bool:
    me = company.people[viewer]
    return me.active and any(permission in permissions for permissions, _scope in me.roles)


def is_below(company: Company, department: int, top: int) -> bool:
    place: int | None = department
    while place is not None:
        if place == top:
            return True
        place = company.departments[place]
    return False


def reports_to(company: Company, one: int, boss: int) -> bool:
    seen: set[int] = set()
    place = company.people[one].manager
    while place is not None and place not in seen:
        if place == boss:
            return True
        seen.add(place)
        place = company.people[place].manager
    return False


def stands_in_for(company: Company, viewer: int, owner: int) -> bool:
    absent = company.people[owner]
    if absent.deputy != viewer or absent.away is None or not absent.active:
        return False
    start, end = absent.away
    return start <= 0 and (end is None or end >= 0)


def in_scope(company: Company, viewer: int, owner: int | None, department: int | None) -> bool:
    me = company.people[viewer]
    scope = max((scope for _permissions, scope in me.roles), key=SCOPES.index)
    if scope == Scope.ALL:
        return True
    if owner is not None and (owner == viewer or stands_in_for(company, viewer, owner)):
        return True
    if scope == Scope.SUBORDINATES:
        return owner is not None and reports_to(company, owner, viewer)
    if me.department is None or department is None:
        return False
    if scope == Scope.DEPARTMENT:
        return department == me.department
    return scope == Scope.DEPARTMENT_BELOW and is_below(company, department, me.department)


def seen_by(company: Company, viewer: int, *, to_edit: bool) -> set[int]:
    if not may(company, viewer, Permission.CUSTOMER_VIEW) or (to_edit and not may(company, viewer, Permission.CUSTOMER_EDIT)):
        return set()
    found = set()
    for number, (owner, place, deleted) in enumerate(company.customers):
        shared = company.shares.get((number, viewer))
        by_share = shared is not None and (shared or not to_edit)
        if not deleted and (by_share or in_scope(company, viewer, owner, place)):
            found.add(number)
    return found


# --- random companies -----------------------------------------------------------------------------------------------------

a_role = st.tuples(st.frozensets(st.sampled_from(PERMISSIONS)), st.sampled_from(SCOPES))


@st.composite
def companies(draw: st.DrawFn) -> Company:
    departments: list[int | None] = []
    depth: list[int] = []
    for number in range(draw(st.integers(1, DEPARTMENTS))):
        above = [place for place in range(number) if depth[place] < 5]
        parent = draw(st.one_of(st.none(), st.sampled_from(above))) if above else None
        departments.append(parent)
        depth.append(0 if parent is None else depth[parent] + 1)
    places = st.one_of(st.none(), st.integers(0, len(departments) - 1))
    count = draw(st.integers(2, PEOPLE))
    people = [draw(_person(number, count, places)) for number in range(count)]
    owner = st.one_of(st.none(), st.integers(0, count - 1))
    customers = draw(st.lists(st.tuples(owner, places, st.sampled_from([False] * 7 + [True])), min_size=1, max_size=CUSTOMERS))
    pairs = st.tuples(st.integers(0, len(customers) - 1), st.integers(0, count - 1))
    return Company(departments, people, customers, draw(st.dictionaries(pairs, st.booleans(), max_size=10)))


@st.composite
def _person(draw: st.DrawFn, number: int, count: int, places: st.SearchStrategy[int | None]) -> Person:
    others = [other for other in range(count) if other != number]
    somebody = st.one_of(st.none(), st.sampled_from(others))
    start = draw(st.one_of(st.none(), st.integers(-5, 5)))
    length = draw(st.one_of(st.none(), st.integers(0, 8)))
    away = None if start is None else (start, None if length is None else start + length)
    # managers may also form a circle: the screens refuse it, the database does not
    return Person(
        draw(places), draw(somebody), draw(st.lists(a_role, max_size=2)), draw(somebody), away,
        draw(st.sampled_from([True] * 9 + [False])),
    )  # fmt: skip


def found_in_database(company: Company) -> tuple[list[User], list[Customer]]:
    departments: list[Department] = []
    for number, parent in enumerate(company.departments):
        departments.append(Department.objects.create(name=f"d{number}", parent=departments[parent] if parent is not None else None))
    today = timezone.localdate()
    users = User.objects.bulk_create(
        [
            User(
                username=f"p{number}", name=f"p{number}", is_active=one.active,
                department=departments[one.department] if one.department is not None else None,
                away_from=_day(today, one.away[0]) if one.away else None,
                away_until=_day(today, one.away[1]) if one.away and one.away[1] is not None else None,
            )
            for number, one in enumerate(company.people)
        ]
    )  # fmt: skip
    for user, one in zip(users, company.people, strict=True):
        user.manager = users[one.manager] if one.manager is not None else None
        user.deputy = users[one.deputy] if one.deputy is not None else None
    User.objects.bulk_update(users, ["manager", "deputy"])
    kinds: dict[tuple[frozenset[Permission], Scope], Role] = {}
    for user, one in zip(users, company.people, strict=True):
        for kind in one.roles:
            if kind not in kinds:
                kinds[kind] = Role.objects.create(name=f"r{len(kinds)}", permissions=sorted(kind[0]), scope=kind[1])
            user.roles.add(kinds[kind])
    customers = Customer.objects.bulk_create(
        [
            Customer(
                name=f"c{number}", owner=users[owner] if owner is not None else None,
                department=departments[place] if place is not None else None, deleted_at=timezone.now() if deleted else None,
            )
            for number, (owner, place, deleted) in enumerate(company.customers)
        ]
    )  # fmt: skip
    CustomerShare.objects.bulk_create(
        [CustomerShare(customer=customers[c], user=users[p], can_edit=edit) for (c, p), edit in company.shares.items()]
    )
    return users, customers


def _day(today: datetime.date, days: int) -> datetime.date:
    return today + datetime.timedelta(days=days)


class TestScope(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(companies())
    def test_everybody_sees_and_edits_exactly_whom_the_rules_say(self, company: Company) -> None:
        users, customers = found_in_database(company)
        names = [customer.pk for customer in customers]
        for number, user in enumerate(users):
            seen = set(Customer.objects.visible_to(user).values_list("pk", flat=True))
            assert seen == {names[one] for one in seen_by(company, number, to_edit=False)}, (number, company.people[number])
            edited = set(Customer.objects.editable_by(user).values_list("pk", flat=True))
            assert edited == {names[one] for one in seen_by(company, number, to_edit=True)}, (number, company.people[number])
            assert edited <= seen


# --- by hand --------------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db
VIEW = [Permission.CUSTOMER_VIEW]


def names_seen(user: User) -> set[str]:
    return set(Customer.objects.visible_to(user).values_list("name", flat=True))


def test_without_a_role_nobody_sees_anything() -> None:
    li = person()
    Customer.objects.create(name="客户", owner=li)
    assert names_seen(li) == set()


def test_an_administrator_sees_all_but_the_deleted() -> None:
    Customer.objects.create(name="客户")
    Customer.objects.create(name="已删", deleted_at=timezone.now())
    assert names_seen(administrator()) == {"客户"}


def test_who_left_sees_nothing_even_with_roles() -> None:
    li = person(can=VIEW, scope=Scope.ALL, is_active=False)
    Customer.objects.create(name="客户", owner=li)
    assert names_seen(li) == set()


def test_the_widest_scope_and_the_highest_clearance_of_the_roles_count() -> None:
    li = person(can=VIEW)
    li.roles.add(role([], scope=Scope.ALL, clearance=Confidentiality.SECRET))
    rights = rights_of(li)
    assert rights.everything
    assert rights.shows(Confidentiality.SECRET)


def test_a_deputy_sees_for_the_absent_during_these_days_only() -> None:
    tao, today = person("林涛", can=VIEW), timezone.localdate()
    li = person("李雷", deputy=tao)
    Customer.objects.create(name="客户", owner=li)
    for start, end, seen in ((0, 0, True), (-3, None, True), (1, 3, False), (-3, -1, False)):
        User.objects.filter(pk=li.pk).update(away_from=_day(today, start), away_until=None if end is None else _day(today, end))
        assert bool(names_seen(User.objects.get(pk=tao.pk))) is seen
    assert away_with_deputy(tao.pk, _day(today, -2)) == (li.pk,)


def test_a_department_moved_away_is_out_of_sight_at_once() -> None:
    top, other = department(), department()
    shop = department(parent=top)
    li = person(can=VIEW, scope=Scope.DEPARTMENT_BELOW, department=top)
    Customer.objects.create(name="客户", department=shop)
    assert names_seen(li) == {"客户"}
    shop.parent = other
    shop.save()
    assert names_seen(User.objects.get(pk=li.pk)) == set()
