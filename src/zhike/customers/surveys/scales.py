"""Answers as people write them, as numbers of a scale. Pure."""

import re
from collections import Counter
from collections.abc import Mapping

from zhike.core.normalise import full_width

Scale = tuple[float, float]
SCALES: dict[str, Scale] = {"1-5": (1, 5), "1-7": (1, 7), "1-10": (1, 10), "0-10": (0, 10), "0-100": (0, 100)}
KANO: Scale = (1, 5)
COVERS = 0.95  # of the answers; the others are slips
WORDS = {
    5: "非常满意 很满意 十分满意 特别满意 完全满意 极满意 非常好 很好 优秀 优 非常同意 完全同意 很同意 非常赞同 非常重要 "
       "verysatisfied extremelysatisfied excellent stronglyagree verygood veryimportant",
    4: "满意 比较满意 较满意 好 较好 比较好 良好 良 同意 比较同意 较同意 赞同 重要 比较重要 satisfied somewhatsatisfied good agree "
       "important",
    3: "一般 普通 中立 中 中等 还行 还可以 尚可 基本满意 说不清 不确定 neutral average fair ok okay",
    2: "不满意 不太满意 较不满意 比较不满意 不满 差 较差 比较差 不同意 不太同意 比较不同意 不赞同 不重要 不太重要 dissatisfied "
       "unsatisfied somewhatdissatisfied poor disagree unimportant",
    1: "非常不满意 很不满意 十分不满意 特别不满意 极不满意 完全不满意 非常差 很差 极差 非常不同意 完全不同意 很不同意 非常不重要 "
       "verydissatisfied extremelydissatisfied verypoor stronglydisagree veryunimportant",
}  # fmt: skip
KANO_WORDS = {
    1: "喜欢 很喜欢 非常喜欢 满意 like ilikeit ilikeitthatway",
    2: "理应如此 理所当然 应该如此 必须如此 必须有 应该的 must mustbe imustbe iexpectit itmustbethatway expectit",
    3: "无所谓 没关系 中立 neutral iamneutral dontcare idontcare",
    4: "可以忍受 能忍受 能够忍受 勉强接受 可以接受 能接受 livewith icanlivewithit cantolerate icantolerateit",
    5: "不喜欢 很不喜欢 非常不喜欢 讨厌 不满意 dislike idislikeit idislikeitthatway",
}  # fmt: skip
_SPAN = re.compile(r"(?<!\d)(\d{1,3})\s*分?\s*(?:[-–—~～至到]|to)\s*(\d{1,3})(?!\d)")
_NUMBER = re.compile(
    r"(-?\d+(?:\.\d+)?)\s*(?:分|星|级|points?|stars?)?\s*(?:/\s*\d+)?(?:[\s\-—–:：、.(（=]+\D*|[\u4e00-\u9fff]*)$", re.I
)
_STARS = re.compile(r"★+[☆✩]*$")
_NOISE = re.compile(r"[\s。.,，!！'’\"“”]|^我?(?:觉得|感到|会)")


def _by_word(words: Mapping[int, str]) -> dict[str, int]:
    return {word: value for value, several in words.items() for word in several.split()}


_OF_WORD, _OF_KANO = _by_word(WORDS), _by_word(KANO_WORDS)


def answer(text: str, scale: Scale) -> float | None:
    """The answer as a number of the scale; None when it is none. Words stand evenly on the scale."""
    plain = full_width(text).strip()
    value = _number(plain)
    if value is not None:
        return value if scale[0] <= value <= scale[1] else None
    word = _OF_WORD.get(_NOISE.sub("", plain.lower()))
    return None if word is None else scale[0] + (word - 1) / 4 * (scale[1] - scale[0])


def kano_answer(text: str) -> float | None:
    """1 (I like it) to 5 (I dislike it)."""
    plain = full_width(text).strip()
    value = _number(plain)
    if value is not None:
        return value if value in (1, 2, 3, 4, 5) else None
    return _OF_KANO.get(_NOISE.sub("", plain.lower()))


def _number(plain: str) -> float | None:
    if _STARS.match(plain):
        return float(plain.count("★"))
    found = _NUMBER.match(plain)
    return float(found[1]) if found else None


def stated(title: str) -> str:
    """The scale that the title of a column names, such as “(1-10分)”."""
    found = _SPAN.search(full_width(title))
    code = f"{int(found[1])}-{int(found[2])}" if found else ""
    return code if code in SCALES else ""


def scale_of(cells: Counter[str], title: str = "") -> str:
    """The code of the scale on which these answers lie, by the title or else the narrowest that nearly all fit; "" when none."""
    if said := stated(title):
        return said
    numbers: Counter[float] = Counter()
    words = 0
    for cell, count in cells.items():
        value = _number(full_width(cell).strip())
        if value is not None:
            numbers[value] += count
        elif answer(cell, SCALES["1-5"]) is not None:
            words += count
    total = sum(cells.values())
    if words * 2 > total:
        return "1-5"
    for code, (low, high) in SCALES.items():
        if total and words + sum(count for value, count in numbers.items() if low <= value <= high) >= COVERS * total:
            return code
    return ""


def widest(codes: list[str]) -> str:
    """Of several columns that are answered on one scale: a low one may not have been used up to its end."""
    order = list(SCALES)
    return max(codes, key=order.index)


def is_kano(cells: Counter[str]) -> bool:
    """Whether these are the words of Kano answers, as no satisfaction is told in them."""
    total = sum(cells.values())
    plain = {cell: _NOISE.sub("", full_width(cell).strip().lower()) for cell in cells}
    known = sum(count for cell, count in cells.items() if plain[cell] in _OF_KANO)
    return bool(total) and known >= 0.9 * total and any(plain[cell] not in _OF_WORD for cell in cells)
