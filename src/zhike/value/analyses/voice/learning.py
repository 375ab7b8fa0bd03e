"""What is learned from people: the tone from the moods they recorded and what they corrected, words of topics and urgency from
corrections; and how good it is on what it has not seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import zhike_insight as zi
from zhike.value.analyses.voice import reading
from zhike.value.analyses.voice.reading import Correction, Words
from zhike.value.analyses.voice.reading_names import tone_name

LEAST, MOST = 60, 300  # texts of each tone: fewer teach nothing, more take longer and teach little
HELD_OUT = 0.25
FOLDS = 5


@dataclass(frozen=True)
class Judged:
    """A model, if there was enough to learn from, and its figures on texts it has not seen, beside the list of words."""

    model: "zi.SentimentModel | None"
    figures: dict[str, Any]


def tone_model(labelled: Mapping[str, bool]) -> Judged:
    """Text → whether it was unfavourable. The figures are of this very model, on texts left out of the learning."""
    texts = np.array(sorted(labelled), dtype=object)
    bad = np.array([labelled[text] for text in texts], dtype=bool)
    counts = {"unfavourable": int(bad.sum()), "others": int((~bad).sum())}
    if min(counts.values()) < LEAST:
        return Judged(None, {"labelled": counts, "least": LEAST})
    rng = np.random.default_rng(0)
    chosen = [rng.permutation(np.flatnonzero(bad == side))[:MOST] for side in (True, False)]
    held = np.concatenate([part[: round(len(part) * HELD_OUT)] for part in chosen])
    train = np.concatenate([part[round(len(part) * HELD_OUT) :] for part in chosen])
    model = zi.SentimentModel(folds=3).fit(texts[train].tolist(), (~bad[train]).astype(int))
    fine, p, tone = ~bad[held], model.predict_positive(texts[held].tolist()), zi.lexicon_sentiment(texts[held].tolist())
    figures = {
        "labelled": counts, "least": LEAST, "learned": len(train), "tested": len(held),
        "accuracy": round(float(((p > 0.5) == fine).mean()), 4), "auc": round(float(zi.auc(p, fine)), 4),
        "words_accuracy": round(float(((tone >= 0) == fine).mean()), 4), "words_auc": round(float(zi.auc(tone, fine)), 4),
    }  # fmt: skip
    return Judged(model, figures)


def agreement(
    corrections: Sequence[Correction], topics: Words, common: Mapping[str, float], model: "zi.SentimentModel | None"
) -> dict[str, Any]:
    """Of each label: how many people gave, how often they found what the words alone say, and what is said when the words of the
    other corrections are learned (in five parts)."""
    tones = [tone_name(one) for one in reading.tones_of([one.text for one in corrections], model)]
    return {
        "topic": _agreed(
            [(one.text, one.topic) for one in corrections if one.topic], topics, common,
            lambda texts, learned: reading.topics_of(texts, reading.with_learned(topics, learned)),
        ),
        "tone": _counted([(tone, one.tone) for tone, one in zip(tones, corrections, strict=True) if one.tone]),
        "urgency": _agreed([(one.text, one.urgency) for one in corrections if one.urgency], {}, common, reading.urgencies_of),
    }  # fmt: skip


def _agreed(
    pairs: list[tuple[str, str]], known: Words, common: Mapping[str, float], read: Callable[[list[str], Words], list[str]]
) -> dict[str, Any]:
    texts = [text for text, _said in pairs]
    plain = _counted(list(zip(read(texts, {}), (said for _text, said in pairs), strict=True)))
    if len(pairs) < FOLDS:
        return plain
    both: list[tuple[str, str]] = []
    for part in range(FOLDS):
        others = [pair for place, pair in enumerate(pairs) if place % FOLDS != part]
        mine = [pair for place, pair in enumerate(pairs) if place % FOLDS == part]
        found = read([text for text, _said in mine], reading.learned_words(others, known, common))
        both += zip(found, (said for _text, said in mine), strict=True)
    return plain | {"learned": _counted(both)["agreed"]}


def _counted(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    agreed = sum(found == said for found, said in pairs)
    return {"n": len(pairs), "agreed": round(agreed / len(pairs), 4) if pairs else None, "learned": None}
