"""Audit entries of a customer in the reader's words, masked like the record itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext as _

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers import masking
from zhike.customers.choices import ConsentPurpose, RelationshipKind
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.queries.history import can_be_undone
from zhike.customers.rules import columns
from zhike.teams.access import rights_of
from zhike.teams.choices import Confidentiality
from zhike.teams.models import User
from zhike.web.customers import words

_OF_A_PART = ("contact", "address", "identifier")
_CUSTOMERS = ("relationship", "parent")  # their values name another customer


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    entry: AuditEntry
    title: str
    changes: list[Change]
    can_undo: bool = False


class Reader:
    """Knows the fields once for a whole page of entries."""

    def __init__(self, user: User, fields: Iterable[FieldDefinition]) -> None:
        self.user = user
        self.fields = {field.code: field for field in fields}
        self.classes = masking.COLUMN_CLASSES | {field.code: field.confidentiality for field in self.fields.values()}
        self.labels = words.column_labels()
        self._seen: dict[int | None, bool] = {}

    def line(self, entry: AuditEntry, *, with_undo: bool = False) -> Line:
        changes = [self.change(code, *both) for code, both in entry.changes.items()]
        can_undo = with_undo and can_be_undone(entry, set(self.fields)) and not any(entry.undone_by.all())
        return Line(entry, self._title(entry), changes, can_undo)

    def _title(self, entry: AuditEntry) -> str:
        if entry.undoes_id:
            return _("Change undone")
        if entry.verb == AuditVerb.CHANGED and entry.changes and all(code.startswith("confirmed.") for code in entry.changes):
            return _("Confirmed")
        return {
            AuditVerb.CREATED: _("Customer entered"), AuditVerb.CHANGED: _("Customer changed"), AuditVerb.DELETED: _("Deleted"),
            AuditVerb.RESTORED: _("Restored"), AuditVerb.MERGED: _("Merged"), AuditVerb.UNMERGED: _("Merge undone"),
            AuditVerb.TRANSFERRED: _("Handed over"), AuditVerb.REVEALED: _("Masked field revealed"),
            AuditVerb.IMPORTED: _("Imported"), AuditVerb.EXPORTED: _("Exported"),
        }.get(AuditVerb(entry.verb), str(AuditVerb(entry.verb).label))  # fmt: skip

    def change(self, code: str, before: Any, after: Any) -> Change:
        return Change(self.label(code), self._text(code, before), self._text(code, after))

    def label(self, code: str) -> str:
        part, _dot, rest = code.partition(".")
        if part == "consent":
            return f"{self.labels[part]}: {ConsentPurpose(rest.partition('.')[0]).label}"
        if part == "relationship":
            return f"{self.labels[part]}: {RelationshipKind(rest).label}"
        if part in ("confirmed", *_OF_A_PART) and rest:
            return f"{self.labels[part]}: {self.label(rest)}"
        field = self.fields.get(code)
        return field.label(get_language() or "zh-hans") if field else self.labels.get(code, code)

    def _text(self, code: str, value: Any) -> str:
        part, _dot, rest = code.partition(".")
        if value in (None, "", []):
            return ""
        if isinstance(value, dict):
            named = part in _CUSTOMERS and not self._sees(value.get("id"))
            return masking.HIDDEN if named else str(value.get("name", ""))
        if part in _OF_A_PART:
            kind = rest if rest else part
            return self._masked(kind, value)
        if part == "confirmed":
            return str(value)
        known = code in self.fields or code in self.labels or code in columns.COLUMNS
        return self._masked(code, value, "" if known else Confidentiality.SECRET)  # of a retired field the class is not at hand

    def _sees(self, customer: int | None) -> bool:
        """Another customer who is named in a change; who sees them all is not asked for each."""
        if rights_of(self.user).everything:
            return True
        if customer not in self._seen:
            self._seen[customer] = Customer.objects.visible_to(self.user).filter(pk=customer or 0).exists()
        return self._seen[customer]

    def _masked(self, code: str, value: Any, field_class: str = "") -> str:
        field = self.fields.get(code)
        if isinstance(value, bool):
            text = _("yes") if value else _("no")
        elif field is not None and not (field.is_column and isinstance(value, str)):
            text = words.readable(field, value)
        else:
            text = _(", ").join(map(str, value)) if isinstance(value, list) else masking.readable(code, value)
        return masking.shown(self.user, field_class or masking.class_of(self.classes, code), code, text)
