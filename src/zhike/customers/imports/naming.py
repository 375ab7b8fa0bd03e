"""What a new customer is called, what it is, and by which words it is found."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _, override

from zhike.core.search import MOST_PIECES, array_text, tokens_for
from zhike.customers.imports import texts

_ORGANISATION = re.compile(texts.ORGANISATION)
_SAYS_ORGANISATION = re.compile(r"企业|公司|单位|机构|组织|organi[sz]ation|company|business|b2b|corporate", re.I)


class New(NamedTuple):
    """What the name and the search words of a new customer are made from."""

    id: int
    name: str
    number: str
    phone: str
    email: str
    credit_code: str
    member_no: str
    kind: str = ""
    contact: str = ""
    wechat: str = ""


def lines(page: list[New], language: str | None) -> bytes:
    """id, name, kind and search words, as COPY takes them. Search words are letters and digits: nothing to escape. Called
    in a thread of its own, so the language is told."""
    with override(language):
        return "".join(map(_line, page)).encode()


def _line(one: New) -> str:
    name = one.name or one.number or fallback_name(one.phone, one.email)
    codes = f"{one.number} {one.credit_code} {one.member_no} {one.wechat} {one.email.partition('@')[0]}"
    pieces = tokens_for(name, phones=one.phone.split(), codes=codes.split())
    if one.contact:
        pieces = list(dict.fromkeys([*pieces, *tokens_for(one.contact)]))[:MOST_PIECES]
    kept = name.replace("\\", "\\\\") if "\\" in name else name
    return f"{one.id}\t{kept}\t{_kind(name, one.credit_code, one.kind)}\t{array_text(pieces)}\n"


def fallback_name(phone: str, email: str) -> str:
    """Something to call a customer of whom only a phone or an address is known, that gives neither away."""
    tail = phone[-4:] if phone else email.partition("@")[0][:3] + "…"
    return _("Customer %(tail)s") % {"tail": tail} if phone or email else _("Customer")


def _kind(name: str, credit_code: str, said: str) -> str:
    return "organisation" if credit_code or _SAYS_ORGANISATION.search(said) or _ORGANISATION.search(name) else "person"
