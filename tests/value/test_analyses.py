"""An analysis becomes current at once or not at all, whatever happens to it; its findings are seen like their customers."""

import datetime
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from tests.value import crowd, shop
from zhike.core import queue
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.value import actions, queries, snapshot, writeback
from zhike.value.analyses import asks
from zhike.value.analyses.kinds import KINDS
from zhike.value.analyses.segments import computing
from zhike.value.choices import Rhythm, RunState
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
QUICK = {"segments": 3}


def current_findings(kind: str = "segments") -> Any:
    found = queries.current_analysis(kind)
    assert found is not None
    return Finding.objects.filter(analysis_id=found.pk)


def test_an_analysis_is_asked_for_carried_out_and_current() -> None:
    crowd.scored()
    boss = shop.analyst()
    asked = actions.request_analysis(actor=boss, kind="segments", options=QUICK)
    assert asked.state == RunState.WAITING
    assert {"analysis_id": asked.pk} in queue.unfinished("value.analyse")
    said: list[tuple[str, int]] = []
    actions.carry_out_analysis(analysis_id=asked.pk, progress=lambda step, per_cent: said.append((step, per_cent)))
    done = queries.current_analysis("segments")
    assert done is not None
    assert (done.pk, done.state, done.progress, done.as_of, done.customers) == (asked.pk, RunState.DONE, 100, crowd.DAY, 90)
    assert [per_cent for _step, per_cent in said] == sorted(per_cent for _step, per_cent in said)
    assert {step for step, _per_cent in said} == {"facts", "compute", "write"} == set(done.seconds)
    assert current_findings().count() == 90
    assert sum(row["customers"] for row in done.report["sums"]) == 90
    assert AuditEntry.objects.filter(verb="ran", object_type="analysis", object_id=done.pk).exists()


def test_nothing_is_analysed_before_customers_were_scored_and_nobody_without_the_right_asks() -> None:
    boss = shop.analyst()
    with pytest.raises(ValidationError):
        actions.request_analysis(actor=boss, kind="segments", options={})
    crowd.scored()
    seller = shop.salesperson("li", "customer.view", "value.view")
    for verb in (
        lambda: actions.request_analysis(actor=seller, kind="segments", options={}),
        lambda: actions.run_analysis(actor=seller, kind="segments", options={}),
        lambda: actions.schedule_analysis(actor=seller, kind="segments", rhythm="weekly"),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    with pytest.raises(ValidationError):
        actions.request_analysis(actor=boss, kind="horoscope", options={})
    assert not Analysis.objects.exists()


@pytest.mark.parametrize(("given", "field"), [
    ({"segments": 13}, "segments"), ({"segments": 1}, "segments"), ({"segments": "viele"}, "segments"),
    ({"segments": 2.5}, "segments"),
    ({"segments": float("nan")}, "segments"), ({"method": "astrology"}, "method"), ({"features": ["recency"]}, "features"),
    ({"features": 7}, "features"),
   ({"features": ["recency", "height"]}, "features"), ({"fields": ["secret"]}, "fields"),
    ({"colour": "red"}, "colour"),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.request_analysis(actor=shop.analyst(), kind="segments", options=given)
    assert list(refused.value.message_dict) == [field]


def test_options_are_read_from_texts_as_from_values() -> None:
    options = KINDS["segments"].options
    assert asks.read(options, {"segments": "4", "features": "recency, revenue"}) == asks.read(
        options, {"segments": 4, "features": ["recency", "revenue"]}
    )
    assert asks.restored(options, {**asks.kept(asks.read(options, {"segments": 4})), "gone": 1}).segments == 4  # type: ignore[attr-defined]


def test_while_one_waits_another_of_its_kind_is_refused_even_at_the_same_moment() -> None:
    crowd.scored()
    boss = shop.analyst()
    results: list[str] = []
    start = threading.Barrier(2)

    def ask() -> None:
        start.wait()
        try:
            actions.request_analysis(actor=boss, kind="segments", options=QUICK)
            results.append("asked")
        except ValidationError as refused:
            results.append(next(iter(refused.message_dict)))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["asked", "kind"]
    (asked,) = Analysis.objects.all()
    assert {"analysis_id": asked.pk} in queue.unfinished("value.analyse")


def test_a_waiting_one_is_cancelled_at_once_and_a_working_one_where_it_next_looks() -> None:
    crowd.scored()
    boss = shop.analyst()
    waiting = actions.request_analysis(actor=boss, kind="segments", options=QUICK)
    actions.request_cancel_analysis(actor=boss, analysis_id=waiting.pk)
    actions.carry_out_analysis(analysis_id=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == RunState.CANCELLED
    working = actions.request_analysis(actor=boss, kind="segments", options=QUICK)

    def cancel(step: str, per_cent: int) -> None:
        if step == "compute":
            Analysis.objects.filter(pk=working.pk).update(cancel_requested=True)

    actions.carry_out_analysis(analysis_id=working.pk, progress=cancel)
    working.refresh_from_db()
    assert (working.state, writeback.FINDINGS.known(), queries.current_analysis("segments")) == (RunState.CANCELLED, set(), None)
    with pytest.raises(ValidationError):
        actions.request_cancel_analysis(actor=boss, analysis_id=working.pk)


def test_a_failure_leaves_the_current_one_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.scored()
    first = actions.run_analysis(actor=None, kind="segments", options=QUICK)
    monkeypatch.setattr(computing, "_findings", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.run_analysis(actor=None, kind="segments", options=QUICK)
    assert queries.current_analysis("segments") == first
    failed = queries.history("segments").first()
    assert failed is not None
    assert (failed.state, failed.problem) == (RunState.FAILED, "ZeroDivisionError: division by zero")
    assert writeback.FINDINGS.known() == {first.pk}


def test_too_little_to_analyse_is_said_and_no_fault_of_the_product() -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-06-01", 100)])
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    done = actions.run_analysis(actor=None, kind="segments", options={})
    assert (done.state, done.problem, queries.current_analysis("segments")) == (RunState.FAILED, "too_little", None)


def test_customers_who_are_all_alike_are_no_segments() -> None:
    shop.orders([(person, "2026-06-01", 100) for person in shop.customers(60)])
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    done = actions.run_analysis(actor=None, kind="segments", options={})
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")


KILLED = """
import django, os, signal, sys
django.setup()
from zhike.value import actions
from zhike.value.analyses import working
whole = working.{function}
def killed(*arguments):
    if {after}: whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
working.{function} = killed
actions.carry_out_analysis(analysis_id=int(sys.argv[1]))
"""


@pytest.mark.parametrize(("function", "after"), [("material_of", False), ("_store", True)])
def test_one_whose_worker_is_killed_leaves_nothing_and_is_done_again(function: str, after: bool) -> None:
    crowd.scored()
    asked = actions.request_analysis(actor=shop.analyst(), kind="segments", options=QUICK)
    code = KILLED.format(function=function, after=after)
    database = os.environ["DATABASE_URL"].replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    environment = {**os.environ, "DATABASE_URL": database}
    ended = subprocess.run([sys.executable, "-c", code, str(asked.pk)], env=environment, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    asked.refresh_from_db()
    assert (asked.state, writeback.FINDINGS.known()) == (RunState.RUNNING, set())
    actions.carry_out_analysis(analysis_id=asked.pk)
    assert queries.current_analysis("segments") == asked
    assert current_findings().count() == 90


def test_what_a_killed_shell_left_behind_stands_in_nobodys_way() -> None:
    crowd.scored()
    dead = Analysis.objects.create(kind="segments", state=RunState.RUNNING)
    asked = actions.request_analysis(actor=shop.analyst(), kind="segments", options=QUICK)
    dead.refresh_from_db()
    assert (dead.state, dead.problem, asked.state) == (RunState.FAILED, "killed", RunState.WAITING)


def test_who_sees_some_customers_sees_their_findings_and_their_sums_only() -> None:
    people, _run = crowd.scored()
    seller = shop.salesperson("li", "customer.view", "value.view")
    blind = shop.salesperson("wu", "customer.view")
    Customer.objects.filter(pk__in=[one.pk for one in people[:3]]).update(owner=seller)
    done = actions.run_analysis(actor=None, kind="segments", options=QUICK)
    assert queries.findings(seller, done).count() == 3
    assert sum(row["customers"] for row in queries.group_sums(seller, done)) == 3
    assert sum(row["revenue"] for row in queries.group_sums(shop.analyst(), done)) > sum(
        row["revenue"] for row in queries.group_sums(seller, done)
    )
    assert (queries.findings(blind, done).count(), queries.said_of(blind, people[0].pk)) == (0, [])
    (said,) = queries.said_of(seller, people[0].pk)
    assert said.label
    assert said.sentence


def test_history_keeps_the_last_twelve_and_those_that_a_person_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhike.value.analyses.working.DONE_KEPT", 2)
    crowd.scored()
    boss = shop.analyst()
    first, *later = (actions.run_analysis(actor=boss, kind="segments", options=QUICK) for _ in range(2))
    actions.keep_analysis(actor=boss, analysis_id=first.pk, kept=True)
    later += [actions.run_analysis(actor=boss, kind="segments", options=QUICK) for _ in range(2)]
    kept = {first.pk, later[-1].pk, later[-2].pk}
    assert set(Analysis.objects.values_list("pk", flat=True)) == kept == writeback.FINDINGS.known()


def test_the_clock_asks_for_what_is_due_with_the_options_of_last_time() -> None:
    crowd.scored()
    boss, now = shop.analyst(), timezone.now()
    assert actions.run_due_analyses(now=now) == []
    actions.schedule_analysis(actor=boss, kind="segments", rhythm=Rhythm.WEEKLY)
    done = actions.run_analysis(actor=boss, kind="segments", options={"segments": 4})
    assert actions.run_due_analyses(now=now + datetime.timedelta(days=6)) == []
    (asked,) = actions.run_due_analyses(now=now + datetime.timedelta(days=7))
    assert (asked.options, asked.started_by, asked.state) == (done.options, None, RunState.WAITING)
    with pytest.raises(ValidationError):
        actions.schedule_analysis(actor=boss, kind="segments", rhythm="hourly")


def test_a_deleted_customer_is_in_no_list_of_findings() -> None:
    people, _run = crowd.scored()
    done = actions.run_analysis(actor=None, kind="segments", options=QUICK)
    Customer.objects.filter(pk=people[0].pk).update(deleted_at=timezone.now())
    assert queries.findings(shop.analyst(), done).count() == 89
    again = actions.run_analysis(actor=None, kind="segments", options=QUICK)
    assert Finding.objects.filter(analysis_id=again.pk).count() == 89


def test_the_facts_of_a_kept_analysis_stay_and_those_of_an_old_one_go() -> None:
    people, _run = crowd.scored()
    boss = shop.analyst()
    tokens = []
    for day in ("2026-06-01", "2026-06-02", "2026-06-03"):
        shop.orders([(people[0], day, 100)])
        done = actions.run_analysis(actor=boss, kind="segments", options=QUICK)
        done.refresh_from_db()
        tokens.append(done.facts)
    actions.keep_analysis(actor=boss, analysis_id=Analysis.objects.earliest("pk").pk, kept=True)
    for day in ("2026-06-04", "2026-06-05", "2026-06-06"):
        shop.orders([(people[0], day, 100)])
        actions.run_scoring(actor=None, as_of=crowd.DAY)
    assert [snapshot.pinned(token) is not None for token in tokens] == [True, False, True]  # kept, old, current
