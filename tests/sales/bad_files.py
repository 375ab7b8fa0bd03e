"""What people send by mistake, by bad luck or on purpose: each file with what has to be said about it."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.customers.test_import_reading import SHEET, cell, workbook

HEAD = "订单号,客户姓名,手机号,下单时间,实付金额\n"
GOOD = "G1,李雷,13800138000,2024-01-05,12.50\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000


@dataclass(frozen=True)
class Case:
    """A file that is refused as a whole says `problem`; of others `rows` are left out: (row, column or "", reason, value)."""

    name: str
    content: Callable[[], bytes]
    problem: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    orders: int = 0  # that come in all the same
    rows: tuple[tuple[int, str, str, str], ...] = ()
    file_name: str = "orders.csv"
    names: tuple[str, ...] = ()  # of the customers that come in


def _text(*lines: str) -> Callable[[], bytes]:
    return lambda: (HEAD + "\n".join(lines)).encode()


def _letter() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


def _gzip_bomb() -> bytes:
    return gzip.compress(b"a,b\n" * 10_000_000)


def _wide(columns: int) -> Callable[[], bytes]:
    head = "订单号,客户姓名,手机号,下单时间,实付金额," + ",".join(f"列{n}" for n in range(5, columns))
    return lambda: f"{head}\n{GOOD.strip()}{',x' * (columns - 5)}\n".encode()


REFUSED = [
    Case("an empty file", lambda: b"", "empty"),
    Case("only a byte-order mark", lambda: b"\xef\xbb\xbf\r\n", "empty"),
    Case("only a header", lambda: HEAD.encode(), "only_header"),
    Case("a picture named .csv", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(1).randbytes(3000), "image"),
    Case("a PDF", lambda: b"%PDF-1.7 \n%\xe2\xe3\xcf\xd3\n1 0 obj", "not_a_table", {"what": "PDF"}),
    Case("a web page named .xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "html", file_name="orders.xls"),
    Case("noise", lambda: random.Random(2).randbytes(20_000), "binary"),
    Case("no encoding that there is", lambda: b"\xff\xff\xfe\xff" * 300, "encoding", {"encoding": "GB18030 / GBK"}),
    Case("a line without end", lambda: (HEAD + GOOD).encode() + b"x" * 3_000_000, "line_too_long",
         {"row": 3, "limit": "1,048,576"}),
    Case("a quotation mark left open", lambda: (HEAD + GOOD + '"G2,韩\n' + GOOD * 9000).encode(), "open_quote", {"row": 3}),
    Case("a workbook with a password", lambda: OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 3000, "password",
         file_name="orders.xlsx"),
    Case("an old letter", lambda: OLE + "WordDocument".encode("utf-16-le") + b"\0" * 3000, "office", file_name="orders.xls"),
    Case("a letter in a workbook's clothes", _letter, "not_a_table", {"what": "ZIP"}, file_name="orders.xlsx"),
    Case("a workbook cut off", lambda: workbook(SHEET)[:-300], "damaged", file_name="orders.xlsx"),
    Case("a zip bomb", lambda: workbook(SHEET, before="<!--" + " " * 40_000_000 + "-->"), "bomb", {"limit": 600},
         file_name="orders.xlsx"),
    Case("a gzip bomb", _gzip_bomb, "bomb", {"limit": 30}, file_name="orders.csv.gz"),
    Case("two cells at the ends of the sheet", lambda: workbook(SHEET + f'<row r="1048576">{cell("CV1048576", "x")}</row>'),
         "sheet_too_large", {"rows": "1,048,576", "columns": 100}, file_name="orders.xlsx"),
    Case("nine hundred columns", _wide(900), "too_many_columns", {"columns": 900, "limit": 600}),
    Case("dates that can be read in two ways", _text("G1,李雷,13800138000,03/04/2024,5", "G2,韩梅梅,13900139000,05/06/2024,6"),
         "date_order", {"row": 2, "column": "下单时间", "value": "03/04/2024"}),
    Case("no column for the day", lambda: "订单号,客户姓名,实付金额\nG1,李雷,5\n".encode(), "unmapped", {"meaning": "date"}),
]  # fmt: skip

LEFT_OUT = [
    Case("two encodings in one file", lambda: (HEAD + GOOD * 30).encode() + "Z1,王五,13700137000,2024-01-01,1\n".encode("gbk"),
         orders=1, rows=((32, "客户姓名", "encoding", ""),)),
    Case("ragged rows", _text("G1,李雷", GOOD.strip(), "G3,王五,13700137000,2024-01-05,9,多,余"), orders=1,
         rows=((2, "", "no_date", ""), (4, "", "too_many_cells", ""))),
    Case("NUL bytes", _text(GOOD.strip(), "G2,韩\0梅,13900139000,2024-01-05,9"), orders=1, rows=((3, "客户姓名", "nul", ""),)),
    Case("days that do not exist",
         _text(GOOD.strip(), "G2,韩梅梅,,2024-02-30,9", "G3,王五,,明天,9", "G4,赵六,,1824-01-01,9"), orders=1,
         rows=((3, "下单时间", "no_such_day", "2024-02-30"), (4, "下单时间", "bad_date", "明天"),
               (5, "下单时间", "date_out_of_range", "1824-01-01"))),
    Case("absurd amounts", _text(GOOD.strip(), "G2,韩梅梅,,2024-01-05,99999999999999", "G3,王五,,2024-01-05,很多"), orders=1,
         rows=((3, "实付金额", "absurd_amount", "99999999999999"), (4, "实付金额", "bad_amount", "很多"))),
    Case("digits that a spreadsheet lost", _text(GOOD.strip(), "G2,韩梅梅,1.38E+10,2024-01-05,9"), orders=1,
         rows=((3, "手机号", "digits_lost", "1.38E+10"),)),
    Case("a cell without bounds", _text(GOOD.strip(), f"G2,{'韩' * 5000},,2024-01-05,9"), orders=1,
         rows=((3, "客户姓名", "too_long", ""),)),
]  # fmt: skip

TAKEN = [
    Case("formulas", _text("G1,=cmd|'/C calc'!A0,13800138000,2024-01-05,5", "G2,@SUM(A1),13900139000,2024-01-05,6"), orders=2,
         names=("=cmd|'/C calc'!A0", "@SUM(A1)")),
    Case("control characters and emoji", _text("G1,李\x07雷\x1b👍🏽,13800138000,2024-01-05,5"), orders=1, names=("李雷👍🏽",)),
    Case("negative amounts", _text("G1,李雷,13800138000,2024-01-05,-5"), orders=1, names=("李雷",)),
    Case("titles that come twice",
         lambda: (HEAD.replace("手机号", "手机号,手机号") + GOOD.replace(",2024", ",x,2024")).encode(),
         orders=1, names=("李雷",)),
    Case("five hundred columns", _wide(500), orders=1, names=("李雷",)),
]  # fmt: skip
