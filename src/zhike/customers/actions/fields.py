"""The information model: adding, changing and retiring fields, and taking over a template."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.choices import CustomerKind, FieldType, Ring
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.rules import columns
from zhike.customers.templates_data import TEMPLATES
from zhike.teams import access
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import User

EDITABLE = (
    "label_zh", "label_en", "ring", "unit_zh", "unit_en", "choices", "minimum", "maximum", "confidentiality", "purpose", "used_by",
    "weight", "shelf_life_days", "question_zh", "question_en", "applies_to", "position",
)  # fmt: skip
_WORDS = {"ring": Ring.values, "confidentiality": Confidentiality.values, "applies_to": ["", *CustomerKind.values]}


@transaction.atomic
def add_field(*, actor: User, code: str, type: str, **values: Any) -> FieldDefinition:
    access.require(actor, Permission.SETTINGS_EDIT)
    if code in columns.COLUMNS or code in {one.name for one in Customer._meta.get_fields()}:
        raise ValidationError({"code": [_("This word is taken by the product.")]})
    if FieldDefinition.objects.filter(code=code).exists():
        raise ValidationError({"code": [_("There is a field with this code.")]})
    if type not in FieldType.values:
        raise ValidationError({"type": [_("There is no such type.")]})
    last = FieldDefinition.objects.aggregate(last=Max("position"))["last"]
    field = FieldDefinition(code=code, type=type, **_checked({"ring": Ring.RELATED, "position": (last or 0) + 1, **values}))
    field.full_clean(validate_constraints=True)
    _check_choices(field)
    field.save()
    audit.record(actor=actor, verb=AuditVerb.CREATED, on=field, changes={"label_zh": [None, field.label_zh]})
    return field


@transaction.atomic
def change_field(*, actor: User, field: int, **values: Any) -> FieldDefinition:
    """Everything but code and type, which the kept values depend on. A choice that customers have cannot be taken away."""
    access.require(actor, Permission.SETTINGS_EDIT)
    found = FieldDefinition.objects.select_for_update().get(pk=field)
    cleaned = _checked(values)
    if "choices" in cleaned:
        _refuse_lost_choices(found, cleaned["choices"])
    changes = audit.differences(found, cleaned)
    for name, value in cleaned.items():
        setattr(found, name, value)
    found.full_clean()
    _check_choices(found)
    found.save()
    if changes:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes=changes)
    return found


@transaction.atomic
def retire_field(*, actor: User, field: int, active: bool = False) -> FieldDefinition:
    """No longer asked for or shown; the values stay, and come back with the field (`active=True`)."""
    access.require(actor, Permission.SETTINGS_EDIT)
    found = FieldDefinition.objects.select_for_update().get(pk=field)
    if found.is_column and not active:
        raise ValidationError({"field": [_("This field is part of the product; set its weight to 0 to stop expecting it.")]})
    if found.is_active != active:
        found.is_active = active
        found.save(update_fields=["is_active"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes={"is_active": [not active, active]})
    return found


@transaction.atomic
def apply_template(*, actor: User, template: str) -> int:
    """Adds the fields of an industry that are not there yet; gives how many. Existing fields stay as they are."""
    access.require(actor, Permission.SETTINGS_EDIT)
    if template not in TEMPLATES:
        raise ValidationError({"template": [_("There is no such template.")]})
    known = set(FieldDefinition.objects.values_list("code", flat=True))
    wanted = [values for values in TEMPLATES[template].fields if values["code"] not in known]
    FieldDefinition.objects.bulk_create(
        [FieldDefinition(position=100 + place, **values) for place, values in enumerate(wanted)], ignore_conflicts=True
    )
    audit.record(actor=actor, verb=AuditVerb.CREATED, on="fields", note=f"{template}: {len(wanted)}")
    return len(wanted)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in values if name not in EDITABLE]
    if unknown:
        raise ValidationError({name: [_("This cannot be changed.")] for name in unknown})
    problems = {
        name: [_("There is no such choice.")] for name, allowed in _WORDS.items() if name in values and values[name] not in allowed
    }
    cleaned = dict(values)
    for name in ("minimum", "maximum"):
        try:
            if name in cleaned:
                cleaned[name] = None if cleaned[name] in (None, "") else Decimal(str(cleaned[name]))
        except InvalidOperation:
            problems[name] = [_("This is no number.")]
    if problems:
        raise ValidationError(problems)
    return cleaned


def _check_choices(field: FieldDefinition) -> None:
    if field.type not in (FieldType.CHOICE, FieldType.MULTI_CHOICE) or field.is_column:
        return
    codes = [choice.get("code") for choice in field.choices]
    if not codes or not all(codes) or len(set(codes)) != len(codes):
        raise ValidationError({"choices": [_("Give at least one choice, each with a code of its own.")]})


def _refuse_lost_choices(field: FieldDefinition, choices: list[dict[str, str]]) -> None:
    lost = {choice["code"] for choice in field.choices} - {choice.get("code") for choice in choices}
    for code in lost:
        held = [{field.code: code}, {field.code: [code]}]
        if any(Customer.objects.living().filter(profile__contains=value).exists() for value in held):
            raise ValidationError({"choices": [_("Customers have “%(code)s”; it cannot be taken away.") % {"code": code}]})
