"""What contacts cost is added up from all that were recorded, however many readings that takes."""

import datetime

import numpy as np
import pytest

from tests.value import shop
from zhike.customers.models import Interaction
from zhike.value import matrix
from zhike.value.rules import CostRules

DAY = datetime.date(2026, 6, 30)
RULES = CostRules(call=8, visit=120.5, message=0.25)


def contacts(*told: tuple[int, str, str, str]) -> None:
    """(customer, kind, day, state)."""
    Interaction.objects.bulk_create(
        [Interaction(customer_id=customer, kind=kind, at=shop.noon(day), state=state) for customer, kind, day, state in told]
    )


@pytest.mark.django_db
@pytest.mark.parametrize("at_once", [1, matrix.AT_ONCE])
def test_only_what_was_done_within_the_year_counts(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(matrix, "AT_ONCE", at_once)
    monkeypatch.setattr(matrix, "_about", lambda cursor: 2)  # three readings, or one
    one, two, three, nobody, left_out = (customer.pk for customer in shop.customers(5))
    contacts(
        (one, "call", "2026-06-30", "done"), (one, "call", "2025-07-02", "done"), (one, "visit", "2026-01-01", "done"),
        (two, "message", "2026-03-01", "done"), (two, "message", "2026-03-02", "done"), (two, "message", "2026-03-03", "done"),
        (three, "call", "2025-06-30", "done"), (three, "call", "2026-07-01", "done"), (three, "call", "2026-06-01", "planned"),
        (three, "note", "2026-06-01", "done"), (left_out, "visit", "2026-06-01", "done"),
    )  # fmt: skip
    asked = np.array(sorted([one, two, three, nobody]))
    told = {only: matrix.contact_costs(asked, RULES, DAY, only=only).tolist() for only in (False, True)}
    assert told == {False: [136.5, 0.75, 0.0, 0.0], True: [136.5, 0.75, 0.0, 0.0]}


@pytest.mark.django_db
def test_without_contacts_or_customers_nothing_is_added() -> None:
    (one,) = shop.customers(1)
    assert matrix.contact_costs(np.array([one.pk]), RULES, DAY).tolist() == [0.0]
    contacts((one.pk, "call", "2026-06-30", "done"))
    assert matrix.contact_costs(np.array([], dtype=np.int64), RULES, DAY).tolist() == []
