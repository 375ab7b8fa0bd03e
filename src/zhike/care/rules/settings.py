"""What an administrator may change about suggestions, and what was learnt from the data."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from zhike.value.choices import Grade


@dataclass(frozen=True)
class CareRules:
    NAME: ClassVar[str] = "care"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    cadence_key: int = 30  # days without contact that a customer of the grade is owed at most; 0: no cadence
    cadence_important: int = 60
    cadence_regular: int = 0
    cadence_small: int = 0
    silence_from: float = 1.5  # own intervals of silence from which a valued customer is slipping
    silence_until: float = 6.0  # and beyond which a call comes too late: that is a matter of win-back
    birthday_days: int = 7  # ahead
    promise_days: int = 1  # ahead
    rest_days: int = 7  # after a contact the customer is left in peace
    same_rule_days: int = 30  # before the same reason is brought up again
    refused_days: int = 180  # for a reason that does not fit
    not_now_days: int = 14  # after “not now”
    per_person: int = 30  # open suggestions
    cap_contacts: int = 4  # after so many of our contacts within `cap_days`, only promises and birthdays; 0: no cap
    cap_days: int = 30
    on_slipping: bool = True
    on_no_contact: bool = True
    on_second_purchase: bool = True
    on_promise: bool = True
    on_birthday: bool = True
    on_question: bool = True
    # Share of the margin at stake that a contact is expected to bring; assumed until results are measured
    effect_slipping: float = 0.15
    effect_no_contact: float = 0.03
    effect_second_purchase: float = 0.10
    effect_promise: float = 0.05
    effect_birthday: float = 0.02
    effect_question: float = 0.01

    def cadence(self, grade: str | None) -> int:
        return int(getattr(self, f"cadence_{grade}")) if grade in Grade.values else 0

    def is_on(self, rule: str) -> bool:
        return bool(getattr(self, f"on_{rule}"))

    def effect(self, rule: str) -> float:
        return float(getattr(self, f"effect_{rule}"))


@dataclass(frozen=True)
class CareTexts:
    """What is said after the greeting, by reason, in the company's own words; empty: the product's."""

    NAME: ClassVar[str] = "care.texts"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    slipping: str = ""
    no_contact: str = ""
    second_purchase: str = ""
    promise: str = ""
    birthday: str = ""
    question: str = ""

    def of(self, rule: str) -> str:
        return str(getattr(self, rule))


@dataclass(frozen=True)
class SecondPurchase:
    """When second purchases come, in days after the first: the middle half of all that came. Learnt with every generation."""

    NAME: ClassVar[str] = "care.second_purchase"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    earliest: int = 30
    latest: int = 180
    customers: int = 0  # it is based on; too few: the defaults


@dataclass(frozen=True)
class Acceptance:
    """How each rule's suggestions were taken, as `ranking.acceptance` weighs it. Learnt with every generation."""

    NAME: ClassVar[str] = "care.acceptance"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    weights: dict[str, float] = field(default_factory=dict)
