"""What is measured: for each task the library's way and the ways a user would take instead.

A task is a function of the folder with the data and the size that prepares, and returns what is timed. Nothing but
the timed part counts, besides memory, which is that of the whole process.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.insight import data

Timed = Callable[[], Any]
Task = Callable[[Path, int], Timed]
AS_OF = date(2025, 12, 31)
HORIZON = 52.0
TASKS: dict[str, dict[str, Task]] = {}
LARGEST = {  # customers from which on a tool is left out, because it would take minutes or more memory than the machine has
    ("Pareto/NBD fit, weekly", "lifetimes"): 10_000,
    ("K-means, 10 columns, 8 segments", "scikit-learn, ten starts"): 100_000,
    ("betweenness, 128 sources", "networkx"): 10_000,
    ("PageRank", "networkx"): 100_000,
    ("rules, support .001", "mlxtend"): 100_000,
    ("fuzzy duplicates", "zhike"): 100_000,
}


def task(name: str, tool: str) -> Callable[[Task], Task]:
    def keep(function: Task) -> Task:
        TASKS.setdefault(name, {})[tool] = function
        return function

    return keep


def parquet(folder: Path, size: int) -> Path:
    return folder / f"transactions-{size}.parquet"


def _triples(folder: Path, size: int) -> dict[str, np.ndarray]:
    with np.load(folder / f"summary-{size}.npz") as found:
        return {name: found[name] for name in found.files}


def _weekly(rows: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in whole weeks."""
    age = np.ceil(rows["age"] / 7)
    recency = np.minimum(np.round(rows["recency"] / 7), age)
    return rows["frequency"], np.where(rows["frequency"] > 0, recency, 0), age


# -- yardsticks ------------------------------------------------------------------------------------------------------------

SCAN = "SELECT customer_id, count(*), min(date), max(date), sum(amount) FROM '{}' GROUP BY 1"
MERGED = (
    "SELECT customer_id, count(*), min(date), max(date), sum(s), arg_min(s, date) "
    "FROM (SELECT customer_id, date, sum(amount) s FROM '{}' GROUP BY 1, 2) GROUP BY 1"
)


def _sql(query: str) -> Task:
    def prepare(folder: Path, size: int) -> Timed:
        import duckdb

        connection = duckdb.connect()
        text = "CREATE OR REPLACE TEMP TABLE found AS " + query.format(parquet(folder, size))
        return lambda: connection.execute(text).fetchall()

    return prepare


task("yardstick: scan and group by customer", "bare DuckDB")(_sql(SCAN))
task("yardstick: scan and group by day, then customer", "bare DuckDB")(_sql(MERGED))


@task("yardstick: one pass over ten columns", "bare NumPy")
def _pass(_: Path, size: int) -> Timed:
    values = data.cloud(size)
    return lambda: float((values * values).sum(axis=1).max())


# -- tables ----------------------------------------------------------------------------------------------------------------


def _stored(analysis: Callable[[Any], Any]) -> Task:
    """A table of transactions in, a table in the same DuckDB out, as the yardstick leaves one."""

    def prepare(folder: Path, size: int) -> Timed:
        import zhike_insight as zi

        connection = zi.connect()
        table = zi.transactions(connection.read_parquet(parquet(folder, size)))

        def run() -> None:
            connection.con.execute("DROP TABLE IF EXISTS found")
            connection.create_table("found", analysis(table), temp=True)

        return run

    return prepare


def _rfm(table: Any) -> Any:
    import zhike_insight as zi

    return zi.rfm(zi.summaries(table, AS_OF))


def _summaries(table: Any) -> Any:
    import zhike_insight as zi

    return zi.summaries(table, AS_OF)


def _summaries_of_any_engine(table: Any) -> Any:
    """The expression that engines other than DuckDB are given, on DuckDB."""
    from zhike_insight import tables

    tables.MOST_SORTED = -1
    return _summaries(table)


task("summaries", "zhike")(_stored(_summaries))
task("summaries", "zhike, as an expression for any engine")(_stored(_summaries_of_any_engine))


@task("summaries", "pandas")
def _summaries_pandas(folder: Path, size: int) -> Timed:
    import pandas as pd

    def run() -> Any:
        rows = pd.read_parquet(parquet(folder, size))
        days = rows.groupby(["customer_id", "date"], sort=True).amount.agg(["sum", "size"]).reset_index()
        found = days.groupby("customer_id").agg(
            days=("date", "size"), first=("date", "min"), last=("date", "max"), sales=("sum", "sum"), of_first=("sum", "first")
        )
        found["mean_spend"] = (found["sales"] - found["of_first"]) / (found["days"] - 1).where(found["days"] > 1)
        return found

    return run


@task("summaries", "lifetimes")
def _summaries_lifetimes(folder: Path, size: int) -> Timed:
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    def run() -> Any:
        rows = pd.read_parquet(parquet(folder, size))
        rows["date"] = pd.to_datetime(rows["date"])
        return summary_data_from_transaction_data(rows, "customer_id", "date", "amount", observation_period_end=AS_OF)

    return run


task("RFM", "zhike")(_stored(_rfm))


# -- models ----------------------------------------------------------------------------------------------------------------


def _fit(model: str, weekly: bool) -> Task:
    def prepare(folder: Path, size: int) -> Timed:
        import zhike_insight as zi

        rows = _triples(folder, size)
        x, tx, T = _weekly(rows) if weekly else (rows["frequency"], rows["recency"], rows["age"])
        return lambda: getattr(zi, model)().fit(x, tx, T).log_likelihood_

    return prepare


def _fit_lifetimes(model: str, weekly: bool) -> Task:
    def prepare(folder: Path, size: int) -> Timed:
        import lifetimes
        import pandas as pd

        rows = _triples(folder, size)
        x, tx, T = (pd.Series(v) for v in (_weekly(rows) if weekly else (rows["frequency"], rows["recency"], rows["age"])))

        def run() -> float:
            fitted = getattr(lifetimes, model)().fit(x, tx, T)
            return _log_likelihood(model, fitted.params_.to_numpy(), x, tx, T)

        return run

    return prepare


def _log_likelihood(model: str, parameters: np.ndarray, x: Any, tx: Any, T: Any) -> float:  # noqa: N803
    """By one formula for all; that of lifetimes is scaled inside."""
    import zhike_insight as zi
    from zhike_insight.lifetime.triples import distinct

    kind = zi.BetaGeoNBD if model == "BetaGeoFitter" else zi.ParetoNBD
    triples = distinct(*(np.asarray(v, dtype=np.float64) for v in (x, tx, T)))
    return float(kind._objective(triples)(parameters)[0])


for name, model, peer, weekly in (
    ("BG/NBD fit, weekly", "BetaGeoNBD", "BetaGeoFitter", True),
    ("BG/NBD fit, daily", "BetaGeoNBD", "BetaGeoFitter", False),
    ("Pareto/NBD fit, weekly", "ParetoNBD", "ParetoNBDFitter", True),
):
    task(name, "zhike")(_fit(model, weekly))
    task(name, "lifetimes")(_fit_lifetimes(peer, weekly))

BGNBD = {"r": 1.02, "alpha": 5.6, "a": 0.6, "b": 8.9}
SPEND = {"p": 8.0, "q": 4.0, "v": 12.0}


@task("prediction, 52 weeks", "zhike")
def _predict(folder: Path, size: int) -> Timed:
    import zhike_insight as zi

    model, rows = zi.BetaGeoNBD.from_parameters(**BGNBD), _triples(folder, size)
    x, tx, T = rows["frequency"], rows["recency"] / 7, rows["age"] / 7
    return lambda: float(model.expected_purchases(HORIZON, x, tx, T).sum())


@task("prediction, 52 weeks", "lifetimes")
def _predict_lifetimes(folder: Path, size: int) -> Timed:
    import lifetimes
    import pandas as pd

    model, rows = lifetimes.BetaGeoFitter(), _triples(folder, size)
    model.params_ = pd.Series(BGNBD)
    x, tx, T = rows["frequency"], rows["recency"] / 7, rows["age"] / 7
    return lambda: float(model.conditional_expected_number_of_purchases_up_to_time(HORIZON, x, tx, T).sum())


@task("value with intervals, 52 weeks", "zhike")
def _value(folder: Path, size: int) -> Timed:
    import zhike_insight as zi

    rows = _triples(folder, size)
    model = zi.BetaGeoNBD.from_parameters(**BGNBD, log_covariance=np.eye(4) * 1e-4)
    spend = zi.GammaGamma.from_parameters(**SPEND, log_covariance=np.eye(3) * 1e-4)
    given = rows["frequency"], rows["recency"] / 7, rows["age"] / 7, rows["mean_spend"]
    return lambda: float(zi.lifetime_value(model, spend, *given, horizon=HORIZON, time_unit="week").value.sum())


@task("value with intervals, 52 weeks", "lifetimes (no intervals)")
def _value_lifetimes(folder: Path, size: int) -> Timed:
    import lifetimes
    import pandas as pd

    rows = _triples(folder, size)
    model, spend = lifetimes.BetaGeoFitter(), lifetimes.GammaGammaFitter()
    model.params_, spend.params_ = pd.Series(BGNBD), pd.Series(SPEND)
    model.predict = model.conditional_expected_number_of_purchases_up_to_time
    columns = rows["frequency"], rows["recency"] / 7, rows["age"] / 7, np.nan_to_num(rows["mean_spend"])
    given = [pd.Series(column) for column in columns]
    return lambda: float(spend.customer_lifetime_value(model, *given, time=12, freq="W").sum())


# -- segments --------------------------------------------------------------------------------------------------------------


@task("K-means, 10 columns, 8 segments", "zhike")
def _kmeans(_: Path, size: int) -> Timed:
    import zhike_insight as zi

    values = data.cloud(size)
    return lambda: zi.KMeansSegments(8).fit(values).inertia_ / size


def _kmeans_sklearn(starts: int, sample: int | None) -> Task:
    def prepare(_: Path, size: int) -> Timed:
        from sklearn.cluster import KMeans

        values = data.cloud(size)

        def run() -> float:
            some = values if sample is None else values[np.random.default_rng(0).choice(size, min(sample, size), replace=False)]
            model = KMeans(8, n_init=starts, random_state=0).fit(some)
            model.predict(values)
            return float(-model.score(values) / size)

        return run

    return prepare


task("K-means, 10 columns, 8 segments", "scikit-learn, ten starts")(_kmeans_sklearn(10, None))
task("K-means, 10 columns, 8 segments", "scikit-learn, on a sample")(_kmeans_sklearn(10, 50_000))


@task("SOM 10 × 10, 10 columns", "zhike")
def _som(_: Path, size: int) -> Timed:
    import zhike_insight as zi

    values = data.cloud(size)
    return lambda: zi.SelfOrganisingMap(10, 10).fit(values).quantisation_error_


@task("SOM 10 × 10, 10 columns", "minisom")
def _som_minisom(_: Path, size: int) -> Timed:
    from minisom import MiniSom

    values = data.cloud(size)

    def run() -> float:
        grid = MiniSom(10, 10, data.FEATURES, sigma=3.0, learning_rate=0.5, random_seed=0)
        grid.pca_weights_init(values[:10_000])
        grid.train(values, 200_000)
        return float(grid.quantization_error(values[:20_000]))

    return run


# -- baskets and graphs ----------------------------------------------------------------------------------------------------


@task("rules, support .001", "zhike")
def _rules(_: Path, size: int) -> Timed:
    import zhike_insight as zi

    baskets = data.baskets(size)
    return lambda: zi.association_rules(baskets, support=0.001, confidence=0.2).num_rows


@task("rules, support .001", "mlxtend")
def _rules_mlxtend(_: Path, size: int) -> Timed:
    import pandas as pd
    from mlxtend.frequent_patterns import association_rules, fpgrowth
    from mlxtend.preprocessing import TransactionEncoder

    baskets = data.baskets(size)

    def run() -> int:
        encoder = TransactionEncoder()
        table = pd.DataFrame.sparse.from_spmatrix(encoder.fit_transform(baskets, sparse=True))
        table.columns = [str(name) for name in encoder.columns_]
        sets = fpgrowth(table, min_support=0.001, use_colnames=True)
        rules = association_rules(sets, metric="confidence", min_threshold=0.2)
        return int((rules["consequents"].map(len) == 1).sum())

    return run


@task("PageRank", "zhike")
def _pagerank(_: Path, size: int) -> Timed:
    import zhike_insight as zi

    edges = data.graph(size)
    return lambda: zi.influence(edges, betweenness="none", communities=False).num_rows


@task("PageRank", "networkx")
def _pagerank_networkx(_: Path, size: int) -> Timed:
    import networkx as nx

    edges = data.graph(size)

    def run() -> int:
        graph = nx.Graph(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))
        return len(nx.pagerank(graph, tol=1e-9))

    return run


@task("betweenness, 128 sources", "zhike")
def _betweenness(_: Path, size: int) -> Timed:
    import zhike_insight as zi

    edges = data.graph(size)
    return lambda: zi.influence(edges, betweenness=128, communities=False).num_rows


@task("betweenness, 128 sources", "networkx")
def _betweenness_networkx(_: Path, size: int) -> Timed:
    import networkx as nx

    edges = data.graph(size)

    def run() -> int:
        graph = nx.Graph(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))
        return len(nx.betweenness_centrality(graph, k=128, seed=0))

    return run


# -- matching --------------------------------------------------------------------------------------------------------------


@task("fuzzy duplicates", "zhike")
def _duplicates(_: Path, size: int) -> Timed:
    import zhike_insight as zi
    from tests.insight.matching.labelled import labelled, true_pairs

    records, numbers = labelled(size, seed=7)
    truth = true_pairs(numbers)

    def run() -> str:
        found = zi.find_duplicates(records)
        pairs = set(zip(found["first"].to_pylist(), found["second"].to_pylist(), strict=True))
        right = len(pairs & truth)
        return f"precision {right / len(pairs):.4f}, recall {right / len(truth):.4f}"

    return run
