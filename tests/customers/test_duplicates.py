"""Duplicates are seen while typing, on save, and in an import."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from zhike.core import settings_store
from zhike.customers import actions
from zhike.customers.models import Customer, DuplicatePair, ImportBatch
from zhike.customers.queries import find_matches
from zhike.customers.queries.duplicates import open_pairs
from zhike.customers.settings import DuplicateRules
from zhike.teams.models import User

Made = Callable[..., Customer]
CODE = "91350100M000100Y43"


@pytest.mark.parametrize(
    "typed",
    [
        {"phone": "138 0013 8000"},
        {"email": "LI@qq.com"},
        {"credit_code": CODE.lower()},
        {"name": "（北京）華騰 科技"},
        {"wechat": "ht"},
    ],
)
def test_the_same_customer_is_seen_while_typing(li: User, made: Made, typed: dict[str, str]) -> None:
    known = made(li, "(北京)华腾科技", kind="organisation", phone="13800138000", email="li@qq.com", credit_code=CODE, wechat="ht")
    assert [match.customer for match in find_matches(li, typed).seen] == [known]
    assert not find_matches(li, typed, but=known.pk)


def test_half_a_phone_matches_nobody(li: User, made: Made) -> None:
    made(li, phone="13800138000")
    assert not find_matches(li, {"phone": "1380013"})


def test_a_contacts_phone_is_known_too(li: User, made: Made) -> None:
    company = made(li, "华腾", kind="organisation")
    actions.save_contact(actor=li, customer=company, name="王芳", phone="13700137000")
    assert [match.customer for match in find_matches(li, {"phone": "13700137000"}).seen] == [company]


def test_of_a_customer_one_may_not_see_one_learns_only_that_it_exists(li: User, han: User, made: Made) -> None:
    made(li, "张伟", phone="13800138000", email="li@qq.com")
    found = find_matches(han, {"phone": "13800138000"})
    assert (found.seen, found.exists_elsewhere) == ([], True)
    assert not find_matches(han, {"name": "张伟"})
    assert not find_matches(han, {"email": "li@qq.com"})
    settings_store.write(DuplicateRules(tell_hidden=False))
    assert not find_matches(han, {"phone": "13800138000"})


def test_a_saved_duplicate_waits_in_the_queue_of_who_may_see_both(boss: User, li: User, han: User, made: Made) -> None:
    one, two = made(li, phone="13800138000"), made(han, "张 小伟", phone="13800138000")
    pair = DuplicatePair.objects.get()
    assert (pair.first, pair.second, pair.reasons) == (one, two, ["phone"])
    assert list(open_pairs(boss)) == [pair]
    assert not open_pairs(li).exists()


def test_people_of_one_name_are_not_proposed_but_companies_are(li: User, made: Made) -> None:
    made(li, "张伟"), made(li, "张伟")
    assert not DuplicatePair.objects.exists()
    made(li, "华腾", kind="organisation"), made(li, "華騰", kind="organisation")
    assert DuplicatePair.objects.get().reasons == ["name"]
    made(li, "王芳", birthday="1980-01-01"), made(li, "王芳", birthday="1980-01-01")
    assert DuplicatePair.objects.latest("pk").reasons == ["birthday", "name"]


def test_a_pair_found_different_never_comes_back(boss: User, li: User, made: Made, at: datetime.datetime) -> None:
    made(boss, phone="13800138000")
    two = made(boss, "李四", phone="13800138000")
    pair = DuplicatePair.objects.get()
    with pytest.raises(PermissionDenied):
        actions.keep_apart(actor=li, pair=pair.pk, at=at)
    actions.keep_apart(actor=boss, pair=pair.pk, at=at)
    actions.change_customer(actor=boss, customer=two, values={"email": "a@qq.com"}, at=at)
    actions.find_duplicates()
    assert not open_pairs(boss).exists()


def test_an_imports_duplicates_are_found_at_once(boss: User) -> None:
    batch = ImportBatch.objects.create(kind="customers", file_name="a.csv")
    fresh = [("甲", "+8613800138000", ""), ("乙", "", "b@qq.com"), ("丙", "+8613800138002", "")]
    Customer.objects.bulk_create([Customer(name=name, phone=phone, email=email, batch=batch) for name, phone, email in fresh])
    Customer.objects.bulk_create(
        [
            Customer(name="旧甲", phone="+8613800138000"),
            Customer(name="旧乙", email="b@qq.com"),
            Customer(name="别人"),
            Customer(name="别人"),
        ]
        + [Customer(name=f"总机{n}", phone="+861088886666") for n in range(30)]
    )
    assert actions.find_duplicates(batch) == 2
    assert actions.find_duplicates(batch) == 0
    assert {tuple(pair.reasons) for pair in DuplicatePair.objects.all()} == {("phone",), ("email",)}
    assert actions.find_duplicates() == 0


def test_several_reasons_make_one_pair(boss: User) -> None:
    Customer.objects.bulk_create(
        [Customer(name="华腾", kind="organisation", phone="+861088886666", credit_code=CODE) for _ in range(2)]
    )
    assert actions.find_duplicates() == 1
    assert DuplicatePair.objects.get().reasons == ["credit_code", "name", "phone"]
