"""BG/BB on calendar occasions: fitted on the first ones, judged on the last ones beside BG/NBD, fitted again on all."""

import datetime
import warnings
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.occasions.kind import GROUPS, LEAST, LEAST_PERIODS, Options
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
IN_A_YEAR = {"month": 12, "quarter": 4, "year": 1}
HELD_BACK = 4  # one in so many of the occasions
MOST_ROWS = 8  # of the table by purchases before; the last one is "and more"
ORDERS = """
    CREATE TABLE came AS SELECT DISTINCT customer_id, {number} AS period FROM orders WHERE NOT is_return AND amount > 0
"""
KNOWN = """
    SELECT customer_id, min(period) AS first, count(*) FILTER (period <= $cut)::DOUBLE - 1 AS x,
        coalesce(max(period) FILTER (period <= $cut), 0) AS last, count(*) FILTER (period > $cut)::DOUBLE AS held,
        count(*)::DOUBLE - 1 AS x_all, max(period) AS last_all
    FROM came WHERE period <= $end GROUP BY 1 ORDER BY 1
"""
BY_PERIOD = """
    SELECT period, count(*) FROM came WHERE period > $cut AND period <= $end
    AND customer_id IN (SELECT customer_id FROM came GROUP BY 1 HAVING min(period) < $cut) GROUP BY 1
"""


class Way(Protocol):
    def __call__(self, t: int) -> Floats:
        """Expected purchases of every customer on the next `t` occasions."""


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    parts = IN_A_YEAR[options.every]
    number = f"year(date) * {parts} + (month(date) - 1) // {12 // parts}"
    material.con.execute(ORDERS.format(number=number))
    ((first,),) = material.con.sql("SELECT min(period) FROM came").fetchall()
    end = _number(material.as_of + datetime.timedelta(days=1), parts) - 1  # the last one that is over
    if first is None or end - first + 1 < LEAST_PERIODS:
        raise TooLittle
    held = max((end - first + 1) // HELD_BACK, 1)
    cut = end - held
    table = material.con.sql(KNOWN, params={"cut": cut, "end": end}).to_arrow_table()
    of = {name: arrow.plain(table[name]) for name in table.column_names}
    progress(3, 10)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", zi.NotConverged)
        report = _judged(material, of, cut, held, parts)
        progress(7, 10)
        now = of["first"] < end
        x, n = of["x_all"][now], end - of["first"][now]
        tx = np.where(x > 0, of["last_all"][now] - of["first"][now], 0.0)
        model = _fitted(zi.BetaGeoBetaBinomial(), x, tx, n)
        chance, alive = _spread(lambda *rows: model.expected_purchases(1, *rows), x, tx, n), _spread(model.p_alive, x, tx, n)
    report |= {
        "every": options.every, "end": _written(end, parts), "customers": len(x), "next": float(chance.sum()),
        "alive": float(alive.sum()), "parameters": {name: round(value, 4) for name, value in model.parameters_.items()},
    }  # fmt: skip
    group = np.select([chance >= least for least, _label in GROUPS.values()], list(GROUPS), list(GROUPS)[-1])
    columns = {
        "customer_id": table["customer_id"].to_numpy()[now], "group": group, "value": np.round(chance, 4), "bought": x,
        "occasions": n, "alive": np.round(alive, 4),
    }  # fmt: skip
    return Outcome(report, findings(material.con, columns, "{bought: bought, occasions: occasions, alive: alive}"))


def _judged(material: Material, of: dict[str, Floats], cut: int, held: int, parts: int) -> dict[str, Any]:
    """Learned from the occasions up to `cut`, asked about the others. Both models get the same numbers: BG/NBD takes an occasion
    as one unit of a time that runs on."""
    known = of["first"] < cut
    x, n, came = of["x"][known], cut - of["first"][known], of["held"][known]
    tx = np.where(x > 0, of["last"][known] - of["first"][known], 0.0)
    if (x > 0).sum() < LEAST or not came.sum():
        raise TooLittle
    bgbb, bgnbd = _fitted(zi.BetaGeoBetaBinomial(), x, tx, n), _fitted(zi.BetaGeoNBD(), x, tx, n)
    ways: dict[str, Way] = {
        "bgbb": lambda t: _spread(lambda *rows: bgbb.expected_purchases(t, *rows), x, tx, n),
        "bgnbd": lambda t: _spread(lambda *rows: bgnbd.expected_purchases(t, *rows), x, tx, n),
        "rate": lambda t: x / n * t,
    }  # fmt: skip
    expected = {name: [way(t) for t in range(1, held + 1)] for name, way in ways.items()}
    counts = dict(material.con.sql(BY_PERIOD, params={"cut": cut, "end": cut + held}).fetchall())
    sums = {name: [0.0, *(float(values.sum()) for values in steps)] for name, steps in expected.items()}
    rows = [
        {"period": _written(cut + t, parts), "came": int(counts.get(cut + t, 0))}
        | {name: round(sums[name][t] - sums[name][t - 1], 1) for name in ways}
        for t in range(1, held + 1)
    ]
    last = {name: steps[-1] for name, steps in expected.items()}
    told = {name: zi.judge(values, came) for name, values in last.items()}
    measures = ("expected", "bias", "mae", "gini", "top_decile")
    return {
        "held": rows, "tested": len(x), "actual": float(came.sum()), "frequency": _by_frequency(x, came, last),
        "ways": {name: {key: float(getattr(one, key)) for key in measures} for name, one in told.items()},
    }  # fmt: skip


def _by_frequency(x: Floats, came: Floats, last: dict[str, Floats]) -> list[dict[str, Any]]:
    place = np.minimum(x, MOST_ROWS - 1)
    return [
        {"bought": int(value), "customers": int((place == value).sum()), "came": round(float(came[place == value].mean()), 3)}
        | {name: round(float(values[place == value].mean()), 3) for name, values in last.items()}
        for value in np.unique(place)
    ]


def _fitted(model: Any, x: Floats, tx: Floats, n: Floats) -> Any:
    try:
        return model.fit(x, tx, n)
    except (zi.NotEnoughData, zi.BadInput) as problem:
        raise TooLittle from problem


def _spread(asked: Any, x: Floats, tx: Floats, n: Floats) -> Floats:
    """Asks for the distinct ones only: a million customers have some thousands."""
    rows, place = np.unique(np.column_stack([x, tx, n]), axis=0, return_inverse=True)
    return np.asarray(asked(*rows.T)[place.ravel()])


def _number(day: datetime.date, parts: int) -> int:
    return day.year * parts + (day.month - 1) // (12 // parts)


def _written(number: int, parts: int) -> str:
    year, part = divmod(number, parts)
    return str(year) if parts == 1 else f"{year}-Q{part + 1}" if parts == 4 else f"{year}-{part + 1:02d}"
