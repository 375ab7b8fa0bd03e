"""Lines in the message center."""

import datetime
from collections.abc import Iterable
from typing import Any

from zhike.teams.models import Notice, User


def give_notice(*, to: Iterable[int], kind: str, params: dict[str, Any] | None = None, url: str = "") -> None:
    """To people by id. The words stand where notices are shown, so that everybody reads them in their language."""
    Notice.objects.bulk_create([Notice(user_id=person, kind=kind, params=params or {}, url=url) for person in set(to)])


def read_notices(*, actor: User, at: datetime.datetime, notice_id: int | None = None) -> int:
    """All of one's own, or one of them."""
    mine = Notice.objects.filter(user=actor, read_at=None)
    return (mine.filter(pk=notice_id) if notice_id else mine).update(read_at=at)
