"""An edge list as a sparse matrix over numbered people."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

from zhike_insight.tables import BadTable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """People, and the weight of the edge from each to each (both ways if the graph has no direction)."""

    people: pa.Array
    weights: csr_array
    directed: bool

    def __len__(self) -> int:
        return len(self.people)


def graph_of(edges: Any, *, directed: bool = False) -> Graph:
    """Number the people of an edge list; edges that occur several times are added up, loops are dropped.

    Parameters
    ----------
    edges : Arrow table or mapping of columns
        `source`, `target`, and optionally `weight` (positive; 1 without it).
    directed : bool
        Whether an edge counts one way only.

    Raises
    ------
    BadTable
        A column is missing, an end of an edge is missing, or a weight is not positive and finite.
    """
    table = edges if isinstance(edges, pa.Table) else pa.table(dict(edges))
    for name in ("source", "target"):
        if name not in table.column_names:
            raise BadTable(f"column {name!r} is missing; there are: {', '.join(table.column_names)}")
        if table[name].null_count:
            raise BadTable(f"row {table[name].is_null().to_pylist().index(True)}: {name} is missing")
    ends = pa.chunked_array([*table["source"].chunks, *table["target"].chunks], table["source"].type)
    coded = ends.combine_chunks().dictionary_encode()
    place = coded.indices.to_numpy(zero_copy_only=False)
    source, target = place[: table.num_rows], place[table.num_rows :]
    weight = np.ones(table.num_rows)
    if "weight" in table.column_names:
        weight = table["weight"].to_numpy().astype(np.float64)
        wrong = ~(np.isfinite(weight) & (weight > 0))
        if wrong.any():
            raise BadTable(f"row {int(np.argmax(wrong))}: weight must be positive")
    keep = source != target
    source, target, weight = source[keep], target[keep], weight[keep]
    if not directed:
        source, target, weight = np.r_[source, target], np.r_[target, source], np.r_[weight, weight]
    size = len(coded.dictionary)
    return Graph(coded.dictionary, csr_array((weight, (source, target)), shape=(size, size)), directed)
