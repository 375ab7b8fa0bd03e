"""What is packed for COPY stands in the database as it was."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st

from zhike.value import arrow, binary_copy

KINDS = {
    "number": "bigint", "whole": "integer", "small": "smallint", "float": "double precision", "day": "date", "money": "numeric",
    "word": "character varying", "json": "jsonb",
}  # fmt: skip
FIRST = datetime.date(1970, 1, 1)

maybe = st.none()
row = st.tuples(
    st.integers(-(2**63), 2**63 - 1) | maybe,
    st.integers(-(2**31), 2**31 - 1) | maybe,
    st.integers(-(2**15), 2**15 - 1) | maybe,
    st.floats(allow_nan=False) | maybe,
    st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)) | maybe,
    st.decimals(-99_999_999_999, 99_999_999_999, places=2) | maybe,
    st.sampled_from(["", "key", "重要客户", "important_value"]) | maybe,
    st.sampled_from(['{"name": "甲", "share": [0.5, null]}', "1"]) | maybe,
)


def table_of(rows: list[tuple[Any, ...]]) -> pa.Table:
    number, whole, small, floating, day, money, word, told = zip(*rows, strict=True) if rows else [()] * 8
    amounts = [None if one is None else float(one) for one in money]
    days = [None if one is None else (one - FIRST).days for one in day]
    return pa.table(
        {
            "number": _column(number, pa.int64()), "whole": _column(whole, pa.int32()), "small": _column(small, pa.int16()),
            "float": _column(floating, pa.float64()), "money": _column(amounts, pa.float64()), "day": _column(days, pa.date32()),
            "word": arrow.words(word), "json": arrow.words(told),
        }
    )  # fmt: skip


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    known = np.array([value is not None for value in values], dtype=bool)
    return arrow.numbers([0 if value is None else value for value in values], known=known, kind=kind)


def copied(table: pa.Table) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}" {"numeric(16, 2)" if kind == "numeric" else kind}' for name, kind in KINDS.items())
        cursor.execute(f"CREATE TEMPORARY TABLE packed ({columns}, nth serial)")
        names = ", ".join(f'"{name}"' for name in KINDS)
        with psycopg.Cursor(connection.connection).copy(f"COPY packed ({names}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(binary_copy.packed(table, KINDS))
        cursor.execute("""SELECT number, whole, small, "float", day, money, word, "json"::text FROM packed ORDER BY nth""")
        found = cursor.fetchall()
        cursor.execute("DROP TABLE packed")
    return found


@pytest.mark.django_db(transaction=True)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(row, max_size=8), st.integers(0, 3))
def test_rows_come_out_as_they_went_in(rows: list[tuple[Any, ...]], first: int) -> None:
    assert copied(table_of(rows).slice(first)) == rows[first:]


@pytest.mark.django_db(transaction=True)
def test_an_amount_beyond_the_column_is_refused_instead_of_cut() -> None:
    with pytest.raises(OverflowError):
        binary_copy.packed(table_of([(1, 1, 1, 1.0, FIRST, Decimal("1e16"), "key", None)]), KINDS)
