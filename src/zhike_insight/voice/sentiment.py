"""How favourable a text is: trained on labelled texts, without network or graphics processor."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput, NotEnoughData
from zhike_insight.matching.sounds import fold
from zhike_insight.voice.lexicon import lexicon_sentiment
from zhike_insight.voice.words import clauses_of, texts_of, words_of

Floats = npt.NDArray[np.float64]
VIEWS = ("characters", "words")
CLAUSE_FEATURES = ("mean", "lowest", "highest", "first", "last", "last two", "share below 0", "spread", "number", "length")


class SentimentModel(Estimator):
    """Two linear models (characters, words), the tone of the clauses and of a list of words, joined by a third model.

    Parameters
    ----------
    folds : int
        Of the cross-validation in which the third model learns how far to trust the two.
    strength : float
        Inverse of the regularisation of the two.
    least : int
        Texts in which a piece must stand to be looked at.
    seed : int

    Attributes
    ----------
    classes_ : array, shape (2,)
        The labels; the second is the favourable one.
    weights_ : dict of str to array
        Weight of each piece of `pieces_`, by view.
    pieces_ : dict of str to list of str
    joint_ : array
        Weights of the joining model on standardised columns: the two scores, the clauses', the tone by the list of words.

    Notes
    -----
    Characters 1–4 and words 1–2, tf-idf with logarithmic counts, logistic regression (Wang & Manning 2012 find nothing better among
    linear models). The scores that the joining model learns from are of texts the two have not seen (Wolpert 1992).

    Examples
    --------
    >>> good, bad = ["房间干净，服务热情", "非常满意，推荐"], ["房间很脏，服务差", "太失望了，不推荐"]
    >>> model = SentimentModel(folds=2, least=1).fit(good * 5 + bad * 5, [1] * 10 + [0] * 10)
    >>> model.predict(["服务很热情", "真的很失望"]).tolist()
    [1, 0]
    """

    def __init__(self, *, folds: int = 5, strength: float = 16.0, least: int = 2, seed: int = 0) -> None:
        self.folds, self.strength, self.least, self.seed = folds, strength, least, seed

    classes_: Any
    pieces_: dict[str, list[str]]
    weights_: dict[str, Floats]
    joint_: Floats

    def fit(self, texts: Sequence[str], labels: Any) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        texts : sequence of str, length n
        labels : array, shape (n,)
            Two values; the greater (1, "positive" …) is the favourable one.

        Raises
        ------
        BadInput
            Lengths differ, or there are not exactly two labels, or no text has a word.
        NotEnoughData
            Fewer texts of a label than folds.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedKFold

        texts, labels = texts_of(texts), np.asarray(labels)
        classes = np.unique(labels)
        if len(texts) != len(labels):
            raise BadInput(f"{len(texts)} texts and {len(labels)} labels")
        if len(classes) != 2:
            raise BadInput(f"there must be two labels, not {len(classes)}: {', '.join(map(str, classes[:5]))}")
        y = (labels == classes[1]).astype(np.float64)
        if min(y.sum(), len(y) - y.sum()) < self.folds:
            raise NotEnoughData(f"at least {self.folds} texts of each label are needed")
        self.classes_ = classes
        folded = [fold(text) for text in texts]
        matrices = self._learn_pieces(folded)
        clauses, lengths = _clauses(folded)
        inside = self._vectors["characters"].transform(clauses)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        listed = lexicon_sentiment(folded)
        unseen = np.zeros((len(y), len(VIEWS) + len(CLAUSE_FEATURES) + 1))
        for train, test in StratifiedKFold(self.folds, shuffle=True, random_state=self.seed).split(y, y):
            models = {view: self._linear().fit(matrices[view][train], y[train]) for view in VIEWS}
            rows = np.concatenate([np.arange(starts[at], starts[at + 1]) for at in test])
            scores = [models[view].decision_function(matrices[view][test]) for view in VIEWS]
            tones = models["characters"].decision_function(inside[rows])
            unseen[test] = np.column_stack([*scores, _course(tones, [lengths[at] for at in test]), listed[test]])
        self._mean, self._deviation = unseen.mean(axis=0), np.maximum(unseen.std(axis=0), 1e-9)
        joint = LogisticRegression(C=0.3, max_iter=1000).fit((unseen - self._mean) / self._deviation, y)
        self.joint_, self._shift = np.asarray(joint.coef_[0]), float(joint.intercept_[0])
        final = {view: self._linear().fit(matrices[view], y) for view in VIEWS}
        self.weights_ = {view: np.asarray(model.coef_[0]) for view, model in final.items()}
        self._intercepts = {view: float(model.intercept_[0]) for view, model in final.items()}
        return self

    def predict_positive(self, texts: Sequence[str]) -> Floats:
        """Probability that each text is favourable, shape (n,); of an empty text that of no piece at all."""
        from scipy.special import expit

        texts = texts_of(texts)
        if not texts:
            return np.array([])
        folded = [fold(text) for text in texts]
        scores = [self._vectors[view].transform(folded) @ self.weights_[view] + self._intercepts[view] for view in VIEWS]
        clauses, lengths = _clauses(folded)
        tones = self._vectors["characters"].transform(clauses) @ self.weights_["characters"] + self._intercepts["characters"]
        columns = np.column_stack([*scores, _course(tones, lengths), lexicon_sentiment(folded)])
        return np.asarray(expit((columns - self._mean) / self._deviation @ self.joint_ + self._shift))

    def predict(self, texts: Sequence[str]) -> Any:
        """The label of each text, shape (n,)."""
        return self.classes_[(self.predict_positive(texts) > 0.5).astype(int)]

    def explain(self, text: str, most: int = 5) -> list[tuple[str, float]]:
        """The clauses of a text and their tone (log-odds of the characters), the strongest first."""
        clauses, _ = _clauses([fold(text)])
        tones = self._vectors["characters"].transform(clauses) @ self.weights_["characters"] + self._intercepts["characters"]
        return sorted(zip(clauses, map(float, tones), strict=True), key=lambda pair: -abs(pair[1]))[:most]

    def to_table(self) -> pa.Table:
        """The model as a table (view, piece, idf, weight), to be kept as Parquet: no code is in it."""
        import json

        parts = [(view, self.pieces_[view], self._vectors[view].idf_, self.weights_[view]) for view in VIEWS]
        facts = {
            "params": self.get_params(), "classes": self.classes_.tolist(), "joint": self.joint_.tolist(), "shift": self._shift,
            "mean": self._mean.tolist(), "deviation": self._deviation.tolist(), "intercepts": self._intercepts,
        }  # fmt: skip
        columns = {
            "view": pa.array([view for view, pieces, _, _ in parts for _ in pieces]).dictionary_encode(),
            "piece": pa.array([piece for _, pieces, _, _ in parts for piece in pieces]),
            "idf": np.concatenate([idf for _, _, idf, _ in parts]),
            "weight": np.concatenate([weight for _, _, _, weight in parts]),
        }
        return pa.table(columns).replace_schema_metadata({"sentiment": json.dumps(facts)})

    @classmethod
    def from_table(cls, table: pa.Table) -> Self:
        """The model that `to_table` gave.

        Raises
        ------
        BadInput
            The table is none of a model.
        """
        import json

        kept = (table.schema.metadata or {}).get(b"sentiment")
        if kept is None:
            raise BadInput("the table is no sentiment model")
        facts = json.loads(kept)
        model = cls(**facts["params"])
        model.classes_, model.joint_, model._shift = np.array(facts["classes"]), np.array(facts["joint"]), facts["shift"]
        model._mean, model._deviation, model._intercepts = (
            np.array(facts["mean"]),
            np.array(facts["deviation"]),
            facts["intercepts"],
        )
        model.pieces_, model.weights_, model._vectors = {}, {}, {}
        for view in VIEWS:
            rows = table.filter(pa.compute.equal(table["view"].cast(pa.string()), view))
            model.pieces_[view], model.weights_[view] = rows["piece"].to_pylist(), rows["weight"].to_numpy()
            model._vectors[view] = model._vectorizer(view, model.pieces_[view])
            model._vectors[view].idf_ = rows["idf"].to_numpy()
        return model

    _vectors: dict[str, Any]
    _intercepts: dict[str, float]

    def _learn_pieces(self, folded: Sequence[str]) -> dict[str, Any]:
        self._vectors = {view: self._vectorizer(view) for view in VIEWS}
        try:
            matrices = {view: vector.fit_transform(folded) for view, vector in self._vectors.items()}
        except ValueError as problem:
            raise BadInput(f"no piece of the texts comes in {self.least} of them: {problem}") from problem
        self.pieces_ = {view: vector.get_feature_names_out().tolist() for view, vector in self._vectors.items()}
        return matrices

    def _vectorizer(self, view: str, vocabulary: list[str] | None = None) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer

        options = {"min_df": 1 if vocabulary else self.least, "sublinear_tf": True, "lowercase": False, "vocabulary": vocabulary}
        if view == "characters":
            return TfidfVectorizer(analyzer="char", ngram_range=(1, 4), **options)
        return TfidfVectorizer(tokenizer=words_of, token_pattern=None, ngram_range=(1, 2), **options)

    def _linear(self) -> Any:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=self.strength, solver="liblinear", random_state=self.seed)


def _clauses(folded: Sequence[str]) -> tuple[list[str], list[int]]:
    parts = [clauses_of(text) for text in folded]
    return [clause for part in parts for clause in part], [len(part) for part in parts]


def _course(tones: Floats, lengths: Sequence[int]) -> Floats:
    """How the tone runs through each text."""
    found, start = np.empty((len(lengths), len(CLAUSE_FEATURES))), 0
    for row, length in enumerate(lengths):
        t = tones[start : start + length]
        start += length
        found[row] = [
            t.mean(), t.min(), t.max(), t[0], t[-1], t[-2:].mean(), (t < 0).mean(), t.std(), np.log(length), np.abs(t).sum() ** 0.5,
        ]  # fmt: skip
    return found
