"""Finding customers without telling what is masked: whoever sees 138****1234 does not find out the rest by searching for it.

The search words of a customer are those of all its facts. For people who may not see some of these in plain, the few customers
that the index gives are looked at again, with the words of what they do see: of a masked phone the last four digits. A number
that was asked for as a whole is answered: who calls is what a phone rings for.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from zhike.core import normalise, search
from zhike.customers import masking
from zhike.customers.models import Contact, Customer, Identifier
from zhike.customers.tokens import SEARCHED
from zhike.teams.models import User

PHONE, TAIL = "phone", 4
CODES = ("email", "credit_code", "member_no", "wechat")
FURTHER = ("plate", "other")  # kinds of identifiers that are no columns


def hidden_from(user: User, classes: Mapping[str, str]) -> frozenset[str]:
    """What of the searched this person does not see in plain; `classes`: see `masking`."""
    known = dict(classes)
    return frozenset(code for code in (PHONE, *CODES, *FURTHER) if masking.is_masked(user, masking.class_of(known, code)))


def tells(text: str, hidden: frozenset[str]) -> bool:
    """Whether hits could tell something: of phones and codes, letters and digits do."""
    return bool(hidden) and any(sign.isascii() and sign.isalnum() for sign in normalise.full_width(text))


def seen_in(keys: Iterable[int], text: str, wanted: search.Wanted, hidden: frozenset[str]) -> list[int]:
    """Those of the customers that have the words `wanted`, of `text`, in what is not hidden."""
    asked, whole = list(keys), _whole(text)
    identifiers, contacts = _by_customer(Identifier, asked, "kind", "value"), _by_customer(Contact, asked, "name", PHONE)
    found = []
    for row in Customer.objects.filter(pk__in=asked).order_by().values("pk", *SEARCHED):
        facts = [(code, row[code]) for code in (PHONE, *CODES)] + identifiers[row["pk"]]
        facts += [(PHONE, phone) for _name, phone in contacts[row["pk"]]]
        names = [row["name"], *(name for name, _phone in contacts[row["pk"]])]
        if any(value and value.casefold() in whole for _code, value in facts) or wanted.found_in(_words(row, names, facts, hidden)):
            found.append(row["pk"])
    return found


def named_so(rows: "QuerySet[Customer]", text: str) -> "QuerySet[Customer]":
    """The same of too many to be looked at: only names and customer numbers count, letter by letter where there are digits."""
    if not any(sign.isdigit() for sign in text):
        return rows
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(number__icontains=word))
    return rows


def _whole(text: str) -> set[str]:
    plain = normalise.full_width(text).strip()
    return {plain.casefold(), normalise.phone(plain), normalise.email(plain)}


def _words(row: dict[str, Any], names: list[str], facts: list[tuple[str, str]], hidden: frozenset[str]) -> set[str]:
    phones = [value[-TAIL:] if PHONE in hidden else value for code, value in facts if code == PHONE and value]
    codes = [value.partition("@")[0] for code, value in facts if code != PHONE and code not in hidden and value]
    pieces = search.tokens_for(names[0], phones=phones, codes=filter(None, [row["number"], *codes]))
    return {*pieces, *(piece for name in names[1:] for piece in search.tokens_for(name))}


def _by_customer(model: Any, keys: list[int], *columns: str) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for key, *values in model.objects.filter(customer__in=keys).values_list("customer_id", *columns):
        found[key].append((values[0], values[1]))
    return found
