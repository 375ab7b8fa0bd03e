"""The fields of the information model as an import sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from zhike.customers import masking
from zhike.customers.imports.meanings import word
from zhike.customers.models import FieldDefinition
from zhike.teams.models import User


@dataclass(frozen=True)
class ProfileField:
    """What an import needs to know of a field of the information model."""

    code: str
    type: str
    choices: Mapping[str, str] = field(default_factory=dict)  # {label or code: code}
    minimum: Decimal | None = None
    maximum: Decimal | None = None


def profile_fields() -> dict[str, ProfileField]:
    """Fields kept in the profile, by code."""
    return {one.code: _seen(one) for one in FieldDefinition.objects.filter(is_active=True, is_column=False)}


def _seen(definition: FieldDefinition) -> ProfileField:
    choices: dict[str, str] = {}
    for choice in definition.choices:
        for said in (choice["code"], choice.get("zh", ""), choice.get("en", "")):
            if said:
                choices[str(said).lower()] = choice["code"]
    return ProfileField(definition.code, definition.type, choices, definition.minimum, definition.maximum)


def profile_labels() -> dict[str, str]:
    """{title word: meaning} for guessing by title."""
    found: dict[str, str] = {}
    for one in FieldDefinition.objects.filter(is_active=True, is_column=False):
        for title in (one.label_zh, one.label_en, one.code):
            found.setdefault(word(title), f"profile:{one.code}")
    return found


def profile_meanings(language: str) -> dict[str, str]:
    """{meaning: label} for the choice of what a column means."""
    return {f"profile:{one.code}": one.label(language) for one in FieldDefinition.objects.filter(is_active=True, is_column=False)}


def hidden_fields(user: User) -> frozenset[str]:
    """What this person sees only masked: columns by name, profile fields with `profile:` before their code."""
    classes = masking.field_classes()
    hidden = {code for code, field_class in classes.items() if masking.is_masked(user, field_class)}
    return frozenset(hidden | {f"profile:{code}" for code in hidden})
