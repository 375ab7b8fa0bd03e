"""An index over many words put in order beside the run that fills it, over a connection of its own."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from zhike.customers.imports.progress import own_connection


class Tidying:
    """New words first go to a list of the index (GIN, fastupdate); reading that list is slow, and emptying it takes a third
    of the time of an import. It needs no part in the import's transaction. Without a name there is nothing to do."""

    def __init__(self, index: str) -> None:
        self.index = index
        self._worker = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def __enter__(self) -> "Tidying":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """The list is empty at the end, whoever filled it."""
        if kind is None:
            self.wait()
            self.tidy()
            self.wait()
        self._worker.shutdown()

    def tidy(self) -> None:
        """Begin, unless it is still at work."""
        if self.index and (self._running is None or self._running.done()):
            self.wait()
            self._running = self._worker.submit(self._clean)

    def wait(self) -> None:
        if self._running:
            self._running.result()

    def _clean(self) -> None:
        with own_connection() as connection:
            connection.execute("SET maintenance_work_mem = '256MB'")
            connection.execute("SELECT gin_clean_pending_list(%s::regclass)", [self.index])
