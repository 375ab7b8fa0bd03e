"""What one sees in the list, and nobody sees of others."""

import datetime
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.lists.world import content, customer, ids_shown, score
from zhike.customers.models import Customer, FieldDefinition
from zhike.sales.models import Order
from zhike.teams.models import User
from zhike.value.models import Run

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("show", ["filters", "view", "save", "export"])
def test_each_dialog_is_a_page_too(client: Client, boss: User, many: list[Customer], show: str) -> None:
    client.force_login(boss)
    alone = client.get("/customers/?grade=key", headers={"X-Part": show}).content.decode()
    assert "<html" not in alone
    assert 'id="part-title"' in alone
    assert 'id="part-title"' in client.get(f"/customers/?grade=key&show={show}").content.decode()
    assert len(ids_shown(client.get(f"/customers/?show={show}"))) == len(many)


def test_the_parts_of_the_page_come_alone(client: Client, boss: User, many: list[Customer]) -> None:
    client.force_login(boss)
    rows = client.get("/customers/?group=grade", headers={"X-Part": "list"}).content.decode()
    assert "<html" not in rows
    assert "list-table" in rows
    fields = client.get("/customers/?grade=key&clv_from=5", headers={"X-Part": "filters"}).content.decode()
    assert 'value="key" checked' in fields
    assert 'value="5"' in fields


def test_a_field_one_is_not_cleared_for_is_no_column_no_filter_and_in_no_file(client: Client, seller: User) -> None:
    FieldDefinition.objects.create(
        code="debts", label_zh="负债情况", label_en="Debts", ring="extended", type="text", confidentiality="secret"
    )
    with_debts = customer("张伟", owner=seller, profile={"debts": "欠款三百万"})
    without = customer("王芳", owner=seller)
    client.force_login(seller)
    for query in ("f_debts=欠款", "columns=name,f_debts", "f_debts=没有&columns=f_debts"):
        answer = client.get(f"/customers/?{query}")
        assert set(ids_shown(answer)) == {with_debts.pk, without.pk}, query
        assert "负债情况" not in answer.content.decode()
        assert "欠款三百万" not in answer.content.decode()
    for part in ("filters", "view"):
        assert "f_debts" not in client.get("/customers/", headers={"X-Part": part}).content.decode()
    sent = client.post("/lists/customers/export", {"query": "columns=name,f_debts", "all": "1", "kind": "csv"})
    assert "欠款三百万" not in content(sent).decode()


def test_region_and_birthday_classed_higher_are_masked_and_neither_filtered_nor_grouped_by(client: Client, seller: User) -> None:
    FieldDefinition.objects.filter(code__in=["region", "birthday"]).update(confidentiality="confidential")
    shanghai = customer("张伟", owner=seller, region="上海徐汇", birthday=datetime.date(1980, 3, 8))
    other = customer("王芳", owner=seller, region="杭州")
    client.force_login(seller)
    for query in ("columns=name,region,birthday", "region=上海&columns=name,region", "birthday=3&columns=birthday", "group=region"):
        answer = client.get(f"/customers/?{query}")
        assert set(ids_shown(answer)) == {shanghai.pk, other.pk}, query
        assert "上海徐汇" not in answer.content.decode()
        assert "1980-03-08" not in answer.content.decode()
    sent = client.post("/lists/customers/export", {"query": "columns=name,region,birthday", "all": "1", "kind": "csv"})
    text = content(sent).decode()
    assert "上海" not in text
    assert "03-08" not in text
    assert "****" in text


def group_lines(answer: Any) -> list[tuple[str, str, int]]:
    """Word, address, count of each line."""
    [table] = re.findall(r'<table class="ledger compact groups">.*?</table>', answer.content.decode(), re.S)
    found = re.findall(r'<a href="([^"]+)">([^<]*)</a></td><td class="num">([\d,]+)<', table)
    return [(word, unescape(address), int(count)) for address, word, count in found]


@pytest.mark.parametrize("group", ["grade", "stage", "rfm_class", "segment", "owner", "region"])
def test_every_line_of_a_grouping_leads_to_as_many_rows_as_it_counts(client: Client, boss: User, run: Run, group: str) -> None:
    """Also the line of those without, and of a region that another one begins with."""
    for at, region in enumerate(["", "上海", "上海浦东", "上海浦东"]):
        made = customer(f"客户{at}", region=region, owner=boss if at else None)
        if at:
            score(run, made, grade="key", stage="stable", rfm_class="important_value" if at > 1 else None, segment="champion")
    client.force_login(boss)
    lines = group_lines(client.get(f"/customers/?group={group}"))
    assert sum(count for _word, _address, count in lines) == 4
    assert {word: len(ids_shown(client.get(address))) for word, address, _count in lines} == {
        word: count for word, _address, count in lines
    }


def test_orders_are_grouped_with_their_sums(client: Client, boss: User) -> None:
    for amount, channel in ((100, "门店"), (50, "门店直播"), (30, "门店"), (7, "")):
        Order.objects.create(customer=customer("张伟"), ordered_at=timezone.now(), amount=amount, channel=channel)
    client.force_login(boss)
    answer = client.get("/orders/?group=channel")
    assert {word: count for word, _address, count in group_lines(answer)} == {"门店": 2, "门店直播": 1, "暂无": 1}
    assert "¥130" in answer.content.decode()
    assert [len(ids_shown(client.get(address))) for _word, address, _count in group_lines(answer)] == [2, 1, 1]
