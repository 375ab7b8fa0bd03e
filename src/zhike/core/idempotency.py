"""Every effect once: a caller names a request by a key of their own, and the same request again gets the first answer.

Key, effect and answer are one transaction: after a crash either all of them are there or none, so a key never hangs.
"""

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from zhike.core.models import IdempotencyKey

KEPT = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    replayed: bool = False


class StillRunning(Exception):
    """The first request with this key has not answered yet."""


class OtherRequest(Exception):
    """The key was used for something else."""


def once(
    *, user: AbstractBaseUser, key: str, digest: str, at: datetime.datetime, run: Callable[[], Answer], wait: bool = False
) -> Answer:
    """The first answer to this key, or that of `run` now. Only successes are kept: what was refused may be tried again.

    `run` must roll back what it did itself when it refuses. While the first runs, others are refused, or with `wait` do so.
    """
    with transaction.atomic():
        if not _lock(user, key, wait):
            raise StillRunning
        known = IdempotencyKey.objects.filter(user_id=user.pk, key=key, created_at__gt=at - KEPT).first()
        if known:
            if known.request_digest != digest:
                raise OtherRequest
            return Answer(known.status or 200, bytes(known.body or b""), replayed=True)
        answer = run()
        if answer.status < 400:
            IdempotencyKey.objects.filter(user_id=user.pk, key=key).delete()
            IdempotencyKey.objects.create(user_id=user.pk, key=key, request_digest=digest, status=answer.status, body=answer.body)
        return answer


def forget_old(*, at: datetime.datetime) -> int:
    deleted, _each = IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()
    return deleted


def _lock(user: AbstractBaseUser, key: str, wait: bool) -> bool:
    """Until the transaction ends; False while another request holds it."""
    number = int.from_bytes(hashlib.sha256(f"{user.pk}:{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (held,) = cursor.fetchone()
    return bool(held)
