"""What a run tells while it works: step, progress, seconds; and where it hears that it shall stop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zhike.value.choices import Step
from zhike.value.models import Run

Listener = Callable[[str, int], None]  # step, per cent

UNTIL = {  # per cent of the whole when the step is done, from runs over a million customers
    Step.FACTS: 35, Step.SUMMARIES: 45, Step.RFM: 50, Step.FIT: 56, Step.PREDICT: 64, Step.GRADES: 67, Step.STAGES: 70,
    Step.REPORT: 75, Step.WRITE: 100,
}  # fmt: skip


class Cancelled(Exception):
    """Somebody asked the run to stop."""


class Journal:
    def __init__(self, run_id: int, listener: Listener | None = None) -> None:
        self.run_id = run_id
        self.seconds: dict[str, float] = {}
        self._listener = listener or (lambda step, per_cent: None)
        self._said: tuple[str, int] = ("", -1)

    @contextmanager
    def step(self, step: Step) -> Iterator[Callable[[int, int], None]]:
        """Measures the step. Gives a function that takes how much is done of how much. Within a transaction nothing is noted in
        the database, because nobody could see it before its end and the row would be locked."""
        started = time.monotonic()
        begin = self._said[1] if self._said[1] > 0 else 0
        self._say(step, begin)

        def progress(done: int, total: int) -> None:
            self._say(step, begin + (UNTIL[step] - begin) * done // max(total, 1))

        yield progress
        self._say(step, UNTIL[step])
        self.seconds[str(step)] = round(self.seconds.get(str(step), 0) + time.monotonic() - started, 3)

    def _say(self, step: Step, per_cent: int) -> None:
        if (step, per_cent) == self._said:
            return
        self._said = (step, per_cent)
        self._listener(step, per_cent)
        if step != Step.WRITE or per_cent in (UNTIL[Step.REPORT], 100):
            Run.objects.filter(pk=self.run_id).update(step=step, progress=min(per_cent, 99), seconds=self.seconds)
        if Run.objects.filter(pk=self.run_id, cancel_requested=True).exists():
            raise Cancelled
