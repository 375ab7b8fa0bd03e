"""Who may not see a field in plain sees it masked, and revealing leaves a trace."""

import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.utils import timezone, translation

from zhike.core import search, settings_store
from zhike.core.models import AuditEntry
from zhike.customers import actions, masking
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.queries import look_up_phone
from zhike.customers.queries.in_plain import hidden_from, seen_in
from zhike.customers.settings import RevealRules
from zhike.teams.models import User
from zhike.value.queries import customer_list
from zhike.value.queries.customer_list import matching
from zhike.web.customers.history import Reader

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
        ("plate", "京A12345", "京A****45"), ("phone", "", ""), ("member_no", "VIP00042", "VI****42"), ("plate", "京A12", "****"),
        ("phone", "123456789", "123****6789"), ("phone", "12345678", "****"), ("email", "nothing", "****"),
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
        ("+861088886666", "010-88886666"),
        ("+8613012345678", "13012345678"),  # not a number of Beijing's neighbour, though its digits would do
    ],
)
def test_a_phone_is_shown_as_people_dial_it(boss: User, value: str, read: str) -> None:
    assert masking.shown(boss, "confidential", "phone", value) == read


def test_phones_are_confidential_unless_the_company_says_otherwise(db: None) -> None:
    assert masking.field_classes()["phone"] == "confidential"
    FieldDefinition.objects.filter(code="phone").update(confidentiality="public")
    assert masking.field_classes()["phone"] == "public"


def test_what_nobody_classed_yet_is_as_confidential_as_it_was_delivered(db: None) -> None:
    FieldDefinition.objects.all().delete()
    classes = masking.field_classes()
    assert [code for code, found in classes.items() if found == "confidential"] == ["phone", "wechat", "address"]
    assert masking.class_of(classes, "email") == "internal"


def test_a_reveal_says_why_and_is_in_the_trail(boss: User, clerk: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss, phone="13800138000")
    with pytest.raises(ValidationError) as problem:
        actions.reveal_field(actor=clerk, customer=customer, code="phone", reason=" ", at=at)
    assert refused(problem) == ["reason"]
    assert actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="客户来电核对", at=at) == "13800138000"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor, entry.note, entry.object_id) == ("revealed", clerk, "客户来电核对", customer.pk)
    assert entry.changes == {"field": [None, "phone"]}
    actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="长" * 300, at=at)
    assert AuditEntry.objects.latest("pk").note == "长" * 200


def refused(problem: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return list(problem.value.message_dict)


def test_reveals_of_a_day_are_limited(boss: User, clerk: User, made: Made) -> None:
    """A person's own, of that day; nothing else that they did counts."""
    settings_store.write(RevealRules(daily_limit=2))
    customer, now = made(boss, phone="13800138000"), timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for who, at in ((boss, midnight), (clerk, midnight - datetime.timedelta(seconds=1)), (clerk, midnight)):
        with time_machine.travel(at, tick=False):
            actions.reveal_field(actor=who, customer=customer, code="phone", reason="核对", at=at)
    actions.change_customer(actor=clerk, customer=customer, values={"region": "海淀"}, at=now)
    actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="核对", at=now)
    with pytest.raises(ValidationError) as problem:
        actions.reveal_field(actor=clerk, customer=customer, code="phone", reason="核对", at=now)
    assert refused(problem) == ["reason"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("phone", "+8613800138000"), ("email", "li@qq.com"), ("wechat", "lisi"), ("credit_code", "91350100M000100Y43"),
        ("member_no", "VIP00042"), ("birthday", "1987-06-05"), ("region", "海淀"),
    ],
)  # fmt: skip
def test_each_column_is_revealed(clerk: User, made: Made, boss: User, at: datetime.datetime, code: str, value: str) -> None:
    FieldDefinition.objects.update(confidentiality="confidential")
    customer = Customer.objects.create(name="王", **{code: value})
    shown = value.removeprefix("+86")
    assert actions.reveal_field(actor=clerk, customer=customer, code=code, reason="核对", at=at) == shown
    Customer.objects.filter(pk=customer.pk).update(**{code: None if code == "birthday" else ""})
    with pytest.raises(ValidationError) as problem:
        actions.reveal_field(actor=clerk, customer=customer, code=code, reason="核对", at=at)
    assert refused(problem) == ["code"]


def test_what_hangs_on_the_record_is_revealed_of_this_customer_alone(boss: User, clerk: User, at: datetime.datetime) -> None:
    one, other = Customer.objects.create(name="甲"), Customer.objects.create(name="乙")
    for customer, mark in ((one, "1"), (other, "2")):
        customer.contacts.create(name="司机", phone=f"+861380013800{mark}", email=f"{mark}@qq.com", wechat=f"driver{mark}")
        customer.contacts.create(name="家人", phone=f"+861390013900{mark}")
        customer.identifiers.create(kind="plate", value=f"京A1234{mark}")
        customer.identifiers.create(kind="email", value=f"more{mark}@qq.com")
        customer.addresses.create(detail=f"中山路 {mark} 号")
        customer.addresses.create(detail=f"解放路 {mark} 号")
    driver, plate, road = one.contacts.get(name="司机"), one.identifiers.get(kind="plate"), one.addresses.latest("pk")
    for code, value in (
        (f"contact.{driver.pk}.phone", "13800138001"), (f"contact.{driver.pk}.email", "1@qq.com"),
        (f"contact.{driver.pk}.wechat", "driver1"), (f"identifier.{plate.pk}", "京A12341"), (f"address.{road.pk}", "解放路 1 号"),
    ):  # fmt: skip
        assert actions.reveal_field(actor=clerk, customer=one, code=code, reason="核对", at=at) == value
        with pytest.raises(ObjectDoesNotExist):
            actions.reveal_field(actor=clerk, customer=other, code=code, reason="核对", at=at)
    for code in (f"contact.{driver.pk}.name", "contact.x.phone", "identifier.x", "address.x", "hat"):
        with pytest.raises(ValidationError):
            actions.reveal_field(actor=clerk, customer=one, code=code, reason="核对", at=at)
    FieldDefinition.objects.create(
        code="plate", label_zh="车牌", label_en="Plate", ring="extended", type="text", confidentiality="secret"
    )
    with pytest.raises(PermissionDenied):  # the class of the kind counts
        actions.reveal_field(actor=clerk, customer=one, code=f"identifier.{plate.pk}", reason="核对", at=at)


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


# --- what is masked is not found by searching for it -------------------------------------------------------------------------


def searching(user: User, text: str) -> set[str]:
    """As the list, the palette, the API and the forms do it, whose ways are one."""
    hidden = hidden_from(user, masking.field_classes())
    shown, counted = matching(Customer.objects.visible_to(user), text, hidden)
    assert {one.pk for one in shown} == {one.pk for one in counted}
    return {one.name for one in shown}


@pytest.fixture
def masked_ones(boss: User, made: Made) -> Customer:
    one = made(boss, "王小明", phone="13755512345", wechat="zzqq77kk", number="K-20260", email="mail88@vv.cn")
    actions.save_contact(actor=boss, customer=one, name="陈司机", phone="13777798765")
    actions.add_identifier(actor=boss, customer=one, kind="wechat", value="driver99x")
    return one


PROBES = ("5551", "55512", "1375551", "qq77", "77kk", "driver99", "77779876")


def test_what_is_masked_is_not_searched_piece_by_piece(boss: User, clerk: User, masked_ones: Customer) -> None:
    assert [text for text in PROBES if searching(clerk, text)] == []
    assert [text for text in PROBES if not searching(boss, text)] == []  # the control: the words are there


def test_what_one_sees_is_found(clerk: User, masked_ones: Customer) -> None:
    for text in ("王小", "wxm", "wangxiao", "陈司机", "2345", "8765", "K-2026", "mail88"):
        assert searching(clerk, text) == {"王小明"}, text
    for text in ("13755512345", "+86 137 5551 2345", "137-7779-8765", "zzqq77kk"):  # who knows it all learns nothing
        assert searching(clerk, text) == {"王小明"}, text


def test_nor_by_its_end_nor_by_what_hangs_on_the_record(boss: User, clerk: User, made: Made) -> None:
    """A masked code loses its end too, and an address its domain, in which nobody else's is searched either."""
    for code in ("plate", "other"):
        FieldDefinition.objects.create(
            code=code, label_zh=code, label_en=code, ring="extended", type="text", confidentiality="confidential"
        )
    FieldDefinition.objects.filter(code="member_no").update(confidentiality="confidential")
    one = made(boss, "赵先生", member_no="88990042", wechat="tianma", email="zhao@tianma.cn")
    actions.add_identifier(actor=boss, customer=one, kind="plate", value="京A61357")
    actions.add_identifier(actor=boss, customer=one, kind="other", value="fleet2468")
    probes = ("0042", "tianm", "6135", "2468")
    assert [text for text in probes if searching(clerk, text)] == []
    assert [text for text in probes if not searching(boss, text)] == []


def test_a_colleague_of_the_buyer_is_found_by_name_in_letters(boss: User, clerk: User, made: Made) -> None:
    company, other = made(boss, "华腾", kind="organisation"), made(boss, "腾华", kind="organisation")
    for name in ("陈司机", "Tom Smith"):
        actions.save_contact(actor=boss, customer=company, name=name)
        actions.save_contact(actor=boss, customer=other, name=name)
    for text in ("chensj", "smith"):
        assert searching(clerk, text) == {"华腾", "腾华"}, text
        wanted = search.wanted(text)
        assert wanted is not None
        assert seen_in([company.pk], text, wanted, frozenset({"phone"})) == [company.pk]  # of those asked about alone


def test_a_search_in_chinese_tells_nothing_and_costs_no_second_look(
    boss: User, clerk: User, masked_ones: Customer, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    hidden = hidden_from(clerk, masking.field_classes())
    rows = Customer.objects.visible_to(clerk)
    for text, queries in (("王小", 1), ("王5", 4)):
        with django_assert_num_queries(queries):
            matching(rows, text, hidden)


def test_of_too_many_hits_only_names_and_numbers_count(
    clerk: User, boss: User, masked_ones: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_list, "FEW_HITS", 0)
    assert [text for text in ("5551", "77kk", "2345") if searching(clerk, text)] == []
    actions.create_customer(actor=boss, values={"name": "解放路20260号店"}, at=timezone.now())
    assert searching(clerk, "路20260") == {"解放路20260号店"}
    actions.delete_customer(actor=boss, customer=Customer.objects.get(name="解放路20260号店"), at=timezone.now())
    assert searching(clerk, "20260") == searching(clerk, "wxm") == searching(boss, "5551") == {"王小明"}


def test_who_calls_is_found_by_the_number_not_by_its_hidden_middle(clerk: User, boss: User, masked_ones: Customer) -> None:
    found = [len(look_up_phone(clerk, text)) for text in ("13755512345", "2345", "5551", "55512345")]
    assert found == [1, 1, 0, 0]
    assert len(look_up_phone(boss, "5551")) == 1


def test_a_past_value_of_a_retired_secret_field_and_a_secret_yes_stay_masked(boss: User, clerk: User, made: Made) -> None:
    fields = [
        FieldDefinition(
            code=code, label_zh=code, label_en=code, ring="extended", type=kind, confidentiality="secret", is_active=active
        )
        for code, kind, active in (("smokes", "yes_no", True), ("illness", "text", False))
    ]
    for user, shown in ((clerk, {"****"}), (boss, {"yes", "高血压"})):
        with translation.override("en"):
            reader = Reader(user, [one for one in fields if one.is_active])
            said = [reader.change(code, None, value).after for code, value in (("smokes", True), ("illness", "高血压"))]
        assert set(said) == shown
