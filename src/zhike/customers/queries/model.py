"""Figures of the information model: which fields are used, filled, needed and empty."""

from dataclasses import dataclass

from django.db import connection

from zhike.customers.models import FieldDefinition
from zhike.customers.rules import columns

MOSTLY_EMPTY = 0.5
DIRECT = ("care", "script", "service", "reception", "duplicates", "invoices")  # used in front of the customer
VALUE = ("value", "segments")  # used by analysis


@dataclass(frozen=True)
class FieldFigures:
    field: FieldDefinition
    filled: int
    customers: int  # to whom the field applies

    @property
    def share(self) -> float | None:
        return self.filled / self.customers if self.customers else None

    @property
    def is_direct(self) -> bool:
        return any(use.split(".")[0] in DIRECT for use in self.field.used_by)

    @property
    def produces_value(self) -> bool:
        return any(use.split(".")[0] in VALUE for use in self.field.used_by)

    @property
    def is_used_by_nothing(self) -> bool:
        return not self.field.used_by

    @property
    def is_needed_and_empty(self) -> bool:
        return bool(self.field.used_by) and self.field.weight > 0 and self.share is not None and self.share < MOSTLY_EMPTY


def field_figures() -> list[FieldFigures]:
    """Of all fields in use, over all living customers; one pass over the table."""
    fields = list(FieldDefinition.objects.filter(is_active=True))
    parts, parameters = [], []
    for field in fields:
        if field.is_column and field.code in columns.COLUMNS:
            parts.append(f"count(*) FILTER (WHERE {_filled_column(field.code)})")
        else:
            parts.append("count(*) FILTER (WHERE profile ? %s)")
            parameters.append(field.code)
    sql = "SELECT count(*), count(*) FILTER (WHERE kind = 'person'), count(*) FILTER (WHERE kind = 'organisation')"
    sql += "".join(f", {part}" for part in parts) + " FROM zhike_customer WHERE deleted_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        whole, persons, organisations, *filled = cursor.fetchone()
    total = {"": whole, "person": persons, "organisation": organisations}
    return [FieldFigures(field, count, total[field.applies_to]) for field, count in zip(fields, filled, strict=True)]


def _filled_column(code: str) -> str:
    """`code` is one of the fixed columns."""
    return f"{code} IS NOT NULL" if code == "birthday" else f"{code} <> ''"
