"""How one text is read: topic, tone, urgency by words and the kept model; what people corrected comes before both."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value.analyses.voice.reading_names import LEVELS
from zhike.value.analyses.voice.topics import OTHER

Floats = NDArray[np.float64]
Words = Mapping[str, Sequence[str]]
NOW, SOON = 0.7, 0.4
TONES = {"unfavourable": 15.0, "neutral": 50.0, "favourable": 90.0}  # of what a person said
HARMLESS = re.compile("[打点]不?着火")  # an engine that does not start is no fire
OURS = frozenset((  # what staff write of every contact
    "客户", "顾客", "先生", "女士", "微信", "电话", "打电话", "来电", "到店", "反映", "回访", "哪些", "不能", "有没有", "需要",
    "表示", "反馈", "处理", "答应", "记录", "对方", "一起", "差不多", "还是", "满意",
))  # fmt: skip
TIMES, SHARE = 3, 0.75  # corrections that have a word, and how many of them agree, before it is learned
LIFT, SAMPLE = 3.0, 2000  # how much more often it stands there than in general, known from so many texts


@dataclass(frozen=True)
class Correction:
    """What a person said that a text is; empty where they did not say."""

    text: str
    topic: str
    tone: str
    urgency: str


def topics_of(texts: Sequence[str], words: Words) -> list[str]:
    """The topic with most words in each text, in the order of the list where several have as many."""
    order = {name: place for place, name in enumerate(words)}
    numbered = {
        f"{place:03d}": [word.lower() for word in several] for place, several in enumerate(words.values())
    }  # ties go by name there
    names = list(order)
    return [names[int(found[0])] if found else OTHER for found in zi.topics_of(texts, numbered)]


def urgencies_of(texts: Sequence[str], learned: Words) -> list[str]:
    """By rules; a word learned from corrections makes it more urgent, never less: no learned word may hush up a danger."""
    found = [urgency(one["urgency"]) for one in zi.urgency_of([HARMLESS.sub("", text) for text in texts])]
    if not learned:
        return found
    said = topics_of(texts, {name: learned[name] for name in ("now", "soon") if name in learned})
    return [own if own != OTHER and LEVELS.index(own) > LEVELS.index(rule) else rule for own, rule in zip(said, found, strict=True)]


def urgency(strength: float) -> str:
    return "now" if strength >= NOW else "soon" if strength >= SOON else "calm"


def tones_of(texts: Sequence[str], model: "zi.SentimentModel | None") -> Floats:
    """0 to 100: by the list of words; what the model takes for unfavourable is below 50, whatever the words say, the rest not."""
    listed = 50 + 50 * zi.lexicon_sentiment(texts)
    if model is None or not len(texts):
        return np.asarray(listed)
    p = model.predict_positive(texts)
    return np.where(p < 0.5, 100 * np.minimum(p, 0.4), np.maximum(listed, 50.0))


def learned_words(pairs: Iterable[tuple[str, str]], known: Words, common: Mapping[str, float]) -> dict[str, list[str]]:
    """Words of texts that people put under a topic (or urgency): several corrections agree, and they are said far more often there
    than in general. `common`: share of all texts that have a word."""
    taken = {word for several in known.values() for word in several}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    of = Counter[str]()
    for text, name in set(pairs):
        of[name] += 1
        for word in {one for one in zi.words_of(text) if len(one) > 1} - taken - OURS:
            counts[word][name] += 1
    found: dict[str, list[str]] = defaultdict(list)
    for word, names in sorted(counts.items()):
        name, times = max(names.items(), key=lambda one: (one[1], one[0]))
        told = times >= TIMES and times >= SHARE * names.total() and name != OTHER
        if told and times / of[name] >= LIFT * common.get(word, 0.0):
            found[name].append(word)
    return dict(found)


def common_words(texts: Sequence[str]) -> dict[str, float]:
    """Of each word the share of texts that have it; of many texts a part."""
    some = texts[:: max(1, len(texts) // SAMPLE)]
    counts = Counter(word for text in some for word in set(zi.words_of(text)))
    return {word: count / len(some) for word, count in counts.items()}


def with_learned(known: Words, learned: Words) -> dict[str, tuple[str, ...]]:
    return {name: (*words, *learned.get(name, ())) for name, words in known.items()}
