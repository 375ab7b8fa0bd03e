"""Bytes into lines of text: recognises the encoding over the whole file, then streams with bounded memory."""

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.sniff import MAX_RATIO, RATIO_FROM

BLOCK = 1 << 20
MAX_LINE = 1 << 20
SAMPLE = 1 << 18
DAMAGED = "\ufffd"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "gb18030": "GB18030 / GBK", "utf-16": "UTF-16",
             "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "big5": "Big5", "latin-1": "ISO 8859-1"}  # fmt: skip
UTF8_CHINESE = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2,}")
HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes tells."""

    encoding: str
    sha256: str
    mixed: bool  # some lines are in another encoding: they will be refused one by one


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    if not packed:
        with path.open("rb", buffering=0) as plain:
            yield plain
        return
    with gzip.open(path) as unpacked:
        yield unpacked  # type: ignore[misc]


def blocks(path: Path, *, packed: bool) -> Iterator[bytes]:
    """The file in pieces; a packed one that grows beyond reason is refused."""
    size, seen = path.stat().st_size, 0
    with opened(path, packed=packed) as file:
        try:
            while block := file.read(BLOCK):
                seen += len(block)
                if packed and seen > RATIO_FROM and seen > size * MAX_RATIO:
                    raise FileProblem("bomb", limit=seen // 1_000_000)
                yield block
        except (EOFError, zlib.error, OSError) as problem:
            if packed:
                raise FileProblem("damaged") from problem
            raise


def survey(path: Path, *, packed: bool) -> Survey:
    """Byte-order mark, else UTF-8, else GB18030. Counts instead of trusting one trial: a file joined from two sources is
    read in the encoding of its greater part."""
    head = next(blocks(path, packed=packed), b"")
    marked = next((name for bom, name in BOMS if head.startswith(bom)), None) or _unmarked_utf16(head)
    if marked and marked != "utf-8-sig":
        return Survey(marked, digest(path), mixed=False)
    tally = _tally(path, packed=packed)
    sha = digest(path)
    if not tally.broken_utf8:
        return Survey(marked or "utf-8", sha, mixed=False)
    if marked or tally.good_utf8 > tally.broken_utf8:
        return Survey(marked or "utf-8", sha, mixed=True)
    return Survey("gb18030", sha, mixed=tally.good_utf8 > 0)


@dataclass
class Tally:
    good_utf8: int = 0  # lines with Chinese that is valid UTF-8
    broken_utf8: int = 0  # lines that are not


def _tally(path: Path, *, packed: bool) -> Tally:
    tally = Tally()
    for block in whole_lines(path, packed=packed):
        if block.isascii():
            continue
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            _tally_lines(block, tally)
        else:
            tally.good_utf8 += 1 + len(UTF8_CHINESE.findall(block))
    return tally


def _tally_lines(block: bytes, tally: Tally) -> None:
    for line in block.split(b"\n"):
        if line.isascii():
            continue
        if _is_utf8(line):
            tally.good_utf8 += 1 if UTF8_CHINESE.search(line) else 0
        else:
            tally.broken_utf8 += 1


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_utf16(head: bytes) -> str | None:
    sample = head[:4096]
    if len(sample) < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return None


def whole_lines(path: Path, *, packed: bool) -> Iterator[bytes]:
    """Pieces that end with a line (in encodings where a newline is one byte). Refuses lines beyond all reason."""
    carry, row = b"", 1
    for block in blocks(path, packed=packed):
        data = carry + block
        end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
        if len(data) - end > MAX_LINE:
            raise FileProblem("line_too_long", row=row + data[:end].count(b"\n"), limit=f"{MAX_LINE:,}")
        if end:
            row += data.count(b"\n", 0, end)
            yield data[:end]
        carry = data[end:]
    if carry:
        yield carry


def lines(path: Path, *, encoding: str, packed: bool, mixed: bool) -> Iterator[str]:
    """Lines with their ends. What cannot be decoded becomes U+FFFD, which later refuses the row it stands in."""
    if encoding.startswith(("utf-16", "utf-32")):
        yield from _wide_lines(path, encoding=encoding, packed=packed)
        return
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    first = True
    for block in whole_lines(path, packed=packed):
        text = _decode_mixed(block, codec) if mixed else block.decode(codec, "replace")
        if first:
            text, first = text.removeprefix("\ufeff"), False
        yield from io.StringIO(text, newline="")


def _decode_mixed(block: bytes, codec: str) -> str:
    return "\n".join(_decode_line(line, codec) for line in block.split(b"\n"))


def _decode_line(line: bytes, codec: str) -> str:
    foreign = codec != "utf-8" and UTF8_CHINESE.search(line) and _is_utf8(line)
    return HIGH.sub(DAMAGED.encode(), line).decode("utf-8", "replace") if foreign else line.decode(codec, "replace")


def _wide_lines(path: Path, *, encoding: str, packed: bool) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    carry, row = "", 1
    for block in blocks(path, packed=packed):
        text = carry + decoder.decode(block)
        end = text.rfind("\n") + 1
        if len(text) - end > MAX_LINE:
            raise FileProblem("line_too_long", row=row + text.count("\n"), limit=f"{MAX_LINE:,}")
        yield from io.StringIO(text[:end].removeprefix("\ufeff"), newline="")
        carry, row = text[end:], row + text.count("\n", 0, end)
    carry += decoder.decode(b"", final=True)
    if carry:
        yield from io.StringIO(carry.removeprefix("\ufeff"), newline="")
