"""What may stand in a cell of each meaning, and what becomes of it. One parser a meaning, called once per distinct value."""

import datetime
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from zhike.core import normalise
from zhike.customers.imports import amounts, dates, lunar_days, phones, texts
from zhike.customers.imports.profile import ProfileField
from zhike.customers.rules import columns as record, values

Parsed = tuple[Any, str]  # the value, or a reason's code
Parser = Callable[[str], Parsed]
YES = {"是", "有", "y", "yes", "true", "1", "√", "对", "t"}
PLAIN_WORDS = r"^[\x{4e00}-\x{9fff}0-9]{1,20}$"  # nothing in them that a spreadsheet or a form of Unicode could have bent
NO = {"否", "无", "没有", "n", "no", "false", "0", "×", "f"}


@dataclass(frozen=True)
class Rules:
    """What cleaning depends on beyond the cell."""

    zone: ZoneInfo
    latest: datetime.date  # orders after this day are refused
    date_order: str = ""
    profile: Mapping[str, ProfileField] = field(default_factory=dict)


@dataclass(frozen=True)
class Cleaner:
    sql: str  # type in the staging table
    arrow: pa.DataType
    parse: Parser
    as_is: str = ""  # cells that match need no parsing
    before: str = ""  # but this before them
    limit: int = 0
    strict: bool = False  # words such as “无” mean an empty cell
    empty: Any = None
    earliest: datetime.date = datetime.date(dates.EARLIEST, 1, 1)
    latest: datetime.date = datetime.date.max


def cleaner(code: str, rules: Rules) -> Cleaner:
    if code.startswith("profile:"):
        known = rules.profile[code.removeprefix("profile:")]
        return Cleaner("jsonb", pa.string(), lambda text: _profile(text, known, rules), strict=known.type != "text")
    return _cleaners(rules)[code]


def _cleaners(rules: Rules) -> dict[str, Cleaner]:
    amount = Cleaner("numeric", pa.string(), _decimal(amounts.parse), as_is=r"^-?\d{1,10}(\.\d{1,4})?$", strict=True)
    price = Cleaner("numeric", pa.string(), _decimal(amounts.parse_price), as_is=r"^\d{1,10}(\.\d{1,4})?$", strict=True)
    quantity = Cleaner("numeric", pa.string(), _decimal(amounts.parse_quantity), as_is=r"^-?\d{1,8}(\.\d{1,3})?$", strict=True)
    day = Cleaner("date", pa.date32(), lambda text: _day(text, rules), strict=True)
    return {
        "number": _number(60), "order_no": _number(60), "product_code": _number(60), "member_no": _number(40),
        "name": _text(texts.person, 120), "contact": _text(texts.person, 60), "product": _text(texts.plain, 160),
        "phone": Cleaner("text", pa.string(), phones.parse, as_is=r"^1[3-9][0-9]{9}$", before="+86", strict=True, empty=""),
        "email": Cleaner("text", pa.string(), _checked(normalise.email, "bad_email"), strict=True, empty=""),
        "credit_code": Cleaner("text", pa.string(), _checked(normalise.credit_code, "bad_credit_code"), strict=True, empty=""),
        "wechat": _text(texts.plain, 40), "customer_region": _text(texts.plain, 60), "region": _text(texts.plain, 60),
        "channel": _text(texts.plain, 40), "address": _text(texts.plain, 200), "owner": _text(texts.plain, 60),
        "source": _text(texts.plain, 60), "note": _text(texts.prose, 5000), "kind": _text(texts.plain, 20),
        "shop": _text(texts.plain, 60), "person": _text(texts.plain, 60), "words": _text(texts.prose, 2000),
        "tags": Cleaner("varchar[]", pa.string(), _tags),
        "birthday": Cleaner("date", pa.date32(), lambda text: _birthday(text, rules), strict=True),
        "date": Cleaner("timestamptz", pa.timestamp("us"), lambda text: _moment(text, rules),
                        as_is=r"^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$", strict=True, latest=rules.latest),
        "due_on": day, "paid_on": day, "amount": amount, "quantity": quantity, "unit_price": price, "cost": amount,
    }  # fmt: skip


def _number(limit: int) -> Cleaner:
    return Cleaner(
        "text", pa.string(), lambda text: texts.number(text, limit), as_is=rf"^[A-Za-z0-9][A-Za-z0-9_-]{{0,{limit - 1}}}$",
        limit=limit, strict=True, empty="",
    )  # fmt: skip


def _text(parser: Callable[[str, int], Parsed], limit: int) -> Cleaner:
    return Cleaner("text", pa.string(), lambda text: parser(text, limit), as_is=PLAIN_WORDS, limit=limit, empty="")


def _decimal(parser: Callable[[str], Decimal | str]) -> Parser:
    def parse(text: str) -> Parsed:
        found = parser(text)
        return (None, found) if isinstance(found, str) else (f"{found:f}", "")

    return parse


def _checked(normal: Callable[[str], str], reason: str) -> Parser:
    def parse(text: str) -> Parsed:
        found = normal(text)
        return (found, "") if found else ("", reason)

    return parse


def _tags(text: str) -> Parsed:
    found, reason = texts.tags(text)
    quoted = ",".join('"' + tag.replace("\\", "\\\\").replace('"', '\\"') + '"' for tag in found)
    return "{" + quoted + "}", reason


def _moment(text: str, rules: Rules) -> Parsed:
    try:
        found = dates.parse(text, order=rules.date_order, zone=rules.zone)
    except dates.NotADate as reason:
        return None, str(reason)
    if found.year < dates.EARLIEST or found.date() > rules.latest:
        return None, "date_out_of_range"
    return found, ""


def _day(text: str, rules: Rules) -> Parsed:
    found, reason = _moment(text, rules)
    return (found.date(), "") if found else (None, reason)


def _birthday(text: str, rules: Rules) -> Parsed:
    if lunar_days.is_marked(text):
        day = lunar_days.parse(text)
        return (record.birthday(day), "") if day else (None, "bad_lunar_day")
    try:
        found = dates.parse(text, order=rules.date_order, zone=rules.zone, year_needed=False).date()
    except dates.NotADate as reason:
        return None, str(reason)
    if found.year < 1880 or found > rules.latest:
        return None, "date_out_of_range"
    return found, ""


def _profile(text: str, known: ProfileField, rules: Rules) -> Parsed:
    """The value as JSON text, as the record keeps it."""
    found, reason = _PROFILE.get(known.type, _profile_text)(text, known, rules)
    return (json.dumps(found, ensure_ascii=False), "") if not reason else (None, reason)


def _profile_text(text: str, known: ProfileField, rules: Rules) -> Parsed:
    return texts.plain(text, 500)


def _profile_number(text: str, known: ProfileField, rules: Rules) -> Parsed:
    value = amounts.parse(re.sub(r"[^\d.\-万千亿wk]+$", "", normalise.full_width(text)))
    if isinstance(value, str):
        return None, "bad_number"
    if (known.minimum is not None and value < known.minimum) or (known.maximum is not None and value > known.maximum):
        return None, "bad_number"
    return int(value) if value == value.to_integral_value() else float(value), ""


def _profile_date(text: str, known: ProfileField, rules: Rules) -> Parsed:
    try:
        return dates.parse(text, order=rules.date_order, zone=rules.zone).date().isoformat(), ""
    except dates.NotADate as reason:
        return None, str(reason)


def _profile_lunar(text: str, known: ProfileField, rules: Rules) -> Parsed:
    found = lunar_days.parse(text)
    return ("{:04d}-{:02d}-{:02d}".format(*values.lunar_date(found)), "") if found else (None, "bad_lunar_day")


def _profile_choice(text: str, known: ProfileField, rules: Rules) -> Parsed:
    found = known.choices.get(texts.plain(text, 200)[0].lower())
    return (found, "") if found else (None, "bad_choice")


def _profile_choices(text: str, known: ProfileField, rules: Rules) -> Parsed:
    found = [known.choices.get(one.lower()) for one in texts.tags(text)[0]]
    return (found, "") if found and None not in found else (None, "bad_choice")


def _profile_yes_no(text: str, known: ProfileField, rules: Rules) -> Parsed:
    plain = normalise.full_width(text).strip().lower()
    if plain in YES or plain in NO:
        return plain in YES, ""
    return None, "bad_choice"


_PROFILE: dict[str, Callable[[str, ProfileField, Rules], Parsed]] = {
    "number": _profile_number, "money": _profile_number, "date": _profile_date, "lunar_date": _profile_lunar,
    "choice": _profile_choice, "multi_choice": _profile_choices, "yes_no": _profile_yes_no,
}  # fmt: skip
