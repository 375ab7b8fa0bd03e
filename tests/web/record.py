"""Who works at the record, whom they enter, and what a page says."""

from django.http import HttpResponse
from django.utils import timezone

from tests.teams.company import person, role
from zhike.customers import actions
from zhike.customers.models import Customer
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import User

SELLING = [Permission.CUSTOMER_VIEW, Permission.CUSTOMER_CREATE, Permission.CUSTOMER_EDIT, Permission.INTERACTION_RECORD]
MOBILE = "13800138000"


def seller(name: str, *more: Permission, scope: Scope = Scope.OWN) -> User:
    """Without the clearance to see phones in plain."""
    found = person(name, language="en")
    found.roles.add(role([*SELLING, *more], scope=scope, clearance=Confidentiality.INTERNAL))
    return found


def made(actor: User, name: str = "张伟", **values: object) -> Customer:
    return actions.create_customer(actor=actor, values={"name": name, **values}, at=timezone.now())


def text(answer: HttpResponse) -> str:
    return answer.content.decode()
