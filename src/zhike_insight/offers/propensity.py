"""How probable it is that a customer buys a product in the time to come: all that is known of both, learned from earlier days."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.offers.affinity import day_of, strongest
from zhike_insight.offers.candidates import FEATURES, POPULAR, RELATED, Block, Features, View, at
from zhike_insight.offers.purchases import Floats, Matrix, Purchases, Whole
from zhike_insight.scorecard.validation import rising_groups

FEWEST = 50  # purchases of the earlier period without which nothing can be learned
KINDS = ("logistic", "boosted")
LIKELIEST, FAINT = 8, 0.005  # products of a customer that the trees are asked of in any case; chance from which they are of more
CLEARLY = 1.01  # as good is good enough for the trees, which order better; clearly worse is not


class ProductPropensity(Estimator):
    """Probability that a customer buys a product within the horizon, from own purchases, affinity, sequence and popularity.

    Parameters
    ----------
    horizon : int
        Days.
    sample : int
        About so many pairs of customer and product are learned from in each period.
    seed : int
        For the sample of customers to learn from.

    Attributes
    ----------
    calibration_ : list of dict
        Ten groups of pairs by probability, on a later period than the one learned from: `expected` and `actual` shares, `pairs`.
    kind_ : str
        "boosted", or "logistic" where that had clearly (1 %) the lower log loss on that later period.
    log_loss_, base_log_loss_ : float
        On the same pairs; the latter of always giving each product's share of buyers in the period before.
    compared_ : dict
        Log loss by kind.
    base_rate_ : float
        Share of the pairs looked at that were bought.

    Notes
    -----
    For each customer the last 60 products bought, the 20 with the highest affinity and the 12 most popular are looked at; others
    count as probability zero. Logistic regression and boosted trees (Friedman 2001) learn what was bought from two horizons before
    the end to one before it, and are judged on what was bought from there: the report is out of time. The better of them then
    learns from both periods. With too short a history for that, the judgement is on the customers that the model has not seen.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> from zhike_insight import product_purchases
    >>> weekly = [(c, "tea", date(2026, 1, 1) + timedelta(weeks=w)) for c in range(60) for w in range(20)]
    >>> once = [(c, "pot", date(2026, 1, 1)) for c in range(60)]
    >>> columns = zip(*weekly + once, strict=True)
    >>> known = product_purchases(dict(zip(("customer_id", "product", "date"), columns, strict=True)))
    >>> table = ProductPropensity(horizon=28).fit(known).predict(known, most=1)
    >>> table["product"][0].as_py(), table["probability"][0].as_py() > 0.9
    ('tea', True)
    """

    def __init__(self, *, horizon: int = 90, sample: int = 60_000, seed: int = 0) -> None:
        self.horizon = horizon
        self.sample = sample
        self.seed = seed

    def fit(self, purchases: Purchases) -> Self:
        """Learn from what was bought in the last `horizon` days, and judge.

        Raises
        ------
        ValueError
            The horizon is not at least one day, or the sample empty.
        NotEnoughData
            Fewer than 50 products were bought in the last period by customers known before it.
        """
        if self.horizon < 1 or self.sample < 1:
            raise ValueError("horizon must be at least 1 day, and sample at least 1")
        last = self._lesson(purchases, 1)
        if last.bought.sum() < FEWEST:
            raise NotEnoughData(f"fewer than {FEWEST} purchases in the last {self.horizon} days by customers known before")
        earlier = self._lesson(purchases, 2)
        if earlier.bought.sum() >= FEWEST and not earlier.bought.all():
            self._judge(earlier, last)
            lesson = last.and_(earlier)
        else:
            half = last.customer % 2 == 0
            self._judge(last.part(half), last.part(~half))
            lesson = last
        self.model_ = _learn(self.kind_, lesson, self.seed)
        self.base_rate_ = float(last.bought.mean())
        return self

    def predict(
        self,
        purchases: Purchases,
        *,
        most: int = 5,
        new_only: bool = False,
        rows: Whole | None = None,
        like: Purchases | None = None,
    ) -> pa.Table:
        """The products that are most probable for each customer.

        Parameters
        ----------
        purchases : Purchases
            With the products of the fit; the period starts after its `as_of`.
        most : int
            Products a customer at the most.
        new_only : bool
            Only products the customer never bought.
        rows : int array, optional
            Positions of customers; by default all.
        like : Purchases, optional
            Where the popularity of products and what speaks for what are taken from, in place of `purchases`: for millions of
            customers, who come in parts, a sample of all. With the same products and day.

        Returns
        -------
        Arrow table
            `customer_id`, `rank` (from 1), `product`, `probability` (0 to 1), `bought` (days on which the customer bought it),
            `last_on` (null if never), `because` (the other product bought that speaks most for it; null if none).
        """
        view = View(purchases, self.horizon, None if like is None else self._view_of(like))
        parts = [self._offers(block, most, new_only) for block in view.blocks(rows)]
        who, what, chance, rank, days, last, why = (np.concatenate(column) for column in zip(*parts, strict=True))
        return pa.table(
            {
                "customer_id": purchases.customers.take(pa.array(who)),
                "rank": pa.array(rank + 1),
                "product": purchases.products.take(pa.array(what)),
                "probability": pa.array(chance),
                "bought": pa.array(days.astype(np.int64)),
                "last_on": day_of(last),
                "because": purchases.products.take(pa.array(why, pa.int64(), mask=why < 0)),
            }
        )

    def chances(self, purchases: Purchases, rows: Whole | None = None) -> Matrix:
        """The probabilities as a sparse matrix, customers × products; products not looked at are 0."""
        view = View(purchases, self.horizon)
        return sp.csr_array(sp.vstack([self._probable(block) for block in view.blocks(rows)]), dtype=np.float64)

    def _view_of(self, purchases: Purchases) -> View:
        """Made once, although many parts are asked for."""
        known: tuple[Purchases, View] | None = getattr(self, "_like", None)
        if known is None or known[0] is not purchases:
            self._like = known = purchases, View(purchases, self.horizon)
        return known[1]

    def _probable(self, block: Block) -> Matrix:
        row, product = block.pairs()
        chance = self.model_.chance(row, block.features(row, product))
        return sp.csr_array((chance, (row, product)), shape=block.place.shape)

    def _offers(self, block: Block, most: int, new_only: bool) -> tuple[Any, ...]:
        row, product = block.pairs()
        if new_only:
            new = block.place[row, product] == 0
            row, product = row[new], product[new]
        chance = self.model_.chance(row, block.features(row, product))
        pairs, rank = _highest(row, chance, most)
        row, product, chance = row[pairs], product[pairs], chance[pairs]
        who, view = block.rows[row], block.view
        days, _first, last = block.bought(row, product)
        why = strongest(view.owned, view.affinity.weights_, who, product)
        return who, product, chance, rank, days, np.where(days > 0, last, -1), why

    def _lesson(self, purchases: Purchases, back: int) -> "_Lesson":
        start = purchases.as_of - timedelta(days=back * self.horizon)
        end = purchases.end - (back - 1) * self.horizon
        seen = purchases.until(start)
        came = (purchases.day > seen.end) & (purchases.day <= end)
        if not len(seen.customer):
            return _Lesson.nothing()
        view = View(seen, self.horizon)
        known = np.unique(seen.customer)
        rng = np.random.default_rng(self.seed)
        share = self.sample / max(len(known) * (RELATED + POPULAR), 1)
        rows = np.sort(rng.choice(known, max(int(len(known) * share), 1), replace=False)) if share < 1 else known
        pairs = (purchases.customer[came], purchases.product[came])
        bought = sp.csr_array((np.ones(int(came.sum()), np.float32), pairs), shape=view.owned.shape)
        parts = []
        for block in view.blocks(rows):
            row, product = block.pairs()
            parts.append((block.rows[row], block.features(row, product), at(bought, block.rows[row], product) > 0))
        return _Lesson(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _judge(self, lesson: "_Lesson", later: "_Lesson") -> None:
        """Which of them it will be is decided where each is asked of everything; what is reported is how the better one is used."""
        models = {kind: _learn(kind, lesson, self.seed) for kind in KINDS}
        loss = {kind: _log_loss(later.bought, _inside(model.of_all(later.features))) for kind, model in models.items()}
        self.kind_ = "boosted" if loss["boosted"] < CLEARLY * loss["logistic"] else "logistic"
        chance = _inside(models[self.kind_].chance(later.customer, later.features))
        self.log_loss_ = _log_loss(later.bought, chance)
        self.compared_ = loss | {self.kind_: self.log_loss_}
        base = _inside(later.features[:, FEATURES.index("popularity")].astype(np.float64))
        self.base_log_loss_ = _log_loss(later.bought, base)
        self.calibration_ = [
            {"expected": float(chance[g].mean()), "actual": float(later.bought[g].mean()), "pairs": len(g)}
            for g in rising_groups(chance, 10)
        ]


@dataclass(frozen=True)
class _Lesson:
    customer: Whole
    features: Features
    bought: Any

    @classmethod
    def nothing(cls) -> "_Lesson":
        return cls(np.empty(0, np.int64), np.empty((0, len(FEATURES)), np.float32), np.empty(0, bool))

    def part(self, which: Any) -> "_Lesson":
        return _Lesson(self.customer[which], self.features[which], self.bought[which])

    def and_(self, other: "_Lesson") -> "_Lesson":
        pairs = zip((self.customer, self.features, self.bought), (other.customer, other.features, other.bought), strict=True)
        return _Lesson(*(np.concatenate(pair) for pair in pairs))


def _side_by_side(row: Whole, chance: Floats) -> tuple[Floats, Whole, Whole]:
    """The chances of pairs ordered by row, those of each row side by side, −1 behind the last; which of these rows each pair is in,
    and where each row starts."""
    starts = np.flatnonzero(np.append(True, row[1:] != row[:-1])[: len(row)])
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(row))))
    place = np.arange(len(row)) - starts[group]
    chances = np.full((len(starts), place.max(initial=0) + 1), -1.0)
    chances[group, place] = chance
    return chances, group, starts


def _highest(row: Whole, chance: Floats, most: int) -> tuple[Whole, Whole]:
    """Of pairs ordered by row those with the highest chances of each row, and their ranks from 0; of equals the first."""
    chances, _group, starts = _side_by_side(row, chance)
    order = np.argsort(-chances, axis=1, kind="stable")[:, :most]
    groups, rank = np.nonzero(np.take_along_axis(chances, order, axis=1) >= 0)
    return starts[groups] + order[groups, rank], rank


def _learn(kind: str, lesson: _Lesson, seed: int) -> "_Always | _Line | _Trees":
    if len(np.unique(lesson.bought)) < 2:  # everybody bought everything that was looked at, or nobody anything
        return _Always(float(lesson.bought[0]))
    return _Line(lesson) if kind == "logistic" else _Trees(lesson, seed)


@dataclass(frozen=True)
class _Always:
    share: float

    def of_all(self, features: Features) -> Floats:
        return np.full(len(features), self.share)

    def chance(self, row: Whole, features: Features) -> Floats:
        return self.of_all(features)


class _Line:
    """Logistic regression of logarithms; the scale of each is put into its weight, so that a chance costs one product."""

    def __init__(self, lesson: _Lesson) -> None:
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        logs, scaler = _logs(lesson.features).astype(np.float64), StandardScaler()
        line = LogisticRegression(C=0.1, max_iter=500).fit(scaler.fit_transform(logs), lesson.bought)
        self.weights = line.coef_[0] / scaler.scale_
        self.level = float(line.intercept_[0] - self.weights @ scaler.mean_)

    def of_all(self, features: Features) -> Floats:
        from scipy.special import expit

        score = _logs(features) @ self.weights.astype(np.float32)
        return np.asarray(expit(score.astype(np.float64) + self.level))

    def chance(self, row: Whole, features: Features) -> Floats:
        return self.of_all(features)


class _Trees:
    """Boosted trees, asked of what a line finds likeliest for each customer and of all that it does not find faint: to ask them of
    everything would take most of the time of millions of customers. The rest keeps the chance of the line, but none above what
    was asked."""

    def __init__(self, lesson: _Lesson, seed: int) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits

        trees = HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.1, max_leaf_nodes=15, min_samples_leaf=40, l2_regularization=1.0, early_stopping=False,
            random_state=seed,
        )  # fmt: skip
        with threadpool_limits(1, "openmp"):  # for few rows threads only wait for each other
            self.trees = trees.fit(lesson.features, lesson.bought)
        self.line = _Line(lesson)

    def of_all(self, features: Features) -> Floats:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, "openmp"):
            return np.asarray(self.trees.predict_proba(features)[:, 1])

    def chance(self, row: Whole, features: Features) -> Floats:
        found = self.line.chance(row, features)
        chances, group, _starts = _side_by_side(row, found)
        last = max(chances.shape[1] - LIKELIEST, 0)
        asked = found >= np.minimum(np.partition(chances, last, axis=1)[:, last], FAINT)[group]
        if asked.any():
            found[asked] = self.of_all(features[asked])
        least = np.ones(len(chances))
        np.minimum.at(least, group[asked], found[asked])
        return np.where(asked, found, np.minimum(found, least[group]))


def _logs(features: Features) -> Features:
    """For a line: counts and days as logarithms, and whether the product was ever bought, and ever again."""
    logs = np.log1p(np.where(np.isfinite(features), np.maximum(features, np.float32(0)), np.float32(0)))
    chances = np.log(features[:, [FEATURES.index("popularity")]] + np.float32(1e-3))
    return np.column_stack([logs, chances, features[:, 0] > 0, features[:, 0] > 1])


def _inside(chance: Floats) -> Floats:
    """A little above zero and below one, so that its logarithm is finite."""
    return np.clip(chance, 1e-9, 1 - 1e-9)


def _log_loss(came: Any, chance: Floats) -> float:
    return float(-np.mean(np.where(came, np.log(chance), np.log1p(-chance))))
