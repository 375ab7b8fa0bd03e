"""The first visit: the company gets its administrator and the roles to begin with."""

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from zhike.core import audit, settings_store
from zhike.core.choices import AuditVerb
from zhike.teams.actions.passwords import check_password_rules
from zhike.teams.actions.people import check_person
from zhike.teams.choices import Language
from zhike.teams.models import Role, User
from zhike.teams.rules import STARTER_GRANTS, CompanyRules

_LOCK = 0x5A68696B65  # any number of our own; two first visits at once are taken one after the other


def found_company(*, company: str, username: str, name: str, password: str, language: Language = Language.CHINESE) -> User:
    """Makes the administrator. Refused for ever once anybody exists, whoever asks."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if User.objects.exists():
            raise PermissionDenied(_("Zhike is already set up."))
        first = User(username=username, name=name, is_administrator=True, language=language)
        check_person(first)
        check_password_rules(password, first)
        first.set_password(password)
        first.save()
        audit.record(actor=first, verb=AuditVerb.CREATED, on=first, note="setup")
        settings_store.write(CompanyRules(name=company.strip()))
        _starter_roles()
        return first


def _starter_roles() -> None:
    for starter, grant in STARTER_GRANTS.items():
        role, is_new = Role.objects.get_or_create(
            name=str(starter.label),
            defaults={"permissions": list(grant.permissions), "scope": grant.scope, "clearance": grant.clearance},
        )
        if is_new:
            audit.record(actor=None, verb=AuditVerb.CREATED, on=role, note="setup")
