"""How long customers stay by what was known when they first bought: Cox' model of the rate of leaving. Nothing of later is used,
which would foretell the past."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.customers.models import Source
from zhike.value import arrow
from zhike.value.analyses.leaving.features import asked
from zhike.value.analyses.material import Material

Floats = NDArray[np.float64]
LEARNED_FROM = 20_000  # customers
LEAST, MOST_VALUES = 30, 5  # customers of a value that is told apart, and values of a field
FOLDS = 5
TENTHS = (0.1, 0.5, 0.9)  # of the risk, whose curves are drawn
MONTH, MONTHS = 365.25 / 12, 60
FIRST = """
    WITH lives AS (
        SELECT customer_id, min(date) AS first, max(date) AS last FROM orders WHERE NOT is_return AND amount > 0 GROUP BY 1)
    SELECT l.customer_id, date_diff('day', first, last) AS lived, date_diff('day', last, $day) AS silence, sum(o.amount) AS amount,
        min(o.channel) AS channel, year(first) AS year
    FROM lives l JOIN orders o ON o.customer_id = l.customer_id AND o.date = l.first AND NOT o.is_return AND o.amount > 0
    GROUP BY l.customer_id, first, last ORDER BY l.customer_id
"""


def staying(material: Material, days: int) -> dict[str, Any]:
    """For the report: the factor of each thing known at the start, how well they order customers, and curves; {} with too few."""
    table = asked(material, FIRST, {"day": material.as_of})
    rows = np.sort(np.random.default_rng(0).permutation(table.num_rows)[:LEARNED_FROM])
    table = table.take(pa.array(rows))
    lived, silence = arrow.plain(table["lived"]), arrow.plain(table["silence"])
    gone = (silence > days).astype(np.float64)
    duration = np.where(gone == 1, lived, lived + silence)
    columns, usual = _known_at_first(material, table)
    if not columns or gone.sum() <= 10 * len(columns):
        return {}
    given = np.column_stack([values for *_name, values in columns])
    model = zi.CoxModel(l2=1.0).fit(given, duration, gone)
    return {
        "n": len(gone), "gone": int(gone.sum()), "usual": usual, "concordance": _honest(given, duration, gone),
        "factors": _factors(model, columns), "curves": _curves(model, given),
    }  # fmt: skip


def _known_at_first(material: Material, table: pa.Table) -> tuple[list[tuple[str, str, Floats]], dict[str, str]]:
    """Columns as (field, value, numbers), all of which vary; and the value of each field with which the others are compared."""
    columns = [("amount", "", np.log2(np.maximum(arrow.plain(table["amount"]), 1.0))), ("year", "", arrow.plain(table["year"]))]
    usual = {}
    for field, texts in _texts(material, table):
        names, counts = np.unique(texts, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        kept = [str(names[at]) for at in order[:MOST_VALUES] if counts[at] >= LEAST and names[at]]
        if len(kept) > 1:
            usual[field] = kept[0]
            columns += [(field, value, (texts == value).astype(np.float64)) for value in kept[1:]]
    return [column for column in columns if np.ptp(column[2]) > 0], usual


def _texts(material: Material, table: pa.Table) -> Iterator[tuple[str, NDArray[np.str_]]]:
    known = material.customers
    ids, mine = known["customer_id"].to_numpy(), table["customer_id"].to_numpy()
    place = np.minimum(np.searchsorted(ids, mine), len(ids) - 1)
    there = ids[place] == mine
    sources = {str(key): name for key, name in Source.objects.values_list("pk", "name")}
    for field, column in (("kind", "kind"), ("region", "region"), ("source", "source_id")):
        values = np.array([str(value or "") for value in known[column].to_pylist()])[place]
        if field == "source":
            values = np.array([sources.get(value, "") for value in values.tolist()])
        yield field, np.where(there, values, "")
    yield "channel", np.array([str(value or "") for value in table["channel"].to_pylist()])


def _factors(model: zi.CoxModel, columns: list[tuple[str, str, Floats]]) -> list[dict[str, Any]]:
    """Of each column the factor on the rate of leaving with its interval of 95 %, the surest first."""
    found = []
    figures = zip(columns, model.coefficients_, model.standard_errors_, model.p_values_, model.proportionality_p_, strict=True)
    for (field, value, numbers), b, error, p, alike in figures:
        low, factor, high = (round(float(np.exp(b + side * 1.96 * error)), 4) for side in (-1, 0, 1))
        share = round(float(numbers.mean()), 4) if value else None
        told = {"field": field, "value": value, "factor": factor, "low": low, "high": high, "p": round(float(p), 4)}
        found.append(told | {"share": share, "alike_p": round(float(alike), 4) if np.isfinite(alike) else None})
    return sorted(found, key=lambda one: (one["p"], one["field"], one["value"]))


def _honest(given: Floats, duration: Floats, gone: Floats) -> float | None:
    """Concordance on customers that the model has not seen."""
    fold = np.random.default_rng(0).permutation(len(gone)) % FOLDS
    scores = []
    for part in range(FOLDS):
        inside, outside = fold != part, fold == part
        try:
            model = zi.CoxModel(l2=1.0).fit(given[inside], duration[inside], gone[inside])
        except zi.NotEnoughData:  # a rare value may be missing from a part
            return None
        scores.append(zi.concordance(duration[outside], gone[outside], model.risk(given[outside])))
    return round(float(np.mean(scores)), 4)


def _curves(model: zi.CoxModel, given: Floats) -> list[list[float]]:
    """By month: the share still buying of customers at these places of the risk, the lowest first."""
    risk = model.risk(given)
    rows = [int(np.argsort(risk, kind="stable")[round(share * (len(risk) - 1))]) for share in TENTHS]
    last = min(MONTHS, int(model.baseline_[0][-1] / MONTH))
    shares = model.survival(given[rows], [month * MONTH for month in range(last + 1)])
    return [[month, *(round(float(share), 4) for share in shares[:, month])] for month in range(last + 1)]
