import secrets
import time
from typing import TYPE_CHECKING

import click

from zhike.cli.product import answer, product

if TYPE_CHECKING:
    from zhike.teams.models import User


@click.command()
@click.option("--small", is_flag=True, help="400 customers instead of 8,000.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")
def command(small: bool, as_json: bool) -> None:
    """A made-up chain of car-service shops, to look around in: staff, customers, three years of orders."""
    with product():
        from django.core.exceptions import ValidationError
        from django.utils import timezone

        from zhike.care.actions import finish_demo, load_demo_company
        from zhike.teams.actions import found_company

        began = time.monotonic()
        password = secrets.token_urlsafe(9)
        say = (lambda step, percent: None) if as_json else (lambda step, percent: click.echo(f"{percent:3d} %  {step}"))
        try:
            found, today = _administrator(), timezone.localdate()
            actor = found or found_company(company="顺途养车", username="admin", name="系统管理员", password=password)
            report = load_demo_company(actor=actor, as_of=today, password=password, small=small, progress=say)
            finish_demo(actor=actor, on=today, progress=say)
        except ValidationError as refused:
            raise click.ClickException("; ".join(refused.messages)) from refused
        answer(
            {
                "customers": report.customers, "orders": report.orders, "interactions": report.interactions,
                "people": report.people, "password": password, "seconds": round(time.monotonic() - began, 1),
            },
            as_json=as_json,
            text=f"{report.customers} customers, {report.orders} orders, {report.interactions} interactions.\n"
            f"Sign in as {report.people[0]} (the owner), {report.people[3]} (a manager) or {report.people[6]} (an adviser)\n"
            f"with the password {password} . It is shown only here.\n"
            f"Settings and backups are open to the administrator, {actor.username}{'' if found else ', with the same password'}.",
        )  # fmt: skip


def _administrator() -> "User | None":
    """Who answers for the load; on a machine where nobody exists yet, nobody."""
    from zhike.teams.models import User

    return User.objects.filter(is_administrator=True, is_active=True).order_by("pk").first()
