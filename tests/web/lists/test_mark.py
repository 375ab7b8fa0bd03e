"""Who took a list along stands in the file, and hinders nobody who brings it back."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.lists.world import content, customer
from zhike.core.models import AuditEntry
from zhike.customers.choices import DuplicatePolicy, ImportKind
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import actions as imports
from zhike.teams.models import User

pytestmark = pytest.mark.django_db
QUERY = "columns=name,phone,number,region"


def taken(client: Client, kind: str, folder: Path) -> Path:
    sent = client.post("/lists/customers/export", {"query": QUERY, "all": "1", "kind": kind})
    place = folder / f"renamed-{len([*folder.iterdir()])}.{kind}"
    place.write_bytes(content(sent))
    return place


def brought(actor: User, place: Path, **mapping: int) -> ImportBatch:
    batch = imports.open_path(actor=actor, kind=ImportKind.CUSTOMERS, path=place)
    if mapping:
        assert batch.mapping == mapping
    imports.set_mapping(actor=actor, batch=batch, mapping=batch.mapping, policy=DuplicatePolicy.UPDATE, options={"again": True})
    batch.refresh_from_db()
    imports.run_now(actor=actor, batch=batch, now=timezone.now())
    batch.refresh_from_db()
    return batch


def test_the_mark_says_who_when_how_many_and_which_line_of_the_trail(client: Client, boss: User, tmp_path: Path) -> None:
    User.objects.update(username="boss@shop.example", name="王, 芳")
    customer("张伟")
    client.force_login(User.objects.get())
    rows = list(csv.reader(io.StringIO(taken(client, "csv", tmp_path).read_text("utf-8-sig"))))
    entry = AuditEntry.objects.get(verb="exported")
    mark = rows[0][-1]
    assert mark.startswith(f"#{entry.pk} · ")
    assert all(word in mark for word in ("王", "boss", f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M}", "1 行"))
    assert not set(mark) & set(",;\t|@\"'")  # what parts columns, or looks like an address
    assert [row[-1] for row in rows[1:]] == [""]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_was_taken_along_comes_back_by_the_wizard(
    client: Client, boss: User, kind: str, language: str, tmp_path: Path
) -> None:
    User.objects.update(language=language)
    for n in range(3):
        customer(f"张伟{n}", phone=f"+861380013800{n}", number=f"K10{n}", region="上海")
    boss.refresh_from_db()
    client.force_login(boss)
    place = taken(client, kind, tmp_path)
    Customer.objects.update(region="杭州")
    batch = brought(boss, place, name=0, phone=1, number=2, customer_region=3)
    assert (batch.counts["rejected"], batch.counts["created"]["customers"], batch.counts["updated"]["customers"]) == (0, 0, 3)
    assert {*Customer.objects.values_list("region", flat=True)} == {"上海"}
    assert Customer.objects.count() == 3


def test_a_mapping_is_remembered_from_one_export_to_the_next(client: Client, boss: User, tmp_path: Path) -> None:
    customer("张伟", phone="+8613800138000", number="K100", region="上海")
    client.force_login(boss)
    batch = imports.open_path(actor=boss, kind=ImportKind.CUSTOMERS, path=taken(client, "csv", tmp_path))
    chosen: dict[str, Any] = {"name": 0, "number": 2}
    imports.set_mapping(actor=boss, batch=batch, mapping=chosen, policy=DuplicatePolicy.UPDATE, options={})
    batch.refresh_from_db()
    imports.run_now(actor=boss, batch=batch, now=timezone.now())
    again = imports.open_path(actor=boss, kind=ImportKind.CUSTOMERS, path=taken(client, "csv", tmp_path))
    assert again.mapping == chosen
