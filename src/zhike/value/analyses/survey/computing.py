"""Counts the answers: index and recommendation with their intervals, by month and by where; what drives; what was expected."""

import datetime
import json

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.value import arrow
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.survey import figures, gathering
from zhike.value.analyses.survey.gathering import Answered
from zhike.value.analyses.survey.kind import LEAST, Options, group_of
from zhike.value.journal import Progress

DIMENSIONS = ("shop", "product", "person", "survey")
OF_SCORES = ("grade", "segment", "stage")


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    found = gathering.answered(options, material.as_of)
    values, votes = found.column("satisfaction"), found.column("recommend")
    if (np.isfinite(values) | np.isfinite(votes)).sum() < LEAST:
        raise TooLittle
    progress(2, 10)
    days = found.sheets["day"].to_numpy(zero_copy_only=False)
    named = found.sheets["customer_id"].is_valid().to_numpy()
    dated = days[~np.isnat(days)]
    names = {name: np.array(found.sheets[name].to_pylist(), dtype=object) for name in DIMENSIONS} | _scored(material, found)
    rated = found.of_role("rating")
    overall = found.of_role("overall").get("")
    report = {
        "sheets": found.sheets.num_rows, "known": int(named.sum()),
        "since": str(material.as_of - datetime.timedelta(options.days)) if len(dated) == found.sheets.num_rows else None,
        "customers": len(np.unique(found.sheets["customer_id"].drop_null().to_numpy())),
        "first": str(dated.min()) if len(dated) else None, "last": str(dated.max()) if len(dated) else None,
        "least": options.least, **figures.index(values), **figures.promoters(votes),
        "given": [int((votes == vote).sum()) for vote in range(11)],
        "shares": _shares(votes), "months": figures.months(days, values, votes),
        "by": {name: figures.by(column, values, votes, options.least) for name, column in names.items()},
        "rated": [{"title": title, **figures.index(of)} for title, of in rated.items()],
        "outcome": "overall" if overall is not None else "recommend",
        "drivers": figures.drivers(rated, overall if overall is not None else 10 * votes, progress),
        "gaps": figures.gaps(found.pairs("rating", "expected")), "kano": figures.kano(found.pairs("functional", "dysfunctional")),
    }  # fmt: skip
    progress(9, 10)
    return Outcome(report, _findings(found, rated))


def _shares(votes: NDArray[np.float64]) -> dict[str, float]:
    known = votes[np.isfinite(votes)]
    whole = max(len(known), 1)
    return {"promoter": float((known >= 9).sum() / whole), "passive": float(((known > 6) & (known < 9)).sum() / whole),
            "detractor": float((known <= 6).sum() / whole)}  # fmt: skip


def _scored(material: Material, found: Answered) -> dict[str, NDArray[np.object_]]:
    """Grade, segment and stage of who answered, as the current run has them; nothing for who gave no name."""
    scores = material.scores(*OF_SCORES)
    ids, asked = scores["customer_id"].to_numpy(), arrow.plain(found.sheets["customer_id"])
    place = np.minimum(np.searchsorted(ids, np.nan_to_num(asked, nan=-1)), max(len(ids) - 1, 0))
    there = np.isfinite(asked) & (ids[place] == asked) if len(ids) else np.zeros(len(asked), dtype=bool)
    result = {}
    for name in OF_SCORES:
        column = np.full(len(asked), None, dtype=object)
        column[there] = np.array(scores[name].take(pa.array(place[there])).to_pylist(), dtype=object)
        result[name] = column
    return result


def _findings(found: Answered, rated: dict[str, NDArray[np.float64]]) -> pa.Table:
    """Of each customer the last sheet: the sheets stand newest first."""
    ids = found.sheets["customer_id"].to_pylist()
    values, votes = found.column("satisfaction"), found.column("recommend")
    days = found.sheets["day"].to_pylist()
    sheets: dict[int, list[int]] = {}
    for at, key in enumerate(ids):
        if key is not None and (np.isfinite(values[at]) or np.isfinite(votes[at])):
            sheets.setdefault(key, []).append(at)
    rows = []
    for key, mine in sorted(sheets.items()):
        value, vote = (figures.rounded(one[mine[0]]) for one in (values, votes))
        known = {title: of[mine[0]] for title, of in rated.items() if np.isfinite(of[mine[0]])}
        worst = min(known, key=lambda title: known[title], default=None)
        told = {
            "n": len(mine),
            "last": str(days[mine[0]]) if days[mine[0]] else None,
            "recommend": vote,
            "worst": worst if worst is not None and known[worst] < 50 else None,
            "before": next((figures.rounded(values[at], 1) for at in mine[1:] if np.isfinite(values[at])), None),
        }
        rows.append(
            {"customer_id": key, "group": group_of(value, vote), "value": value, "detail": json.dumps(told, ensure_ascii=False)}
        )
    schema = pa.schema([("customer_id", pa.int64()), ("group", pa.string()), ("value", pa.float64()), ("detail", pa.string())])
    return pa.Table.from_pylist(rows, schema)
