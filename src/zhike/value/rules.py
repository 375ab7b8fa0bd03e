"""Assumptions of the value analysis that an administrator can change, and the decisions that need nothing but values."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _

from zhike.value.choices import GradeBasis, GradeMethod, RfmMethod

OLD_ORDERS_DAYS = 60
RARELY_ALIVE = 0.01  # below it the value of an active customer cannot be told any more

G = TypeVar("G", "Assumptions", "CostRules", "RfmRules", "GradeRules", "StageRules", "CreditRules")


@dataclass(frozen=True)
class Assumptions:
    """What orders do not say."""

    NAME: ClassVar[str] = "value.assumptions"
    default_margin: float = 0.3  # share of the amount, where the cost is unknown
    discount_rate: float = 0.1  # a year
    horizon_months: int = 36
    runs_kept: int = 5


@dataclass(frozen=True)
class CostRules:
    """What it costs to win and keep a customer, in money for each: no record says it."""

    NAME: ClassVar[str] = "value.costs"
    winning: float = 50.0  # a new customer
    order: float = 5.0
    giving_back: float = 20.0  # a return
    call: float = 8.0
    visit: float = 120.0
    meeting: float = 120.0
    message: float = 1.0
    email: float = 1.0
    event: float = 100.0
    survey: float = 3.0
    gift: float = 80.0
    help: float = 30.0


NEVER = 1e300  # where a score begins that nobody has


@dataclass(frozen=True)
class RfmRules:
    """How recency, frequency and money are scored."""

    NAME: ClassVar[str] = "value.rfm"
    method: str = RfmMethod.QUANTILE
    window_days: int = 0  # 0: everything there is
    monetary: str = "revenue"  # or margin
    recency_cuts: tuple[float, ...] = (30, 90, 180, 365)  # days, for fixed cuts
    frequency_cuts: tuple[float, ...] = (2, 3, 5, 10)  # purchase days
    monetary_cuts: tuple[float, ...] = (100, 500, 2000, 10000)


@dataclass(frozen=True)
class GradeRules:
    """Where key, important and regular end."""

    NAME: ClassVar[str] = "value.grades"
    method: str = GradeMethod.CONTRIBUTION
    basis: str = GradeBasis.MARGIN
    shares: tuple[float, ...] = (0.5, 0.8, 0.95)  # cumulative, of the company's total
    thresholds: tuple[float, ...] = (10000, 3000, 500)  # money, for fixed thresholds
    grace_days: int = 180


@dataclass(frozen=True)
class StageRules:
    """Where stages begin. Silence is measured by the customer's own mean interval between purchases."""

    NAME: ClassVar[str] = "value.stages"
    lost_silence: float = 4.0
    lost_alive: float = 0.15
    declining_silence: float = 2.0
    declining_alive: float = 0.5
    declining_trend: float = -0.4  # half a year's spend against the half year before
    forming_purchases: int = 4  # purchase days
    forming_days: float = 180.0  # since the first purchase
    alarm_probability: float = 0.05  # of a silence, for a customer who keeps the own rhythm


@dataclass(frozen=True)
class CreditRules:
    """What a credit grade (A to E) allows, and which facts lower one."""

    NAME: ClassVar[str] = "value.credit"
    basis: str = GradeBasis.REVENUE  # or margin: of the last 52 weeks
    shares: tuple[float, ...] = (0.3, 0.2, 0.1, 0.05, 0.0)  # of it is the limit
    terms: tuple[float, ...] = (60, 30, 15, 7, 0)  # days
    most: float = 1_000_000.0
    overdue_days: int = 7  # more costs a grade
    long_overdue_days: int = 30  # more costs two


@dataclass(frozen=True)
class AnalysisSchedule:
    """Which kinds of analysis are carried out by themselves, and how often."""

    NAME: ClassVar[str] = "value.analyses"
    rhythms: dict[str, str] = field(default_factory=dict)  # {kind: Rhythm}


def default_as_of(today: datetime.date, last_order_on: datetime.date | None) -> datetime.date:
    """Today; or the day of the last order when the orders ended long ago, because then everybody would be lost as of today."""
    if last_order_on and (today - last_order_on).days > OLD_ORDERS_DAYS:
        return last_order_on
    return today


def restored(group: type[G], stored: Mapping[str, Any]) -> G:
    """A group of rules as a run kept it; what the run does not know has its default."""
    kept = stored.get(group.NAME, {})
    known = {one.name for one in fields(group)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in known
    }
    return group(**values)


def problems(group: object) -> dict[str, list[str]]:
    """What makes no sense in a group of rules, by field."""
    wrong: dict[str, list[str]] = {}
    for name, low, high in LIMITS.get(type(group).__name__, ()):
        if not low <= getattr(group, name) <= high:
            wrong[name] = [_("Must be from %(low)s to %(high)s.") % {"low": f"{low:g}", "high": f"{high:g}"}]
    for name, rising in ORDERED.get(type(group).__name__, ()):
        values = list(getattr(group, name))
        if any((later <= earlier) if rising else (later >= earlier) for earlier, later in pairwise(values)):
            wrong[name] = [
                _("Each must be greater than the one before.") if rising else _("Each must be smaller than the one before.")
            ]
    if isinstance(group, GradeRules) and not (group.shares[0] > 0 and group.shares[-1] <= 1):
        wrong["shares"] = [_("Shares lie between 0 and 100 %.")]
    if isinstance(group, CreditRules):
        wrong |= _credit_problems(group)
    return wrong


def _credit_problems(rules: CreditRules) -> dict[str, list[str]]:
    wrong = {}
    if not (rules.shares[-1] >= 0 and rules.shares[0] <= 10):
        wrong["shares"] = [_("Shares lie between 0 and 1000 %.")]
    if not (rules.terms[-1] >= 0 and rules.terms[0] <= 365):
        wrong["terms"] = [_("Must be from %(low)s to %(high)s.") % {"low": "0", "high": "365"}]
    if rules.long_overdue_days < rules.overdue_days:
        wrong["long_overdue_days"] = [_("Not below the days that cost one grade.")]
    return wrong


LIMITS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "Assumptions": (("default_margin", 0, 1), ("discount_rate", 0, 1), ("horizon_months", 1, 60), ("runs_kept", 2, 50)),
    "CostRules": tuple((name, 0, 1e6) for name in (
        "winning", "order", "giving_back", "call", "visit", "meeting", "message", "email", "event", "survey", "gift", "help",
    )),
    "RfmRules": (("window_days", 0, 3650),),
    "CreditRules": (("most", 0, 1e9), ("overdue_days", 0, 365), ("long_overdue_days", 0, 1000)),
    "GradeRules": (("grace_days", 0, 1000),),
    "StageRules": (
        ("lost_silence", 1, 100), ("lost_alive", 0, 1), ("declining_silence", 1, 100), ("declining_alive", 0, 1),
        ("declining_trend", -1, 0), ("forming_purchases", 2, 100), ("forming_days", 0, 3650), ("alarm_probability", 0, 0.5),
    ),
}  # fmt: skip
ORDERED = {
    "RfmRules": (("recency_cuts", True), ("frequency_cuts", True), ("monetary_cuts", True)),
    "GradeRules": (("shares", True), ("thresholds", False)),
    "CreditRules": (("shares", False), ("terms", False)),
}


def told_parameters(model: Mapping[str, Any]) -> dict[str, float]:
    """What there is to tell of a stored model: its parameters, at the edge those of the simpler model that it is there."""
    found: dict[str, float] = model.get("limit", model).get("parameters", {})
    return found
