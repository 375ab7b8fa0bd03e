"""Who may not see a field in plain sees it masked, and revealing leaves a trace."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers import actions, masking
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.settings import RevealRules
from zhike.teams.models import User

Made = Callable[..., Customer]


@pytest.fixture
def clerk(person: Callable[..., User]) -> User:
    return person(
        "clerk", "customer.view", "customer.edit", "customer.create", "customer.reveal", scope="all", clearance="internal"
    )


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("phone", "+8613800138000", "138****8000"), ("phone", "+861088886666", "010****6666"),
        ("phone", "+14155552671", "+14****2671"),
        ("email", "li@qq.com", "l***@qq.com"), ("credit_code", "91350100M000100Y43", "91****43"), ("wechat", "lisi", "****"),
        ("plate", "京A12345", "京A****45"), ("phone", "", ""),
    ],
)  # fmt: skip
def test_what_is_left_of_a_masked_value(clerk: User, kind: str, value: str, masked: str) -> None:
    assert masking.shown(clerk, "confidential", kind, value) == masked


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("+8613800138000", "13800138000"),
        ("+861088886666-802", "010-88886666-802"),
        ("+867558888666", "0755-8888666"),
        ("+14155552671", "+14155552671"),
    ],
)
def test_a_phone_is_shown_as_people_dial_it(boss: User, value: str, read: str) -> None:
    assert masking.shown(boss, "confidential", "phone", value) == read


def test_phones_are_confidential_unless_the_company_says_otherwise(db: None) -> None:
    assert masking.field_classes()["phone"] == "confidential"
    FieldDefinition.objects.filter(code="phone").update(confidentiality="public")
    assert masking.field_classes()["phone"] == "public"


def test_a_reveal_says_why_and_is_in_the_trail(boss: User, clerk: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss, phone="13800138000")
    with pytest.raises(ValidationError):
        actions.reveal_field(actor=clerk, customer=customer, code="phone", reason=" ", at=at)
    assert actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="客户来电核对", at=at) == "13800138000"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor, entry.note, entry.object_id) == ("revealed", clerk, "客户来电核对", customer.pk)
    assert "13800138000" not in str(entry.changes)


def test_reveals_of_a_day_are_limited(boss: User, clerk: User, made: Made) -> None:
    from django.utils import timezone

    settings_store.write(RevealRules(daily_limit=2))
    customer, now = made(boss, phone="13800138000"), timezone.now()
    for _ in range(2):
        actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="核对", at=now)
    with pytest.raises(ValidationError):
        actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="核对", at=now)


def test_secret_fields_and_strangers_customers_are_not_revealed(
    boss: User, clerk: User, li: User, person: Callable[..., User], made: Made, at: datetime.datetime
) -> None:
    actions.apply_template(actor=boss, template="insurance")
    customer = made(boss, phone="13800138000", health="高血压")
    with pytest.raises(PermissionDenied):
        actions.reveal_field(actor=clerk, customer=customer, code="health", reason="核对", at=at)
    with pytest.raises(PermissionDenied):
        actions.reveal_field(actor=li, customer=customer, code="phone", reason="核对", at=at)
    narrow = person("narrow", "customer.view", "customer.reveal")
    with pytest.raises(Customer.DoesNotExist):
        actions.reveal_field(actor=narrow, customer=customer, code="phone", reason="核对", at=at)


def test_a_contacts_phone_is_revealed_too(boss: User, clerk: User, made: Made, at: datetime.datetime) -> None:
    company, other = made(boss, "华腾", kind="organisation"), made(boss, "乙", kind="organisation")
    contact = actions.save_contact(actor=boss, customer=company, name="王芳", phone="13700137000")
    code = f"contact.{contact.pk}.phone"
    assert actions.reveal_field(actor=clerk, customer=company, code=code, reason="核对", at=at) == "13700137000"
    with pytest.raises(type(contact).DoesNotExist):
        actions.reveal_field(actor=clerk, customer=other, code=code, reason="核对", at=at)


def test_nobody_overwrites_what_they_may_not_see(boss: User, clerk: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss, phone="13800138000")
    with pytest.raises(ValidationError):
        actions.change_customer(actor=clerk, customer=customer, values={"phone": "13900139000"}, at=at)
    actions.change_customer(actor=clerk, customer=customer, values={"region": "海淀"}, at=at)
    empty = made(boss, "李四")
    actions.change_customer(actor=clerk, customer=empty, values={"phone": "13900139000"}, at=at)
