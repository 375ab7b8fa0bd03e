"""The wizard: from the file to the report and back, in the browser's own requests."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from zhike.core import home
from zhike.customers.choices import ImportState
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.actions import change_order
from zhike.sales.imports import actions
from zhike.sales.models import Order
from zhike.teams.choices import Language
from zhike.teams.models import Notice, Role, User

FILE = "订单号,客户姓名,手机号,下单时间,实付金额\nA1,李雷,13800138000,2024-01-05,12.5\nA2,韩梅梅,1.38E+10,2024-01-06,9\n"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create(username="boss", name="老板", is_administrator=True, language="en")


@pytest.fixture
def browser(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def upload(browser: Client, content: str | bytes = FILE, *, name: str = "orders.csv", kind: str = "orders") -> Any:
    data = content if isinstance(content, bytes) else content.encode()
    return browser.post("/imports/", {"kind": kind, "file": SimpleUploadedFile(name, data)})


def work() -> None:
    """What the worker does next."""
    for batch in ImportBatch.objects.filter(state__in=[*actions.BUSY_STATES, ImportState.UNDOING]):
        if batch.state == ImportState.UNDOING:
            actions.undo_in_background(batch_id=batch.pk, now=timezone.now())
        else:
            actions.run_in_background(batch_id=batch.pk, language="en", now=timezone.now())


CHOICE = {"c0": "order_no", "c1": "name", "c2": "phone", "c3": "date", "c4": "amount", "policy": "update"}


def test_from_the_file_to_the_report_and_back(browser: Client) -> None:
    address = upload(browser).headers["Location"]
    shown = browser.get(address).content.decode()
    assert "李雷" in shown
    assert '<option value="order_no" selected>' in shown
    assert browser.post(address, CHOICE | {"do": "check"}).status_code == 302
    assert 'hx-get="' in browser.get(address).content.decode()  # asks again by itself
    work()
    part = browser.get(address, headers={"X-Part": "progress"})
    assert part.headers["HX-Refresh"] == "true"
    checked = browser.get(address).content.decode()
    assert "a spreadsheet has cut off digits" in checked
    assert Order.objects.count() == 0
    browser.post(address, CHOICE | {"do": "run"})
    work()
    report = browser.get(address).content.decode()
    assert "Undo the import" in report
    assert (Order.objects.count(), Customer.objects.get().name) == (1, "李雷")
    rejected = browser.get(f"{address}rejected/")
    assert "attachment" in rejected.headers["Content-Disposition"]
    assert "A2" in b"".join(rejected.streaming_content).decode()  # type: ignore[arg-type]
    batch = ImportBatch.objects.get().pk
    for figure in (f"/orders/?batch={batch}", f"/customers/?batch={batch}"):
        assert f'<dd><a href="{figure}">1</a></dd>' in report
        assert browser.get(figure).content.decode().count('name="id"') == 1
    assert f'<dd><a href="{address}rejected/">1</a></dd>' in report
    assert Notice.objects.get().kind == "import.done"
    assert browser.get("/notices/").status_code == 200
    browser.post(f"{address}undo/")
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)
    assert "is undone" in browser.get(address).content.decode()


def test_the_rows_left_out_are_explained_in_the_language_of_who_fetches_them(browser: Client, boss: User) -> None:
    address = upload(browser).headers["Location"]
    browser.post(address, CHOICE | {"do": "run"})
    work()

    def last_cells() -> list[list[str]]:
        sent = b"".join(browser.get(f"{address}rejected/").streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
        return [line[-2:] for line in csv.reader(io.StringIO(sent))]

    english = last_cells()
    User.objects.filter(pk=boss.pk).update(language=Language.CHINESE)
    chinese = last_cells()
    assert (english[0], chinese[0]) == (["Row", "Reason"], ["行号", "原因"])
    assert [row for row, _why in english[1:]] == [row for row, _why in chinese[1:]]
    assert "a spreadsheet has cut off digits" in english[1][1]
    assert "a spreadsheet" not in chinese[1][1]


def test_the_undo_names_what_was_edited_since_and_asks(browser: Client, boss: User) -> None:
    address = upload(browser).headers["Location"]
    browser.post(address, CHOICE | {"do": "run"})
    work()
    assert "Somebody has worked on it since" not in browser.get(f"{address}undo/").content.decode()
    change_order(actor=boss, order=Order.objects.get().pk, channel="门店")
    asked = browser.get(f"{address}undo/").content.decode()
    assert [word for word in ("A1", "changed by hand", "老板", "Take that back too") if word not in asked] == []
    assert browser.post(f"{address}undo/", {"edited": "x"}).status_code == 422
    assert Order.objects.count() == 1
    browser.post(f"{address}undo/", {"edited": "keep"})
    report = browser.get(address).content.decode()
    assert "Kept, because somebody has worked on it since" in report
    assert f'href="/orders/{Order.objects.get().pk}/"' in report
    assert browser.get(f"{address}undo/").status_code == 302  # nothing more to undo


def test_a_wrong_file_is_answered_with_what_to_do(browser: Client) -> None:
    kept = set(home.folder("files").rglob("*"))
    answer = upload(browser, b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert answer.status_code == 422
    assert "This is a picture" in answer.content.decode()
    assert ImportBatch.objects.count() == 0
    assert not [path for path in set(home.folder("files").rglob("*")) - kept if path.is_file()]
    assert browser.post("/imports/", {"kind": "orders"}).status_code == 422


def test_a_mapping_that_lacks_something_is_refused_with_what_was_chosen(browser: Client) -> None:
    address = upload(browser).headers["Location"]
    answer = browser.post(address, CHOICE | {"c3": "", "do": "run"})
    assert (answer.status_code, "No column is chosen for: date" in answer.content.decode()) == (422, True)
    answer = browser.post(address, CHOICE | {"c2": "name", "do": "run"})
    assert (answer.status_code, "Two columns are chosen for: customer name" in answer.content.decode()) == (422, True)


def test_another_header_row_and_encoding_can_be_chosen(browser: Client) -> None:
    address = upload(browser, FILE.encode("gbk")).headers["Location"]
    browser.post(f"{address}read/", {"encoding": "gb18030", "delimiter": "comma", "header_row": "0"})
    assert ImportBatch.objects.get().reading["columns"][0] == "#1"
    browser.post(f"{address}read/", {"encoding": "gb18030", "delimiter": "comma", "header_row": "1"})
    assert ImportBatch.objects.get().reading["columns"][0] == "订单号"


def test_the_same_file_again_is_warned_of(browser: Client) -> None:
    for _ in range(2):
        address = upload(browser).headers["Location"]
        browser.post(address, CHOICE | {"do": "run"})
        work()
    assert "imported already" in browser.get(address).content.decode()
    assert Order.objects.count() == 1


def test_a_waiting_import_can_be_cancelled(browser: Client) -> None:
    address = upload(browser).headers["Location"]
    browser.post(f"{address}cancel/")
    assert ImportBatch.objects.get().state == ImportState.CANCELLED
    assert browser.get(address).status_code == 200


def test_a_customer_file(browser: Client) -> None:
    text = "姓名,手机号,生日,标签,联系人,地址\n顺途有限公司,13800138000,1990-05-01,老客户;大客户,李雷,西湖边\n"
    address = upload(browser, text, kind="customers").headers["Location"]
    choice = {
        "c0": "name",
        "c1": "phone",
        "c2": "birthday",
        "c3": "tags",
        "c4": "contact",
        "c5": "address",
        "policy": "update",
        "do": "run",
    }
    browser.post(address, choice)
    work()
    found = Customer.objects.get()
    assert (found.kind, found.birthday, found.tags) == ("organisation", datetime.date(1990, 5, 1), ["老客户", "大客户"])
    assert (found.contacts.get().name, found.addresses.get().detail) == ("李雷", "西湖边")
    browser.post(f"{address}undo/")
    assert Customer.objects.count() == 0


def test_who_may_not_import_gets_403_and_strangers_404(browser: Client, boss: User) -> None:
    address = upload(browser).headers["Location"]
    clerk = User.objects.create(username="clerk", name="文员")
    other = Client()
    other.force_login(clerk)
    assert {other.get(one).status_code for one in ("/imports/", address)} == {403}
    role = Role.objects.create(name="importer", permissions=["customer.import", "customer.view"], scope="own")
    clerk.roles.add(role)
    assert other.get("/imports/").status_code == 200
    assert other.get(address).status_code == 404
    assert other.post(f"{address}undo/").status_code == 404
    assert upload(other).status_code == 422  # orders are not offered to who may not enter them
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_database_a_fixed_number_of_times(
    browser: Client, boss: User, number: int, django_assert_max_num_queries: Any, tmp_path: Path
) -> None:
    for at in range(number):
        ImportBatch.objects.create(kind="orders", file_name=f"{at}.csv", created_by=boss)
    with django_assert_max_num_queries(7):
        assert browser.get("/imports/").status_code == 200


def test_each_reader_is_told_in_a_language_of_their_own(browser: Client, boss: User) -> None:
    """Whoever imported it, and although it was read by a worker. Sentences that an earlier version kept can still be read."""
    colleague = User.objects.create(username="hong", name="红", is_administrator=True, language="zh-hans")
    chinese = Client(headers={"Accept-Language": "zh-hans"})
    chinese.force_login(colleague)
    for content in (FILE.replace("2024-01-05", "2024-02-30"), FILE):
        upload(browser, content)
    dated, failing = ImportBatch.objects.order_by("pk")
    for batch in (dated, failing):
        actions.start_import(actor=boss, batch=batch)
    failing.file.delete()
    work()
    Notice.objects.update(user=colleague)
    told = {"zh": "没有这一天", "en": "there is no such day"}, {"zh": "文件已不存在", "en": "The file is no longer there"}
    for batch, words in zip((dated, failing), told, strict=True):
        assert words["en"] in browser.get(f"/imports/{batch.pk}/").content.decode()
        assert words["zh"] in chinese.get(f"/imports/{batch.pk}/").content.decode()
        assert words["zh"] in str(chinese.get(f"/api/imports/{batch.pk}").json())
    assert told[1]["zh"] in chinese.get("/notices/").content.decode()
    ImportBatch.objects.filter(pk=failing.pk).update(problem="从前的一句话")
    ImportBatch.objects.filter(pk=dated.pk).update(counts=dated.counts | {"first": [{"row": 2, "reason": "从前的原因"}]})
    assert "从前的一句话" in chinese.get(f"/imports/{failing.pk}/").content.decode()
    assert "从前的原因" in chinese.get(f"/imports/{dated.pk}/").content.decode()


ANSWERS = (
    "提交时间,门店,总体满意度,推荐意愿,价格满意度,价格期望,如果提供取车,如果不提供取车\n"
    + "".join(f"2024-03-{n % 28 + 1:02},城东店,{n % 5 + 1},{n % 11},{n % 4 + 1},5,喜欢,无所谓\n" for n in range(30))
)  # fmt: skip


def test_answers_are_brought_in_their_roles_mended_and_what_came_is_listed(client: Client, boss: User) -> None:
    client.force_login(boss)
    address = upload(client, ANSWERS, name="回访.csv", kind="answers")["Location"]
    shown = client.get(address).content.decode()
    for role in ("overall", "recommend", "rating", "expected", "functional", "dysfunctional"):
        assert f'<option value="{role}" selected' in shown
    form = {
        "c0": "date",
        "c1": "shop",
        "c2": "overall",
        "c3": "recommend",
        "c4": "rating",
        "n4": "1",
        "s4": "1-7",
        "c5": "expected",
    }
    refused = client.post(address, form | {"n5": "9", "do": "run"})
    assert refused.status_code == 422
    assert client.post(address, form | {"n5": "1", "do": "run"}).status_code == 302
    batch = ImportBatch.objects.get(kind="answers", created_by=boss)
    assert batch.mapping == {"date": 0, "shop": 1, "overall": 2, "recommend": 3, "rating:1": 4, "expected:1": 5}
    assert batch.options["scales"] == {"4": "1-7"}
    actions.run_in_background(batch_id=batch.pk, language="zh-hans", now=timezone.now())
    assert reverse("answers") in client.get(address).content.decode()
    listed = client.get(reverse("answers"), {"batch": batch.pk, "votes": "detractor", "shop": "城东店", "low": "价格"})
    assert listed.status_code == 200
    assert "城东店" in listed.content.decode()
    nobody = client.get(reverse("answers"), {"batch": batch.pk, "shop": "城"})
    assert "2024-03" not in nobody.content.decode()
