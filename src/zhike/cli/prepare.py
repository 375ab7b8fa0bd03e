"""What a start needs before the servers: tables up to date, static files in place."""

import hashlib

import click

from zhike.cli.product import product


@click.command()
def command() -> None:
    """Bring the tables and the static files up to date."""
    with product():
        _collect_static()


def _collect_static() -> None:
    from django.conf import settings
    from django.core.management import call_command

    digest = hashlib.sha256()
    for folder in settings.STATICFILES_DIRS:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{file}{file.stat().st_mtime_ns}".encode())
    stamp = settings.STATIC_ROOT / "stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())
