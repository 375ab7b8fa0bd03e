"""Keeping the search tokens of a customer in step with its names, phones and numbers."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection, transaction

from zhike.core import search
from zhike.customers.models import Contact, Customer, Identifier

PAGE = 5_000
SEARCHED = ("name", "number", "phone", "email", "credit_code", "member_no", "wechat")
# further phones, further codes and the names of contacts of customer `c`
BESIDE = """
coalesce((SELECT string_agg(i.value, ' ') FROM zhike_identifier i WHERE i.customer_id = c.id AND i.kind = 'phone'), '') || ' ' ||
coalesce((SELECT string_agg(k.phone, ' ') FROM zhike_contact k WHERE k.customer_id = c.id), ''),
coalesce((SELECT string_agg(split_part(i.value, '@', 1), ' ') FROM zhike_identifier i WHERE i.customer_id = c.id AND
    i.kind <> 'phone'), ''),
(SELECT array_agg(k.name) FROM zhike_contact k WHERE k.customer_id = c.id)"""
AGAIN = """
SELECT c.id, {told}, {beside} FROM zhike_customer c WHERE c.id > %s ORDER BY c.id LIMIT %s FOR NO KEY UPDATE OF c"""
KEEP = """
UPDATE zhike_customer c SET search = n.words::varchar(20)[] FROM unnest(%s::bigint[], %s::text[]) AS n(id, words)
WHERE c.id = n.id AND c.search <> n.words::varchar(20)[]"""


class Told(NamedTuple):
    """What the search tokens of a customer are made from, as the database gives it: `SEARCHED` and `BESIDE`."""

    id: int
    name: str
    number: str
    phone: str
    email: str
    credit_code: str
    member_no: str
    wechat: str
    phones: str
    codes: str
    contacts: list[str] | None


def tokens_of(customer: Customer) -> list[str]:
    """Of the customer, its contacts and its further identifiers."""
    identifiers = list(Identifier.objects.filter(customer=customer).values_list("kind", "value")) if customer.pk else []
    contacts = list(Contact.objects.filter(customer=customer).values_list("name", "phone")) if customer.pk else []
    phones = [customer.phone, *(value for kind, value in identifiers if kind == "phone"), *(phone for _, phone in contacts)]
    codes = [
        customer.number, customer.member_no, customer.credit_code, customer.wechat, customer.email.partition("@")[0],
        *(value.partition("@")[0] for kind, value in identifiers if kind != "phone"),
    ]  # fmt: skip
    own = search.tokens_for(customer.name, phones=filter(None, phones), codes=filter(None, codes))
    return _with_people(own, [name for name, _ in contacts])


def of_many(rows: list[Told]) -> list[list[str]]:
    codes = [
        f"{one.number} {one.credit_code} {one.member_no} {one.wechat} {one.email.partition('@')[0]} {one.codes}" for one in rows
    ]
    found = search.bulk_tokens([one.name for one in rows], [f"{one.phone} {one.phones}" for one in rows], codes)
    return [_with_people(own, one.contacts or []) for one, own in zip(rows, found, strict=True)]


def _with_people(own: list[str], names: list[str]) -> list[str]:
    people = (piece for name in names for piece in search.tokens_for(name))
    return list(dict.fromkeys([*own, *people]))[: search.MOST_PIECES] if names else own


def refresh(customer_ids: Iterable[int]) -> None:
    for customer in Customer.objects.filter(pk__in=list(customer_ids)):
        Customer.objects.filter(pk=customer.pk).update(search=tokens_of(customer))


def remake(size: int = PAGE) -> int:
    """The tokens of all customers anew, as a new way of cutting needs it; the number of those that changed. Page by page, each in
    a transaction of its own: stopped in the middle and begun again, it leaves alone what is right already."""
    last = changed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(AGAIN.format(told=", ".join(f"c.{one}" for one in SEARCHED), beside=BESIDE), [last, size])
            rows = [Told(*row) for row in cursor.fetchall()]
            if not rows:
                return changed
            words = [search.array_text(pieces) for pieces in of_many(rows)]
            cursor.execute(KEEP, [[one.id for one in rows], words])
            changed += cursor.rowcount
            last = rows[-1].id
