"""Members of staff: joining, moving, being away, leaving."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, costly, needs, signed_in, without_key
from zhike.api.paging import filtered, page
from zhike.api.references import all_named, named
from zhike.api.schemas.base import Done
from zhike.api.schemas.me import AbsenceIn
from zhike.api.schemas.pages import Page, PageQuery
from zhike.api.schemas.teams import (
    ColleagueOut,
    ColleagueQuery,
    LeavingIn,
    NewPasswordIn,
    PersonIn,
    PersonOut,
    PersonPatch,
    PersonQuery,
    TrainingIn,
    TrainingOut,
)
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import Department, Role, User
from zhike.teams.queries import colleagues, people_editable_by

router = Router(tags=["people"])
LOOKUPS = {"department": "department", "role": "roles", "is_active": "is_active"}


@router.get("/colleagues", response=Page[ColleagueOut])
@signed_in
def list_colleagues(request: HttpRequest, query: Query[ColleagueQuery]) -> Any:
    """Who works here now: to choose an owner, a deputy, a successor from."""
    return page(request, filtered(_named_like(colleagues(), query.q), query, LOOKUPS), query, sort="id")


@router.get("/people", response=Page[PersonOut])
@needs(Permission.PEOPLE_EDIT)
def list_people(request: HttpRequest, query: Query[PersonQuery]) -> Any:
    """Those whom the caller administers, also people who left."""
    return page(request, filtered(_named_like(_editable(request), query.q), query, LOOKUPS), query, sort="id")


@router.get("/people/{int:person_id}", response=PersonOut)
@needs(Permission.PEOPLE_EDIT)
def read_person(request: HttpRequest, person_id: int) -> Any:
    return _editable(request).get(pk=person_id)


@router.post("/people", response={201: PersonOut})
@needs(Permission.PEOPLE_EDIT)
@without_key
def create_person(request: HttpRequest, data: PersonIn) -> Any:
    """They choose an own password at the first sign-in. Sign-in names are unique, so that a repeated request makes nobody twice."""
    fields = _resolved(data.model_dump())
    roles = fields.pop("roles")
    person = actions.create_person(actor=caller(request), roles=roles, **fields)
    return Status(201, person)


@router.patch("/people/{int:person_id}", response=PersonOut)
@needs(Permission.PEOPLE_EDIT)
def change_person(request: HttpRequest, person_id: int, data: PersonPatch) -> Any:
    fields = _resolved(data.given())
    return actions.change_person(actor=caller(request), person_id=person_id, **fields)


@router.post("/people/{int:person_id}/password", response={204: None})
@needs(Permission.PEOPLE_EDIT)
@costly
@without_key
def set_password(request: HttpRequest, person_id: int, data: NewPasswordIn) -> Any:
    """For somebody who forgot theirs; they choose an own one at the next sign-in."""
    actions.set_password(actor=caller(request), person_id=person_id, password=data.password)
    return Status(204, None)


@router.post("/people/{int:person_id}/unlock", response={204: None})
@needs(Permission.PEOPLE_EDIT)
def unlock(request: HttpRequest, person_id: int) -> Any:
    """Ends a lock after too many failed sign-ins."""
    actions.unlock(actor=caller(request), person_id=person_id)
    return Status(204, None)


@router.post("/people/{int:person_id}/end-sessions", response=Done)
@needs(Permission.PEOPLE_EDIT)
def end_sessions_of_person(request: HttpRequest, person_id: int) -> Any:
    return {"changed": actions.end_sessions(actor=caller(request), person=_editable(request).get(pk=person_id))}


@router.post("/people/{int:person_id}/remove-second-factor", response={204: None})
@needs(Permission.PEOPLE_EDIT)
def remove_second_factor(request: HttpRequest, person_id: int) -> Any:
    """For somebody who lost their phone; not for oneself."""
    actions.remove_second_factor(actor=caller(request), person_id=person_id)
    return Status(204, None)


@router.put("/people/{int:person_id}/absence", response=PersonOut)
@needs(Permission.PEOPLE_EDIT)
def plan_absence(request: HttpRequest, person_id: int, data: AbsenceIn) -> Any:
    deputy = named(colleagues(), data.deputy, "deputy")
    return actions.plan_absence(
        actor=caller(request), person_id=person_id, away_from=data.away_from, away_until=data.away_until, deputy=deputy
    )


@router.post("/people/{int:person_id}/leave", response=PersonOut)
@needs(Permission.PEOPLE_EDIT)
def end_employment(request: HttpRequest, person_id: int, data: LeavingIn) -> Any:
    """Signs the person out everywhere and shares their customers out among the successors, all or nothing."""
    successors = all_named(colleagues(), data.successors, "successors")
    return actions.end_employment(actor=caller(request), person_id=person_id, successors=successors, left_on=data.left_on)


@router.post("/people/{int:person_id}/rejoin", response=PersonOut)
@needs(Permission.PEOPLE_EDIT)
def rejoin(request: HttpRequest, person_id: int) -> Any:
    return actions.rejoin(actor=caller(request), person_id=person_id)


@router.get("/people/{int:person_id}/trainings", response=Page[TrainingOut])
@needs(Permission.PEOPLE_EDIT)
def list_trainings(request: HttpRequest, person_id: int, query: Query[PageQuery]) -> Any:
    return page(request, _editable(request).get(pk=person_id).trainings.all(), query)


@router.post("/people/{int:person_id}/trainings", response={201: TrainingOut})
@needs(Permission.PEOPLE_EDIT)
def add_training(request: HttpRequest, person_id: int, data: TrainingIn) -> Any:
    return Status(201, actions.add_training(actor=caller(request), person_id=person_id, **data.model_dump()))


@router.delete("/trainings/{int:training_id}", response={204: None})
@needs(Permission.PEOPLE_EDIT)
def remove_training(request: HttpRequest, training_id: int) -> Any:
    actions.remove_training(actor=caller(request), training_id=training_id)
    return Status(204, None)


def _editable(request: HttpRequest) -> QuerySet[User]:
    people = people_editable_by(caller(request))
    return people.select_related("department", "manager", "deputy").prefetch_related("roles")


def _named_like(people: QuerySet[User], text: str) -> QuerySet[User]:
    return people.filter(Q(name__icontains=text) | Q(username__icontains=text)) if text else people


def _resolved(fields: dict[str, Any]) -> dict[str, Any]:
    """Ids become the records that they name."""
    if "department" in fields:
        fields["department"] = named(Department.objects.all(), fields["department"], "department")
    if "manager" in fields:
        fields["manager"] = named(colleagues(), fields["manager"], "manager")
    if "roles" in fields:
        fields["roles"] = all_named(Role.objects.all(), fields["roles"], "roles")
    if "successors" in fields:
        fields["successors"] = all_named(colleagues(), fields["successors"], "successors")
    return fields
