"""People from the command line: whoever can run it on the server acts as the company's first administrator."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from zhike.cli.product import answer, at_terminal

if TYPE_CHECKING:
    from zhike.teams.models import Department, Role, User

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")
PASSWORD = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not make one up.")


@click.group()
def command() -> None:
    """People: add, list, give a new password, open a lock."""


@command.command()
@click.argument("name")
@click.option("--username", help="Sign-in name; by default from the name.")
@PASSWORD
@click.option("--admin", is_flag=True, help="May do everything, everywhere.")
@click.option("--role", "roles", multiple=True, help="Name of a role; may be given several times.")
@click.option("--department", help="Name of a department.")
@JSON
def add(
    name: str,
    username: str | None,
    password_stdin: bool,
    admin: bool,
    roles: tuple[str, ...],
    department: str | None,
    as_json: bool,
) -> None:
    """A new person called NAME."""
    with at_terminal(), _said():
        from django.utils.translation import gettext as _

        given = _password() if password_stdin else secrets.token_urlsafe(12)
        person = _add(name, username or _username(name), given, admin, roles, department)
        result: dict[str, Any] = {"id": person.pk, "username": person.username, "name": person.name, "admin": admin}
        if not password_stdin:
            result["password"] = given
        words = {"name": person.name, "username": person.username, "password": given}
        text = (
            _("%(name)s signs in as %(username)s.")
            if password_stdin
            else _("%(name)s signs in as %(username)s with the password %(password)s")
        )
        answer(result, as_json=as_json, text=text % words)


@command.command("list")
@JSON
def list_people(as_json: bool) -> None:
    """Everybody, also who left."""
    with at_terminal():
        from django.utils.translation import gettext as _

        from zhike.teams.models import User

        people: list[dict[str, Any]] = [
            {
                "username": one.username, "name": one.name, "department": one.department.name if one.department else None,
                "roles": [role.name for role in one.roles.all()], "admin": one.is_administrator, "active": one.is_active,
            }
            for one in User.objects.select_related("department").prefetch_related("roles").order_by("-is_active", "username")
        ]  # fmt: skip
        all_of_it, gone = _("Administrator"), "  " + _("has left")
        lines = [
            f"{one['username']:<20} {one['name']}  {one['department'] or '-'}  "
            f"{all_of_it if one['admin'] else ', '.join(one['roles']) or '-'}{'' if one['active'] else gone}"
            for one in people
        ]
        answer({"people": people}, as_json=as_json, text="\n".join(lines) or _("Nobody yet."))


@command.command()
@click.argument("username")
@PASSWORD
@JSON
def password(username: str, password_stdin: bool, as_json: bool) -> None:
    """A new password for USERNAME; ends their sessions and opens a lock."""
    with at_terminal(), _said():
        from django.utils.translation import gettext as _

        from zhike.teams import actions

        given = _password() if password_stdin else secrets.token_urlsafe(12)
        person = actions.set_password(actor=_actor(), person_id=_person(username).pk, password=given)
        shown = {} if password_stdin else {"password": given}
        text = _("%(name)s has a new password.") if password_stdin else _("%(name)s has a new password: %(password)s")
        answer({"username": person.username} | shown, as_json=as_json, text=text % {"name": person.name, "password": given})


@command.command()
@click.argument("username")
@JSON
def unlock(username: str, as_json: bool) -> None:
    """Let USERNAME try again after too many wrong passwords."""
    with at_terminal(), _said():
        from django.utils.translation import gettext as _

        from zhike.teams import actions

        person = _person(username)
        actions.unlock(actor=_actor(), person_id=person.pk)
        answer({"username": person.username}, as_json=as_json, text=_("%(name)s can sign in again.") % {"name": person.name})


def _add(name: str, username: str, given: str, admin: bool, roles: tuple[str, ...], department: str | None) -> "User":
    from django.utils.translation import gettext as _

    from zhike.teams import actions
    from zhike.teams.queries import anybody

    if anybody():
        return actions.create_person(
            actor=_actor(), password=given, name=name, username=username, is_administrator=admin,
            roles=[_role(one) for one in roles], department=_department(department) if department else None,
        )  # fmt: skip
    if not admin:
        raise click.ClickException(_("The first person must be an administrator: add --admin."))
    return actions.found_company(company="", username=username, name=name, password=given)


def _actor() -> "User":
    from django.utils.translation import gettext as _

    from zhike.teams.models import User

    first = User.objects.filter(is_administrator=True, is_active=True).order_by("pk").first()
    if first is None:
        raise click.ClickException(_("There is no administrator yet: zhike user add NAME --admin"))
    return first


def _person(username: str) -> "User":
    from django.utils.translation import gettext as _

    from zhike.teams.models import User

    person = User.objects.filter(username__iexact=username).first()
    if person is None:
        raise click.ClickException(_("Nobody signs in as %(username)s.") % {"username": username})
    return person


def _role(name: str) -> "Role":
    from django.utils.translation import gettext as _

    from zhike.teams.models import Role

    found = Role.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Role.objects.values_list("name", flat=True))
        raise click.ClickException(_("There is no role %(name)s. There are: %(known)s.") % {"name": name, "known": known})
    return found


def _department(name: str) -> "Department":
    from django.utils.translation import gettext as _

    from zhike.teams.models import Department

    found = list(Department.objects.filter(name=name)[:2])
    if len(found) != 1:
        text = _("There is more than one department %(name)s.") if found else _("There is no department %(name)s.")
        raise click.ClickException(text % {"name": name})
    return found[0]


def _username(name: str) -> str:
    """lilei for 李雷, li.lei for Li Lei."""
    from pypinyin import lazy_pinyin

    words = "".join(lazy_pinyin(name)) if not name.isascii() else ".".join(name.split())
    return "".join(letter for letter in words.lower() if letter.isalnum() or letter in ".-_")


def _password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


@contextmanager
def _said() -> Iterator[None]:
    """A refusal of an action, said on standard error."""
    from django.core.exceptions import ValidationError

    try:
        yield
    except ValidationError as problem:
        raise click.ClickException(" ".join(problem.messages)) from problem
