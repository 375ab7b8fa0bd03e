"""How the words of one interaction are read, as the analysis of voices would, without its model: that takes seconds to load."""

from zhike.customers.models import Interaction
from zhike.value.models import Analysis

MOODS = {"happy": "favourable", "neutral": "neutral", "unhappy": "unfavourable"}


def topics_offered() -> list[str]:
    """Those of the current analysis; the standard ones before there is one."""
    from zhike.value.analyses.voice.topics import OTHER, STANDARD, parsed

    return [*parsed(_current()[0] or STANDARD), OTHER]


def read_words(row: Interaction) -> dict[str, str]:
    """`topic`, `tone`, `urgency`: what a person said of them, else what is read."""
    from zhike.value.analyses.voice import reading
    from zhike.value.analyses.voice.reading_names import tone_name
    from zhike.value.analyses.voice.topics import STANDARD, parsed

    text, learned = _current()
    topics = reading.with_learned(parsed(text or STANDARD), learned.get("topic", {}))
    tone = (
        "unfavourable" if row.outcome == "problem" else MOODS.get(row.mood) or tone_name(reading.tones_of([row.summary], None)[0])
    )
    read = {
        "topic": reading.topics_of([row.summary], topics)[0], "tone": tone,
        "urgency": reading.urgencies_of([row.summary], learned.get("urgency", {}))[0],
    }  # fmt: skip
    if row.outcome == "problem" and row.resolved_at is None and read["urgency"] == "calm":
        read["urgency"] = "soon"
    label = getattr(row, "voice_label", None)
    return {name: getattr(label, name, "") or value for name, value in read.items()}


def _current() -> tuple[str, dict[str, dict[str, list[str]]]]:
    known = Analysis.objects.filter(kind="voice", is_current=True).values_list("options__topics", "report__learned").first()
    return (known[0] or "", known[1] or {}) if known else ("", {})
