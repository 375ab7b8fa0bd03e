"""A run scores everybody, writes back at once or not at all, and repeats itself exactly."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from tests.value import cdnow, shop
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.value import actions, queries, scoring, snapshot, writeback
from zhike.value.choices import RunState, Step
from zhike.value.journal import Cancelled, Journal
from zhike.value.models import Run, Score
from zhike.value.partitions import Partitions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]

CALIBRATION_END = datetime.date(1997, 9, 30)
DAY = datetime.date(2026, 6, 30)


def little_shop() -> list[Customer]:
    """Five customers: one regular and big, one regular, one who went quiet, one who bought once, one with returns."""
    people = shop.customers(5)
    big, steady, quiet, once, returner = people
    months = ["2025-12-10", *(f"2026-{month:02d}-10" for month in range(1, 7))]
    shop.orders([(big, day, 1000) for day in months] + [(steady, day, 100) for day in months])
    shop.orders([(quiet, f"2025-{month:02d}-01", 300) for month in range(1, 8)])
    shop.orders(
        [(once, "2026-06-01", 80), (returner, "2026-05-01", 200), (returner, "2026-05-20", 50), (returner, "2026-06-02", -200)]
    )
    return people


def test_cdnow_gives_the_published_parameters_end_to_end() -> None:
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=CALIBRATION_END)
    told = queries.summary_of(run)
    assert told["customers"] == 2357
    assert told["bgnbd"] == {
        "r": pytest.approx(0.2426, rel=0.005), "alpha": pytest.approx(4.4136, rel=0.005), "a": pytest.approx(0.7929, rel=0.005),
        "b": pytest.approx(2.4259, rel=0.005), "log_likelihood": pytest.approx(-9582.43, abs=0.5),
    }  # fmt: skip
    assert told["gamma_gamma"] == {
        "p": pytest.approx(6.25, rel=0.005), "q": pytest.approx(3.744, rel=0.005), "v": pytest.approx(15.44, rel=0.005),
    }  # fmt: skip
    assert sum(told["grades"].values()) == Score.objects.filter(run_id=run.pk).count() == 2357
    assert set(told["seconds"]) == set(Step.values)
    assert told["customer_equity"] == pytest.approx(sum(Score.objects.filter(run_id=run.pk).values_list("clv", flat=True)), abs=1)
    mistakes = Score.objects.filter(run_id=run.pk).exclude(clv_low__lte=0).extra(where=["NOT (clv_low <= clv AND clv <= clv_high)"])
    assert not mistakes.exists()


def test_each_customer_is_told_apart() -> None:
    big, steady, quiet, once, returner = little_shop()
    run = actions.run_scoring(actor=None, as_of=DAY)
    found = queries.scores_of([person.pk for person in (big, steady, quiet, once, returner)])
    assert (found[big.pk].grade, found[big.pk].stage, found[big.pk].orders) == ("key", "stable", 7)
    assert found[big.pk].rfm_class == "important_value"
    assert found[quiet.pk].stage == "lost"
    assert found[once.pk].stage == "exploring"
    assert (found[returner.pk].returns, found[returner.pk].revenue, found[returner.pk].frequency) == (1, 50, 1)
    assert found[steady.pk].rhythm_days == pytest.approx(30.321429)
    assert found[big.pk].margin == pytest.approx(7000 * 0.3)
    assert found[big.pk].earned_grade == "key"
    assert run.orders == Order.objects.count()


def test_with_too_little_data_for_the_models_the_rest_is_scored_and_the_report_says_why() -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-06-01", 100)])
    run = actions.run_scoring(actor=None, as_of=DAY)
    assert run.state == RunState.DONE
    assert run.models_fitted["bgnbd"]["problem"] == "not_enough_data"
    assert queries.summary_of(run)["bgnbd"] is None
    score = queries.score_of(li.pk)
    assert score is not None
    assert (score.grade, score.stage, score.clv, score.r_score) == ("key", "exploring", None, 1)
    assert run.customer_equity is None


def test_a_run_is_repeated_exactly_from_its_snapshot() -> None:
    little_shop()
    run = actions.run_scoring(actor=None, as_of=DAY)
    Order.objects.filter(kind="sale").update(amount=1)
    manifest = snapshot.pinned(run.report["facts"]["token"])
    assert manifest is not None
    again = scoring.score_everybody(run, manifest, Journal(run.pk))
    kept = list(
        Score.objects.filter(run_id=run.pk).order_by("customer_id").values("customer_id", "revenue", "p_alive", "clv", "grade")
    )
    repeated = again.scores.select(["customer_id", "revenue", "p_alive", "clv", "grade"]).to_pylist()
    assert [{**row, "revenue": float(row["revenue"])} for row in kept] == repeated


def test_deleted_customers_are_left_out_and_merged_ones_count_for_the_one_who_stays() -> None:
    big, steady, _quiet, once, _returner = little_shop()
    now = shop.noon("2026-06-30")
    Customer.objects.filter(pk=big.pk).update(deleted_at=now)
    Customer.objects.filter(pk=once.pk).update(deleted_at=now, merged_into=steady)
    actions.run_scoring(actor=None, as_of=DAY)
    found = queries.scores_of([big.pk, steady.pk, once.pk])
    assert set(found) == {steady.pk}
    assert (found[steady.pk].orders, found[steady.pk].revenue) == (8, 780)


def test_a_second_run_replaces_the_first_and_tells_who_moved() -> None:
    _big, _steady, _quiet, once, _returner = little_shop()
    first = actions.run_scoring(actor=None, as_of=DAY)
    shop.orders([(once, day, 60) for day in ("2026-07-01", "2026-07-15", "2026-07-29")])
    second = actions.run_scoring(actor=None, as_of=datetime.date(2026, 7, 31))
    first.refresh_from_db()
    assert (first.is_current, second.is_current) == (False, True)
    assert queries.current_run() == second
    assert second.report["movement"]["stage"]["exploring"] == {"forming": 1}
    assert sum(sum(row.values()) for row in second.report["movement"]["grade"].values()) == 5
    assert writeback.partitions() == {first.pk, second.pk}


def test_old_runs_let_go_of_their_scores() -> None:
    little_shop()
    actions.change_assumptions(actor=shop.analyst(), group=actions_rules().Assumptions, runs_kept=2)
    runs = [actions.run_scoring(actor=None, as_of=DAY) for _ in range(3)]
    assert writeback.partitions() == {run.pk for run in runs[1:]}
    assert Run.objects.count() == 3


def actions_rules() -> object:
    from zhike.value import rules

    return rules


def test_who_loses_contribution_keeps_the_grade_for_the_time_of_grace() -> None:
    rules = actions_rules()
    actions.change_assumptions(
        actor=shop.analyst(), group=rules.GradeRules, method="threshold", thresholds=(1000, 100, 10), grace_days=30
    )
    (li,) = shop.customers(1)
    (order,) = shop.orders([(li, "2026-06-01", 5000)])
    actions.run_scoring(actor=None, as_of=DAY)
    Order.objects.filter(pk=order.pk).update(amount=500)  # margin 150: important
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 7, 10))
    during = queries.score_of(li.pk)
    assert (during.grade, during.earned_grade, during.grace_until) == ("key", "important", datetime.date(2026, 7, 30))
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 7, 30))
    assert queries.score_of(li.pk).grade == "key"
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 7, 31))
    after = queries.score_of(li.pk)
    assert (after.grade, after.grace_until, after.grade_since) == ("important", None, datetime.date(2026, 7, 31))
    Order.objects.filter(pk=order.pk).update(amount=5000)
    actions.run_scoring(actor=None, as_of=datetime.date(2026, 8, 1))
    assert queries.score_of(li.pk).grade == "key"


def test_a_run_that_breaks_leaves_the_scores_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    little_shop()
    good = actions.run_scoring(actor=None, as_of=DAY)

    def breaks(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(Partitions, "_indexes", breaks)  # the partition is half made by then
    with pytest.raises(MemoryError):
        actions.run_scoring(actor=None, as_of=DAY)
    bad = Run.objects.exclude(pk=good.pk).get()
    assert (bad.state, bad.is_current) == (RunState.FAILED, False)
    assert "no room" in bad.problem
    assert queries.current_run() == good
    assert writeback.partitions() == {good.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = %s", [writeback.partition(bad.pk)])
        assert cursor.fetchone() == (0,)


def test_a_run_whose_worker_was_killed_is_taken_up_again() -> None:
    people = little_shop()
    run = Run.objects.create(as_of=DAY, state=RunState.RUNNING, progress=40)
    actions.carry_out(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.is_current, run.customers) == (RunState.DONE, True, len(people))
    actions.carry_out(run_id=run.pk)  # the job comes twice
    assert Run.objects.count() == 1


def test_a_run_left_behind_by_a_killed_process_is_marked_failed_by_the_next() -> None:
    little_shop()
    left = Run.objects.create(as_of=DAY, state=RunState.RUNNING)
    actions.run_scoring(actor=None, as_of=DAY)
    left.refresh_from_db()
    assert (left.state, left.problem) == (RunState.FAILED, "killed")


def test_a_run_can_be_cancelled_while_it_works() -> None:
    little_shop()
    analyst = shop.analyst()
    run = actions.request_run(actor=analyst, as_of=DAY)

    def cancels(step: str, per_cent: int) -> None:
        if step == Step.FIT:
            Run.objects.filter(pk=run.pk).update(cancel_requested=True)

    actions.carry_out(run_id=run.pk, progress=cancels)
    run.refresh_from_db()
    assert (run.state, run.is_current) == (RunState.CANCELLED, False)
    assert writeback.partitions() == set()


def test_a_waiting_run_is_cancelled_at_once_and_not_done_later() -> None:
    little_shop()
    analyst = shop.analyst()
    run = actions.request_run(actor=analyst, as_of=DAY)
    with pytest.raises(ValidationError):
        actions.request_run(actor=analyst, as_of=DAY)
    actions.request_cancel(actor=analyst, run_id=run.pk)
    actions.carry_out(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    with pytest.raises(ValidationError):
        actions.request_cancel(actor=analyst, run_id=run.pk)


def test_who_may_not_run_is_refused() -> None:
    seller = shop.salesperson("li", "customer.view", "value.view")
    with pytest.raises(PermissionDenied):
        actions.request_run(actor=seller, as_of=DAY)
    with pytest.raises(PermissionDenied):
        actions.run_scoring(actor=seller, as_of=DAY)
    with pytest.raises(PermissionDenied):
        actions.change_assumptions(actor=seller, group=actions_rules().GradeRules, grace_days=1)
    assert not Run.objects.exists()


def test_only_one_run_at_a_time_over_all_processes() -> None:
    import threading

    little_shop()
    caught: list[type[BaseException]] = []

    def second() -> None:
        try:
            actions.run_scoring(actor=None, as_of=DAY)
        except actions.RunUnderWay as problem:
            caught.append(type(problem))
        finally:
            connection.close()

    def starts_another(step: str, per_cent: int) -> None:
        if step == Step.FIT and not caught:
            other = threading.Thread(target=second)
            other.start()
            other.join()

    actions.run_scoring(actor=None, as_of=DAY, progress=starts_another)
    assert caught == [actions.RunUnderWay]


def test_cancelling_is_heard_between_two_batches_of_rows() -> None:
    run = Run.objects.create(as_of=DAY, cancel_requested=True)
    with pytest.raises(Cancelled), Journal(run.pk).step(Step.WRITE) as progress:
        progress(1, 2)


def test_the_back_test_of_cdnow_says_what_the_papers_say() -> None:
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=datetime.date(1998, 6, 30))
    told = run.report["back_test"]
    assert told["calibration_end"] == "1997-09-30"
    assert told["actual"] == pytest.approx(1882, rel=0.01)
    assert told["models"]["bgnbd"]["expected"] == pytest.approx(1653, rel=0.01)
    assert {"same_rate", "last_period", "all_equal"} == set(told["baselines"])
    assert sum(row["customers"] for row in told["by_frequency"]) == told["customers"]
    assert len(told["by_period"]) >= 77
