"""Reads what was noted down of what customers said, and counts: by topic, month, department and product; new and urgent."""

import json

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.sales.models import ProductLine
from zhike.teams.models import Department
from zhike.value import tone_model
from zhike.value.analyses.heard import different, is_one_of, points
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.voice import counting, gathering, learning, reading
from zhike.value.analyses.voice.kind import LEAST, Options
from zhike.value.analyses.voice.reading import Correction
from zhike.value.analyses.voice.reading_names import LEVELS
from zhike.value.analyses.voice.topics import parsed
from zhike.value.journal import Progress

MOOD_TONES = {"happy": reading.TONES["favourable"], "neutral": reading.TONES["neutral"], "unhappy": reading.TONES["unfavourable"]}


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    said, corrected = gathering.said(material, options.days), gathering.corrections()
    if said.num_rows < LEAST:
        raise TooLittle
    progress(2, 10)
    topics = parsed(options.topics)
    texts, place = different(said["summary"])
    judged = learning.tone_model(_labelled(said, texts, place, corrected))
    common = reading.common_words(texts) if corrected else {}
    learned = {
        "topic": reading.learned_words(((one.text, one.topic) for one in corrected.values() if one.topic), topics, common),
        "urgency": reading.learned_words(((one.text, one.urgency) for one in corrected.values() if one.urgency), {}, common),
    }
    progress(5, 10)
    table = said.drop_columns(["summary"])
    for name, values in _read(
        said, texts, place, corrected, reading.with_learned(topics, learned["topic"]), learned, judged
    ).items():
        table = table.append_column(name, values)
    material.con.register("voices", table)
    progress(7, 10)
    day = material.as_of
    report = {
        "n": table.num_rows, "different": len(texts), "most": gathering.MOST, "days": options.days,
        "topics": counting.topics(material.con, [*topics, "other"], day, options.recent), "recent": options.recent,
        "months": counting.months(material.con),
        "departments": counting.places(material.con, "department_id", dict(Department.objects.values_list("pk", "name"))),
        "lines": counting.places(material.con, "line_id", dict(ProductLine.objects.values_list("pk", "name"))),
        **counting.words(texts, place, table, day, options.recent), **counting.whole(material.con),
        "urgent": counting.urgent(material.con), "learned": learned,
        "model": judged.figures | {"token": tone_model.keep(judged.model) if judged.model else ""},
        "corrections": {"n": len(corrected), **learning.agreement(list(corrected.values()), topics, common, judged.model)},
    }  # fmt: skip
    progress(9, 10)
    return Outcome(report, _findings(material))


def _labelled(
    said: pa.Table, texts: list[str], place: NDArray[np.int64], corrected: dict[int, Correction]
) -> dict[str, bool]:  # fmt: skip
    """Whether each text that a person judged was unfavourable: by the mood recorded with it, or what they corrected."""
    judged = is_one_of(said["mood"], *MOOD_TONES)
    bad = np.bincount(place, weights=is_one_of(said["mood"], "unhappy") & judged, minlength=len(texts))
    whole = np.bincount(place[judged], minlength=len(texts))
    found = {texts[at]: bool(bad[at] * 2 > whole[at]) for at in np.flatnonzero(whole)}
    return found | {one.text: one.tone == "unfavourable" for one in corrected.values() if one.tone}


def _read(
    said: pa.Table, texts: list[str], place: NDArray[np.int64], corrected: dict[int, Correction], topics: reading.Words,
    learned: dict[str, dict[str, list[str]]], judged: learning.Judged,
) -> dict[str, pa.Array]:  # fmt: skip
    """Topic, tone and urgency of every row: what a person said before what is read; a problem still open is at least soon."""
    topic = np.array(reading.topics_of(texts, topics), dtype=object)[place]
    urgency = np.array(reading.urgencies_of(texts, learned["urgency"]), dtype=object)[place]
    problem, resolved = (said[name].to_numpy(zero_copy_only=False).astype(bool) for name in ("is_problem", "is_resolved"))
    tone = points(said["mood"], MOOD_TONES)
    tone[problem] = reading.TONES["unfavourable"]
    silent = np.unique(place[np.isnan(tone)])
    read = np.full(len(texts), np.nan)
    read[silent] = reading.tones_of([texts[at] for at in silent], judged.model)
    tone = np.where(np.isnan(tone), read[place], tone)
    urgency[problem & ~resolved & (urgency == "calm")] = "soon"
    by_text = {one.text: one for one in reversed(corrected.values())}
    same = np.array([text in by_text for text in texts])[place]
    for row in np.flatnonzero(same):
        one = corrected.get(int(said["id"][int(row)].as_py())) or by_text[texts[place[row]]]
        topic[row], urgency[row] = one.topic or topic[row], one.urgency or urgency[row]
        tone[row] = reading.TONES.get(one.tone, tone[row])
    urgency[resolved] = "calm"
    level = np.array([LEVELS.index(one) for one in urgency], dtype=np.int64)
    return {"topic": pa.array(topic, pa.string()), "tone": pa.array(tone), "urgency": pa.array(level)}


def _findings(material: Material) -> pa.Table:
    rows = material.con.sql(counting.CUSTOMERS).to_arrow_table()
    names = ("n", "bad", "urgency", "last", "topics")
    details = [
        json.dumps({**dict(zip(names, told, strict=True)), "last": str(told[3]), "topics": told[4] or []}, ensure_ascii=False)
        for told in zip(*(rows[name].to_pylist() for name in names), strict=True)
    ]
    return rows.select(["customer_id", "group", "value"]).append_column("detail", pa.array(details, pa.string()))
