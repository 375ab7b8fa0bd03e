"""Phone numbers out of spreadsheets: repaired where nothing is lost, refused where digits are gone."""

import re

from zhike.core import normalise

_MOBILE = re.compile(r"^(?:\+?86|0086)?1[3-9]\d{9}$")
_SCIENTIFIC = re.compile(r"^(\d)\.?(\d*)e\+?(\d{1,2})$", re.I)

_SEPARATORS = re.compile(r"[,，、;；/／|｜\n]+|\s{2,}|\s*(?:和|或|and|or)\s*")
_SPACE = re.compile(r"\s+")
MAYBE_SEVERAL = r"\d[^\d]*[,，、;；/／|｜\n\s和或ad][^\d]*\d"  # cheap: cells that may hold more than one


def looks_like_mobile(cell: str) -> bool:
    return bool(_MOBILE.match(re.sub(r"[\s\-]", "", normalise.full_width(cell)).removesuffix(".0")))


def parse(text: str) -> tuple[str, str]:
    """(+8613800138000, "") or ("", code of the reason)."""
    plain = normalise.full_width(text).strip()
    scientific = _SCIENTIFIC.match(plain)
    if scientific:
        digits, power = scientific[1] + scientific[2], int(scientific[3])
        if len(digits) < power or len(digits) > power + 1:
            return "", "digits_lost"
        plain = digits.ljust(power + 1, "0")
    found = normalise.phone(plain)
    if found and len(found) <= 20:
        return found, ""
    every = several(plain)
    return (every[0], "") if every else ("", "bad_phone")


def several(text: str) -> list[str]:
    """The numbers of a cell that holds more than one; none where any of them is no phone number, so that none is lost."""
    for separator in (_SEPARATORS, _SPACE):
        parts = [part for part in separator.split(normalise.full_width(text)) if part.strip()]
        found = [normalise.phone(part) for part in parts]
        if len(parts) > 1 and all(0 < len(one) <= 20 for one in found):
            return list(dict.fromkeys(found))
    return []


def further(text: str) -> str:
    """All but the first of several numbers, with spaces between them."""
    plain = text.strip()
    return "" if normalise.phone(plain) else " ".join(several(plain)[1:])
