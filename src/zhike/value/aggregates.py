"""One row a customer out of the copied orders: sums, recency–frequency–money, trend. Set-based, in DuckDB."""

import datetime

import duckdb
import ibis
import pyarrow as pa

from zhike.value import engine
from zhike.value.choices import RfmMethod
from zhike.value.rfm_cuts import RfmCuts
from zhike.value.rules import NEVER, RfmRules
from zhike_insight import rfm, summaries, transactions

HALF_YEAR = 182  # days
FACTS = transactions(
    ibis.table({"customer_id": "int64", "date": "date", "amount": "float64", "margin": "float64"}, name="facts")
)  # the view of `engine.opened`, as an expression that needs no connection


def summarise(con: duckdb.DuckDBPyConnection, as_of: datetime.date) -> None:
    """Makes the table `summary`: frequency, recency, age (days), sums, first and last day, and the trend of each buyer."""
    _make(con, "sums", summaries(FACTS, as_of, time_unit="day"))
    con.execute(
        f"""CREATE TABLE summary AS
            WITH years AS (
                SELECT customer_id, coalesce(sum(amount) FILTER (date > $day - {HALF_YEAR}), 0) AS late,
                       coalesce(sum(amount) FILTER (date <= $day - {HALF_YEAR}), 0) AS early, sum(margin) AS year_margin,
                       count(*) FILTER (amount >= 0) AS year_orders, count(*) FILTER (amount < 0) AS year_returns
                FROM facts WHERE date > $day - {2 * HALF_YEAR} AND date <= $day GROUP BY customer_id)
            SELECT sums.*, CASE WHEN early > 0 AND first_on <= $day - {2 * HALF_YEAR} THEN late / early - 1 END AS trend,
                   coalesce(year_margin, 0) AS year_margin, coalesce(year_orders, 0) AS year_orders,
                   coalesce(year_returns, 0) AS year_returns
            FROM sums LEFT JOIN years USING (customer_id) WHERE first_on IS NOT NULL""",  # noqa: S608  a constant
        {"day": as_of},
    )
    con.execute("DROP TABLE sums")


def score_rfm(con: duckdb.DuckDBPyConnection, as_of: datetime.date, rules: RfmRules) -> RfmCuts:
    """Makes the table `rfm` and tells where its scores begin."""
    everything = summaries(FACTS, as_of, time_unit="day")
    source = ibis.table(everything.schema(), name="summary")
    if rules.window_days:
        source = summaries(FACTS.filter(FACTS.date > as_of - datetime.timedelta(days=rules.window_days)), as_of, time_unit="day")
    fixed = {"recency": rules.recency_cuts, "frequency": rules.frequency_cuts, "monetary": rules.monetary_cuts}
    scored = rfm(source, monetary=rules.monetary, cuts=fixed if rules.method == RfmMethod.FIXED else None)
    _make(con, "rfm", scored)
    cuts = fixed if rules.method == RfmMethod.FIXED else _cuts(con)
    return RfmCuts(**cuts, split=_split(con), segments=_segments())


def everybody(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Summary and RFM of all buyers, by customer id."""
    return con.sql(
        """SELECT s.customer_id, orders, returns, first_on, last_on, revenue, margin, frequency, recency, age, mean_spend, trend,
                  year_margin, year_orders, year_returns, r_score, f_score, m_score, rfm_class, segment
           FROM summary s LEFT JOIN rfm USING (customer_id) ORDER BY s.customer_id"""
    ).to_arrow_table()


def _make(con: duckdb.DuckDBPyConnection, name: str, table: ibis.Table) -> None:
    con.execute(f"CREATE TABLE {name} AS {ibis.to_sql(table, dialect='duckdb')}")


def _cuts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, ...]]:
    """The smallest value of each score is where it begins; recency counts backwards."""
    silence = _beginnings(con, "r_score", "-silence")
    return {
        "recency": tuple(-cut for cut in reversed(silence)),
        "frequency": _beginnings(con, "f_score", "purchases"), "monetary": _beginnings(con, "m_score", "monetary"),
    }  # fmt: skip


def _split(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    means = con.execute("SELECT avg(silence), avg(purchases), avg(monetary) FROM rfm WHERE r_score IS NOT NULL").fetchall()[0]
    return {name: float(mean or 0) for name, mean in zip(("recency", "frequency", "monetary"), means, strict=True)}


def _beginnings(con: duckdb.DuckDBPyConnection, score: str, value: str) -> tuple[float, ...]:
    """The four values from which the scores 2 to 5 are given; a score that nobody has begins where the next one does."""
    query = f"SELECT {score}, min({value}) FROM rfm WHERE {score} > 1 GROUP BY 1"  # noqa: S608  names from above
    found: dict[int, float] = dict(con.execute(query).fetchall())
    cuts: list[float] = []
    for level in (5, 4, 3, 2):
        cuts.insert(0, float(found.get(level, cuts[0] if cuts else NEVER)))
    return tuple(cuts)


def _segments() -> dict[str, str]:
    """The segment of each of the 125 combinations of scores, as the library has it."""
    combinations = [(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]
    ids = [r * 100 + f * 10 + m for r, f, m in combinations]
    table = pa.table(
        {
            "customer_id": ids, "frequency": [f - 1 for _, f, _ in combinations], "recency": [0.0] * len(ids),
            "age": [5.0 - r for r, _, _ in combinations], "first_on": [datetime.date(2000, 1, 1)] * len(ids),
            "revenue": [float(m) for _, _, m in combinations],
        }
    )  # fmt: skip
    steps = {"recency": (0.5, 1.5, 2.5, 3.5), "frequency": (2, 3, 4, 5), "monetary": (2, 3, 4, 5)}
    with engine.bare() as con:
        found = ibis.duckdb.from_connection(con).to_pyarrow(rfm(ibis.memtable(table), cuts=steps))
    return {str(one["customer_id"]): one["segment"] for one in found.to_pylist()}
