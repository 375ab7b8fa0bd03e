"""Recency, frequency, monetary value: scores, the eight classes of Chinese practice, and the finer map of eleven segments."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import ibis
from ibis.expr.types import Column, Table

EIGHT_CLASSES: Mapping[tuple[bool, bool, bool], str] = {  # (recent, often, much)
    (True, True, True): "important_value",  # 重要价值
    (True, False, True): "important_develop",  # 重要发展
    (False, True, True): "important_keep",  # 重要保持
    (False, False, True): "important_retain",  # 重要挽留
    (True, True, False): "general_value",  # 一般价值
    (True, False, False): "general_develop",  # 一般发展
    (False, True, False): "general_keep",  # 一般保持
    (False, False, False): "general_retain",  # 一般挽留
}
# rows: recency score 5 (most recent) to 1; columns: mean of frequency and monetary score, 1 to 5
_MAP = (
    ("new", "potential_loyalist", "loyal", "champion", "champion"),
    ("promising", "potential_loyalist", "loyal", "champion", "champion"),
    ("about_to_sleep", "need_attention", "need_attention", "loyal", "loyal"),
    ("hibernating", "about_to_sleep", "at_risk", "at_risk", "at_risk"),
    ("lost", "lost", "hibernating", "cannot_lose", "cannot_lose"),
)
ELEVEN_SEGMENTS = (
    "champion", "loyal", "potential_loyalist", "new", "promising", "need_attention",
    "about_to_sleep", "at_risk", "cannot_lose", "hibernating", "lost",
)  # fmt: skip
Cuts = Sequence[float]
Split = Literal["mean", "median"]


def rfm(
    summaries: Table,
    *,
    bins: int = 5,
    cuts: Mapping[str, Cuts] | None = None,
    split: Split | Mapping[str, float] = "mean",
    monetary: str = "revenue",
    one_time: Literal["lowest", "ranked"] = "lowest",
) -> Table:
    """Scores, class and segment of every customer.

    Parameters
    ----------
    summaries : Ibis table
        As `zhike_insight.summaries` gives it: `frequency`, `recency`, `age`, `first_on` and the column named by `monetary`.
    bins : int
        Number of scores; 5 is needed for the eleven-segment map, with another number `segment` is null.
    cuts : mapping, optional
        Fixed cuts instead of quantiles, for any of "recency" (time since the last purchase), "frequency" (purchase days), and
        "monetary": `bins - 1` rising numbers. A value equal to a cut gets the better score.
    split : {"mean", "median"} or mapping
        Where "recent/often/much" begins for the eight classes: the mean or the median over all buyers, or a mapping with the three
        numbers. Recent means a silence of at most the split; often and much mean at least the split.
    monetary : str
        Column for M: "revenue" (net), "margin" or "mean_spend".
    one_time : {"lowest", "ranked"}
        "lowest": one-time buyers get frequency score 1, and the others share the scores from 2; they never count as "often".
        "ranked": they are ranked with everybody.

    Returns
    -------
    Ibis table
        `customer_id`, `silence` (time since the last purchase), `purchases` (purchase days), `monetary`,
        `r_score`, `f_score`, `m_score` (int64, 1 worst), `rfm_class` (of `EIGHT_CLASSES`), `segment` (of `ELEVEN_SEGMENTS`).
        A customer without a purchase has nulls.

    Raises
    ------
    ValueError
        Fewer than two bins, cuts that do not rise or are not `bins - 1`, an unknown column or option.

    Notes
    -----
    **Ties.** A quantile score says how many whole fifths of the customers lie strictly below: score = 1 + ⌊bins · below / n⌋. Equal
    values always get equal scores, so that a fifth may be larger or smaller than twenty per cent; no customer is put above
    another by chance of order. Without a value (null), M counts as zero.

    Source: Hughes (1994), *Strategic Database Marketing*; the eight classes as used in Chinese practice.

    Examples
    --------
    >>> from datetime import date
    >>> from zhike_insight import summaries, transactions
    >>> days = [date(2026, 1, 1), date(2026, 1, 20), date(2025, 1, 1)]
    >>> bought = transactions({"customer_id": [1, 1, 2], "date": days, "amount": [90, 80, 10]})
    >>> found = rfm(summaries(bought, date(2026, 1, 31))).order_by("customer_id").to_pyarrow().to_pylist()
    >>> [(row["customer_id"], row["rfm_class"]) for row in found]
    [(1, 'important_value'), (2, 'general_retain')]
    """
    _check(summaries, bins, cuts, split, monetary)
    buyers = summaries.filter(summaries.first_on.notnull())
    t = buyers.select(
        "customer_id",
        silence=buyers.age - buyers.recency,
        purchases=buyers.frequency + 1,
        monetary=buyers[monetary].cast("float64").fill_null(0.0),
    )
    scored = t.mutate(
        r_score=_score(t, -t.silence, bins, [-c for c in reversed(_cuts(cuts, "recency"))]),
        f_score=_frequency_score(t, bins, _cuts(cuts, "frequency"), one_time),
        m_score=_score(t, t.monetary, bins, _cuts(cuts, "monetary")),
    )
    recent, often, much = _halves(scored, split)
    if one_time == "lowest":
        often = often & (scored.purchases > 1)
    classed = scored.mutate(rfm_class=_class_of(recent, often, much), segment=_segment_of(scored, bins))
    nobody = summaries.filter(summaries.first_on.isnull()).select("customer_id")
    empty = nobody.mutate(**{name: ibis.null(kind) for name, kind in classed.schema().items() if name != "customer_id"})
    return classed.union(empty.select(*classed.columns))


def rfm_grid(scores: Table) -> Table:
    """Counts and money by recency and frequency score: the data of the RFM grid.

    Parameters
    ----------
    scores : Ibis table
        As `rfm` gives it.

    Returns
    -------
    Ibis table
        `r_score`, `f_score`, `customers` (int64), `monetary` (sum), ordered.

    Examples
    --------
    >>> import pyarrow as pa
    >>> scores = ibis.memtable(pa.table({"r_score": [5, 5], "f_score": [1, 1], "monetary": [10.0, 20.0]}))
    >>> rfm_grid(scores).to_pyarrow().to_pylist()
    [{'r_score': 5, 'f_score': 1, 'customers': 2, 'monetary': 30.0}]
    """
    bought = scores.filter(scores.r_score.notnull())
    return (
        bought.group_by("r_score", "f_score")
        .agg(customers=bought.count(), monetary=bought.monetary.sum())
        .order_by(ibis.desc("r_score"), "f_score")
    )


def _check(table: Table, bins: int, cuts: Mapping[str, Cuts] | None, split: Any, monetary: str) -> None:
    if bins < 2:
        raise ValueError(f"bins must be at least 2, not {bins}")
    if monetary not in table.columns:
        raise ValueError(f"monetary: there is no column {monetary!r}")
    for name, values in (cuts or {}).items():
        if name not in ("recency", "frequency", "monetary"):
            raise ValueError(f"cuts: {name!r} is not one of recency, frequency, monetary")
        if len(values) != bins - 1 or any(b <= a for a, b in zip(values, list(values)[1:], strict=False)):
            raise ValueError(f"cuts for {name} must be {bins - 1} rising numbers, not {list(values)}")
    if not isinstance(split, Mapping) and split not in ("mean", "median"):
        raise ValueError(f"split must be 'mean', 'median' or a mapping, not {split!r}")


def _cuts(cuts: Mapping[str, Cuts] | None, name: str) -> list[float]:
    return list((cuts or {}).get(name, ()))


def _score(table: Table, value: Column, bins: int, cuts: list[float]) -> Column:
    if cuts:
        above = [(value >= c).cast("int64") for c in cuts]
        return sum(above, ibis.literal(1)).cast("int64")
    below = ibis.rank().over(ibis.window(order_by=value))  # how many are strictly below
    customers = table.count().over(ibis.window())
    return (1 + (below * bins / customers.cast("float64")).floor()).cast("int64")


def _frequency_score(table: Table, bins: int, cuts: list[float], one_time: str) -> Column:
    if cuts or one_time == "ranked":
        return _score(table, table.purchases, bins, cuts)
    once = table.purchases <= 1
    window = ibis.window(group_by=once, order_by=table.purchases)
    below = ibis.rank().over(window)
    repeaters = table.count().over(ibis.window(group_by=once)).cast("float64")
    score = (2 + (below * (bins - 1) / repeaters).floor()).cast("int64")
    return ibis.ifelse(once, 1, score).cast("int64")


def _halves(t: Table, split: Split | Mapping[str, float]) -> tuple[Any, Any, Any]:
    everybody = ibis.window()
    if isinstance(split, Mapping):
        r, f, m = (ibis.literal(float(split[name])) for name in ("recency", "frequency", "monetary"))
    elif split == "mean":
        r, f, m = (t[name].mean().over(everybody) for name in ("silence", "purchases", "monetary"))
    else:
        r, f, m = (t[name].cast("float64").median().over(everybody) for name in ("silence", "purchases", "monetary"))
    return t.silence <= r, t.purchases >= f, t.monetary >= m


def _class_of(recent: Any, often: Any, much: Any) -> Any:
    def is_(condition: Any, wanted: bool) -> Any:
        return condition if wanted else ~condition

    branches = [(is_(recent, r) & is_(often, f) & is_(much, m), name) for (r, f, m), name in EIGHT_CLASSES.items()]
    return ibis.cases(*branches)


def _segment_of(t: Table, bins: int) -> Any:
    if bins != 5:
        return ibis.null("string")
    both = ((t.f_score + t.m_score + 1) / 2.0).floor().cast("int64")  # halves go up
    place = t.r_score * 10 + both
    places: dict[str, list[int]] = {}
    for row, names in enumerate(_MAP):
        for column, name in enumerate(names):
            places.setdefault(name, []).append((5 - row) * 10 + column + 1)
    return ibis.cases(*[(place.isin(numbers), name) for name, numbers in places.items()])
