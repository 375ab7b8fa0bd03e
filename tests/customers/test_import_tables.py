"""How a table is found in a file: its delimiter, its header, its sheet, what its columns are, and its rows with their numbers."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from zhike.customers.imports import guess, header, sheets, tables
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.tables import Reading


@pytest.fixture
def file(tmp_path: Path):
    def make(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


def rows_of(path: Path, reading: Reading, **more: Any) -> list[tuple[int, list[str]]]:
    return [one for chunk in tables.chunks(path, reading, **more) for one in zip(chunk.numbers, chunk.rows, strict=True)]


def refusal(path: Path, **stated: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(FileProblem) as caught:
        rows_of(path, tables.recognise(path, **stated))
    assert str(caught.value)
    return caught.value.code, caught.value.params


@pytest.mark.parametrize(
    ("start", "delimiter"),
    [
        ("a,b\n1,2\n", ","), ("a\tb\n1\t2\n", "\t"), ("a;b\n1;2\n", ";"), ("a|b\n1|2\n", "|"), ("a，b\n1，2\n", "，"), ("a^b\n1^2\n", "^"),
        ("甲;乙;丙\n1,5;2;3\n4;5;6\n", ";"), ('a;b\n"1,2,3";x\n"4,5,6";y\n', ";"), ("a,b,c;d\n1,2,3;4\n", ","), ("甲\n1\n2\n", ","),
        ("甲 乙\n1 2\n", " "), ("甲  乙\n\n1\t 2\n", " "), ("甲 乙\n", ","), ("甲 乙\n1 2 3\n", ","), ("x,y z\n" * 3 + "x z\n", ","), ("x z\n" * 2 + "x,y z\n", " "),
        ("a,b\n" * 2 + '"' + "x" * 140_000 + "\n", ","), ("", ","),
    ],
)  # fmt: skip
def test_the_delimiter_cuts_all_lines_alike(start: str, delimiter: str) -> None:
    assert tables.find_delimiter(start) == delimiter


NUMBERS = [["1", "2"], ["3", "4"]]
LONG = "这一列的标题实在是太长了啊"  # 13 signs


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        ([["姓名", "电话"], ["李雷", "x"]], 0), ([["姓名"], ["李雷"]], 0), ([["会员"], ["姓名"], ["李雷"]], 1), ([["报表", "", ""], ["姓名", "电话", "x"], ["1", "2", "3"]], 1),
        ([["姓名", "13800138000"], ["李雷", "13900139000"]], -1), ([["姓名", "a@b.cn"], ["李雷", "c@d.cn"]], -1), ([["报表", "", "", ""], ["甲", "乙", "丙", ""], ["1", "2", "3", "4"]], 1),
        ([["报表", "二月", "", ""], ["甲", "乙", "丙", ""], ["1", "2", "3", "4"]], 1), ([["报表", "二月", ""], ["1", "2", "3"]], 0), ([["x", "y"]] * 11 + [["姓名", "电话"], ["1", "2"]], 11),
        ([["x", "y"]] * 12 + [["姓名", "电话"], ["1", "2"]], -1), ([["甲", "乙"], ["红", "蓝"]], 0), ([["甲", "乙"], ["红", "乙"]], -1), ([["甲", "乙"], ["乙", "甲"]], 0), ([["甲", "乙"], ["红"], ["蓝", "乙"]], -1),
        ([[LONG, "乙"], ["红", "蓝"]], -1), ([[LONG[1:], "乙"], ["红", "蓝"]], 0), ([[LONG, "乙"], *NUMBERS], 0), ([[LONG, "姓名"], ["红", "蓝"]], 0), ([["甲"] * 3, ["1"] * 3], -1),
        ([["甲", "甲", "甲", "乙"], ["1"] * 4], 0), ([["甲", "乙"]], -1), (NUMBERS, -1), ([], -1), ([["", ""], ["甲", "乙"], *NUMBERS], 1),
        ([[LONG, "乙"]] + [["1", "x"]] * 8 + [["x", "x"]] * 2, 0), ([[LONG, "乙"]] + [["1", "x"]] * 7 + [["x", "x"]] * 3, -1), ([[LONG, "乙"], ["红", "", "5"], ["蓝", "", ""]], 0),
        ([[LONG, "乙"]] + [["x", "y"]] * 12 + [["1", "y"]] * 39, -1), ([[LONG, "乙"]] + [["x", "y"]] * 11 + [["1", "y"]] * 39, 0),
    ],
)  # fmt: skip
def test_the_header_is_words_above_values(rows: list[list[str]], at: int) -> None:
    assert header.find(rows) == at


def test_every_column_has_a_name_of_its_own() -> None:
    assert header.distinct(["a", "a", "a (2)", "a", "", " b\0\n c "]) == ["a", "a (2)", "a (2) (2)", "a (3)", "#5", "b c"]
    assert header.distinct(["长" * 81]) == ["长" * 80]


# -- what is stated is not guessed --------------------------------------------------------------------------------------------


def test_who_states_how_to_read_a_file_is_believed(file) -> None:
    path = file("甲;乙\n姓名;电话\n李雷;1,5\n")
    read = tables.recognise(path, delimiter=",")
    assert (read.delimiter, read.columns) == (",", ["#1", "#2"])
    read = tables.recognise(path, header_row=1)
    assert (read.header_row, read.columns, [number for number, _row in rows_of(path, read)]) == (1, ["甲", "乙"], [2, 3])
    read = tables.recognise(path, header_row=0)
    assert (read.header_row, read.columns, len(read.sample)) == (0, ["#1", "#2"], 3)
    traditional = file("姓名,金額\n陳大文,5\n" * 3, "big5")
    assert tables.recognise(traditional, encoding="big5").columns == ["姓名", "金額"]
    assert refusal(traditional, encoding="klingon") == ("encoding", {"encoding": "klingon"})
    assert refusal(file("姓名,电话\n李雷,韩梅梅\n" * 9, "gbk"), encoding="utf-8") == ("encoding", {"encoding": "UTF-8"})


def test_how_a_file_is_read_is_kept_word_for_word(file) -> None:
    read = tables.recognise(file("姓名,电话\n李雷,1\n"))
    assert Reading.from_json(read.as_json()) == read


def test_a_file_without_a_row_says_so(file) -> None:
    assert refusal(file("\n \n"))[0] == refusal(file(",,\n,,\n"))[0] == "empty"
    assert refusal(file("姓名,电话\n,\n"))[0] == "only_header"


# -- rows --------------------------------------------------------------------------------------------------------------------


def test_the_columns_are_as_many_as_the_header_or_most_rows_have(file) -> None:
    assert tables.recognise(file("姓名,电话,,\n李雷,1\n韩梅梅,2\n")).columns == ["姓名", "电话"]
    assert tables.recognise(file("姓名,电话\n李雷,1,x\n韩梅梅,2,y\n王芳,3\n")).columns == ["姓名", "电话", "#3"]
    assert tables.recognise(file("姓名,电话\n李雷,1\n韩梅梅,2\n王芳,3,y\n")).columns == ["姓名", "电话"]
    assert tables.recognise(file("1,2\n3,4\n5,6,7\n8,9\n")).columns == ["#1", "#2", "#3"]
    for columns, wide in ((600, False), (601, True)):
        path = file(",".join(f"c{n}" for n in range(columns)) + "\n" + ",".join("1" * columns))
        if wide:
            assert refusal(path) == ("too_many_columns", {"columns": 601, "limit": 600})
        else:
            assert len(tables.recognise(path).columns) == 600


def test_the_sample_is_short_and_can_be_stored(file) -> None:
    read = tables.recognise(file("姓名,备注\n" + "李雷," + "x" * 300 + "\n" + "a\0b,5\n" * 400))
    assert (len(read.sample), read.sample[0][1], read.sample[1]) == (tables.SAMPLE_ROWS, "x" * 200, ["a␀b", "5"])


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers(file) -> None:
    path = file("姓名,电话\n李雷,1\n,\n ,2\n , \n韩梅梅,\n")
    read = tables.recognise(path)
    assert rows_of(path, read) == [(2, ["李雷", "1"]), (4, [" ", "2"]), (6, ["韩梅梅", ""])]
    path = file("姓名,电话\n李雷,1\n\n韩梅梅\n王芳,2,,\n")
    assert rows_of(path, read) == [(2, ["李雷", "1"]), (4, ["韩梅梅", ""]), (5, ["王芳", "2"])]
    assert rows_of(path, read, size=1) == rows_of(path, read, size=2) == rows_of(path, read)


def test_a_row_with_more_cells_than_the_header_is_told(file) -> None:
    path = file("姓名,电话\n李雷,1,\n\n韩梅梅,2,x\n王芳,3, ,y\n")
    [chunk] = tables.chunks(path, tables.recognise(path))
    assert ([chunk.numbers[at] for at in chunk.long], chunk.rows[-1]) == ([4, 5], ["王芳", "3"])


def test_a_cell_beyond_all_reason_is_named_by_its_row(file) -> None:
    path = file("姓名,电话\n李雷,1\n韩梅梅," + "x" * 140_000 + "\n")
    assert refusal(path) == ("line_too_long", {"row": 3, "limit": "131,072"})
    path = file('姓名,电话\n李雷,1\n韩梅梅,"' + "x\n" * 70_000)
    assert refusal(path) == ("open_quote", {"row": 3})


# -- workbooks ---------------------------------------------------------------------------------------------------------------


def test_a_table_may_stand_anywhere_in_a_workbook(tmp_path: Path) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("空白")
    for name, top, left in (("订单", 2, 1), ("其他", 0, 0)):
        sheet = book.add_sheet(name)
        for row, cells in enumerate([["姓名", "金额"], ["李雷", 5.5], ["韩梅梅", 7]]):
            for column, cell in enumerate(cells):
                sheet.write(top + row, left + column, cell)
    path = tmp_path / "book.xls"
    book.save(path)
    assert sheets.names(path) == ["空白", "订单", "其他"]
    read = tables.recognise(path)
    assert (read.kind, read.sheet, read.header_row, read.columns, read.rows) == ("xls", "订单", 3, ["#1", "姓名", "金额"], 2)
    assert rows_of(path, read) == [(4, ["", "李雷", "5.5"]), (5, ["", "韩梅梅", "7"])]
    read = tables.recognise(path, sheet="其他")
    assert (read.header_row, rows_of(path, read)[0]) == (1, (2, ["李雷", "5.5"]))
    assert refusal(path, sheet="空白")[0] == "empty"
    assert refusal(path, sheet="没有") == ("sheet_missing", {"sheet": "没有", "sheets": "空白, 订单, 其他"})


def test_a_sheet_of_one_row_is_a_sheet(tmp_path: Path) -> None:
    import xlwt

    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "姓名")
    book.save(tmp_path / "book.xls")
    assert refusal(tmp_path / "book.xls")[0] == "only_header"


def test_a_workbook_of_empty_sheets_has_no_table(tmp_path: Path) -> None:
    import xlwt

    book = xlwt.Workbook()
    book.add_sheet("a")
    book.save(tmp_path / "book.xls")
    assert refusal(tmp_path / "book.xls")[0] == "no_sheet"


NOON = datetime.datetime.fromisoformat("2024-01-05 12:30:00")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (True, "TRUE"), (False, "FALSE"), (3.0, "3"), (-3.0, "-3"), (0.1 + 0.2, "0.3"), (12.5, "12.5"), (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1.000000E+15"), (-1e15, "-1.000000E+15"), (1e14 + 0.5, "100000000000000"), (5, "5"), ("x", "x"), (NOON, "2024-01-05 12:30:00"), (NOON.replace(hour=0, minute=0), "2024-01-05"),
        (NOON.date(), "2024-01-05"), (NOON.time(), "12:30:00"),
    ],
)  # fmt: skip
def test_a_cell_of_a_workbook_is_what_somebody_would_have_typed(cell: Any, text: str) -> None:
    assert sheets.as_text(cell) == text


# -- what the columns mean ---------------------------------------------------------------------------------------------------


def meant(titles: str, *rows: str, kind: str = "orders", labels: dict[str, str] | None = None) -> dict[str, int]:
    columns = titles.split(",")
    return guess.mapping_of(Reading("text", columns=columns, sample=[row.split(",") for row in rows]), kind, labels)


@pytest.mark.parametrize(
    ("kind", "titles", "found"),
    [
        ("customers", "客户编号,客户名称,手机,邮箱,统一社会信用代码,会员号,微信,客户类型,生日,地区,地址,联系人,标签,备注,负责人,来源",
         "number name phone email credit_code member_no wechat kind birthday customer_region address contact tags note owner source"),
        ("orders", "订单号,日期,应付日期,到账日期,金额,数量,单价,商品,商品编码,成本,渠道,地区", "order_no date due_on paid_on amount quantity unit_price product product_code cost channel region"),
        ("answers", "客户编号,日期,门店,服务人员,意见", "number date shop person words"),
        ("customers", "手机（必填）,公司注册地址,客户的备注,第一联系人", "phone address note contact"), ("customers", "Customer E-mail Address,#电话,行号,原因,序号", "email"),
        ("orders", "保险到期日,您的订单号,顾客的电话", "order_no phone"), ("customers", "订单号,金额", ""), ("customers", "电话,手机,备用电话", "phone"), ("customers", "mytel,myphone,workmobile", "phone"),
    ],
)  # fmt: skip
def test_a_column_is_known_by_its_title(kind: str, titles: str, found: str) -> None:
    assert " ".join(meant(titles, ",".join("?" * len(titles.split(","))), kind=kind)) == found


def test_a_header_is_known_by_its_words_alone() -> None:
    titles = "客户编号,客户名称,手机,邮箱,统一社会信用代码,会员号,微信,客户类型,生日,地区,地址,联系人,标签,备注,负责人,来源,订单号,日期,应付日期,到账日期"
    assert [title for title in titles.split(",") if header.find([[title], ["x"], ["x"]]) != 0] == []


def test_a_column_is_known_by_the_label_of_a_field_of_the_model() -> None:
    labels = {"鞋码": "profile:shoe", "尺码": "profile:shoe", "姓名": "profile:title"}
    assert meant("鞋 码,尺码,姓名", "42,L,李", kind="customers", labels=labels) == {"profile:shoe": 0, "name": 2}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["13800138000,x,2024-01-05,1,2.5"], {"phone": 0, "date": 2, "amount": 4}), (["a@b.cn,2024-01-05,2.5,1"], {"email": 0, "date": 1, "amount": 2}),
        (["李雷,2024/1/5,7,8"], {"name": 0, "date": 1, "amount": 3}), (["K01,20240105,7"], {"date": 1, "amount": 2, "number": 0}), (["91350100M000100Y43,2024.1.5"], {"credit_code": 0, "date": 1}),
        (["顺途有限公司,2024年1月5日"], {"name": 0, "date": 1}), (["123456789012345678,x"], {"number": 0}), (["13800138000,13900139000"], {"phone": 0, "amount": 1}),
        (["13800138000"] * 4 + ["x"], {"phone": 0}), (["13800138000"] * 3 + ["x"], {}), (["K1x,2024-01-05,5"], {"date": 1, "amount": 2}), (["00001,19970101,11.77"] * 4 + ["a b,19970101,1"], {"number": 0, "date": 1, "amount": 2}),
    ],
)  # fmt: skip
def test_a_column_is_known_by_its_values_where_its_title_says_nothing(rows: list[str], found: dict[str, int]) -> None:
    assert meant(",".join("甲乙丙丁戊"[: rows[0].count(",") + 1]), *rows) == found


def test_of_a_file_of_customers_no_day_and_no_amount_is_guessed() -> None:
    assert meant("甲,乙,丙", "13800138000,2024-01-05,2.5", kind="customers") == {"phone": 0}


@pytest.mark.parametrize(
    ("titles", "row", "found"),
    [
        ("客户,金额", "李雷,5", "name amount"), ("客户,金额", "13800138000,5", "phone amount"), ("客户,金额", "a@b.cn,5", "email amount"), ("客户,金额", "K1,5", "number amount"),
        ("客户,姓名,金额", "李雷,李雷,5", "number name amount"), ("客户编号,金额", "李雷,5", "number amount"), ("客户,单价", "K1,5", "number amount"),
        ("客户,单价,数量", "K1,5,1", "number unit_price quantity"), ("客户,单价,金额", "K1,5,5", "number unit_price amount"), ("客户,到账日期,金额", "K1,2024-01-05,5", "number date amount"),
        ("客户,日期,到账日期,金额", "K1,2024-01-05,2024-01-05,5", "number date paid_on amount"),
    ],
)  # fmt: skip
def test_what_a_title_leaves_open_its_values_decide(titles: str, row: str, found: str) -> None:
    assert sorted(meant(titles, row)) == sorted(found.split())


def test_a_file_of_customers_has_prices_only_as_fields_of_its_own() -> None:
    assert meant("客户,到账日期,单价", "K1,2024-01-05,5", kind="customers") == {"number": 0}


@pytest.mark.parametrize(
    ("cells", "is_"),
    [
        (["K1", "K2"], "number"), (["K1", "李雷"], "number"), (["K1", "李雷", "王芳"], "name"), (["Li 2"], "name"), ([], "number"), (["13800138000"] * 3 + ["x", "y"], "phone"),
        (["13800138000"] * 4 + ["K1", "K2", "K3"], "number"), (["a@b.cn"] * 4 + ["x"], "email"), (["a@b.cn"] * 3 + ["x"], "name"),
    ],
)  # fmt: skip
def test_a_customer_is_named_by_phone_address_number_or_name(cells: list[str], is_: str) -> None:
    assert guess.kind_of_customer_column(cells) == is_


@pytest.mark.parametrize(
    ("code", "yes", "no"),
    [
        ("email", "a@b.cn", "a@b"), ("credit_code", "91350100M000100Y43", "123456789012345678"), ("credit_code", "9135010MM000100Y4X", "91350100I000100Y43"), ("date", "2024-1-5", "5"),
        ("name", "李雷", "李"), ("name", "欧阳娜娜", "欧阳娜娜们"), ("name", "ACME Ltd", "ACME"), ("name", "红星厂", "hello"), ("amount", "¥5", "x"), ("phone", "138-0013-8000", "12"),
    ],
)  # fmt: skip
def test_how_many_cells_of_a_column_say_it(code: str, yes: str, no: str) -> None:
    assert guess.share_of(code, [yes, no, no, no]) == 0.25
    assert guess.share_of(code, []) == 0


def test_a_column_is_named_by_its_title_or_its_place() -> None:
    reading = Reading("text", columns=["下单时间", "金额", "3"], sample=[["2024-01-05", "5", "x"]])
    for said, at in (("下单时间", 0), (" 下单 时间：", 0), ("1", 0), ("2", 1), ("3", 2)):
        assert guess.from_words(reading, [("date", said)], {"date": "date"}) == {"date": at}
    for said in ("0", "4", "-1", "时间"):
        with pytest.raises(FileProblem) as caught:
            guess.from_words(reading, [("date", said)], {"date": "date"})
        assert (caught.value.code, caught.value.params) == ("no_column", {"column": said, "columns": "下单时间, 金额, 3"})
    with pytest.raises(FileProblem) as caught:
        guess.from_words(reading, [("hat", "1")], {"date": "date", "amount": "amount"})
    assert (caught.value.code, caught.value.params) == ("no_meaning", {"meaning": "hat", "known": "date, amount"})
