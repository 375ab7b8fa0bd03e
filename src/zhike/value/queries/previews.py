"""What other rules would say, over the scores that are there. Nothing is stored."""

from collections import Counter
from typing import Any

from zhike.teams.models import User
from zhike.value.models import Run
from zhike.value.queries.scores import visible_scores
from zhike.value.rules import StageRules

MANY = 200_000  # of more customers a part is taken, by their number


def stages_under(user: User, run: Run, rules: StageRules) -> tuple[dict[str, int], dict[str, int]]:
    """Customers by stage as the run has it, and under these rules."""
    import pyarrow as pa

    from zhike.value import arrow, standing

    share = max(1, -(-run.customers // MANY))
    scores = visible_scores(user, run.pk).exclude(stage=None).extra(where=["zhike_score.customer_id %% %s = 0"], params=[share])
    names = ("frequency", "age", "recency", "trend", "silence_ratio", "p_alive")
    rows = list(scores.values_list("stage", *names))
    columns: dict[str, Any] = {name: arrow.floats([row[k] for row in rows]) for k, name in enumerate(names, 1)}
    known = {name: arrow.plain(pa.chunked_array([columns[name]])) for name in ("silence_ratio", "p_alive")}
    then = standing.stages(pa.table(columns), known, rules).to_pylist() if rows else []
    return tuple({code: n * share for code, n in Counter(found).items()} for found in ([row[0] for row in rows], then))  # type: ignore[return-value]
