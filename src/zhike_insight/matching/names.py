"""What the parts of a Chinese company name or personal name are."""

import re
from dataclasses import dataclass
from functools import lru_cache

from zhike_insight.matching.places import leading_place
from zhike_insight.matching.sounds import HAN, fold, has_han, near, plain, surname_syllable, syllable
from zhike_insight.matching.vocabulary import (
    COMMON_SURNAMES,
    COMPOUND,
    ENGLISH_FORMS,
    ENGLISH_TITLE,
    FORMS,
    GENERIC,
    NO_TOWN,
    TRADES,
)

_BRANCHES = "分公司|子公司|办事处|代表处|分店|门店|旗舰店|营业部|支行|分行|分部|分厂|分院|分校|分所|项目部|经理部|销售部|服务部|[东南西北中路街城场港号]店"
_BRANCH = re.compile(f"^(.*(?:公司|集团|股份|银行|厂|酒店|医院|大学|事务所))(.{{1,12}}?(?:{_BRANCHES}))$")
_SHORT_BRANCH = re.compile("^(.{2,}?)((?:第?[一二三四五六七八九十0-9]+)?(?:分公司|办事处|代表处|营业部|支行|分行|分店))$")
_BRACKETS = re.compile(r"[(\[【〔<《「]([^()\[\]【】〔〕<>《》「」]*)[)\]】〕>》」]")
_NOTES = re.compile(
    "^(?:原|曾用名|旧|新|停用|作废|重复|测试|暂停|已注销|注销|老客户|新客户|备用|勿用|个体|(?:特殊)?普通合伙|有限合伙|普通|总部|本部)"
)
_DISTRICT = re.compile(f"^[{HAN}]{{2,3}}(?:新区|开发区|高新区|自治县|区|县|镇)(?=[{HAN}]{{2}})")
_TOWN = re.compile(f"^[{HAN}]{{2}}(?:市|县)(?=[{HAN}]{{2}})")
_FORM_AT_END = re.compile("(?:" + "|".join(sorted(map(re.escape, FORMS), key=len, reverse=True)) + ")$")
_TRADE_AT_END = re.compile("(?:" + "|".join(sorted(TRADES, key=len, reverse=True)) + ")$")

_TITLE = re.compile(
    "(?:先生|女士|小姐|太太|夫人|同学|老师|教授|医生|大夫|律师|师傅|阿姨|叔叔|大哥|大姐|经理|总监|总经理|董事长|老板|主任|主管|处长|科长|局长|厂长|店长|总|工|哥|姐|姨)$"
)
_BEFORE = re.compile("^(?:小|老|大|阿)(?=.$)")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """The parts of a company's name, all folded (half width, simplified, lower case).

    Attributes
    ----------
    text : str
        The whole name, letters and characters only.
    core : str
        What tells the company from others; never empty for a name that is not.
    sound, near : str
        Of the core: syllables, and syllables as many speakers hear them.
    province, city, trade, branch : str
        Empty where the name does not say.
    """

    text: str
    core: str
    sound: str
    near: str
    province: str
    city: str
    trade: str
    branch: str


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a person's name, folded.

    Attributes
    ----------
    text : str
        Without title and note.
    surname, given : str
        `given` is empty for "张先生".
    sound, near : str
        Syllables, surname first; of a name in Latin letters too.
    """

    text: str
    surname: str
    given: str
    sound: str
    near: str


@lru_cache(maxsize=1 << 17)
def company_name(text: str) -> CompanyName:
    """Take a company's name apart.

    Parameters
    ----------
    text : str
        As written: traditional or simplified, full or half width, with brackets, region, trade and legal form or without.

    Returns
    -------
    CompanyName
        Its parts; "" where there is none.

    Notes
    -----
    Parts of a registered name: the Chinese rules on enterprise names (2020), region, trade name, trade, legal form.

    Examples
    --------
    >>> name = company_name("浙江省杭州市華信（集團）網絡科技有限公司")
    >>> name.core, name.province, name.city, name.trade
    ('华信', '浙江', '杭州', '网络科技')
    >>> company_name("上海银行股份有限公司").core
    '上海银行'
    """
    folded = fold(text)
    if not has_han(folded):
        return _english(folded)
    folded = re.sub(r"\s+", "", folded)
    body, inner_place, branch = _without_brackets(folded)
    whole = plain(_BRACKETS.sub(lambda found: "" if _NOTES.match(found.group(1)) else found.group(1), folded))
    found = _BRANCH.match(body) or _SHORT_BRANCH.match(body)
    if found:
        body, branch = found.group(1), found.group(2)
    body = _without_forms(body)
    province, city, rest = leading_place(body.removeprefix("中国"))
    rest = _without_town(rest, anywhere=bool(province))
    core, trade = _core(rest)
    if len(core) < 2 or core in GENERIC:
        core, trade = plain(body), ""
    if not province:
        province, city = inner_place
    spelled = [syllable(one) for one in core]
    return CompanyName(
        whole, core, " ".join(spelled), " ".join(map(near, spelled)), province, city, trade, plain(branch)
    )  # fmt: skip


@lru_cache(maxsize=1 << 17)
def person_name(text: str) -> PersonName:
    """Take a person's name apart.

    Parameters
    ----------
    text : str
        Chinese, or Latin letters with the surname first or last; a title ("先生", "Mr") and notes in brackets are left out.

    Returns
    -------
    PersonName
        Its parts and how it sounds; "" where there is none.

    Notes
    -----
    Sounds by Hanyu Pinyin without tones (ISO 7098:2015).

    Examples
    --------
    >>> person_name("歐陽 娜娜 女士").surname
    '欧阳'
    >>> person_name("Wei Zhang").sound == person_name("张伟").sound
    True
    """
    folded = _BRACKETS.sub("", fold(text)).strip()
    if not has_han(folded):
        return _latin(folded)
    whole = plain(folded)
    if len(whole) > 1 and (found := _TITLE.search(whole)) and (found.start() != 1 or len(found.group()) > 1 or len(whole) == 2):
        whole = whole[: found.start()] or whole
    whole = _BEFORE.sub("", whole)
    size = 2 if whole[:2] in COMPOUND and len(whole) > 2 else 1
    surname, given = whole[:size], whole[size:]
    spelled = [surname_syllable(surname[0]), *map(syllable, surname[1:] + given)]
    return PersonName(whole, surname, given, " ".join(spelled), " ".join(map(near, spelled)))


def is_company(text: str) -> bool:
    """Whether a name is rather a company's than a person's.

    Examples
    --------
    >>> is_company("华信科技"), is_company("欧阳娜娜"), is_company("Acme Ltd")
    (True, False, True)
    """
    folded = _BRACKETS.sub("", fold(text))
    if not has_han(folded):
        words = re.findall(r"[a-z0-9]+", folded)
        return bool(ENGLISH_FORMS & set(words)) or len(words) > 4 or any(one.isdigit() for one in words)
    body = plain(folded)
    return len(body) > 4 or bool(_FORM_AT_END.search(body)) or (len(body) > 3 and bool(_TRADE_AT_END.search(body)))


def _without_brackets(text: str) -> tuple[str, tuple[str, str], str]:
    place, branch = ("", ""), ""

    def look(found: re.Match[str]) -> str:
        nonlocal place, branch
        inner = found.group(1)
        province, city, rest = leading_place(inner)
        if province and not rest:
            place = (province, city)
        elif re.search(f"(?:{_BRANCHES}|店)$", inner):
            branch = inner
        elif not (_NOTES.match(inner) or inner in FORMS or inner == "中国"):
            return inner
        return ""

    return _BRACKETS.sub(look, text), place, branch


def _without_forms(body: str) -> str:
    body = body.rstrip(".,-·")
    while (found := _FORM_AT_END.search(body)) and found.start() > 1:
        body = body[: found.start()]
    return plain(body)


def _without_town(rest: str, *, anywhere: bool) -> str:
    found = _DISTRICT.match(rest) if anywhere else _TOWN.match(rest)
    if found and found.group()[-2:] not in NO_TOWN and found.group() not in NO_TOWN:
        return rest[found.end() :]
    return rest


def _core(rest: str) -> tuple[str, str]:
    core, trades = rest, list[str]()
    while (found := _TRADE_AT_END.search(core)) and len(trades) < 3:
        if found.start() < 2:  # one character alone tells nothing
            break
        trades.append(found.group())
        core = core[: found.start()]
    return core, "".join(reversed(trades))


def _english(folded: str) -> CompanyName:
    words = re.findall(r"[a-z0-9]+", folded.replace("'", "").replace("&", " and "))
    core = [word for word in words if word not in ENGLISH_FORMS] or words
    spelled = " ".join(core)
    return CompanyName("".join(words), "".join(core), spelled, spelled, "", "", "", "")


def _latin(folded: str) -> PersonName:
    words = [word for word in re.findall(r"[a-z]+", folded.replace("'", "")) if word not in ENGLISH_TITLE]
    if not words:
        only = plain(folded)
        return PersonName(only, only, "", only, only)
    if len(words) > 1 and words[-1] in COMMON_SURNAMES and words[0] not in COMMON_SURNAMES:
        words = [words[-1], *words[:-1]]
    spelled = [words[0], *(piece for word in words[1:] for piece in _syllables(word))]
    return PersonName("".join(words), words[0], "".join(words[1:]), " ".join(spelled), " ".join(map(near, spelled)))


_SYLLABLE = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|uang|iong|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|er|[aeiou])"
)


def _syllables(word: str) -> list[str]:
    """`xiaoming` → xiao ming; a word that is no pinyin stays whole."""
    found = _SYLLABLE.findall(word)
    return found if "".join(found) == word else [word]
