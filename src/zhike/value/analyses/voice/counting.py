"""Counts over the table `voices`: one row for each thing said, read."""

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.voice.reading import OURS
from zhike.value.analyses.voice.reading_names import FAVOURABLE, UNFAVOURABLE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WORDS, TRENDS, MONTHS, URGENT, EXAMPLES = 15, 6, 18, 10, 8
READ_FOR_WORDS = 3_000  # texts on either side
SURE = 2.0  # standard errors: hardly chance
BAD = f"tone < {UNFAVOURABLE}"
FIGURES = f"""count(*) AS n, count(DISTINCT customer_id) AS customers, avg(tone) AS tone, avg(({BAD})::INT) AS bad,
    count(*) FILTER (urgency = 2) AS urgent"""
CUSTOMERS = f"""
    WITH told AS (
        SELECT customer_id, topic, count(*) AS n, count(*) FILTER ({BAD}) AS bad FROM voices WHERE topic <> 'other' GROUP BY 1, 2),
    ranked AS (
        SELECT customer_id, arg_max(topic, bad * 1000 + n) AS topic, list(topic ORDER BY bad * 1000 + n DESC, topic)[:3] AS topics
        FROM told GROUP BY 1)
    SELECT customer_id, coalesce(any_value(topic_of), 'other') AS "group", round(avg(tone), 1) AS value, count(*) AS n,
        count(*) FILTER ({BAD}) AS bad, max(urgency) AS urgency, max(date) AS last, any_value(topics) AS topics
    FROM voices LEFT JOIN (SELECT customer_id, topic AS topic_of, topics FROM ranked) USING (customer_id)
    GROUP BY 1 ORDER BY 1"""  # noqa: S608  our own words


def topics(con: "DuckDBPyConnection", names: list[str], day: datetime.date, recent: int) -> list[dict[str, Any]]:
    """Of each topic its figures, and whether it is heard more (or less) lately than before, beyond chance."""
    since = day - datetime.timedelta(recent)
    query = f"""SELECT topic, {FIGURES}, count(*) FILTER (date > $since) AS lately,
            list(id ORDER BY date DESC, id DESC)[:{EXAMPLES}] AS examples
        FROM voices GROUP BY 1"""  # noqa: S608  our own words
    rows = {row["topic"]: row for row in con.sql(query, params={"since": since}).to_arrow_table().to_pylist()}
    lately, whole = sum(row["lately"] for row in rows.values()), sum(row["n"] for row in rows.values())
    found = []
    for name in names:
        if name in rows:
            row = rows[name]
            before, change = row["n"] - row["lately"], _change(row["lately"], lately, row["n"] - row["lately"], whole - lately)
            found.append(_rounded(row) | {"before": before, "share": round(row["n"] / whole, 4), **change})
    return found


def _change(late: int, of_late: int, before: int, of_before: int) -> dict[str, Any]:
    """Shares lately and before, and the difference in standard errors."""
    if not of_late or not of_before:
        return {"now": None, "then": None, "z": None}
    now, then, both = late / of_late, before / of_before, (late + before) / (of_late + of_before)
    error = (both * (1 - both) * (1 / of_late + 1 / of_before)) ** 0.5
    return {"now": round(now, 4), "then": round(then, 4), "z": round((now - then) / error, 2) if error else 0.0}


def months(con: "DuckDBPyConnection") -> list[dict[str, Any]]:
    query = f"SELECT strftime(date, '%Y-%m') AS month, {FIGURES} FROM voices GROUP BY 1 ORDER BY 1"  # noqa: S608  our own words
    return [_rounded(row) for row in con.sql(query).to_arrow_table().to_pylist()][-MONTHS:]


def places(con: "DuckDBPyConnection", column: str, names: dict[int, str]) -> list[dict[str, Any]]:
    """By department, or by line of products: figures, and the topic with most that is unfavourable."""
    query = f"""WITH worst AS (SELECT {column} AS key, arg_max(topic, n) AS topic FROM (
            SELECT {column}, topic, count(*) AS n FROM voices WHERE {BAD} AND topic <> 'other' GROUP BY 1, 2) GROUP BY 1)
        SELECT {column} AS key, {FIGURES}, any_value(worst.topic) AS worst FROM voices LEFT JOIN worst ON worst.key = {column}
        WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY n DESC LIMIT 30"""  # noqa: S608  our own words
    rows = con.sql(query).to_arrow_table().to_pylist()
    return [_rounded(row) | {"name": names[row["key"]]} for row in rows if row["key"] in names]


def whole(con: "DuckDBPyConnection") -> dict[str, Any]:
    """The tone of all with its interval, by customers: who says much is still one."""
    query = f"""SELECT count(*) AS customers, avg(t) AS tone, coalesce(stddev_samp(t), 0) / sqrt(count(*)) AS error,
            (SELECT avg(({BAD})::INT) FROM voices) AS bad, (SELECT avg((tone > {FAVOURABLE})::INT) FROM voices) AS good,
            (SELECT avg((topic <> 'other')::INT) FROM voices) AS covered
        FROM (SELECT avg(tone) AS t FROM voices GROUP BY customer_id)"""  # noqa: S608  our own words
    (row,) = con.sql(query).to_arrow_table().to_pylist()
    half = 1.96 * row.pop("error")
    return _rounded(row) | {"low": round(row["tone"] - half, 2), "high": round(row["tone"] + half, 2)}


def urgent(con: "DuckDBPyConnection") -> list[list[Any]]:
    """What is most urgent and still open: interaction, topic, tone, urgency; the newest first."""
    query = f"""SELECT id, topic, round(tone, 1) AS tone, urgency FROM voices WHERE urgency > 0 AND NOT is_resolved
        ORDER BY urgency DESC, date DESC, id DESC LIMIT {URGENT}"""  # noqa: S608  our own words
    return [list(row.values()) for row in con.sql(query).to_arrow_table().to_pylist()]


def words(
    texts: list[str], place: NDArray[np.int64], table: pa.Table, day: datetime.date, recent: int
) -> dict[str, list[dict[str, Any]]]:
    """Words typical of what is unfavourable, of lately against before, and of what no topic covers; the first two by month."""
    late = arrow.plain(table["date"], pa.int32()) > (day - datetime.date(1970, 1, 1)).days - recent
    bad = arrow.plain(table["tone"]) < UNFAVOURABLE
    other = pa.compute.equal(table["topic"], "other").to_numpy(zero_copy_only=False)
    found = {
        name: _typical(texts, place[chosen], place[~chosen])
        for name, chosen in (("bad_words", bad), ("new_words", late), ("other_words", other))
    }  # fmt: skip
    named = list(dict.fromkeys(row["word"] for name in ("new_words", "bad_words") for row in found[name]))[:TRENDS]
    return found | {"trends": _trends(texts, place, table, named), "trees": _trees(texts, named)}


def _typical(texts: list[str], mine: NDArray[np.int64], others: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Each text once on either side, the last ones of many."""
    a, b = (np.unique(side)[-READ_FOR_WORDS:] for side in (mine, others))
    if not len(a) or not len(b):
        return []
    rows = zi.keywords([texts[at] for at in a], [texts[at] for at in b], most=3 * WORDS).to_pylist()
    kept = [row for row in rows if row["strength"] >= SURE and len(row["word"]) > 1 and row["word"] not in OURS]
    kept = [row for row in kept if not row["word"].isdigit()]
    return [{"word": row["word"], "n": row["texts"], "strength": round(row["strength"], 2)} for row in kept[:WORDS]]


def _trends(texts: list[str], place: NDArray[np.int64], table: pa.Table, named: list[str]) -> list[dict[str, Any]]:
    """In how many of the things said each word stands, month by month."""
    months = np.array(pa.compute.strftime(table["date"], "%Y-%m").to_pylist())
    shown = np.unique(months)[-MONTHS:].tolist()
    rows = []
    for word in named:
        there = np.array([word in text for text in texts])[place]
        rows.append({"word": word, "months": [int((there & (months == month)).sum()) for month in shown]})
    return rows


def _trees(texts: list[str], named: list[str]) -> list[dict[str, Any]]:
    """What stands before and after each of these words: depth, words, texts."""
    found = []
    for word in named:
        there = [text for text in texts if word in text][-READ_FOR_WORDS:]
        sides = {name: zi.word_tree(there, word, before=name == "before") for name in ("before", "after")}
        rows = {name: [list(row.values()) for row in tree.to_pylist()] for name, tree in sides.items()}
        found.append({"word": word, "n": len(there), **rows})
    return found


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}
