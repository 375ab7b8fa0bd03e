"""Reads about people."""

import datetime

from django.db.models import Count, Q, QuerySet
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhike.core import settings_store
from zhike.teams.access import reached_by, rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken, Department, ExportRequest, Notice, Role, SavedView, User, UserSession
from zhike.teams.rules import ExportRules, SignInRules


def people_editable_by(actor: User) -> QuerySet[User]:
    """Whom this person may administer: everybody within the scope of their roles."""
    rights = rights_of(actor)
    if not rights.allows(Permission.PEOPLE_EDIT):
        return User.objects.none()
    return User.objects.filter(rights.rows(owner="pk"))


def colleagues() -> QuerySet[User]:
    """People who work here now: to choose an owner, a manager, a deputy from."""
    return User.objects.filter(is_active=True).select_related("department")


def departments_with_counts() -> QuerySet[Department]:
    return Department.objects.annotate(people=Count("members", filter=Q(members__is_active=True)))


def department_tree() -> list[tuple[Department, int]]:
    """Every department with its depth, parents before children, ready for an indented list."""
    below: dict[int | None, list[Department]] = {}
    for department in departments_with_counts():
        below.setdefault(department.parent_id, []).append(department)
    found: list[tuple[Department, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for department in below.get(parent, []):
            found.append((department, depth))
            walk(department.pk, depth + 1)

    walk(None, 0)
    return found


def roles_with_counts() -> QuerySet[Role]:
    return Role.objects.annotate(people=Count("users", filter=Q(users__is_active=True)))


def has_second_factor(person: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=person, confirmed=True).exists())


def pending_factor(person: User) -> TOTPDevice | None:
    """The secret that still waits for its first code."""
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=person, confirmed=False).first()
    return device


def recovery_codes_left(person: User) -> int:
    return int(StaticToken.objects.filter(device__user=person).count())


def tokens_of(person: User) -> QuerySet[ApiToken]:
    return person.tokens.filter(revoked_at=None).order_by("-created_at", "-pk")


def sessions_of(person: User, now: datetime.datetime) -> QuerySet[UserSession]:
    """Those that are not over."""
    rules = settings_store.read(SignInRules)
    seen, started = now - datetime.timedelta(minutes=rules.idle_minutes), now - datetime.timedelta(days=rules.session_days)
    return person.sessions.filter(expire_date__gt=now, seen_at__gt=seen, started_at__gt=started).order_by("-seen_at")


def saved_views(user: User, screen: str) -> QuerySet[SavedView]:
    """One's own and those that others share."""
    return SavedView.objects.filter(Q(user=user) | Q(is_shared=True), screen=screen).select_related("user")


def notices_of(user: User) -> QuerySet[Notice]:
    return user.notices.order_by("-created_at", "-pk")


def unread_notices(user: User) -> int:
    return user.notices.filter(read_at=None).count()


def export_requests(user: User) -> QuerySet[ExportRequest]:
    """One's own; for who may approve, everybody's."""
    rows = ExportRequest.objects.select_related("asked_by", "decided_by")
    rights = rights_of(user)
    return rows if rights.allows(Permission.EXPORT_APPROVE) and rights.everything else rows.filter(asked_by=user)


def approvers_of_exports() -> list[User]:
    return reached_by(owner=None, department=None, permissions={Permission.EXPORT_APPROVE})


def is_over(approval: ExportRequest, at: datetime.datetime) -> bool:
    """Whether an approval is too old to be used."""
    days = settings_store.read(ExportRules).valid_days
    return approval.decided_at is not None and at - approval.decided_at > datetime.timedelta(days=days)


def anybody() -> bool:
    """Whether the product is set up."""
    return User.objects.exists()
