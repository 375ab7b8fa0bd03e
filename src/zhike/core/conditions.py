"""Conditions with thousands of keys: as one text, written as PostgreSQL writes arrays, they are quickest made and sent."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, Value


class Keys(str):
    """An array as PostgreSQL writes it. What stands in it decides how to go about it, so a statement with such is not kept."""

    __slots__ = ()

    @property
    def size(self) -> int:
        return self.count(",") + 1 if self != "{}" else 0

    def first(self, most: int) -> list[int]:
        return [int(one) for one in self[1:-1].split(",", most)[:most] if one]


def array(keys: Iterable[int]) -> Keys:
    return Keys(f"{{{','.join(map(str, keys))}}}")


def one_of(keys: str) -> Any:
    """Rows whose id is in the array."""
    return Func(F("pk"), Value(keys), template="%(expressions)s::bigint[])", arg_joiner=" = ANY (", output_field=BooleanField())
