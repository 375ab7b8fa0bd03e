"""The answer sheets of a period with what is known of who answered, and the answers themselves as columns."""

import datetime
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

from zhike.value import arrow
from zhike.value.analyses.columns import read
from zhike.value.analyses.survey.kind import Options

Floats = NDArray[np.float64]
Asked = tuple[str, int, str]  # role, number, title
MOST = 300_000  # sheets, the newest
SHEETS = """
    SELECT a.id, a.customer_id, a.day, a.satisfaction, a.recommend, a.shop, a.product, a.person, v.name, a.survey_id
    FROM zhike_answersheet a JOIN zhike_survey v ON v.id = a.survey_id
        LEFT JOIN zhike_customer c ON c.id = a.customer_id
    WHERE (a.customer_id IS NULL OR c.deleted_at IS NULL) AND (a.day IS NULL OR a.day >= {since}) AND {survey}
    ORDER BY a.day DESC NULLS LAST, a.id DESC LIMIT {most}"""
ANSWERS = """
    SELECT b.sheet_id, b.question_id, CASE WHEN q.role IN ('functional', 'dysfunctional') THEN b.value
        ELSE 100 * (b.value - q.low) / (q.high - q.low) END
    FROM zhike_answer b JOIN zhike_surveyquestion q ON q.id = b.question_id WHERE {survey}"""
QUESTIONS = "SELECT q.id, q.survey_id, q.role, q.number, q.title FROM zhike_surveyquestion q WHERE {survey} ORDER BY q.id"
TYPES = {
    "id": pa.int64(), "customer_id": pa.int64(), "day": pa.date32(), "satisfaction": pa.float64(), "recommend": pa.float64(),
    "shop": pa.string(), "product": pa.string(), "person": pa.string(), "survey": pa.string(), "survey_id": pa.int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """The sheets, newest first, and by question what each says: 0 to 100, of Kano questions 1 to 5; not a number where silent.
    The same title in two surveys is one question."""

    sheets: pa.Table
    answers: dict[Asked, Floats]

    def column(self, name: str) -> Floats:
        return arrow.plain(self.sheets[name])

    def of_role(self, role: str) -> dict[str, Floats]:
        """By title."""
        return {title: values for (one, _number, title), values in self.answers.items() if one == role}

    def pairs(self, role: str, other: str) -> list[tuple[str, Floats, Floats]]:
        """Title of the first and the answers to both, of questions that belong together."""
        others = {number: values for (one, number, _title), values in self.answers.items() if one == other}
        return [(title, values, others[number]) for (one, number, title), values in self.answers.items()
                if one == role and number in others]  # fmt: skip


def answered(options: Options, until: datetime.date) -> Answered:
    one = int(options.survey) if options.survey else None

    def of(alias: str) -> sql.Composable:
        return sql.SQL("{} = {}").format(sql.Identifier(alias, "survey_id"), sql.Literal(one)) if one else sql.SQL("true")

    since = until - datetime.timedelta(options.days)
    sheets = read(sql.SQL(SHEETS).format(since=sql.Literal(since), survey=of("a"), most=sql.Literal(MOST)), TYPES)
    questions = read(
        sql.SQL(QUESTIONS).format(survey=of("q")),
        {"id": pa.int64(), "survey_id": pa.int64(), "role": pa.string(), "number": pa.int64(), "title": pa.string()},
    ).to_pylist()
    answers = read(
        sql.SQL(ANSWERS).format(survey=of("q")), {"sheet_id": pa.int64(), "question_id": pa.int64(), "value": pa.float64()}
    )
    return Answered(sheets, _columns(sheets, questions, answers))


def _columns(sheets: pa.Table, questions: list[dict[str, object]], answers: pa.Table) -> dict[Asked, Floats]:
    ids = sheets["id"].to_numpy()
    order = np.argsort(ids)
    sheet, question, values = (answers[name].to_numpy() for name in ("sheet_id", "question_id", "value"))
    place = np.minimum(np.searchsorted(ids, sheet, sorter=order), max(len(ids) - 1, 0))
    there = ids[order[place]] == sheet if len(ids) else np.zeros(len(sheet), dtype=bool)
    found: dict[Asked, Floats] = {}
    for key, same in _alike(questions).items():
        mine = there & np.isin(question, np.array(same, dtype=np.int64))
        column = found.setdefault(key, np.full(len(ids), np.nan))
        column[order[place[mine]]] = values[mine]
    return {key: column for key, column in found.items() if np.isfinite(column).any()}


def _alike(questions: list[dict[str, object]]) -> dict[Asked, list[object]]:
    """The questions that are one: of the same role and title; those that belong to a thing go by the title of the thing."""
    things = {
        (row["survey_id"], row["number"]): row["title"] for row in questions if row["role"] in ("rating", "functional")
    }  # fmt: skip
    numbers: dict[object, int] = {}
    found: dict[Asked, list[object]] = {}
    for row in questions:
        thing = things.get((row["survey_id"], row["number"]), row["title"]) if row["number"] else ""
        number = numbers.setdefault(thing, len(numbers))
        title = row["title"] if row["number"] else ""
        kept = next((one for one in found if one[:2] == (row["role"], number)), (str(row["role"]), number, str(title)))
        found.setdefault(kept, []).append(row["id"])
    return found
