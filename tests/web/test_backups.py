"""Backups ordered, shown and taken away in the browser."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.teams.company import administrator, person
from tests.web.record import text
from zhike.core import backup_shelf, home
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.teams import actions
from zhike.teams.choices import Language, Permission, Scope
from zhike.teams.models import User

pytestmark = pytest.mark.django_db


def test_a_backup_is_ordered_once_and_its_maker_told(office: Client, boss: User) -> None:
    assert "No backup yet" in text(office.get(reverse("settings-backup")))
    office.post(reverse("settings-backup"))
    office.post(reverse("settings-backup"))
    assert backup_shelf.is_being_made()
    assert "being made" in text(office.get(reverse("settings-backup"), headers={"X-Part": "list"}))


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_made_shown_and_taken_away_by_who_may(client: Client) -> None:
    boss = administrator(language=Language.ENGLISH)
    client.force_login(boss)
    actions.make_ordered_backup(actor=boss, at=timezone.now())
    assert (boss.notices.get().kind, boss.notices.get().params.get("problem")) == ("backup.made", None)
    made = backup_shelf.shelf()[0]
    try:
        assert made.rows > 0
        url = reverse("settings-backup-download", args=[made.name])
        assert url in text(client.get(reverse("settings-backup")))
        answer = client.get(url)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert len(b"".join(answer.streaming_content)) == made.size
        assert AuditEntry.objects.filter(verb=AuditVerb.EXPORTED, object_type="backup").exists()
        client.force_login(person(can=[Permission.SETTINGS_EDIT], scope=Scope.ALL))
        assert client.get(url).status_code == 403
    finally:
        (home.folder("backups") / made.name).unlink()


@pytest.mark.parametrize("name", ["secret_key", "..%2Fsecret_key", "zhike-20260101-000000.tar", "zhike-20260101-000000.tar.x"])
def test_no_other_file_is_handed_out(office: Client, name: str) -> None:
    assert Path(home.folder("backups")).is_dir()
    (home.folder("backups") / "secret_key").touch()
    assert office.get(f"/settings/backup/{name}/").status_code == 404
    assert office.get(f"/settings/backup/{name}").status_code in (301, 404)
