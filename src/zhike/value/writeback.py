"""Scores and findings into the database, a whole run or analysis at a time."""

import pyarrow as pa
from django.db import connection, transaction
from psycopg import sql

from zhike.value.models import Finding, Score
from zhike.value.partitions import Partitions

ASKED_FOR = (
    "run_id", "customer_id", "orders", "first_on", "last_on", "revenue", "margin", "frequency", "silence_ratio",
    "silence_probability", "r_score", "f_score", "m_score", "rfm_class", "segment", "p_alive", "expected_orders", "clv", "grade",
    "grade_since", "stage", "treatment", "trend",
)  # fmt: skip
SCORES = Partitions(Score, "run_id", ASKED_FOR)
FINDINGS = Partitions(Finding, "analysis_id")
COLUMNS = SCORES.columns
partition, store, drop, partitions = SCORES.name, SCORES.store, SCORES.drop, SCORES.known


def replace(run_id: int, scores: pa.Table, without: list[int] | None = None) -> None:
    """Puts these rows in place of those customers' rows in a run that is there; `without` lose theirs."""
    fresh = sql.Identifier("zhike_fresh_score")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP").format(fresh, SCORES.parent))
        SCORES.fill(fresh, scores, lambda rows: None, freeze=False)
        cursor.execute("DELETE FROM zhike_score WHERE run_id = %s AND customer_id = ANY(%s)", [run_id, without or []])
        names = sql.SQL(", ").join(sql.Identifier(name) for name in COLUMNS)
        changes = sql.SQL(", ").join(
            sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in COLUMNS if name not in ("run_id", "customer_id")
        )
        statement = (
            "INSERT INTO {0} ({1}) SELECT {1} FROM {2} ORDER BY customer_id ON CONFLICT (run_id, customer_id) DO UPDATE SET {3}"
        )
        cursor.execute(sql.SQL(statement).format(SCORES.parent, names, fresh, changes))
        cursor.execute(sql.SQL("DROP TABLE {}").format(fresh))
