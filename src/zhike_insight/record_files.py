"""People and companies from a file, and models that were kept in one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhike_insight.cells import FileProblem, cells
from zhike_insight.files import place_of, table_of

# what a column of people or companies may be, and the headers by which it is found
RECORD_FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "customer", "customer_name", "company", "姓名", "名称", "客户名称", "客户姓名", "公司名称", "单位名称"),
    "kind": ("kind", "type", "类型", "客户类型"),
    "phone": ("phone", "mobile", "telephone", "tel", "电话", "手机", "手机号", "联系电话"),
    "email": ("email", "e-mail", "mail", "邮箱", "电子邮箱"),
    "code": ("code", "credit_code", "信用代码", "统一社会信用代码", "会员号"),
    "birthday": ("birthday", "date_of_birth", "生日", "出生日期"),
    "address": ("address", "地址", "联系地址"),
}


def read_records(path: Path, columns: Mapping[str, str] | None = None) -> pa.Table:
    """Read people or companies for `find_duplicates`.

    Parameters
    ----------
    path : Path
        As for `read_transactions`.
    columns : mapping, optional
        Field (of `RECORD_FIELDS`) → header name or position from 1; without it they are found by their headers.

    Raises
    ------
    FileProblem
        As for `read_transactions`; or no column of names is found.
    """
    source = cells(path)
    header = source.header
    lower = [name.lower().replace(" ", "_") for name in header]
    if columns is None:
        found = {field: [lower.index(name) for name in names if name in lower] for field, names in RECORD_FIELDS.items()}
        places = {field: at[0] for field, at in found.items() if at}
    else:
        places = {field: place_of(column, header) for field, column in columns.items()}
    if "name" not in places:
        raise FileProblem(f"a column of names is needed; say which with --map name=1,phone=2 (found: {', '.join(header)})")
    by_name = columns is None or any(not column.isdigit() for column in columns.values())
    return table_of(source, places, by_name and not source.typed)


def read_model(path: Path) -> Any:
    """Read a sentiment model that was kept as Parquet.

    Raises
    ------
    FileProblem
        The file is no readable Parquet file, or no model.
    """
    from zhike_insight.voice.sentiment import SentimentModel

    source = cells(path)
    if not source.typed:
        raise FileProblem(f"{path.name} is not a readable Parquet file")
    try:
        return SentimentModel.from_table(pq.read_table(path))
    except ValueError as problem:
        raise FileProblem(f"{path.name}: {problem}") from problem
