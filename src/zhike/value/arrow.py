"""Arrow arrays from NumPy's, by their bytes: `pa.array` would load pandas, a second and forty megabytes in every server process."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def numbers(values: Any, *, known: NDArray[np.bool_] | None = None, kind: pa.DataType | None = None) -> pa.Array:
    """Whole numbers or floating point; null where not `known`."""
    plain = np.ascontiguousarray(values)
    data = plain if kind is None else np.ascontiguousarray(plain, dtype=_layout(kind))
    return pa.Array.from_buffers(kind or pa.from_numpy_dtype(data.dtype), len(data), [_bits(known), pa.py_buffer(data)])


def flags(values: NDArray[np.bool_]) -> pa.Array:
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])


def floats(values: Any) -> pa.Array:
    """Null where there is no number."""
    plain = np.asarray(values, dtype=np.float64)
    return numbers(plain, known=~np.isnan(plain))


def words(values: Sequence[str | None]) -> pa.Array:
    packed = [(value or "").encode() for value in values]
    ends = np.concatenate([[0], np.cumsum([len(one) for one in packed])]).astype(np.int32)
    known = np.array([value is not None for value in values], dtype=bool)
    return pa.Array.from_buffers(pa.string(), len(packed), [_bits(known), pa.py_buffer(ends), pa.py_buffer(b"".join(packed))])


def _layout(kind: pa.DataType) -> Any:
    return np.int32 if pa.types.is_date32(kind) else kind.to_pandas_dtype()


def _bits(known: NDArray[np.bool_] | None) -> pa.Buffer | None:
    return None if known is None or known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))


def plain(column: pa.ChunkedArray, first: pa.DataType | None = None) -> NDArray[np.float64]:
    """The column as floating point, not a number where it is null; days need to be whole numbers `first`."""
    wide = (column.cast(first) if first else column).cast(pa.float64()).combine_chunks()
    values, known = parts(wide if isinstance(wide, pa.Array) else pa.concat_arrays(wide.chunks))
    return values if known.all() else np.where(known, values, np.nan)


def parts(column: pa.Array) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values as they lie there, whatever stands where nothing is known; and where something is."""
    bits, data = column.buffers()
    layout = np.dtype(_layout(column.type))
    values = np.frombuffer(data, layout, len(column), column.offset * layout.itemsize) if len(column) else np.zeros(0, layout)
    if not column.null_count:
        return values, np.ones(len(column), dtype=bool)
    known = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[column.offset : column.offset + len(column)]
    return values, known.astype(bool)
