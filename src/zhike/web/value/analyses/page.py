"""What a kind of analysis adds to the common page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from zhike.value.analyses.kind import Figure
from zhike.value.models import Analysis, Finding
from zhike.web import formats
from zhike.web.value.room import to_customers

Picture = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """`template` fills the blocks `pictures`, `tables` and `why` of value/analysis.html; `context` is what it needs besides
    `analysis` and `report`, `asked` what it needs of the address; a picture is drawn of the analysis and fetched by its name.
    `portrait` draws one customer on the record: of the finding and that of the analysis before."""

    template: str
    context: Callable[[Analysis], dict[str, Any]] = field(default=lambda analysis: {})
    pictures: Mapping[str, Callable[[Analysis], Picture]] = field(default_factory=dict)
    portrait: Callable[[Analysis, Finding, Finding | None], Picture] | None = None
    asked: Callable[[Analysis, QueryDict], dict[str, Any]] = field(default=lambda analysis, params: {})


def to_group(kind: str, code: str) -> str:
    """The customers of a group, in the customer list with the column of this analysis."""
    return to_customers(**{f"a_{kind}": code})


def to_values(kind: str, low: float | None, high: float | None) -> str:
    """The customers whose value lies in this range; a share as the list's filter takes it."""
    return to_customers(**{f"a_{kind}_value_from": low, f"a_{kind}_value_to": high})


def written(value: Any, unit: str = "", digits: int = 0) -> str:
    """A figure as people read it."""
    if value is None:
        return "–"
    if unit == "percent":
        return formats.percent(value, digits)
    if unit == "money":
        return formats.money_short(value)
    return formats.number(value, digits)


def figure(one: Figure) -> str:
    return written(one.value, one.unit, one.digits)


def figures(labels: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Heads of columns that hold figures, for `ui.table`."""
    return [(str(label), "num") for label in labels.values()]
