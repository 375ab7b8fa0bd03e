"""Which product belongs to which: collaborative filtering and what follows what, both as weights from product to product."""

from typing import Any, Self

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from numpy.typing import NDArray

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.offers.purchases import Floats, Matrix, Purchases, Whole

TECHNIQUES = ("regression", "neighbours", "sequence")
DENSE = 2000  # products of which all pairs are held at once: 32 MB
BLOCK = 512  # products, or some thousand customers, treated at a time
RELATED = 100  # products kept for each product


class ProductAffinity(Estimator):
    """Weights from product to product, learned from who bought what.

    Parameters
    ----------
    technique : {"regression", "neighbours", "sequence"}
        "regression": each product is explained by all others (ridge regression in closed form, its diagonal kept at zero), over the
        2,000 most bought. "neighbours": cosine of the buyers, shrunk where few bought both. "sequence": what is bought at the next
        visit more often than by chance, the less the longer the pause.
    shrinkage : float, optional
        Against chance: the ridge (by default 100) or the buyers added to each pair (by default 10).
    half_life : float
        Days after which a purchase, or the pause between two visits, counts half ("sequence" only).

    Attributes
    ----------
    weights_ : sparse matrix, products × products
        How much having the product of the row speaks for that of the column; the 100 strongest of each, none negative.

    Notes
    -----
    Steck (2019), *WWW*, "Embarrassingly shallow autoencoders"; Sarwar & al. (2001), *WWW*, for neighbours; Rendle & al. (2010),
    *WWW*, for chains. Memory: three numbers for each weight, and for "regression" 8 bytes for each pair of at most 2,000 products.

    Examples
    --------
    >>> from zhike_insight import product_purchases
    >>> day = __import__("datetime").date(2026, 1, 5)
    >>> bought = [(1, "tea"), (1, "cup"), (2, "tea"), (2, "cup"), (3, "tea"), (4, "nail")]
    >>> lines = {"customer_id": [c for c, _ in bought], "product": [p for _, p in bought], "date": [day] * 6}
    >>> known = product_purchases(lines)
    >>> model = ProductAffinity("neighbours").fit(known)
    >>> [(row["customer_id"], row["product"], row["because"]) for row in model.recommend(known, most=1).to_pylist()]
    [(3, 'cup', 'tea')]
    """

    def __init__(self, technique: str = "regression", *, shrinkage: float | None = None, half_life: float = 180.0) -> None:
        self.technique = technique
        self.shrinkage = shrinkage
        self.half_life = half_life

    def fit(self, purchases: Purchases) -> Self:
        """Learn the weights.

        Raises
        ------
        ValueError
            An option is out of range.
        NotEnoughData
            Fewer than two products.
        """
        if self.technique not in TECHNIQUES or self.half_life <= 0 or (self.shrinkage is not None and self.shrinkage <= 0):
            raise ValueError(f"technique must be one of {', '.join(TECHNIQUES)}; shrinkage and half_life above 0")
        if len(purchases.products) < 2:
            raise NotEnoughData("at least two products are needed")
        if self.technique == "sequence":
            self.weights_ = _following(purchases, self.shrinkage or 10.0, self.half_life)
        elif self.technique == "neighbours":
            self.weights_ = _neighbours(owned_of(purchases), self.shrinkage or 10.0)
        else:
            self.weights_ = _regression(owned_of(purchases), self.shrinkage or 100.0)
        return self

    def scores(self, purchases: Purchases, rows: Whole | slice = slice(None)) -> Matrix:
        """What speaks for each product, customers × products, sparse; of all customers or of the positions given."""
        return sp.csr_array(self._having(purchases)[rows] @ self.weights_)

    def recommend(self, purchases: Purchases, *, most: int = 5, rows: Whole | None = None) -> pa.Table:
        """Products not bought yet, the best first.

        Parameters
        ----------
        purchases : Purchases
            With the products of the fit.
        most : int
            Products a customer at the most.
        rows : int array, optional
            Positions of customers; by default all.

        Returns
        -------
        Arrow table
            `customer_id`, `rank` (from 1), `product`, `score`, `because` (the product owned that speaks most for it).
        """
        having, owned = self._having(purchases), owned_of(purchases)
        chosen = np.arange(len(purchases.customers)) if rows is None else np.asarray(rows)
        found = []
        for start in range(0, len(chosen), BLOCK * 8):
            part = chosen[start : start + BLOCK * 8]
            scores = without(sp.csr_array(having[part] @ self.weights_), owned[part])
            row, column, score, rank = best(scores, most)
            found.append((part[row], column, score, rank, strongest(having, self.weights_, part[row], column)))
        who, what, score, rank, why = (np.concatenate(column) for column in zip(*found, strict=True))
        return pa.table(
            {
                "customer_id": purchases.customers.take(pa.array(who)),
                "rank": pa.array(rank + 1),
                "product": purchases.products.take(pa.array(what)),
                "score": pa.array(score.astype(np.float64)),
                "because": purchases.products.take(pa.array(why, pa.int64(), mask=why < 0)),
            }
        )

    def _having(self, purchases: Purchases) -> Matrix:
        if self.technique != "sequence":
            return owned_of(purchases)
        return self.fading(cells_of(purchases)[2], purchases.end)

    def fading(self, last: Matrix, end: int) -> Matrix:
        """The days of the last purchases as what they still count at the end."""
        return with_values(last, (0.5 ** ((end - last.data) / self.half_life)).astype(np.float32))


def best(scores: Matrix, most: int) -> tuple[Whole, Whole, Floats, Whole]:
    """Row, column, value and rank from 0 of the highest values of each row, ordered."""
    row = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    order = np.lexsort((scores.indices, -scores.data, row))
    rank = np.arange(len(order)) - scores.indptr[row[order]]
    kept = order[rank < most]
    return row[kept], scores.indices[kept].astype(np.int64), scores.data[kept], rank[rank < most].astype(np.int64)


def without(scores: Matrix, owned: Matrix) -> Matrix:
    """The scores without what is owned."""
    owned = owned.copy()
    owned.data = np.ones_like(owned.data)
    left = sp.csr_array(scores - scores.multiply(owned))
    left.data[left.data < 1e-9] = 0
    left.eliminate_zeros()
    return left


def strongest(having: Matrix, weights: Matrix, rows: Whole, columns: Whole) -> Whole:
    """For each pair of customer and product the owned product that speaks most for it, −1 where none does."""
    dense = weights.toarray() if weights.shape[0] <= DENSE else None
    found = np.full(len(rows), -1, np.int64)
    for start in range(0, len(rows), BLOCK * 100):
        some, towards = rows[start : start + BLOCK * 100], columns[start : start + BLOCK * 100]
        held = sp.csr_array(having[some])
        pair = np.repeat(np.arange(len(some)), np.diff(held.indptr))
        cells = held.indices, towards[pair]
        value = held.data * (dense[cells] if dense is not None else np.asarray(weights[cells]).ravel())
        most = np.zeros(len(some), value.dtype)
        np.maximum.at(most, pair, value)
        says = np.flatnonzero((value > 0) & (value == most[pair]))[::-1]  # of equals the first product stays
        found[start + pair[says]] = held.indices[says]
    return found


def distinct(first: Whole, second: Whole) -> tuple[Whole, Whole]:
    """The different pairs, ordered; none negative."""
    if not len(first):
        return first, second
    low = int(second.min())
    span = int(second.max()) - low + 1
    keys = np.sort(first * span + (second - low))
    keys = keys[np.append(True, keys[1:] != keys[:-1])]
    return keys // span, keys % span + low


def owned_of(purchases: Purchases) -> Matrix:
    owned = purchases.matrix()
    owned.data = np.ones_like(owned.data)
    return owned


def with_values(matrix: Matrix, values: NDArray[Any]) -> Matrix:
    """The same cells with other values."""
    return sp.csr_array((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def cells_of(purchases: Purchases) -> tuple[Matrix, Matrix, Matrix]:
    """Customers × products: on how many days each was bought, on which first, and on which last."""
    many, width = len(purchases.customers), len(purchases.products)
    low = int(purchases.day.min(initial=purchases.end))
    span = int(purchases.day.max(initial=low)) - low + 1
    keys = np.sort((purchases.customer * width + purchases.product) * span + (purchases.day - low))
    cell, day = keys // span, keys % span + low
    ends = np.flatnonzero(np.append(cell[1:] != cell[:-1], True)[: len(cell)])
    begins = np.append(0, ends[:-1] + 1)[: len(ends)]
    rows = np.append(0, np.cumsum(np.bincount(cell[ends] // width, minlength=many)))
    counts = sp.csr_array(((ends - begins + 1).astype(np.float32), cell[ends] % width, rows), shape=(many, width))
    return counts, with_values(counts, day[begins].astype(np.float64)), with_values(counts, day[ends].astype(np.float64))


def _regression(owned: Matrix, ridge: float) -> Matrix:
    used = owned[:, : min(DENSE, owned.shape[1])]
    gram = (used.T @ used).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = _inverse(gram)
    inverse /= -np.diag(inverse)
    np.fill_diagonal(inverse, 0.0)
    parts = [_strongest_of(sp.csr_array(np.maximum(inverse[i : i + BLOCK], 0.0))) for i in range(0, len(inverse), BLOCK)]
    weights = sp.vstack(parts).tocoo()
    return sp.csr_array((weights.data.astype(np.float32), (weights.row, weights.col)), shape=(owned.shape[1],) * 2)


def _inverse(gram: Floats) -> Floats:
    """Of a symmetric positive matrix, at half the price of any."""
    from scipy.linalg.lapack import dpotrf, dpotri

    half, _ = dpotri(dpotrf(gram, lower=True)[0], lower=True)[:2]
    whole = np.tril(half)
    return np.asarray(whole + np.tril(half, -1).T)


def _neighbours(owned: Matrix, shrinkage: float) -> Matrix:
    buyers = np.maximum(np.asarray(owned.sum(axis=0)).ravel(), 1.0)
    turned, parts = sp.csr_array(owned.T), []
    for start in range(0, owned.shape[1], BLOCK):
        both = sp.coo_array(turned[start : start + BLOCK] @ owned)
        other = both.row + start != both.col
        row, col, n = both.row[other], both.col[other], both.data[other]
        cosine = n / np.sqrt(buyers[row + start] * buyers[col])
        parts.append(_strongest_of(sp.csr_array((cosine * n / (n + shrinkage), (row, col)), shape=both.shape)))
    return sp.csr_array(sp.vstack(parts), dtype=np.float32)


def _following(purchases: Purchases, shrinkage: float, half_life: float) -> Matrix:
    """Share of next visits with the product, above its share of all visits."""
    low = int(purchases.day.min()) if len(purchases.day) else 0
    span = int(purchases.day.max()) - low + 1 if len(purchases.day) else 1
    keys, place = np.unique(purchases.customer * span + (purchases.day - low), return_inverse=True)
    visits = np.stack([keys // span, keys % span + low])
    ones = np.ones(len(purchases.day), np.float32)
    held = sp.csr_array((ones, (np.ravel(place), purchases.product)), shape=(visits.shape[1], len(purchases.products)))
    first = np.flatnonzero(visits[0, 1:] == visits[0, :-1])
    fading = 0.5 ** ((visits[1, first + 1] - visits[1, first]) / half_life)
    before, after = held[first], held[first + 1]
    share = np.asarray(after.sum(axis=0)).ravel() / max(len(first), 1)
    visited: Floats = np.asarray(before.sum(axis=0)).ravel()
    faded, parts = sp.csr_array(sp.csr_array(before.T).multiply(fading[None, :])), []
    for start in range(0, held.shape[1], BLOCK):
        came = sp.coo_array(faded[start : start + BLOCK] @ after)
        other = came.row + start != came.col
        row, col, n = came.row[other], came.col[other], visited[came.row[other] + start]
        above = np.maximum(came.data[other] - share[col] * n, 0.0) / (n + shrinkage)
        parts.append(_strongest_of(sp.csr_array((above, (row, col)), shape=came.shape)))
    return sp.csr_array(sp.vstack(parts), dtype=np.float32)


def _strongest_of(weights: Matrix) -> Matrix:
    weights.eliminate_zeros()
    row, column, value, _ = best(weights, RELATED)
    return sp.csr_array((value, (row, column)), shape=weights.shape)


def day_of(values: NDArray[Any]) -> pa.Array:
    """Days since 1970-01-01 as dates, negative ones as nulls."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=values < 0).cast(pa.date32())
