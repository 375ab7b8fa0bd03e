"""Search tokens: short pieces of a name, its pinyin, its initials, of phones and numbers, kept beside the record in a GIN index.

A query is cut the same way; a record matches when it has all pieces of the query (`search @> ARRAY[…]`). What is cut:

- Chinese: every character and every pair of neighbours.
- Letters, and the pinyin of Chinese (all usual readings): three neighbouring letters, also across syllables, so that any
  fragment of the full pinyin is found; the first two letters of every syllable and word; the initials in pairs and threes.
- Words with digits: four neighbouring characters, so that the tail of a phone is found; their first two and three characters.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, pairwise

from zhike.core import hanzi

MOST_PIECES = 400  # of one record
QUERY_LENGTH = 60
PHONE_DIGITS = 11
_UNIT = re.compile(f"[{hanzi.HAN}]|[^\\W_{hanzi.HAN}]+")
_ALL_HAN = re.compile(f"[{hanzi.HAN}]+").fullmatch
_HAN_RUN_OR_WORD = re.compile(f"[{hanzi.HAN}]+|[^\\W_{hanzi.HAN}]+")
_BESIDE_LETTERS = str.maketrans("", "", "'’·.-&")
_DIALLED = re.compile(r"[\d+()\s.\-]+").fullmatch
_DIGIT = re.compile(r"\d").search


def tokens_for(name: str, *, phones: Iterable[str] = (), codes: Iterable[str] = ()) -> list[str]:
    """The tokens of one record."""
    pieces = list(_name_tokens(name))
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


def query_tokens(text: str) -> list[str] | None:
    """The tokens that a record must have, all of them; None when there is nothing to search by."""
    text = hanzi.fold(text[:QUERY_LENGTH]).strip()
    if _DIALLED(text) and (digits := _dialled(text)):
        return list(dict.fromkeys(_word_query(digits)))
    pieces = dict.fromkeys(chain.from_iterable(_run_query(run) for run in _HAN_RUN_OR_WORD.findall(_joined(text))))
    telling = [piece for piece in pieces if len(piece) > 1 or not piece.isascii()]
    return telling or list(pieces) or None


def _joined(text: str) -> str:
    """O'Neil and K-1001 are one word each."""
    return text.translate(_BESIDE_LETTERS)


def _dialled(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if text.startswith(("+86", "0086")) or (len(digits) == 13 and digits.startswith("861")):
        digits = re.sub(r"^(00)?86", "", digits)
    return digits[-PHONE_DIGITS:] if len(digits) > PHONE_DIGITS and text.startswith(("+", "00")) else digits


def _run_query(run: str) -> Iterable[str]:
    if not _ALL_HAN(run):
        return _word_query(run)
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]


def _word_query(word: str) -> Iterable[str]:
    size = 4 if _DIGIT(word) else 3
    return _grams(word, size) if len(word) >= size else (word,)


def _grams(word: str, size: int) -> tuple[str, ...]:
    return tuple([word[at : at + size] for at in range(len(word) - size + 1)])


@lru_cache(maxsize=32768)  # names repeat
def _name_tokens(name: str) -> tuple[str, ...]:
    text = _joined(hanzi.fold(name))
    units = text if _ALL_HAN(text) else _UNIT.findall(text)
    if not units:
        return ()
    found = [*_first(units[0]), *_single(units[0])]
    for one, two in pairwise(units):
        found += _pair(one, two)
    for at in range(len(units) - 2):
        found += _triple(units[at], units[at + 1], units[at + 2])
    return tuple(dict.fromkeys(found))


def _readings(unit: str) -> tuple[str, ...]:
    if len(unit) == 1 and _ALL_HAN(unit):
        return hanzi.readings(unit)
    return () if _DIGIT(unit) else (unit,)


@lru_cache(maxsize=65536)
def _first(unit: str) -> tuple[str, ...]:
    return tuple(reading[0] for reading in _readings(unit))


@lru_cache(maxsize=65536)
def _single(unit: str) -> tuple[str, ...]:
    found = [unit] if _ALL_HAN(unit) else []
    if _DIGIT(unit):
        found += [unit[:1], unit[:2], unit[:3], *_grams(unit, 4)]
    for reading in _readings(unit):
        found += [reading[:2], *_grams(reading, 3)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=65536)
def _pair(one: str, two: str) -> tuple[str, ...]:
    """What begins with the second unit, and what lies across the two."""
    found = [*_single(two)]
    if len(one + two) == 2 and _ALL_HAN(one + two):
        found.append(one + two)
    for left in _readings(one):
        for right in _readings(two):
            found += [left[0] + right[0], *_grams(left[-2:] + right[:2], 3)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=65536)
def _triple(one: str, two: str, three: str) -> tuple[str, ...]:
    found = []
    for left in _readings(one):
        for middle in _readings(two):
            for right in _readings(three):
                found.append(left[0] + middle[0] + right[0])
                if len(middle) == 1:
                    found.append(left[-1] + middle + right[0])
    return tuple(dict.fromkeys(found))


def _phone_tokens(phone: str) -> tuple[str, ...]:
    """Of the number as people dial it: without the country code, a landline with its 0."""
    number, _, extension = phone.partition("-")
    if number.startswith("+86"):
        number = number[3:] if number[3:4] == "1" and len(number) == 14 else "0" + number[3:]
    digits = number if number.isdigit() else re.sub(r"\D", "", number)
    return _grams(digits[-PHONE_DIGITS:], 4) + (_single(extension) if extension else ())


def _code_tokens(code: str) -> Iterator[str]:
    for unit in _UNIT.findall(_joined(hanzi.fold(code))):
        yield from _single(unit)
