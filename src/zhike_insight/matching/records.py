"""Records as columns of small numbers, so that a million pairs are compared at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike_insight.matching.names import CompanyName, PersonName, company_name, is_company, person_name
from zhike_insight.matching.sounds import fold, near, plain, syllable

Ints = npt.NDArray[np.int64]
FIELDS = ("name", "kind", "phone", "email", "code", "birthday", "address")
PARTS = ("province", "city", "trade", "branch", "surname", "given")
_SEVERAL = re.compile(r"[,，、;；/|\n]+|(?<=\d{7})\s+(?=[+\d])|\s{2,}")


class BadRecords(ValueError):
    """The records cannot be compared; the message says which column is wrong."""


@dataclass(frozen=True)
class Column:
    """Texts as codes: equal texts have equal codes, an empty text has −1."""

    texts: list[str]
    codes: Ints
    counts: Ints  # how many records have the code

    def share(self, total: int) -> npt.NDArray[np.float64]:
        """Of all records, how many have the text of each record."""
        return np.asarray(np.where(self.codes >= 0, self.counts[self.codes], 0) / total)


@dataclass(frozen=True)
class Records:
    """What the comparison needs of every record. Not public."""

    size: int
    company: npt.NDArray[np.bool_]
    columns: dict[str, Column]
    phones: list[list[str]]
    letters: Ints  # first four characters of a personal name, 0 where there is none


def read_records(data: Any) -> Records:
    """Normalise and code all columns.

    Raises
    ------
    BadRecords
        No name column, an unknown column, or lengths differ.
    """
    table = _texts(data)
    size = len(table["name"])
    kinds = table.get("kind") or [""] * size
    company = np.array([_is_company(kind, name) for kind, name in zip(kinds, table["name"], strict=True)], dtype=bool)
    names = [(company_name if is_one else person_name)(name) for is_one, name in zip(company, table["name"], strict=True)]
    phones = [_phones(text) for text in table.get("phone") or [""] * size]
    texts: dict[str, list[str]] = {
        "text": [name.text for name in names],
        "core": [_core(name) for name in names],
        "body": [_body(name) for name in names],
        "sound": [name.sound for name in names],
        "near": [name.near for name in names],
        **{
            part: [getattr(name, part, "") for name in names]
            for part in ("province", "city", "trade", "branch", "surname", "given")
        },
        "phone": [each[0] if each else "" for each in phones],
        "email": [_email(text) for text in table.get("email") or [""] * size],
        "code": [plain(fold(text)) for text in table.get("code") or [""] * size],
        "birthday": [_birthday(text) for text in table.get("birthday") or [""] * size],
        "address": [plain(fold(text)) for text in table.get("address") or [""] * size],
    }
    texts["body_near"] = [" ".join(map(near, map(syllable, body))) for body in texts["body"]]
    texts["local"] = [text.partition("@")[0] for text in texts["email"]]
    letters = np.zeros((size, 4), dtype=np.int64)
    for row, name in enumerate(names):
        if not company[row]:
            for place, sign in enumerate(name.text[:4]):
                letters[row, place] = ord(sign)
    return Records(size, company, {name: coded(column) for name, column in texts.items()}, phones, letters)


def coded(texts: Iterable[str]) -> Column:
    """Number the distinct texts in the order of their first coming."""
    listed = list(texts)
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) if text else -1 for text in listed), np.int64, len(listed))
    counts = np.bincount(codes[codes >= 0], minlength=max(len(known), 1))
    return Column(listed, codes, counts)


def _texts(data: Any) -> dict[str, list[str]]:
    columns: Mapping[str, Sequence[Any]] = (
        {name: data.column(name).to_pylist() for name in data.column_names} if isinstance(data, pa.Table) else dict(data)
    )
    if "name" not in columns:
        raise BadRecords(f"column 'name' is missing; there are: {', '.join(columns) or 'none'}")
    unknown = [name for name in columns if name not in FIELDS]
    if unknown:
        raise BadRecords(f"column {unknown[0]!r} is none of {', '.join(FIELDS)}")
    found = {name: [_text(value) for value in values] for name, values in columns.items()}
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1:
        raise BadRecords(f"the columns differ in length: {lengths}")
    return found


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _is_company(kind: str, name: str) -> bool:
    if kind in ("person", "个人"):
        return False
    return kind in ("organisation", "company", "企业", "单位") or is_company(name)


def _core(name: CompanyName | PersonName) -> str:
    return name.core if isinstance(name, CompanyName) else name.text


def _body(name: CompanyName | PersonName) -> str:
    return name.core + name.trade if isinstance(name, CompanyName) else ""


def _phones(text: str) -> list[str]:
    found = []
    for part in _SEVERAL.split(fold(text)):
        digits = re.sub(r"\D", "", part)
        digits = re.sub(r"^(?:0086|86)(?=1[3-9]\d{9}$|0?\d{9,11}$)", "", digits)
        if len(digits) > 6:
            found.append(digits.lstrip("0"))
    return list(dict.fromkeys(filter(None, found)))


def _email(text: str) -> str:
    text = fold(text).replace(" ", "")
    return text if "@" in text else ""


def _birthday(text: str) -> str:
    parts = re.findall(r"\d+", text)
    if len(parts) == 1 and len(parts[0]) == 8:
        return str(parts[0])
    return f"{int(parts[0]):04d}{int(parts[1]):02d}{int(parts[2]):02d}" if len(parts) >= 3 else ""
