"""The one way to show a field that not everybody may see in plain."""

import re
from typing import Any

from zhike.core.prepared import Prepared
from zhike.customers.models import FieldDefinition
from zhike.teams.access import rights_of
from zhike.teams.choices import Confidentiality
from zhike.teams.models import User

HIDDEN = "****"
_LANDLINE = re.compile(r"\+86(10|2\d|[3-9]\d\d)(\d{7,8})(?:-(\d+))?").fullmatch

# What is not internal where no definition of the code is stored.
COLUMN_CLASSES: dict[str, str] = {
    "phone": Confidentiality.CONFIDENTIAL,
    "wechat": Confidentiality.CONFIDENTIAL,
    "address": Confidentiality.CONFIDENTIAL,
}


def field_classes() -> dict[str, str]:
    """The class of every field that is not internal by default, one query: ask once a page."""
    return COLUMN_CLASSES | dict(_STORED())


_STORED = Prepared(lambda: FieldDefinition.objects.order_by().values_list("code", "confidentiality"))


def class_of(classes: dict[str, str], code: str) -> str:
    return classes.get(code, Confidentiality.INTERNAL)


def shown(user: User, field_class: str, kind: str, value: Any) -> str:
    """The value as this person sees it. `kind` is phone, email, wechat, credit_code, … or a field type."""
    if value in (None, ""):
        return ""
    text = readable(kind, value)
    return text if rights_of(user).shows(field_class) else masked(kind, text)


def is_masked(user: User, field_class: str) -> bool:
    return not rights_of(user).shows(field_class)


def readable(kind: str, value: Any) -> str:
    """A phone as people dial it: 13800138000, 010-88886666-802, +14155552671. Everything else as it is."""
    text = str(value)
    if kind != "phone" or not text.startswith("+86"):
        return text
    landline = _LANDLINE(text)
    if landline:
        return "-".join(part for part in (f"0{landline[1]}", landline[2], landline[3]) if part)
    return text[3:]


def masked(kind: str, text: str) -> str:
    """138****1234 · l***@qq.com · 9135****0Y43; of anything else nothing is left."""
    if kind == "phone":
        return f"{text[:3]}{HIDDEN}{text[-4:]}" if len(text) >= 9 else HIDDEN
    if kind == "email":
        local, at, domain = text.partition("@")
        return f"{local[:1]}***{at}{domain}" if at else HIDDEN
    if kind in ("credit_code", "member_no", "plate"):
        return f"{text[:2]}{HIDDEN}{text[-2:]}" if len(text) >= 7 else HIDDEN
    return HIDDEN
