"""`zhike`: the command line. Commands that need the database are loaded only when called, so that `--help` is quick."""

import gc
import importlib
import os
import sys

import click

COMMANDS = {
    "up": ("zhike.cli.up", "Web server and worker in the foreground."),
    "import": ("zhike.cli.import_", "Customers and orders out of files."),
    "demo": ("zhike.cli.demo", "A made-up company to look around in."),
    "user": ("zhike.cli.user", "People: add, list, new password, open a lock."),
    "check": ("zhike.cli.check", "Whether the data hold together."),
    "backup": ("zhike.cli.backup", "The whole company into one file."),
    "restore": ("zhike.cli.restore", "A backup back into an empty home."),
    "value": ("zhike.cli.value", "What customers are worth: run the scoring."),
    "worker": ("zhike.cli.worker", "Background jobs alone, for production."),
    "prepare": ("zhike.cli.prepare", "Tables and static files up to date, for production."),
    "insight": ("zhike.cli.insight", "Customer analytics on files, without a database."),
    "manage": ("zhike.cli.manage", "Django's own commands, for developers."),
}


class LazyGroup(click.Group):
    """Imports the module of a command on first use; each module has a click command named `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        command.short_help = COMMANDS[name][1]
        return command


@click.group(cls=LazyGroup)
@click.version_option(package_name="zhike")
def cli() -> None:
    """Zhike 知客: know what each customer is worth and whom to call today."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.settings")
    # What is loaded stays: look for cycles in it seldom.
    gc.set_threshold(50_000, 20, 50)
    sys.exit(cli())


if __name__ == "__main__":
    main()
