"""Runs decide by arrays, so that one customer is scored without loading the engine; the library decides by tables. Both agree."""

import datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings, strategies as st

import zhike_insight as zi
from zhike.value import standing
from zhike.value.choices import GradeMethod
from zhike.value.previous import GRADES, NONE, STAGES, Standing
from zhike.value.rfm_cuts import RfmCuts, score_by_cuts
from zhike.value.rules import GradeRules, StageRules

DAY = datetime.date(2026, 6, 30)
TODAY = (DAY - datetime.date(1970, 1, 1)).days
FEW = settings(max_examples=10)
money = st.integers(-50, 200).map(float)
shares = st.sampled_from([(0.5, 0.8, 0.95), (0.2, 0.5, 0.9), (0.05, 0.1, 1.0)])
thresholds = st.sampled_from([(100.0, 50.0, 10.0), (30.0, 20.0, 0.0), (190.0, 1.0, 0.5)])


def table_of(result: ibis.Table) -> list[dict[str, Any]]:
    return sorted(ibis.duckdb.connect().to_pyarrow(result).to_pylist(), key=lambda row: row["customer_id"])


def graded(values: list[float], rules: GradeRules) -> list[str]:
    contribution = np.array(values)
    return [GRADES[code] for code in standing.earned(contribution, standing.cuts_of(contribution, rules))]


@FEW
@given(st.lists(money, min_size=1, max_size=60), shares)
def test_grades_by_share(values: list[float], ends: tuple[float, ...]) -> None:
    customers = ibis.memtable(pa.table({"customer_id": range(len(values)), "revenue": values}))
    told = table_of(zi.grades(customers, shares=dict(zip(zi.GRADES, ends, strict=False))))
    assert graded(values, GradeRules(shares=ends)) == [row["earned_grade"] for row in told]


@FEW
@given(st.lists(money, min_size=1, max_size=60), thresholds)
@example([0.0, -5.0, 25.0], (30.0, 20.0, 0.0))
def test_grades_by_threshold(values: list[float], least: tuple[float, ...]) -> None:
    customers = ibis.memtable(pa.table({"customer_id": range(len(values)), "revenue": values}))
    told = table_of(zi.grades(customers, thresholds=dict(zip(zi.GRADES, least, strict=False))))
    assert graded(values, GradeRules(method=GradeMethod.THRESHOLD, thresholds=least)) == [row["earned_grade"] for row in told]


history = st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 400), st.booleans())


@FEW
@given(st.lists(history, min_size=1, max_size=60), st.sampled_from([0, 30, 180]))
def test_grace(people: list[tuple[int, int | None, int, bool]], grace: int) -> None:
    """`earned` now, held before, days since that was last earned, and whether the grace had begun at the run before."""
    known = [before is not None for _, before, _, _ in people]
    confirmed = np.array([TODAY - days for _, _, days, _ in people])
    # in grace, the run before lies between the day it was last earned and today, and had noted when the grace ends
    until = [int(day) + grace if begun and ok else NONE for day, (_, _, _, begun), ok in zip(confirmed, people, known, strict=True)]
    last_run = [TODAY - 1 if begun else int(day) for day, (_, _, _, begun) in zip(confirmed, people, strict=True)]
    held = np.array([NONE if before is None else before for _, before, _, _ in people])
    nothing = np.full(len(people), NONE)
    before = Standing(held, nothing, nothing, np.where(held == NONE, NONE, last_run), np.array(until), np.array(last_run))
    now = np.array([earned for earned, _, _, _ in people])
    found = standing.with_grace(now, before, np.full(len(people), TODAY), grace)
    told = table_of(zi.keep_grades(_earned(now), _held(held, confirmed), DAY, grace_days=grace))
    assert [GRADES[code] for code in found.held] == [row["grade"] for row in told]
    assert [code != NONE for code in found.until] == [row["in_grace"] for row in told]
    ends = [None if row["confirmed_on"] is None else (row["confirmed_on"] - datetime.date(1970, 1, 1)).days + grace for row in told]
    assert [end for end in found.until if end != NONE] == [end for end, row in zip(ends, told, strict=True) if row["in_grace"]]
    one_by_one = [
        zi.grade_with_grace(
            GRADES[earned],
            None if code == NONE else GRADES[code],
            datetime.date(1970, 1, 1) + datetime.timedelta(int(day)),
            DAY,
            grace,
        )[0]
        for earned, code, day in zip(now, held, confirmed, strict=True)
    ]
    assert one_by_one == [GRADES[code] for code in found.held]


def _earned(now: Any) -> ibis.Table:
    return ibis.memtable(pa.table({"customer_id": range(len(now)), "earned_grade": [GRADES[code] for code in now]}))


def _held(held: Any, confirmed: Any) -> ibis.Table:
    rows = [(place, GRADES[code], day) for place, (code, day) in enumerate(zip(held, confirmed, strict=True)) if code != NONE]
    days = pa.array([int(row[2]) for row in rows], pa.int32()).cast(pa.date32())
    names = pa.array([row[1] for row in rows], pa.string())
    return ibis.memtable(
        pa.table({"customer_id": pa.array([row[0] for row in rows], pa.int64()), "grade": names, "confirmed_on": days})
    )


buyer = st.tuples(
    st.integers(0, 12), st.integers(1, 400), st.integers(0, 700), st.floats(0, 1), st.one_of(st.none(), st.floats(-1, 3))
)  # frequency, days between the first and the last purchase, days since the last, P(alive), trend


@FEW
@given(st.lists(buyer, min_size=1, max_size=60))
def test_stages_rhythm_and_silence(people: list[tuple[int, int, int, float, float | None]]) -> None:
    base = pa.table(
        {
            "customer_id": list(range(len(people))), "frequency": [p[0] for p in people],
            "recency": [float(p[1] if p[0] else 0) for p in people],
            "age": [float((p[1] if p[0] else 0) + p[2]) for p in people],
            "trend": pa.array([p[4] for p in people], pa.float64()), "p_alive": [p[3] for p in people],
            "first_on": [DAY] * len(people),
        }
    )  # fmt: skip
    told = table_of(zi.stages(ibis.memtable(base)))
    recency, frequency = (base[name].to_numpy().astype(float) for name in ("recency", "frequency"))
    typical = standing.typical_rhythm(recency / np.where(frequency > 0, frequency, np.nan))
    columns = standing.silence(base, typical) | {"p_alive": base["p_alive"].to_numpy()}
    for name, theirs in (
        ("rhythm_days", "rhythm"),
        ("silence_ratio", "silence_ratio"),
        ("silence_probability", "silence_probability"),
    ):
        assert columns[name].tolist() == pytest.approx(
            [np.nan if row[theirs] is None else row[theirs] for row in told], abs=1e-5, nan_ok=True
        ), name
    exact = columns | {
        "silence_ratio": np.array([np.nan if row["silence_ratio"] is None else row["silence_ratio"] for row in told])
    }  # what is stored is rounded; a ratio at the very border may fall to either side
    assert standing.stages(base, exact, StageRules()).to_pylist() == [row["stage"] for row in told]
    assert set(STAGES) == set(zi.STAGES)


scored = st.tuples(st.integers(1, 12), st.integers(0, 500), money)


@FEW
@given(st.lists(scored, min_size=1, max_size=60))
def test_rfm_by_the_cuts_of_a_run(people: list[tuple[int, int, float]]) -> None:
    cuts = {"recency": (30.0, 90.0, 180.0, 365.0), "frequency": (2.0, 3.0, 5.0, 10.0), "monetary": (10.0, 50.0, 100.0, 150.0)}
    split = {"recency": 120.0, "frequency": 2.5, "monetary": 60.0}
    table = pa.table(
        {
            "customer_id": list(range(len(people))), "frequency": [p[0] - 1 for p in people], "recency": [0.0] * len(people),
            "age": [float(p[1]) for p in people], "first_on": [DAY] * len(people), "revenue": [p[2] for p in people],
            "purchases": [p[0] for p in people], "window_revenue": [p[2] for p in people],
        }
    )  # fmt: skip
    told = table_of(zi.rfm(ibis.memtable(table), cuts=cuts, split=split))
    found = score_by_cuts(table, RfmCuts(**cuts, split=split, segments={}), "revenue")
    for name in ("r_score", "f_score", "m_score", "rfm_class"):
        assert found[name].to_pylist() == [row[name] for row in told], name
