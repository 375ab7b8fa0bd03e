"""What the columns of a file mean, from their titles and from their values."""

import re
from collections.abc import Iterable, Mapping

from zhike.customers.imports import amounts, dates, phones
from zhike.customers.imports.meanings import IGNORED, WHOLE, by_word, of_kind, word
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.tables import Reading

Mapping_ = dict[str, int]  # {meaning: column from 0}
CODE = re.compile(r"^[A-Za-z]{0,6}[\d\-_]{2,}(\.0)?$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
CREDIT = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{18}$")
CHINESE_NAME = re.compile(r"^[\u4e00-\u9fff·]{2,4}$")
COMPANY = re.compile(r"(公司|集团|厂|店|有限|中心|事务所|\b(?:Ltd|Inc|GmbH|LLC|Corp|Co)\b)", re.I)


def mapping_of(reading: Reading, kind: str, labels: Mapping[str, str] | None = None) -> Mapping_:
    """The best guess. `labels`: {title word: meaning} of the profile fields, so that their labels are known too."""
    allowed = {meaning.code for meaning in of_kind(kind)}
    found: Mapping_ = {}
    left: list[int] = []
    for position, title in enumerate(reading.columns):
        code = _by_title(title, allowed, found, labels or {})
        if code:
            found[code] = position
        elif word(title) not in IGNORED:
            left.append(position)
    _by_values(reading, kind, found, left)
    _mend(reading, kind, found)
    return found


def _by_title(title: str, allowed: set[str], found: Mapping_, labels: Mapping[str, str]) -> str | None:
    plain = word(title)
    if plain in IGNORED or title.startswith("#"):
        return None
    for code in by_word().get(plain, ()):
        if code in allowed and code not in found:
            return code
    if plain in labels and labels[plain] not in found:
        return labels[plain]
    for known, codes in sorted(by_word().items(), key=lambda one: -len(one[0])):
        if len(known) >= (2 if not known.isascii() else 6) and plain.endswith(known):
            for code in codes:
                if code in allowed and code not in found and code not in WHOLE:
                    return code
    return None


def _by_values(reading: Reading, kind: str, found: Mapping_, left: list[int]) -> None:
    """For columns whose title says nothing: a phone is a phone. Only what is sure, and never twice."""
    wanted = ("phone", "email", "credit_code", "date", "name") if kind == "orders" else ("phone", "email", "credit_code", "name")
    for code in wanted:
        if code in found:
            continue
        shares = [(share_of(code, _column(reading, position)), -position) for position in left]
        share, position = max(shares, default=(0.0, 0))
        if share >= 0.8:
            found[code] = -position
            left.remove(-position)
    if kind == "orders" and "amount" not in found and not {"quantity", "unit_price"} <= set(found):
        _guess_amount(reading, found, left)
    if not {"number", "phone", "name", "email"} & set(found):
        _guess_number(reading, found, left)


def _guess_amount(reading: Reading, found: Mapping_, left: list[int]) -> None:
    """Among columns of plain numbers the one with decimals, else the last."""
    numbers = [position for position in left if share_of("amount", _column(reading, position)) >= 0.8]
    with_decimals = [position for position in numbers if any("." in cell for cell in _column(reading, position))]
    if numbers:
        found["amount"] = (with_decimals or numbers)[-1]
        left.remove(found["amount"])


def _guess_number(reading: Reading, found: Mapping_, left: list[int]) -> None:
    for position in left:
        cells = _column(reading, position)
        if cells and sum(bool(CODE.match(cell)) for cell in cells) >= len(cells) * 0.8:
            found["number"] = position
            return


def _mend(reading: Reading, kind: str, found: Mapping_) -> None:
    """A title such as 客户 or “customer” stands above numbers, phones and names alike: the values decide. A price without a
    quantity, in a file without an amount, is the amount."""
    if "number" in found and word(reading.columns[found["number"]]) in ("客户", "customer", "account", "id", "编号"):
        found_as = kind_of_customer_column(_column(reading, found["number"]))
        if found_as != "number" and found_as not in found:
            found[found_as] = found.pop("number")
    if kind == "orders" and "date" not in found and "paid_on" in found:  # a shop's list of what was paid has no other day
        found["date"] = found.pop("paid_on")
    if kind == "orders" and "amount" not in found and "unit_price" in found and "quantity" not in found:
        found["amount"] = found.pop("unit_price")


def kind_of_customer_column(cells: list[str]) -> str:
    """Whether a column that names the customer holds phones, e-mails, names or numbers."""
    if share_of("phone", cells) >= 0.6:  # ugly files have other things among them, numbers of customers never look so
        return "phone"
    if share_of("email", cells) >= 0.8:
        return "email"
    codes = sum(any(letter.isdigit() for letter in cell) and " " not in cell for cell in cells)
    return "number" if codes * 2 >= len(cells) else "name"


def share_of(code: str, cells: list[str]) -> float:
    """Which part of the cells can be read as that."""
    if not cells:
        return 0.0
    return sum(map(_TESTS[code], cells)) / len(cells)


_TESTS = {
    "phone": phones.looks_like_mobile,
    "email": lambda cell: bool(EMAIL.match(cell)),
    "credit_code": lambda cell: bool(CREDIT.match(cell)) and not cell.isdigit(),
    "date": dates.looks_like_date,
    "name": lambda cell: bool(CHINESE_NAME.match(cell) or COMPANY.search(cell)),
    "amount": lambda cell: not isinstance(amounts.parse(cell), str),
}


def _column(reading: Reading, position: int) -> list[str]:
    return [row[position].strip() for row in reading.sample if row[position].strip()]


def from_words(reading: Reading, wanted: Iterable[tuple[str, str]], known: Mapping[str, str]) -> Mapping_:
    """A mapping somebody typed: {meaning: column name or 1-based position}. `known`: what may be said → meaning."""
    found: Mapping_ = {}
    for said, column in wanted:
        if said not in known:
            raise FileProblem("no_meaning", meaning=said, known=", ".join(known))
        position = _position(reading, column)
        code = known[said]
        if code == "customer":
            code = kind_of_customer_column(_column(reading, position))
        found[code] = position
    return found


def _position(reading: Reading, column: str) -> int:
    for position, name in enumerate(reading.columns):
        if column == name or word(column) == word(name):
            return position
    if column.isdigit() and 1 <= int(column) <= len(reading.columns):
        return int(column) - 1
    raise FileProblem("no_column", column=column, columns=", ".join(reading.columns[:40]))
