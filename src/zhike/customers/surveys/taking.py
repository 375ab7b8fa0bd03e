"""The steps of an import of answers: clean, find the customers, write the sheets and what stands on them. No customer is made:
whoever is not known, or not named, has answered all the same."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhike.customers.choices import AnswerRole, ImportKind
from zhike.customers.imports import cleaning, matching, tables
from zhike.customers.imports.batches import path_of
from zhike.customers.imports.cleaning import Cleaner, Rules
from zhike.customers.imports.columns import NO_COLUMN, Cleaned, Cleaning, Problem, json_of, key_of
from zhike.customers.imports.pipeline import FIRST_PROBLEMS, Job, Outcome, date_order, load
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.progress import Progress
from zhike.customers.imports.staging import Staging
from zhike.customers.imports.tables import Chunk, Reading
from zhike.customers.models import Survey, SurveyQuestion
from zhike.customers.surveys import guessing, roles, scales

WHO = f"""
CREATE TEMP TABLE who ON COMMIT DROP AS SELECT row_number() OVER () AS id, g.*, {matching.EXTRA} FROM (
    SELECT ckey, min(rowno) AS rowno, max(number) AS number, max(name) AS name, max(phone) AS phone, max(email) AS email,
        max(credit_code) AS credit_code, max(member_no) AS member_no
    FROM stage WHERE ckey <> '' GROUP BY ckey ORDER BY min(rowno)) g"""  # noqa: S608  our own words
SHEETS = """
INSERT INTO zhike_answersheet (survey_id, row, customer_id, day, shop, product, person, words)
SELECT %s, s.rowno, w.customer_id, (s.date AT TIME ZONE %s)::date, s.shop, s.product, s.person, s.words
FROM stage s LEFT JOIN who w USING (ckey) WHERE coalesce(w.reason, '') = '' ORDER BY s.rowno"""
ANSWERS = """
INSERT INTO zhike_answer (sheet_id, question_id, value)
SELECT a.id, q.id, e.value::float8 FROM stage s JOIN zhike_answersheet a ON a.survey_id = %(survey)s AND a.row = s.rowno
CROSS JOIN LATERAL jsonb_each_text(s.answers) e
JOIN zhike_surveyquestion q ON q.survey_id = %(survey)s
    AND e.key = q.role || CASE WHEN q.number > 0 THEN ':' || q.number ELSE '' END"""
SUMMED = """
UPDATE zhike_answersheet a SET satisfaction = s.satisfaction, recommend = s.recommend FROM (
    SELECT b.sheet_id, round(max(b.value) FILTER (WHERE q.role = 'recommend'))::smallint AS recommend,
        coalesce(max(100 * (b.value - q.low) / (q.high - q.low)) FILTER (WHERE q.role = 'overall'),
                 avg(100 * (b.value - q.low) / (q.high - q.low)) FILTER (WHERE q.role = 'rating')) AS satisfaction
    FROM zhike_answer b JOIN zhike_surveyquestion q ON q.id = b.question_id WHERE q.survey_id = %s GROUP BY 1
) s WHERE s.sheet_id = a.id"""
UNKNOWN = "SELECT count(*) FROM stage s JOIN who w USING (ckey) WHERE w.customer_id IS NULL AND w.reason = ''"


class SheetCleaning(Cleaning):
    """Every row is an answer sheet; nothing needs to say whose."""

    def __init__(self, mapping: dict[str, int], rules: Rules, on: dict[str, scales.Scale]) -> None:
        self.kind, self.mapping, self.rules = ImportKind.ANSWERS, mapping, rules
        self.cleaners = {code: _cleaner(code, on[code]) if code in on else cleaning.cleaner(code, rules) for code in mapping}

    def clean(self, chunk: Chunk) -> Cleaned:
        cleaned = super().clean(chunk)
        silent = pc.equal(cleaned.table["answers"], "{}")
        cleaned.problems += [Problem(row, NO_COLUMN, "no_answer") for row in cleaned.table.filter(silent)["rowno"].to_pylist()]
        return Cleaned(cleaned.table.filter(pc.invert(silent)), cleaned.problems)

    def _nobody(self, columns: Mapping[str, pa.Array], length: int) -> Any:
        return super()._nobody(columns, length) & False

    def _table(self, numbers: NDArray[Any], columns: dict[str, pa.Array], good: NDArray[Any]) -> pa.Table:
        asked = {code: values for code, values in columns.items() if roles.parsed(code)}
        key = key_of(columns)
        found = {"rowno": pa.array(numbers), "ckey": pa.repeat("", len(numbers)) if key is None else pc.fill_null(key, "")}
        found |= {code: values for code, values in columns.items() if code not in asked}
        return pa.table(found | {"answers": json_of(asked)}).filter(pa.array(good))


def _cleaner(code: str, scale: scales.Scale) -> Cleaner:
    found = roles.parsed(code)
    is_kano = found is not None and found[0] in roles.KANO_ROLES

    def parse(text: str) -> tuple[str | None, str]:
        value = scales.kano_answer(text) if is_kano else scales.answer(text, scale)
        return (f"{value:g}", "") if value is not None else (None, "bad_answer")

    return Cleaner("text", pa.string(), parse, strict=True)


def steps(cursor: Any, job: Job, progress: Progress) -> tuple[Outcome, Staging]:
    reading, source = Reading.from_json(job.batch.reading), path_of(job.batch)
    on = scales_of(source, reading, job.mapping, job.batch.options.get("scales", {}))
    order = job.batch.options.get("date_order") or date_order(source, reading, job.mapping, job.today)
    stage = Staging(cursor, ImportKind.ANSWERS)
    rows = load(stage, job, reading, progress, SheetCleaning(job.mapping, Rules(job.zone, job.today, order), on))
    progress.at("matching")
    _find_customers(stage, job)
    progress.at("writing")
    job.counts |= {"created": _write(stage, job, reading, on), "updated": {}, "skipped": 0, "remarks": _remarks(stage)}
    reasons = stage.rejected()
    job.counts["rejected"] = sum(reasons.values())
    progress.at("finishing")
    return Outcome(rows, job.counts, reasons, stage.problems(FIRST_PROBLEMS)), stage


def scales_of(source: Path, reading: Reading, mapping: dict[str, int], said: dict[str, str]) -> dict[str, scales.Scale]:
    """The scale of every question: as a person said, or as the whole column tells."""
    asked = roles.questions(mapping)
    free = [code for code, (role, _n) in asked.items() if role not in (*roles.KANO_ROLES, AnswerRole.RECOMMEND)]
    counts = _counted(source, reading, [mapping[code] for code in free if str(mapping[code]) not in said])
    chosen: dict[str, str] = {}
    for code in free:
        at = mapping[code]
        chosen[code] = said.get(str(at)) or scales.scale_of(counts[at], reading.columns[at])
        if not chosen[code]:
            raise FileProblem("no_scale", column=reading.columns[at])
    for code, scale in _evened(chosen, mapping, reading, said).items():
        chosen[code] = scale
    return {code: roles.scale(role, chosen.get(code, "")) for code, (role, _n) in asked.items()}


def _evened(chosen: dict[str, str], mapping: dict[str, int], reading: Reading, said: dict[str, str]) -> dict[str, str]:
    """Things of one questionnaire are rated on one scale, unless a person or a title says otherwise."""
    open_ = [
        code for code in chosen
        if ":" in code and str(mapping[code]) not in said and not scales.stated(reading.columns[mapping[code]])
    ]  # fmt: skip
    return dict.fromkeys(open_, scales.widest([chosen[code] for code in open_])) if open_ else {}


def _counted(source: Path, reading: Reading, positions: list[int]) -> dict[int, Counter[str]]:
    counts: dict[int, Counter[str]] = {at: Counter() for at in positions}
    for chunk in tables.chunks(source, reading) if positions else ():
        for at, count in counts.items():
            count.update(cell for row in chunk.rows if (cell := row[at].strip()))
    return counts


def _find_customers(stage: Staging, job: Job) -> None:
    """A name that several have says of nobody; a customer whom the importer may not see is not spoken for."""
    stage.run(WHO)
    stage.run("ANALYZE who (ckey, number, phone, name)")
    matching.match(stage, job.actor, matching.visible)
    stage.run("UPDATE who SET customer_id = NULL, reason = '' WHERE reason = 'name_not_unique'")
    matching.keep_in_reach(stage, job.actor, matching.visible)
    stage.reject_customers()


def _write(stage: Staging, job: Job, reading: Reading, on: dict[str, scales.Scale]) -> dict[str, int]:
    survey = Survey.objects.create(batch=job.batch, name=Path(job.batch.file_name).stem[:200], created_at=job.now)
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(
            survey=survey,
            role=role,
            number=number,
            title=guessing.thing(role, reading.columns[job.mapping[code]])[:80],
            low=low,
            high=high,
        )
        for code, (role, number) in roles.questions(job.mapping).items()
        for low, high in [on[code]]
    )
    sheets = stage.run(SHEETS, [survey.pk, str(job.zone)])
    answers = stage.run(ANSWERS, {"survey": survey.pk})
    stage.run(SUMMED, [survey.pk])
    return {"sheets": sheets, "answers": answers}


def _remarks(stage: Staging) -> dict[str, int]:
    found = {"anonymous": stage.value("SELECT count(*) FROM stage WHERE ckey = ''"), "unknown": stage.value(UNKNOWN)}
    return {name: count for name, count in found.items() if count}
