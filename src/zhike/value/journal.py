"""What a run or an analysis tells while it works: step, progress, seconds; and where it hears that it shall stop."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from zhike.value.choices import AnalysisStep, Step
from zhike.value.models import Analysis, Run

Listener = Callable[[str, int], None]  # step, per cent
Progress = Callable[[int, int], None]  # done, of how many

UNTIL: Mapping[str, int] = {  # per cent of the whole when the step is done, from runs over a million customers
    Step.FACTS: 35, Step.SUMMARIES: 45, Step.RFM: 50, Step.FIT: 56, Step.PREDICT: 64, Step.GRADES: 67, Step.STAGES: 70,
    Step.REPORT: 75, Step.WRITE: 100,
}  # fmt: skip
UNTIL_OF_ANALYSIS: Mapping[str, int] = {AnalysisStep.FACTS: 15, AnalysisStep.COMPUTE: 85, AnalysisStep.WRITE: 100}


class Cancelled(Exception):
    """Somebody asked the run or analysis to stop."""


class Journal:
    def __init__(
        self, run_id: int, listener: Listener | None = None, *, of: type[Run] | type[Analysis] = Run,
    ) -> None:  # fmt: skip
        self.run_id = run_id
        self.seconds: dict[str, float] = {}
        self._of, self._until = of, UNTIL if of is Run else UNTIL_OF_ANALYSIS
        self._listener = listener or (lambda step, per_cent: None)
        self._said: tuple[str, int] = ("", -1)

    @contextmanager
    def step(self, step: str) -> Iterator[Progress]:
        """Measures the step. Gives a function that takes how much is done of how much. Within the transaction of the last step
        nothing is noted in the database, because nobody could see it before its end and the row would be locked."""
        started = time.monotonic()
        begin = self._said[1] if self._said[1] > 0 else 0
        self._say(step, begin)

        def progress(done: int, total: int) -> None:
            self._say(step, begin + (self._until[step] - begin) * done // max(total, 1))

        yield progress
        self._say(step, self._until[step])
        self.seconds[str(step)] = round(self.seconds.get(str(step), 0) + time.monotonic() - started, 3)

    def _say(self, step: str, per_cent: int) -> None:
        if (step, per_cent) == self._said:
            return
        self._said = (step, per_cent)
        self._listener(step, per_cent)
        *_, (_name, begin), (last, end) = self._until.items()
        rows = self._of._default_manager.filter(pk=self.run_id)
        if step != last or per_cent in (begin, end):
            rows.update(step=step, progress=min(per_cent, 99), seconds=self.seconds)
        if rows.filter(cancel_requested=True).exists():
            raise Cancelled
