"""Where the current work came from. Set at the interface (middleware, command line, worker), read only by the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    channel: str
    address: str | None = None


_current: ContextVar[Origin] = ContextVar("origin", default=Origin("cli"))  # noqa: B039  frozen


def current() -> Origin:
    return _current.get()


@contextmanager
def coming_from(channel: str, address: str | None = None) -> Iterator[None]:
    token = _current.set(Origin(channel, address))
    try:
        yield
    finally:
        _current.reset(token)
