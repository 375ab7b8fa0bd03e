from pathlib import Path

import click

from zhike.cli.product import answer, connection_info, product


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def command(file: Path, as_json: bool) -> None:
    """Write the whole company to FILE; can run while people work."""
    with product():
        from django.utils import timezone

        from zhike.core import backup

        try:
            manifest = backup.make(connection_info(), file, at=timezone.now())
        except (backup.BackupProblem, OSError) as problem:
            raise click.ClickException(str(problem)) from problem
    rows = sum(table.rows for table in manifest.tables.values())
    result = {"file": str(file.absolute()), "bytes": file.stat().st_size, "tables": len(manifest.tables), "rows": rows}
    answer(
        result, as_json=as_json, text=f"{rows:,} rows of {len(manifest.tables)} tables in {file} ({file.stat().st_size:,} bytes)."
    )
