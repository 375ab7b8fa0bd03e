"""Where tables are computed: DuckDB in this process, or Spark, by one setting."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import duckdb
import ibis

from zhike_insight.cells import FileProblem
from zhike_insight.files import FIELDS, Loaded
from zhike_insight.tables import transactions, unusable


class EngineProblem(ValueError):
    """The engine is unknown, or what it needs is not installed; the message says what."""


def connect(engine: str = "duckdb") -> Any:
    """A connection whose tables every function of this library takes.

    Parameters
    ----------
    engine : str
        "duckdb", or the master of a Spark cluster: "spark://host:7077", "yarn", "k8s://…", "local[4]", "local-cluster[2,1,1024]".

    Returns
    -------
    Ibis backend
        Read files with `read_parquet`; on a cluster, from a place that all workers see.

    Raises
    ------
    EngineProblem
        The name is none of these, or pyspark is not installed.

    Examples
    --------
    >>> connect().name
    'duckdb'
    """
    if engine == "duckdb":
        return ibis.duckdb.connect()
    if not engine.startswith(("spark://", "local", "yarn", "k8s://")):
        raise EngineProblem(f"the engine must be duckdb or the master of a Spark cluster, not {engine!r}")
    if find_spec("pyspark") is None:
        raise EngineProblem("Spark needs the package pyspark and Java 17; see requirements/spark.txt")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(engine).appName("zhike")
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "false",  # a division by zero is null, as in DuckDB
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.enabled": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def read_orders(path: str, engine: str, columns: Mapping[str, str] | None = None) -> Loaded:
    """Orders in Parquet, read by an engine: for files that are too large for one machine. They never pass through this process.

    Parameters
    ----------
    path : str
        A file, a folder or a pattern that all workers see; also s3a://…, hdfs://… (from a command line perhaps with one slash).
    engine : str
        As for `connect`.
    columns : mapping, optional
        Field → name of the column; without it the columns are found by their names, as `files.read_transactions` finds them.

    Returns
    -------
    Loaded
        Rows without customer, date or amount are counted; the analyses leave them out.

    Raises
    ------
    EngineProblem
        As for `connect`.
    FileProblem
        The files cannot be read, or lack a column.
    """
    backend = connect(engine)
    path = address(path)
    try:
        raw = backend.read_parquet(path)
    except _unreadable(engine) as problem:
        first_line = str(problem).partition("\n")[0]
        raise FileProblem(f"{path}: {engine} cannot read it as Parquet: {first_line}") from problem
    lower = {name.lower().replace(" ", "_"): name for name in raw.columns}
    found = {field: next((lower[n] for n in names if n in lower), None) for field, names in FIELDS.items()}
    places = {**{field: name for field, name in found.items() if name}, **(columns or {})}
    missing = [field for field in ("customer", "date", "amount") if places.get(field) not in raw.columns]
    if missing:
        raise FileProblem(f"{missing[0]} is needed; say which column with --map (found: {', '.join(raw.columns)})")
    names = {"customer": "customer_id", "order_no": "order_id"}
    wanted = ("customer", "date", "amount", "quantity", "margin", "order_no")
    table = transactions(raw.select(**{names.get(field, field): places[field] for field in wanted if field in places}))
    rows, left_out = int(table.count().to_pyarrow().as_py()), int(unusable(table).count().to_pyarrow().as_py())
    return Loaded(table, rows, {"incomplete": left_out} if left_out else {})


def _unreadable(engine: str) -> tuple[type[Exception], ...]:
    """What an engine raises when there is no such file, or it is no Parquet; anything else is no fault of the file."""
    if engine == "duckdb":
        return (duckdb.IOException, duckdb.InvalidInputException)
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import AnalysisException

    return (AnalysisException, Py4JJavaError)


def address(path: str) -> str:
    """A path that went through `pathlib` with the two slashes of its scheme back.

    Examples
    --------
    >>> address("s3a:/bucket/orders"), address("/srv/orders")
    ('s3a://bucket/orders', '/srv/orders')
    """
    return re.sub(r"^([a-z][a-z0-9]+):/(?!/)", r"\1://", path)
