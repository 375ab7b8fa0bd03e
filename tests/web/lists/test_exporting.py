"""Taking the list away as a file."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.web.lists.world import content, customer
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.teams.models import Role, User

pytestmark = pytest.mark.django_db


def test_an_export_has_the_columns_shown_in_the_order_shown_and_is_audited(
    client: Client, boss: User, many: list[Customer]
) -> None:
    client.force_login(boss)
    answer = client.post(
        "/lists/customers/export", {"query": "columns=region,name,orders&sort=-orders&region=上海", "all": "1", "kind": "csv"}
    )
    table = list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"))))
    assert len(table) == 1 + 7
    assert {row[0] for row in table[1:]} == {"上海"}
    assert [row[2] for row in table[1:]] == ["2", "2", "1", "1", "0", "0", ""]
    entry = AuditEntry.objects.get(verb="exported")
    assert (entry.actor, entry.object_type, entry.changes["rows"]) == (boss, "customers", [None, 7])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_exported_runs_as_a_formula(client: Client, boss: User, kind: str, tmp_path: Path) -> None:
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1"]
    for name in evil:
        customer(name, region="=1+1")
    client.force_login(boss)
    sent = client.post("/lists/customers/export", {"query": "columns=name,region", "all": "1", "kind": kind})
    table: Sequence[Sequence[Any]]
    if kind == "csv":
        table = list(csv.reader(io.StringIO(content(sent).decode("utf-8-sig"))))
    else:
        file = tmp_path / "list.xlsx"
        file.write_bytes(content(sent))
        table = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    cells = [cell for row in table[1:] for cell in row[:-1]]  # the last one stands below the mark
    assert len(cells) == 2 * len(evil)
    assert all(cell.startswith("'") for cell in cells)


def test_who_may_not_export_is_refused_and_nothing_is_written(client: Client, seller: User) -> None:
    customer("张伟", owner=seller)
    Role.objects.update(permissions=["customer.view"])
    client.force_login(seller)
    assert "list-export" not in client.get("/customers/").content.decode()
    assert client.post("/lists/customers/export", {"query": "", "all": "1", "kind": "csv"}).status_code == 403
    assert not AuditEntry.objects.filter(verb="exported").exists()
