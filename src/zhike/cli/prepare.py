"""What a start needs before the servers: tables up to date, static files in place."""

import click

from zhike.cli.product import product


@click.command()
def command() -> None:
    """Bring the tables and the static files up to date."""
    with product():
        from django.core.management import call_command

        from zhike.cli import readiness

        unused = ["redoc.*"]
        call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=unused)
        readiness.note()
