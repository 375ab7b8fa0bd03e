"""A backup brings the whole company back, or says why not."""

import tarfile
from pathlib import Path

from tests.cli.conftest import Installation

PEOPLE = "INSERT INTO zhike_department (name, city, position) SELECT '部门' || n, '杭州', n FROM generate_series(1, 50) n"


def fill(installation: Installation) -> None:
    installation.run("manage", "shell", "-c", f"from django.db import connection; connection.cursor().execute({PEOPLE!r})")
    (installation.home / "files").mkdir()
    (installation.home / "files" / "photo").write_bytes(b"a photo")


def test_a_backup_restores_into_an_empty_home(installation, tmp_path):
    fill(installation)
    made = installation.answer("backup", str(tmp_path / "company.zhike"))
    secret = (installation.home / "secret_key").read_text()
    installation.run("manage", "shell", "-c", "from zhike.teams.models import Department; Department.objects.all().delete()")
    (installation.home / "files" / "photo").unlink()
    restored = installation.answer("restore", str(tmp_path / "company.zhike"))
    assert restored["rows"] == made["rows"]
    assert installation.ask("SELECT count(*) FROM zhike_department") == 50
    assert (installation.home / "files" / "photo").read_bytes() == b"a photo"
    assert (installation.home / "secret_key").read_text() == secret


def test_a_company_is_not_overwritten_by_mistake(installation, tmp_path):
    installation.run("backup", str(tmp_path / "empty.zhike"))
    installation.run(
        "manage", "shell", "-c", "from zhike.teams.models import User; User.objects.create(username='li', name='李雷')"
    )  # fmt: skip
    refused = installation.run("restore", str(tmp_path / "empty.zhike"), fails=True)
    assert "--replace" in refused.stderr
    assert installation.ask("SELECT count(*) FROM zhike_user") == 1
    installation.run("restore", str(tmp_path / "empty.zhike"), "--replace")
    assert installation.ask("SELECT count(*) FROM zhike_user") == 0
    (tmp_path / "orders.csv").write_text("姓名,日期,金额\n李雷,2024-01-05,1\n")
    installation.run("import", "orders", str(tmp_path / "orders.csv"))  # customers, and nobody yet who signs in
    assert "--replace" in installation.run("restore", str(tmp_path / "empty.zhike"), fails=True).stderr
    assert installation.ask("SELECT count(*) FROM zhike_customer") == 1


def test_a_damaged_backup_changes_nothing(installation, tmp_path):
    fill(installation)
    whole, broken = tmp_path / "whole.zhike", tmp_path / "broken.zhike"
    installation.run("backup", str(whole))
    _flip_a_digest(whole, broken)
    refused = installation.run("restore", str(broken), fails=True)
    assert "damaged" in refused.stderr
    assert installation.ask("SELECT count(*) FROM zhike_department") == 50
    cut = tmp_path / "cut.zhike"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert installation.run("restore", str(cut), fails=True).stderr
    assert installation.ask("SELECT count(*) FROM zhike_department") == 50


def test_a_file_that_is_no_backup_is_refused(installation, tmp_path):
    other = tmp_path / "photo.jpg"
    other.write_bytes(b"\xff\xd8\xff not a backup")
    assert "not a readable backup" in installation.run("restore", str(other), fails=True).stderr


def _flip_a_digest(source: Path, target: Path) -> None:
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = old.extractfile(member)
            if member.name == "manifest.json" and content:
                text = content.read().decode().replace('"rows": 50', '"rows": 49', 1)
                changed = target.with_suffix(".json")
                changed.write_text(text)
                new.add(changed, "manifest.json")
            else:
                new.addfile(member, content)
