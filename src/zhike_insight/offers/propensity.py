"""How probable it is that a customer buys a product in the time to come: all that is known of both, learned from earlier days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.offers.affinity import ProductAffinity, best, day_of, distinct, last_days, strongest
from zhike_insight.offers.purchases import Floats, Matrix, Purchases, Whole
from zhike_insight.scorecard.validation import rising_groups

CELLS = 4_000_000  # customers × products at a time
OWNED, RELATED, POPULAR = 60, 20, 12  # products of a customer that are looked at
FEWEST = 50  # purchases of the earlier period without which nothing can be learned
KINDS = ("logistic", "boosted")
CLEARLY = 1.01  # as good is good enough for the trees, which order better; clearly worse is not
FEATURES = (
    "bought", "silence", "silence_to_rhythm", "visits", "customer_silence", "customer_rhythm", "recent_visits",
    "popularity", "repeated", "affinity", "following",
)  # fmt: skip


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
        view = _View(purchases, self.horizon, None if like is None else self._view_of(like))
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
        view = _View(purchases, self.horizon)
        return sp.csr_array(sp.vstack([self._probable(block) for block in view.blocks(rows)]), dtype=np.float64)

    def _view_of(self, purchases: Purchases) -> "_View":
        """Made once, although many parts are asked for."""
        known: tuple[Purchases, _View] | None = getattr(self, "_like", None)
        if known is None or known[0] is not purchases:
            self._like = known = purchases, _View(purchases, self.horizon)
        return known[1]

    def _probable(self, block: "_Block") -> Matrix:
        row, product = block.pairs()
        chance = _chance(self.model_, block.features(row, product))
        return sp.csr_array((chance, (row, product)), shape=block.count.shape)

    def _offers(self, block: "_Block", most: int, new_only: bool) -> tuple[Any, ...]:
        row, product = block.pairs()
        if new_only:
            new = block.count[row, product] == 0
            row, product = row[new], product[new]
        chance = _chance(self.model_, block.features(row, product))
        row, product, chance, rank = _highest(row, product, chance, most, block.count.shape)
        who, view = block.rows[row], block.view
        days, last = block.count[row, product], block.last[row, product]
        why = strongest(view.owned, view.affinity.weights_, who, product)
        return who, product, chance, rank, days, np.where(days > 0, last, -1), why

    def _lesson(self, purchases: Purchases, back: int) -> "_Lesson":
        start = purchases.as_of - timedelta(days=back * self.horizon)
        end = purchases.end - (back - 1) * self.horizon
        seen = purchases.until(start)
        came = (purchases.day > seen.end) & (purchases.day <= end)
        if not len(seen.customer):
            return _Lesson.nothing()
        view = _View(seen, self.horizon)
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
        found = {kind: np.clip(_chance(_learn(kind, lesson, self.seed), later.features), 1e-9, 1 - 1e-9) for kind in KINDS}
        self.compared_ = {kind: _log_loss(later.bought, chance) for kind, chance in found.items()}
        self.kind_ = "boosted" if self.compared_["boosted"] < CLEARLY * self.compared_["logistic"] else "logistic"
        chance, self.log_loss_ = found[self.kind_], self.compared_[self.kind_]
        base = np.clip(later.features[:, FEATURES.index("popularity")], 1e-9, 1 - 1e-9)
        self.base_log_loss_ = _log_loss(later.bought, base)
        self.calibration_ = [
            {"expected": float(chance[g].mean()), "actual": float(later.bought[g].mean()), "pairs": len(g)}
            for g in rising_groups(chance, 10)
        ]


@dataclass(frozen=True)
class _Lesson:
    customer: Whole
    features: Floats
    bought: Any

    @classmethod
    def nothing(cls) -> "_Lesson":
        return cls(np.empty(0, np.int64), np.empty((0, len(FEATURES))), np.empty(0, bool))

    def part(self, which: Any) -> "_Lesson":
        return _Lesson(self.customer[which], self.features[which], self.bought[which])

    def and_(self, other: "_Lesson") -> "_Lesson":
        pairs = zip((self.customer, self.features, self.bought), (other.customer, other.features, other.bought), strict=True)
        return _Lesson(*(np.concatenate(pair) for pair in pairs))


class _View:
    """What is known of customers and products on a day; of products by the purchases of others, where there are `like` them."""

    affinity: ProductAffinity
    sequence: ProductAffinity
    popularity: Floats
    repeated: Floats
    popular: Whole

    def __init__(self, purchases: Purchases, horizon: int, like: "_View | None" = None) -> None:
        self.end, self.horizon, self.width = purchases.end, horizon, len(purchases.products)
        self.counts, self.last = purchases.matrix(), last_days(purchases)
        self.owned = self.counts.copy()
        self.owned.data = np.ones_like(self.counts.data)
        turned = Purchases(purchases.customers, purchases.products, purchases.customer, purchases.product,
                           -purchases.day, purchases.as_of)  # fmt: skip
        self.first = last_days(turned)
        self.first.data = -self.first.data
        self._customers(purchases)
        if like:
            self.affinity, self.sequence = like.affinity, like.sequence
            self.popularity, self.repeated, self.popular = like.popularity, like.repeated, like.popular
        else:
            self._learn(purchases)
            self._products(purchases)
        self.having = self.sequence._having(purchases)

    def _learn(self, purchases: Purchases) -> None:
        self.affinity, self.sequence = ProductAffinity("regression"), ProductAffinity("sequence")
        self.affinity.weights_ = self.sequence.weights_ = sp.csr_array((self.width, self.width), dtype=np.float32)
        if self.width > 1:
            self.affinity.fit(purchases)
            self.sequence.fit(purchases)

    def _customers(self, purchases: Purchases) -> None:
        n = len(purchases.customers)
        who, day = distinct(purchases.customer, purchases.day)
        self.visits = np.bincount(who, minlength=n).astype(np.float64)
        self.recent = np.bincount(who[day > self.end - self.horizon], minlength=n).astype(np.float64)
        first, last = np.full(n, self.end), np.full(n, self.end)
        first[who[::-1]] = day[::-1]
        last[who] = day  # ordered by day: the last one stays
        self.silence = (self.end - last).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.rhythm = np.where(self.visits > 1, (last - first) / (self.visits - 1), np.nan)

    def _products(self, purchases: Purchases) -> None:
        recent = purchases.day > self.end - self.horizon
        bought = distinct(purchases.customer[recent], purchases.product[recent])[1]
        active = max(int((self.visits > 0).sum()), 1)
        self.popularity = np.bincount(bought, minlength=self.width) / active
        buyers = np.maximum(np.asarray(self.owned.sum(axis=0)).ravel(), 1.0)
        again = self.counts.copy()
        again.data = (again.data > 1).astype(np.float32)
        self.repeated = np.asarray(again.sum(axis=0)).ravel() / (buyers + 5)
        self.popular = np.argsort(-self.popularity, kind="stable")[:POPULAR]

    def blocks(self, rows: Whole | None = None) -> "Iterator[_Block]":
        chosen = np.arange(len(self.visits)) if rows is None else np.asarray(rows)
        step = max(CELLS // self.width, 1)
        for start in range(0, max(len(chosen), 1), step):
            yield _Block(self, chosen[start : start + step])


class _Block:
    """Some customers: what speaks for each product, on how many days they bought it, on which last and first (0 where never), and
    which pairs are looked at."""

    def __init__(self, view: _View, rows: Whole) -> None:
        self.view, self.rows = view, rows
        self.scores = sp.csr_array(view.owned[rows] @ view.affinity.weights_).toarray()
        self.following = sp.csr_array(view.having[rows] @ view.sequence.weights_).toarray()
        self.count, self.last, self.first = (one[rows].toarray().astype(np.float32) for one in (view.counts, view.last, view.first))

    def pairs(self) -> tuple[Whole, Whole]:
        """Row and product of every pair that is looked at, ordered by row."""
        view, (many, width) = self.view, self.count.shape
        own_row, own, _, _ = best(view.last[self.rows], OWNED)
        looked = np.zeros((many, width), dtype=bool)
        related = np.where(self.count > 0, 0.0, self.scores)
        most = min(RELATED, width)
        top = np.argpartition(related, width - most, axis=1)[:, width - most :]
        np.put_along_axis(looked, top, np.take_along_axis(related, top, axis=1) > 1e-9, axis=1)
        looked[:, view.popular] = True
        looked[own_row, own] = True
        row, product = np.nonzero(looked)
        return row, product

    def features(self, row: Whole, product: Whole) -> Floats:
        view, customer = self.view, self.rows[row]
        count, last, first = (one[row, product].astype(np.float64) for one in (self.count, self.last, self.first))
        with np.errstate(divide="ignore", invalid="ignore"):
            silence = np.where(count > 0, view.end - last, np.nan)
            own = np.where(count > 1, silence / np.maximum((last - first) / (count - 1), 1.0), np.nan)
            ratio = view.silence[self.rows] / np.maximum(view.rhythm[self.rows], 1.0)
        columns = [
            count, silence, own, view.visits[customer], view.silence[customer], ratio[row], view.recent[customer],
            view.popularity[product], view.repeated[product], self.scores[row, product], self.following[row, product],
        ]  # fmt: skip
        return np.column_stack(columns)


def _highest(row: Whole, product: Whole, chance: Floats, most: int, shape: tuple[int, int]) -> tuple[Whole, Whole, Floats, Whole]:
    """The pairs with the highest chances of each row, ordered, with their rank from 0; of equals the first product."""
    chances = np.full(shape, -1.0)
    chances[row, product] = chance
    most = min(most, shape[1])
    order = np.sort(np.argpartition(-chances, most - 1, axis=1)[:, :most], axis=1)
    found = np.take_along_axis(chances, order, axis=1)
    ranked = np.argsort(-found, axis=1, kind="stable")
    order, found = np.take_along_axis(order, ranked, axis=1), np.take_along_axis(found, ranked, axis=1)
    rows, rank = np.nonzero(found >= 0)
    return rows, order[rows, rank], found[rows, rank], rank


def at(matrix: Matrix, rows: Whole, columns: Whole) -> Floats:
    """The values of these cells of a sparse matrix."""
    if not len(rows):
        return np.empty(0)
    return np.asarray(matrix[rows, columns], dtype=np.float64).ravel()


def _chance(model: Any, features: Floats) -> Floats:
    chance: Floats = model.predict_proba(features)[:, -1]
    return chance if model.classes_[-1] else np.zeros(len(chance))


def _learn(kind: str, lesson: _Lesson, seed: int) -> Any:
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler
    from threadpoolctl import threadpool_limits

    if len(np.unique(lesson.bought)) < 2:  # everybody bought everything that was looked at, or nobody anything
        return DummyClassifier().fit(lesson.features, lesson.bought)
    if kind == "boosted":
        trees = HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.1, max_leaf_nodes=15, min_samples_leaf=40, l2_regularization=1.0, early_stopping=False,
            random_state=seed,
        )  # fmt: skip
        with threadpool_limits(1, "openmp"):  # for few rows threads only wait for each other
            return trees.fit(lesson.features, lesson.bought)
    line = make_pipeline(FunctionTransformer(_logs), StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return line.fit(lesson.features, lesson.bought)


def _logs(features: Floats) -> Floats:
    """For a line: counts and days as logarithms, and whether the product was ever bought, and ever again."""
    known = np.where(np.isfinite(features), np.maximum(features, 0.0), 0.0)
    logs = np.log1p(known)
    chances = np.log(known[:, [FEATURES.index("popularity")]] + 1e-3)
    return np.column_stack([logs, chances, features[:, 0] > 0, features[:, 0] > 1])


def _log_loss(came: Any, chance: Floats) -> float:
    return float(-np.mean(np.where(came, np.log(chance), np.log1p(-chance))))
