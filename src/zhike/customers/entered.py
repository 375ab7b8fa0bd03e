"""From what somebody entered to the values of a customer: every problem by field, all at once."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.customers import masking
from zhike.customers.choices import FieldType, Problem
from zhike.customers.models import Customer, FieldDefinition, Source
from zhike.customers.rules import columns, values
from zhike.customers.rules.values import InvalidValue, Shape
from zhike.teams.models import User


@dataclass
class Cleaned:
    columns: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)  # None: to be emptied


def clean(actor: User, entered: Mapping[str, Any], *, today: datetime.date) -> Cleaned:
    """Raises `ValidationError({field: [message]})` with everything that is wrong."""
    result, problems = Cleaned(), {}
    definitions = {one.code: one for one in FieldDefinition.objects.filter(is_active=True, is_column=False)}
    for code, raw in entered.items():
        try:
            if code in columns.COLUMNS:
                result.columns[code] = columns.clean(code, raw)
            elif code in definitions:
                result.profile[code] = _profile_value(actor, definitions[code], raw)
            else:
                problems[code] = [_("There is no such field.")]
        except InvalidValue as problem:
            problems[code] = [str(problem)]
    problems |= _together(result, today)
    if problems:
        raise ValidationError(problems)
    return result


def shape_of(definition: FieldDefinition) -> Shape:
    return Shape(definition.type, definition.choices, definition.minimum, definition.maximum)


def refuse_masked(actor: User, customer: Customer, codes: list[str]) -> None:
    """Nobody overwrites what they may not see."""
    classes = masking.field_classes()
    hidden = [code for code in codes if masking.is_masked(actor, masking.class_of(classes, code)) and value_of(customer, code)]
    if hidden:
        raise ValidationError({code: [_("You may not change what you may not see.")] for code in hidden})


def value_of(customer: Customer, code: str) -> Any:
    """Of a column or a profile field."""
    return getattr(customer, code) if code in columns.COLUMNS else customer.profile.get(code)


def _profile_value(actor: User, definition: FieldDefinition, raw: Any) -> Any:
    value = values.clean(shape_of(definition), raw)
    is_reference = definition.type == FieldType.REFERENCE and value is not None
    if is_reference and not Customer.objects.visible_to(actor).filter(pk=value).exists():
        raise InvalidValue(Problem.NO_REFERENCE)
    return value


def _together(result: Cleaned, today: datetime.date) -> dict[str, list[str]]:
    problems = {}
    born = result.columns.get("birthday")
    if born is not None and born > today:
        problems["birthday"] = [str(Problem.IN_THE_FUTURE.label)]
    source = result.columns.get("source_id")
    if source is not None and not Source.objects.filter(pk=source).exists():
        problems["source_id"] = [_("There is no such source.")]
    return problems
