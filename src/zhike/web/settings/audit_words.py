"""The audit trail in words: which record, which field, what before and after."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.teams.access import rights_of
from zhike.teams.choices import Confidentiality, ExportState
from zhike.teams.models import User
from zhike.teams.sheets import place
from zhike.value.analyses.kinds import KINDS as ANALYSES
from zhike.value.choices import CreditState, Rhythm
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
    "created": _("new ones"), "updated": _("changed ones"), "skipped": _("skipped ones"), "rejected": _("left out"),
}  # fmt: skip
NOTES = {
    "setup": _("set-up"), "password": _("password"), "unlocked": _("lock opened"), "second factor on": _("second factor on"),
    "second factor off": _("second factor off"), "second factor": _("second factor"), "session ended": _("session ended"),
    "recovery codes renewed": _("new recovery codes"),
}  # fmt: skip
SCHEDULES = "value.analyses"
RHYTHMS = dict(Rhythm.choices)
VALUES: dict[tuple[str, str], dict[Any, Any]] = {  # by kind and field
    ("creditdecision", "state"): dict(CreditState.choices), ("exportrequest", "state"): dict(ExportState.choices),
    **{(SCHEDULES, name): RHYTHMS for name in ANALYSES},
}  # fmt: skip
CLASSES = dict(Confidentiality.choices)
CHANNELS = {"web": _("browser"), "api": _("API"), "cli": _("command line"), "job": _("background")}
OF_CUSTOMERS = {"customer", "contact", "identifier", "address", "interaction", "comment", "order", "consent", "creditdecision"}
HIDDEN = "****"
LONGEST = 120


def kind_in_words(kind: str) -> str:
    if kind in KINDS:
        return str(KINDS[kind])
    table = place(kind)
    return table.title if table else kind


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
            words = [_value(kind, field, value) for value in (before, after)]
            label = ANALYSES[field].title if kind == SCHEDULES and field in ANALYSES else FIELDS.get(field, field)
            found.append((str(label), "" if before == after else words[0], words[1]))
    return found


def _value(kind: str, field: str, value: Any) -> str:
    known = CLASSES if field == "confidentiality" else VALUES.get((kind, field), {})
    return str(known[value]) if isinstance(value, str) and value in known else value_in_words(value)


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
    if isinstance(value, dict) and all(type(one) is int for one in value.values()):
        return "、".join(f"{KINDS.get(name, name)} {count}" for name, count in value.items())
    if isinstance(value, list):
        return "、".join(value_in_words(one) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
