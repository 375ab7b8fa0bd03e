"""What the queue runs. Every task is safe to run twice: a killed worker's job is taken up again."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from zhike.care import actions as care
from zhike.core import audit_chain, files, idempotency, origin, outages
from zhike.customers import actions as customers
from zhike.jobs.worker import MOST_ATTEMPTS
from zhike.sales.imports import actions as imports
from zhike.teams import actions
from zhike.teams.actions import export_files
from zhike.teams.models import User


class _WhenTheDatabaseIsBack(BaseRetryStrategy):
    """A job that lost its database is taken up again, as one is whose worker was killed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        again = outages.is_database_away(exception) and job.attempts + 1 < MOST_ATTEMPTS and not job.queueing_lock
        return RetryDecision(retry_in={"seconds": 2 * (job.attempts + 1)}) if again else None


def task(name: str, *, cron: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a task; `cron` (minute hour day month weekday) also runs it by itself, in UTC."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(*positional: Any, **arguments: Any) -> None:
            arguments.pop("timestamp", None)  # periodic runs carry one
            with origin.coming_from("job"):
                function(**arguments)

        registered: Any = app.task(name=name, queue="default", pass_context=False, retry=_WhenTheDatabaseIsBack())(run)
        return app.periodic(cron=cron)(registered) if cron else registered  # type: ignore[no-any-return]

    return register


@task("audit.seal", cron="*/10 * * * *")
def seal_audit_trail() -> None:
    while audit_chain.seal():
        pass


@task("backup.make")
def make_backup(actor_id: int) -> None:
    actions.make_ordered_backup(actor=User.objects.get(pk=actor_id), at=timezone.now())


@task("idempotency.forget", cron="17 19 * * *")
def forget_idempotency_keys() -> None:
    idempotency.forget_old(at=timezone.now())


@task("care.generate", cron="15 21 * * *")
def generate_suggestions() -> None:
    """Before work begins (05:15 in China), and whenever a run has finished."""
    care.generate_suggestions(actor=None, on=timezone.localdate())


@task("sessions.forget", cron="5 20 * * *")
def forget_sessions() -> None:
    actions.forget_sessions(at=timezone.now())


@task("exports.make")
def make_export(request_id: int) -> None:
    """Begins anew after a kill, or when the database was away."""
    export_files.make_file(request_id=request_id, at=timezone.now())


@task("exports.forget", cron="55 19 * * *")
def forget_exports() -> None:
    export_files.forget_files(at=timezone.now())


@task("demo.load")
def load_demo(actor_id: int) -> None:
    """A second run after a kill goes on with what is left to do, or begins anew. The password stands in the notice."""
    password = secrets.token_urlsafe(9)
    care.carry_out_demo(actor=User.objects.get(pk=actor_id), as_of=timezone.localdate(), password=password)


@task("value.run")
def value_run(run_id: int) -> None:
    from zhike.value import actions as value_actions

    value_actions.carry_out(run_id=run_id)


@task("value.refresh")
def value_refresh() -> None:
    """After an import or other bulk change: rescores those whom it touched."""
    from zhike.value import actions as value_actions

    value_actions.refresh_scores(today=timezone.localdate())


@task("value.nightly", cron="40 18 * * *")  # 02:40 in China
def value_nightly() -> None:
    from zhike.value import actions as value_actions

    value_actions.run_nightly(today=timezone.localdate())


@task("value.analyse")
def value_analyse(analysis_id: int) -> None:
    from zhike.value import actions as value_actions

    value_actions.carry_out_analysis(analysis_id=analysis_id)


@task("value.analyses_due", cron="50 19 * * *")  # 03:50 in China, after the nightly run
def value_analyses_due() -> None:
    from zhike.value import actions as value_actions

    value_actions.run_due_analyses(now=timezone.now())


@task("duplicates.search")
def search_duplicates(search_id: int) -> None:
    customers.carry_out_duplicate_search(search_id=search_id)


@task("customers.mass")
def change_many(mass_id: int) -> None:
    """Goes on after a kill with the part that was not done."""
    customers.carry_out_mass(mass_id=mass_id, at=timezone.now())


@task("abandoned.close", cron="* * * * *")
def close_abandoned() -> None:
    """Says so of what would say for ever that it goes on, because its job was given up."""
    export_files.close_abandoned()
    customers.close_abandoned_mass(at=timezone.now())


@task("customers.mass.forget", cron="45 19 * * *")
def forget_mass_changes() -> None:
    customers.forget_mass(at=timezone.now())


@task("import.run")
def run_import(batch: int, language: str) -> None:
    """A dry run or the import itself, as the batch's state says. Run again after a kill it does the work once."""
    imports.run_in_background(batch_id=batch, language=language, now=timezone.now())


@task("import.undo")
def undo_import(batch: int) -> None:
    imports.undo_in_background(batch_id=batch, now=timezone.now())


@task("import.close", cron="* * * * *")
def close_interrupted_imports() -> None:
    imports.close_interrupted()


@task("import.forget", cron="25 19 * * *")
def forget_import_files() -> None:
    imports.forget_files(at=timezone.now())


@task("files.sweep", cron="35 19 * * *")
def sweep_files() -> None:
    files.sweep(at=timezone.now())
