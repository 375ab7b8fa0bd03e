"""Keeping the search tokens of a customer in step with its names, phones and numbers."""

from collections.abc import Iterable

from zhike.core import search
from zhike.customers.models import Contact, Customer, Identifier


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
    people = (piece for name, _ in contacts for piece in search.tokens_for(name))
    return list(dict.fromkeys([*own, *people]))[: search.MOST_PIECES]


def refresh(customer_ids: Iterable[int]) -> None:
    for customer in Customer.objects.filter(pk__in=list(customer_ids)):
        Customer.objects.filter(pk=customer.pk).update(search=tokens_of(customer))
