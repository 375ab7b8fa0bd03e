"""The form in which somebody says what the columns mean and what happens to duplicates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import get_language, gettext as _

from zhike.customers.choices import AnswerRole, DuplicatePolicy, ImportKind
from zhike.customers.imports.decode import ENCODINGS
from zhike.customers.imports.meanings import of_kind
from zhike.customers.imports.profile import profile_meanings
from zhike.customers.imports.tables import Reading
from zhike.customers.models import ImportBatch, Source
from zhike.customers.surveys import roles
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import Department, User
from zhike.web.imports import answers

SHOWN_ROWS = 8
SHOWN_COLUMNS = 80
EXAMPLES = 3
WHO = {"number", "name", "phone", "email", "credit_code", "member_no"}
DELIMITER_CODES = {"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|", "space": " "}
NUMBERS = ("owner", "department", "source")


@dataclass
class Given:
    """What was chosen."""

    mapping: dict[str, int] = field(default_factory=dict)
    policy: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def read(posted: Mapping[str, str], batch: ImportBatch, *, strict: bool = True) -> Given:
    """Raises `ValidationError` when two columns are given the same meaning."""
    known = {code for code, _label in meanings(batch.kind)}
    given = Given(policy=posted.get("policy", "" if policies(batch.kind) else DuplicatePolicy.UPDATE.value))
    for position in range(len(batch.reading["columns"])):
        code = posted.get(f"c{position}", "")
        if code not in known:
            continue
        code = answers.numbered(code, posted, position)
        if code in given.mapping and strict:
            label = dict(meanings(batch.kind)).get(code) or roles.in_words(code)
            raise ValidationError({"mapping": [_("Two columns are chosen for: %(meaning)s.") % {"meaning": label}]})
        given.mapping[code] = position
    if batch.kind == ImportKind.ANSWERS:
        given.options["scales"] = answers.scales(posted, len(batch.reading["columns"]))
    for name in NUMBERS:
        chosen = posted.get(name, "")
        if chosen.isascii() and chosen.isdigit():
            given.options[name] = int(chosen)
    if posted.get("date_order") in ("ymd", "dmy", "mdy"):
        given.options["date_order"] = posted["date_order"]
    if posted.get("again"):
        given.options["again"] = True
    return given


def meanings(kind: str) -> list[tuple[str, str]]:
    """[(code, label)], the profile's fields last."""
    own = [(one.code, str(one.label)) for one in of_kind(kind)]
    if kind == ImportKind.ORDERS:
        return own
    if kind == ImportKind.ANSWERS:
        return own + [(code, str(label)) for code, label in AnswerRole.choices]
    return own + list(profile_meanings(get_language() or "zh-hans").items())


def context(actor: User, batch: ImportBatch, given: Given | None) -> dict[str, Any]:
    reading = Reading.from_json(batch.reading)
    mapping = given.mapping if given else batch.mapping
    taken = {int(position): code for code, position in mapping.items()}
    options = given.options if given else batch.options
    columns = [
        {"position": at, "title": title, "meaning": taken.get(at, ""), "examples": _examples(reading, at)}
        for at, title in enumerate(reading.columns[:SHOWN_COLUMNS])
    ]
    if batch.kind == ImportKind.ANSWERS:
        columns = [column | answers.column(reading, column, options.get("scales", {})) for column in columns]
    return {
        "batch": batch, "reading": reading, "columns": columns, "meanings": meanings(batch.kind), "options": options,
        "rows": [row[:SHOWN_COLUMNS] for row in reading.sample[:SHOWN_ROWS]], "hidden_columns": len(reading.columns) - len(columns),
        "policy": given.policy if given else batch.policy, "policies": policies(batch.kind),
        "people": _people(actor), "departments": _departments(actor), "sources": list(Source.objects.values_list("pk", "name")),
        "encodings": list(ENCODINGS.items()), "delimiters": delimiters(),
        "delimiter": next((code for code, sign in DELIMITER_CODES.items() if sign == reading.delimiter), ""),
        "date_orders": date_orders(), "needed": needed(batch.kind, mapping), "as_read": as_read(reading),
    }  # fmt: skip


def _examples(reading: Reading, position: int) -> list[str]:
    """The first different values of a column."""
    values = (row[position].strip() for row in reading.sample if position < len(row))
    return list(islice(dict.fromkeys(value for value in values if value), EXAMPLES))


def needed(kind: str, mapping: Mapping[str, int]) -> list[tuple[str, bool]]:
    """[(what every row must have, whether a column gives it)]."""
    if kind == ImportKind.ANSWERS:
        return [(_("at least one answer"), bool(roles.questions(mapping)))]
    who = (_("who: number, name, phone or e-mail"), bool(WHO & set(mapping)))
    if kind != ImportKind.ORDERS:
        return [who]
    amount = "amount" in mapping or {"quantity", "unit_price"} <= set(mapping)
    return [who, (_("when: date"), "date" in mapping), (_("how much: amount, or quantity and unit price"), amount)]


def as_read(reading: Reading) -> str:
    """How the file was understood, in a line."""
    header = _("header in row %(row)s") % {"row": reading.header_row} if reading.header_row else _("no header")
    if reading.sheet:
        return _(", ").join([_("sheet “%(sheet)s”") % {"sheet": reading.sheet}, header])
    sign = dict(delimiters())
    delimiter = next((sign[code] for code, char in DELIMITER_CODES.items() if char == reading.delimiter), reading.delimiter)
    return _(", ").join([ENCODINGS.get(reading.encoding, reading.encoding), _("cut by: %(sign)s") % {"sign": delimiter}, header])


def policies(kind: str) -> list[tuple[str, str, str]]:
    """[(code, label, what it means)]."""
    if kind == ImportKind.ANSWERS:
        return []  # an answer is never another one
    if kind == ImportKind.ORDERS:
        return [
            (
                DuplicatePolicy.UPDATE.value,
                _("Update"),
                _("Known order numbers get the file's values; empty fields of customers are filled."),
            ),
            (DuplicatePolicy.SKIP.value, _("Skip"), _("Known order numbers and customers stay as they are.")),
            (DuplicatePolicy.KEEP_BOTH.value, _("Keep both"), _("Known order numbers are entered a second time, with a suffix.")),
        ]
    return [
        (DuplicatePolicy.UPDATE.value, _("Update"), _("Known customers get the file's values; empty cells change nothing.")),
        (DuplicatePolicy.SKIP.value, _("Skip"), _("Known customers stay as they are.")),
        (DuplicatePolicy.KEEP_BOTH.value, _("Keep both"), _("Every row is a customer of its own, unless its number is known.")),
    ]


def delimiters() -> list[tuple[str, str]]:
    return [
        ("comma", _("comma")),
        ("tab", _("tab")),
        ("semicolon", _("semicolon")),
        ("bar", _("vertical bar")),
        ("space", _("white space")),
    ]


def date_orders() -> list[tuple[str, str]]:
    return [("ymd", _("year, month, day")), ("dmy", _("day, month, year")), ("mdy", _("month, day, year"))]


def _people(actor: User) -> list[tuple[int, str]]:
    people = User.objects.filter(is_active=True)
    rights = rights_of(actor)
    if not (rights.everything or rights.allows(Permission.CUSTOMER_TRANSFER)):
        people = people.filter(Q(pk__in=rights.owners))
    return list(people.values_list("pk", "name"))


def _departments(actor: User) -> list[tuple[int, str]]:
    rights = rights_of(actor)
    departments = Department.objects.all()
    if not (rights.everything or rights.allows(Permission.CUSTOMER_TRANSFER)):
        departments = departments.filter(pk__in={*rights.departments, actor.department_id or 0})
    return list(departments.values_list("pk", "name"))
