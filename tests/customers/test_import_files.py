"""What a file is, to the last byte: what is told by its first bytes, how far it may go, and how its text is cut into lines."""

import gzip
import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from zhike.customers.imports import decode, sniff
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.sniff import check_is_text, kind_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CELL = '<c r="{}"><v>1</v></c>'


@pytest.fixture
def file(tmp_path: Path):
    def make(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return make


def said(path: Path) -> str | tuple[str, dict[str, object]]:
    """What the file is, or why it is refused."""
    try:
        return kind_of(path)
    except FileProblem as problem:
        return problem.code, problem.params


def book(sheet: str = "", *, size: int = 0, parts: int = 0, comment: bytes = b"", locked: bool = False) -> bytes:
    """A workbook with a sheet; `size`: what a picture in it says that it unpacks to; `parts`: how many it has at least."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        archive.writestr("xl/media/picture.png", "")
        for number in range(parts - 3):
            archive.writestr(f"xl/media/{number}", "")
        archive.comment = comment
    content = bytearray(out.getvalue())
    listed = content.rindex(b"xl/media/picture.png") - 46
    content[listed + 24 : listed + 28] = struct.pack("<I", max(size - len(sheet), 0))
    content[listed + 8] |= locked
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "is_"),
    [
        (b"a,b\n1,2\n", "text"), (b"\x1f\x8b\x08", "gzip"), (OLE + "Workbook".encode("utf-16-le"), "xls"), (OLE + b"B\0o\0o\0k\0\0\0", "xls"),
        (OLE + b"\0" * 5_000_000 + "Workbook".encode("utf-16-le"), "xls"), (OLE + b"W\0o\0r\0d\0", "office"),
        (b"PK\x05\x06" + b"\0" * 18, "not_a_table ZIP"), (b"PK\x03\x04 torn", "damaged"), (b"", "empty"),
        (b"II*\0", "image"), (b"MM\0*", "image"), (b"\0\0\x01\0", "image"), (b"GIF87a", "image"), (b"BM" + b"x" * 62, "text"),
        (b"BM" + b"x" * 61 + b"\0", "image"), (b"BM" + b"x" * 62 + b"\0", "text"), (b"BM\xb1\xe0\xba\xc5,\xbd\xf0\xb6\xee\n1,2\n", "text"), (b"RIFF1234WEBP", "image"),
        (b"RIFF12345WEBP", "text"), (b"%PDF", "not_a_table PDF"), (b"Rar!", "not_a_table RAR"), (b"7z\xbc\xaf", "not_a_table 7-Zip"), (b"{\\rtf1", "not_a_table RTF"),
        (b"\x7fELF", "not_a_table ELF"), (b"SQLite format 3", "not_a_table SQLite"), (b"PAR1", "not_a_table Parquet"), (b"OggS", "not_a_table Ogg"),
        (b"\xfd7zXZ", "not_a_table XZ"), (b"%!PS-Adobe", "not_a_table PostScript"), (b"MZ\x90\0\x03", "not_a_table EXE"), (b"MZ\xb1\xe0\n1\n", "text"),
        (b"ID3\x03\0", "not_a_table MP3"), (b"ID3,ID4\n1,2\n", "text"), (b"BZh91\x02", "not_a_table bzip2"), (b"BZh,x\n1,2\n", "text"),
        (b"\xef\xbb\xbf \r\n\t<!DOCTYPE html>", "html"), (b"<HTML>", "html"), (b"<table>", "html"), (b"<meta charset", "html"), (b"<?xml ", "html"), (b"<svg", "html"),
        (b"<1,>2\n", "text"), (b"a<html>", "text"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_first_bytes_say(file, content: bytes, is_: str) -> None:
    found = said(file(content))
    assert (found if isinstance(found, str) else " ".join([found[0], *map(str, found[1].values())])) == is_


def test_a_text_has_next_to_no_control_characters() -> None:
    controls = [*range(1, 9), *range(14, 27), 28, 29, 30, 31]
    for code in range(1, 128):
        if code in controls:
            with pytest.raises(FileProblem) as caught:
                check_is_text(chr(code) * 9)
            assert caught.value.code == "binary"
        else:
            check_is_text(chr(code) * 9)
    check_is_text("")
    check_is_text("\x01" * 10 + "x" * 90)
    with pytest.raises(FileProblem):
        check_is_text("\x01" * 11 + "x" * 89)


def test_a_workbook_may_unpack_to_so_much_and_no_more(file, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ("bomb", {"limit": 600})
    assert said(file(book(size=sniff.RATIO_FROM))) == "xlsx"
    assert said(file(book(size=sniff.RATIO_FROM + 1))) == refused  # two hundred times its size
    monkeypatch.setattr(sniff, "RATIO_FROM", 0)
    most = sniff.MAX_RATIO * len(book())
    assert [said(file(book(size=size))) for size in (most, most + 1)] == ["xlsx", refused]
    monkeypatch.setattr(sniff, "MAX_RATIO", 10**9)
    assert [said(file(book(size=size))) for size in (600_000_000, 600_000_001)] == ["xlsx", refused]


def test_a_workbook_of_thousands_of_parts_or_under_a_password_is_not_opened(file) -> None:
    assert said(file(book(parts=2000))) == "xlsx"
    assert said(file(book(parts=2001))) == ("bomb", {"limit": 600})
    assert said(file(book(locked=True))) == ("password", {})


@pytest.mark.parametrize(
    ("places", "is_"),
    [
        (["A1", "WB40000"], "xlsx"), (["WB1", "A40000"], "xlsx"), (["A1", "WC2"], ("too_many_columns", {"columns": 601, "limit": 600})),
        (["A1", "WB40001"], ("sheet_too_large", {"rows": "40,001", "columns": 600})), (["A1048576"], "xlsx"),
        (["A1048577"], ("sheet_too_large", {"rows": "1,048,577", "columns": 1})), ([], "xlsx"),
    ],
)  # fmt: skip
def test_a_sheet_is_as_large_as_its_farthest_cells(file, places: list[str], is_: object) -> None:
    assert said(file(book("".join(map(CELL.format, places))))) == is_


def test_the_farthest_cell_is_seen_wherever_the_reading_stops(file) -> None:
    far = CELL.format("ZZ1")
    for cut in range(0, len(far), 3):
        sheet = " " * ((1 << 20) - cut) + far + CELL.format("A1") * 9
        assert said(file(book(sheet))) == ("too_many_columns", {"columns": 702, "limit": 600}), cut


# -- bytes into lines --------------------------------------------------------------------------------------------------------

TEXT = (
    "姓名,备注\n李雷,一二三四五六七八九十\r\n韩梅梅,\n\n" + "".join(f"客户{n},{'好' * (n % 7)}\n" for n in range(30)) + "尾,无行末"
)


def lines(path: Path, encoding: str = "", *, packed: bool = False) -> list[str]:
    found = decode.survey(path, packed=packed)
    return list(decode.lines(path, encoding=encoding or found.encoding, packed=packed, mixed=found.mixed))


@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", b"", "utf-8"), ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"), ("gb18030", b"", "gb18030"), ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"), ("utf-16-le", b"\xff\xfe", "utf-16"), ("utf-16-be", b"\xfe\xff", "utf-16"), ("utf-32-le", b"\xff\xfe\0\0", "utf-32"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_wherever_a_block_ends_the_lines_are_the_same(
    file, monkeypatch: pytest.MonkeyPatch, encoding: str, mark: bytes, name: str, packed: bool
) -> None:
    text = "no,name\n" * 60 + TEXT  # as much ASCII as files without a mark have
    content = mark + text.encode(encoding)
    path = file(gzip.compress(content) if packed else content)
    for size in (7, 64, 1 << 20):
        monkeypatch.setattr(decode, "BLOCK", max(size, 512 if name.startswith("utf-16-") else 0))
        assert decode.survey(path, packed=packed).encoding == name
        assert lines(path, packed=packed) == io.StringIO(text, newline="").readlines()


def test_half_a_letter_at_the_end_is_told_as_damage(file) -> None:
    assert lines(file("姓名\n李".encode("utf-16-le")[:-1]), "utf-16-le") == ["姓名\n", "\ufffd"]


def test_only_the_mark_at_the_start_is_a_mark(file, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "BLOCK", 16)
    assert lines(file("\ufeff姓名\n\ufeff李雷\n\ufeff韩梅梅\n".encode())) == ["姓名\n", "\ufeff李雷\n", "\ufeff韩梅梅\n"]
    assert lines(file("\ufeff姓名\n".encode("utf-16-le"))) == ["姓名\n"]
    assert lines(file("\ufeff姓名".encode("utf-16-be"))) == ["姓名"]


@pytest.mark.parametrize(
    ("content", "encoding", "mixed"),
    [
        (b"", "utf-8", False), (b"abc", "utf-8", False), ("李雷\n".encode() * 2 + "李雷\n".encode("gbk"), "utf-8", True),
        ("李雷\n".encode() + "李雷\n".encode("gbk"), "gb18030", True), ("李雷\n".encode("gbk") + b"abc\n", "gb18030", False),
        (b"\xef\xbb\xbf" + "李雷\n".encode("gbk") * 3, "utf-8-sig", True), ("é\n".encode() + "李雷\n".encode("gbk"), "gb18030", False),
        (b"a\0b\0", "utf-16-le", False), (b"\0a\0b", "utf-16-be", False), (b"a\0b", "utf-8", False), (b"a\0\0b", "utf-8", False),
    ],
)  # fmt: skip
def test_the_greater_part_of_the_lines_says_the_encoding(file, content: bytes, encoding: str, mixed: bool) -> None:
    found = decode.survey(file(content), packed=False)
    assert (found.encoding, found.mixed) == (encoding, mixed)


@pytest.mark.parametrize(("zeros", "others", "found"), [(31, 0, "utf-16"), (30, 0, "utf-8"), (31, 4, "utf-16"), (31, 5, "utf-8")])
@pytest.mark.parametrize("first", [0, 1])
def test_text_of_two_bytes_a_letter_is_known_by_where_its_zeros_are(file, zeros: int, others: int, found: str, first: int) -> None:
    content = bytearray(b"x" * 200)
    content[first : 2 * zeros : 2] = b"\0" * zeros
    content[1 - first : 2 * others : 2] = b"\0" * others
    order = "" if found == "utf-8" else "-be" if first == 0 else "-le"
    assert decode.survey(file(bytes(content)), packed=False).encoding == found + order


def test_a_line_in_another_encoding_is_damaged_and_no_other(file) -> None:
    mostly_utf8 = "甲乙,1\n".encode() * 3 + "丙丁,2\n".encode("gbk") + "戊,3\n".encode()
    assert ["\ufffd" in line for line in lines(file(mostly_utf8))] == [False, False, False, True, False]
    mostly_gbk = "甲乙,1\n".encode("gbk") * 3 + "欧阳娜娜,2\n".encode() + "戊,3\n".encode("gbk")
    found = lines(file(mostly_gbk))
    assert (found[0], found[3], found[4]) == ("甲乙,1\n", "\ufffd,2\n", "戊,3\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("block", [64, 1000])
def test_a_line_without_end_is_named_by_its_row(file, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int) -> None:
    monkeypatch.setattr(decode, "BLOCK", block)
    monkeypatch.setattr(decode, "MAX_LINE", 100)
    for row in (1, 2, 30):
        path = file(("ab\n" * (row - 1) + "x" * 300).encode(encoding))
        with pytest.raises(FileProblem) as caught:
            list(decode.lines(path, encoding=encoding, packed=False, mixed=False))
        assert (caught.value.code, caught.value.params) == ("line_too_long", {"row": row, "limit": "100"})
    path = file(("ab\n" * 5 + "x" * 100 + "\n" + "y" * 100).encode(encoding))
    assert [len(line) for line in decode.lines(path, encoding=encoding, packed=False, mixed=False)] == [3] * 5 + [101, 100]


def test_lines_of_old_macs_are_cut_at_their_returns(file, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "BLOCK", 8)
    assert lines(file(b"ab,c\r" * 9 + b"d")) == ["ab,c\r"] * 9 + ["d"]
    assert lines(file(b"abcdefg\r\nx\r\n")) == ["abcdefg\r\n", "x\r\n"]


def reading_ends_with(path: Path) -> str:
    with pytest.raises(FileProblem) as caught:
        list(decode.blocks(path, packed=True))
    return caught.value.code


def test_a_packed_file_may_grow_so_far_and_no_further(file, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(random.Random(1).randbytes(100) + b"\n" * 900)
    path = file(packed)
    monkeypatch.setattr(decode, "RATIO_FROM", 1000)
    monkeypatch.setattr(decode, "MAX_RATIO", 0)
    assert len(b"".join(decode.blocks(path, packed=True))) == 1000
    monkeypatch.setattr(decode, "RATIO_FROM", 0)
    monkeypatch.setattr(decode, "MAX_RATIO", 1000 / len(packed))
    assert len(b"".join(decode.blocks(path, packed=True))) == 1000
    monkeypatch.setattr(decode, "MAX_RATIO", 999 / len(packed))
    assert reading_ends_with(path) == "bomb"
    assert len(b"".join(decode.blocks(path, packed=False))) == len(packed)  # of a plain file nothing grows


@pytest.mark.parametrize("torn", ["short", "bent", "no gzip"])
def test_a_packed_file_that_is_torn_is_damaged(file, torn: str) -> None:
    packed = gzip.compress(random.Random(1).randbytes(3000))
    bent = packed[:50] + bytes(255 - one for one in packed[50:60]) + packed[60:]
    path = file({"short": packed[:-20], "bent": bent, "no gzip": b"plain"}[torn])
    assert reading_ends_with(path) == "damaged"


def test_the_digest_is_that_of_the_file(file) -> None:
    path = file(b"abc")
    assert decode.digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    for content in (b"abc", b"\xff\xfea\0"):
        assert decode.survey(file(content), packed=False).sha256 == decode.digest(path)
