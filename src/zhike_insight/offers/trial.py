"""One hold-out for all that offers products: who names what customers bought afterwards?"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from zhike_insight.basket import association_rules
from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.offers.affinity import ProductAffinity, owned_of, without
from zhike_insight.offers.propensity import ProductPropensity
from zhike_insight.offers.purchases import Matrix, Purchases, Whole

SAMPLE = 5_000  # customers tested
RULE_SUPPORT, RULE_CONFIDENCE = 0.01, 0.05
FULL = 1e-6  # weight of popularity where a technique names too few products


def compare_offers(
    purchases: Purchases,
    cut: date,
    *,
    days: int = 90,
    most: int = 10,
    support: float = RULE_SUPPORT,
    sample: int = 60_000,
    seed: int = 0,
) -> pa.Table:
    """What each technique, knowing nothing after `cut`, offers to the customers who came in the days after it.

    Parameters
    ----------
    purchases : Purchases
        As `product_purchases` gives them, until `cut` + `days` at least.
    cut : date
        End of what is known.
    days : int
        Length of the hold-out; also the horizon of the propensity.
    most : int
        Products offered to each customer.
    support : float
        Of the rules.
    sample : int
        Of the propensity.
    seed : int
        Of the customers tested, if more than 5,000 customers came.

    Returns
    -------
    Arrow table
        `technique` ("popular", "own": what the customer bought most often, filled up with the popular, "rules", "neighbours",
        "regression", "sequence", "propensity"); `hit_rate` (share of customers of whose purchases at least one was offered),
        `ndcg` (the earlier in the list the better; 1 is the best possible), `customers`; and `new_hit_rate`, `new_ndcg`,
        `new_customers` likewise where only products not bought before are offered and count.

    Raises
    ------
    NotEnoughData
        No customer known at the cut bought in the hold-out, or too little came before to learn from.

    Notes
    -----
    Järvelin & Kekäläinen (2002), *ACM TOIS* 20(4), for NDCG. The products that a technique does not name are ordered by popularity,
    so that all offer equally many.
    """
    known = purchases.until(cut)
    end = known.end + days
    after = (purchases.day > known.end) & (purchases.day <= end)
    cells = np.ones(int(after.sum()), np.float32), (purchases.customer[after], purchases.product[after])
    came = sp.csr_array(cells, shape=(len(purchases.customers), len(purchases.products)))
    owned = owned_of(known)
    rows = np.flatnonzero((np.diff(owned.indptr) > 0) & (np.diff(came.indptr) > 0))
    if not len(rows):
        raise NotEnoughData("no customer known at the cut bought anything in the days after it")
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    popular = _popular(owned)
    result = [
        {"technique": name, **_measured(scores(rows), popular, owned[rows], came[rows], most)}
        for name, scores in _techniques(known, owned, support, ProductPropensity(horizon=days, sample=sample, seed=seed)).items()
    ]
    return pa.Table.from_pylist(result)


def _techniques(
    known: Purchases, owned: Matrix, support: float, propensity: ProductPropensity
) -> Mapping[str, Callable[[Whole], Matrix]]:
    counts = known.matrix()
    fading = known.matrix(0.5 ** ((known.end - known.day) / 90) * 1e-3)  # of equally frequent ones the latest
    found: dict[str, Callable[[Whole], Matrix]] = {
        "popular": lambda rows: sp.csr_array((len(rows), owned.shape[1])),
        "own": lambda rows: sp.csr_array(counts[rows] + fading[rows]),
        "rules": _by_rules(known, owned, support),
    }
    for technique in ("neighbours", "regression", "sequence"):
        model = ProductAffinity(technique).fit(known)
        found[technique] = partial(model.scores, known)
    propensity.fit(known)
    found["propensity"] = partial(propensity.chances, known)
    return found


def _by_rules(known: Purchases, owned: Matrix, support: float) -> Callable[[Whole], Matrix]:
    """Rules of one product to another from what is bought on one day; of several that fit a customer the surest counts."""
    order = np.lexsort((known.day, known.customer))
    who, day = known.customer[order], known.day[order]
    baskets = np.split(known.product[order], np.flatnonzero((who[1:] != who[:-1]) | (day[1:] != day[:-1])) + 1)
    rules = association_rules((b.tolist() for b in baskets), support=support, confidence=RULE_CONFIDENCE, max_size=2)
    left = np.array([items[0] for items in rules["antecedent"].to_pylist()], np.int64)
    right, sure = rules["consequent"].to_numpy().astype(np.int64), rules["confidence"].to_numpy()

    def scores(rows: Whole) -> Matrix:
        found = sp.lil_array((len(rows), owned.shape[1]))
        for i, row in enumerate(rows):
            fits = np.isin(left, owned.indices[owned.indptr[row] : owned.indptr[row + 1]])
            surest = np.zeros(owned.shape[1])
            np.maximum.at(surest, right[fits], sure[fits])
            found[[i], :] = surest
        return sp.csr_array(found)

    return scores


def _popular(owned: Matrix) -> Any:
    buyers = np.asarray(owned.sum(axis=0)).ravel()
    return buyers / max(buyers.max(), 1) * FULL


def _measured(scores: Matrix, popular: Any, owned: Matrix, came: Matrix, most: int) -> dict[str, float]:
    hit, gain, customers = _hits(scores, popular, came, most)
    new = without(came, owned)
    some = np.flatnonzero(np.diff(new.indptr) > 0)
    new_hit, new_gain, new_customers = _hits(scores[some], popular, new[some], most, owned[some])
    return {
        "hit_rate": hit, "ndcg": gain, "customers": customers,
        "new_hit_rate": new_hit, "new_ndcg": new_gain, "new_customers": new_customers,
    }  # fmt: skip


def _hits(scores: Matrix, popular: Any, came: Matrix, most: int, owned: Matrix | None = None) -> tuple[float, float, int]:
    rows, width = scores.shape
    most = min(most, width)
    if not rows:
        return float("nan"), float("nan"), 0
    weight = 1 / np.log2(np.arange(2, most + 2))
    hits, gains = np.zeros(rows), np.zeros(rows)
    for start in range(0, rows, 500):
        part = slice(start, start + 500)
        dense = scores[part].toarray() + popular[None, :]
        bought = came[part].toarray() > 0
        if owned is not None:
            dense[owned[part].toarray() > 0] = -np.inf
        order = np.argsort(-dense, axis=1, kind="stable")[:, :most]
        right = np.take_along_axis(bought, order, axis=1)
        ideal = np.cumsum(weight)[np.minimum(bought.sum(axis=1), most) - 1]
        hits[part], gains[part] = right.any(axis=1), right @ weight / ideal
    return float(hits.mean()), float(gains.mean()), rows
