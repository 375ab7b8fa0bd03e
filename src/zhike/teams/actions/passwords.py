"""What a password must be, said as a problem of its field."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from zhike.teams.models import User


def check_password_rules(password: str, person: User, field: str = "password") -> None:
    try:
        validate_password(password, person)
    except ValidationError as problem:
        raise ValidationError({field: problem.messages}) from problem
