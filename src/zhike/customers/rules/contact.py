"""May we reach this customer: consent, quiet hours, do-not-disturb. Everything that sends asks here first."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from zhike.customers.choices import Barrier, ConsentPurpose

NEEDS_CONSENT = {ConsentPurpose.MARKETING}  # service and care are answered for by the relationship, until the customer says no


@dataclass(frozen=True)
class Line:
    """One consent given or withdrawn; a blank channel means every channel."""

    purpose: str
    channel: str
    is_given: bool
    at: datetime.datetime


@dataclass(frozen=True)
class Wishes:
    """How a customer wants to be reached."""

    do_not_disturb: bool = False
    quiet_from: datetime.time | None = None
    quiet_until: datetime.time | None = None
    lines: tuple[Line, ...] = ()


def may_contact(wishes: Wishes, *, channel: str, purpose: str, at: datetime.datetime) -> Barrier | None:
    """What stands in the way, or None. `at` is in the customer's time zone.

    An answer to the customer's own request (service) is never held back by quiet hours or do-not-disturb, only by a withdrawal.
    """
    given = consent(wishes.lines, channel=channel, purpose=purpose, at=at)
    if given is False:
        return Barrier.WITHDRAWN
    if given is None and purpose in NEEDS_CONSENT:
        return Barrier.NO_CONSENT
    if purpose == ConsentPurpose.SERVICE:
        return None
    if wishes.do_not_disturb:
        return Barrier.DO_NOT_DISTURB
    return Barrier.QUIET_HOURS if _is_quiet(wishes, at.time()) else None


def consent(lines: Iterable[Line], *, channel: str, purpose: str, at: datetime.datetime) -> bool | None:
    """What the newest line for this purpose that covers the channel says; None when nothing was ever said."""
    fitting = [line for line in lines if line.purpose == purpose and line.channel in ("", channel) and line.at <= at]
    newest = max(fitting, key=lambda line: (line.at, line.channel != ""), default=None)
    return None if newest is None else newest.is_given


def _is_quiet(wishes: Wishes, time: datetime.time) -> bool:
    start, end = wishes.quiet_from, wishes.quiet_until
    if start is None or end is None or start == end:
        return False
    return start <= time < end if start < end else time >= start or time < end
