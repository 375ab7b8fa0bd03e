"""All customers are compared with each other, in the background, and the queue says why."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers import actions, comparing
from zhike.customers.models import Customer, DuplicatePair, DuplicateSearch
from zhike.customers.queries.duplicates import open_pairs
from zhike.customers.settings import DuplicateRules
from zhike.jobs.tasks import search_duplicates
from zhike.teams.models import User

Made = Callable[..., Customer]


def searched(actor: User) -> DuplicateSearch:
    search = actions.request_duplicate_search(actor=actor)
    search_duplicates(search_id=search.pk)
    search.refresh_from_db()
    return search


def test_a_company_written_in_two_ways_comes_into_the_queue_with_the_reasons(boss: User, made: Made) -> None:
    one = made(boss, "上海恒源网络科技有限公司", kind="organisation", phone="02155556666")
    two = made(boss, "衡元網絡科技（上海）", kind="organisation", phone="02155556667")
    made(boss, "上海恒源餐饮管理有限公司", kind="organisation", phone="02166667777")
    assert not DuplicatePair.objects.exists()
    search = searched(boss)
    pair = DuplicatePair.objects.get()
    assert (pair.first, pair.second) == (one, two)
    assert {"company.sound", "region.same", "trade.same", "phone.near"} <= set(pair.reasons)
    assert pair.probability
    assert pair.probability > 0.99
    assert (search.state, search.progress, search.customers, search.found) == ("done", 100, 3, 1)


def test_what_speaks_against_a_pair_is_said_too(boss: User, made: Made) -> None:
    made(boss, "张小明", phone="13800138000", birthday=datetime.date(1980, 2, 3), email="zhang.xiaoming@qq.com")
    made(boss, "張小明", phone="13900139111", birthday=datetime.date(1980, 2, 3), email="zhang.xiaoming@163.com")
    DuplicatePair.objects.all().delete()
    searched(boss)
    pair = DuplicatePair.objects.get()
    assert pair.reasons[0] in ("name", "birthday")
    assert pair.against == ["phone.different"]


def test_an_exact_pair_in_the_queue_gets_its_probability_and_stays_one(boss: User, made: Made) -> None:
    made(boss, "张小明", phone="13800138000"), made(boss, "章小明", phone="13800138000")
    assert DuplicatePair.objects.get().probability is None
    assert searched(boss).found == 0
    pair = DuplicatePair.objects.get()
    assert set(pair.reasons) == {"phone", "person.sound"}
    assert pair.probability


def test_a_pair_somebody_decided_about_is_not_asked_again(boss: User, made: Made) -> None:
    made(boss, "张小明", phone="13800138000"), made(boss, "章小明", phone="13800138000")
    actions.keep_apart(actor=boss, pair=DuplicatePair.objects.get().pk, at=timezone.now())
    searched(boss)
    assert not open_pairs(boss).exists()


def test_a_deleted_customer_is_nobodys_duplicate(boss: User, made: Made) -> None:
    gone = made(boss, "张小明", birthday=datetime.date(1980, 2, 3), phone="13800138000")
    made(boss, "張小明", birthday=datetime.date(1980, 2, 3), phone="13800138001")
    actions.delete_customer(actor=boss, customer=gone, at=timezone.now())
    assert searched(boss).customers == 1
    assert not open_pairs(boss).exists()


def test_only_who_sees_both_sees_what_the_search_found(boss: User, li: User, han: User, made: Made) -> None:
    made(li, "张小明", phone="13800138000"), made(han, "Zhang Xiaoming", phone="13800138000")
    DuplicatePair.objects.all().delete()
    searched(boss)
    assert open_pairs(boss).count() == 1
    assert not open_pairs(han).exists()


def test_one_search_at_a_time_and_each_is_on_record(boss: User) -> None:
    search = actions.request_duplicate_search(actor=boss)
    with pytest.raises(ValidationError):
        actions.request_duplicate_search(actor=boss)
    assert AuditEntry.objects.filter(object_type="duplicatesearch", object_id=str(search.pk), actor=boss).count() == 1


def test_who_may_not_merge_may_not_search(li: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.request_duplicate_search(actor=li)
    assert not DuplicateSearch.objects.exists()


def test_a_search_whose_worker_was_killed_is_done_again_and_a_finished_one_is_not(boss: User, made: Made) -> None:
    made(boss, "张小明", phone="13800138000"), made(boss, "章小明", phone="13800138000")
    search = actions.request_duplicate_search(actor=boss)
    DuplicateSearch.objects.update(state="running", progress=50)
    search_duplicates(search_id=search.pk)
    DuplicatePair.objects.all().delete()
    search_duplicates(search_id=search.pk)
    assert not DuplicatePair.objects.exists()


def test_more_customers_than_fit_are_refused_and_another_search_can_begin(
    boss: User, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(boss, "甲"), made(boss, "乙")
    monkeypatch.setattr(comparing, "MOST_CUSTOMERS", 1)
    search = actions.request_duplicate_search(actor=boss)
    with pytest.raises(comparing.TooMany):
        search_duplicates(search_id=search.pk)
    search.refresh_from_db()
    assert search.state == "failed"
    assert actions.request_duplicate_search(actor=boss)


def test_the_least_probability_is_a_setting(boss: User, made: Made) -> None:
    made(boss, "上海恒源网络科技有限公司", kind="organisation"), made(boss, "衡元网络科技(上海)", kind="organisation")
    settings_store.write(DuplicateRules(least_probability=0.999))
    assert searched(boss).found == 0


def test_an_empty_company_is_searched_too(boss: User) -> None:
    assert searched(boss).found == 0
