"""Files as people have them."""

import subprocess
import sys
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike_insight.files import FileProblem, parse_map, read_transactions, write_table

MAP = {"customer": "1", "date": "2", "amount": "3"}


def rows(loaded):
    table = loaded.table.order_by("date").to_pyarrow()
    return [(row["customer_id"], row["date"], row["amount"]) for row in table.to_pylist()]


@pytest.fixture
def file(tmp_path):
    def write(content, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_chinese_spreadsheet_export(file):
    text = "手机号,下单时间,实付金额\r\n13800138000,2026-01-05 10:20,￥１,２００.50\r\n13900139000,2026年1月6日,99元\r\n"
    text = text.replace("￥１,２００.50", '"￥１，２００.50"')
    expected = [("13800138000", date(2026, 1, 5), 1200.5), ("13900139000", date(2026, 1, 6), 99.0)]
    for content in (text.encode("gbk"), text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        assert rows(read_transactions(file(content))) == expected


def test_white_space_columns_without_header(file):
    loaded = read_transactions(
        file(" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n"), {**MAP, "date": "3", "amount": "5"}
    )
    assert rows(loaded) == [("00004", date(1997, 1, 1), 29.33), ("00004", date(1997, 1, 18), 29.73)]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters_and_positions_with_a_header(file, delimiter):
    text = "who,day,money\n甲,2026/1/5,3\n".replace(",", delimiter)
    assert rows(read_transactions(file(text, "orders.tsv"), MAP)) == [("甲", date(2026, 1, 5), 3.0)]
    assert rows(read_transactions(file(text), {"customer": "who", "date": "day", "amount": "money"})) == [
        ("甲", date(2026, 1, 5), 3.0)
    ]


def test_quantity_times_price_orders_and_ids_as_floats(file):
    loaded = read_transactions(
        file("InvoiceNo,Quantity,InvoiceDate,UnitPrice,CustomerID\n536365,6,2010-12-01 08:26:00,2.55,17850.0\n")
    )
    table = loaded.table.to_pyarrow().to_pylist()[0]
    assert (table["customer_id"], table["amount"], table["order_id"]) == ("17850", pytest.approx(15.3), "536365")


def test_cost_gives_the_margin(file):
    loaded = read_transactions(file("customer,date,amount,cost\n1,2026-01-01,10,4\n"))
    assert loaded.table.to_pyarrow()["margin"].to_pylist() == [6.0]


def test_rows_without_customer_date_or_amount_are_left_out_and_counted(file):
    loaded = read_transactions(file("customer,date,amount\n1,2026-01-01,10\n,2026-01-01,10\n2,,10\n3,2026-01-01,\n,,\n"))
    assert (loaded.rows, loaded.left_out) == (5, {"no customer": 2, "no date": 1, "no amount": 1})
    assert len(rows(loaded)) == 1


def test_dates_in_another_order_need_a_format(file):
    path = file("customer,date,amount\n1,20-10-16,5\n")
    with pytest.raises(FileProblem, match="row 2: '20-10-16' is not a date"):
        read_transactions(path)
    assert rows(read_transactions(path, date_format="%d-%m-%y"))[0][1] == date(2016, 10, 20)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("customer,date,amount\n", "no rows below its header"),
        ("customer,date,amount\n1,2026-01-01,ten\n", "row 2: 'ten' is not an amount"),
        ("customer,date,amount\n1,2026-02-30,1\n", "row 2: '2026-02-30' is not a date"),
        ("customer,date,amount\n1,2026-01-01,inf\n", "row 2: 'inf' is not an amount"),
        ("customer,date,amount\n1,2026-01-01,1\n2,2026-01-01\n", "row 3: 2 columns instead of 3"),
        ("customer,date,amount\n,2026-01-01,1\n", "no row has a customer"),
        ("a,b,c\n1,2,3\n", "say which columns"),
        (b"customer,date,amount\n1,2026-01-01\x00,1\n", "row 2: there is a NUL byte"),
        (b"customer,date\n\xff\xff\xff", "row 2: the text is neither UTF-8 nor GBK"),
        (b"PK\x03\x04", "is a spreadsheet"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(file, content, message):
    with pytest.raises(FileProblem, match=message):
        read_transactions(file(content))


def test_many_wrong_rows_are_counted(file):
    with pytest.raises(FileProblem, match=r"row 6: .*; and 15 more"):
        read_transactions(file("customer,date,amount\n" + "1,someday,1\n" * 20))


def test_a_missing_file_and_a_broken_parquet(tmp_path, file):
    with pytest.raises(FileProblem, match="No such file"):
        read_transactions(tmp_path / "nothing.csv")
    with pytest.raises(FileProblem, match="not a readable Parquet"):
        read_transactions(file("no", "x.parquet"))


def test_parquet_in_and_out(tmp_path):
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"customer_id": [7], "date": [date(2026, 1, 5)], "amount": [3.5]}), path)
    assert rows(read_transactions(path)) == [("7", date(2026, 1, 5), 3.5)]
    out = tmp_path / "out.parquet"
    write_table(pa.table({"a": [1]}), out)
    assert pq.read_table(out).to_pydict() == {"a": [1]}


def test_csv_written_runs_no_formula_and_opens_in_a_spreadsheet(tmp_path):
    out = tmp_path / "out.csv"
    write_table(pa.table({"客户": ["=cmd|'/c calc'!A0", "@x", "+1", "王"], "n": [-1, 2, 3, 4]}), out)
    text = out.read_bytes().decode("utf-8-sig").splitlines()
    assert text[1] == "\"'=cmd|'/c calc'!A0\",-1"
    assert [line[1] for line in text[1:]] == ["'", "'", "'", "王"]
    with pytest.raises(FileProblem, match=r"csv or \.parquet"):
        write_table(pa.table({"a": [1]}), tmp_path / "out.txt")


@pytest.mark.parametrize("text", ["customer", "client=1", "customer="])
def test_a_wrong_map_is_refused(text):
    with pytest.raises(FileProblem, match="--map"):
        parse_map(text)


@pytest.mark.parametrize(("column", "message"), [("9", "no column 9"), ("姓名", "no column '姓名'")])
def test_a_map_to_nowhere_is_refused(file, column, message):
    with pytest.raises(FileProblem, match=message):
        read_transactions(file("customer,date,amount\n1,2026-01-01,1\n"), {**MAP, "customer": column})


PEAK = """
import sys
from pathlib import Path
from zhike_insight.cells import cells
peak = lambda: int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
source = cells(Path(sys.argv[1]))
before = peak()
rows = sum(batch.num_rows for batch in source.batches([0, 2]))
print(rows, (peak() - before) // 1024)
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_large_file_is_read_in_bounded_memory(tmp_path, encoding):
    path, rows = tmp_path / "large.csv", 1_000_000
    with path.open("wb") as file:
        for _ in range(rows // 10_000):
            file.write(
                (
                    "C00000001,2025-03-04,12.50,门店自提请轻放谢谢，下午三点以后送到，电话联系前台，发票随货，不要放在门口\n"
                    * 10_000
                ).encode(encoding)
            )
    assert path.stat().st_size > 90 * 1024**2
    said = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) == rows
    assert int(said[1]) < 96  # MiB, whatever the size of the file


ENDS = """
import sys
from pathlib import Path
from zhike_insight.cells import FileProblem, cells
batches = cells(Path(sys.argv[1])).batches([0, 2])
print(next(batches).num_rows > 0)
if sys.argv[2] == "all":
    try:
        print(sum(batch.num_rows for batch in batches) > 0)
    except FileProblem as problem:
        print(problem)
"""


@pytest.mark.parametrize(("how", "encoding", "last", "said"), [
    ("all", "gbk", "", "True"), ("half", "gbk", "", ""), ("half", "utf-8", "1,2\n", ""),
    ("all", "utf-8", "1,2\n" * 7, "row 100001: 2 columns instead of 3; "),
])  # fmt: skip
def test_a_process_ends_well_however_it_left_the_reader(tmp_path, encoding, how, last, said):
    path = tmp_path / "large.csv"
    path.write_bytes(("C00000001,2025-03-04,下午三点以后送到\n" * 100_000 + last).encode(encoding))
    ended = subprocess.run([sys.executable, "-c", ENDS, str(path), how], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"True\n{said}")


def test_no_thread_of_arrow_gets_anything_of_python(file, monkeypatch):
    from zhike_insight import cells

    asked = []
    read = cells.pc.open_csv

    def noted(source, **options):
        asked.append((source, options["parse_options"].invalid_row_handler))
        return read(source, **options)

    monkeypatch.setattr(cells.pc, "open_csv", noted)
    for content in ("a,b\n1,2\n".encode("utf-16"), b"a,b\n1,2\n", "\n\n客,b\n1,2\n".encode("gbk"), b" 1 2\n 3 4\n"):
        assert sum(batch.num_rows for batch in cells.cells(file(content)).batches([0, 1])) == 2
    assert [(type(source), handler) for source, handler in asked] == [(str, None)] * 4


def test_rows_beyond_what_memory_may_hold_go_to_the_disk(tmp_path, monkeypatch):
    from zhike_insight import files

    monkeypatch.setattr(files, "MEMORY", "30MB")
    path = tmp_path / "orders.csv"
    path.write_text("customer,date,amount\n" + "".join(f"customer {n:07d},2025-01-{n % 28 + 1:02d},{n}\n" for n in range(400_000)))
    loaded = read_transactions(path)
    assert loaded.rows == 400_000
    assert loaded.table.amount.sum().to_pyarrow().as_py() == sum(range(400_000))


def test_a_row_that_breaks_off_far_down_is_named(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("customer,date,amount\n" + "1,2025-01-01,5\n" * 500_000 + "2,2025-01-01\n")
    with pytest.raises(FileProblem, match="row 500002: 2 columns instead of 3"):
        read_transactions(path)


def test_a_broken_encoding_far_down_is_named(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes("客户,日期,金额\n".encode() + "王,2025-01-01,5\n".encode() * 200_000 + b"\xff\xff,2025-01-01,5\n")
    with pytest.raises(FileProblem, match="row 200002: the text is neither UTF-8 nor GBK"):
        read_transactions(path)
