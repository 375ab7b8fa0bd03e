"""The words of a code, found by the code."""

from functools import cache
from typing import Any

from django.db.models import Field


class Labelled:
    """A model whose `get_…_display` looks up one text. Django's own translates those of all choices to find one: 60 µs for the kind
    of an interaction, of which a record shows twenty."""

    def _get_FIELD_display(self, field: "Field[Any, Any]") -> Any:  # noqa: N802  Django's name for it
        code = getattr(self, field.attname)
        label = _labels(field).get(code, code)
        return label if label is None else str(label)


@cache
def _labels(field: "Field[Any, Any]") -> dict[Any, Any]:
    return dict(field.flatchoices)
