"""What a server process loads to score one customer again."""

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa

from zhike.value import arrow

LOADING = """
import os, sys
import pyarrow as pa
os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.settings"
import django
django.setup()
from zhike.value import arrow, binary_copy, order_sums, scoring_some, standing
from zhike.value.models import Run
table = pa.table([order_sums._array((None,), field.type) for field in order_sums.SCHEMA], schema=order_sums.SCHEMA)
standing.silence(table, 30.0)
binary_copy.packed(pa.table({"word": arrow.words(["a", None])}), {"word": "character varying"})
print(*sorted({"ibis", "duckdb", "sklearn", "pandas", "scipy.optimize"} & set(sys.modules)))
"""

COPYING = """
import sys
from zhike.value import arrow, order_arrays
import numpy as np
import pyarrow.parquet as pq
reader = object.__new__(order_arrays.Reader)
reader.channels, reader._fetch = ("x", "y"), lambda first, end: [np.array([number], np.int64) for number in (7, 8, 0, 1, 2, 3, 5)]
read = reader.read(0, 9)
pq.write_table(read, "/dev/null")
print(*read.to_pylist()[0].values(), sep="; ")
print(*sorted({"ibis", "pandas"} & set(sys.modules)))
"""


def test_scoring_one_customer_loads_neither_engine_nor_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_bringing_the_copy_in_step_loads_no_pandas() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COPYING], capture_output=True, text=True, check=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "zhike.settings"},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["7; 8; 1970-01-01; 0.01; 0.02; 0.003; True; y", ""]


def test_arrays_go_to_arrow_and_back() -> None:
    values = np.array([1.5, np.nan, -2.0])
    assert arrow.floats(values).to_pylist() == [1.5, None, -2.0]
    sliced = pa.chunked_array([arrow.floats(values)]).slice(1)
    assert np.array_equal(arrow.plain(sliced), [np.nan, -2.0], equal_nan=True)
    assert arrow.words(["甲", None, ""]).to_pylist() == ["甲", None, ""]
    assert arrow.numbers([1, 2], known=np.array([True, False])).to_pylist() == [1, None]
    assert arrow.plain(pa.chunked_array([], pa.int64())).tolist() == []
