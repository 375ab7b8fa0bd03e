"""Days of the Chinese calendar as people write them: 农历八月十五, 8-15(农历), 腊月廿三, 一九八〇年正月初一."""

import re

from zhike.core.normalise import full_width
from zhike.customers.rules import values

MARK = "农历|阴历|旧历|農曆|陰曆|舊曆|lunar|正月|冬月|腊月|臘月|初[一二三四五六七八九十]|廿"
_MARKED = re.compile(MARK, re.I).search
_WORDS = re.compile(r"农历|阴历|旧历|農曆|陰曆|舊曆|lunar|闰|閏|生日|[()（）\[\]【】:：\s]", re.I)
_MONTHS = {"正月": "1月", "冬月": "11月", "腊月": "12月", "臘月": "12月"}
_DIGITS = {sign: str(at) for at, sign in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_YEAR = re.compile(r"^([〇零○一二三四五六七八九]{4})年")
_COUNT = re.compile(r"[初一二三四五六七八九十廿卅]+")
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})[日号]?")


def is_marked(text: str) -> bool:
    return bool(_MARKED(text))


def parse(text: str) -> str:
    """Month and day, with the year where it is given, as the record takes it: 1980-8-15 or 8-15. Empty for what is no lunar day."""
    plain = _WORDS.sub("", full_width(text))
    plain = _YEAR.sub(lambda found: "".join(_DIGITS[sign] for sign in found[1]) + "年", plain)
    for word, month in _MONTHS.items():
        plain = plain.replace(word, month)
    found = _DAY.fullmatch(_COUNT.sub(lambda count: str(_number(count[0])), plain))
    if not found:
        return ""
    day = "-".join(part for part in found.groups() if part)
    try:
        values.lunar_date(day)
    except values.InvalidValue:
        return ""
    return day


def _number(words: str) -> int:
    """初五 is 5, 十五 15, 廿三 23, 三十 30."""
    words = words.removeprefix("初").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = words.rpartition("十")
    units = int(_DIGITS.get(ones, "0"))
    return (int(_DIGITS.get(tens, "1")) * 10 if ten else 0) + units
