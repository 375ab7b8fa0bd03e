"""`zhike insight`: the analyses of the library on plain files, without a database."""

import json
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from zhike.cli.insight_in_chinese import in_chinese
from zhike.cli.terminal import language

Shown = list[tuple[str, str]]
Finding = tuple[Any, dict[str, Any], Callable[[Mapping[str, Any], Any], str], Shown]  # table, result, its report, what is printed
Analysis = Callable[..., Finding]
FILE = click.Path(path_type=Path)


@click.group()
def command() -> None:
    """Customer analytics on files: a CSV, text or Parquet file of orders in, tables and a report out."""


def _analysis(function: Analysis) -> Analysis:
    """A command on a file, whose finding is written, pictured and printed."""

    @wraps(function)
    def run(out: Path | None, report: Path | None, language: str, as_json: bool, **asked: Any) -> None:
        with _problems():
            table, result, page, shown = function(**asked)
            if out:
                _write(table, out)
            if report:
                report.write_text(page(result, language), encoding="utf-8")
            if as_json:
                click.echo(json.dumps(result, ensure_ascii=False))
                return
            width = max(len(name) for name, _ in shown)
            for name, value in shown:
                click.echo(f"{name:<{width}}  {value:>14}")

    options = [
        click.argument("file", type=FILE),
        click.option("--out", type=FILE, help="Write the table (.csv or .parquet)."),
        click.option("--report", type=FILE, help="Write a self-contained HTML page."),
        click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="Of the report."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object."),
    ]
    command.command()(_with(options, run))
    return function


def _with(options: list[Any], function: Any) -> Any:
    for option in reversed(options):
        function = option(function)
    return function


def _day(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


DAY = click.DateTime(["%Y-%m-%d"])


def _of_orders(function: Analysis) -> Analysis:
    """An analysis of orders: it gets them read."""

    @wraps(function)
    def run(file: Path, mapping: str | None, date_format: str | None, engine: str = "duckdb", **asked: Any) -> Finding:
        from zhike_insight import files

        columns = files.parse_map(mapping) if mapping else None
        if engine == "duckdb":
            loaded = files.read_transactions(file, columns, date_format=date_format)
        else:
            from zhike_insight import engines

            loaded = engines.read_orders(str(file), engine, columns)
        table, result, page, shown = function(loaded.table, **asked)
        return table, result | {"rows": loaded.rows, "left_out": loaded.left_out}, page, shown

    options = [
        click.option("--map", "mapping", metavar="customer=1,date=2,amount=3", help="Columns by header name or position from 1."),
        click.option("--date-format", help="How dates are written, as for strptime, if not year first."),
        click.option("--as-of", type=DAY, callback=_day, help="End of observation; else the last day."),
    ]
    return _analysis(_with(options, run))


_on_any_engine = click.option(
    "--engine", default="duckdb", show_default=True, help="Or a Spark cluster: spark://host:7077; FILE is Parquet."
)


@_of_orders
@_on_any_engine
def rfm(orders: Any, as_of: date | None) -> Finding:
    """Recency, frequency, monetary value: the eight classes and eleven segments."""
    from zhike_insight import reports, runs

    table, result = runs.rfm_run(orders, as_of)
    return table, result, reports.rfm_report, [(name, str(g["customers"])) for name, g in result["classes"].items()]


@_of_orders
@_on_any_engine
@click.option("--time-unit", type=click.Choice(["day", "week"]), default="day")
@click.option("--calibration-end", type=DAY, callback=_day, help="Fit until this day, test on the rest.")
@click.option("--horizon-years", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True)
@click.option("--discount-rate", type=click.FloatRange(min=0), default=0.1, show_default=True, help="A year.")
@click.option("--margin", type=float, default=1.0, show_default=True, help="Share of the amount.")
def clv(orders: Any, **options: Any) -> Finding:
    """Lifetime value: models of purchases and spend, value of every customer, hold-out test."""
    from zhike_insight import reports, runs

    table, result = runs.clv_run(orders, **options)
    shown = [(name, f"{value:,.2f}") for name, value in result["bgnbd"].items() if isinstance(value, float)]
    shown.append(("customer equity", f"{result['customer_equity']:,.2f}"))
    if "holdout" in result:
        shown.append(("hold-out, actual", f"{result['holdout']['actual']:,.0f}"))
        shown += [(f"hold-out, {name}", f"{value:,.0f}") for name, value in result["holdout"]["expected"].items()]
    return table, result, reports.lifetime_report, shown


@_of_orders
@click.option("--period", type=click.Choice(["month", "week"]), default="month", show_default=True, help="Of the forecast.")
@click.option("--periods", type=click.IntRange(1, 60), default=6, show_default=True, help="How many to come.")
def patterns(orders: Any, **options: Any) -> Finding:
    """Cohorts, season, who comes next when, and the sales to come; by segment, if --map says segment=COLUMN."""
    from zhike_insight import pattern_reports, runs_of_patterns

    table, result = runs_of_patterns.patterns_run(orders, **options)
    shown = [(state, f"{count:,}") for state, count in result["states"].items()]
    shown += [(f"came in {row['days']} days / expected", f"{row['came']:,} / {row['expected']:,.0f}") for row in result["judged"]]
    whole = [row for row in result["forecast"] if row["segment"] is None]
    shown += [(f"{row['measure']}, {row['start']}", f"{row['expected']:,.0f}") for row in whole]
    return table, result, pattern_reports.patterns_report, shown


@_analysis
@click.option("--map", "mapping", metavar="source=1,target=2,weight=3", help="Columns by header name or position from 1.")
@click.option("--directed", is_flag=True, help="Edges count one way only.")
def network(file: Path, mapping: str | None, directed: bool) -> Finding:
    """Influence in an edge list: degree, betweenness, eigenvector, PageRank, communities."""
    from zhike_insight import feature_reports, files, runs

    columns = files.parse_map(mapping, ("source", "target", "weight")) if mapping else None
    edges = files.read_columns(file, ("source", "target"), columns, optional=("weight",))
    if "weight" in edges.column_names:
        edges = edges.set_column(edges.column_names.index("weight"), "weight", edges["weight"].cast("float64"))
    table, result = runs.network_run(edges, directed=directed)
    return table, result, feature_reports.network_report, [(str(r["person"]), f"{r['pagerank']:.6f}") for r in result["top"]]


@_analysis
@click.option(
    "--map", "mapping", metavar="basket=1,item=2[,customer=3,date=4,price=5,category=6]",
    help="One line an item; without it, one line a basket. With customer and date: what each buys next.",
)  # fmt: skip
@click.option("--support", type=click.FloatRange(0, 1, min_open=True), default=0.01, show_default=True)
@click.option("--confidence", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="Hold-out, and period foretold.")
@click.option("--offers", type=FILE, help="Write the next products of every customer (.csv or .parquet).")
def basket(file: Path, mapping: str | None, days: int, offers: Path | None, **asked: Any) -> Finding:
    """What goes together: association rules, tested on a fifth of the baskets; and what each customer buys next."""
    from zhike_insight import basket as rules, feature_reports, files, line_files, runs, runs_of_lines

    lines = line_files.read_lines(file, files.parse_map(mapping, line_files.LINE_FIELDS)) if mapping else None
    table, result = runs.basket_run(files.read_baskets(file) if lines is None else rules.baskets_of(lines), **asked)
    shown = [("rules", str(result["rules"]))]
    shown += [(f"{r['antecedent']} -> {r['consequent']}", f"{r['confidence']:.3f} × {r['lift']:.2f}") for r in result["top"]]
    if lines is not None and {"customer_id", "date"} <= set(lines.column_names):
        next_products, result["next"] = runs_of_lines.offers_run(lines, days=days)
        techniques = result["next"]["holdout"].get("techniques", [])
        shown += [(f"hold-out, {row['technique']}", f"{row['hit_rate']:.3f} / {row['ndcg']:.3f}") for row in techniques]
        if offers:
            _write(next_products, offers)
    elif offers:
        raise click.UsageError("--offers needs --map with customer and date")
    return table, result, feature_reports.basket_report, shown


@_analysis
@click.option("--target", required=True, help="The column that says who left.")
@click.option("--positive", help="Its value for those who left; else 1, yes, true, 是, or the rarer one.")
@click.option("--treated", help="The column that says who was contacted; the others are the control group. Whom a contact keeps.")
def churn(file: Path, target: str, positive: str | None, treated: str | None) -> Finding:
    """Who will leave: calibrated probabilities from a table of features, judged on rows the model has not seen."""
    from zhike_insight import feature_reports, files, runs

    table, result = runs.churn_run(files.read_features(file), target, positive, treated=treated)
    shown = [(name, f"{result[name]:.4f}") for name in ("auc", "log_loss", "base_log_loss", "brier")]
    shown += [(driver["feature"], f"{driver['strength']:+.3f}") for driver in result["drivers"]]
    if trial := result.get("uplift"):
        figures = {name: [f"{trial[name][part]:+.4f}" for part in ("value", "low", "high")] for name in ("effect", "qini")}
        shown += [(f"uplift, {name}", f"{value} ({low} … {high})") for name, (value, low, high) in figures.items()]
    return table, result, feature_reports.churn_report, shown


@_analysis
@click.option("--duration", required=True, help="The column with the time until leaving, or until now.")
@click.option("--target", required=True, help="The column that says who left.")
@click.option("--positive", help="Its value for those who left; else 1, yes, true, 是, or the rarer one.")
@click.option("--discount", type=click.FloatRange(min=0, min_open=True), default=0.1, show_default=True, help="A renewal.")
def survival(file: Path, duration: str, target: str, positive: str | None, discount: float) -> Finding:
    """How long customers with a contract stay, what makes them leave sooner, and the renewals to come."""
    from zhike_insight import feature_reports, files, runs_of_survival

    table, result = runs_of_survival.survival_run(files.read_features(file), duration, target, positive, discount=discount)
    shown = [("left", f"{result['left']:,} / {result['rows']:,}"), ("half have left by", str(result["median"] or "-"))]
    shown += [(row["feature"], f"× {row['factor']:.2f}") for row in result.get("drivers", [])]
    shown += [(f"renewal {row['renewal']}", f"{row['share']:.1%}") for row in result.get("contract", {}).get("retention", [])]
    return table, result, feature_reports.survival_report, shown


@_analysis
@click.option("--segments", "k", type=click.IntRange(2, 50), help="How many; else recommended by several criteria.")
@click.option("--technique", type=click.Choice(["kmeans", "mixture"]), default="kmeans", show_default=True)
@click.option("--goal", help="The column that the segments shall differ in; not used to make them.")
def segment(file: Path, k: int | None, technique: str, goal: str | None) -> Finding:
    """Segments of customers from a table of features: how many, how stable, how to recognise them, their tests."""
    from zhike_insight import feature_reports, files, runs_of_features

    table, result = runs_of_features.segment_run(files.read_features(file), k=k, technique=technique, goal=goal)
    shown = [("stability", f"{result['stability']:.2f}")]
    shown += [(f"{one['segment']}: {' and '.join(one['rule']) or '-'}", f"{one['customers']:,}") for one in result["segments"]]
    return table, result, feature_reports.segment_report, shown


@_analysis
@click.option("--target", required=True, help="The column that says who turned out bad.")
@click.option("--positive", help="Its value for the bad ones; else 1, yes, true, 是, or the rarer one.")
def scorecard(file: Path, target: str, positive: str | None) -> Finding:
    """A scorecard from a table of features, judged on rows that neither its bins nor its coefficients have seen."""
    from zhike_insight import feature_reports, files, runs_of_features

    table, result = runs_of_features.scorecard_run(files.read_features(file), target, positive)
    shown = [(name, f"{result[name]:.4f}") for name in ("auc", "ks", "gini", "challenger_auc", "in_sample_auc")]
    shown += [(name, f"IV {result['iv'][name]:.3f}") for name in result["card"]]
    return table, result, feature_reports.scorecard_report, shown


@_analysis
@click.option("--outcome", required=True, help="The column to explain, such as overall satisfaction.")
@click.option("--resamples", type=click.IntRange(0, 20_000), default=500, show_default=True, help="Of the bootstrap.")
def drivers(file: Path, outcome: str, resamples: int) -> Finding:
    """What drives satisfaction: importance of every column, fairly divided among those that move together."""
    from zhike_insight import feature_reports, files, runs_of_features

    table, result = runs_of_features.drivers_run(files.read_features(file), outcome, resamples=resamples)
    shown = [("R²", f"{result['r_squared']:.3f}"), *((d["name"], f"{d['share']:.1%}") for d in result["drivers"])]
    return table, result, feature_reports.drivers_report, shown


@_analysis
@click.option("--text", required=True, help="The column of texts: header name or position from 1.")
@click.option("--label", help="The column that says which are favourable (1, or the greater value): trains and judges a model.")
@click.option("--save-model", type=FILE, help="Keep the model trained on all labelled texts (.parquet).")
@click.option("--model", type=FILE, help="Use a model that was kept.")
def sentiment(file: Path, text: str, label: str | None, save_model: Path | None, model: Path | None) -> Finding:
    """Tone, topics and urgency of Chinese texts. With --label: trained on four fifths, judged on the rest."""
    from zhike_insight import feature_reports, files, record_files, runs_of_features

    columns = {"text": text} | ({"label": label} if label else {})
    read = files.read_columns(file, ("text", "label") if label else ("text",), columns)
    texts = [str(cell or "") for cell in read["text"].to_pylist()]
    labels = [str(cell) for cell in read["label"].to_pylist()] if label else None
    kept = record_files.read_model(model) if model else None
    table, result, trained = runs_of_features.sentiment_run(texts, labels, model=kept, progress=_progress())
    if save_model:
        if trained is None:
            raise click.UsageError("--save-model needs --label")
        _write(trained.to_table(), save_model)
    shown = [("method", result["method"])]
    shown += [(name, f"{result[name]:.4f}") for name in ("accuracy", "auc", "majority") if name in result]
    shown += [(name, f"{count:,}") for name, count in result["topics"].items() if count] + [("urgent", f"{result['urgent']:,}")]
    return table, result, feature_reports.sentiment_report, shown


@_analysis
@click.option("--map", "mapping", metavar="name=1,phone=2", help="name, kind, phone, email, code, birthday, address = column.")
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.9, show_default=True)
def match(file: Path, mapping: str | None, threshold: float) -> Finding:
    """Records that are probably one customer, with what speaks for it and against it."""
    from zhike_insight import feature_reports, files, record_files, runs_of_features

    columns = files.parse_map(mapping, record_files.RECORD_FIELDS) if mapping else None
    records = record_files.read_records(file, columns)
    table, result = runs_of_features.match_run(records, threshold=threshold, progress=_progress())
    shown = [("records", f"{result['rows']:,}"), ("pairs", f"{result['pairs']:,}")]
    shown += [(f"{one['first_name']} = {one['second_name']}", f"{one['probability']:.3f}") for one in result["top"]]
    return table, result, feature_reports.match_report, shown


def _progress() -> Callable[[float], None] | None:
    """Per cent on standard error, where a person looks on."""
    if click.get_current_context().params["as_json"] or not sys.stderr.isatty():
        return None
    return lambda share: click.echo(f"\r{share:4.0%}" + ("\n" if share >= 1 else ""), err=True, nl=False)


def _write(table: Any, path: Path) -> None:
    from zhike_insight import files

    files.write_table(table, path)


@contextmanager
def _problems() -> Iterator[None]:
    """What is wrong with the file or the data becomes one sentence; a fit that does not converge becomes a remark."""
    try:
        with warnings.catch_warnings(record=True) as remarks:
            warnings.simplefilter("always")
            yield
    except (ValueError, OSError) as problem:
        raise click.ClickException(in_chinese(str(problem)) if language() == "zh-hans" else str(problem)) from problem
    for remark in {str(one.message) for one in remarks if issubclass(one.category, UserWarning)}:
        click.echo(f"Note: {remark}", err=True)
