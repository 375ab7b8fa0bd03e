"""What a file really is, by its first bytes; its name is not believed."""

import re
import zipfile
from pathlib import Path

from zhike.customers.imports.problems import FileProblem

MAX_UNPACKED_MB = 600
MAX_RATIO = 200  # more than any honest sheet; checked only above `RATIO_FROM` bytes
RATIO_FROM = 30_000_000
MAX_COLUMNS = 600
MAX_CELLS = 24_000_000
MAX_PARTS = 2000

IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"\x00\x00\x01\x00")
OTHERS = {
    b"%PDF": "PDF", b"Rar!": "RAR", b"7z\xbc\xaf": "7-Zip", b"\x7fELF": "ELF", b"MZ": "EXE", b"SQLite format 3": "SQLite",
    b"PAR1": "Parquet", b"ID3": "MP3", b"OggS": "Ogg", b"\xfd7zXZ": "XZ", b"BZh": "bzip2", b"{\\rtf": "RTF", b"%!PS": "PostScript",
}  # fmt: skip
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK = "Workbook".encode("utf-16-le")
BOOK = "Book\0".encode("utf-16-le")
CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,4})(\d{1,9})"')


def kind_of(path: Path) -> str:
    """`text`, `gzip`, `xlsx` or `xls`. Raises `FileProblem` for everything else, and for what is dangerous to open."""
    with path.open("rb") as file:
        head = file.read(8192)
    if not head:
        raise FileProblem("empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_zip(path)
        return "xlsx"
    if head.startswith(OLE):
        _check_ole(path)
        return "xls"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    _refuse_other_formats(head)
    return "text"


def _refuse_other_formats(head: bytes) -> None:
    if head.startswith((*IMAGES[:3], *IMAGES[4:])) or (head.startswith(b"BM") and b"\0" in head[:64]) or head[8:12] == b"WEBP":
        raise FileProblem("image")
    for magic, what in OTHERS.items():
        if head.startswith(magic) and (len(magic) > 3 or _controls(head) > 0):
            raise FileProblem("not_a_table", what=what)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<?xml", b"<svg")):
        raise FileProblem("html")


def check_is_text(sample: str) -> None:
    """Refuse what decodes by accident: a text has next to no control characters."""
    if sample and _controls(sample.encode("utf-8", "replace")) > len(sample) * 0.02 + 8:
        raise FileProblem("binary")


def _controls(data: bytes) -> int:
    return sum(data.count(bytes([code])) for code in (*range(1, 9), *range(14, 27), 28, 29, 30, 31))


def _check_ole(path: Path) -> None:
    with path.open("rb") as file:
        data = file.read(4_000_000)
        file.seek(max(0, path.stat().st_size - 4_000_000))
        data += file.read(4_000_000)
    if ENCRYPTED in data:
        raise FileProblem("password")
    if WORKBOOK not in data and BOOK not in data:
        raise FileProblem("office")


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(path, parts)
            for part in parts:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename):
                    _check_dimensions(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as problem:
        raise FileProblem("damaged") from problem


def _check_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise FileProblem("not_a_table", what="ZIP")
    if any(part.flag_bits & 1 for part in parts):
        raise FileProblem("password")
    unpacked = sum(part.file_size for part in parts)
    ratio = unpacked / max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED_MB * 1_000_000 or (unpacked > RATIO_FROM and ratio > MAX_RATIO) or len(parts) > MAX_PARTS:
        raise FileProblem("bomb", limit=MAX_UNPACKED_MB)


def _check_dimensions(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """The reader lays cells out as a full rectangle: two far corners alone would fill the memory. Never reads more than the
    size that is declared, and that was checked."""
    rows = columns = 0
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(1 << 20):
            data = tail + block
            rows, columns = _farthest(data, rows, columns)
            tail = data[-200:]
    if columns > MAX_COLUMNS:
        raise FileProblem("too_many_columns", columns=columns, limit=MAX_COLUMNS)
    if rows * columns > MAX_CELLS or rows > 1_048_576:
        raise FileProblem("sheet_too_large", rows=f"{rows:,}", columns=columns)


def _farthest(data: bytes, rows: int, columns: int) -> tuple[int, int]:
    places = set(CELL.findall(data))
    if places:
        rows = max(rows, max(int(row) for _, row in places))
        columns = max(columns, max(_number(column) for column in {column for column, _ in places}))
    return rows, columns


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
