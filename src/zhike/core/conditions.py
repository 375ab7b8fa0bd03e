"""Conditions with thousands of keys: as one text, written as PostgreSQL writes arrays, they are quickest made and sent."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, Value


def array(keys: Iterable[int]) -> str:
    return f"{{{','.join(map(str, keys))}}}"


def one_of(keys: str) -> Any:
    """Rows whose id is in the array."""
    return Func(F("pk"), Value(keys), template="%(expressions)s::bigint[])", arg_joiner=" = ANY (", output_field=BooleanField())
