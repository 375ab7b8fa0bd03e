import fcntl
from pathlib import Path

import click

from zhike.cli.product import answer, connection_info, database, migrate_if_needed


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace the company that this home already holds.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def command(file: Path, replace: bool, as_json: bool) -> None:
    """Bring a backup back, checked table by table. Zhike must not be running."""
    from zhike.core import backup, home

    with (home.path() / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("Zhike runs with this home. Stop it before restoring.") from None
        with database():
            import django

            django.setup()
            _refuse_to_overwrite(replace)
            from django.db import connections

            connections.close_all()
            try:
                manifest = backup.restore(connection_info(), file)
            except (backup.BackupProblem, OSError) as problem:
                raise click.ClickException(str(problem)) from problem
            migrate_if_needed()
            connections.close_all()
    rows = sum(table.rows for table in manifest.tables.values())
    result = {"made_at": manifest.made_at, "version": manifest.version, "tables": len(manifest.tables), "rows": rows}
    answer(result, as_json=as_json, text=f"Restored {rows:,} rows of {len(manifest.tables)} tables, as of {manifest.made_at}.")


def _refuse_to_overwrite(replace: bool) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('zhike_user') IS NOT NULL")
        (exists,) = cursor.fetchone()
        if exists:  # customers come by the command line also before there is anybody who signs in
            cursor.execute("SELECT EXISTS (SELECT 1 FROM zhike_user) OR EXISTS (SELECT 1 FROM zhike_customer)")
            (exists,) = cursor.fetchone()
    if exists and not replace:
        raise click.ClickException("This home already holds a company. Add --replace to put the backup in its place.")
