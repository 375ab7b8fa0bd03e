"""Real workbooks of the format before 2007, as old programs still write them."""

from __future__ import annotations

import datetime
import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from zhike.teams.models import User

HEAD = ("订单号", "客户姓名", "手机号", "下单时间", "实付金额", "数量")
ROWS = [
    ("A1", "李雷", 13800138000.0, datetime.datetime(2024, 1, 5, 15, 30), 12.5, 1),  # noqa: DTZ001  workbooks know no zones
    ("A2", "上海顺途汽车服务有限公司", "013900139000", datetime.date(2024, 1, 6), "1,280.00", "2"),
    ("A3", "王芳😀", "１３７００１３７０００", "2024年1月7日", 88, 3),
]


def workbook(*, title_above: bool = False) -> bytes:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("空白")
    sheet = book.add_sheet("订单")
    above = 1 if title_above else 0
    if title_above:
        sheet.write(0, 0, "2024年订单导出")
    day, moment = xlwt.easyxf(num_format_str="YYYY-MM-DD"), xlwt.easyxf(num_format_str="yyyy/m/d h:mm")
    for row, cells in enumerate([HEAD, *ROWS], above):
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime.date):
                sheet.write(row, column, cell, moment if isinstance(cell, datetime.datetime) else day)
            else:
                sheet.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def locked(content: bytes) -> bytes:
    """As a password leaves it: the record that says so follows the first one."""
    start = content.index(struct.pack("<HHH", 0x0809, 16, 0x0600)) + 20
    _kind, length = struct.unpack_from("<HH", content, start)
    return content[:start] + struct.pack("<HH", 0x002F, length) + content[start + 4 :]


@pytest.mark.parametrize("title_above", [False, True])
def test_an_old_workbook_is_imported_with_its_dates_and_numbers(
    boss: User, tmp_path: Path, at: datetime.datetime, title_above: bool
) -> None:
    from django.utils import timezone

    from zhike.customers.models import Customer
    from zhike.sales.imports import actions
    from zhike.sales.models import Order

    path = tmp_path / "订单.xls"
    path.write_bytes(workbook(title_above=title_above))
    batch = actions.open_path(actor=boss, kind="orders", path=path)
    assert (batch.reading["kind"], batch.reading["sheet"], batch.reading["columns"]) == ("xls", "订单", list(HEAD))
    outcome = actions.run_now(actor=boss, batch=batch, now=at)
    assert outcome.reasons == {}
    phones = {one.name: one.phone for one in Customer.objects.all()}
    assert phones["李雷"] == "+8613800138000"
    assert phones["王芳😀"] == "+8613700137000"
    found: dict[str, Any] = {
        one.order_no: (timezone.localtime(one.ordered_at), one.amount, one.quantity) for one in Order.objects.all()
    }
    assert [found[no][0].strftime("%Y-%m-%d %H:%M") for no in ("A1", "A2", "A3")] == [
        "2024-01-05 15:30", "2024-01-06 00:00", "2024-01-07 00:00",
    ]  # fmt: skip
    assert [(str(found[no][1]), int(found[no][2])) for no in ("A1", "A2", "A3")] == [("12.50", 1), ("1280.00", 2), ("88.00", 3)]


@pytest.mark.parametrize(("spoil", "code"), [(locked, "password"), (lambda content: content[: len(content) // 2], "office")])
def test_a_locked_or_damaged_old_workbook_is_refused_in_words(boss: User, tmp_path: Path, spoil: Any, code: str) -> None:
    from zhike.customers.imports.problems import FileProblem
    from zhike.sales.imports import actions

    path = tmp_path / "orders.xls"
    path.write_bytes(spoil(workbook()))
    with pytest.raises(FileProblem) as refused:
        actions.open_path(actor=boss, kind="orders", path=path)
    assert refused.value.code == code
