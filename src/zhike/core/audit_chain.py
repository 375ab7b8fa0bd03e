"""The audit trail made tamper-evident: each entry's digest goes into a seal, each seal's digest into the next.

The digests are keyed with the installation's secret, which is not in the database: who can only write the database can neither
change a sealed entry nor make a new chain without being noticed. `verify` names the first entry that is not as it was sealed.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, connection, transaction

from zhike.core.models import AuditEntry, AuditSeal

LEAF = 16
AT_ONCE = 100_000

# Column by column, so that a column added later does not change what was sealed before.
_TEXTS = """
SELECT id, jsonb_build_array(
    id, extract(epoch FROM at)::text, actor_id, actor_name, channel, host(address), verb, object_type, object_id, object_name,
    changes, note, undoes_id
)::text
FROM zhike_auditentry WHERE id > %s AND id <= %s ORDER BY id
"""


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. `first_bad` is the first entry that was changed, removed or slipped in."""

    entries: int
    seals: int
    first_bad: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.first_bad is None


def seal() -> AuditSeal | None:
    """Seal what was written since the last seal; None when there is nothing, or when writers are at work right now."""
    last = AuditSeal.objects.order_by("-last_entry").first()
    start, before = (last.last_entry, last.digest) if last else (0, "")
    settled = _settled()
    if settled is None:
        return None
    ids, leaves = [], bytearray()
    for pk, leaf in _leaves(start, settled, limit=AT_ONCE):
        ids.append(pk)
        leaves += pk.to_bytes(8) + leaf
    if not ids:
        return None
    digest = _link(before, ids[-1], bytes(leaves))
    return AuditSeal.objects.create(last_entry=ids[-1], entries=len(ids), leaves=bytes(leaves), digest=digest)


def verify() -> Verdict:
    """Read the whole trail again and compare."""
    start, before, entries, seals = 0, "", 0, 0
    for one in AuditSeal.objects.order_by("last_entry").iterator(chunk_size=10):
        leaves = bytes(one.leaves)
        sealed = [leaves[at : at + 8 + LEAF] for at in range(0, len(leaves), 8 + LEAF)]
        found = [pk.to_bytes(8) + leaf for pk, leaf in _leaves(start, one.last_entry)]
        if one.digest != _link(before, one.last_entry, leaves):
            return Verdict(entries, seals, first_bad=start + 1)
        if sealed != found:
            return Verdict(entries, seals, first_bad=_first_difference(sealed, found))
        start, before, entries, seals = one.last_entry, one.digest, entries + one.entries, seals + 1
    return Verdict(entries, seals)


def _settled() -> int | None:
    """The last entry below which none can still appear: no transaction that wrote the trail is under way."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE zhike_auditentry IN SHARE MODE NOWAIT")
            last: int | None = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
            return last
    except OperationalError:  # the lock is not free: next time
        return None


def _leaves(after: int, until: int, limit: int | None = None) -> Iterator[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_TEXTS} LIMIT {int(limit)}" if limit else _TEXTS, [after, until])
        for pk, text in cursor:
            yield pk, _keyed(text.encode())[:LEAF]


def _link(before: str, last_entry: int, leaves: bytes) -> str:
    return _keyed(before.encode() + last_entry.to_bytes(8) + leaves).hex()


def _keyed(content: bytes) -> bytes:
    return hmac.digest(hashlib.sha256(b"audit chain " + settings.SECRET_KEY.encode()).digest(), content, "sha256")


def _first_difference(sealed: list[bytes], found: list[bytes]) -> int:
    for left, right in zip(sealed, found, strict=False):
        if left != right:
            return min(int.from_bytes(left[:8]), int.from_bytes(right[:8]))
    rest = (sealed if len(sealed) > len(found) else found)[min(len(sealed), len(found))]
    return int.from_bytes(rest[:8])
