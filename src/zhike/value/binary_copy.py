"""Rows in PostgreSQL's binary COPY format, a whole batch at a time.

Each row is a count of fields and then, for each, its length and its bytes, most significant first. A batch is laid out as if no
value were null and each word as long as the longest, in one array with a row for each row; a mask then takes out what is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.value import arrow

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = -1
TO_2000 = 10_957  # days from 1970
DIGITS = 5  # of base 10,000: four before the point and one behind it


@dataclass(frozen=True)
class Field:
    """A column of a batch: what stands in each row, how many bytes of it count (`NULL`: none), and its width."""

    values: NDArray[Any]
    lengths: NDArray[np.int32]

    @property
    def width(self) -> int:
        return self.values.dtype.itemsize


def packed(rows: pa.Table, kinds: dict[str, str]) -> bytes:
    """All that COPY is to be told of these rows. `kinds` says for each column its type in the database: a key of `KINDS`."""
    fields = [KINDS[kind](_whole(rows[name])) for name, kind in kinds.items()]
    layout: list[tuple[str, Any]] = [("fields", ">i2")]
    for place, one in enumerate(fields):
        layout += [(f"length{place}", ">i4"), (f"value{place}", one.values.dtype)]
    lines = np.empty(rows.num_rows, dtype=layout)
    lines["fields"] = len(fields)
    there = np.ones((rows.num_rows, lines.dtype.itemsize), dtype=bool)
    for place, one in enumerate(fields):
        lines[f"length{place}"] = one.lengths
        lines[f"value{place}"] = one.values
        if (one.lengths != one.width).any():
            start = lines.dtype.fields[f"value{place}"][1]
            there[:, start : start + one.width] = np.arange(one.width) < one.lengths[:, None]
    return b"".join((HEADER, lines.view(np.uint8).reshape(there.shape)[there].data, END))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    one = column.combine_chunks()
    return one if isinstance(one, pa.Array) else pa.concat_arrays(one.chunks)


def _number(kind: str) -> Callable[[pa.Array], Field]:
    def field(column: pa.Array) -> Field:
        values, known = arrow.parts(column)
        return Field(values.astype(kind), _lengths(known, np.dtype(kind).itemsize))

    return field


def _day(column: pa.Array) -> Field:
    values, known = arrow.parts(column)
    return Field((values - TO_2000).astype(">i4"), _lengths(known, 4))


def _money(column: pa.Array) -> Field:
    """numeric: number of digits of base 10,000, place of the first, sign, digits after the decimal point, the digits."""
    values, known = arrow.parts(column)
    hundredths = np.rint(np.where(known, values, 0) * 100).astype(np.int64)
    rest, cents = np.divmod(np.abs(hundredths), 100)
    if len(rest) and rest.max() >= 10_000 ** (DIGITS - 1):
        raise OverflowError(f"an amount of money is too large: {rest.max()}")
    words = np.empty((len(hundredths), 4 + DIGITS), dtype=">u2")
    words[:, :4] = (DIGITS, DIGITS - 2, 0, 2)
    words[:, 2] = np.where(hundredths < 0, 0x4000, 0)
    words[:, 3 + DIGITS] = cents * 100
    for place in range(2 + DIGITS, 3, -1):
        rest, words[:, place] = np.divmod(rest, 10_000)
    width = 2 * words.shape[1]
    return Field(words.view(f"V{width}").reshape(-1), _lengths(known, width))


def _word(column: pa.Array, before: bytes = b"") -> Field:
    """Of a few different words: each is written once and then taken by its place."""
    told = column.dictionary_encode()
    names = [before + name.encode() for name in told.dictionary.to_pylist()]
    places, known = arrow.parts(told.indices)
    at = np.where(known, places, len(names))
    longest = max(map(len, names), default=1)
    values = np.array([*(name.ljust(longest) for name in names), bytes(longest)], dtype=f"V{longest}")
    return Field(values[at], np.array([*map(len, names), NULL], dtype=np.int32)[at])


def _json(column: pa.Array) -> Field:
    return _word(column, b"\1")  # the version of the format, then the text


def _lengths(known: NDArray[np.bool_], width: int) -> NDArray[np.int32]:
    return np.where(known, np.int32(width), np.int32(NULL))


KINDS: dict[str, Callable[[pa.Array], Field]] = {
    "bigint": _number(">i8"), "integer": _number(">i4"), "smallint": _number(">i2"), "double precision": _number(">f8"),
    "date": _day, "numeric": _money, "character varying": _word, "jsonb": _json,
}  # fmt: skip
