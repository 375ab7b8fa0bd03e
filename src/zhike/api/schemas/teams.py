"""People, departments, roles."""

import datetime
from typing import Annotated

from ninja import Field, Schema

from zhike.api.schemas.base import Day, Id, Named, Strict
from zhike.api.schemas.me import Password
from zhike.api.schemas.pages import PageQuery
from zhike.teams.choices import Confidentiality, Language, Permission, Scope

Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=50)]


class DepartmentIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    parent: Id | None = None
    city: Annotated[str, Field(max_length=40)] = ""
    position: Annotated[int, Field(ge=0, le=100_000)] = 0


class DepartmentPatch(DepartmentIn):
    name: Annotated[str, Field(min_length=1, max_length=80)] = ""


class DepartmentOut(Schema):
    id: int
    name: str
    parent_id: int | None
    city: str
    position: int


class RoleIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    permissions: Annotated[list[Permission], Field(max_length=100)] = []
    scope: Scope = Scope.OWN
    clearance: Confidentiality = Confidentiality.PUBLIC


class RolePatch(RoleIn):
    name: Annotated[str, Field(min_length=1, max_length=60)] = ""


class RoleOut(Schema):
    id: int
    name: str
    permissions: list[str]
    scope: str
    clearance: str


class ColleagueQuery(PageQuery):
    q: Annotated[str, Field(max_length=60, description="Part of the name or of the sign-in name.")] = ""
    department: Id | None = None


class ColleagueOut(Schema):
    id: int
    name: str
    position: str
    department: Named | None


class PersonQuery(ColleagueQuery):
    role: Id | None = None
    is_active: bool | None = None


class PersonPatch(Strict):
    username: Annotated[str, Field(min_length=1, max_length=60)] = ""
    name: Annotated[str, Field(min_length=1, max_length=60)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    position: Annotated[str, Field(max_length=60)] = ""
    department: Id | None = None
    manager: Id | None = None
    roles: Annotated[list[Id], Field(max_length=50)] = []
    is_administrator: bool = False
    joined_on: Day | None = None
    skills: Words = []
    interests: Words = []
    language: Language = Language.CHINESE
    successors: Annotated[
        list[Id], Field(max_length=50, description="Who keeps the person's customers when they move to another department.")
    ] = []


class PersonIn(Strict):
    username: Annotated[str, Field(min_length=1, max_length=60)]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Password
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    position: Annotated[str, Field(max_length=60)] = ""
    department: Id | None = None
    manager: Id | None = None
    roles: Annotated[list[Id], Field(max_length=50)] = []
    is_administrator: bool = False
    joined_on: Day | None = None
    skills: Words = []
    interests: Words = []
    language: Language = Language.CHINESE


class PersonOut(Schema):
    id: int
    username: str
    name: str
    email: str
    phone: str
    position: str
    department: Named | None
    manager: Named | None
    deputy: Named | None
    away_from: datetime.date | None
    away_until: datetime.date | None
    roles: list[Named]
    is_administrator: bool
    is_active: bool
    joined_on: datetime.date | None
    left_on: datetime.date | None
    skills: list[str]
    interests: list[str]
    language: str


class LeavingIn(Strict):
    left_on: Day
    successors: Annotated[list[Id], Field(max_length=50)] = []


class NewPasswordIn(Strict):
    password: Password


class TrainingIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    held_on: Day
    result: Annotated[str, Field(max_length=60)] = ""


class TrainingOut(Schema):
    id: int
    name: str
    held_on: datetime.date
    result: str
