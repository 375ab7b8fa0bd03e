"""Loads the demo company into an empty one: staff and catalogue row by row, everything else by COPY."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.care.actions.generating import generate_suggestions
from zhike.care.demo import reminder
from zhike.care.demo.readings import EACH, READINGS
from zhike.core import audit, settings_store
from zhike.core.choices import AuditVerb
from zhike.core.search import bulk_tokens
from zhike.customers.actions import label_words
from zhike.customers.choices import ImportKind
from zhike.customers.models import Customer, Interaction
from zhike.sales.imports.actions import receive_file, run_now
from zhike.teams import access
from zhike.teams.actions import give_notice
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.actions import ask_credit, decide_credit, run_analysis, run_scoring, schedule_analysis
from zhike.value.analyses.kinds import KINDS
from zhike.value.choices import CreditState, Rhythm
from zhike.value.models import Finding
from zhike.value.queries.credit import approvers_of_credit

if TYPE_CHECKING:  # what invents a company brings numpy with it: it is loaded by who does it
    from zhike.care.demo.rows import Table
    from zhike.care.demo.story import Story

CUSTOMERS = 8000
CUSTOMERS_SMALL = 400
QUARTER = datetime.timedelta(days=91)
WATCHED = ("leaving", "voice")  # carried out every week, the others every month

Progress = Callable[[str, int], None]  # step, per cent


@dataclass(frozen=True)
class DemoState:
    """Which demo company lies in this database; none while `as_of` is empty."""

    NAME: ClassVar[str] = "demo"
    as_of: str = ""
    step: str = ""
    progress: int = 0
    problem: str = ""


@dataclass(frozen=True)
class DemoReport:
    customers: int
    orders: int
    interactions: int
    people: list[str]  # user names, the most powerful first


def load_demo_company(
    *, actor: User, as_of: datetime.date, password: str, small: bool = False, seed: int | None = None,
    progress: Progress = lambda step, percent: None,
) -> DemoReport:  # fmt: skip
    """Fills an empty company with three years up to the evening before `as_of`. All demo people get `password`.

    Refused as soon as one customer exists, so that made-up people never stand between real ones.
    """
    from zhike.care.demo.story import SEED, tell

    access.require_everywhere(actor, Permission.CUSTOMER_IMPORT)
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    _refuse_when_used()
    progress("inventing", 5)
    story = tell(as_of=as_of, customers=CUSTOMERS_SMALL if small else CUSTOMERS, seed=SEED if seed is None else seed)
    progress("indexing", 25)
    tokens = _tokens(story)
    progress("writing", 35)
    with transaction.atomic():
        _write(actor, story, tokens, password)
    _analyse_tables()
    progress("written", 60)
    return DemoReport(
        len(story.clients), len(story.visits), len(story.talks), [one.username for one in story.chain.members if one.left is None]
    )


def carry_out_demo(*, actor: User, as_of: datetime.date, password: str) -> None:
    """The worker's part. Loading is one transaction, so a killed job either begins anew or goes on with what follows."""
    try:
        if not settings_store.read(DemoState).as_of:
            load_demo_company(actor=actor, as_of=as_of, password=password, progress=_note)
        finish_demo(actor=actor, on=as_of, progress=_note)
    except ValidationError as refused:
        settings_store.write(DemoState(problem=" ".join(refused.messages), progress=100))


def finish_demo(*, actor: User, on: datetime.date, progress: Progress = lambda step, percent: None) -> None:
    """What a company would have by now: scores, those of a quarter ago to compare them with, every analysis, and suggestions."""
    progress("scoring", 62)
    run_scoring(actor=actor, as_of=on - QUARTER, progress=lambda step, percent: progress("scoring", 62 + percent * 14 // 100))
    for kind in ("credit", "loyalty"):  # so that the next one can look back
        run_analysis(actor=actor, kind=kind, options={})
    run_scoring(actor=actor, as_of=on, progress=lambda step, percent: progress("scoring", 76 + percent * 14 // 100))
    _correct_readings(actor)
    for kind in KINDS:
        run_analysis(actor=actor, kind=kind, options=reminder.asked(on) if kind == "effect" else {})
        if kind != "effect":  # of an action long past
            schedule_analysis(actor=actor, kind=kind, rhythm=Rhythm.WEEKLY if kind in WATCHED else Rhythm.MONTHLY)
    _credit_beyond_the_rules()
    progress("suggesting", 90)
    generate_suggestions(actor=actor, on=on)
    progress("done", 100)


def _credit_beyond_the_rules() -> None:
    """Two advisers want more for their best companies: one request waits, one was granted."""
    now = timezone.now()
    rated = Finding.objects.filter(analysis__kind="credit", analysis__is_current=True, group__in=["A", "B"])
    best = rated.filter(customer__owner__is_active=True).select_related("customer__owner").order_by("-value", "customer_id")
    for place, one in enumerate(best[:2]):
        owner, limit = one.customer.owner, Decimal((one.detail or {})["limit"])
        assert owner
        reason = "旺季前集中保养，车队加了新车"
        asked = ask_credit(actor=owner, customer=one.customer_id, limit=2 * limit + 1000, reason=reason, at=now)
        others = [person for person in approvers_of_credit(one.customer) if person != owner]
        if place and others and asked.state == CreditState.ASKED:
            decide_credit(actor=others[0], decision=asked.pk, approve=True, answer="年底复核", at=now)


def _correct_readings(actor: User) -> None:
    for words, topic, tone, urgency in READINGS:
        for row in Interaction.objects.filter(summary__contains=words).order_by("-at", "-pk")[:EACH]:
            label_words(actor=actor, interaction=row, topic=topic, tone=tone, urgency=urgency)


def _note(step: str, percent: int) -> None:
    settings_store.write(replace(settings_store.read(DemoState), step=step, progress=percent))


def _refuse_when_used() -> None:
    if Customer.objects.exists():
        raise ValidationError(_("There are customers already. The demo company is loaded only into an empty one."))


def _write(actor: User, story: "Story", tokens: list[list[str]], password: str) -> None:
    from zhike.care.actions.demo_foundation import lay_foundation
    from zhike.care.demo.rows import Keys, Writer

    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE zhike_customer IN SHARE ROW EXCLUSIVE MODE")  # two loads at once: the second finds customers
    _refuse_when_used()
    small = lay_foundation(actor=actor, story=story, password=password)
    first = {name: _reserve(name, count) for name, count in _counts(story).items()}
    keys = Keys(
        small.users, small.departments, small.sources, small.products, small.batches,
        first["zhike_customer"], first["zhike_order"], first["zhike_interaction"],
    )  # fmt: skip
    writer = Writer(story, keys, tokens)
    for table in writer.tables():
        _copy(table)
    _survey(story, {client.id: writer.number(client) for client in story.clients}, small.users)
    settings_store.write(DemoState(as_of=story.as_of.isoformat(), step="written", progress=60))
    names = [one.username for one in story.chain.members if one.left is None]
    give_notice(to=[actor.pk], kind="demo.loaded", params={"password": password, "owner": names[0], "adviser": names[6]}, url="/")
    audit.record(
        actor=actor, verb=AuditVerb.IMPORTED, on="demo company", note=f"{len(story.clients)} customers, {len(story.visits)} orders"
    )


def _survey(story: "Story", numbers: dict[int, str], users: dict[str, int]) -> None:
    """Answers to a survey come in as a person brings them in."""
    from zhike.care.demo import answers

    by = User.objects.get(pk=users["luyaqin"])
    upload = SimpleUploadedFile(answers.FILE_NAME, answers.text(story, numbers).encode("utf-8-sig"), "text/csv")
    batch = receive_file(actor=by, kind=ImportKind.ANSWERS, upload=upload)
    at = datetime.datetime.combine(story.as_of, datetime.time(8, 30), timezone.get_default_timezone())
    run_now(actor=by, batch=batch, now=at)


def _counts(story: "Story") -> dict[str, int]:
    return {"zhike_customer": len(story.clients), "zhike_order": len(story.visits), "zhike_interaction": len(story.talks)}


def _reserve(table: str, count: int) -> int:
    """Takes that many primary keys at once; gives the last one before them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        before = int(cursor.fetchone()[0])
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, before + count])
    return before


def _copy(table: "Table") -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({table.columns}) FROM STDIN") as copy:
        for row in table.rows:
            copy.write_row(row)


def _tokens(story: "Story") -> list[list[str]]:
    names = [client.name for client in story.clients]
    phones = [client.phone for client in story.clients]
    return bulk_tokens(names, phones, [f"{client.shop.code}{client.id:05d}" for client in story.clients])


def _analyse_tables() -> None:
    """The planner knows nothing of rows that came by COPY a moment ago."""
    with connection.cursor() as cursor:
        for table in ("customer", "order", "orderline", "interaction", "consent", "relationship", "answersheet"):
            cursor.execute(f"ANALYZE zhike_{table}")
