"""Phone numbers out of spreadsheets: repaired where nothing is lost, refused where digits are gone."""

import re

from zhike.core import normalise

_MOBILE = re.compile(r"^(?:\+?86|0086)?1[3-9]\d{9}$")
_SCIENTIFIC = re.compile(r"^(\d)\.?(\d*)e\+?(\d{1,2})$", re.I)


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
    return "", "several_phones" if len(normalise.phones(plain)) > 1 else "bad_phone"
