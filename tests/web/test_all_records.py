"""What is done with all records together: duplicates found and merged, completeness."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.web.record import MOBILE, made, text
from zhike.customers import actions
from zhike.customers.models import Customer, DuplicatePair, DuplicateSearch, Merge
from zhike.teams.models import User

pytestmark = pytest.mark.django_db


def test_two_are_compared_merged_and_taken_apart_again(office: Client, boss: User) -> None:
    kept, gone = made(boss, phone=MOBILE, region="朝阳"), made(boss, "张小伟", phone=MOBILE, region="海淀")
    assert "Compare and merge" in text(office.get(reverse("duplicates")))
    assert "张小伟" in text(office.get(reverse("merge-choose", args=[kept.pk])))
    url = reverse("merge", args=[kept.pk, gone.pk])
    page = text(office.get(url))
    assert "朝阳" in page
    assert "海淀" in page
    form = {"kept_version": 1, "gone_version": 1, "take.region": "gone", "take.name": "kept"}
    assert office.post(url, {**form, "kept_version": 9}).headers["Location"] == url
    office.post(url, form)
    kept.refresh_from_db()
    assert (kept.name, kept.region) == ("张伟", "海淀")
    assert office.get(reverse("customer", args=[gone.pk])).headers["Location"] == reverse("customer", args=[kept.pk])
    page = text(office.get(reverse("customer", args=[kept.pk]), {"tab": "history"}))
    assert "Undo the merge" in page
    office.post(reverse("unmerge", args=[Merge.objects.get().pk]))
    assert Customer.objects.living().count() == 2
    office.post(reverse("duplicate-apart", args=[DuplicatePair.objects.get().pk]))
    assert "No duplicates to review" in text(office.get(reverse("duplicates")))


def test_all_customers_are_searched_from_the_queue_and_the_page_shows_how_far_it_is(office: Client, boss: User) -> None:
    made(boss, "恒源科技", kind="organisation", phone="02155556666")
    made(boss, "上海衡元科技有限公司", kind="organisation", phone="02155556668")
    office.post(reverse("duplicate-search"))
    page = text(office.get(reverse("duplicates")))
    assert "Comparing all customers" in page
    assert "Search all customers" not in page
    assert "already under way" in text(office.post(reverse("duplicate-search"), follow=True))
    part = text(office.get(reverse("duplicates"), headers={"X-Part": "progress"}))
    assert "Comparing" in part
    search = DuplicateSearch.objects.get()
    actions.carry_out_duplicate_search(search_id=search.pk)
    assert "Show the pairs" in text(office.get(reverse("duplicates"), headers={"X-Part": "progress"}))
    page = text(office.get(reverse("duplicates")))
    assert "names that sound the same" in page
    assert "phones nearly the same" in page
    DuplicateSearch.objects.update(state="failed")
    assert "did not come to its end" in text(office.get(reverse("duplicates")))


@pytest.mark.parametrize("pairs", [1, 3])
def test_the_queue_takes_the_same_queries_for_any_length(office: Client, boss: User, pairs: int) -> None:
    for n in range(pairs):
        made(boss, f"甲{n}", phone=f"1380013800{n}"), made(boss, f"乙{n}", phone=f"1380013800{n}")
    office.get(reverse("duplicates"))
    with CaptureQueriesContext(connection) as asked:
        office.get(reverse("duplicates"))
    assert len(asked) == 6, [query["sql"][:100] for query in asked]


def test_completeness_leads_from_the_list_to_each_owners_customers(office: Client, boss: User, li: User) -> None:
    made(boss, phone=MOBILE)
    made(li, "王芳")
    assert reverse("completeness") in text(office.get(reverse("customers")))
    page = text(office.get(reverse("completeness") + "?by=owner"))
    for owner in (boss, li):
        assert f"{reverse('customers')}?owner={owner.pk}" in page
    drawn = office.get(reverse("completeness-chart") + "?by=owner").json()
    assert drawn["table"]["rows"][0][0] == "everybody"
    assert drawn["option"]["series"][1]["data"][-1]["value"] > 0


def test_completeness_counts_only_the_customers_i_may_see(desk: Client, boss: User, li: User) -> None:
    made(boss, phone=MOBILE)
    made(li, "王芳")
    page = text(desk.get(reverse("completeness") + "?by=owner"))
    assert f"?owner={boss.pk}" not in page
    rows = desk.get(reverse("completeness-chart") + "?by=owner").json()["table"]["rows"]
    assert [row[0] for row in rows] == ["everybody", li.name]
