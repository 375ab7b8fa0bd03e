"""What a kind of analysis is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from zhike.teams.choices import Confidentiality
from zhike.value.models import Finding

if TYPE_CHECKING:
    import pyarrow as pa

Label = str | Promise
Report = Mapping[str, Any]


class TooLittle(Exception):
    """There are too few customers or facts for this analysis; the page says what is needed."""

    def __init__(self) -> None:
        super().__init__("too_little")


@dataclass(frozen=True)
class Outcome:
    """What computing gives. `findings`: `customer_id`, `group` (text), `value` (floating point), `detail` (JSON as text), one row a
    customer; all but the first column may be left out.
    `report` is JSON: codes and numbers, no words of one language; below 200 kB."""

    report: dict[str, Any]
    findings: "pa.Table | None" = None


@dataclass(frozen=True)
class Groups:
    """What the group of a finding means. `choices(report)`: code and label of each, in their order. `are_named`: a person may
    name them; the names stand in the report under "names"."""

    title: Label
    choices: Callable[[Report], list[tuple[str, str]]]
    are_named: bool = False


@dataclass(frozen=True)
class Values:
    """What the value of a finding means. `unit`: "", "money", "percent" (kept as 0.6) or "days"."""

    title: Label
    unit: str = ""
    digits: int = 0


@dataclass(frozen=True)
class Figure:
    """One figure of the headline; two runs are compared by theirs. `code` says which belong together."""

    code: str
    label: str
    value: float | int | None
    unit: str = ""
    digits: int = 0


@dataclass(frozen=True)
class Sheet:
    """A table of the report, as it is exported."""

    title: str
    header: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Kind:
    """One kind of analysis. Light: what computes is in the module `computing`, which has `compute(material, options, progress)`
    and is loaded only by who carries it out.

    `for_everybody`: the report says nothing of single customers and may be seen by people with a narrow scope; otherwise they see
    the groups and findings of their own customers only.
    """

    name: str
    title: Label
    purpose: Label  # one sentence: what it is good for
    options: type[Any]  # a frozen dataclass of `asks.ask` fields
    computing: str
    minimum: Label  # what is needed at least
    headline: Callable[[Report], list[Figure]]
    sentence: Callable[[Finding, Report], str]
    tables: Callable[[Report], Mapping[str, Sheet]]
    groups: Groups | None = None
    values: Values | None = None
    for_everybody: bool = False
    confidentiality: Confidentiality = Confidentiality.INTERNAL  # only people cleared for this class are told anything of it
    check: Callable[[Any], dict[str, list[str]]] = field(
        default=lambda options: {}
    )  # what makes no sense in several options together

    def labels(self, report: Report) -> dict[str, str]:
        """Code → label of the groups, as a person named them or as they are suggested."""
        if self.groups is None:
            return {}
        names = report.get("names", {})
        return {code: names.get(code) or label for code, label in self.groups.choices(report)}
