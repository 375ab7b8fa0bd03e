"""The customer list, and with it every list: paging, order, filters, counts, saved views, bulk, export, rights."""

import csv
import datetime
import io
import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from zhike.core.models import AuditEntry
from zhike.core.search import tokens_for
from zhike.customers.models import Customer
from zhike.teams.models import Department, Role, SavedView, User
from zhike.value.models import Run
from zhike.web.customers.list import COLUMNS, CUSTOMERS
from zhike.web.lists.cells import Look
from zhike.web.lists.paging import Cursor, take
from zhike.web.lists.screen import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return User.objects.create(username="boss", name="王芳", is_administrator=True)


@pytest.fixture
def seller() -> User:
    role = Role.objects.create(name="sales", permissions=["customer.view", "customer.export"], scope="own", clearance="internal")
    person = User.objects.create(username="li", name="李雷")
    person.roles.add(role)
    return person


def customer(name: str, **fields: Any) -> Customer:
    phones = [fields["phone"]] if "phone" in fields else []
    return Customer.objects.create(name=name, search=tokens_for(name, phones=phones), **fields)


def score(run: Run, of: Customer, **fields: Any) -> None:
    known = {
        "orders": 1,
        "returns": 0,
        "revenue": Decimal(100),
        "margin": Decimal(30),
        "frequency": 0,
        "recency": 0,
        "age": 10,
    } | fields
    names = ", ".join(known)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS zhike_score_test_{run.pk} PARTITION OF zhike_score FOR VALUES IN ({run.pk})")
        cursor.execute(
            f"INSERT INTO zhike_score (run_id, customer_id, as_of, {names}) VALUES (%s, %s, %s{', %s' * len(known)})",
            [run.pk, of.pk, run.as_of, *known.values()],
        )


@pytest.fixture
def run() -> Run:
    return Run.objects.create(as_of=datetime.date(2026, 6, 1), state="done", is_current=True)


@pytest.fixture
def many(run: Run) -> list[Customer]:
    """Fourteen customers with ties, empty values, and two that the run does not know."""
    moments = [datetime.datetime(2026, 5, day, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    made = [
        customer(f"客户{at % 5}", region="上海" if at % 2 else "杭州", last_contact_at=None if at % 3 == 0 else moments[at % 3])
        for at in range(14)
    ]
    for at, one in enumerate(made[:12]):
        score(
            run, one, clv=None if at % 4 == 0 else float(at % 3 * 1000), grade=["key", "small"][at % 2], stage="stable",
            last_on=None if at == 1 else "2026-05-01", revenue=Decimal(at % 2), orders=at % 3, r_score=at % 5 + 1,
        )  # fmt: skip
    return made


def state_of(user: User, query: str) -> State:
    look = Look(user, timezone.localtime())
    CUSTOMERS.prepare(look)
    return State.read(CUSTOMERS, QueryDict(query), look)


def ids_shown(answer: Any) -> list[int]:
    return [int(text) for text in re.findall(r'name="id"[^>]* value="(\d+)"', answer.content.decode())]


# Paging


SORTS = [f"{way}{column.key}" for column in COLUMNS if column.sort for way in ("", "-")]
MIXED = ["-clv,name", "name,-last_contact", "-last_contact,clv", "clv,-last_order,name"]


@pytest.mark.parametrize("sort", SORTS + MIXED)
def test_pages_follow_each_other_without_gaps_or_doubles_in_both_directions(boss: User, many: list[Customer], sort: str) -> None:
    state = state_of(boss, f"sort={sort}")
    rows, _counted = state.matching()

    def walk(start: str, onward: Callable[[Any], str]) -> list[list[int]]:
        pages, at = [], start
        for _ in range(20):
            found = take(rows, state.keys, state.fields, size=3, cursor=Cursor.read(at, len(state.keys)))
            pages.append([row["pk"] for row in found.rows])
            at = onward(found)
            if not at:
                return pages
        raise AssertionError("the pages do not end")

    forward = walk("", lambda found: found.next)
    whole = list(itertools.chain(*forward))
    assert sorted(whole) == sorted(one.pk for one in many)
    assert whole == expected_order(state, rows)

    last = ""
    for _page in forward[1:]:
        last = take(rows, state.keys, state.fields, size=3, cursor=Cursor.read(last, len(state.keys))).next
    assert walk(last, lambda found: found.previous) == forward[::-1]


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


@pytest.mark.parametrize("at", ["rubbish", "W10", "WzAsMV0", "eyJhIjoxfQ", "WzAsMSwibm90IGEgZGF0ZSJd", "%00", "WzAsMSxbXV0"])
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


@pytest.mark.parametrize("query", ["", "q=客户", "sort=-clv", "grade=key&sort=-clv", "group=grade"])
def test_one_row_and_three_cost_the_same_queries(client: Client, boss: User, run: Run, query: str) -> None:
    client.force_login(boss)
    score(run, customer("客户一"), grade="key", clv=5.0)
    client.get("/customers/")  # what is read once a process
    with CaptureQueriesContext(connection) as one:
        client.get(f"/customers/?{query}")
    for name in ("客户二", "客户三"):
        score(run, customer(name, owner=boss, region="上海", tags=["好"]), grade="key", clv=9.0)
    with CaptureQueriesContext(connection) as three:
        client.get(f"/customers/?{query}")
    assert len(one) == len(three) <= 11


# What one sees of others


def test_nobody_elses_customers_are_listed_counted_found_filtered_grouped_or_exported(
    client: Client, seller: User, run: Run
) -> None:
    mine = customer("张伟", owner=seller)
    other = customer("张伟强", owner=User.objects.create(username="han", name="韩梅梅"), region="广州")
    for one in (mine, other):
        score(run, one, grade="key", clv=1.0)
    client.force_login(seller)
    for query in ("", "q=张伟", "grade=key", "sort=-clv", "region=广州", "group=region", f"owner={other.owner_id}", "count=exact"):
        answer = client.get(f"/customers/?{query}")
        assert other.pk not in ids_shown(answer), query
        assert "张伟强" not in answer.content.decode(), query
    assert "广州" not in client.get("/customers/?group=region&columns=name,region").content.decode()
    sent = client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "csv"})
    assert "张伟强" not in content(sent).decode()
    picked = client.post("/lists/customers/export", {"query": "", "id": [mine.pk, other.pk], "kind": "csv"})
    assert "张伟强" not in content(picked).decode()


def test_columns_sorts_and_filters_of_a_right_one_lacks_do_nothing(client: Client, seller: User, run: Run) -> None:
    poor, rich = customer("甲", owner=seller), customer("乙", owner=seller)
    score(run, poor, clv=1.0)
    score(run, rich, clv=987654.0)
    client.force_login(seller)
    for way in ("sort=clv", "sort=-clv", "clv_from=500", "columns=clv,name&sort=clv"):
        assert ids_shown(client.get(f"/customers/?{way}")) == [rich.pk, poor.pk], way  # the newest first, as without it
    assert "987,654" not in client.get("/customers/?columns=clv,name").content.decode()


def test_phones_are_masked_for_whom_they_are_not_cleared(client: Client, seller: User, boss: User) -> None:
    customer("张伟", owner=seller, phone="+8613900004321")
    client.force_login(seller)
    assert "139****4321" in client.get("/customers/").content.decode()
    lines = content(client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "csv"})).decode()
    assert "139****4321" in lines
    assert "13900004321" not in lines
    client.force_login(boss)
    assert "13900004321" in client.get("/customers/").content.decode()


def test_without_the_right_to_see_customers_there_is_no_list(client: Client) -> None:
    person = User.objects.create(username="new", name="新人")
    client.force_login(person)
    assert client.get("/customers/").status_code == 403
    assert client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "csv"}).status_code == 403


# Export


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_an_export_has_the_columns_shown_in_the_order_shown_and_is_audited(
    client: Client, boss: User, many: list[Customer]
) -> None:
    client.force_login(boss)
    answer = client.post(
        "/lists/customers/export", {"query": "columns=region,name,orders&sort=-orders&region=上海", "all": "1", "kind": "csv"}
    )
    table = list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"))))
    assert len(table) == 1 + 7
    assert {row[0] for row in table[1:]} == {"上海"}
    assert [row[2] for row in table[1:]] == ["2", "2", "1", "1", "0", "0", ""]
    entry = AuditEntry.objects.get(verb="exported")
    assert (entry.actor, entry.object_type, entry.changes["rows"]) == (boss, "customers", [None, 7])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_exported_runs_as_a_formula(client: Client, boss: User, kind: str, tmp_path: Path) -> None:
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1"]
    for name in evil:
        customer(name, region="=1+1")
    client.force_login(boss)
    sent = client.post("/lists/customers/export", {"query": "columns=name,region", "all": "1", "kind": kind})
    table: Sequence[Sequence[Any]]
    if kind == "csv":
        table = list(csv.reader(io.StringIO(content(sent).decode("utf-8-sig"))))
    else:
        file = tmp_path / "list.xlsx"
        file.write_bytes(content(sent))
        table = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    cells = [cell for row in table[1:] for cell in row]
    assert len(cells) == 2 * len(evil)
    assert all(cell.startswith("'") for cell in cells)


def test_who_may_not_export_is_refused_and_nothing_is_written(client: Client, seller: User) -> None:
    customer("张伟", owner=seller)
    Role.objects.update(permissions=["customer.view"])
    client.force_login(seller)
    assert "list-export" not in client.get("/customers/").content.decode()
    assert client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "csv"}).status_code == 403
    assert not AuditEntry.objects.filter(verb="exported").exists()


# Saved views


def test_a_saved_view_is_an_address_under_a_name(client: Client, boss: User, many: list[Customer]) -> None:
    client.force_login(boss)
    client.post("/lists/customers/views", {"name": "上海大客户", "query": "grade=key&region=上海&at=xyz", "pinned": "1"})
    view = SavedView.objects.get()
    assert (view.query, view.is_pinned, view.is_shared) == ("grade=key&region=%E4%B8%8A%E6%B5%B7", True, False)
    page = client.get("/customers/").content.decode()
    assert "上海大客户" in page
    assert client.get(f"/customers/?{view.query}&view={view.pk}").status_code == 200
    client.post(f"/lists/customers/views/{view.pk}/delete", {"query": ""})
    assert not SavedView.objects.exists()


def test_a_shared_view_shows_others_their_own_rows(client: Client, boss: User, seller: User) -> None:
    customer("张伟", region="上海")
    mine = customer("王芳", region="上海", owner=seller)
    client.force_login(boss)
    client.post("/lists/customers/views", {"name": "上海", "query": "region=上海", "shared": "1"})
    client.post("/lists/customers/views", {"name": "我的", "query": "region=杭州"})
    client.force_login(seller)
    page = client.get("/customers/").content.decode()
    assert ">上海</a>" in page
    assert "我的" not in page.replace("我的菜单", "").replace("我的账户", "")
    assert ids_shown(client.get("/customers/?region=上海")) == [mine.pk]
    view = SavedView.objects.get(name="上海")
    assert client.post(f"/lists/customers/views/{view.pk}/delete", {"query": ""}).status_code == 404


# Bulk


def test_a_bulk_action_takes_the_selection(client: Client, boss: User) -> None:
    one, two, three = customer("甲"), customer("乙"), customer("丙")
    client.force_login(boss)
    client.post(
        "/lists/customers/bulk", {"query": "", "sure": "1", "action": "tag", "tag.add": "老客户，常来", "id": [one.pk, two.pk]}
    )
    tags = dict(Customer.objects.values_list("pk", "tags"))
    assert tags == {one.pk: ["老客户", "常来"], two.pk: ["老客户", "常来"], three.pk: []}


def test_a_bulk_action_on_all_results_takes_the_query_not_the_page(client: Client, boss: User) -> None:
    Customer.objects.bulk_create(
        [Customer(name=f"客户{at}", region="上海") for at in range(60)] + [Customer(name="别的", region="北京")]
    )
    client.force_login(boss)
    li = User.objects.create(username="li", name="李雷")
    answer = client.post(
        "/lists/customers/bulk",
        {"query": "region=上海", "all": "1", "sure": "1", "action": "hand_over", "hand_over.to": str(li.pk)},
        follow=True,
    )
    assert "60" in answer.content.decode()
    assert Customer.objects.filter(owner=li).count() == 60
    assert Customer.objects.get(name="别的").owner is None


def test_a_bulk_action_leaves_what_one_may_not_change(client: Client, seller: User) -> None:
    Role.objects.update(permissions=["customer.view", "customer.edit", "customer.delete"])
    mine, other = customer("甲", owner=seller), customer("乙")
    client.force_login(seller)
    client.post("/lists/customers/bulk", {"query": "", "sure": "1", "action": "delete", "id": [mine.pk, other.pk]})
    assert list(Customer.objects.living()) == [other]
    assert client.post("/lists/customers/bulk", {"query": "", "action": "hand_over", "id": [other.pk]}).status_code == 403


def test_a_bulk_action_first_asks_and_changes_nothing(client: Client, boss: User) -> None:
    one = customer("甲")
    client.force_login(boss)
    for part in (None, "part"):
        headers = {"X-Part": part} if part else {}
        answer = client.post("/lists/customers/bulk", {"query": "q=甲", "action": "delete", "id": one.pk}, headers=headers)
        page = answer.content.decode()
        assert f'name="id" value="{one.pk}"' in page
        assert 'name="query" value="q=甲"' in page
        assert ("<html" in page) == (part is None)
    assert Customer.objects.living().get().version == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"action": "tag", "tag.add": "x"}, 302),  # nothing selected
        ({"action": "hand_over", "all": "1"}, 422),  # to whom?
        ({"action": "hand_over", "all": "1", "hand_over.to": "999"}, 302),
        ({"action": "tag", "all": "1"}, 302),  # no tag
    ],
)
def test_a_bulk_action_told_too_little_says_so_and_changes_nothing(
    client: Client, boss: User, sent: dict[str, str], status: int
) -> None:
    customer("甲")
    client.force_login(boss)
    answer = client.post("/lists/customers/bulk", {"query": "", "sure": "1"} | sent)
    assert answer.status_code == status
    page = answer if status == 422 else client.get("/customers/")
    assert ("field-error" if status == 422 else 'class="toast-line is-bad"') in page.content.decode()
    assert Customer.objects.get().version == 1


@pytest.mark.parametrize("show", ["filters", "view", "save", "export"])
def test_each_dialog_is_a_page_too(client: Client, boss: User, many: list[Customer], show: str) -> None:
    client.force_login(boss)
    alone = client.get("/customers/?grade=key", headers={"X-Part": show}).content.decode()
    assert "<html" not in alone
    assert 'id="part-title"' in alone
    assert 'id="part-title"' in client.get(f"/customers/?grade=key&show={show}").content.decode()
    assert len(ids_shown(client.get(f"/customers/?show={show}"))) == len(many)


def test_unknown_lists_and_actions_do_not_exist(client: Client, boss: User) -> None:
    client.force_login(boss)
    assert client.post("/lists/nothing/bulk", {}).status_code == 404
    assert client.post("/lists/customers/bulk", {"query": "", "action": "explode", "id": "1"}).status_code == 404
    assert client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "exe"}).status_code == 404
    assert client.get("/lists/customers/bulk").status_code == 405


def test_the_parts_of_the_page_come_alone(client: Client, boss: User, many: list[Customer]) -> None:
    client.force_login(boss)
    rows = client.get("/customers/?group=grade", headers={"X-Part": "list"}).content.decode()
    assert "<html" not in rows
    assert "list-table" in rows
    fields = client.get("/customers/?grade=key&clv_from=5", headers={"X-Part": "filters"}).content.decode()
    assert 'value="key" checked' in fields
    assert 'value="5"' in fields
