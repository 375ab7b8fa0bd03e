"""What is known of customers and products on a day, and which pairs of them are looked at."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from zhike_insight.offers.affinity import DENSE, ProductAffinity, best, cells_of, distinct, with_values
from zhike_insight.offers.purchases import Floats, Matrix, Purchases, Whole

Features = NDArray[np.float32]  # half as wide as is usual: there are many
CELLS = 4_000_000  # customers × products at a time
OWNED, RELATED, POPULAR = 60, 20, 12  # products of a customer that are looked at
FEATURES = (
    "bought", "silence", "silence_to_rhythm", "visits", "customer_silence", "customer_rhythm", "recent_visits",
    "popularity", "repeated", "affinity", "following",
)  # fmt: skip


class View:
    """What is known of customers and products on a day; of products by the purchases of others, where there are `like` them."""

    affinity: ProductAffinity
    sequence: ProductAffinity
    popularity: Floats
    repeated: Floats
    popular: Whole

    def __init__(self, purchases: Purchases, horizon: int, like: "View | None" = None) -> None:
        self.end, self.horizon, self.width = purchases.end, horizon, len(purchases.products)
        self.counts, first, self.last = cells_of(purchases)
        self.owned = with_values(self.counts, np.ones_like(self.counts.data))
        self.places = with_values(self.counts, np.arange(1, self.counts.nnz + 1, dtype=np.int32))
        self.of_place = [np.append(0.0, one.data) for one in (self.counts, first, self.last)]
        self._customers(purchases)
        if like:
            self.affinity, self.sequence = like.affinity, like.sequence
            self.popularity, self.repeated, self.popular = like.popularity, like.repeated, like.popular
        else:
            self._learn(purchases)
            self._products(purchases)
        self.having = self.sequence.fading(self.last, self.end)

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
        again = with_values(self.counts, (self.counts.data > 1).astype(np.float32))
        self.repeated = np.asarray(again.sum(axis=0)).ravel() / (buyers + 5)
        self.popular = np.argsort(-self.popularity, kind="stable")[:POPULAR]

    def blocks(self, rows: Whole | None = None) -> "Iterator[Block]":
        chosen = np.arange(len(self.visits)) if rows is None else np.asarray(rows)
        step = max(CELLS // self.width, 1)
        for start in range(0, max(len(chosen), 1), step):
            yield Block(self, chosen[start : start + step])


class Block:
    """Some customers: what speaks for each product, on how many days they bought it, on which last and first (0 where never), and
    which pairs are looked at."""

    def __init__(self, view: View, rows: Whole) -> None:
        self.view, self.rows = view, rows
        self.scores, self.following = _towards(view.owned[rows], view.affinity), _towards(view.having[rows], view.sequence)
        self.place = sp.csr_array(view.places[rows]).toarray()  # among the cells of the view, from 1; 0 where there is none

    def bought(self, row: Whole, product: Whole) -> tuple[Floats, Floats, Floats]:
        """On how many days, on which first and last; 0 where never."""
        place = self.place[row, product]
        count, first, last = (values[place] for values in self.view.of_place)
        return count, first, last

    def pairs(self) -> tuple[Whole, Whole]:
        """Row and product of every pair that is looked at, ordered by row."""
        view, width = self.view, self.place.shape[1]
        own_row, own, _, _ = best(view.last[self.rows], OWNED)
        related = np.where(self.place > 0, np.float32(0), self.scores)
        last = width - min(RELATED, width)
        looked = related >= np.maximum(np.partition(related, last, axis=1)[:, last : last + 1], 1e-9)
        looked[:, view.popular] = True
        looked[own_row, own] = True
        row, product = np.nonzero(looked)
        return row, product

    def features(self, row: Whole, product: Whole) -> Features:
        view, customer = self.view, self.rows[row]
        count, first, last = self.bought(row, product)
        with np.errstate(divide="ignore", invalid="ignore"):
            silence = np.where(count > 0, view.end - last, np.nan)
            own = np.where(count > 1, silence / np.maximum((last - first) / (count - 1), 1.0), np.nan)
            ratio = view.silence[self.rows] / np.maximum(view.rhythm[self.rows], 1.0)
        columns = [
            count, silence, own, view.visits[customer], view.silence[customer], ratio[row], view.recent[customer],
            view.popularity[product], view.repeated[product], self.scores[row, product], self.following[row, product],
        ]  # fmt: skip
        found = np.empty((len(row), len(FEATURES)), np.float32)
        for place, column in enumerate(columns):
            found[:, place] = column
        return found


def _towards(having: Matrix, affinity: ProductAffinity) -> NDArray[np.float32]:
    """What speaks for each product, of each of these customers."""
    weights = affinity.weights_
    if weights.shape[0] <= DENSE:
        return np.asarray(having @ weights.toarray(), dtype=np.float32)
    return np.asarray(sp.csr_array(having @ weights).toarray(), dtype=np.float32)


def at(matrix: Matrix, rows: Whole, columns: Whole) -> Floats:
    """The values of these cells of a sparse matrix."""
    if not len(rows):
        return np.empty(0)
    return np.asarray(matrix[rows, columns], dtype=np.float64).ravel()
