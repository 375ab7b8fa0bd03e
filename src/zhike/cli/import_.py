"""`zhike import`: files of customers and orders from the command line, through the same pipeline as the wizard."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhike.cli.product import answer, at_terminal, product
from zhike.cli.terminal import language

if TYPE_CHECKING:
    from zhike.customers.models import ImportBatch
    from zhike.teams.models import User

FIRST = 5  # rows left out that are shown
HINTS = {
    "date_order": "--date-order dmy | mdy", "unmapped": "--map", "imported_already": "--again | zhike import undo",
    "encoding": "--encoding",
}  # fmt: skip
SAID = {"customer_name": "name", "customer_number": "number", "order": "order_no", "customer": "customer"}
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
MAP = click.option(
    "--map", "wanted", default="", help="Columns by header name or position from 1: customer=1,date=2,amount=4. "
        "Else they are guessed."
)  # fmt: skip
POLICY = click.option(
    "--duplicates", type=click.Choice(["skip", "update", "keep_both"]), default="update", show_default=True,
    help="What happens to customers and order numbers that exist already.",
)  # fmt: skip
DATES = click.option(
    "--date-order", type=click.Choice(["ymd", "dmy", "mdy"]), default=None, help="How dates like 01/02/2024 are read."
)
AGAIN = click.option("--again", is_flag=True, help="Import a file that was imported already.")
HEADER = click.option("--header/--no-header", default=None, help="Whether the file has a header. Else it is recognised.")
ENCODING = click.option("--encoding", default="", help="utf-8, gb18030, big5, utf-16, latin-1 …; else it is recognised.")
SHEET = click.option("--sheet", default="", help="The sheet of a workbook; else the first one with rows.")
DRY = click.option("--dry-run", is_flag=True, help="Only say what would happen.")
USER = click.option(
    "--user", "username", default=None, help="Who answers for the import. Else the first administrator, if there is one."
)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")


@click.group()
def command() -> None:
    """Customers and orders out of files; undo of a whole import."""


def _options(function: Any) -> Any:
    for option in (JSON, USER, DRY, SHEET, ENCODING, HEADER, AGAIN, DATES, POLICY, MAP, FILE):
        function = option(function)
    return function


@command.command()
@_options
def orders(**given: Any) -> None:
    """Orders; customers that are not there yet come with them. Without an order number every row is an order of its own."""
    _import("orders", Wish(**given))


@command.command()
@_options
def customers(**given: Any) -> None:
    """Customers."""
    _import("customers", Wish(**given))


@command.command()
@_options
def answers(**given: Any) -> None:
    """Answers to a survey, a row a person: overall=3,recommend=4,rating:1=5,expected:1=6,functional:2=7,dysfunctional:2=8."""
    _import("answers", Wish(**given))


@command.command()
@click.argument("batch", type=int)
@click.option(
    "--edited", type=click.Choice(["keep", "remove"]), default="keep", show_default=True,
    help="What happens to records that somebody has worked on since. Removed customers go into the recycle bin.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what somebody has worked on since.")
@JSON
@USER
def undo(batch: int, edited: str, dry_run: bool, as_json: bool, username: str | None) -> None:
    """Take a whole import back. What somebody has worked on since stays and is named."""
    with at_terminal(), _clear_errors():
        from django.utils import timezone
        from django.utils.translation import gettext as _

        from zhike.customers.models import ImportBatch
        from zhike.sales.imports import conflicts, undoing

        actor = _actor(username)
        try:
            found = ImportBatch.objects.get(pk=batch)
        except ImportBatch.DoesNotExist as missing:
            raise click.ClickException(_("There is no import %(batch)s.") % {"batch": batch}) from missing
        result = {} if dry_run else undoing.undo_import(actor=actor, batch=found, now=timezone.now(), edited=edited)
        found.refresh_from_db()
        edits = conflicts.of(found, seen_by=actor, thorough=True)
        lines = [f"{what}: " + ", ".join(f"{count:,} {how}" for how, count in counts.items()) for what, counts in result.items()]
        lines += [f"worked on since: {edits.orders:,} orders, {edits.customers:,} customers"] if dry_run else []
        lines += [
            f"  {'would stay' if dry_run else 'stays'}: {one.what} {one.name}: {conflicts.REASONS[one.why]}" for one in edits.first
        ]
        told = [{"what": one.what, "id": one.id, "name": one.name, "why": one.why} for one in edits.first]
        answer({"batch": batch, "undone": result, "kept": told}, as_json=as_json, text="\n".join(lines))


@dataclass(frozen=True)
class Wish:
    """What the options of the command say."""

    file: Path
    wanted: str
    duplicates: str
    date_order: str | None
    again: bool
    header: bool | None
    encoding: str
    sheet: str
    dry_run: bool
    username: str | None
    as_json: bool


def _import(kind: str, wish: Wish) -> None:
    with product(), _clear_errors():
        from django.utils import timezone
        from django.utils.translation import override

        from zhike.sales.imports import actions

        actions.close_interrupted()
        actor = _actor(wish.username)
        with override(language() or actor.language), _clear_errors():
            batch = _opened(kind, wish, actor)
            run = actions.check_now if wish.dry_run else actions.run_now
            run(actor=actor, batch=batch, now=timezone.now(), tell=_tell)
            _end_of_progress()
            batch.refresh_from_db()
            result = report(batch)
            answer(result, as_json=wish.as_json, text=_sentence(result, batch, dry_run=wish.dry_run))


def _opened(kind: str, wish: Wish, actor: "User") -> "ImportBatch":
    from zhike.sales.imports import actions

    header = None if wish.header is None else int(wish.header)
    batch = actions.open_path(
        actor=actor, kind=kind, path=wish.file, header_row=header, encoding=wish.encoding, sheet=wish.sheet
    )  # fmt: skip
    options = batch.options | {"date_order": wish.date_order or batch.options.get("date_order"), "again": wish.again}
    try:
        actions.set_mapping(actor=actor, batch=batch, mapping=_mapping(batch, wish.wanted), policy=wish.duplicates, options=options)
    except BaseException:
        batch.delete()
        raise
    batch.refresh_from_db()
    return batch


def report(batch: "ImportBatch") -> dict[str, Any]:
    from zhike.core import files
    from zhike.customers.imports.problems import first_in_words

    counts = batch.counts
    rejected = str(files.location(batch.errors_file)) if batch.errors_file else None
    keys = {name: counts.get(name, {}) for name in ("created", "updated")}
    return {
        "batch": batch.pk, "rows": batch.rows_total, **keys, "skipped": counts.get("skipped", 0),
        "rejected": counts.get("rejected", 0), "errors_file": rejected, "reasons": batch.reasons,
        "remarks": counts.get("remarks", {}), "first": first_in_words(counts),
    }  # fmt: skip


def _sentence(result: dict[str, Any], batch: "ImportBatch", *, dry_run: bool) -> str:
    from django.utils.translation import gettext as _

    from zhike.customers.imports.problems import reason_text

    words = {
        "customers": _("customers"), "orders": _("orders"), "products": _("products"), "lines": _("order lines"),
        "sheets": _("answer sheets"), "answers": _("answers"),
        "created": _("created"), "updated": _("changed"),
    }  # fmt: skip
    done = [
        f"{words[how]}: {count:,} {words[what]}" for how in ("created", "updated") for what, count in result[how].items() if count
    ]
    what = _("Would import") if dry_run else _("Import %(batch)s") % {"batch": batch.pk}
    lines = [f"{what}: " + "; ".join([_("%(n)s rows") % {"n": f"{result['rows']:,}"}, *(done or [_("nothing changed")])])]
    if result["skipped"]:
        lines.append("  " + _("skipped, because they are known already: %(n)s rows") % {"n": f"{result['skipped']:,}"})
    for reason, count in result["reasons"].items():
        text = {"n": f"{count:,}", "reason": reason_text(reason, "…")}
        lines.append("  " + _("left out, %(n)s rows: %(reason)s") % text)
    for one in result["first"][:FIRST]:
        lines.append("    " + _("row %(row)s: %(reason)s") % one)
    if result["errors_file"]:
        lines.append(
            "  " + _("the rows left out, with reasons, to correct and send again: %(file)s") % {"file": result["errors_file"]}
        )
    return "\n".join(lines)


def _mapping(batch: "ImportBatch", wanted: str) -> dict[str, int]:
    from zhike.customers.imports import guess
    from zhike.customers.imports.meanings import of_kind
    from zhike.customers.imports.profile import profile_fields
    from zhike.customers.imports.tables import Reading
    from zhike.customers.surveys import roles

    if not wanted:
        return dict(batch.mapping)
    reading: Reading = Reading.from_json(batch.reading)
    known = {meaning.code: meaning.code for meaning in of_kind(batch.kind)} | SAID
    if batch.kind == "customers":
        known |= {"region": "customer_region"} | {code: f"profile:{code}" for code in profile_fields()}
    if batch.kind == "answers":
        known |= {said: said for said in map(str.strip, wanted.replace("=", ",").split(",")) if roles.parsed(said)}
    pairs = [
        (left.strip(), right.strip()) for left, _, right in (part.partition("=") for part in wanted.split(",") if part.strip())
    ]
    return guess.from_words(reading, pairs, known)


def _actor(username: str | None) -> "User":
    """Who answers for the import. On a machine where nobody has been entered yet, whoever may run this program."""
    from django.utils.translation import gettext as _

    from zhike.teams.models import User

    if username:
        try:
            return User.objects.get_by_natural_key(username)
        except User.DoesNotExist as missing:
            raise click.ClickException(_("Nobody signs in as %(username)s.") % {"username": username}) from missing
    first = User.objects.filter(is_administrator=True, is_active=True).order_by("pk").first()
    return first or User(username="zhike", name="zhike", is_administrator=True)


@contextmanager
def _clear_errors() -> Iterator[None]:
    from django.core.exceptions import PermissionDenied, ValidationError

    from zhike.core import outages
    from zhike.customers.imports.problems import FileProblem

    try:
        yield
    except (FileProblem, PermissionDenied) as problem:
        _end_of_progress()
        hint = HINTS.get(getattr(problem, "code", ""))
        raise click.ClickException(f"{problem} ({hint})" if hint else str(problem)) from problem
    except ValidationError as problem:
        raise click.ClickException("; ".join(problem.messages)) from problem
    except OSError as problem:
        if outages.is_disk_full(problem):
            raise
        raise click.ClickException(f"{problem.strerror}: {problem.filename}") from problem


def _tell(step: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        share = f" of {total:,}" if total > done else ""
        click.echo(f"\r{step:10} {done:12,}{share} rows", nl=False, err=True)


def _end_of_progress() -> None:
    if sys.stderr.isatty():
        click.echo("", err=True)
