"""A company of the first version keeps everything when the product is upgraded, and when its old backup is restored."""

import secrets
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Installation, _administer

FIRST = "0002_database_promises"
COMPANY = f"""
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
call_command("migrate", "zhike", "{FIRST}", verbosity=0)
apps = MigrationExecutor(connection).loader.project_state([("zhike", "{FIRST}")]).apps
model = lambda name: apps.get_model("zhike", name)
import datetime
day = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
shop = model("Department").objects.create(name="滨江店")
li = model("User").objects.create(username="li", name="李雷", department=shop)
line = model("ProductLine").objects.create(name="保养")
oil = model("Product").objects.create(name="机油", code="P1", line=line)
for n in range(1, 4):
    customer = model("Customer").objects.create(
        name=f"张伟{{n}}", number=f"C{{n}}", phone=f"1380013800{{n}}", owner=li, department=shop, search=["旧词"], created_at=day,
        updated_at=day, profile={{"car": "思域"}}, provenance={{"name": {{"on": "2026-03-01"}}}},
        deleted_at=day if n == 3 else None,
    )
    order = model("Order").objects.create(customer=customer, order_no=f"D{{n}}", ordered_at=day, amount=100 * n, created_at=day)
    model("OrderLine").objects.create(order=order, product=oil, quantity=1, unit_price=100 * n, amount=100 * n)
    model("Interaction").objects.create(
        customer=customer, staff=li, kind="call", state="done", at=day, summary="回访", created_at=day
    )
model("ImportBatch").objects.create(kind="orders", file_name="a.csv", state="failed", problem='文件"坏"了', created_at=day)
model("FieldDefinition").objects.create(code="miles", label_zh="里程", label_en="Mileage", type="number", unit="公里")
run = model("Run").objects.create(as_of=day.date(), state="done", is_current=True, customers=2)
with connection.cursor() as cursor:
    cursor.execute(f"CREATE TABLE zhike_score_{{run.pk}} PARTITION OF zhike_score FOR VALUES IN ({{run.pk}})")
    cursor.execute(
        "INSERT INTO zhike_score "
        "(run_id, customer_id, as_of, orders, returns, revenue, margin, frequency, recency, age, clv, grade) "
        "SELECT %s, id, '2026-03-01', 1, 0, 100, 40, 0, 0, 10, 55.5, 'key' FROM zhike_customer", [run.pk])
"""
BACKUP = """
from pathlib import Path
from django.utils import timezone
from zhike.core import backup
backup.make(backup.connection_info(), Path({!r}), at=timezone.now())
"""
KEPT = {
    "SELECT count(*) FROM zhike_customer": 3,
    "SELECT sum(amount)::int FROM zhike_order": 600,
    "SELECT sum(amount)::int FROM zhike_orderline": 600,
    "SELECT count(*) FROM zhike_interaction WHERE summary = '回访'": 3,
    "SELECT profile ->> 'car' FROM zhike_customer WHERE number = 'C1'": "思域",
    "SELECT problem #>> '{}' FROM zhike_importbatch": '文件"坏"了',
    "SELECT unit_zh || unit_en FROM zhike_fielddefinition WHERE code = 'miles'": "公里km",
}
SCORES = {"SELECT sum(clv) FROM zhike_score": 166.5}  # until the next run
FOUND = """
from zhike.value.queries.customer_list import matching
from zhike.customers.models import Customer
found = [matching(Customer.objects.all(), text, frozenset())[0] for text in ("张伟", "zw", "1380013")]
print("found", [sorted(rows.values_list("number", flat=True)) for rows in found])
"""


# The upgrade, killed where `{name}` is done by half: the words of one page of customers, or the first operations of a migration.
KILLED = """
import os, signal
from django.core.management import call_command
from django.db.migrations.migration import Migration
from zhike.customers import tokens
real_apply, real_words = Migration.apply, tokens.of_many
pages = []
def words(rows):
    pages.append(rows)
    if len(pages) > 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return real_words(rows)
def apply(self, state, editor, collect_sql=False):
    if self.name == "{name}":
        real = self.operations[-1].database_forwards
        self.operations[-1].database_forwards = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    return real_apply(self, state, editor, collect_sql)
Migration.apply = apply
tokens.remake.__defaults__ = (1,)
if "{name}" == "0007_search_words_anew":
    tokens.of_many = words
call_command("migrate", verbosity=0)
"""
DONE = "SELECT count(*) FROM django_migrations WHERE app = 'zhike' AND name = '{}'"


@pytest.fixture
def bare(tmp_path: Path):
    """A home with a database without tables."""
    name = f"first_{secrets.token_hex(4)}"
    _administer(f"CREATE DATABASE {name}")
    home = tmp_path / "first"
    home.mkdir()
    yield Installation(home, name)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_upgrade_keeps_what_the_first_version_held(bare: Installation, installation: Installation, tmp_path: Path) -> None:
    backup = tmp_path / "old.zhike"
    bare.run("manage", "shell", "-c", COMPANY + BACKUP.format(str(backup)))
    assert bare.answer("value", "run", "--as-of", "2026-03-02")["customers"] == 2  # every command upgrades first
    installation.run("restore", str(backup))
    assert {query: installation.ask(query) for query in KEPT | SCORES} == KEPT | SCORES
    assert {query: bare.ask(query) for query in KEPT} == KEPT
    assert "found [['C1', 'C2', 'C3'], ['C1', 'C2', 'C3'], ['C1', 'C2', 'C3']]" in bare.run("manage", "shell", "-c", FOUND).stdout


@pytest.mark.long
def test_an_upgrade_killed_in_the_middle_goes_on_at_the_next_start(bare: Installation) -> None:
    """At the one migration that is not one transaction, and at one of each later piece of work."""
    bare.run("manage", "shell", "-c", COMPANY)
    for name in (
        "0007_search_words_anew",
        "0011_value_analyses",
        "0015_imports_problem_in_every_language",
        "0020_customers_units_in_both_languages",
    ):
        killed = bare.run("manage", "shell", "-c", KILLED.format(name=name), fails=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert bare.ask(DONE.format(name)) == 0
    assert bare.answer("value", "run", "--as-of", "2026-03-02")["customers"] == 2
    assert {query: bare.ask(query) for query in KEPT} == KEPT
    assert "found [['C1', 'C2', 'C3'], ['C1', 'C2', 'C3'], ['C1', 'C2', 'C3']]" in bare.run("manage", "shell", "-c", FOUND).stdout
