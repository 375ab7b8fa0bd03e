"""Amounts and quantities as people write them."""

import re
from decimal import Decimal, InvalidOperation

from zhike.core.normalise import full_width

ABSURD = Decimal(10) ** 11
UNITS = {"万": 10_000, "亿": 100_000_000, "千": 1_000, "k": 1_000, "w": 10_000, "百": 100}
_MONEY_WORDS = re.compile(r"(?:人民币|rmb|cny|usd|us\$|hkd|hk\$|eur|gbp|元整|元|块钱|块|圆整|圆|[¥￥$€£円])", re.I)
_COUNT_WORDS = re.compile(r"[件个台只套盒瓶袋包箱次张份双条支斤公斤克kg]+$|pcs$", re.I)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?", re.I)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?|[+-]?\d{1,4}(?:,\d{4})+(?:\.\d*)?")
_CONTINENTAL = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d{1,2}")


def parse(text: str) -> Decimal | str:
    """The amount, or the code of the reason why it is none."""
    plain = _MONEY_WORDS.sub("", full_width(text).replace("−", "-").replace("\u2019", "")).replace(" ", "").strip()
    negative = (plain.startswith("(") and plain.endswith(")")) or plain.endswith("-")
    plain = plain.strip("()") if plain.startswith("(") else plain.removesuffix("-")
    factor = 1
    while plain and plain[-1].lower() in UNITS:
        factor *= UNITS[plain[-1].lower()]
        plain = plain[:-1]
    value = _decimal(plain)
    if value is None:
        return "bad_amount"
    value *= factor
    if abs(value) > ABSURD:
        return "absurd_amount"
    return -value if negative else value


def parse_quantity(text: str) -> Decimal | str:
    value = _decimal(_COUNT_WORDS.sub("", full_width(text).strip()).strip())
    return "bad_quantity" if value is None or abs(value) > 10**9 else value


def parse_price(text: str) -> Decimal | str:
    """The price of one: an amount that is not negative."""
    value = parse(text)
    if isinstance(value, str):
        return value
    if value < 0:
        return "negative_price"
    return "absurd_amount" if value > 10**9 else value


def _decimal(plain: str) -> Decimal | None:
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _CONTINENTAL.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    if len(plain) > 40 or not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
