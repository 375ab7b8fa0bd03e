"""Search tokens: short pieces of a name, its pinyin, its initials, of phones and numbers, kept beside the record in a GIN index.

Each token costs time and room at every save, so there are few: about 28 a customer. What is kept:

- Chinese: every character and every pair of neighbours; of every character its syllable (all usual readings)
  and the two letters that it begins with.
- Initials of neighbours in pairs, and the first initial alone.
- Other words: three neighbouring letters, also across two such words; their first two letters.
- Words with digits and phones: four neighbouring characters, so that the tail of a phone is found; the first three.

What a person types is cut into the same pieces by `wanted`. Chinese and digits in one way; letters in every way in which they
are a word or pinyin: whole syllables, the last one unfinished or the rest only initials (zhangxiaow, zhangxw, zxw). The pairs
of initials keep the syllables in their order.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from django.db.models import BooleanField, F, Func, Q, Value

from zhike.core import hanzi
from zhike.core.conditions import Keys

MOST_PIECES = 400  # of one record
MOST_SPELLINGS = 12  # of one typed word
QUERY_LENGTH = 60
PHONE_DIGITS = 11
_UNIT = re.compile(f"[{hanzi.HAN}]|[^\\W_{hanzi.HAN}]+")
_ALL_HAN = re.compile(f"[{hanzi.HAN}]+").fullmatch
_HAN_RUN_OR_WORD = re.compile(f"[{hanzi.HAN}]+|[^\\W_{hanzi.HAN}]+")
_BESIDE_LETTERS = str.maketrans("", "", "'’·.-&")
_DIALLED = re.compile(r"[\d+()\s.\-]+").fullmatch
_DIGIT = re.compile(r"\d").search
_INITIALS = re.compile("[a-hj-tw-z]+").fullmatch  # no syllable begins with i, u or v
_RARE = re.compile("[aeo]").search  # few syllables begin so


# -- what is kept ------------------------------------------------------------------------------------------------------


def tokens_for(name: str, *, phones: Iterable[str] = (), codes: Iterable[str] = ()) -> list[str]:
    """The tokens of one record."""
    pieces = _name_tokens(name)
    for phone in phones:
        pieces += _phone_tokens(phone)
    for code in codes:
        pieces += _code_tokens(code)
    return list(dict.fromkeys(pieces))[:MOST_PIECES]


def bulk_tokens(names: list[str], phones: list[str], codes: list[str]) -> list[list[str]]:
    """The tokens of many records; several phones or codes of one record are separated by spaces."""
    return [
        tokens_for(name, phones=phone.split(), codes=code.split()) for name, phone, code in zip(names, phones, codes, strict=True)
    ]


def array_text(tokens: list[str]) -> str:
    """As PostgreSQL reads an array. Quoted, because a piece may be the word null."""
    return '{"' + '","'.join(tokens) + '"}' if tokens else "{}"


def _name_tokens(name: str) -> list[str]:
    text = hanzi.fold(name)
    if _ALL_HAN(text):
        return _chinese_tokens(text)
    units = _UNIT.findall(_joined(text))
    if not units:
        return []
    seen = [_unit(unit) for unit in units]
    found = [*seen[0][1]]
    for pieces, _ in seen:
        found += pieces
    for (_, left), (_, right) in pairwise(seen):
        found += [one + two for one in left for two in right]
    for one, two in pairwise(units):
        found += [one + two] if len(one + two) == 2 and _ALL_HAN(one + two) else _across(one, two)
    return found


def _chinese_tokens(text: str) -> list[str]:
    """The same for Chinese alone, which most names are."""
    left = ""
    found: list[str] = []
    for sign in text:
        pieces, initials = _unit(sign)
        found += pieces
        for two in initials:
            for one in left:
                found.append(one + two)
        left = initials
    found += [text[at : at + 2] for at in range(len(text) - 1)]
    found += _unit(text[0])[1]
    return found


@lru_cache(maxsize=16384)
def _unit(unit: str) -> tuple[tuple[str, ...], str]:
    """(pieces of a character or word, its initials)."""
    if len(unit) == 1 and _ALL_HAN(unit):
        readings = hanzi.readings(unit)
        starts = dict.fromkeys(reading[:2] for reading in readings if len(reading) > 2)
        return (unit, *readings, *starts), "".join(dict.fromkeys(reading[0] for reading in readings))
    if _DIGIT(unit):
        return (unit[:1], unit[:2], unit[:3], *_grams(unit, 4)), ""
    return (unit[:2], *_grams(unit, 3)), unit[0]


def _across(one: str, two: str) -> tuple[str, ...]:
    """What lies across two words of letters."""
    if _ALL_HAN(one[-1]) or _ALL_HAN(two[0]) or _DIGIT(one) or _DIGIT(two):
        return ()
    return _grams(one[-2:] + two[:2], 3)


def _phone_tokens(phone: str) -> tuple[str, ...]:
    """Of the number as people dial it: without the country code, a landline with its 0."""
    if len(phone) == 14 and phone.startswith("+861"):
        return _grams(phone[3:], 4)
    number, _, extension = phone.partition("-")
    if number.startswith("+86"):
        number = number[3:] if number[3:4] == "1" and len(number) == 14 else "0" + number[3:]
    digits = number if number.isdigit() else re.sub(r"\D", "", number)
    return _grams(digits[-PHONE_DIGITS:], 4) + (_code(extension) if extension else ())


def _code_tokens(code: str) -> Iterable[str]:
    if code.isascii() and code.isalnum():
        return _code(code.lower())
    return [piece for unit in _UNIT.findall(_joined(hanzi.fold(code))) for piece in _code(unit)]


def _code(unit: str) -> tuple[str, ...]:
    return (unit[:3], *_grams(unit, 4)) if _DIGIT(unit) else _unit(unit)[0]


# -- what is asked for -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spelling:
    """One way to read what was typed: a record has all of `every` and, if there are any, one of `one_of`.

    The index begins with the first of `every`, so those that few records have stand first: syllables have tens of thousands.
    """

    every: tuple[str, ...]
    one_of: tuple[str, ...] = ()

    def found_in(self, tokens: Collection[str]) -> bool:
        return all(one in tokens for one in self.every) and (not self.one_of or any(one in tokens for one in self.one_of))

    def condition(self, field: str, arrays: Iterator[str]) -> Q:
        every = Q(_compared(field, "@>", next(arrays))) if self.every else Q()
        return every & Q(_compared(field, "&&", next(arrays))) if self.one_of else every


@dataclass(frozen=True)
class Wanted:
    """A typed text: each of its words in one of its spellings."""

    words: tuple[tuple[Spelling, ...], ...]

    def found_in(self, tokens: Collection[str]) -> bool:
        return all(any(spelling.found_in(tokens) for spelling in word) for word in self.words)

    @property
    def arrays(self) -> tuple[Keys, ...]:
        """The pieces, as the condition takes them."""
        every_one = (pieces for word in self.words for spelling in word for pieces in (spelling.every, spelling.one_of))
        return tuple(Keys(array_text(list(pieces))) for pieces in every_one if pieces)

    @property
    def shape(self) -> tuple[tuple[tuple[bool, bool], ...], ...]:
        """What the condition looks like without its pieces: the same for most texts."""
        return tuple(tuple((bool(one.every), bool(one.one_of)) for one in word) for word in self.words)

    @property
    def is_short(self) -> bool:
        """Nothing but a piece that thousands of records have: two initials, a character, the first digits of phones."""
        [spellings, *others] = self.words
        return not others and all(not one.one_of and len("".join(one.every).encode()) <= 3 for one in spellings)

    def condition(self, field: str = "search", arrays: Iterable[str] | None = None) -> Q:
        """Which records have it. The index answers it. `arrays` stand in for its own."""
        condition = Q()
        rest = iter(self.arrays if arrays is None else arrays)
        for word in self.words:
            either = Q()
            for spelling in word:
                either |= spelling.condition(field, rest)
            condition &= either
        return condition


def _compared(field: str, how: str, pieces: str) -> Func:
    template = "%(expressions)s::varchar[]"
    return Func(F(field), Value(pieces), template=template, arg_joiner=f" {how} ", output_field=BooleanField())


def wanted(text: str) -> Wanted | None:
    """None when there is nothing to search by."""
    text = hanzi.fold(text[:QUERY_LENGTH]).strip()
    if _DIALLED(text) and (digits := _dialled(text)):
        return Wanted(((_word(digits),),))
    runs = list(dict.fromkeys(_HAN_RUN_OR_WORD.findall(_joined(text))))
    telling = [run for run in runs if len(run) > 1 or not run.isascii()] or runs
    certain = [_sure(run) for run in telling if not _is_letters(run)]
    spelled = [tuple(dict.fromkeys(_spellings(run))) for run in telling if _is_letters(run)]
    together = tuple(dict.fromkeys(piece for spelling in certain for piece in spelling.every))
    words = ([(Spelling(together),)] if together else []) + spelled
    return Wanted(tuple(words)) if words else None


def _joined(text: str) -> str:
    """O'Neil and K-1001 are one word each."""
    return text.translate(_BESIDE_LETTERS)


def _dialled(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if text.startswith(("+86", "0086")) or (len(digits) == 13 and digits.startswith("861")):
        digits = re.sub(r"^(00)?86", "", digits)
    return digits[-PHONE_DIGITS:] if len(digits) > PHONE_DIGITS and text.startswith(("+", "00")) else digits


def _is_letters(run: str) -> bool:
    return not (_ALL_HAN(run) or _DIGIT(run))


def _sure(run: str) -> Spelling:
    if not _ALL_HAN(run):
        return _word(run)
    return Spelling((run,) if len(run) == 1 else tuple(run[at : at + 2] for at in range(len(run) - 1)))


def _word(word: str) -> Spelling:
    size = 4 if _DIGIT(word) else 3
    pieces = dict.fromkeys(_grams(word, size))
    return Spelling(tuple(sorted(pieces, key=hanzi.SYLLABLES.__contains__)) if pieces else (word,))


def _grams(word: str, size: int) -> tuple[str, ...]:
    return tuple([word[at : at + size] for at in range(len(word) - size + 1)])  # faster than a generator


def _spellings(word: str) -> Iterator[Spelling]:
    """As a word in letters, and as pinyin. Initials are tried where whole syllables do not come out, or the word is short."""
    yield _word(word)
    if len(word) == 2:
        return  # kept as it is, because so short a piece stands for half of all syllables
    whole = list(islice(_pinyin(word, ()), MOST_SPELLINGS))
    yield from whole
    if not whole or len(word) <= 3:
        yield from islice(_with_initials(word, ()), MOST_SPELLINGS)


def _pinyin(rest: str, before: tuple[str, ...]) -> Iterator[Spelling]:
    """Whole syllables, and a last one that may be unfinished."""
    for size in range(min(6, len(rest) - 1), 0, -1):
        if rest[:size] in hanzi.SYLLABLES and _may_be_pinyin(rest[size:]):
            yield from _pinyin(rest[size:], (*before, rest[:size]))
    ends = hanzi.completions(rest)
    if len(rest) == 1 and ends:
        yield Spelling(_in_order((*before, rest), before) or (rest,))
    elif ends:
        yield Spelling(_in_order((*before, rest), before), ends)


@lru_cache(maxsize=4096)
def _may_be_pinyin(rest: str) -> bool:
    """Looked up before going on, so that a long text is not tried in every way."""
    if hanzi.completions(rest):
        return True
    return any(rest[:size] in hanzi.SYLLABLES and _may_be_pinyin(rest[size:]) for size in range(1, min(6, len(rest) - 1) + 1))


def _with_initials(rest: str, before: tuple[str, ...]) -> Iterator[Spelling]:
    """Whole syllables, then only initials."""
    if _INITIALS(rest):
        yield Spelling(_in_order((*before, *rest), before) or (rest,))
    for size in range(min(6, len(rest) - 1), 1, -1):
        if rest[:size] in hanzi.SYLLABLES:
            yield from _with_initials(rest[size:], (*before, rest[:size]))


def _in_order(syllables: tuple[str, ...], whole: tuple[str, ...]) -> tuple[str, ...]:
    pairs = sorted((one[0] + two[0] for one, two in pairwise(syllables)), key=lambda pair: _RARE(pair) is None)
    return tuple(dict.fromkeys([*pairs, *whole]))
