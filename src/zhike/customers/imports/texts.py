"""Names, numbers and other words: cleaned, limited, never interpreted. A formula stays the text it is."""

import re

from zhike.core import normalise

NOTHING = {
    "#N/A",
    "#NULL!",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "NULL",
    "null",
    "None",
    "\\N",
    "NaN",
    "nan",
    "N/A",
    "n/a",
}
NO_WORD = {"-", "--", "—", "——", "/", "无", "暂无", "空", "未知", "不详", "."}
ORGANISATION = (
    "(公司|集团|工厂|厂$|商店$|门店$|有限|股份|中心$|事务所|研究院|学校|医院|酒店|银行|合作社|经营部|商行|工作室|委员会|协会|店$"
    r"|(?i:\b(ltd|inc|gmbh|llc|corp|co|company|group|plc|limited|corporation)\b\.?))"
)
_ESCAPED = re.compile(r"^'(?=[=+\-@\t\r])")
_QUOTED = re.compile(r"^['‘’＇`](?=[+\-＋－(（¥￥]?[0-9０-９])")
_TOTAL = r"((本页|本日|本月|本年|全部)?(小计|合计|总计|共计|累计)|(sub|grand)?[\s-]?totals?|sum)"
TOTAL = rf"(?i)^\s*{_TOTAL}[:：]*\s*$"
MAY_HAVE_LOST_DIGITS = r"^\dE\d{2}$"  # of words without signs; the full form follows
_DIGITS_LOST = re.compile(r"\d(\.\d+)?E\+?\d{2}")
_INTEGER = re.compile(r"(\d+)\.0+")
_TAGS = re.compile(r"[,，;；、|/\n]+")


def unquoted(text: str) -> str:
    """Without the apostrophe by which spreadsheets are told that digits are text."""
    return _QUOTED.sub("", text)


def is_total(row: list[str]) -> bool:
    """Whether its first words say that it sums up the rows above."""
    return re.search(TOTAL, next((cell for cell in row if cell.strip()), "")) is not None


def plain(text: str, limit: int) -> tuple[str, str]:
    """Control characters out, emoji kept, spaces evened. (text, "") or ("", reason)."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(one for one in text.replace("\n", " ").replace("\t", " ").replace("\r", " ") if _is_kept(one))
    text = " ".join(_ESCAPED.sub("", text).split())
    return (text, "") if len(text) <= limit else ("", "too_long")


def prose(text: str, limit: int) -> tuple[str, str]:
    """Like `plain`, but lines stay."""
    text = "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or _is_kept(one)).strip()
    text = _ESCAPED.sub("", text)
    return (text, "") if len(text) <= limit else ("", "too_long")


def person(text: str, limit: int) -> tuple[str, str]:
    """A name as it is kept. Zero-width joiners inside emoji stay."""
    found = _ESCAPED.sub("", text)
    found = normalise.name(found) if "\u200d" not in found else " ".join(plain(found, limit + 1)[0].split())
    return (found, "") if len(found) <= limit else ("", "too_long")


def number(text: str, limit: int) -> tuple[str, str]:
    """A customer's, member's or order's number: half width, no spaces at its ends, 17850.0 is 17850, leading zeros stay."""
    found, reason = plain(normalise.full_width(text), limit)
    if reason:
        return "", reason
    if _DIGITS_LOST.fullmatch(found):
        return "", "digits_lost"
    whole = _INTEGER.fullmatch(found)
    return (whole[1] if whole else found), ""


def tags(text: str) -> tuple[list[str], str]:
    found = [plain(part, 1000)[0] for part in _TAGS.split(text)]
    if any(len(one) > 30 for one in found):
        return [], "too_long"
    return list(dict.fromkeys(one for one in found if one))[:20], ""


def _is_kept(one: str) -> bool:
    return one.isprintable() or one in "\u200d\ufe0f\u3000\u00a0"
