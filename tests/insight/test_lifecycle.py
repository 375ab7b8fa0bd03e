from datetime import date

import ibis
import pyarrow as pa
import pytest

import zhike_insight as zi

FIRST = date(2024, 1, 1)


def customers(*rows):
    """Rows of (frequency, recency, age, p_alive, trend)."""
    return ibis.memtable(
        pa.table(
            {
                "customer_id": list(range(len(rows))),
                "frequency": pa.array([r[0] for r in rows], pa.int64()),
                "recency": [float(r[1]) for r in rows],
                "age": [float(r[2]) for r in rows],
                "p_alive": pa.array([r[3] for r in rows], pa.float64()),
                "trend": pa.array([r[4] for r in rows], pa.float64()),
                "first_on": pa.array([FIRST if r[0] >= 0 else None for r in rows], pa.date32()),
            }
        )
    )


def staged(*rows, **options):
    found = zi.stages(customers(*rows), **options).to_pyarrow().to_pylist()
    return sorted(found, key=lambda row: row["customer_id"])


@pytest.mark.parametrize(
    ("row", "stage"),
    [
        ((0, 0, 20, 1.0, None), "exploring"),
        ((0, 0, 70, 1.0, None), "declining"),  # the typical rhythm is 30 days
        ((0, 0, 130, 1.0, None), "lost"),
        ((2, 60, 70, 0.9, None), "forming"),
        ((8, 160, 170, 0.9, None), "forming"),  # often, but young
        ((20, 600, 620, 0.9, None), "stable"),
        ((20, 600, 620, 0.9, -0.5), "declining"),
        ((20, 600, 620, 0.4, None), "declining"),
        ((20, 600, 665, 0.9, None), "declining"),  # silent for 65 days with a rhythm of 30
        ((20, 600, 620, 0.1, None), "lost"),
        ((20, 600, 725, 0.9, 0.5), "lost"),
    ],
)
def test_stage(row, stage):
    others = [(10, 300, 310, 0.9, None)] * 4  # a rhythm of thirty days
    assert staged(row, *others)[0]["stage"] == stage


def test_silence_is_judged_against_the_own_rhythm():
    others = [(10, 300, 310, 0.9, None)] * 4
    weekly, yearly, *_ = staged((50, 350, 377, 0.9, None), (5, 1825, 1852, 0.9, None), *others)
    assert weekly["rhythm"] == pytest.approx((30 + 350) / 51)
    assert weekly["alarm"]
    assert weekly["silence_ratio"] == pytest.approx(27 * 51 / 380)
    assert not yearly["alarm"]
    assert yearly["stage"] == "stable"


def test_two_purchases_within_a_week_do_not_make_a_weekly_customer():
    others = [(10, 600, 610, 0.9, None)] * 4  # a rhythm of sixty days
    new, weekly, *_ = staged((1, 7, 46, 0.93, None), (30, 210, 249, 0.9, None), *others)
    assert (new["rhythm"], new["stage"], new["alarm"]) == (pytest.approx(67 / 2), "forming", False)
    assert (weekly["stage"], weekly["rhythm"]) == ("lost", pytest.approx(270 / 31))


def test_the_alarm_is_cautious_where_little_is_known():
    little, much = staged((2, 60, 60 + 85, 0.9, None), (30, 900, 900 + 85, 0.9, None))
    assert little["silence_ratio"] == pytest.approx(much["silence_ratio"], rel=0.1)
    assert little["silence_probability"] > 2 * much["silence_probability"]
    assert 0 < much["silence_probability"] < 1


def test_no_purchase_no_stage():
    nobody = staged((-1, 0, 0, None, None), (3, 30, 40, 0.9, None))[0]
    assert (nobody["stage"], nobody["alarm"], nobody["silence"]) == (None, False, None)


def test_when_nobody_bought_twice_there_is_no_rhythm_to_judge_by():
    alone = staged((0, 0, 900, 1.0, None))[0]
    assert (alone["stage"], alone["rhythm"], alone["silence_ratio"], alone["alarm"]) == ("exploring", None, None, False)


def test_thresholds_can_be_set():
    rules = zi.StageRules(declining_silence=1.1)
    assert staged((20, 600, 635, 0.9, None), rules=rules)[0]["stage"] == "declining"


def test_without_optional_columns():
    table = customers((3, 30, 200, 1.0, None)).drop("p_alive", "trend")
    assert zi.stages(table).to_pyarrow()["stage"].to_pylist() == ["lost"]


def test_trend_compares_two_half_years():
    table = zi.transactions(
        {
            "customer_id": [1, 1, 1, 2, 3, 3],
            "date": [date(2024, 1, 1), date(2025, 3, 1), date(2025, 12, 1), date(2025, 12, 1), date(2024, 1, 1), date(2025, 12, 1)],
            "amount": [5, 200, 100, 50, 7, 9],
        }
    )
    found = {row["customer_id"]: row for row in zi.trends(table, date(2025, 12, 31)).to_pyarrow().to_pylist()}
    assert (found[1]["recent"], found[1]["before"], found[1]["trend"]) == (100.0, 200.0, -0.5)
    assert found[2]["trend"] is None
    assert found[3]["trend"] is None


def test_transitions_and_stays():
    def run(stages):
        return ibis.memtable(pa.table({"customer_id": list(stages), "stage": list(stages.values())}))

    moves = zi.transitions(
        run({1: "stable", 2: "stable", 3: "stable", 4: "lost"}),
        run({1: "stable", 2: "declining", 3: "stable", 4: "lost", 5: "exploring"}),
    )
    found = {(row["before"], row["after"]): row for row in moves.to_pyarrow().to_pylist()}
    assert found["stable", "stable"]["customers"] == 2
    assert found["stable", "declining"]["share"] == pytest.approx(1 / 3)
    assert found[None, "exploring"]["customers"] == 1
    stays = {row["stage"]: row["stay"] for row in zi.expected_stays(moves, 30).to_pyarrow().to_pylist()}
    assert stays == {"stable": pytest.approx(90), "lost": None}
