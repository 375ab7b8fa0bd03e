"""A chunk of rows into typed columns: every distinct value is parsed once; what cannot be used is named by row and column."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.customers.imports import cleaning, lunar_days, phones, texts
from zhike.customers.imports.cleaning import Cleaner, Rules
from zhike.customers.imports.decode import DAMAGED
from zhike.customers.imports.tables import Chunk

NO_COLUMN = -1
NOTHING = pa.array(sorted(texts.NOTHING | texts.NO_WORD))
IDENTITIES = (("number", "n"), ("phone", "p"), ("email", "e"), ("credit_code", "c"), ("member_no", "m"), ("name", "a"))


class Problem(NamedTuple):
    """Why a row is left out."""

    row: int  # its number in the file
    column: int  # from 0, or NO_COLUMN for the row as a whole
    reason: str
    value: str = ""
    limit: int = 0


@dataclass
class Cleaned:
    table: pa.Table  # `rowno`, then a column for every meaning; only rows without a problem
    problems: list[Problem] = field(default_factory=list)


class Cleaning:
    """Cleans the chunks of one file."""

    def __init__(self, kind: str, mapping: Mapping[str, int], rules: Rules) -> None:
        self.kind = kind
        self.mapping = mapping
        self.rules = rules
        self.cleaners = {code: cleaning.cleaner(code, rules) for code in mapping}

    def clean(self, chunk: Chunk) -> Cleaned:
        problems = [Problem(chunk.numbers[at], NO_COLUMN, "too_many_cells") for at in chunk.long]
        columns: dict[str, pa.Array] = {}
        for code, position in self.mapping.items():
            raw = [row[position] for row in chunk.rows]
            columns[code], bad = clean_column(raw, self.cleaners[code])
            problems += [
                Problem(chunk.numbers[at], position, reason, raw[at][:200], self.cleaners[code].limit) for at, reason in bad
            ]
            columns |= _beside(code, raw)
        numbers = np.asarray(chunk.numbers, dtype=np.int64)
        totals = self._totals(columns, chunk)
        problems = [Problem(row, NO_COLUMN, "total") for row in totals] + [one for one in problems if one.row not in totals]
        unreadable = {self.mapping[code] for code, _ in IDENTITIES if code in columns}
        nobody = self._nobody(columns, len(numbers))
        nobody &= ~_among(numbers, (one.row for one in problems if one.reason == "total" or one.column in unreadable))
        reason = "no_customer" if self.kind == "orders" else "no_name"
        problems = [Problem(chunk.numbers[at], NO_COLUMN, reason) for at in np.flatnonzero(nobody)] + problems
        good = ~_among(numbers, (problem.row for problem in problems))
        for reason, wrong in self._missing(columns) if self.kind == "orders" else ():
            problems += [Problem(int(row), NO_COLUMN, reason) for row in numbers[good & wrong]]
            good &= ~wrong
        return Cleaned(self._table(numbers, columns, good), problems)

    def _totals(self, columns: dict[str, pa.Array], chunk: Chunk) -> dict[int, None]:
        """Numbers of the rows that sum up others: nothing in them tells a customer, unless the word itself is taken for one."""
        worded = {code: columns[code] for code in ("number", "name") if code in columns}
        without = {code: pc.if_else(pc.match_substring_regex(words, texts.TOTAL), "", words) for code, words in worded.items()}
        nobody = self._nobody(columns | without, len(chunk.rows))
        return {chunk.numbers[at]: None for at in np.flatnonzero(nobody) if texts.is_total(chunk.rows[at])}

    def _nobody(self, columns: Mapping[str, pa.Array], length: int) -> np.ndarray:
        nobody = np.ones(length, dtype=bool)
        for code, _ in IDENTITIES:
            if code in columns:
                nobody &= _mask(pc.equal(columns[code], ""))
        return nobody

    def _missing(self, columns: dict[str, pa.Array]) -> Iterable[tuple[str, np.ndarray]]:
        """What every order must have."""
        yield "no_date", _mask(pc.is_null(columns["date"]))
        amount = self._amount(columns)
        yield "no_amount", np.isnan(amount)
        yield "absurd_amount", np.abs(np.nan_to_num(amount)) > 1e11
        if "quantity" in columns:  # the unit price that follows must be a price too
            quantity = np.abs(np.nan_to_num(_floats(columns["quantity"])))
            yield "absurd_amount", np.abs(np.nan_to_num(amount)) > 1e9 * np.where(quantity > 0, quantity, np.inf)

    def _amount(self, columns: dict[str, pa.Array]) -> np.ndarray:
        given = _floats(columns["amount"]) if "amount" in columns else None
        if not {"quantity", "unit_price"} <= set(columns):
            return given if given is not None else np.array([])
        product = _floats(columns["quantity"]) * _floats(columns["unit_price"])
        return product if given is None else np.where(np.isnan(given), product, given)

    def _table(self, numbers: np.ndarray, columns: dict[str, pa.Array], good: np.ndarray) -> pa.Table:
        found: dict[str, pa.Array] = {"rowno": pa.array(numbers), "ckey": key_of(columns)}
        profile = {code: values for code, values in columns.items() if code.startswith("profile:")}
        for code, values in columns.items():
            if code not in profile:
                found[code] = values
        if profile:
            found["profile"] = json_of(profile)
        table = pa.table(found)
        return table if good.all() else table.filter(pa.array(good))


def _beside(code: str, raw: list[str]) -> dict[str, pa.Array]:
    """What a cell says beyond the value of its column: further phones, and that a birthday is one of the lunar calendar."""
    if code == "phone" and (at := _where(raw, phones.MAYBE_SEVERAL)):
        return {
            "phone_more": pa.array([phones.further(cell) if index in at else "" for index, cell in enumerate(raw)], pa.string())
        }
    if code == "birthday" and (at := _where(raw, lunar_days.MARK)):
        return {"birthday_is_lunar": pa.array([index in at for index in range(len(raw))], pa.bool_())}
    return {}


def _where(raw: list[str], pattern: str) -> set[int]:
    return set(np.flatnonzero(_mask(pc.match_substring_regex(pa.array(raw, pa.string()), pattern, ignore_case=True))).tolist())


def clean_column(raw: list[str], cleaner: Cleaner) -> tuple[pa.Array, list[tuple[int, str]]]:
    """(values, [(index, reason)])."""
    coded = pa.array(raw, pa.string()).dictionary_encode()
    values, bad = _clean(coded.dictionary, cleaner)
    cleaned = values.take(coded.indices)
    if not bad:
        return cleaned, []
    indices = coded.indices.to_numpy()
    where = np.flatnonzero(np.isin(indices, list(bad)))
    return cleaned, [(int(at), bad[int(indices[at])]) for at in where]


def _clean(words: pa.Array, cleaner: Cleaner) -> tuple[pa.Array, dict[int, str]]:
    """Words written as the database wants them are taken together, the others parsed one by one."""
    plain = _is_plain(words, cleaner)
    ready = _ready(words.filter(plain), cleaner)
    if ready is None:
        plain, ready = pa.repeat(False, len(words)), pa.array([], cleaner.arrow)
    if len(ready) == len(words):
        return ready, {}
    others = np.flatnonzero(~_mask(plain))
    values, bad = _parse(words.take(pa.array(others)).to_pylist(), cleaner)
    place = np.empty(len(words), dtype=np.int64)
    place[_mask(plain)], place[others] = np.arange(len(ready)), np.arange(len(ready), len(words))
    together = pa.concat_arrays([ready, pa.array(values, cleaner.arrow)])
    return together.take(pa.array(place)), {int(others[at]): reason for at, reason in bad.items()}


def _is_plain(words: pa.Array, cleaner: Cleaner) -> pa.Array:
    if not cleaner.as_is:
        return pa.repeat(False, len(words))
    plain = pc.match_substring_regex(words, cleaner.as_is)
    for unless in (pc.is_in(words, NOTHING), pc.match_substring_regex(words, texts.MAY_HAVE_LOST_DIGITS)):
        plain = pc.and_not(plain, unless)
    return plain


def _ready(words: pa.Array, cleaner: Cleaner) -> pa.Array | None:
    """None when they are not what they look like."""
    if pa.types.is_string(cleaner.arrow):
        return pc.binary_join_element_wise(cleaner.before, words, "") if cleaner.before else words
    try:
        moments = pc.cast(words, cleaner.arrow)
    except pa.ArrowInvalid:
        return None  # some day does not exist
    bounds = pc.min_max(moments).as_py()
    inside = not len(words) or (cleaner.earliest <= bounds["min"].date() and bounds["max"].date() <= cleaner.latest)
    return moments if inside else None


def _parse(words: list[str], cleaner: Cleaner) -> tuple[list[Any], dict[int, str]]:
    values: list[Any] = []
    bad: dict[int, str] = {}
    nothing = texts.NOTHING | texts.NO_WORD if cleaner.strict else texts.NOTHING
    parse: Callable[[str], tuple[Any, str]] = cleaner.parse
    for at, word in enumerate(words):
        plain = texts.unquoted(word.strip()) if cleaner.strict else word.strip()
        if not plain or plain in nothing:
            values.append(cleaner.empty)
            continue
        value, reason = (None, _damage(word)) if DAMAGED in word or "\0" in word else parse(plain)
        if reason:
            bad[at] = reason
            value = cleaner.empty
        values.append(value)
    return values, bad


def _damage(word: str) -> str:
    return "nul" if "\0" in word else "encoding"


def key_of(columns: Mapping[str, pa.Array]) -> pa.Array | None:
    """By what the customer of each row is known: the surest identity that the row has. None when no column tells one."""
    key: pa.Array | None = None
    for code, letter in IDENTITIES:
        if code in columns:
            mine = pc.if_else(pc.equal(columns[code], ""), None, pc.binary_join_element_wise(letter, columns[code], ""))
            key = mine if key is None else pc.coalesce(key, mine)
    return key


def json_of(profile: Mapping[str, pa.Array]) -> pa.Array:
    """The profile fields (or the answers) of each row as one JSON object."""
    names = [f'"{code.removeprefix("profile:")}": ' for code in profile]
    rows = zip(*(values.to_pylist() for values in profile.values()), strict=True)
    return pa.array(
        ["{" + ", ".join(name + value for name, value in zip(names, row, strict=True) if value is not None) + "}" for row in rows],
        pa.string(),
    )


def _floats(values: pa.Array) -> np.ndarray:
    found: np.ndarray = pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)
    return found


def _among(numbers: np.ndarray, rows: Iterable[int]) -> np.ndarray:
    found = np.fromiter(rows, dtype=np.int64)
    return np.isin(numbers, found) if len(found) else np.zeros(len(numbers), dtype=bool)


def _mask(values: pa.Array) -> np.ndarray:
    found: np.ndarray = values.to_numpy(zero_copy_only=False)
    return found
