"""The audit trail: append-only, and tampering shows."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from zhike.core import audit, audit_chain
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry, AuditSeal

pytestmark = pytest.mark.django_db(transaction=True)


def write(count: int = 1) -> list[int]:
    return [audit.record(actor=None, verb=AuditVerb.RAN, on=f"job {n}", changes={"n": [n, n + 1]}).pk for n in range(count)]


def tamper(sql: str, *values: object) -> None:
    """As somebody who owns the database could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE zhike_auditentry DISABLE TRIGGER USER; ALTER TABLE zhike_auditseal DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE zhike_auditentry ENABLE TRIGGER audit_append_only")
        cursor.execute("ALTER TABLE zhike_auditseal ENABLE TRIGGER USER")


@pytest.mark.parametrize("sql", ["UPDATE zhike_auditentry SET note = 'x'", "DELETE FROM zhike_auditentry"])
def test_the_database_refuses_to_change_or_delete_an_entry(sql: str) -> None:
    write()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert AuditEntry.objects.count() == 1


def test_a_trail_nobody_touched_is_whole() -> None:
    assert audit_chain.seal() is None
    write(3)
    first = audit_chain.seal()
    assert first is not None
    assert first.entries == 3
    assert audit_chain.seal() is None
    write(2)
    audit_chain.seal()
    write(1)
    assert audit_chain.verify() == audit_chain.Verdict(entries=5, seals=2)


def test_a_changed_entry_is_named() -> None:
    keys = write(5)
    audit_chain.seal()
    tamper("UPDATE zhike_auditentry SET actor_name = 'somebody else' WHERE id = %s", keys[2])
    assert audit_chain.verify().first_bad == keys[2]


def test_a_removed_entry_is_named() -> None:
    keys = write(5)
    audit_chain.seal()
    write(2)
    audit_chain.seal()
    tamper("DELETE FROM zhike_auditentry WHERE id = %s", keys[4])
    assert audit_chain.verify().first_bad == keys[4]


def test_an_entry_slipped_in_later_is_named() -> None:
    keys = write(3)
    tamper("UPDATE zhike_auditentry SET id = id + 1000 WHERE id = %s", keys[2])
    audit_chain.seal()
    tamper(
        "INSERT INTO zhike_auditentry (id, at, actor_name, channel, verb, object_type, object_name, changes, note)"
        " VALUES (%s, now(), '', 'web', 'viewed', 'customer', '', '{}', '')", keys[2] + 5,
    )  # fmt: skip
    assert audit_chain.verify().first_bad == keys[2] + 5


def test_a_seal_made_without_the_secret_does_not_hold() -> None:
    keys = write(3)
    audit_chain.seal()
    tamper("UPDATE zhike_auditseal SET leaves = substr(leaves, 1, 24), digest = encode(sha256(leaves), 'hex'), entries = 1")
    assert audit_chain.verify().first_bad is not None
    assert audit_chain.verify().first_bad <= keys[0]


def test_where_the_chain_breaks_later_the_first_entry_after_the_last_good_seal_is_named() -> None:
    keys = write(3)
    audit_chain.seal()
    write(2)
    audit_chain.seal()
    write(2)
    audit_chain.seal()
    second = AuditSeal.objects.order_by("pk")[1]
    tamper("UPDATE zhike_auditseal SET digest = repeat('0', 64) WHERE id = %s", second.pk)
    assert audit_chain.verify() == audit_chain.Verdict(entries=3, seals=1, first_bad=keys[2] + 1)


def test_entries_cut_off_at_the_end_and_seals_taken_away_are_noticed() -> None:
    keys = write(3)
    audit_chain.seal()
    tamper("DELETE FROM zhike_auditentry WHERE id >= %s", keys[1])
    assert audit_chain.verify() == audit_chain.Verdict(entries=0, seals=0, first_bad=keys[1])
    write(2)
    audit_chain.seal()
    tamper("DELETE FROM zhike_auditseal WHERE id = (SELECT min(id) FROM zhike_auditseal)")
    assert not audit_chain.verify().is_whole


def test_a_seal_is_made_of_so_many_at_once_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "AT_ONCE", 2)
    keys = write(5)
    made = [audit_chain.seal() for _each in range(4)]
    assert [(one.last_entry, one.entries) if one else None for one in made] == [(keys[1], 2), (keys[3], 2), (keys[4], 1), None]
    assert audit_chain.verify() == audit_chain.Verdict(entries=5, seals=3)


CHANGES = (
    "at = at + interval '1 second'", "actor_name = 'x'", "channel = 'fax'", "address = '10.9.9.9'", "verb = 'deleted'",
    "object_type = 'x'", "object_id = 9", "object_name = 'x'", "changes = '{}'", "note = 'x'", "undoes_id = id",
)  # fmt: skip


def test_whatever_is_changed_in_an_entry_is_noticed() -> None:
    keys = write(len(CHANGES))
    audit_chain.seal()
    assert audit_chain.verify().is_whole
    for change, key in zip(CHANGES, reversed(keys), strict=True):  # the last first, so that each is the first bad one
        tamper(f"UPDATE zhike_auditentry SET {change} WHERE id = %s", key)
        assert audit_chain.verify().first_bad == key, change


def test_while_somebody_writes_nothing_is_sealed_so_that_nothing_is_missed() -> None:
    write()
    inside, go_on = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            write()
            inside.set()
            go_on.wait(10)
        connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert inside.wait(10)
    assert audit_chain.seal() is None
    go_on.set()
    writer.join()
    seal = audit_chain.seal()
    assert seal is not None
    assert seal.entries == 2
    assert AuditSeal.objects.count() == 1
    assert audit_chain.verify().is_whole
