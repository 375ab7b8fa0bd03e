"""The audit trail in words: which record, which field, what before and after."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.teams.access import rights_of
from zhike.teams.choices import Confidentiality, ExportState
from zhike.teams.models import User
from zhike.value.choices import CreditState
from zhike.web.customers.history import Reader

KINDS = {
    "customer": _("customer"), "contact": _("contact"), "interaction": _("interaction"), "comment": _("comment"),
    "order": _("order"),
    "product": _("product"), "user": _("member of staff"), "role": _("role"), "department": _("department"),
    "savedview": _("saved view"), "apitoken": _("API token"), "settings": _("settings"), "backup": _("backup"),
    "importbatch": _("import"), "source": _("source"), "fielddefinition": _("field"), "customers": _("customers"),
    "duplicatesearch": _("search for duplicates"),
    "exportrequest": _("export request"), "creditdecision": _("credit decision"),
    "orders": _("orders"), "run": _("value run"), "fields": _("fields"), "demo company": _("the demo company"),
    "analysis": _("analysis"), "value.analyses": _("schedule of analyses"), "suggestion": _("suggestion"),
    "decision": _("decision"), "productline": _("product line"), "pricelist": _("price list"), "masschange": _("mass change"),
}  # fmt: skip
FIELDS = {
    "name": _("name"), "username": _("sign-in name"), "email": _("e-mail"), "phone": _("phone"), "position": _("position"),
    "department": _("department"), "manager": _("manager"), "roles": _("roles"), "is_administrator": _("administrator"),
    "is_active": _("works here"), "left_on": _("left on"), "joined_on": _("joined on"), "successors": _("successors"),
    "permissions": _("permissions"), "scope": _("scope"), "clearance": _("clearance"), "parent": _("part of"), "owner": _("owner"),
    "away_from": _("away from"), "away_until": _("away until"), "deputy": _("deputy"), "language": _("language"),
    "theme": _("theme"), "expires_at": _("valid until"), "skills": _("skills"), "interests": _("interests"), "city": _("city"),
    "training": _("training"), "tags": _("tags"), "region": _("region"), "birthday": _("birthday"), "note": _("note"),
    "customer": _("customer"), "text": _("text"),
    "reason": _("reason"), "grade": _("grade"), "limit": _("limit"), "terms": _("days to pay"), "guarantee": _("guarantee"),
    "rows": _("rows"), "state": _("state"), "confidentiality": _("clearance"), "approval": _("approval"),
}  # fmt: skip
NOTES = {
    "setup": _("set-up"), "password": _("password"), "unlocked": _("lock opened"), "second factor on": _("second factor on"),
    "second factor off": _("second factor off"), "second factor": _("second factor"), "session ended": _("session ended"),
    "recovery codes renewed": _("new recovery codes"),
}  # fmt: skip
STATES: dict[str, dict[Any, Any]] = {"creditdecision": dict(CreditState.choices), "exportrequest": dict(ExportState.choices)}
CHANNELS = {"web": _("browser"), "api": _("API"), "cli": _("command line"), "job": _("background")}
OF_CUSTOMERS = {"customer", "contact", "identifier", "address", "interaction", "comment", "order", "consent", "creditdecision"}
HIDDEN = "****"
LONGEST = 120


def kind_in_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def changes_in_words(kind: str, changes: dict[str, Any], reader: Reader, classes: dict[str, str]) -> list[tuple[str, str, str]]:
    """Field, before, after; with `****` for facts of customers that the reader may not see in plain. `classes`: see masking."""
    found = []
    for field, (before, after) in changes.items():
        if kind in OF_CUSTOMERS and _is_hidden(field, reader.user, classes):
            found.append((str(FIELDS.get(field, reader.label(field))), HIDDEN, HIDDEN))
        elif kind == "customer":
            change = reader.change(field, before, after)
            found.append((change.label, change.before, change.after))
        else:
            words = [_state(kind, value) if field == "state" else value_in_words(value) for value in (before, after)]
            found.append((str(FIELDS.get(field, field)), "" if before == after else words[0], words[1]))
    return found


def _state(kind: str, value: Any) -> str:
    return str(STATES.get(kind, {}).get(value, value_in_words(value)))


def _is_hidden(field: str, reader: User, classes: dict[str, str]) -> bool:
    """Whoever may not see confidential fields sees no fact at all here; a secret one is only for who may see that."""
    rights = rights_of(reader)
    field_class = Confidentiality.SECRET if field == "profile" else classes.get(field.rpartition(".")[2], Confidentiality.INTERNAL)
    return not (rights.shows(Confidentiality.CONFIDENTIAL) and rights.shows(field_class))


def value_in_words(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    if isinstance(value, list):
        return "、".join(value_in_words(one) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
