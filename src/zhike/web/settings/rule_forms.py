"""Forms over groups of settings: a domain's dataclass of defaults becomes fields with labels, units and limits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.core import settings_store


@dataclass(frozen=True)
class Rule:
    """One field of the group. kind: whole, number, percent, money, choice, numbers, percents, yes_no, text."""

    name: str
    label: Any
    kind: str = "whole"
    least: float = 0
    most: float = 100_000
    choices: Sequence[tuple[str, Any]] = ()
    help: Any = ""


@dataclass(frozen=True)
class Section:
    """One group of settings under a title."""

    group: type[Any]
    title: Any
    rules: tuple[Rule, ...]
    note: Any = ""

    @property
    def name(self) -> str:
        return str(self.group.NAME)

    def form(self, data: Any = None) -> "RuleForm":
        return RuleForm(data, section=self)


class Numbers(forms.CharField):
    """Several figures in rising or falling order, as many as the default has."""

    def __init__(self, *, count: int, scale: float, least: float, most: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count, self.scale, self.least, self.most = count, scale, least, most

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(f"{one * self.scale:.10g}" for one in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[float, ...]:
        words = super().clean(value).replace("，", ",").replace("、", ",").split(",")
        try:
            found = tuple(float(word.strip().rstrip("%")) / self.scale for word in words)
        except ValueError:
            raise ValidationError(_("Write figures with commas between them.")) from None
        if len(found) != self.count:
            raise ValidationError(_("Give %(n)s figures.") % {"n": self.count})
        if list(found) not in (sorted(set(found)), sorted(set(found), reverse=True)):
            raise ValidationError(_("The figures must rise or fall from one to the next."))
        if not all(self.least <= one <= self.most for one in found):
            raise ValidationError(_("A figure is out of its range."))
        return found


class RuleForm(forms.Form):
    def __init__(self, data: Any, *, section: Section) -> None:
        self.section = section
        now = asdict(settings_store.read(section.group))
        shown = {rule.name: f"{now[rule.name] * 100:.6g}" if rule.kind == "percent" else now[rule.name] for rule in section.rules}
        super().__init__(data, initial=shown, auto_id=f"{section.name.replace('.', '-')}-%s")
        for rule in section.rules:
            self.fields[rule.name] = _field(rule, now[rule.name])

    def values(self) -> Any:
        """The group with what was entered; fields that the form does not show keep their value."""
        found: dict[str, Any] = asdict(settings_store.read(self.section.group))
        for rule in self.section.rules:
            value = self.cleaned_data[rule.name]
            found[rule.name] = round(value / 100, 6) if rule.kind == "percent" else value
        return self.section.group(**found)


def _field(rule: Rule, now: Any) -> forms.Field:
    common: dict[str, Any] = {"label": rule.label, "help_text": rule.help}
    if rule.kind == "choice":
        return forms.ChoiceField(choices=list(rule.choices), **common)
    if rule.kind in ("numbers", "percents"):
        scale = 100 if rule.kind == "percents" else 1
        return Numbers(count=len(now), scale=scale, least=rule.least, most=rule.most, **common)
    if rule.kind == "whole":
        return forms.IntegerField(min_value=int(rule.least), max_value=int(rule.most), **common)
    if rule.kind == "yes_no":
        return forms.BooleanField(required=False, **common)
    if rule.kind == "text":
        return forms.CharField(required=False, max_length=int(rule.most), **common)
    field = forms.FloatField(min_value=rule.least, max_value=rule.most, **common)
    field.widget.attrs["step"] = "any"
    return field
