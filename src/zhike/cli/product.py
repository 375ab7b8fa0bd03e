"""For commands that work on the product's data: start or join the database, bring the tables up to date, set up Django."""

import gc
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from zhike.cli.terminal import language


@contextmanager
def database() -> Iterator[None]:
    """Inside, the database answers. Leaves it as it was found: the last user of an embedded server stops it."""
    from zhike.core import home
    from zhike.core.embedded import DatabaseUnavailable, Embedded

    server = None
    try:
        if not os.environ.get("DATABASE_URL"):
            server = Embedded(home.path())
            server.ensure()
    except DatabaseUnavailable as problem:
        raise click.ClickException(str(problem)) from problem
    try:
        yield
    finally:
        if server:
            server.release()


@contextmanager
def product() -> Iterator[None]:
    """Database, Django, tables up to date."""
    with database():
        import django

        django.setup()
        from django.db import connections
        from django.utils.translation import gettext as _

        from zhike.core import outages

        migrate_if_needed()
        gc.freeze()  # the product stays to the end: when cycles are looked for, there too, it is left out
        try:
            yield
        except Exception as problem:
            if outages.is_disk_full(problem):
                raise click.ClickException(_("There is no room left on the disk. Make room and start again.")) from problem
            raise
        finally:
            connections.close_all()


@contextmanager
def at_terminal() -> Iterator[None]:
    """The product, speaking the language of the terminal."""
    with product():
        from django.conf import settings
        from django.utils.translation import override

        with override(language() or settings.LANGUAGE_CODE):
            yield


def migrate_if_needed() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from zhike.customers.imports import aside

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if "zhike_setting" in connection.introspection.table_names():
            aside.restore()  # a migration may speak of an index that a killed import put aside
        call_command("migrate", verbosity=0, interactive=False)


def answer(result: dict[str, Any], *, as_json: bool, text: str) -> None:
    """The command's result: one JSON object as the last line, or a sentence for people."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text)


def connection_info() -> dict[str, Any]:
    from zhike.core import backup

    return backup.connection_info()
