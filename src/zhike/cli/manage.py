import click

from zhike.cli.product import database


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Django's own commands (makemigrations, shell …), with the database running."""
    with database():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["zhike manage", *arguments])
