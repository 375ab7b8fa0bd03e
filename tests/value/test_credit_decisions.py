"""Credit beyond the rules: asked, told, decided, ended; who may and who may not; the order form warns."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation

from zhike.core.models import AuditEntry
from zhike.customers.actions.merging import merge_customers
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.teams.models import Notice, Role, User
from zhike.value import actions, queries
from zhike.value.models import Analysis, CreditDecision, Finding, Run
from zhike.value.writeback import FINDINGS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
NOW = timezone.now()
TODAY = timezone.localdate()
SELLING = ("customer.view", "customer.edit", "order.view", "order.edit", "value.view")


def person(name: str, *permissions: str, scope: str = "own", clearance: str = "confidential") -> User:
    role = Role.objects.create(name=f"{name} role", permissions=list(permissions), scope=scope, clearance=clearance)
    user = User.objects.create(username=name, name=name, language="en")
    user.roles.add(role)
    return user


@pytest.fixture
def seller(db: None) -> User:
    return person("wang", *SELLING)


@pytest.fixture
def manager(db: None) -> User:
    return person("lin", *SELLING, "credit.approve", scope="all")


@pytest.fixture
def customer(seller: User) -> Customer:
    """Rated B, bought for 100,000 in a year: a limit of 20,000, thirty days."""
    found = Customer.objects.create(name="海通物流有限公司", kind="organisation", owner=seller)
    run = Run.objects.create(as_of=TODAY, state="done")
    one = Analysis.objects.create(kind="credit", state="done", is_current=True, run=run, as_of=TODAY, report={"watch": None})
    detail = json.dumps({
        "initial": "B", "steps": [], "yearly": {"revenue": 100000.0, "margin": 30000.0}, "limit": 20000, "terms": 30, "due": 12,
        "late": 0, "worst": 0, "how": "learned", "chance": 0.05, "reasons": [],
    })  # fmt: skip
    columns = {"analysis_id": [one.pk], "customer_id": [found.pk], "group": ["B"], "value": [590.0], "detail": [detail]}
    with transaction.atomic():
        FINDINGS.store(one.pk, pa.table(columns))
    assert Finding.objects.get().group == "B"
    return found


def owe(customer: Customer, amount: int, *, late: int = 0) -> None:
    at, due = NOW - datetime.timedelta(days=90), TODAY - datetime.timedelta(days=late)
    Order.objects.create(customer=customer, ordered_at=at, amount=amount, due_on=due)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_only_who_is_cleared_for_credit_is_told_of_a_request(customer: Customer, seller: User, manager: User) -> None:
    person("zhou", *SELLING, "credit.approve", scope="all", clearance="internal")
    actions.ask_credit(actor=seller, customer=customer.pk, limit=Decimal(50000), reason="Peak season", at=NOW)
    assert [one.user for one in Notice.objects.filter(kind="credit.asked")] == [manager]


def test_how_a_customer_stands_follows_the_facts_of_the_day(customer: Customer, seller: User) -> None:
    standing = queries.standing_of(seller, customer.pk, TODAY)
    assert standing
    assert (standing.grade, standing.limit, standing.terms, standing.free) == ("B", 20000, 30, 20000)
    owe(customer, 5000, late=10)
    standing = queries.standing_of(seller, customer.pk, TODAY)
    assert standing
    assert (standing.initial, standing.grade, standing.limit, standing.free) == ("B", "C", 10000, 5000)
    assert standing.steps == (("overdue", 10),)


def test_asked_told_decided(customer: Customer, seller: User, manager: User) -> None:
    asked = actions.ask_credit(actor=seller, customer=customer.pk, reason="旺季备货", limit=Decimal(50000), at=NOW)
    assert asked.state == "asked"
    assert asked.rated["limit"] == "20000"
    (told,) = Notice.objects.filter(kind="credit.asked")
    assert (told.user, told.url) == (manager, f"/value/credit/{customer.pk}/")
    with pytest.raises(ValidationError):
        actions.ask_credit(actor=seller, customer=customer.pk, reason="again", terms=60, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.decide_credit(actor=seller, decision=asked.pk, approve=True, at=NOW)
    with pytest.raises(ValidationError):
        actions.decide_credit(actor=manager, decision=asked.pk, approve=False, at=NOW)
    actions.decide_credit(actor=manager, decision=asked.pk, approve=True, answer="只到月底", at=NOW)
    with pytest.raises(ValidationError):
        actions.decide_credit(actor=manager, decision=asked.pk, approve=False, answer="nein", at=NOW)
    standing = queries.standing_of(seller, customer.pk, TODAY)
    assert standing
    assert (standing.grade, standing.limit, standing.terms) == ("B", 50000, 30)
    assert Notice.objects.filter(user=seller, kind="credit.approved").count() == 1
    assert AuditEntry.objects.filter(object_type="creditdecision").count() == 2


def test_who_may_approve_grants_at_once_and_what_was_in_force_ends(customer: Customer, manager: User) -> None:
    first = actions.ask_credit(actor=manager, customer=customer.pk, reason="担保", guarantee=Decimal(8000), at=NOW)
    standing = queries.standing_of(manager, customer.pk, TODAY)
    assert standing
    assert (standing.grade, standing.limit) == ("A", 38000)
    second = actions.ask_credit(actor=manager, customer=customer.pk, reason="新协议", grade="D", terms=0, at=NOW)
    assert [CreditDecision.objects.get(pk=one.pk).state for one in (first, second)] == ["ended", "approved"]
    standing = queries.standing_of(manager, customer.pk, TODAY)
    assert standing
    assert (standing.grade, standing.limit, standing.terms) == ("D", 5000, 0)
    actions.end_credit(actor=manager, decision=second.pk, at=NOW)
    standing = queries.standing_of(manager, customer.pk, TODAY)
    assert standing
    assert standing.grade == "B"
    with pytest.raises(ValidationError):
        actions.end_credit(actor=manager, decision=second.pk, at=NOW)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "limit"),
        ({"grade": "F"}, "grade"),
        ({"limit": Decimal(-1)}, "limit"),
        ({"terms": 400}, "terms"),
        ({"terms": 30, "reason": " "}, "reason"),
        ({"guarantee": Decimal(10) ** 12}, "guarantee"),
    ],
)
def test_what_makes_no_sense_is_refused(customer: Customer, seller: User, wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as problem:
        actions.ask_credit(actor=seller, customer=customer.pk, at=NOW, **{"reason": "x", **wanted})
    assert list(problem.value.message_dict) == [field]


def test_who_must_not_see_or_do(customer: Customer, seller: User, manager: User) -> None:
    asked = actions.ask_credit(actor=seller, customer=customer.pk, reason="x", terms=60, at=NOW)
    colleague = person("li", *SELLING)
    marketer = person("ma", *SELLING, "credit.approve", scope="all", clearance="internal")
    for user in (colleague, marketer):
        assert list(queries.credit_decisions(user)) == []
        client = browser(user)
        assert client.get(f"/value/credit/{customer.pk}/").status_code == 404
    with pytest.raises(Customer.DoesNotExist):
        actions.ask_credit(actor=colleague, customer=customer.pk, reason="x", terms=60, at=NOW)
    for act in (
        lambda: actions.ask_credit(actor=marketer, customer=customer.pk, reason="x", terms=60, at=NOW),
        lambda: actions.decide_credit(actor=marketer, decision=asked.pk, approve=True, at=NOW),
        lambda: actions.end_credit(actor=seller, decision=asked.pk, at=NOW),
    ):
        with pytest.raises(PermissionDenied):
            act()
    near = person("zhou", *SELLING, "credit.approve")  # may approve, but not for others' customers
    with pytest.raises(CreditDecision.DoesNotExist):
        actions.decide_credit(actor=near, decision=asked.pk, approve=True, at=NOW)
    client = browser(marketer)
    assert client.get("/value/analyses/credit/").status_code == 404
    assert client.get("/value/analyses/credit/chart/grades/").status_code == 404
    assert "/value/analyses/credit/" not in client.get("/value/analyses/").content.decode()
    assert "credit/" not in client.get(f"/customers/{customer.pk}/?tab=value").content.decode()
    assert "a_credit" not in client.get("/customers/?columns=1").content.decode()


def test_two_who_are_merged_keep_one_decision_in_force(customer: Customer, manager: User) -> None:
    other = Customer.objects.create(name="海通物流", kind="organisation", owner=manager)
    for one in (customer, other):
        actions.ask_credit(actor=manager, customer=one.pk, reason="x", terms=45, at=NOW)
    boss = User.objects.create(username="boss", name="老板", is_administrator=True)
    merge_customers(actor=boss, kept=customer.pk, gone=other.pk, at=NOW)
    assert CreditDecision.objects.filter(customer=customer, state="approved").count() == 1


def test_the_order_form_tells_the_credit_and_warns_once_beyond_the_limit(customer: Customer, seller: User) -> None:
    client = browser(seller)
    owe(customer, 15000)
    with translation.override("en"):
        assert "limit 20,000, 30 days" in client.get(f"/orders/new/?customer={customer.pk}").content.decode()
    given = {
        "customer": f"#{customer.pk}",
        "ordered_at": str(TODAY),
        "amount": "6000",
        "due_on": str(TODAY + datetime.timedelta(days=30)),
    }
    warned = client.post("/orders/new/", given)
    assert (warned.status_code, Order.objects.count()) == (422, 1)
    assert "Beyond the limit" in warned.content.decode()
    assert "Save all the same" in warned.content.decode()
    assert client.post("/orders/new/", given | {"beyond": "1"}).status_code == 302
    assert client.post("/orders/new/", given | {"due_on": "", "amount": "90000"}).status_code == 302  # paid at once
    assert Order.objects.count() == 3


def test_asking_and_approving_on_the_page(customer: Customer, seller: User, manager: User) -> None:
    asking, deciding = browser(seller), browser(manager)
    address = f"/value/credit/{customer.pk}/"
    shown = asking.get(address).content.decode()
    assert "all 12 orders due in the last year were paid in time" in shown
    assert asking.post(address, {"limit": "50000", "reason": ""}).status_code == 422
    assert asking.post(address, {"reason": "busy season"}).status_code == 422
    assert asking.post(address, {"limit": "50000", "reason": "busy season"}).status_code == 302
    assert "busy season" in deciding.get("/value/credit/").content.decode()
    (row,) = CreditDecision.objects.all()
    decide = f"/value/credit/decisions/{row.pk}/"
    assert asking.post(decide, {"do": "approve"}).status_code == 403
    deciding.post(decide, {"do": "refuse"})
    assert CreditDecision.objects.get().state == "asked"  # without an answer nothing is declined
    deciding.post(decide, {"do": "approve"})
    assert "Holds instead of the rules" in asking.get(address).content.decode()
    deciding.post(decide, {"do": "end"})
    assert CreditDecision.objects.get().state == "ended"
    assert "busy season" in asking.get(address).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_decisions_asks_a_fixed_number_of_times(
    customer: Customer, manager: User, number: int, django_assert_max_num_queries: Any
) -> None:
    client = browser(manager)
    for at in range(number):
        other = Customer.objects.create(name=f"公司{at}", owner=manager)
        CreditDecision.objects.create(customer=other, terms=30, reason="x", asked_by=manager, asked_at=NOW)
    client.get("/value/credit/")
    with django_assert_max_num_queries(10):
        assert client.get("/value/credit/").content.decode().count("公司") >= number
