"""Findings in words."""

from collections.abc import Mapping

WORDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("person", "same"): ("same name", "姓名相同"),
    ("person", "sound"): ("names that sound the same", "姓名同音"),
    ("person", "near"): ("names that sound alike", "姓名音近"),
    ("person", "one_character"): ("names that differ in one character", "姓名差一字"),
    ("person", "title"): ("same surname, given name not known", "姓氏相同，名字不全"),
    ("person", "family"): ("same surname, another given name", "同姓不同名"),
    ("person", "different"): ("different names", "姓名不同"),
    ("company", "same"): ("same full name", "名称相同"),
    ("company", "core"): ("same name without region and legal form", "字号相同"),
    ("company", "sound"): ("names that sound the same", "字号同音"),
    ("company", "near"): ("names that sound alike", "字号音近"),
    ("company", "one_character"): ("names that differ in one character", "字号差一字"),
    ("company", "part"): ("one name begins with the other", "字号为简称"),
    ("company", "different"): ("different names", "字号不同"),
    ("region", "same"): ("same region", "地区相同"),
    ("region", "different"): ("different regions", "地区不同"),
    ("trade", "same"): ("same trade", "行业相同"),
    ("trade", "similar"): ("similar trade", "行业相近"),
    ("trade", "different"): ("different trades", "行业不同"),
    ("branch", "same"): ("same branch", "分支机构相同"),
    ("branch", "different"): ("different branches", "分支机构不同"),
    ("phone", "same"): ("same phone", "电话相同"),
    ("phone", "near"): ("phones that differ in one digit", "电话差一位"),
    ("phone", "different"): ("different phones", "电话不同"),
    ("email", "same"): ("same e-mail", "邮箱相同"),
    ("email", "near"): ("nearly the same e-mail", "邮箱相近"),
    ("email", "different"): ("different e-mails", "邮箱不同"),
    ("code", "same"): ("same code", "代码相同"),
    ("code", "near"): ("codes that differ in one sign", "代码差一位"),
    ("code", "different"): ("different codes", "代码不同"),
    ("birthday", "same"): ("same birthday", "生日相同"),
    ("birthday", "near"): ("nearly the same birthday", "生日相近"),
    ("birthday", "different"): ("different birthdays", "生日不同"),
    ("address", "same"): ("same address", "地址相同"),
    ("address", "near"): ("nearly the same address", "地址相近"),
    ("address", "different"): ("different addresses", "地址不同"),
}


def match_words(evidence: str, finding: str, language: str = "zh") -> str:
    """A finding of `find_duplicates` in words.

    Parameters
    ----------
    evidence, finding : str
        As in the column `evidence` of its result.
    language : {"zh", "en"}

    Returns
    -------
    str

    Raises
    ------
    KeyError
        There is no such finding.

    Examples
    --------
    >>> match_words("phone", "near", "en")
    'phones that differ in one digit'
    """
    english, chinese = WORDS[evidence, finding]
    return chinese if language == "zh" else english
