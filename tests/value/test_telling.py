"""Who asked for a run or an analysis is told how it ended; of what the clock began, only what went wrong."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from tests.value import crowd, shop
from zhike.teams.models import Notice, User
from zhike.value import actions
from zhike.value.analyses.segments import computing
from zhike.value.choices import Rhythm, RunState
from zhike.value.models import Analysis

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
QUICK = {"segments": 3}


def told(person: User) -> list[str]:
    return list(person.notices.order_by("pk").values_list("kind", flat=True))


def test_who_asks_for_an_analysis_is_told_its_end_with_a_link(client: Client) -> None:
    crowd.scored()
    boss, other = shop.analyst(), shop.salesperson("li", "customer.view", "value.view", "value.run")
    asked = actions.request_analysis(actor=boss, kind="segments", options=QUICK)
    actions.carry_out_analysis(analysis_id=asked.pk)
    actions.carry_out_analysis(analysis_id=asked.pk)  # the job comes twice
    assert (told(boss), told(other)) == (["analysis.done"], [])
    client.force_login(boss)
    page = client.get("/notices/").content.decode()
    assert "“客户分群”分析已完成：90 位客户。" in page
    assert client.get(boss.notices.get().url).status_code == 200


def test_a_failure_is_told_in_words_and_so_is_that_there_is_too_little(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-06-01", 100)])
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    boss = shop.analyst()
    actions.carry_out_analysis(analysis_id=actions.request_analysis(actor=boss, kind="segments", options={}).pk)
    monkeypatch.setattr(computing, "compute", lambda *arguments: 1 / 0)
    asked = actions.request_analysis(actor=boss, kind="segments", options=QUICK)
    with pytest.raises(ZeroDivisionError):
        actions.carry_out_analysis(analysis_id=asked.pk)
    assert told(boss) == ["analysis.failed", "analysis.failed"]
    client.force_login(boss)
    page = client.get("/notices/").content.decode()
    assert "division by zero" in page
    assert "too_little" not in page


def test_who_is_cut_short_by_another_or_by_a_kill_is_told() -> None:
    crowd.scored()
    boss, other = shop.analyst(), User.objects.create(username="wang", is_administrator=True)
    mine = actions.request_analysis(actor=boss, kind="segments", options=QUICK)
    actions.request_cancel_analysis(actor=boss, analysis_id=mine.pk)
    assert told(boss) == []
    hers = actions.request_analysis(actor=boss, kind="segments", options=QUICK)
    actions.request_cancel_analysis(actor=other, analysis_id=hers.pk)
    Analysis.objects.create(kind="segments", state=RunState.RUNNING, started_by=other)
    actions.request_analysis(actor=boss, kind="segments", options=QUICK)  # finds what a killed process left behind
    assert (told(boss), told(other)) == (["analysis.cancelled"], ["analysis.failed"])


def test_of_what_the_clock_begins_only_a_failure_is_told_to_who_may_begin_it(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.scored()
    boss, seller = shop.analyst(), shop.salesperson("li", "customer.view", "value.view")
    actions.schedule_analysis(actor=boss, kind="segments", rhythm=Rhythm.WEEKLY)
    (first,) = actions.run_due_analyses(now=timezone.now())
    actions.carry_out_analysis(analysis_id=first.pk)
    assert Notice.objects.count() == 0
    (second,) = actions.run_due_analyses(now=timezone.now() + datetime.timedelta(days=8))
    monkeypatch.setattr(computing, "compute", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.carry_out_analysis(analysis_id=second.pk)
    assert (told(boss), told(seller)) == (["analysis.failed"], [])


def test_who_asks_for_a_value_run_is_told_and_the_night_tells_alarms_only(client: Client) -> None:
    people, _run = crowd.scored()
    boss = shop.analyst()
    asked = actions.request_run(actor=boss, as_of=crowd.DAY)
    actions.carry_out(run_id=asked.pk)
    actions.run_nightly(today=crowd.DAY)
    assert told(boss) == ["run.done"]
    shop.orders([(person, str(crowd.DAY), 90_000) for person in people[:60]])  # more than moves from one day to the next
    actions.run_nightly(today=crowd.DAY)
    notice = boss.notices.latest("pk")
    assert (notice.kind, notice.params["alarms"] > 0) == ("run.done", True)
    client.force_login(boss)
    assert client.get(notice.url).status_code == 200
    assert "条预警" in client.get("/notices/").content.decode()
