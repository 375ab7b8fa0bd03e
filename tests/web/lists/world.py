"""Customers with scores, and what a list page shows of them."""

import re
from decimal import Decimal
from typing import Any

from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from zhike.core.search import tokens_for
from zhike.customers.models import Customer
from zhike.teams.models import User
from zhike.value.models import Run
from zhike.web.customers.list import CUSTOMERS
from zhike.web.lists.cells import Look
from zhike.web.lists.screen import State


def customer(name: str, **fields: Any) -> Customer:
    phones = [fields["phone"]] if "phone" in fields else []
    return Customer.objects.create(name=name, search=tokens_for(name, phones=phones), **fields)


def score(run: Run, of: Customer, **fields: Any) -> None:
    known = {
        "orders": 1,
        "returns": 0,
        "revenue": Decimal(100),
        "margin": Decimal(30),
        "frequency": 0,
        "recency": 0,
        "age": 10,
    } | fields
    names = ", ".join(known)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS zhike_score_test_{run.pk} PARTITION OF zhike_score FOR VALUES IN ({run.pk})")
        cursor.execute(
            f"INSERT INTO zhike_score (run_id, customer_id, as_of, {names}) VALUES (%s, %s, %s{', %s' * len(known)})",
            [run.pk, of.pk, run.as_of, *known.values()],
        )


def state_of(user: User, query: str) -> State:
    look = Look(user, timezone.localtime())
    CUSTOMERS.prepare(look)
    return State.read(CUSTOMERS, QueryDict(query), look)


def ids_shown(answer: Any) -> list[int]:
    return [int(text) for text in re.findall(r'name="id"[^>]* value="(\d+)"', answer.content.decode())]


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)
