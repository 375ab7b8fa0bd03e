"""A start brings tables and static files up to date only where something changed since the last one."""

import shutil
import subprocess
import sys

from tests.cli.conftest import Installation


def is_ready(installation: Installation) -> bool:
    asked = "from zhike.cli import readiness; raise SystemExit(not readiness.is_ready())"
    return subprocess.run([sys.executable, "-c", asked], env=installation.environment, check=False).returncode == 0


def test_a_start_prepares_once_and_again_after_an_upgrade_or_a_restored_backup(installation):
    assert not is_ready(installation)
    installation.run("prepare")
    assert is_ready(installation)
    assert (installation.home / "static" / "staticfiles.json").exists()
    shutil.rmtree(installation.home / "static")
    assert not is_ready(installation)
    installation.run("prepare")
    assert is_ready(installation)
    installation.change(
        "DELETE FROM django_migrations WHERE name = (SELECT max(name) FROM django_migrations WHERE app = 'otp_totp')"
    )
    assert not is_ready(installation)


def test_a_database_that_does_not_answer_is_not_ready(installation):
    installation.run("prepare")
    gone = Installation(installation.home, "no_such_database")
    assert not is_ready(gone)
