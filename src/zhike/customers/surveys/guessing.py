"""What the columns of a file of answers mean, from their titles and from what stands below them."""

import re
from collections import Counter

from zhike.customers.choices import AnswerRole
from zhike.customers.imports.guess import share_of
from zhike.customers.imports.meanings import IGNORED, by_word, of_kind, word
from zhike.customers.imports.tables import Reading
from zhike.customers.surveys.roles import KANO_ROLES, code_of
from zhike.customers.surveys.scales import SCALES, answer, is_kano, scale_of, stated

OVERALL = re.compile(r"总体|整体|总的|总满意|综合满意|全面满意|overall|csat|^(?:您?的?满意度|satisfaction|满意程度|总评分?|评分)$")
RECOMMEND = re.compile(r"推荐|nps|recommend")
EXPECTED = re.compile(r"期望值?|期待|预期|expect(?:ed|ation)?(?:of)?")
PERCEIVED = re.compile(r"感知值?|实际|感受|体验|评价|满意度|满意|得分|评分|perceived|perception|satisfaction|rating|score")
WITHOUT = re.compile(r"如果没有|没有|不提供|不具备|若无|反向|负向|dysfunctional|without|ifabsent|negative")
WITH = re.compile(r"如果有|提供|具备|若有|有|正向|functional|with|ifpresent|positive")
KANO_TITLE = re.compile(r"^(?:如果|若)(?:没有|不提供|不具备|无|有|提供|具备)|反向|正向|functional")
_BRACKET, _RATED = re.compile(r"\s*[（(【\[][^）)】\]]*[）)】\]]\s*$"), re.compile(r"的?(?:满意度|满意程度|评分|得分|打分)$")
SCORED = re.compile(r"满意|评|得分|打分|感受|感知|期望|score|rating|satisf", re.I)
NO_ANSWER = re.compile(r"序号|编号|行号|年龄|性别|数量|次数|天数|时长|^no$|^id$|age$|gender|count$")
SURE = 0.9


def mapping_of(reading: Reading) -> dict[str, int]:
    """The best guess. Who and when first, then answers, then what the values alone tell."""
    left = [at for at, title in enumerate(reading.columns) if word(title) not in IGNORED]
    found: dict[str, int] = {}
    _by_title(reading, found, left)
    asked = [at for at in left if _is_question(reading, at)]
    _questions(reading, asked, found)
    for code in ("phone", "email", "date"):
        likely = [at for at in left if at not in asked and share_of(code, cells(reading, at)) >= SURE]
        if code not in found and likely:
            found[code] = likely[0]
            left.remove(likely[0])
    return found


def cells(reading: Reading, position: int) -> list[str]:
    return [row[position].strip() for row in reading.sample if row[position].strip()]


def _by_title(reading: Reading, found: dict[str, int], left: list[int]) -> None:
    allowed = {meaning.code for meaning in of_kind("answers")}
    for at in list(left):
        title = word(reading.columns[at])
        code = next((one for one in by_word().get(title, ()) if one in allowed and one not in found), "")
        if code == "date" and not share_of("date", cells(reading, at)):
            continue
        if code:
            found[code] = at
            left.remove(at)


def _is_question(reading: Reading, at: int) -> bool:
    title, given = word(reading.columns[at]), Counter(cells(reading, at))
    if KANO_TITLE.search(title) or is_kano(given):  # often asked late, so that the first rows are empty
        return True
    if not given or NO_ANSWER.search(title):
        return False
    code = stated(reading.columns[at]) or scale_of(given)
    if not code or (code == "0-100" and not SCORED.search(title)):
        return False
    return sum(count for cell, count in given.items() if answer(cell, SCALES[code]) is not None) >= SURE * given.total()


def _questions(reading: Reading, asked: list[int], found: dict[str, int]) -> None:
    titles = {at: word(reading.columns[at]) for at in asked}
    kano = [at for at in asked if is_kano(Counter(cells(reading, at))) or KANO_TITLE.search(titles[at])]
    rest = [at for at in asked if at not in kano]
    for role, pattern in ((AnswerRole.RECOMMEND, RECOMMEND), (AnswerRole.OVERALL, OVERALL)):
        at = next((one for one in rest if pattern.search(titles[one]) and not EXPECTED.search(titles[one])), None)
        if at is not None:
            found[role] = at
            rest.remove(at)
    expected = [at for at in rest if EXPECTED.search(titles[at])]
    rated = [at for at in rest if at not in expected]
    _pairs(titles, rated, expected, found)
    _kano(titles, kano, found)


def _pairs(titles: dict[int, str], rated: list[int], expected: list[int], found: dict[str, int]) -> None:
    """Ratings, each with what was expected of the same thing."""
    by_thing = {EXPECTED.sub("", PERCEIVED.sub("", titles[at])): at for at in expected}
    for number, at in enumerate(rated, 1):
        found[code_of(AnswerRole.RATING, number)] = at
        other = by_thing.get(PERCEIVED.sub("", titles[at]))
        if other is not None:
            found[code_of(AnswerRole.EXPECTED, number)] = other


def _kano(titles: dict[int, str], kano: list[int], found: dict[str, int]) -> None:
    """Two questions about one thing: by their titles, else two that stand side by side."""
    missing = {WITHOUT.sub("", titles[at]): at for at in kano if WITHOUT.search(titles[at])}
    there = [at for at in kano if at not in missing.values()]
    pairs = [(at, missing.get(WITH.sub("", titles[at]), missing.get(titles[at]))) for at in there]
    if not missing:
        pairs = list(zip(kano[::2], kano[1::2], strict=False))
    whole = [(at, other) for at, other in pairs if other is not None]
    for number, pair in enumerate(whole, 1):
        for role, at in zip(KANO_ROLES, pair, strict=True):
            found[code_of(role, number)] = at


def thing(role: str, title: str) -> str:
    """What a question is about, as its column is titled: 价格满意度 is about 价格, 如果提供取车 about 取车."""
    plain = _BRACKET.sub("", title).strip()
    if role == AnswerRole.RATING:
        plain = _RATED.sub("", plain)
    elif role == AnswerRole.FUNCTIONAL:
        plain = re.sub(r"^(?:如果|若)(?:有|提供|具备)|[（(]?正向[）)]?", "", plain).strip("：: ")
    return plain or title
