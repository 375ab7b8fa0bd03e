"""Decisions about people and sign-in that need no database."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from zhike.teams.choices import Confidentiality, Permission, Scope, StarterRole

P = Permission
SCOPES = list(Scope)
CLASSES = list(Confidentiality)


@dataclass(frozen=True)
class CompanyRules:
    """Who we are."""

    NAME: ClassVar[str] = "company"
    name: str = ""


@dataclass(frozen=True)
class SignInRules:
    """When guessing a password is stopped, whether everybody needs a second factor, and when a signed-in browser is signed out."""

    NAME: ClassVar[str] = "sign_in"
    failures: int = 5  # in a row under one name
    address_failures: int = 30  # from one address
    lock_minutes: int = 15
    second_factor_required: bool = False
    idle_minutes: int = 12 * 60
    session_days: int = 7  # at most, however busy


@dataclass(frozen=True)
class ExportRules:
    """How many rows a person may take along without asking, by the highest class that the file shows in plain."""

    NAME: ClassVar[str] = "exports"
    secret: int = 25
    confidential: int = 250
    internal: int = 2_500  # public too
    valid_days: int = 7  # an approval

    def free_rows(self, highest: Confidentiality) -> int:
        return {Confidentiality.SECRET: self.secret, Confidentiality.CONFIDENTIAL: self.confidential}.get(highest, self.internal)


@dataclass(frozen=True)
class Grant:
    """What a role gives."""

    permissions: tuple[P, ...]
    scope: Scope
    clearance: Confidentiality = Confidentiality.INTERNAL


_LOOK = (P.CUSTOMER_VIEW, P.ORDER_VIEW, P.VALUE_VIEW)
_SELL = (*_LOOK, P.CUSTOMER_CREATE, P.CUSTOMER_EDIT, P.CUSTOMER_REVEAL, P.INTERACTION_RECORD, P.ORDER_EDIT)
_LEAD = (
    P.CUSTOMER_DELETE,
    P.CUSTOMER_TRANSFER,
    P.CUSTOMER_MERGE,
    P.CUSTOMER_IMPORT,
    P.CUSTOMER_EXPORT,
    P.PRODUCT_EDIT,
    P.CREDIT_APPROVE,
    P.VIEW_SHARE,
)

STARTER_GRANTS = {
    StarterRole.SALESPERSON: Grant(_SELL, Scope.OWN, Confidentiality.CONFIDENTIAL),
    StarterRole.SALES_MANAGER: Grant((*_SELL, *_LEAD), Scope.DEPARTMENT_BELOW, Confidentiality.CONFIDENTIAL),
    StarterRole.SERVICE_AGENT: Grant((P.CUSTOMER_VIEW, P.ORDER_VIEW, P.INTERACTION_RECORD), Scope.ALL),
    StarterRole.MARKETER: Grant((*_LOOK, P.CUSTOMER_IMPORT, P.CUSTOMER_EXPORT, P.INTERACTION_RECORD, P.VIEW_SHARE), Scope.ALL),
    StarterRole.ANALYST: Grant(
        (*_LOOK, P.CUSTOMER_EXPORT, P.VALUE_RUN, P.CREDIT_APPROVE, P.VIEW_SHARE), Scope.ALL, Confidentiality.CONFIDENTIAL
    ),
    StarterRole.ADMINISTRATOR: Grant(tuple(P), Scope.ALL, Confidentiality.SECRET),
}


def highest_of(classes: Iterable[str]) -> Confidentiality:
    """The most confidential of them; internal when there is none."""
    return max(map(Confidentiality, classes), key=CLASSES.index, default=Confidentiality.INTERNAL)


def end_of_session(
    rules: SignInRules, started: datetime.datetime, seen: datetime.datetime, now: datetime.datetime
) -> Literal["", "idle", "age"]:
    """Why it is over; empty: it is not."""
    if now - started >= datetime.timedelta(days=rules.session_days):
        return "age"
    return "idle" if now - seen >= datetime.timedelta(minutes=rules.idle_minutes) else ""


def is_away(away_from: datetime.date | None, away_until: datetime.date | None, today: datetime.date) -> bool:
    return away_from is not None and away_from <= today and (away_until is None or today <= away_until)


def makes_a_cycle(parents: Mapping[int, int | None], moved: int, under: int | None) -> bool:
    """Whether putting `moved` under `under` would make it its own ancestor."""
    place = under
    for _step in range(len(parents) + 1):
        if place is None:
            return False
        if place == moved:
            return True
        place = parents.get(place)
    return True
