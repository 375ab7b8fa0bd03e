"""What goes together: association rules, counted exactly."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import ceil
from typing import Any

import pyarrow as pa
from ibis.expr.types import Table

from zhike_insight.tables import BadTable


def baskets_of(lines: Any) -> list[list[Any]]:
    """Lines of orders as baskets.

    Parameters
    ----------
    lines : Arrow table or mapping of columns
        `basket`, `item`; one row a line. Lines without basket or item are left out.

    Returns
    -------
    list of list
        One basket a list, its items in the order of the lines; one named twice counts once in the rules.

    Raises
    ------
    BadTable
        A column is missing.

    Examples
    --------
    >>> baskets_of({"basket": [1, 1, 2, 2], "item": ["oil", "filter", "oil", "oil"]})
    [['oil', 'filter'], ['oil', 'oil']]
    """
    table = lines if isinstance(lines, pa.Table) else pa.table(dict(lines))
    for name in ("basket", "item"):
        if name not in table.column_names:
            raise BadTable(f"column {name!r} is missing; there are: {', '.join(table.column_names)}")
    grouped = table.select(["basket", "item"]).drop_null().group_by("basket", use_threads=False).aggregate([("item", "list")])
    return grouped["item_list"].to_pylist()  # type: ignore[no-any-return]


def association_rules(
    baskets: Iterable[Iterable[Any]], *, support: float = 0.01, confidence: float = 0.5, max_size: int = 10
) -> pa.Table:
    """Rules "who buys these also buys that", with one item on the right side.

    Parameters
    ----------
    baskets : iterable of iterables
        Items of each basket; repeated items count once.
    support : float
        Least share of the baskets that hold all items of the rule, above 0.
    confidence : float
        Least share of the baskets with the left side that also hold the right side.
    max_size : int
        Most items in a rule.

    Returns
    -------
    Arrow table
        `antecedent` (list of items), `consequent`, `both` (baskets with all), `with_antecedent`, `with_consequent`, `baskets`,
        `support`, `confidence`, `lift`; ordered by lift, then by `both`.

    Raises
    ------
    ValueError
        A threshold is out of range, or a basket is a text.

    Notes
    -----
    Agrawal & Srikant (1994). Thresholds are compared as whole numbers of baskets: a rule of exactly the least confidence is never
    lost to rounding. Frequent sets are found depth first on bit sets (Zaki 2000); items below the support cost nothing
    more, so that a million distinct products do no harm.

    Examples
    --------
    >>> rules = association_rules([["bread", "butter"], ["bread", "butter"], ["bread"], ["milk"]], support=0.5, confidence=0.6)
    >>> [(rule["antecedent"], rule["consequent"], rule["both"], rule["confidence"]) for rule in rules.to_pylist()]
    [(['bread'], 'butter', 2, 0.6666666666666666), (['butter'], 'bread', 2, 1.0)]
    """
    if not 0 < support <= 1 or not 0 <= confidence <= 1 or max_size < 2:
        raise ValueError("support must be above 0 and at most 1, confidence from 0 to 1, max_size at least 2")
    rows, least, items = _bit_sets(baskets, Fraction(str(support)))
    counts = dict(_frequent(items, least, max_size))
    sure = Fraction(str(confidence))
    found = [
        (left, right, both, counts[left], counts[frozenset([right])])
        for together, both in counts.items()
        if len(together) > 1
        for right in together
        for left in [together - {right}]
        if both >= sure * counts[left]
    ]
    return _table(found, rows)


def pair_rules(lines: Table, *, support: float = 0.01, confidence: float = 0.5) -> Table:
    """Rules of one item to another as one expression, for lines too many for one machine.

    Parameters
    ----------
    lines : Ibis table
        `basket`, `item`; one row a line. Lines without basket or item are left out, an item counts once a basket.
    support, confidence : float
        As for `association_rules`.

    Returns
    -------
    Ibis table
        As `association_rules` gives them for rules of two items, `antecedent` a single item; in no order.

    Raises
    ------
    ValueError
        A threshold is out of range.

    Notes
    -----
    Agrawal & Srikant (1994), *Fast algorithms for mining association rules*, VLDB.

    Examples
    --------
    >>> import ibis
    >>> lines = ibis.memtable(pa.table({"basket": [1, 1, 2, 2, 3], "item": ["oil", "filter", "oil", "filter", "oil"]}))
    >>> found = pair_rules(lines, support=0.5, confidence=0.6).to_pyarrow().to_pylist()
    >>> sorted((row["antecedent"], row["consequent"], round(row["confidence"], 2)) for row in found)
    [('filter', 'oil', 1.0), ('oil', 'filter', 0.67)]
    """
    if not 0 < support <= 1 or not 0 <= confidence <= 1:
        raise ValueError("support must be above 0 and at most 1, confidence from 0 to 1")
    once = lines.filter(lines.basket.notnull() & lines.item.notnull()).select("basket", "item").distinct()
    baskets = once.agg(baskets=once.basket.nunique())
    counts = once.group_by("item").agg(n=once.count()).cross_join(baskets)
    counts = counts.filter(counts.n >= counts.baskets * support - 1e-9)
    left = once.inner_join(counts.select(antecedent="item", with_antecedent="n"), once.item == counts.item)
    left = left.select("basket", "antecedent", "with_antecedent")
    right = left.select("basket", consequent="antecedent", with_consequent="with_antecedent")
    pairs = left.inner_join(right, "basket").filter(lambda t: t.antecedent != t.consequent)
    pairs = pairs.group_by("antecedent", "consequent", "with_antecedent", "with_consequent").agg(both=pairs.count())
    pairs = pairs.cross_join(baskets)
    exact = 1e-9  # of a basket: a rule of exactly the least confidence is not lost to rounding
    kept = pairs.filter(
        (pairs.both >= pairs.baskets * support - exact) & (pairs.both >= pairs.with_antecedent * confidence - exact)
    )
    n, both = kept.baskets.cast("float64"), kept.both.cast("float64")
    return kept.select(
        "antecedent", "consequent", "both", "with_antecedent", "with_consequent", "baskets",
        support=both / n, confidence=both / kept.with_antecedent,
        lift=both * n / (kept.with_antecedent * kept.with_consequent.cast("float64")),
    )  # fmt: skip


def recommend(rules: pa.Table, owned: Iterable[Any], *, most: int = 5) -> list[tuple[Any, float]]:
    """What to offer somebody with these items: right sides whose left side is owned, the surest first.

    Parameters
    ----------
    rules : Arrow table
        Of `association_rules`.
    owned : iterable
        Items.
    most : int
        Items offered.

    Returns
    -------
    list of (item, confidence)
        Items not owned yet, at most `most`, each with its highest confidence.

    Examples
    --------
    >>> rules = association_rules([["oil", "filter"], ["oil", "filter"], ["oil"]], support=0.2, confidence=0.5)
    >>> [(item, round(confidence, 2)) for item, confidence in recommend(rules, ["oil"])]
    [('filter', 0.67)]
    """
    have = set(owned)
    best: dict[Any, float] = {}
    columns = (rules[name].to_pylist() for name in ("antecedent", "consequent", "confidence"))
    for left, right, confidence in zip(*columns, strict=True):
        if right not in have and have.issuperset(left):
            best[right] = max(best.get(right, 0.0), confidence)
    return sorted(best.items(), key=lambda pair: -pair[1])[:most]


def hit_rates(
    train: Iterable[Iterable[Any]], test: Iterable[Iterable[Any]], rules: pa.Table, *, most: int = 5
) -> Mapping[str, float]:
    """Hold-out: from each test basket one item is hidden; how often is it among the `most` offered?

    The hidden item is the last of each basket with at least two. Where the rules offer fewer than `most`, the most popular items
    fill up.

    Parameters
    ----------
    train, test : iterable of iterable
        Baskets of items, for popularity and for the test.
    rules : Arrow table
        Of `association_rules`, learned from `train`.
    most : int
        Items offered.

    Returns
    -------
    mapping
        "rules" and "popularity" (always the most popular items not in the basket): shares; "baskets": how many were tested.

    Examples
    --------
    >>> train = [["oil", "filter"], ["oil", "filter"], ["wash"], ["oil"]]
    >>> rules = association_rules(train, support=0.2, confidence=0.5)
    >>> hit_rates(train, [["oil", "filter"], ["oil", "wash"]], rules, most=1)
    {'rules': 0.5, 'popularity': 0.5, 'baskets': 2}
    """
    popularity: dict[Any, int] = {}
    for basket in train:
        for item in set(basket):
            popularity[item] = popularity.get(item, 0) + 1
    ranking = sorted(popularity, key=lambda item: -popularity[item])
    tested = by_rules = by_popularity = 0
    for basket in test:
        *seen, hidden = basket = list(dict.fromkeys(basket))
        if len(basket) < 2:
            continue
        have = set(seen)
        popular = [item for item in ranking[: most + len(have)] if item not in have][:most]
        offered = [item for item, _ in recommend(rules, seen, most=most)]
        offered += [item for item in popular if item not in offered]
        tested += 1
        by_rules += hidden in offered[:most]
        by_popularity += hidden in popular
    share = max(tested, 1)
    return {"rules": by_rules / share, "popularity": by_popularity / share, "baskets": tested}


def _bit_sets(baskets: Iterable[Iterable[Any]], support: Fraction) -> tuple[int, int, dict[Any, int]]:
    """Number of baskets, least number of them, and for each item that is in so many the set of its baskets, as the bits of one
    number. Rarer items get none: a million of them would need a million numbers as long as there are baskets."""
    places: dict[Any, list[int]] = {}
    rows = 0
    for basket in baskets:
        if isinstance(basket, str):
            raise ValueError(f"a basket must be a list of items, not one text: {basket!r}")
        for item in set(basket):
            places.setdefault(item, []).append(rows)
        rows += 1
    least, items = max(1, ceil(support * rows)), {}
    for item, where in places.items():
        if len(where) < least:
            continue
        bits = bytearray(rows // 8 + 1)
        for place in where:
            bits[place >> 3] |= 1 << (place & 7)
        items[item] = int.from_bytes(bits, "little")
    return rows, least, items


def _frequent(items: Mapping[Any, int], least: int, max_size: int) -> Iterator[tuple[frozenset[Any], int]]:
    start = sorted(items.items(), key=lambda pair: pair[1].bit_count())
    stack: list[tuple[tuple[Any, ...], list[tuple[Any, int]]]] = [((), start)]
    while stack:
        prefix, candidates = stack.pop()
        for i, (item, bits) in enumerate(candidates):
            yield frozenset((*prefix, item)), bits.bit_count()
            if len(prefix) + 1 < max_size:
                joined = ((other, bits & more) for other, more in candidates[i + 1 :])
                further = [(other, both) for other, both in joined if both.bit_count() >= least]
                if further:
                    stack.append(((*prefix, item), further))


def _table(found: list[tuple[frozenset[Any], Any, int, int, int]], rows: int) -> pa.Table:
    found.sort(key=lambda r: (-r[2] * rows / (r[3] * r[4]), -r[2], sorted(map(str, r[0])), str(r[1])))
    return pa.table(
        {
            "antecedent": [sorted(left, key=str) for left, *_ in found],
            "consequent": [right for _, right, *_ in found],
            "both": pa.array([r[2] for r in found], pa.int64()),
            "with_antecedent": pa.array([r[3] for r in found], pa.int64()),
            "with_consequent": pa.array([r[4] for r in found], pa.int64()),
            "baskets": pa.array([rows] * len(found), pa.int64()),
            "support": pa.array([r[2] / rows for r in found], pa.float64()),
            "confidence": pa.array([r[2] / r[3] for r in found], pa.float64()),
            "lift": pa.array([r[2] * rows / (r[3] * r[4]) for r in found], pa.float64()),
        }
    )
