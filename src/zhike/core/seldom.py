"""What may be a little old, because it decides how something is looked for and never what is found."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Seldom(Generic[Answer]):
    """Answers by what they are about, each asked for again after so many uses; as many as were used lately are kept."""

    def __init__(self, *, uses: int, most: int) -> None:
        self._uses, self._most = uses, most
        self._kept: dict[Hashable, tuple[int, Answer]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        with self._lock:
            kept = self._kept.pop(key, None)
        left, answer = kept or (self._uses, ask())
        with self._lock:
            if left > 1:
                self._kept[key] = (left - 1, answer)  # the latest stand last
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return answer
