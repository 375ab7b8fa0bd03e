"""The same file sent twice and started at the same time, through whichever doors: it comes in once, and the other one is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone

if TYPE_CHECKING:
    from zhike.teams.models import User

ROWS = "customer,date,amount\n" + "".join(f"T{n % 100},2024-01-{n % 28 + 1:02},{n % 90}.50\n" for n in range(400))
DOORS = [("browser", "browser"), ("api", "api"), ("browser", "api")]


@pytest.fixture
def sender(transactional_db: None) -> User:
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="老板", is_administrator=True, language="en")


@pytest.fixture
def at_once() -> Any:
    """Runs these at the same moment, each with a connection of its own; gives what they answered."""

    def run(*tasks: Any) -> list[Any]:
        barrier = threading.Barrier(len(tasks))

        def one(task: Any) -> Any:
            barrier.wait(30)
            try:
                return task()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(tasks)) as pool:
            return list(pool.map(one, tasks))

    return run


def sent(user: User, door: str) -> tuple[int, Any]:
    """Uploads; gives the batch and the wish to start it."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    form = {"kind": "orders", "file": SimpleUploadedFile("orders.csv", ROWS.encode())}
    if door == "browser":
        address = client.post("/imports/", form).headers["Location"]
        mapping = {"c0": "number", "c1": "date", "c2": "amount", "policy": "update", "do": "run"}
        return int(address.strip("/").split("/")[-1]), lambda: client.post(address, mapping).status_code
    key = client.post("/api/imports", form).json()["id"]
    return key, lambda: client.post(f"/api/imports/{key}/start").status_code


def worked(batch: int) -> Any:
    from zhike.sales.imports import actions

    return lambda: actions.run_in_background(batch_id=batch, language="en", now=timezone.now())


@pytest.mark.parametrize("doors", DOORS, ids=" and ".join)
@pytest.mark.parametrize("protected", [True, False])
def test_the_same_file_through_two_doors_at_once(
    at_once: Any, sender: User, doors: tuple[str, str], protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the look for an earlier import everything is there twice."""
    from zhike.customers.imports import pipeline
    from zhike.customers.models import Customer, ImportBatch
    from zhike.sales.models import Order

    if not protected:
        monkeypatch.setattr(pipeline, "earlier_import", lambda batch: None)
    (one, start_one), (two, start_two) = (sent(sender, door) for door in doors)
    assert set(at_once(start_one, start_two)) <= {202, 302}
    at_once(worked(one), worked(two))
    assert Customer.objects.count() == 100
    if not protected:
        assert Order.objects.count() == 800
        return
    assert Order.objects.count() == 400
    done, refused = ImportBatch.objects.get(state="done"), ImportBatch.objects.get(state="failed")
    assert {done.pk, refused.pk} == {one, two}
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(sender)
    told = browser.get(f"/imports/{refused.pk}/").content.decode()
    assert f"This very file was imported already (import {done.pk})." in told
    assert f"(import {done.pk})" in browser.get(f"/api/imports/{refused.pk}").json()["problem"]


def test_one_import_started_and_worked_on_twice_is_done_once(at_once: Any, sender: User) -> None:
    from zhike.customers.models import ImportBatch
    from zhike.sales.models import Order

    key, start = sent(sender, "api")
    assert sorted(at_once(start, start)) == [202, 422]
    at_once(worked(key), worked(key))
    assert (Order.objects.count(), ImportBatch.objects.get().state) == (400, "done")
