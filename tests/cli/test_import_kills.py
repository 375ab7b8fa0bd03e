"""An import killed with -9, at every step it tells of and with every process: it is finished or it never was, never half, never
doubled. The controls take the one transaction away and must be seen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.conftest import Installation
from tests.cli.test_disk_full import Company, from_the_file, until
from zhike.core.embedded import DATABASE, SUPERUSER, socket_folder

ORDERS, CUSTOMERS = 600, 150
ROWS = "customer,date,product,amount\n" + "".join(
    f"K{n % CUSTOMERS},2024-01-{n % 28 + 1:02},机油,{n % 90}.50\n" for n in range(ORDERS)
)

# Every case runs in a process of its own, forked from one that has everything loaded.
CASES = """
import json, os, signal, sys, traceback
from pathlib import Path
import django; django.setup()
from django.db import connection, connections
from django.utils import timezone
from zhike.customers.imports import aside
from zhike.customers.imports.problems import FileProblem
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import actions, undoing
from zhike.sales.models import Order, OrderLine, Product
from zhike.teams.models import User

path = Path(sys.argv[1])
boss = User.objects.create(username="boss", name="老板", is_administrator=True)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def commit():
    "As a program would that writes in pieces."
    connection.connection.commit()

def bring(at, piecewise=False, kind="orders"):
    "Gives the number of steps told; with `at`, it never comes back from that step."
    steps = 0
    def tell(step, done, total):
        nonlocal steps
        steps += 1
        if steps == at:
            if piecewise:
                commit()
            die()
    batch = actions.open_path(actor=boss, kind=kind, path=path)
    actions.run_now(actor=boss, batch=batch, now=timezone.now(), tell=tell)
    return steps

def bring_and_die_before_anybody_knows():
    actions.memory.remember = lambda batch: die()
    bring(0)

def take_back(piecewise=False):
    after = undoing.undo_customers
    def killed(*positional, **named):
        if piecewise:
            commit()
        die()
    undoing.undo_customers = killed
    undoing.undo_import(actor=boss, batch=ImportBatch.objects.get(state="done"), now=timezone.now())

def killed(run, *arguments):
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            run(*arguments)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL

def found():
    done = ImportBatch.objects.filter(state="done").count()
    return done, Customer.objects.count(), Order.objects.count(), OrderLine.objects.count(), Product.objects.count()

def anew():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE zhike_importbatch, zhike_product CASCADE")

def once_more(kind="orders"):
    "What is there after the person has tried again."
    actions.close_interrupted()
    try:
        bring(0, kind=kind)
    except FileProblem as problem:
        assert problem.code == "imported_already", problem
    return found()

def case(name, run, *arguments):
    killed(run, *arguments)
    return {"name": name, "left": found(), "then": once_more()}

steps = bring(0)
whole = found()
results, controls = [], []
for at in range(1, steps + 1):
    anew()
    results.append(case(f"step {at} of {steps}", bring, at))
anew()
results.append(case("written but not told", bring_and_die_before_anybody_knows))
results.append(case("undo", take_back))
controls.append(case("undo in pieces", take_back, True))
for at in range(1, steps + 1):
    anew()
    controls.append(case(f"step {at} of {steps} in pieces", bring, at, True))

def roads():
    with connection.cursor() as cursor:
        cursor.execute(aside.SECONDARY)
        return sorted(cursor.fetchall(), key=str)

anew()
aside.WORTH, usual, gone, lost = 1, [one[1] for one in roads()], 0, []
steps = bring(0, kind="customers")
first = found()
for at in range(1, steps + 1):
    anew()
    killed(bring, at, False, "customers")
    gone += not roads()
    actions.close_interrupted()
    left, same = found(), sorted(one[1] for one in roads()) == sorted(usual)
    then = once_more("customers")
    if (left, same, then) != ((0, 0, 0, 0, 0), True, first):
        lost.append([at, left, same, then])
print(json.dumps({"first": first, "gone": gone, "lost": lost, "whole": whole, "killed": results, "in_pieces": controls}))
"""


def test_killed_at_any_step_it_is_whole_or_it_never_was(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ROWS)
    done = subprocess.run(
        [sys.executable, "-c", CASES, str(file)], env=installation.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    whole = told["whole"]
    assert whole[:4] == [1, CUSTOMERS, ORDERS, ORDERS]

    def half(case: dict[str, Any]) -> bool:
        return case["left"] not in ([0] * 5, whole) or case["then"] != whole

    assert len(told["killed"]) > 6
    assert [case for case in told["killed"] if half(case)] == []
    caught = [case["name"] for case in told["in_pieces"] if half(case)]
    assert caught[0] == "undo in pieces"
    assert len(caught) > 3, told["in_pieces"]  # before the first write there is nothing to commit
    assert (told["first"][:2], told["lost"]) == ([1, CUSTOMERS], [])  # the first large file of customers, indexes put aside
    assert told["gone"] > 3  # so many of the kills found them gone


# -- the whole product -----------------------------------------------------------------------------------------------------------

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{table}%' AND datname = '{name}'"
LARGE = "customer,date,amount\n" + "".join(f"{{part}}-{n % 300},2024-01-{n % 28 + 1:02},{n % 90}.50\n" for n in range(3000))
KILLS = [
    (victim, table)
    for victim, tables in {
        "worker": ("zhike_customer", "zhike_order", "zhike_auditentry"), "web": ("zhike_order",),
        "database": ("zhike_customer", "zhike_order", "zhike_auditentry"), "its connection": ("zhike_order",),
    }.items()
    for table in tables
]  # fmt: skip


@contextmanager
def stopped_at(company: Company, table: str) -> Iterator[psycopg.Connection]:
    """Whoever writes into the table waits."""
    connection = psycopg.connect(host=str(socket_folder(company.home)), user=SUPERUSER, dbname=DATABASE)
    try:
        connection.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield connection
    finally:
        connection.close()


def kill(company: Company, victim: str, table: str) -> None:
    if victim == "database":
        found = (company.home / "postgres" / "postmaster.pid").read_text().split()[0]
    elif victim == "its connection":
        blocked = BLOCKED.format(table=table, name=DATABASE).replace("count(*)", "min(pid)")
        found = company.ask(blocked)[0][0]
    else:
        command = {"worker": "zhike.cli.main worker", "web": "zhike.server zhike.wsgi"}[victim]
        every = subprocess.run(["pgrep", "-f", command], capture_output=True, text=True, check=True).stdout.split()
        found = next(pid for pid in every if f"ZHIKE_HOME={company.home}".encode() in Path(f"/proc/{pid}/environ").read_bytes())
    os.kill(int(found), signal.SIGKILL)


def uploaded(company: Company, text: str) -> Any:
    """Nothing while the server, killed before, is starting."""
    status, kept = company.upload(text)
    assert status in (0, 201), kept
    return kept


@pytest.mark.long
def test_whatever_process_is_killed_while_it_writes(tmp_path: Path) -> None:
    """The import stands still at its customers, its orders, its last line in the trail; then one process is killed."""
    company = Company(tmp_path)
    try:
        for number, (victim, table) in enumerate(KILLS):
            kept = until(lambda number=number: uploaded(company, LARGE.replace("{part}", f"P{number}")))
            with stopped_at(company, table):
                company.insist(f"/imports/{kept['id']}/start")
                until(lambda table=table: company.ask(BLOCKED.format(table=table, name=DATABASE))[0][0])
                kill(company, victim, table)
            ended = until(lambda kept=kept: company.ended(kept["id"]))
            before = from_the_file(company)
            if ended["state"] != "done":
                assert (ended["state"], before) in (("failed", number * 3000), ("uploaded", number * 3000)), (victim, table, ended)
                if ended["state"] == "failed":
                    company.insist(f"/imports/{kept['id']}/reopen")
                company.insist(f"/imports/{kept['id']}/start")
                ended = until(lambda kept=kept: company.ended(kept["id"]))
            people = company.ask(f"SELECT count(*) FROM zhike_customer WHERE number LIKE 'P{number}-%'")[0][0]
            assert (ended["state"], from_the_file(company), people) == ("done", (number + 1) * 3000, 300), (victim, table)
    finally:
        company.stop()
