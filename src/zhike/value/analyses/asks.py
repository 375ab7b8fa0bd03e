"""What an analysis must be told: each option with its bounds, read from a form, the command line or the API."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Label = str | Promise
Choices = Callable[[], Iterable[tuple[str, Label]]]
MOST = 30  # values of one option
O = TypeVar("O")


@dataclass(frozen=True)
class Number:
    label: Label
    low: float
    high: float
    whole: bool = True
    help: Label = ""

    def read(self, given: Any) -> float | int:
        try:
            number = float(given)
        except (TypeError, ValueError) as problem:
            raise ValueError(_("Enter a number.")) from problem
        if not self.low <= number <= self.high:  # also what is no number
            raise ValueError(_("Must be from %(low)s to %(high)s.") % {"low": f"{self.low:g}", "high": f"{self.high:g}"})
        if self.whole and number != int(number):
            raise ValueError(_("Enter a whole number."))
        return int(number) if self.whole else number


@dataclass(frozen=True)
class OneOf:
    label: Label
    choices: Choices
    help: Label = ""

    def read(self, given: Any) -> str:
        return _known(str(given), self.choices)


@dataclass(frozen=True)
class SomeOf:
    label: Label
    choices: Choices
    least: int = 0
    help: Label = ""

    def read(self, given: Any) -> tuple[str, ...]:
        several = given.split(",") if isinstance(given, str) else given
        if not isinstance(several, Sequence):
            raise ValueError(_("Enter a list."))
        found = tuple(dict.fromkeys(_known(str(one).strip(), self.choices) for one in several[:MOST] if one))
        if len(found) < self.least:
            raise ValueError(_("Choose at least %(n)s.") % {"n": self.least})
        return found


@dataclass(frozen=True)
class Switch:
    label: Label
    help: Label = ""

    def read(self, given: Any) -> bool:
        return given is True or str(given).lower() in ("1", "true", "yes", "on")


def _fitting(text: str, longest: int, refuse: Callable[[str], str]) -> str:
    if len(text) > longest:
        raise ValueError(_("At most %(n)s characters.") % {"n": longest})
    if problem := refuse(text):
        raise ValueError(problem)
    return text


@dataclass(frozen=True)
class Lines:
    """A text of several lines. `refuse(text)` says what is wrong with it, or nothing."""

    label: Label
    refuse: Callable[[str], str]
    longest: int = 10_000
    help: Label = ""

    def read(self, given: Any) -> str:
        text = "\n".join(line.strip() for line in str(given).splitlines() if line.strip())
        return _fitting(text, self.longest, self.refuse)


@dataclass(frozen=True)
class Word:
    """A few words on one line. `refuse(text)` says what is wrong with them, or nothing; `usual()` are offered."""

    label: Label
    refuse: Callable[[str], str]
    usual: Callable[[], Iterable[str]]
    longest: int = 30
    help: Label = ""

    def read(self, given: Any) -> str:
        text = " ".join(str(given).replace("\0", "").split())
        return _fitting(text, self.longest, self.refuse)


@dataclass(frozen=True)
class Day:
    """A day, kept as 2026-06-30."""

    label: Label
    help: Label = ""

    def read(self, given: Any) -> str:
        try:
            return datetime.date.fromisoformat(str(given)).isoformat()
        except ValueError as problem:
            raise ValueError(_("Enter a day, such as 2026-06-30.")) from problem


Ask = Number | OneOf | SomeOf | Switch | Lines | Word | Day


def ask(default: Any, how: Ask) -> Any:
    """A field of an options dataclass."""
    return field(default=default, metadata={"ask": how})


def asks_of(options: type[Any]) -> dict[str, Ask]:
    return {one.name: one.metadata["ask"] for one in fields(options)}


def defaults_of(options: type[Any]) -> dict[str, Any]:
    return {one.name: one.default for one in fields(options) if one.default is not MISSING}


def read(options: type[O], given: Mapping[str, Any]) -> O:
    """The options asked for; what is not given keeps its default. Refuses what makes no sense, with the option's name."""
    known, wrong, values = asks_of(options), {}, {}
    for name, value in given.items():
        if name not in known:
            wrong[name] = [_("There is no such option.")]
            continue
        try:
            values[name] = known[name].read(value)
        except ValueError as problem:
            wrong[name] = [str(problem)]
    if wrong:
        raise ValidationError(wrong)
    return options(**values)


def kept(options: Any) -> dict[str, Any]:
    """As an analysis keeps its options."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(options).items()}


def restored(options: type[O], stored: Mapping[str, Any]) -> O:
    """Options as an analysis kept them; what it does not know has its default."""
    known = asks_of(options)
    return options(**{name: tuple(value) if isinstance(value, list) else value for name, value in stored.items() if name in known})


def _known(code: str, choices: Choices) -> str:
    offered = [one for one, _label in choices()]
    if code not in offered:
        raise ValueError(_("Choose one of: %(expected)s.") % {"expected": ", ".join(offered)})
    return code
