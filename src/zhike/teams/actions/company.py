"""What concerns the whole company: its name, sign-in rules, any group of settings, backups."""

import datetime
from dataclasses import asdict
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit, backup, backup_shelf, queue, settings_store
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.actions.notices import give_notice
from zhike.teams.choices import Permission
from zhike.teams.models import User


def change_settings(*, actor: User, values: settings_store.Group) -> None:
    """Stores one group of settings, such as `SignInRules`. The values are checked by who made the group."""
    access.require_everywhere(actor, Permission.SETTINGS_EDIT)
    with transaction.atomic():
        before, after = asdict(settings_store.read(type(values))), asdict(values)
        changes: audit.Changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if not changes:
            return
        settings_store.write(values)
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on="settings", changes=changes, note=values.NAME)


def order_backup(*, actor: User) -> None:
    """Made in the background; a second order while one waits changes nothing."""
    access.require_everywhere(actor, Permission.BACKUP_RUN)
    with transaction.atomic():
        queue.defer(backup_shelf.TASK, once=backup_shelf.TASK, actor_id=actor.pk)
        audit.record(actor=actor, verb=AuditVerb.RAN, on="backup")


def make_ordered_backup(*, actor: User, at: datetime.datetime) -> None:
    """The worker's part; the person is told how it went."""
    access.require_everywhere(actor, Permission.BACKUP_RUN)
    try:
        made = backup_shelf.make(at=at)
    except (backup.BackupProblem, OSError) as problem:
        give_notice(to=[actor.pk], kind="backup.failed", params={"problem": str(problem)}, url="/settings/backup/")
        return
    give_notice(to=[actor.pk], kind="backup.made", params={"rows": made.rows}, url="/settings/backup/")


def fetch_backup(*, actor: User, name: str) -> Path:
    """The file, for taking away: everything the company has, so it is written down."""
    access.require_everywhere(actor, Permission.BACKUP_RUN)
    file = backup_shelf.file_of(name)
    if file is None:
        raise ValidationError(_("There is no such backup any more."))
    audit.record(actor=actor, verb=AuditVerb.EXPORTED, on="backup", note=name)
    return file
