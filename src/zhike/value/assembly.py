"""The rows of the score table, from the sums of customers and what a run learned: the same for everybody and for one."""

from typing import Any

import numpy as np
import pyarrow as pa

from zhike.value import arrow, matrix, standing
from zhike.value.fitted import Customers, Floats
from zhike.value.learned import Learned
from zhike.value.models import Run
from zhike.value.previous import Standing
from zhike.value.rules import GradeRules, StageRules, restored
from zhike.value.writeback import COLUMNS


def finish(run: Run, base: pa.Table, columns: dict[str, Floats], learned: Learned, before: Standing) -> pa.Table:
    """Grade and stage to what is known, and the rows of the score table out of all of it."""
    rules = restored(GradeRules, run.assumptions)
    as_of = base["as_of"] if "as_of" in base.column_names else pa.repeat(pa.scalar(run.as_of, pa.date32()), base.num_rows)
    day = arrow.plain(pa.chunked_array([as_of]) if isinstance(as_of, pa.Array) else as_of, pa.int32()).astype(np.int64)
    earned = standing.earned(basis_of(base, columns, run), learned.grades)
    graded = standing.with_grace(earned, before, day, rules.grace_days)
    stages = standing.stages(base, columns, restored(StageRules, run.assumptions))
    cells = matrix.placed(columns, learned.matrix)
    treatments = standing.words(cells.codes, list(cells.names))
    fresh = {
        "run_id": arrow.numbers(np.full(base.num_rows, run.pk)),
        "as_of": as_of,
        "stage": stages,
        "treatment": treatments,
    } | graded.columns()
    return _assemble(base, columns, fresh)


def basis_of(base: pa.Table, columns: dict[str, Floats], run: Run) -> Floats:
    """What grades are given for."""
    basis = restored(GradeRules, run.assumptions).basis
    values = columns[basis] if basis in columns else numbers(base, basis)
    return np.asarray(np.round(np.nan_to_num(values), 4), dtype=np.float64)


def customers_of(base: pa.Table) -> Customers:
    return Customers(**{name: numbers(base, name) for name in Customers.__dataclass_fields__})


def numbers(table: pa.Table, name: str) -> Floats:
    """A column as floating point, not a number where it is null."""
    return arrow.plain(table[name])


def _assemble(base: pa.Table, columns: dict[str, Floats], fresh: dict[str, Any]) -> pa.Table:
    # first to where sums in floating point agree, so that half a cent goes the same way however it was added up
    money = {name: arrow.numbers(np.round(np.round(numbers(base, name), 6), 2)) for name in ("revenue", "margin")}
    whole = {name: base[name].cast(pa.int32()) for name in ("orders", "returns", "frequency", "recency", "age")}
    rounded = {name: arrow.floats(np.round(numbers(base, name), 4)) for name in ("mean_spend", "trend")}
    known = {name: arrow.floats(values) for name, values in columns.items()}
    all_columns = {name: base[name] for name in base.column_names} | money | whole | rounded | known | fresh
    return pa.table({name: all_columns[name] for name in COLUMNS})
