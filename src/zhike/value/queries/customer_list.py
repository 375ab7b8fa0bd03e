"""The customers a person may see with what the current run says about them, as the list, its search and drill-downs need them."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, F, FilteredRelation, Func, Q, QuerySet

from zhike.core.conditions import Keys, array, one_of
from zhike.core.prepared import Prepared, Shelf
from zhike.core.search import Wanted, wanted
from zhike.core.seldom import Seldom
from zhike.customers.models import Customer
from zhike.customers.queries import in_plain
from zhike.teams.models import User
from zhike.value.models import Finding, Run, Score

Order = Sequence[tuple[str, bool]]  # column, whether downwards
_RUN = Prepared(lambda: Run.objects.filter(is_current=True).order_by("-pk").values_list("pk", flat=True)[:1])
# Up to so many hits are fetched and put in order; more are found by walking along the order, where every few rows there is one.
FEW_HITS = 5000
SOME_HITS = 1500  # up to so many are fetched before it is tried to find a page of them near the top of the list
NEAR = 25_000  # customers from the top of the list
MANY = 2000  # customers of one's own: of fewer all are put in order
SOME = 30_000  # of more the next one is met after a few of others
_EDGES: Seldom[tuple[Any, int] | None] = Seldom(uses=200, most=16)
_SEEN: Seldom[int] = Seldom(uses=200, most=512)
SCORES = (
    "customer_id", "orders", "returns", "first_on", "last_on", "revenue", "margin", "frequency", "silence_ratio", "r_score",
    "f_score", "m_score", "rfm_class", "segment", "p_alive", "expected_orders", "clv", "grade", "stage", "trend", "treatment",
)  # fmt: skip


def current_run_id() -> int:
    """0 while there is none."""
    return _RUN.first() or 0


def customers_with_scores(user: User, analyses: Mapping[str, int] | None = None, *, run: int | None = None) -> "QuerySet[Customer]":
    """`score_clv` and so on are what the current run says, empty for customers that it does not know, or while there is no run.

    `analyses`: kind → id of those whose findings are wanted too, as `finding_<kind>__group` and `__value`.
    """
    scored: Any = _scored(current_run_id() if run is None else run).all()
    return _with_findings(scored.visible_to(user), analyses or {})


def customers_in_parts(user: User, analyses: Mapping[str, int], *, run: int) -> "list[QuerySet[Customer]]":
    """The same, as `visible_in_parts`."""
    scored: Any = _scored(run).all()
    return [_with_findings(part, analyses) for part in scored.visible_in_parts(user)]


def scored_customers_met(user: User, analyses: Mapping[str, int], *, run: int) -> "QuerySet[Customer]":
    """Those of the same that have a score, for a walk along an index of the scores: whether somebody may see a customer is looked
    up by its number among all theirs, read once, without the customer's own row."""
    scored: Any = _scored(run).all()
    theirs = Q()
    for part in Customer.objects.visible_in_parts(user):
        theirs |= Q(score_customer_id__in=part.order_by().values("pk"))
    is_theirs = Func(theirs, template="(%(expressions)s) IS TRUE", output_field=BooleanField())  # a join would be tried without
    return _with_findings(scored.living().filter(is_theirs), analyses)


def sees_some(user: User, known: Hashable) -> bool:
    """Whether this person sees so many customers, and so few, that they are best `scored_customers_met`. `known`: what the
    customers follow from."""

    def most_in_a_part() -> int:
        return max(part.order_by()[: SOME + 1].count() for part in Customer.objects.visible_in_parts(user))

    return MANY < _SEEN.get((known, SOME), most_in_a_part) <= SOME


def _with_findings(rows: "QuerySet[Customer]", analyses: Mapping[str, int]) -> "QuerySet[Customer]":
    joins = {
        f"finding_{kind}": FilteredRelation("findings", condition=Q(findings__analysis_id=key)) for kind, key in analyses.items()
    }
    return rows.annotate(**joins) if joins else rows


@lru_cache(maxsize=4)
def _scored(run: int) -> "QuerySet[Customer]":
    """Put together once for a run, never read itself. Through these names conditions share one join; `score__clv` adds one each."""
    joined = Customer.objects.annotate(score=FilteredRelation("scores", condition=Q(scores__run_id=run)))
    return joined.annotate(**{f"score_{name}": F(f"score__{name}") for name in SCORES})


def scores_of_living(run: int, conditions: Sequence[Q]) -> "QuerySet[Score] | None":
    """As many scores as living customers fulfil the conditions, where these are about nothing but the score.

    A score goes when its customer goes for good, so only those in the recycle bin are taken off: few beside the living, whom
    to join costs ten times as much as to read an index of the scores.
    """
    translated = [_about(one, "score_", SCORES) for one in conditions]
    if not translated or None in translated:
        return None
    found: QuerySet[Score] = _of_living(Score.objects.filter(*translated, run_id=run))
    return found


def findings_of_living(analyses: Mapping[str, int], conditions: Sequence[Q]) -> "QuerySet[Finding] | None":
    """The same of the findings of one analysis."""
    for kind, key in analyses.items():
        translated = [_about(one, f"finding_{kind}__", ("group", "value")) for one in conditions]
        if translated and None not in translated:
            found: QuerySet[Finding] = _of_living(Finding.objects.filter(*translated, analysis_id=key))
            return found
    return None


def _of_living(rows: Any) -> Any:
    return rows.exclude(customer__in=Customer.objects.exclude(deleted_at=None).order_by().values("pk"))


def _about(condition: Any, prefix: str, names: Collection[str]) -> Any:
    """The same of the score or finding itself; None where a customer without one could fulfil it, or it is about something else."""
    if isinstance(condition, Q):
        children = [_about(child, prefix, names) for child in condition.children]
        return None if condition.negated or None in children else Q(*children, _connector=condition.connector)
    if not isinstance(condition, tuple) or not condition[0].startswith(prefix) or condition[1] is None:
        return None
    path = condition[0].removeprefix(prefix)
    name, _, lookup = path.partition("__")
    return (path, condition[1]) if name in names and lookup in ("", "in", "gte", "lte") else None


def matching(rows: "QuerySet[Customer]", text: str, hidden: frozenset[str]) -> "tuple[QuerySet[Customer], QuerySet[Customer]]":
    """The rows that have every piece of `text`: once to be shown in an order, once to be counted. `hidden`: see `in_plain`.

    The index over the pieces gives hits in no order. Few of them are put in order; many would take longer to sort than to meet
    when walking along an index of the order, so then the pieces are a condition that no index answers.
    """
    ids = hits(rows, text, hidden)
    if ids is None:
        return walking(rows, text, hidden)
    few = rows.filter(one_of(ids))
    return few, few


def hits(
    rows: "QuerySet[Customer]",
    text: str,
    hidden: frozenset[str],
    known: Hashable = None,
    *,
    order: Order = (),
    most: int | None = None,
) -> Keys | None:
    """The ids of the rows that have every piece of `text`, as an array in this order; None where there are many.

    `known`: all that `rows` follow from, so that the query is prepared.
    """
    most = FEW_HITS if most is None else most
    paths = [path for path, _descending in order]
    asked = wanted(text)
    if asked is None:
        return array(())

    def build(*arrays: Keys) -> "QuerySet[Any, Any]":
        return rows.filter(asked.condition(arrays=arrays)).order_by().values_list("pk", *paths)[: most + 1]

    kinds = [Keys for _ in asked.arrays]
    prepared = Prepared(build, *kinds) if known is None else _HITS.get((known, asked.shape, most, *paths), build, *kinds)
    found = prepared.keys(*asked.arrays, order=_in_words(order))
    if found.size > most:
        return None
    if not found.size or not in_plain.tells(text, hidden):
        return found
    ids = found.first(found.size)
    seen = set(in_plain.seen_in(ids, text, asked, hidden))
    return array(one for one in ids if one in seen)


def _in_words(order: Order) -> str:
    """As lists are ordered: empty ones last, then by the id, which goes the way of the first."""
    ways = [*order, *order[:1]]
    places = [*range(1, len(order) + 1), 0]
    return ", ".join(f"c{at} {'DESC' if down else 'ASC'} NULLS LAST" for at, (_path, down) in zip(places, ways, strict=False))


def edge(path: str, *, descending: bool) -> tuple[Any, int] | None:
    """Value and id of the customer at place `NEAR` of the order by a column; None where there are not so many. Asked for now
    and then only: any place serves."""

    def ask() -> tuple[Any, int] | None:
        way = "-" if descending else ""
        found = Customer.objects.living().order_by(f"{way}{path}", f"{way}pk").values_list(path, "pk")[NEAR : NEAR + 1]
        return next(iter(found), None)

    return _EDGES.get((path, descending, NEAR), ask)


def near(
    rows: "QuerySet[Customer]", asked: Wanted, path: str, value: Any, pk: int, arrays: Iterable[str], *, descending: bool
) -> "QuerySet[Customer]":
    """Those of the rows with the text searched for that stand before the edge of the order. Two indexes are joined and only what
    is in both is read; of a frequent word that is a hundredth."""
    how = "gt" if descending else "lt"
    before = Q(**{f"{path}__{how}": value}) | Q(**{path: value, f"pk__{how}e": pk})
    return rows.filter(before).filter(asked.condition(arrays=arrays))


_HITS = Shelf(32)


def walking(rows: "QuerySet[Customer]", text: str, hidden: frozenset[str]) -> "tuple[QuerySet[Customer], QuerySet[Customer]]":
    """`matching` where there are many."""
    asked = wanted(text)
    if in_plain.tells(text, hidden):
        rows = in_plain.named_so(rows, text)
    return (rows.filter(_by_walking(asked)), rows.filter(asked.condition())) if asked else (rows.none(), rows.none())


def _by_walking(asked: Wanted) -> Any:
    return Func(asked.condition(), template="(%(expressions)s) IS TRUE", output_field=BooleanField())
