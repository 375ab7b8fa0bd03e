"""Files as people send them: recognised, or refused with a clear word; never half read, never without bound."""

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest

from zhike.customers.imports import guess, tables
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.tables import Reading

HEADER = "客户姓名,手机号,下单时间,实付金额\n"
ROWS = "李雷,13800138000,2024-01-05,12.50\n韩梅梅,13900139000,2024-01-06,99\n"


def write(folder: Path, content: bytes | str, *, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def all_rows(path: Path, reading: Reading) -> list[list[str]]:
    return [row for chunk in tables.chunks(path, reading) for row in chunk.rows]


def refused(path: Path) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        list(tables.chunks(path, tables.recognise(path)))
    assert str(caught.value)  # a sentence, with all its parts filled in
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, HEADER + ROWS * 20, encoding=encoding)
    reading = tables.recognise(path)
    assert reading.columns == ["客户姓名", "手机号", "下单时间", "实付金额"]
    assert all_rows(path, reading)[0] == ["李雷", "13800138000", "2024-01-05", "12.50"]
    assert len(all_rows(path, reading)) == 40


def test_a_short_gbk_file_is_not_taken_for_something_else(tmp_path: Path) -> None:
    path = write(tmp_path, "姓名,电话\n联通,13800138000\n", encoding="gbk")
    reading = tables.recognise(path)
    assert (reading.encoding, all_rows(path, reading)) == ("gb18030", [["联通", "13800138000"]])


def test_chinese_far_behind_the_first_blocks_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, b"name,amount\n" + b"smith,1\n" * 400_000 + "李雷,2\n".encode("gbk"))
    reading = tables.recognise(path)
    assert reading.encoding == "gb18030"
    assert all_rows(path, reading)[-1] == ["李雷", "2"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, (HEADER + ROWS).replace(",", delimiter), name="file.txt")
    reading = tables.recognise(path)
    assert (reading.delimiter, len(reading.columns)) == (delimiter, 4)


def test_columns_of_white_space_with_a_header_that_looks_like_data(tmp_path: Path) -> None:
    path = write(
        tmp_path, b" customer_id  date n_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n"
    )
    reading = tables.recognise(path)
    assert (reading.header_row, reading.delimiter) == (1, tables.SPACES)
    assert all_rows(path, reading) == [["00001", "19970101", "1", "11.77"], ["00002", "19970112", "1", "12.00"]]


def test_a_file_without_a_header(tmp_path: Path) -> None:
    path = write(tmp_path, "00001,19970101,1,11.77\n00002,19970112,1,12.00\n")
    reading = tables.recognise(path)
    assert (reading.header_row, reading.columns) == (0, ["#1", "#2", "#3", "#4"])
    assert len(all_rows(path, reading)) == 2


def test_title_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "2024年门店销售明细,,,\n,,,\n" + HEADER + ROWS)
    reading = tables.recognise(path)
    assert (reading.header_row, reading.columns[0]) == (3, "客户姓名")
    assert [chunk.numbers for chunk in tables.chunks(path, reading)] == [[4, 5]]


@pytest.mark.parametrize(
    ("titles", "row"),
    [
        ("客户姓名,联系方式,,\n姓名,手机号,下单时间,实付金额\n", 2),  # a finer second line
        ("姓名,手机,日期,金额\nname,phone,date,amount\n", 2),  # the same in another language
        ("姓名,手机,日期,金额\n,,日期,金额\n", 1),  # says less than the first
        ("姓名,手机,日期,金额\n公司,客户,日期,金额甲\n", 1),  # not only words that stand above columns
    ],
)
def test_of_two_lines_of_titles_the_finer_counts(tmp_path: Path, titles: str, row: int) -> None:
    assert tables.recognise(write(tmp_path, titles + ROWS)).header_row == row


def test_duplicate_and_missing_titles_get_names_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, "姓名,电话,电话,\n李雷,13800138000,1,2\n")
    assert tables.recognise(path).columns == ["姓名", "电话", "电话 (2)", "#4"]


def test_rows_with_too_few_and_too_many_cells(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "李雷\n" + ROWS * 5 + "韩梅梅,13900139000,2024-01-06,99,多,余\n王,13700137000,2024-01-01,1,,\n")
    reading = tables.recognise(path)
    [chunk] = tables.chunks(path, reading)
    assert chunk.rows[0] == ["李雷", "", "", ""]
    assert [chunk.numbers[at] for at in chunk.long] == [13]  # the empty cells at the end of row 14 are no harm


def test_quoted_cells_keep_their_commas_and_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'name,note,amount\n"Li, Lei","first\nsecond ""x""",5\nHan,b,6\n')
    assert all_rows(path, tables.recognise(path))[0] == ["Li, Lei", 'first\nsecond "x"', "5"]


def test_a_gzipped_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROWS).encode()))
    assert len(all_rows(path, tables.recognise(path))) == 2


def test_lines_in_another_encoding_are_marked_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, (HEADER + ROWS * 30).encode() + "王五,13700137000,2024-01-01,1\n".encode("gbk") + ROWS.encode())
    reading = tables.recognise(path)
    assert (reading.encoding, reading.mixed) == ("utf-8", True)
    assert [row[0] for row in all_rows(path, reading) if "\ufffd" in row[0]] != []
    assert all_rows(path, reading)[-1][0] == "韩梅梅"


def test_utf8_lines_in_a_gbk_file_are_marked_too(tmp_path: Path) -> None:
    path = write(tmp_path, (HEADER + ROWS * 30).encode("gbk") + "欧阳娜娜,13700137000,2024-01-01,1\n".encode())
    reading = tables.recognise(path)
    assert (reading.encoding, reading.mixed) == ("gb18030", True)
    rows = all_rows(path, reading)
    assert (rows[0][0], "\ufffd" in rows[-1][0]) == ("李雷", True)


# -- what is refused ---------------------------------------------------------------------------------------------------------


def test_an_empty_file(tmp_path: Path) -> None:
    assert refused(write(tmp_path, b"")).code == "empty"
    assert refused(write(tmp_path, b"\xef\xbb\xbf")).code == "empty"
    assert refused(write(tmp_path, b"\n\n \n,,\n")).code in ("empty", "only_header")


def test_only_a_header(tmp_path: Path) -> None:
    assert refused(write(tmp_path, HEADER)).code == "only_header"


@pytest.mark.parametrize(
    "magic", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF", b"GIF89a\x01\0\x01\0", b"RIFF\x24\0\0\0WEBPVP8 "]
)
def test_a_picture_under_the_name_of_a_table(tmp_path: Path, magic: bytes) -> None:
    assert refused(write(tmp_path, magic + random.Random(1).randbytes(3000))).code == "image"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"%PDF-1.7 \n%\xe2\xe3", "not_a_table"), (b"Rar!\x1a\x07\x00" + b"x" * 99, "not_a_table"), (b"\x7fELF\x02\x01\x01" + b"\0" * 99, "not_a_table"),
     (b"SQLite format 3\0" + b"\0" * 99, "not_a_table"), (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
     (b"<?xml version='1.0'?><Workbook/>", "html"), (random.Random(2).randbytes(20_000), "binary")],
)  # fmt: skip
def test_other_formats_are_named(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(write(tmp_path, content)).code == code


def test_a_line_of_many_megabytes_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as out:
        out.write((HEADER + ROWS).encode())
        for _ in range(40):
            out.write(b"x" * 1_000_000)
    problem = refused(path)
    assert (problem.code, problem.params["row"]) == ("line_too_long", 4)


def test_an_open_quotation_mark_is_named_by_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, 'name,amount\nLi,1\n"Han,2\n' + "Wang,3\n" * 60_000)
    problem = refused(path)
    assert (problem.code, problem.params["row"]) == ("open_quote", 3)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quotation_mark_left_open_to_the_end_swallows_no_rows(tmp_path: Path, end: str) -> None:
    problem = refused(write(tmp_path, f'name,note,amount\nLi,a,1\nHan,"big,2\nWang,b,3\nZhao,c,4{end}'))
    assert (problem.code, problem.params["row"]) == ("open_quote", 3)


def test_a_last_cell_of_several_lines_is_no_open_quotation_mark(tmp_path: Path) -> None:
    path = write(tmp_path, 'name,amount,note\nLi,1,a\nHan,2,"first\nsecond"\n')
    assert all_rows(path, tables.recognise(path))[-1] == ["Han", "2", "first\nsecond"]


def test_too_many_columns(tmp_path: Path) -> None:
    assert (
        len(tables.recognise(write(tmp_path, ",".join(f"c{n}" for n in range(500)) + "\n" + ",".join("1" * 500) + "\n")).columns)
        == 500
    )
    assert (
        refused(write(tmp_path, ",".join(f"c{n}" for n in range(900)) + "\n" + ",".join("1" * 900) + "\n")).code
        == "too_many_columns"
    )


def workbook(sheet: str, **parts: str) -> bytes:
    """The smallest XLSX that there is."""
    out = io.BytesIO()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}worksheet+xml"/></Types>',
        )
        relations = "http://schemas.openxmlformats.org/package/2006/relationships"
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'{parts.get("before", "")}<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>{parts.get("after", "")}</worksheet>',
        )
    return out.getvalue()


def cell(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


SHEET = (
    f'<row r="1">{cell("A1", "客户姓名")}{cell("B1", "手机号")}{cell("C1", "金额")}</row>'
    f'<row r="2">{cell("A2", "李雷")}<c r="B2"><v>13800138000</v></c><c r="C2"><v>12.5</v></c></row>'
)


def test_what_joined_cells_say_counts_for_each_of_their_rows_but_no_amount(tmp_path: Path) -> None:
    more = f'<row r="3"><c r="C3"><v>3</v></c></row><row r="4">{cell("A4", "韩梅梅")}<c r="C4"><v>8</v></c></row>'
    joined = (
        '<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="B2:B3"/><mergeCell ref="C4:C5"/><mergeCell ref="A4:B4"/></mergeCells>'
    )
    path = write(tmp_path, workbook(SHEET + more + f'<row r="5">{cell("A5", "韩")}</row>', after=joined), name="joined.xlsx")
    assert all_rows(path, tables.recognise(path)) == [
        ["李雷", "13800138000", "12.5"], ["李雷", "13800138000", "3"], ["韩梅梅", "", "8"], ["韩", "", ""],
    ]  # fmt: skip


def test_a_workbook_is_read_with_numbers_as_somebody_typed_them(tmp_path: Path) -> None:
    path = write(tmp_path, workbook(SHEET), name="orders.xlsx")
    reading = tables.recognise(path)
    assert (reading.kind, reading.sheet, all_rows(path, reading)) == ("xlsx", "S", [["李雷", "13800138000", "12.5"]])


def test_two_far_corners_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = write(tmp_path, workbook(SHEET + f'<row r="1048576">{cell("XFD1048576", "x")}</row>'), name="corners.xlsx")
    assert refused(path).code in ("too_many_columns", "sheet_too_large")
    path = write(tmp_path, workbook(SHEET + f'<row r="1048576">{cell("CV1048576", "x")}</row>'), name="corners.xlsx")
    assert refused(path).code == "sheet_too_large"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path, workbook(SHEET, before="<!--" + " " * 40_000_000 + "-->"), name="bomb.xlsx")
    assert path.stat().st_size < 200_000
    assert refused(path).code == "bomb"


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as out:
        for _ in range(60):
            out.write(b"a,b\n" * 250_000)
    assert refused(path).code == "bomb"


def test_an_external_entity_is_never_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    path = write(tmp_path, workbook(SHEET.replace("李雷", "&e;"), before=doctype), name="xxe.xlsx")
    try:
        rows = all_rows(path, tables.recognise(path))
    except FileProblem:
        return
    assert "secret" not in str(rows)


def test_a_protected_workbook_is_named_as_such(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 3000
    assert refused(write(tmp_path, ole, name="locked.xlsx")).code == "password"


def test_a_word_document_in_a_zip_is_no_table(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(write(tmp_path, out.getvalue(), name="letter.xlsx")).code == "not_a_table"


# -- what the columns mean ---------------------------------------------------------------------------------------------------


def meaning(folder: Path, header: str, row: str, kind: str = "orders") -> dict[str, int]:
    return guess.mapping_of(tables.recognise(write(folder, f"{header}\n{row}\n{row}\n")), kind)


def test_chinese_and_english_titles_are_understood(tmp_path: Path) -> None:
    assert meaning(tmp_path, "订单编号,客户姓名,手机号,下单时间,商品名称,数量,单价(元),实付金额,门店", "A1,李雷,13800138000,2024-01-05,机油,1,5,5,一店") == {
        "order_no": 0, "name": 1, "phone": 2, "date": 3, "product": 4, "quantity": 5, "unit_price": 6, "amount": 7, "channel": 8,
    }  # fmt: skip
    assert meaning(tmp_path, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "1,2,x,3,2010-12-01,2.5,17850.0,UK") == {
        "order_no": 0, "product_code": 1, "product": 2, "quantity": 3, "date": 4, "unit_price": 5, "number": 6, "region": 7,
    }  # fmt: skip


def test_values_tell_where_titles_do_not(tmp_path: Path) -> None:
    assert meaning(tmp_path, "甲,乙,丙", "13800138000,2024-01-05,12.50") == {"phone": 0, "date": 1, "amount": 2}


def test_a_column_called_customer_is_what_its_values_are(tmp_path: Path) -> None:
    assert "phone" in meaning(tmp_path, "客户,日期,金额", "13800138000,2024-01-05,12.50")
    assert "number" in meaning(tmp_path, "客户,日期,金额", "K0001,2024-01-05,12.50")
    assert "name" in meaning(tmp_path, "客户,日期,金额", "李雷,2024-01-05,12.50")


def test_a_customer_file(tmp_path: Path) -> None:
    found = meaning(
        tmp_path, "会员编号,公司名称,联系人,联系电话,邮箱,生日,所在地区,地址,标签,备注,客户经理,客户来源",
        "1,顺途有限公司,李雷,13800138000,a@b.cn,1990-01-01,杭州,西湖,老客户,无,王五,展会", "customers",
    )  # fmt: skip
    assert list(found) == [
        "number", "name", "contact", "phone", "email", "birthday", "customer_region", "address", "tags", "note", "owner", "source",
    ]  # fmt: skip


def test_a_mapping_somebody_typed(tmp_path: Path) -> None:
    reading = tables.recognise(write(tmp_path, HEADER + ROWS))
    known = {"customer": "customer", "date": "date", "amount": "amount"}
    assert guess.from_words(reading, [("customer", "1"), ("date", "下单时间"), ("amount", "4")], known) == {
        "name": 0,
        "date": 2,
        "amount": 3,
    }
    for wrong, code in ((("date", "9"), "no_column"), (("colour", "1"), "no_meaning")):
        with pytest.raises(FileProblem) as caught:
            guess.from_words(reading, [wrong], known)
        assert caught.value.code == code
        assert wrong[code == "no_column"] in str(caught.value)
