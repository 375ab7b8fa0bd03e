"""The customers a person may see with what the current run says about them, as the list, its search and drill-downs need them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, F, FilteredRelation, Func, Q, QuerySet

from zhike.core.conditions import array, one_of
from zhike.core.prepared import Prepared
from zhike.core.search import Wanted, wanted
from zhike.customers.models import Customer
from zhike.teams.models import User
from zhike.value.models import Run

_RUN = Prepared(lambda: Run.objects.filter(is_current=True).order_by("-pk").values_list("pk", flat=True)[:1])
# Up to so many hits are fetched and put in order; more are found by walking along the order, where every few rows there is one.
FEW_HITS = 5000
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
    found: QuerySet[Customer] = scored.visible_to(user)
    joins = {
        f"finding_{kind}": FilteredRelation("findings", condition=Q(findings__analysis_id=key))
        for kind, key in (analyses or {}).items()
    }
    return found.annotate(**joins) if joins else found


@lru_cache(maxsize=4)
def _scored(run: int) -> "QuerySet[Customer]":
    """Put together once for a run, never read itself. Through these names conditions share one join; `score__clv` adds one each."""
    joined = Customer.objects.annotate(score=FilteredRelation("scores", condition=Q(scores__run_id=run)))
    return joined.annotate(**{f"score_{name}": F(f"score__{name}") for name in SCORES})


def matching(rows: "QuerySet[Customer]", text: str) -> "tuple[QuerySet[Customer], QuerySet[Customer]]":
    """The rows that have every piece of `text`: once to be shown in an order, once to be counted.

    The index over the pieces gives hits in no order. Few of them are put in order; many would take longer to sort than to meet
    when walking along an index of the order, so then the pieces are a condition that no index answers.
    """
    asked = wanted(text)
    if asked is None:
        return rows.none(), rows.none()
    by_index = rows.filter(asked.condition())
    hits = list(by_index.order_by().values_list("pk", flat=True)[: FEW_HITS + 1])
    if len(hits) > FEW_HITS:
        return rows.filter(_by_walking(asked)), by_index
    few = rows.filter(one_of(array(hits)))
    return few, few


def _by_walking(asked: Wanted) -> Any:
    return Func(asked.condition(), template="(%(expressions)s) IS TRUE", output_field=BooleanField())
