"""Finding customers in the list: pages, order, filters, search, counts."""

import csv
import datetime
import io
import itertools
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.web.lists.world import content, customer, ids_shown, score, state_of
from zhike.core.seldom import Seldom
from zhike.customers.models import Customer, CustomerShare, FieldDefinition
from zhike.teams.models import Department, User
from zhike.value.models import Analysis, Finding, Run
from zhike.value.queries import customer_list
from zhike.web.customers.list import COLUMNS, CUSTOMERS
from zhike.web.lists.paging import Cursor, take
from zhike.web.lists.screen import State
from zhike.web.lists.views import exact_total, page_of

pytestmark = pytest.mark.django_db


# Paging


SORTS = [f"{way}{column.key}" for column in COLUMNS if column.sort for way in ("", "-")]
MIXED = ["-clv,name", "name,-last_contact", "-last_contact,clv", "clv,-last_order,name"]


@pytest.mark.parametrize("sort", SORTS + MIXED)
def test_pages_follow_each_other_without_gaps_or_doubles_in_both_directions(boss: User, many: list[Customer], sort: str) -> None:
    state = state_of(boss, f"sort={sort}")
    assert state.known is not None  # so the pages come from prepared queries
    assert sorted(walked(state)) == sorted(one.pk for one in many)


@pytest.mark.parametrize("query", ["", "sort=name", "sort=-clv", "sort=last_contact,-clv", "sort=-last_order&grade=key,small"])
def test_pages_of_who_sees_a_part_show_each_customer_once_whatever_it_is_seen_by(
    seller: User, many: list[Customer], query: str
) -> None:
    """The own ones, those of the department and those that are shared come from an index each, and some of them twice."""
    seen = seen_in_three_ways(seller, many)
    state = state_of(seller, query)
    assert len(state.screen.parts(state.look)) == 3
    assert set(walked(state)) == (seen if "grade" not in query else seen & {one.pk for one in many[:12]})


@pytest.mark.parametrize("query", ["sort=-clv", "sort=clv", "sort=-last_order,clv", "sort=last_order", "sort=-revenue,-name"])
def test_customers_of_a_busy_seller_are_met_along_an_order_of_everybodys(
    seller: User, many: list[Customer], query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those without a score, and nobody else's, at each page in both directions."""
    monkeypatch.setattr("zhike.value.queries.customer_list.MANY", 1)
    monkeypatch.setattr("zhike.value.queries.customer_list.SOME", 997)
    seen = seen_in_three_ways(seller, many)
    state = state_of(seller, query)
    assert state.shown.along
    assert set(walked(state)) == seen
    Customer.objects.filter(pk=many[0].pk).update(owner=None)
    CustomerShare.objects.filter(customer=many[0]).delete()
    assert [row["pk"] for row in page_of(state_of(seller, query)).rows if row["pk"] == many[0].pk] == []
    assert state_of(seller, f"{query}&grade=key").shown.along is None


def seen_in_three_ways(seller: User, many: list[Customer]) -> set[int]:
    seller.roles.update(scope="department", permissions=["customer.view", "value.view", "order.view"])
    seller.department = Department.objects.create(name="一部")
    seller.save()
    for customers, seen_by in ((many[:4], {"owner": seller}), (many[3:8], {"department": seller.department})):
        Customer.objects.filter(pk__in=[one.pk for one in customers]).update(**seen_by)
    CustomerShare.objects.bulk_create([CustomerShare(customer=one, user=seller) for one in (many[1], many[4], *many[8:11])])
    Customer.objects.filter(pk=many[9].pk).update(deleted_at=timezone.now())
    return {one.pk for one in (*many[:9], many[10])}


def walked(state: State) -> list[int]:
    """The rows of all pages from the first to the last, which are the same backwards."""

    def walk(start: str, onward: Callable[[Any], str]) -> list[list[int]]:
        pages, at = [], start
        for _ in range(20):
            found = take(state.shown, state.keys, state.fields, size=3, cursor=Cursor.read(at, len(state.keys)))
            pages.append([row["pk"] for row in found.rows])
            at = onward(found)
            if not at:
                return pages
        raise AssertionError("the pages do not end")

    forward = walk("", lambda found: found.next)
    whole = list(itertools.chain(*forward))
    assert whole == expected_order(state, state.matching[0])

    last = ""
    for _page in forward[1:]:
        last = take(state.shown, state.keys, state.fields, size=3, cursor=Cursor.read(last, len(state.keys))).next
    assert walk(last, lambda found: found.previous) == forward[::-1]
    return whole


def expected_order(state: State, rows: Any) -> list[int]:
    """Sorted in Python: key by key from the last, empty ones last."""
    found = list(rows.values("pk", *(key.path for key in state.keys)))
    found.sort(key=lambda row: row["pk"], reverse=state.keys[0].descending)
    for key in reversed(state.keys):
        empty = [row for row in found if row[key.path] is None]
        full = [row for row in found if row[key.path] is not None]
        full.sort(key=lambda row, path=key.path: row[path], reverse=key.descending)  # stable: keeps what the later keys decided
        found = full + empty
    return [row["pk"] for row in found]


def test_the_list_is_paged_by_fifty_and_the_next_page_goes_on(client: Client, boss: User) -> None:
    Customer.objects.bulk_create([Customer(name=f"客户{at:03}") for at in range(120)])
    client.force_login(boss)
    seen: list[int] = []
    address = "/customers/?sort=name"
    for size in (50, 50, 20):
        answer = client.get(address)
        found = ids_shown(answer)
        assert len(found) == size
        seen += found
        following = re.search(r'href="([^"]+)" rel="next"', answer.content.decode())
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert len(set(seen)) == 120


OF_ANOTHER_ORDER = [str(Cursor((value,), 1)) for value in ("a text", 2.5, 7, Decimal("1.50"), 10**30)]


@pytest.mark.parametrize(
    "at", ["rubbish", "W10", "WzAsMV0", "eyJhIjoxfQ", "WzAsMSwibm90IGEgZGF0ZSJd", "%00", "WzAsMSxbXV0", *OF_ANOTHER_ORDER]
)
def test_a_made_up_place_leads_to_the_first_page(client: Client, boss: User, at: str) -> None:
    customer("张伟")
    client.force_login(boss)
    assert len(ids_shown(client.get(f"/customers/?sort=updated&at={at}"))) == 1


# Filters and search


def test_filters_are_and_between_fields_and_or_inside(client: Client, boss: User, many: list[Customer]) -> None:
    client.force_login(boss)
    keys = {one.pk for one in many[:12:2]}
    assert set(ids_shown(client.get("/customers/?grade=key"))) == keys
    assert set(ids_shown(client.get("/customers/?grade=key&grade=small"))) == {one.pk for one in many[:12]}
    assert set(ids_shown(client.get("/customers/?grade=key,small&region=上海"))) == {one.pk for one in many[1:12:2]}
    assert set(ids_shown(client.get("/customers/?clv_from=1000&clv_to=1000"))) == {many[at].pk for at in (1, 7, 10)}
    assert set(ids_shown(client.get("/customers/?never_contacted=yes"))) == {one.pk for one in many[::3]}
    assert set(ids_shown(client.get("/customers/?r=1,2&last_order_from=2026-05-01"))) == {many[at].pk for at in (0, 5, 6, 10, 11)}


@pytest.mark.parametrize(
    "query",
    [
        "grade=nonsense", "clv_from=abc", "clv_from=nan", "created_from=2026-99-99", "owner=x", "r=9", "sort=secret", "sort=--name",
        "columns=no", "q=%00", "view=x", "density=huge", "group=none",
    ],
)  # fmt: skip
def test_what_the_address_asks_wrongly_is_left_out(client: Client, boss: User, many: list[Customer], query: str) -> None:
    client.force_login(boss)
    answer = client.get(f"/customers/?{query}")
    assert answer.status_code == 200
    assert len(ids_shown(answer)) == len(many)


def test_a_department_stands_for_all_below_it(client: Client, boss: User) -> None:
    east = Department.objects.create(name="华东")
    shop = Department.objects.create(name="徐汇店", parent=east)
    inside, outside = customer("张伟", department=shop), customer("王伟")
    client.force_login(boss)
    assert ids_shown(client.get(f"/customers/?department={east.pk}")) == [inside.pk]
    assert set(ids_shown(client.get("/customers/"))) == {inside.pk, outside.pk}


def test_days_of_a_moment_are_days_of_the_company(client: Client, boss: User) -> None:
    early = customer("早", last_contact_at=datetime.datetime(2026, 5, 1, 16, 30, tzinfo=datetime.UTC))  # 00:30 on 2 May in Shanghai
    client.force_login(boss)
    assert ids_shown(client.get("/customers/?last_contact_from=2026-05-02&last_contact_to=2026-05-02")) == [early.pk]
    assert ids_shown(client.get("/customers/?last_contact_to=2026-05-01")) == []


@pytest.mark.parametrize("text", ["张伟", "伟", "zhangwei", "zw", "4321", "13900004321"])
def test_search_finds_by_fragment_pinyin_initials_and_phone(client: Client, boss: User, text: str) -> None:
    wanted = customer("张伟", phone="+8613900004321")
    customer("李娜", phone="+8613800001111")
    client.force_login(boss)
    assert ids_shown(client.get("/customers/", {"q": text})) == [wanted.pk]


def test_many_hits_are_walked_and_few_are_sorted_with_the_same_result(
    client: Client, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [customer(f"华腾{at}") for at in range(6)]
    customer("别的")
    client.force_login(boss)
    sorted_ones = ids_shown(client.get("/customers/?q=华腾&sort=-created"))
    monkeypatch.setattr("zhike.value.queries.customer_list.FEW_HITS", 3)
    assert ids_shown(client.get("/customers/?q=华腾&sort=-created")) == sorted_ones == [one.pk for one in found[::-1]]


@pytest.mark.parametrize("sort", ["", "-created", "created", "name", "-name", "-clv", "last_contact"])
def test_a_frequent_word_is_found_near_the_top_of_the_list_first(boss: User, monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    """With ties at the edge, and where there are enough near it as well as where there are not."""
    for at in range(24):
        customer(f"{'华腾' if at % 3 else '别的'}{at // 4}", last_contact_at=None if at % 2 else timezone.now())
    monkeypatch.setattr("zhike.web.lists.views.PAGE", 5)
    state = state_of(boss, f"q=华腾&sort={sort}")
    whole = expected_order(state, state.matching[0])
    monkeypatch.setattr("zhike.web.customers.list.SOME_HITS", 3)
    for near in (2, 4, 9, 15, 23):
        monkeypatch.setattr("zhike.value.queries.customer_list.NEAR", near)
        for few in (3, 5000):
            monkeypatch.setattr("zhike.value.queries.customer_list.FEW_HITS", few)
            state = state_of(boss, f"q=华腾&sort={sort}")
            found = page_of(state)
            assert [row["pk"] for row in found.rows] == whole[:5]
            assert found.total in (None, 16)
            following = page_of(state_of(boss, f"q=华腾&sort={sort}&at={found.next}"))
            assert [row["pk"] for row in following.rows] == whole[5:10]


def test_what_was_searched_for_is_counted_and_paged_without_asking_again(client: Client, boss: User, run: Run) -> None:
    found = [customer(f"华腾{at:03}") for at in range(60)]
    for at, one in enumerate(found):
        score(run, one, clv=None if at % 3 else float(at))
    customer("别的")
    client.force_login(boss)
    first = client.get("/customers/?q=华腾&sort=-clv")
    assert "60 行" in first.content.decode()
    following = re.search(r'href="([^"]+)" rel="next"', first.content.decode())
    assert following
    second = client.get(following[1].replace("&amp;", "&"))
    best = sorted((one.pk for at, one in enumerate(found) if at % 3 == 0), reverse=True)
    rest = sorted((one.pk for at, one in enumerate(found) if at % 3), reverse=True)
    assert ids_shown(first) + ids_shown(second) == best + rest


def test_a_search_stays_within_the_filters_and_the_rows_of_whoever_searches(client: Client, boss: User, seller: User) -> None:
    own, elsewhere = customer("华腾一", owner=seller, region="上海"), customer("华腾二", owner=seller, region="杭州")
    shared, foreign = customer("华腾三", owner=boss, region="上海"), customer("华腾四", owner=boss, region="上海")
    CustomerShare.objects.create(customer=shared, user=seller)
    for person, expected in ((seller, {own.pk, shared.pk}), (boss, {own.pk, shared.pk, foreign.pk}), (seller, {own.pk, shared.pk})):
        client.force_login(person)
        assert set(ids_shown(client.get("/customers/?q=华腾&region=上海"))) == expected
        assert elsewhere.pk in ids_shown(client.get("/customers/?q=ht"))
        assert ids_shown(client.get("/customers/?q=没有")) == []


def test_no_match_reads_differently_from_no_data(client: Client, boss: User) -> None:
    boss.language = "en"
    boss.save()
    client.force_login(boss)
    assert "No customers yet" in client.get("/customers/").content.decode()
    customer("张伟")
    answer = client.get("/customers/?q=没有这个人").content.decode()
    assert "No match" in answer
    assert "No customers yet" not in answer


def test_the_list_works_before_the_first_run(client: Client, boss: User) -> None:
    one = customer("张伟")
    client.force_login(boss)
    assert ids_shown(client.get("/customers/?sort=-clv")) == [one.pk]
    assert ids_shown(client.get("/customers/?grade=key")) == []


# Counting


def test_counts_stop_at_the_cap_and_are_exact_on_request(client: Client, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhike.web.lists.counts.CAP", 60)
    Customer.objects.bulk_create([Customer(name=f"客户{at:03}") for at in range(75)])
    client.force_login(boss)
    assert "60+" in client.get("/customers/", headers={"X-Part": "count"}).content.decode()
    assert "75" in client.get("/customers/?count=exact").content.decode()
    assert "75" in client.get("/customers/?count=exact", headers={"X-Part": "count"}).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "grade=key", "grade=key,small&stage=stable", "clv_from=1000", "r=1,2", "r=none", "grade=key&region=上海",
        "last_order_to=2026-05-01", "grade=key&q=客户", "has_phone=no", "grade=key&r=none,1",
    ],
)  # fmt: skip
def test_an_exact_count_is_the_number_of_rows(boss: User, seller: User, many: list[Customer], query: str) -> None:
    """Also of customers in the bin, of others' and of those without a score: counting by scores alone must not count them."""
    Customer.objects.filter(pk__in=[many[0].pk, many[1].pk]).update(deleted_at=timezone.now())
    Customer.objects.filter(pk__in=[many[2].pk, many[3].pk]).update(owner=seller)
    for person in (boss, seller):
        state = state_of(person, query)
        assert exact_total(state).number == len(state.matching[0])


@pytest.mark.parametrize("query", ["a_leaving=high", "a_leaving=high,low&a_leaving_value_from=40", "a_leaving=low&grade=key"])
def test_an_exact_count_of_findings_is_the_number_of_rows(
    boss: User, seller: User, run: Run, many: list[Customer], query: str
) -> None:
    analysis = Analysis.objects.create(kind="leaving", state="done", is_current=True, run=run)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE finding_test_{analysis.pk} PARTITION OF zhike_finding FOR VALUES IN ({analysis.pk})")
    for at, one in enumerate(many[:10]):
        Finding.objects.create(analysis=analysis, customer=one, group=("high", "low", None)[at % 3], value=at / 10)
    Customer.objects.filter(pk__in=[many[0].pk, many[1].pk]).update(deleted_at=timezone.now())
    Customer.objects.filter(pk=many[3].pk).update(owner=seller)
    seller.roles.update(permissions=["customer.view", "value.view"])
    for person in (boss, seller):
        state = state_of(person, query)
        assert set(state.values) == {name.removesuffix("_from") for name in QueryDict(query)}
        assert (CUSTOMERS.counted(state) is None) == (person == seller or "grade" in query)
        assert exact_total(state).number == len(state.matching[0])


def test_the_count_of_what_a_score_says_does_not_read_the_customers(boss: User, seller: User, many: list[Customer]) -> None:
    state = state_of(boss, "grade=key&clv_from=10")
    assert CUSTOMERS.counted(state).query.get_initial_alias() == "zhike_score"
    with CaptureQueriesContext(connection) as asked:
        exact_total(state)
    assert [one["sql"].startswith("SELECT COUNT(*)") for one in asked.captured_queries] == [True]
    for person, query in ((seller, "grade=key"), (boss, ""), (boss, "q=客户&grade=key"), (boss, "grade=key&region=上海")):
        assert CUSTOMERS.counted(state_of(person, query)) is None


@pytest.mark.parametrize("query", ["", "q=客户", "sort=-clv", "grade=key&sort=-clv", "group=grade"])
def test_one_row_and_three_cost_the_same_queries(
    client: Client, boss: User, run: Run, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(boss)
    score(run, customer("客户一"), grade="key", clv=5.0)
    monkeypatch.setattr(customer_list, "_EDGES", Seldom(uses=200, most=16))  # asked for again after so many uses, not between
    client.get(f"/customers/?{query}")  # what is read once a process
    with CaptureQueriesContext(connection) as one:
        client.get(f"/customers/?{query}")
    for name in ("客户二", "客户三"):
        score(run, customer(name, owner=boss, region="上海", tags=["好"]), grade="key", clv=9.0)
    with CaptureQueriesContext(connection) as three:
        client.get(f"/customers/?{query}")
    assert len(one) == len(three) <= 11


# Profile fields


FIELDS = {
    "car": ("text", []),
    "mileage": ("number", []),
    "insured_until": ("date", []),
    "oil": (
        "choice",
        [{"code": "semi", "zh": "半合成", "en": "half"}, {"code": "full", "zh": "全合成", "en": "full"}],
    ),
    "likes": ("multi_choice", [{"code": "tea", "zh": "茶", "en": "tea"}, {"code": "football", "zh": "足球", "en": "football"}]),
    "married": ("yes_no", []),
}
KNOWN = {"car": "大众朗逸", "mileage": 52000, "insured_until": "2026-08-01", "oil": "semi", "likes": ["tea"], "married": True}
OTHERS = {"car": "本田", "mileage": 900, "insured_until": "2025-01-31", "oil": "full", "likes": ["football"], "married": False}


@pytest.fixture
def fields() -> None:
    for code, (kind, choices) in FIELDS.items():
        FieldDefinition.objects.update_or_create(
            code=code, defaults={"label_zh": f"字段{code}", "label_en": f"field {code}", "ring": "related", "type": kind,
                                 "choices": choices, "is_active": True},
        )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "f_car=朗逸", "f_mileage_from=1000", "f_mileage_from=52000&f_mileage_to=52000", "f_insured_until_from=2026-01-01",
        "f_oil=semi", "f_likes=tea", "f_married=yes", "f_oil=semi&f_likes=tea,football&f_married=yes",
    ],
)  # fmt: skip
def test_profile_fields_are_filters_of_their_type(client: Client, boss: User, fields: None, query: str) -> None:
    wanted = customer("张伟", profile=KNOWN)
    customer("王芳", profile=OTHERS)
    customer("李娜")
    client.force_login(boss)
    assert ids_shown(client.get(f"/customers/?{query}")) == [wanted.pk]


def test_profile_fields_are_columns_in_words_and_in_the_file(client: Client, boss: User, fields: None) -> None:
    customer("张伟", profile=KNOWN)
    client.force_login(boss)
    query = "columns=name,f_car,f_mileage,f_oil,f_likes,f_married"
    page = client.get(f"/customers/?{query}").content.decode()
    assert all(word in page for word in ("字段car", "大众朗逸", "52,000", "半合成", ">茶<", ">是<"))
    sent = client.post("/lists/customers/export", {"query": query, "all": "1", "kind": "csv"})
    table = list(csv.reader(io.StringIO(content(sent).decode("utf-8-sig"))))
    assert table[1] == ["张伟", "大众朗逸", "52000", "半合成", "茶", "是", ""]


def test_customers_are_found_by_each_of_the_eleven_segments(client: Client, boss: User, run: Run) -> None:
    champion, lost = customer("张伟"), customer("王芳")
    score(run, champion, segment="champion", rfm_class="important_value")
    score(run, lost, segment="lost", rfm_class="general_retain")
    client.force_login(boss)
    assert ids_shown(client.get("/customers/?segment=champion")) == [champion.pk]
    assert set(ids_shown(client.get("/customers/?segment=champion,lost"))) == {champion.pk, lost.pk}
    assert "segment=lost" in client.get("/customers/?group=segment").content.decode()


# One of several


def test_of_the_filters_joined_by_or_one_is_enough(client: Client, boss: User, run: Run) -> None:
    wanted = [customer("甲", region="上海", owner=boss), customer("乙", region="北京", kind="organisation", owner=boss)]
    customer("丙", region="北京", owner=boss)
    customer("丁", region="上海")
    for one, clv in zip(wanted, (5, 500), strict=True):
        score(run, one, clv=clv)
    client.force_login(boss)
    asked = f"/customers/?owner={boss.pk}&region=上海&kind=organisation&sort=name"
    assert ids_shown(client.get(asked)) == []
    both = client.get(f"{asked}&either=region,kind")
    assert sorted(ids_shown(both)) == sorted(one.pk for one in wanted)
    joins = re.findall(r'class="chip-join" href="([^"]+)"[^>]*>([^<]+)<', both.content.decode())
    assert [word for _address, word in joins] == ["或", "且"]
    assert ids_shown(client.get(unescape(joins[0][0]))) == []  # back to "and"
    assert ids_shown(client.get("/customers/?clv_from=100&kind=person&either=clv,kind,nothing&count=exact&sort=name")) != []
    state = state_of(boss, "clv_from=100&grade=key&either=clv,grade")
    assert exact_total(state).number == 1


def test_one_alternative_alone_is_a_filter_like_any_other(boss: User) -> None:
    here = customer("甲", region="上海")
    customer("乙", region="北京")
    assert [row.pk for row in state_of(boss, "region=上海&either=region,grade").matching[0]] == [here.pk]
