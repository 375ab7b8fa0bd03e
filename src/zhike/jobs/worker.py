"""The worker process: runs jobs, and takes up again those whose worker was killed."""

import asyncio
import logging
import resource
import signal
from pathlib import Path

from procrastinate import App
from procrastinate.contrib.django import app as django_app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

log = logging.getLogger("zhike.worker")

SECONDS_WITHOUT_HEARTBEAT = 15.0
SECONDS_BETWEEN_SWEEPS = 3.0
MOST_ATTEMPTS = 5  # a job that kills its worker each time must not do so for ever


async def work(renew_after: int | None = None) -> None:
    app = django_app.with_connector(django_app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with app.open_async():
        sweeping = asyncio.create_task(_sweep(app, renew_after))
        try:
            await app.run_worker_async(
                concurrency=2, update_heartbeat_interval=2.0, stalled_worker_timeout=SECONDS_WITHOUT_HEARTBEAT,
                shutdown_graceful_timeout=5.0, delete_jobs="successful", listen_notify=True,
            )  # fmt: skip
        finally:
            sweeping.cancel()


async def _sweep(app: App, renew_after: int | None) -> None:
    at_first = _peak()
    while True:
        try:
            await take_up_again(app)
            if renew_after is not None and _peak() - at_first > renew_after and await _is_idle(app):
                signal.raise_signal(signal.SIGTERM)
                return
        except Exception:  # a database that is away for a moment must not end the sweeping
            log.warning("The look for abandoned jobs failed; it will be repeated.", exc_info=True)
        await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)


async def take_up_again(app: App, seconds: float = SECONDS_WITHOUT_HEARTBEAT) -> int:
    """Put the running jobs of dead workers back into the queue; one whose like waits there already is left to that one, one that
    was tried often enough is given up."""
    abandoned = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for job in abandoned:
        if job.attempts + 1 >= MOST_ATTEMPTS:
            log.error("Job %s (%s) was abandoned by its worker for the last time and is given up.", job.id, job.task_name)
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            continue
        log.warning("Job %s (%s) was abandoned by its worker and is taken up again.", job.id, job.task_name)
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    return len(abandoned)


async def _is_idle(app: App) -> bool:
    """What begins just now is waited for as at any stop, and taken up again if it takes longer."""
    return not list(await app.job_manager.list_jobs_async(status=Status.DOING.value))


def _peak() -> int:
    """MiB that this program has held at most. `getrusage` would count the memory of who started it too."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024)


def main(renew_after: int | None = None) -> None:
    """`renew_after`: once it has grown by more than so many MiB and has nothing to do it ends, for who supervises to start a fresh
    one: what a big run has loaded and taken never goes back to the machine."""
    asyncio.run(work(renew_after))
