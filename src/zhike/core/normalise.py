"""One written form for what people write in many ways: phones, e-mail addresses, credit codes, names."""

import re
import unicodedata

from zhike.core import hanzi

_MOBILE = re.compile(r"1[3-9]\d{9}").fullmatch
_LANDLINE = re.compile(r"0?((?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})").fullmatch
_SERVICE = re.compile(r"[48]00\d{7}").fullmatch
_DIAL_PREFIX = re.compile(r"(?:17951|17911|12593|17909|10193)(?=1[3-9]\d{9}$)")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*[:：]?\s*(\d{1,6})$|(?<=\d{7})-(\d{1,5})$", re.IGNORECASE)
_SEVERAL = re.compile(r"[,，、;；/|\n]+|\s{2,}")
_EMAIL = re.compile(r"[^@\s,;<>\"'()]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+").fullmatch
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BETWEEN_HAN = re.compile(f"(?<=[{hanzi.HAN}]) +(?=[{hanzi.HAN}])")
_NOT_IN_KEY = re.compile(r"[\W_]+")


def full_width(text: str) -> str:
    """Full-width digits, letters and signs to half width; nothing else changes."""
    return text.translate(_FULL_WIDTH)


def name(text: str) -> str:
    """A name as it is kept: NFKC, no control or invisible characters, single spaces, none between Chinese characters."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(one if one.isprintable() else " " if one.isspace() else "" for one in text)
    return _BETWEEN_HAN.sub("", " ".join(text.split()))


def name_key(text: str) -> str:
    """For comparing names: simplified, half width, lower case, letters and digits only."""
    return _NOT_IN_KEY.sub("", hanzi.fold(text))


def phone(text: str) -> str:
    """`+8613800138000`, `+861088886666-802` with an extension, or an empty text for what is no phone number.

    Chinese numbers need no country code but do need an area code; foreign ones need their `+` or `00`.
    """
    text = full_width(text).strip().removesuffix(".0")
    text, extension = _without_extension(text)
    digits = re.sub(r"\(0\)|[\s().\-]", "", text)
    if not re.fullmatch(r"\+?\d{7,22}", digits):
        return ""
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if digits.startswith(("+", "00")):
        return _foreign(re.sub(r"^00", "+", digits))
    chinese = _chinese(digits) or (_chinese(digits[2:]) if digits.startswith("86") else "")
    return f"{chinese}-{extension}" if chinese and extension and not _MOBILE(chinese[3:]) else chinese


def phones(text: str) -> list[str]:
    """All valid numbers in a cell such as `13800138000 / 010-88886666`."""
    found = (phone(part) for part in _SEVERAL.split(text))
    return list(dict.fromkeys(one for one in found if one))


def email(text: str) -> str:
    """Lower case, or an empty text for what is no address."""
    text = unicodedata.normalize("NFKC", text).strip().lower().removeprefix("mailto:").strip("<>")
    return text if len(text) <= 254 and _EMAIL(text) else ""


def credit_code(text: str) -> str:
    """A unified social credit code whose check character (GB 32100) is right, or an empty text."""
    code = re.sub(r"[\s\-]", "", full_width(text)).upper()
    if len(code) != 18 or any(sign not in _CREDIT_SIGNS for sign in code):
        return ""
    total = sum(_CREDIT_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return code if _CREDIT_SIGNS[(31 - total % 31) % 31] == code[17] else ""


def _without_extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    if found is None:
        return text, ""
    return text[: found.start()], found.group(1) or found.group(2)


def _chinese(digits: str) -> str:
    digits = _DIAL_PREFIX.sub("", digits)
    if _MOBILE(digits):
        return f"+86{digits}"
    if digits.startswith("0") and _MOBILE(digits[1:]):
        return f"+86{digits[1:]}"
    if _SERVICE(digits):
        return f"+86{digits}"
    landline = _LANDLINE(digits)
    return f"+86{landline.group(1)}" if landline else ""


def _foreign(digits: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else ""
