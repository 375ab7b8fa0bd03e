"""`zhike value run` scores all customers, `zhike value analyse` carries out an analysis, in this process."""

import datetime
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from zhike.cli.product import answer, at_terminal

if TYPE_CHECKING:
    from django.core.exceptions import ValidationError

    from zhike.value.models import Run


@click.group()
def command() -> None:
    """What customers are worth."""


@command.command("run")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Score as of this day (default: today).")
@click.option("--incremental", is_flag=True, help="Only customers whose orders changed since the last run, with its models.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def run(as_of: datetime.datetime | None, incremental: bool, as_json: bool) -> None:
    """Score all customers: RFM, lifetime value, grades, lifecycle."""
    with at_terminal():
        from django.core.exceptions import ValidationError
        from django.utils import timezone
        from django.utils.translation import gettext as _

        from zhike.value import actions, queries

        last_on, day = queries.last_order_on(), queries.suggested_as_of(timezone.localdate())
        if last_on is None:
            raise click.ClickException(_("There are no orders yet. Import some first: zhike import orders FILE"))
        if as_of:
            day = as_of.date()
            try:
                queries.expect_past(day, timezone.localdate())
            except ValidationError as problem:
                raise click.ClickException(" ".join(problem.messages)) from problem
        elif day != timezone.localdate():
            text = _("The last order is of %(day)s: scoring as of that day. For another one: --as-of DATE")
            click.echo(text % {"day": last_on}, err=True)
        known = queries.current_run()
        began = time.perf_counter()
        try:
            done = actions.run_incremental(today=day) if incremental else None
            done = done or actions.run_scoring(actor=None, as_of=day, progress=_progress if not as_json else None)
        except actions.RunUnderWay as problem:
            raise click.ClickException(_("Another run is under way. Wait for it or cancel it in the browser.")) from problem
        result = queries.summary_of(done)
        if known and done.pk == known.pk:  # only some were scored again: the steps are those of the run before
            result |= {
                "seconds": {"rescoring": round(time.perf_counter() - began, 3)},
                "rescored": _rescored(done) - _rescored(known),
            }
        answer(result, as_json=as_json, text=_sentence(result))


@command.command("analyse")
@click.argument("kind")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the analysis; several for several.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def analyse(kind: str, options: tuple[str, ...], as_json: bool) -> None:
    """Carry out an analysis, such as segments, in this process."""
    given = dict(_option(one) for one in options)
    with at_terminal():
        from django.core.exceptions import ValidationError
        from django.utils.translation import gettext as _

        from zhike.value import actions, queries

        try:
            done = actions.run_analysis(actor=None, kind=kind, options=given, progress=None if as_json else _progress)
        except actions.RunUnderWay as problem:
            raise click.ClickException(_("Another run or analysis is under way. Wait for it or cancel it.")) from problem
        except ValidationError as problem:
            raise click.ClickException(_refused(problem, kind)) from problem
        result = queries.summary_of_analysis(done)
        answer(result, as_json=as_json, text=_figures(result))
        if done.state != "done":
            raise SystemExit(1)


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.ClickException(f"An option is NAME=VALUE, not {text!r}.")
    return name, value


def _refused(problem: "ValidationError", kind: str) -> str:
    from django.utils.translation import gettext as _

    from zhike.value.analyses.kinds import KINDS

    if kind not in KINDS:
        return _("There is no analysis %(kind)s. Known are: %(known)s.") % {"kind": repr(kind), "known": ", ".join(KINDS)}
    return " ".join(f"{name}: {' '.join(texts)}" for name, texts in problem.message_dict.items())


def _figures(result: dict[str, Any]) -> str:
    from django.utils.translation import gettext as _

    if result["state"] != "done":
        return _("The analysis ended as %(state)s: %(problem)s") % {name: result[name] for name in ("state", "problem")}
    figures = ", ".join(f"{one['label']} {one['value']}" for one in result["headline"])
    return _("Analysis #%(id)s as of %(as_of)s: %(figures)s.") % {"id": result["id"], "as_of": result["as_of"], "figures": figures}


def _rescored(run: "Run") -> int:
    return int(run.report["facts"].get("rescored", 0))


def _progress(step: str, per_cent: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{per_cent:3d} % {step:<12}", err=True, nl=per_cent == 100)


def _sentence(result: dict[str, object]) -> str:
    from django.utils.translation import gettext as _

    from zhike.value.choices import Grade

    labels, counts = dict(Grade.choices), result["grades"]
    grades = ", ".join(f"{labels.get(grade, '–')} {count:,}" for grade, count in counts.items())  # type: ignore[attr-defined]
    text = _("%(n)s customers scored as of %(as_of)s. Customer equity %(equity)s. Grades: %(grades)s.")
    equity = f"{result['customer_equity'] or 0:,.2f}"
    return text % {"n": f"{result['customers']:,}", "as_of": result["as_of"], "equity": equity, "grades": grades}
