"""The information model, groups of settings, the audit trail, backups."""

import datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Moment, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.core.choices import AuditVerb
from zhike.customers.choices import CustomerKind, FieldType, Ring
from zhike.teams.choices import Confidentiality

Days = Annotated[int, Field(ge=0, le=3650)]


class ChoiceValue(Strict):
    code: Annotated[str, Field(min_length=1, max_length=40)]
    zh: Annotated[str, Field(max_length=60)] = ""
    en: Annotated[str, Field(max_length=60)] = ""


class FieldPatch(Strict):
    label_zh: Annotated[str, Field(min_length=1, max_length=40)] = ""
    label_en: Annotated[str, Field(min_length=1, max_length=60)] = ""
    ring: Ring = Ring.RELATED
    unit_zh: Annotated[str, Field(max_length=20)] = ""
    unit_en: Annotated[str, Field(max_length=20)] = ""
    choices: Annotated[list[ChoiceValue], Field(max_length=200)] = []
    minimum: Annotated[float | None, Field(ge=-1e12, le=1e12)] = None
    maximum: Annotated[float | None, Field(ge=-1e12, le=1e12)] = None
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    purpose: Annotated[str, Field(max_length=200)] = ""
    used_by: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=30)] = []
    weight: Annotated[int, Field(ge=0, le=100)] = 1
    shelf_life_days: Annotated[int | None, Field(ge=1, le=36500)] = None
    question_zh: Annotated[str, Field(max_length=120)] = ""
    question_en: Annotated[str, Field(max_length=160)] = ""
    applies_to: Annotated[CustomerKind | None, Field(description="Null: persons and organisations.")] = None
    position: Annotated[int, Field(ge=0, le=100_000)] = 0

    def values(self, *but: str) -> dict[str, Any]:
        given = self.given(*but)
        if "applies_to" in given:
            given["applies_to"] = given["applies_to"] or ""
        return given


class FieldIn(FieldPatch):
    code: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
    type: FieldType
    label_zh: Annotated[str, Field(min_length=1, max_length=40)]
    label_en: Annotated[str, Field(min_length=1, max_length=60)]


class FieldQuery(PageQuery):
    is_active: bool | None = None
    ring: Ring | None = None


class FieldOut(Schema):
    id: int
    code: str
    label_zh: str
    label_en: str
    ring: str
    type: str
    unit_zh: str
    unit_en: str
    choices: list[dict[str, Any]]
    minimum: float | None
    maximum: float | None
    confidentiality: str
    purpose: str
    used_by: list[str]
    weight: int
    shelf_life_days: int | None
    question_zh: str
    question_en: str
    applies_to: str
    position: int
    is_column: bool
    is_active: bool


class FieldFiguresOut(Schema):
    code: str
    filled: int
    customers: int
    share: float | None
    is_used_by_nothing: bool
    is_needed_and_empty: bool


class SourceQuery(PageQuery):
    is_active: bool | None = None


class SourceOut(Schema):
    id: int
    name: str
    cost: str
    is_active: bool


class SourcePatch(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)] = ""
    cost: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)
    is_active: bool = True


class SourceIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    cost: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)


class CompanySettings(Strict):
    name: Annotated[str, Field(max_length=80)] = ""


class SignInSettings(Strict):
    failures: Annotated[int, Field(ge=3, le=20)] = 5
    address_failures: Annotated[int, Field(ge=10, le=1000)] = 30
    lock_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    idle_minutes: Annotated[int, Field(ge=15, le=10_080, description="Without activity, until a browser is signed out.")] = 720
    session_days: Annotated[int, Field(ge=1, le=14, description="Until a browser is signed out, however busy.")] = 7
    second_factor_required: bool = False


class RevealSettings(Strict):
    daily_limit: Annotated[int, Field(ge=0, le=10_000)] = 30


class DuplicateSettings(Strict):
    tell_hidden: bool = True
    least_probability: Annotated[float, Field(ge=0.5, le=0.999)] = 0.9
    largest_group: Annotated[int, Field(ge=2, le=1000)] = 20


class BinSettings(Strict):
    keep_days: Annotated[int, Field(ge=1, le=36500)] = 180


class ImportSettings(Strict):
    keep_days: Annotated[int, Field(ge=1, le=36500)] = 90


class ExportSettings(Strict):
    secret: Annotated[int, Field(ge=0, le=10_000_000)] = 25
    confidential: Annotated[int, Field(ge=0, le=10_000_000)] = 250
    internal: Annotated[int, Field(ge=0, le=10_000_000)] = 2_500
    valid_days: Annotated[int, Field(ge=1, le=365)] = 7


Share = Annotated[float, Field(ge=0, le=1)]


class CareSettings(Strict):
    cadence_key: Days = 30
    cadence_important: Days = 60
    cadence_regular: Days = 0
    cadence_small: Days = 0
    silence_from: Annotated[float, Field(ge=1, le=100)] = 1.5
    silence_until: Annotated[float, Field(ge=1, le=1000)] = 6.0
    birthday_days: Annotated[int, Field(ge=0, le=60)] = 7
    promise_days: Annotated[int, Field(ge=0, le=60)] = 1
    rest_days: Days = 7
    same_rule_days: Days = 30
    refused_days: Days = 180
    not_now_days: Days = 14
    per_person: Annotated[int, Field(ge=1, le=500)] = 30
    effect_slipping: Share = 0.15
    effect_no_contact: Share = 0.03
    effect_second_purchase: Share = 0.10
    effect_promise: Share = 0.05
    effect_birthday: Share = 0.02
    effect_question: Share = 0.01
    cap_contacts: Annotated[int, Field(ge=0, le=100, description="Contacts of ours with one customer at most; 0: no cap.")] = 4
    cap_days: Annotated[int, Field(ge=1, le=365)] = 30
    on_slipping: bool = True
    on_no_contact: bool = True
    on_second_purchase: bool = True
    on_promise: bool = True
    on_birthday: bool = True
    on_question: bool = True


Words = Annotated[str, Field(max_length=200)]


class CareTextSettings(Strict):
    """What is said after the greeting, by reason; empty: the product's words."""

    slipping: Words = ""
    no_contact: Words = ""
    second_purchase: Words = ""
    promise: Words = ""
    birthday: Words = ""
    question: Words = ""


class OutlookOut(Schema):
    rule: str
    is_on: bool
    customers: Annotated[int, Field(description="It finds.")]
    listed: Annotated[int, Field(description="Of them on a list, for this reason.")]
    done: Annotated[int, Field(description="In 12 months.")]
    refused: Annotated[int, Field(description="As not fitting, in 12 months.")]
    weight: Annotated[float, Field(description="By which acceptance moves its suggestions in the order.")]


class SettingsOut(Schema):
    company: CompanySettings
    sign_in: SignInSettings
    reveal: RevealSettings
    duplicates: DuplicateSettings
    bin: BinSettings
    imports: ImportSettings
    exports: ExportSettings
    care: CareSettings
    care_texts: CareTextSettings


class AuditQuery(PageQuery):
    actor: Id | None = None
    verb: AuditVerb | None = None
    object_type: Annotated[str, Field(max_length=40)] = ""
    object_id: Id | None = None
    at_from: Moment | None = None
    at_until: Moment | None = None


class AuditOut(Schema):
    id: int
    at: datetime.datetime
    actor: Named | None
    channel: str
    address: str | None
    verb: str
    object_type: str
    object_id: int | None
    object_name: str
    changes: dict[str, list[Any]]
    note: str
    undoes: int | None


class BackupOut(Schema):
    name: str
    made_at: datetime.datetime
    size: int
    rows: int


class BackupsOut(Schema):
    items: list[BackupOut]
    is_being_made: bool
