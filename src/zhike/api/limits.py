"""How often one person may ask. Counted in the memory of each web process, so a server of N processes lets through up to N times
as much: a fence against loops gone wild, not an accounting.
"""

import threading
import time
from collections.abc import Callable

PER_MINUTE = 1200
COSTLY_PER_MINUTE = 60  # reveal, export, look-up, passwords


class Limiter:
    """A bucket of `per_minute` drops for each key, refilled steadily."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[object, tuple[float, float]] = {}  # drops left, and when that was

    def wait(self, key: object) -> float:
        """Takes a drop. Zero when there was one, else the seconds until there is."""
        now, rate = self._clock(), self.per_minute / 60
        with self._lock:
            if len(self._buckets) > 10_000:
                self._forget_full(now, rate)
            left, at = self._buckets.get(key, (float(self.per_minute), now))
            left = min(float(self.per_minute), left + (now - at) * rate)
            taken = left >= 1
            self._buckets[key] = (left - 1 if taken else left, now)
        return 0.0 if taken else (1 - left) / rate

    def _forget_full(self, now: float, rate: float) -> None:
        self._buckets = {key: (left, at) for key, (left, at) in self._buckets.items() if left + (now - at) * rate < self.per_minute}


usual = Limiter(PER_MINUTE)
costly = Limiter(COSTLY_PER_MINUTE)
