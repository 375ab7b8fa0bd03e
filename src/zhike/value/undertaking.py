"""Runs and analyses as pieces of work: begun, ended well or badly, and given up when their process was killed."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.functions import Now

from zhike.value.choices import RunState
from zhike.value.journal import Cancelled, Journal
from zhike.value.models import Analysis, Run
from zhike.value.telling import tell

log = logging.getLogger("zhike.value")
KILLED = "killed"


def carry_through(
    row: Run | Analysis, journal: Journal, work: Callable[[], None], *, foreseen: tuple[type[Exception], ...] = ()
) -> None:
    """Does the work and notes how it ended. A failure leaves what is current as it is; a `foreseen` one is noted and not raised."""
    _rows(row).filter(pk=row.pk).update(state=RunState.RUNNING, started_at=Now(), problem="", progress=0)
    try:
        work()
    except Cancelled:
        end(row, RunState.CANCELLED, journal)
    except foreseen as problem:
        end(row, RunState.FAILED, journal, str(problem))
    except BaseException as problem:
        log.warning("%s %s failed", row._meta.model_name, row.pk, exc_info=True)
        end(row, RunState.FAILED, journal, f"{type(problem).__name__}: {problem}")
        raise
    row.refresh_from_db()


def end(row: Run | Analysis, state: RunState, journal: Journal | None = None, problem: str = "") -> None:
    seconds = {"seconds": journal.seconds} if journal else {}
    done = {"progress": 100} if state == RunState.DONE else {}
    _rows(row).filter(pk=row.pk).update(state=state, problem=problem, finished_at=Now(), **seconds, **done)


def give_up(dead: "models.QuerySet[Any]") -> None:
    """Marks as failed what a killed process left behind. Only for who holds the lock: nobody works then."""
    for row in dead.filter(state=RunState.RUNNING):
        end(row, RunState.FAILED, problem=KILLED)
        tell(row)


def _rows(row: Run | Analysis) -> "models.QuerySet[Any]":
    return type(row)._default_manager.all()
