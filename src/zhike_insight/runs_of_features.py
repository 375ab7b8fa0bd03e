"""Whole analyses of a table of features or texts, as the command line runs them: a table and a result of plain data."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_insight.lifetime.triples import BadInput, NotEnoughData
from zhike_insight.runs import plain

HELD_OUT = 0.2
SCORECARD_FOLDS = 5


def segment_run(
    features: dict[str, Any], *, k: int | None = None, technique: str = "kmeans", goal: str | None = None, seed: int = 0
) -> tuple[pa.Table, dict[str, Any]]:
    """Segments of customers by their features.

    Returns
    -------
    (Arrow table, dict)
        `row` (from 1), `segment`; {"rows", "technique", "k", "reason", "criteria", "stability", "segments": size and rule of each,
        "tests": the rows of `segment_tests`, "left_out": columns of texts that nearly all differ}.

    Raises
    ------
    ValueError
        No column is left to segment by, or there is no column of the goal.
    """
    from zhike_insight.segments.clusters import KMeansSegments, choose_k, describe, stability
    from zhike_insight.segments.evaluation import segment_tests
    from zhike_insight.segments.mixture import MixtureSegments
    from zhike_insight.segments.prepare import Preparation

    if goal is not None:
        _column(features, goal)
    left_out, rows = _names(features), len(next(iter(features.values())))
    used = {name: values for name, values in features.items() if name not in left_out and name != goal}
    if not used:
        raise ValueError("there is no column to segment by")
    matrix = Preparation().fit_transform(used)
    different = len(np.unique(matrix[:2000], axis=0))
    choice = None if k else choose_k(matrix, range(2, min(9, max(different, 3))), technique=technique, seed=seed)
    k = k or (choice.k if choice else 2)
    model = (KMeansSegments if technique == "kmeans" else MixtureSegments)(k, seed=seed).fit(matrix)
    numbers = {name: values for name, values in used.items() if values.dtype != object}
    filled = {name: np.where(np.isfinite(values), values, np.nanmedian(values)) for name, values in numbers.items()}
    rules = describe(np.column_stack(list(filled.values())), model.labels_, list(filled)) if filled else []
    stable = stability(matrix[:5000], k, technique=technique, resamples=5, seed=seed)
    aim = features[goal] if goal is not None and features[goal].dtype != object else None
    tests = segment_tests(model.labels_, goal=aim, rules=rules, stability=stable)
    by_segment = {rule.segment: rule for rule in rules}
    sizes = np.bincount(model.labels_, minlength=k)
    result = {
        "rows": rows, "technique": technique, "k": k, "reason": choice.reason if choice else "as asked",
        "criteria": choice.criteria if choice else [], "stability": stable, "left_out": left_out,
        "segments": [
            {
                "segment": i, "customers": int(size), "share": float(size / rows),
                "rule": list(by_segment[i].conditions) if i in by_segment else [],
                "precision": by_segment[i].precision if i in by_segment else None,
                "recall": by_segment[i].recall if i in by_segment else None,
                "means": {name: float(np.mean(values[model.labels_ == i])) for name, values in filled.items() if size},
            }
            for i, size in enumerate(sizes)
        ],
        "tests": tests.to_pylist(),
    }  # fmt: skip
    return pa.table({"row": np.arange(1, rows + 1), "segment": model.labels_.astype(np.int64)}), plain(result)


def scorecard_run(
    features: dict[str, Any], target: str, positive: str | None = None, seed: int = 0
) -> tuple[pa.Table, dict[str, Any]]:
    """A scorecard, judged on rows that neither its bins nor its coefficients have seen.

    Returns
    -------
    (Arrow table, dict)
        `row` (from 1), `score`, `probability` of the bad outcome; {"rows", "bad", "positive", "auc", "ks", "gini": over five
        folds, bins inside; "challenger_auc": of `ScorecardChallenger` on the same folds; "in_sample_auc", "iv", "card": points of
        each bin, "dropped", "calibration"}.

    Raises
    ------
    ValueError
        There is no such column, or it does not hold two values.
    """
    from zhike_insight.runs import outcome_of
    from zhike_insight.scorecard.card import Scorecard
    from zhike_insight.scorecard.challenger import ScorecardChallenger
    from zhike_insight.scorecard.validation import auc, calibration, ks

    bad, positive = outcome_of(features, target, positive)
    left_out = _names(features, but=target)
    used = {name: values for name, values in features.items() if name != target and name not in left_out}
    rng = np.random.default_rng(seed)
    fold = np.empty(len(bad), dtype=np.intp)
    for outcome in (0, 1):
        members = rng.permutation(np.flatnonzero(bad == outcome))
        fold[members] = np.arange(len(members)) % SCORECARD_FOLDS
    if min(bad.sum(), len(bad) - bad.sum()) < SCORECARD_FOLDS:
        raise NotEnoughData(f"at least {SCORECARD_FOLDS} rows of each outcome are needed")
    unseen, challenged = np.empty(len(bad)), np.empty(len(bad))
    for i in range(SCORECARD_FOLDS):
        inside, outside = ({name: values[rows] for name, values in used.items()} for rows in (fold != i, fold == i))
        unseen[fold == i] = Scorecard().fit(inside, bad[fold != i]).predict_bad(outside)
        challenged[fold == i] = ScorecardChallenger(seed=seed).fit(inside, bad[fold != i]).predict_bad(outside)
    card = Scorecard().fit(used, bad)
    area, own = auc(unseen, bad), card.predict_bad(used)
    result = {
        "rows": len(bad), "bad": int(bad.sum()), "positive": positive, "auc": area, "gini": 2 * area - 1, "ks": ks(unseen, bad),
        "challenger_auc": auc(challenged, bad), "in_sample_auc": auc(own, bad), "dropped": card.dropped_,
        "iv": dict(sorted(card.iv_.items(), key=lambda pair: -pair[1])),
        "card": {name: [{"bin": label, "points": points} for label, points in bins] for name, bins in card.points().items()},
        "calibration": calibration(unseen, bad), "left_out": left_out,
    }  # fmt: skip
    table = pa.table({"row": np.arange(1, len(bad) + 1), "score": card.score(used), "probability": own})
    return table, plain(result)


def drivers_run(features: dict[str, Any], outcome: str, *, resamples: int = 500, seed: int = 0) -> tuple[pa.Table, dict[str, Any]]:
    """What drives an outcome: importance and performance of every other column of numbers.

    Returns
    -------
    (Arrow table, dict)
        One row an attribute, the most important first; {"rows", "n", "outcome", "method", "r_squared", "adjusted_r_squared",
        "highest_vif",
        "drivers", "left_out": columns of texts}.

    Raises
    ------
    ValueError
        There is no such column of numbers.
    """
    from zhike_insight.loyalty.drivers import key_drivers

    y = _column(features, outcome)
    if y.dtype == object:
        raise ValueError(f"{outcome!r} must be numbers")
    texts = [name for name, values in features.items() if values.dtype == object]
    attributes = {name: values for name, values in features.items() if name != outcome and name not in texts}
    found = key_drivers(attributes, y, resamples=resamples, seed=seed)
    rows = [asdict(driver) for driver in found.drivers]
    result = {
        "rows": len(y), "n": found.n, "outcome": outcome, "method": found.method, "r_squared": found.r_squared,
        "adjusted_r_squared": found.adjusted_r_squared, "highest_vif": found.highest_vif, "drivers": rows, "left_out": texts,
    }  # fmt: skip
    return pa.Table.from_pylist(rows), plain(result)


def sentiment_run(
    texts: Sequence[str], labels: Sequence[Any] | None = None, *, model: Any = None, seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> tuple[pa.Table, dict[str, Any], Any]:  # fmt: skip
    """Tone, topics and urgency of texts; with labels, a model trained on four fifths and judged on the rest.

    Returns
    -------
    (Arrow table, dict, SentimentModel or None)
        `row` (from 1), `positive` (probability; of the list of words without labels and model: its tone from 0 to 1),
        `topics`, `urgency`;
        {"rows", "method": "model" or "list of words", "topics": texts of each, "urgent"} and with labels {"accuracy", "auc",
        "train", "test",
        "majority": accuracy of always giving the more frequent label, "lexicon": accuracy and AUC of the list of words on
        the same rows,
        "repeated": texts that come again and are judged only once, "empty"}.

    Raises
    ------
    BadInput, NotEnoughData
        As for `SentimentModel.fit`.
    """
    from zhike_insight.voice.lexicon import TOPICS, lexicon_sentiment, topics_of, urgency_of

    tell = progress or (lambda _: None)
    result: dict[str, Any] = {"rows": len(texts), "method": "list of words"}
    if labels is not None:
        judged, model = _judged(texts, labels, seed, tell)
        result |= judged
    if model is not None:
        positive, result["method"] = model.predict_positive(texts), "model"
    else:
        positive = (lexicon_sentiment(texts) + 1) / 2
    tell(0.9)
    topics, urgency = topics_of(texts), urgency_of(texts)
    result["topics"] = {name: sum(name in found for found in topics) for name in TOPICS}
    result["urgent"] = sum(one["urgency"] >= 0.7 for one in urgency)
    result["mean_positive"] = float(np.mean(positive)) if len(texts) else None
    table = pa.table({
        "row": np.arange(1, len(texts) + 1), "positive": positive,
        "topics": pa.array([" ".join(found) for found in topics], pa.string()),
        "urgency": [one["urgency"] for one in urgency], "why": pa.array([" ".join(one["words"]) for one in urgency], pa.string()),
    })  # fmt: skip
    tell(1.0)
    return table, plain(result), model


def match_run(
    records: Any, *, threshold: float = 0.9, progress: Callable[[float], object] | None = None
) -> tuple[pa.Table, dict[str, Any]]:
    """Records that are probably one customer.

    Returns
    -------
    (Arrow table, dict)
        `first`, `second` (rows from 1), their names, `probability`, `group`, `for`, `against` (in words, English);
        {"rows", "pairs", "customers": with a second record, "top": the ten first}.
    """
    from zhike_insight.matching.duplicates import find_duplicates
    from zhike_insight.matching.words import match_words

    found = find_duplicates(records, threshold=threshold, progress=progress)
    names = records["name"].to_pylist()
    rows = [
        {
            "first": pair["first"] + 1, "second": pair["second"] + 1, "first_name": names[pair["first"]],
            "second_name": names[pair["second"]], "probability": pair["probability"], "group": pair["group"],
            "for": ", ".join(match_words(one["evidence"], one["finding"], "en") for one in pair["evidence"] if one["bits"] > 0),
            "against": ", ".join(match_words(one["evidence"], one["finding"], "en") for one in pair["evidence"] if one["bits"] < 0),
        }
        for pair in found.to_pylist()
    ]  # fmt: skip
    kinds = [("first", pa.int64()), ("second", pa.int64()), ("first_name", pa.string()), ("second_name", pa.string())]
    kinds += [("probability", pa.float64()), ("group", pa.int64()), ("for", pa.string()), ("against", pa.string())]
    result = {"rows": len(names), "pairs": len(rows), "customers": len({row["group"] for row in rows}), "top": rows[:10]}
    return pa.Table.from_pylist(rows, pa.schema(kinds)), plain(result)


def _judged(texts: Sequence[str], labels: Sequence[Any], seed: int, tell: Callable[[float], object]) -> tuple[dict[str, Any], Any]:
    """Hold-out of a fifth, texts that come again left out first so that none stands on both sides; then a model of all."""
    from zhike_insight.scorecard.validation import auc
    from zhike_insight.voice.lexicon import lexicon_sentiment
    from zhike_insight.voice.sentiment import SentimentModel

    kept: dict[str, int] = {}
    for row, text in enumerate(texts):
        key = "".join(text.split())
        if key:
            kept.setdefault(key, row)
    rows = np.array(sorted(kept.values()), dtype=np.intp)
    found = np.asarray(labels)[rows]
    values = np.unique(found)
    if len(values) != 2:
        raise BadInput(f"the label must hold two values, not {len(values)}: {', '.join(map(str, values[:5]))}")
    y = (found == values[1]).astype(np.float64)
    rng = np.random.default_rng(seed)
    test = np.zeros(len(rows), dtype=bool)
    for outcome in (0, 1):
        members = rng.permutation(np.flatnonzero(y == outcome))
        test[members[: round(len(members) * HELD_OUT)]] = True
    if not (0 < y[test].sum() < test.sum()):
        raise NotEnoughData("there are too few labelled texts for a hold-out")
    model = SentimentModel(seed=seed).fit([texts[row] for row in rows[~test]], y[~test])
    tell(0.5)
    held = [texts[row] for row in rows[test]]
    p, tone = model.predict_positive(held), lexicon_sentiment(held)
    empty = sum(not "".join(text.split()) for text in texts)
    judged = {
        "accuracy": float(((p > 0.5) == y[test]).mean()), "auc": auc(p, y[test]), "train": int((~test).sum()),
        "test": int(test.sum()),
        "majority": float(max(y[test].mean(), 1 - y[test].mean())), "repeated": len(texts) - empty - len(rows), "empty": empty,
        "lexicon": {"accuracy": float(((tone > 0) == y[test]).mean()), "auc": auc(tone, y[test])},
    }  # fmt: skip
    whole = SentimentModel(seed=seed).fit([texts[row] for row in rows], y)
    tell(0.8)
    return judged, whole


def _column(features: dict[str, Any], name: str) -> Any:
    if name not in features:
        raise ValueError(f"there is no column {name!r}; there are: {', '.join(features)}")
    return features[name]


def _names(features: dict[str, Any], but: str | None = None) -> list[str]:
    """Columns of texts that nearly all differ: names and numbers of customers, no features."""
    texts = [name for name, values in features.items() if values.dtype == object and name != but]
    return [name for name in texts if len(set(features[name].tolist())) > len(features[name]) / 2]
