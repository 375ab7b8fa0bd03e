"""What colleagues say about a customer, and who may be told of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from zhike.customers.models import Comment, Customer
from zhike.customers.queries.timeline import Event, hidden_kinds, source_of
from zhike.customers.rules.mentions import handles
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@dataclass(frozen=True)
class Colleague:
    person: User
    handle: str  # what stands behind the @


def comments_visible_to(user: User) -> QuerySet[Comment]:
    """Not those on orders for who may not see orders."""
    return Comment.objects.visible_to(user).exclude(on__in=hidden_kinds(user))


def comments_on(user: User, customer_id: int, events: Iterable[Event]) -> dict[tuple[str, int], list[Comment]]:
    """By the entry they are on, the oldest first; of deleted ones only one's own, which can be brought back. One query."""
    wanted: dict[str, list[int]] = {}
    for event in events:
        wanted.setdefault(event.kind, []).append(event.key)
    if not wanted:
        return {}
    entries = Q()
    for kind, keys in wanted.items():
        entries |= Q(on=kind, on_id__in=keys)
    rows = Comment.objects.filter(entries, Q(deleted_at=None) | Q(by=user), customer_id=customer_id)
    found: dict[tuple[str, int], list[Comment]] = {}
    for row in rows.select_related("by").order_by("at", "pk"):
        found.setdefault((row.on, row.on_id or 0), []).append(row)
    return found


def who_may_see(customer: Customer, on: str = "") -> list[User]:
    """Everybody who sees the customer, and the kind of entry: who may be told of a comment on it."""
    source = source_of(on)
    wanted = {Permission.CUSTOMER_VIEW} | ({source.right} if source and source.right else set())
    shared = customer.shares.values_list("user_id", flat=True)
    return access.reached_by(owner=customer.owner_id, department=customer.department_id, permissions=wanted, also=set(shared))


def called() -> dict[int, str]:
    """Everybody's handle."""
    return handles(User.objects.filter(is_active=True).values_list("pk", "name", "username"))


def mentionable(user: User, customer: Customer, text: str, on: str = "", most: int = 8) -> list[Colleague]:
    """Whom to propose while somebody types behind an @: by name, sign-in name or a part of them."""
    typed, names = text.strip().lower(), called()
    fits = [
        Colleague(person, names[person.pk]) for person in who_may_see(customer, on)
        if person.pk != user.pk and (typed in person.name.lower() or person.username.lower().startswith(typed))
    ]  # fmt: skip
    fits.sort(key=lambda one: (not one.person.name.lower().startswith(typed), one.handle))
    return fits[:most]
