"""`zhike user` and `zhike check`, as whole processes."""

import pytest

from tests.cli.conftest import Installation

pytestmark = pytest.mark.slow
PASSWORD = "a long enough one"


def test_people_are_added_listed_and_given_a_password(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--admin" in installation.run("user", "add", "李雷", fails=True).stderr
    first = installation.answer("user", "add", "王敏", "--admin")
    assert (first["username"], first["admin"], len(first["password"]) >= 12) == ("wangmin", True, True)
    (role,) = installation.ask(
        "SELECT array_agg(name) FROM zhike_role WHERE 'customer.delete' <> ALL (permissions) AND scope = 'own'"
    )
    installation.run("user", "add", "Li Lei", "--role", role, "--password-stdin", given=f"{PASSWORD}\n")
    for language, said in (("zh_CN.UTF-8", "没有名为 x 的角色"), ("en_US.UTF-8", "There is no role x")):
        monkeypatch.setenv("LC_ALL", language)
        assert said in installation.run("user", "add", "X", "--role", "x", fails=True).stderr
    installation.run("user", "password", "li.lei", "--password-stdin", given="short\n", fails=True)
    people = {one["username"]: one for one in installation.answer("user", "list")["people"]}
    assert people["li.lei"]["roles"] == [role]
    assert people["wangmin"]["admin"]
    assert installation.ask("SELECT count(*) FROM zhike_auditentry WHERE channel = 'cli' AND object_type = 'user'") == 2


def test_check_finds_what_does_not_hold_together(installation: Installation) -> None:
    installation.run("user", "add", "王敏", "--admin")
    assert installation.answer("check")["ok"]
    installation.change(
        "INSERT INTO zhike_department (id, name, city, position) VALUES (1, 'a', '', 0), (2, 'b', '', 0)",
        "UPDATE zhike_department SET parent_id = 3 - id",
        "UPDATE zhike_user SET is_active = false",
    )
    done = installation.run("check", fails=True)
    assert "BAD departments form a tree: 2" in done.stdout
    assert "BAD there is an administrator" in done.stdout
    assert "ok  owners work here" in done.stdout
