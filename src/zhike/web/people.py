"""Who asks."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from zhike.teams.models import User


def signed_in_person(request: HttpRequest) -> User:
    """The person behind a page that only signed-in people reach."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    user: User = request.user
    return user
