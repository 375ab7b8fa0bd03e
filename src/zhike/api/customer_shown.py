"""A customer as the caller may see it: masked by clearance, with relatives only where those are visible too."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, QuerySet

from zhike.customers import masking
from zhike.customers.models import Customer
from zhike.customers.queries.completeness import definitions
from zhike.customers.rules import columns
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User

LINKS = ("source", "owner", "department")
PLAIN = ("id", "version", "owner_since", "last_contact_at", "created_at", "updated_at", "deleted_at")
# Values of a fixed form, or that make no sense half hidden; hidden they become what is empty.
EMPTY: dict[str, Any] = {
    "birthday": masking.HIDDEN, "birthday_is_lunar": False, "tags": [], "quiet_from": None, "quiet_until": None,
    "do_not_disturb": False,
}  # fmt: skip
SCORE = {
    "grade": "grade", "stage": "stage", "rfm_class": "rfm_class", "clv": "clv", "revenue": "revenue", "orders": "orders",
    "last_order": "last_on",
}  # fmt: skip
SCORE_RIGHTS = {
    "rfm_class": Permission.VALUE_VIEW, "clv": Permission.VALUE_VIEW, "revenue": Permission.ORDER_VIEW,
    "orders": Permission.ORDER_VIEW, "last_order": Permission.ORDER_VIEW,
}  # fmt: skip


def with_standing(rows: "QuerySet[Customer]") -> "QuerySet[Customer]":
    """Of `customers_with_scores`: what the list shows of the score, and everything that is named beside the customer."""
    scores = {f"score_{name}": F(f"score__{column}") for name, column in SCORE.items()}
    return rows.annotate(**scores).select_related(*LINKS, "parent")


class Eyes:
    """Who looks. Made once a request: asks once which fields are hidden."""

    def __init__(self, user: User) -> None:
        self.user, self.rights = user, rights_of(user)
        self.classes = masking.field_classes()
        self.fields = [one.code for one in definitions() if not one.is_column]

    def hides(self, code: str) -> bool:
        return masking.is_masked(self.user, masking.class_of(self.classes, code))

    def value(self, code: str, value: Any, kind: str = "") -> Any:
        """In its own type when shown, as text when masked."""
        if value in (None, "", []) or not self.hides(code):
            return value
        return masking.shown(self.user, masking.class_of(self.classes, code), kind or code, value)

    def change(self, code: str, value: Any) -> Any:
        """A value of the audit trail, where `contact.phone` and `identifier.plate` stand for their last part."""
        area, _dot, rest = code.partition(".")
        if area == "relationship" or code == "parent":
            return {"id": value["id"]} if isinstance(value, dict) and "id" in value else value
        return self.value("address" if area == "address" else rest or code, value)

    def customers(self, rows: Sequence[Customer]) -> list[dict[str, Any]]:
        parents = {row.parent_id for row in rows if row.parent_id}
        seen = set(Customer.objects.visible_to(self.user).filter(pk__in=parents).values_list("pk", flat=True)) if parents else set()
        return [self._customer(row, row.parent if row.parent_id in seen else None) for row in rows]

    def customer(self, row: Customer) -> dict[str, Any]:
        return self.customers([row])[0]

    def _customer(self, row: Customer, parent: Customer | None) -> dict[str, Any]:
        shown = {code: self._column(row, code) for code in columns.COLUMNS if code != "source_id"}
        profile = {code: self.value(code, row.profile[code]) for code in self.fields if code in row.profile}
        hidden = [code for code in (*columns.COLUMNS, *profile) if self.hides(code) and self._has(row, code)]
        source = None if self.hides("source_id") else row.source
        return {
            **{name: getattr(row, name) for name in PLAIN}, **shown, "profile": profile, "masked": hidden, "source": source,
            "owner": row.owner, "department": row.department, "parent": parent, "standing": self._standing(row),
        }  # fmt: skip

    def _column(self, row: Customer, code: str) -> Any:
        value = getattr(row, code)
        if code == "birthday" and value is not None:
            value = value.isoformat()
        if code in EMPTY and self.hides(code):
            return EMPTY[code] if value else value
        return self.value(code, value)

    def _has(self, row: Customer, code: str) -> bool:
        return bool(getattr(row, code) if code in columns.COLUMNS else row.profile.get(code))

    def _standing(self, row: Customer) -> dict[str, Any] | None:
        if not hasattr(row, "score_grade"):
            return None
        score = {name: getattr(row, f"score_{name}") for name in SCORE}
        score["revenue"] = None if score["revenue"] is None else str(score["revenue"])
        return {name: value if self._may_know(name) else None for name, value in score.items()}

    def _may_know(self, name: str) -> bool:
        right = SCORE_RIGHTS.get(name)
        return right is None or self.rights.allows(right)


def named_among(user: User, keys: Iterable[int | None]) -> set[int]:
    """Which of these customers the person may see."""
    wanted = {key for key in keys if key}
    return set(Customer.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
