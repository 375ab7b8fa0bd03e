"""The queue, as domains see it: ask by name for work to be done later. Tasks themselves stand in `zhike.jobs.tasks`.

A job is a row in the same database, written in the caller's transaction: it exists exactly when the change it belongs to does.
"""

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def defer(task: str, *, once: str | None = None, lock: str | None = None, **arguments: Any) -> int | None:
    """Run the task in the worker after this transaction commits.

    `once`: do nothing while a job with this word already waits. `lock`: run one after another those with the same word.
    Gives the job's id, or None when one was already waiting.
    """
    from django.db import transaction

    job = app.configure_task(task, allow_unknown=True, queueing_lock=once, lock=lock)
    try:
        with transaction.atomic():
            return job.defer(**arguments)
    except AlreadyEnqueued:
        return None


def unfinished(*tasks: str) -> list[dict[str, Any]]:
    """The arguments of the jobs of these tasks that wait or run."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    jobs = ProcrastinateJob.objects.filter(task_name__in=tasks, status__in=["todo", "doing"])
    return list(jobs.values_list("args", flat=True))
