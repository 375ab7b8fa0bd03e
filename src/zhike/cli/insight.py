"""`zhike insight`: the analyses of the library on plain files, without a database."""

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click


@click.group()
def command() -> None:
    """Customer analytics on files: a CSV, text or Parquet file of orders in, tables and a report out."""


def _day(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


def _file_options(function: Callable[..., None]) -> Callable[..., None]:
    options = [
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--map", "mapping", metavar="customer=1,date=2,amount=3", help="Columns by header name or position from 1."),
        click.option("--date-format", help="How dates are written, as for strptime, if not year first."),
        click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="End of observation; else the last day."),
        click.option(
            "--engine", default="duckdb", show_default=True, help="Or a Spark cluster: spark://host:7077; FILE is Parquet."
        ),
        click.option("--out", type=click.Path(path_type=Path), help="Write the table of customers (.csv or .parquet)."),
        click.option("--report", type=click.Path(path_type=Path), help="Write a self-contained HTML page."),
        click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="Of the report."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def _result_options(function: Callable[..., None]) -> Callable[..., None]:
    options = [
        click.option("--out", type=click.Path(path_type=Path), help="Write the table (.csv or .parquet)."),
        click.option("--report", type=click.Path(path_type=Path), help="Write a self-contained HTML page."),
        click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="Of the report."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@command.command()
@_file_options
def rfm(as_of: date | None, **options: Any) -> None:
    """Recency, frequency, monetary value: the eight classes and eleven segments."""
    from zhike_insight import reports, runs

    with _problems():
        loaded = _read(options)
        table, result = runs.rfm_run(loaded.table, as_of)
        result |= {"rows": loaded.rows, "left_out": loaded.left_out}
        _finish(table, result, options, reports.rfm_report, [(name, str(g["customers"])) for name, g in result["classes"].items()])


@command.command()
@_file_options
@click.option("--time-unit", type=click.Choice(["day", "week"]), default="day")
@click.option("--calibration-end", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="Fit until this day, test on the rest.")
@click.option("--horizon-years", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True)
@click.option("--discount-rate", type=click.FloatRange(min=0), default=0.1, show_default=True, help="A year.")
@click.option("--margin", type=float, default=1.0, show_default=True, help="Share of the amount.")
def clv(**options: Any) -> None:
    """Lifetime value: models of purchases and spend, value of every customer, hold-out test."""
    from zhike_insight import reports, runs

    names = ("time_unit", "as_of", "calibration_end", "horizon_years", "discount_rate", "margin")
    with _problems():
        loaded = _read(options)
        table, result = runs.clv_run(loaded.table, **{name: options[name] for name in names})
        result |= {"rows": loaded.rows, "left_out": loaded.left_out}
        shown = [(name, f"{value:,.2f}") for name, value in result["bgnbd"].items() if isinstance(value, float)]
        shown.append(("customer equity", f"{result['customer_equity']:,.2f}"))
        if "holdout" in result:
            shown.append(("hold-out, actual", f"{result['holdout']['actual']:,.0f}"))
            shown += [(f"hold-out, {name}", f"{value:,.0f}") for name, value in result["holdout"]["expected"].items()]
        _finish(table, result, options, reports.lifetime_report, shown)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "mapping", metavar="source=1,target=2,weight=3", help="Columns by header name or position from 1.")
@click.option("--directed", is_flag=True, help="Edges count one way only.")
@_result_options
def network(file: Path, mapping: str | None, directed: bool, **options: Any) -> None:
    """Influence in an edge list: degree, betweenness, eigenvector, PageRank, communities."""
    from zhike_insight import feature_reports, files, runs

    with _problems():
        columns = files.parse_map(mapping, ("source", "target", "weight")) if mapping else None
        edges = files.read_columns(file, ("source", "target"), columns, optional=("weight",))
        if "weight" in edges.column_names:
            edges = edges.set_column(edges.column_names.index("weight"), "weight", edges["weight"].cast("float64"))
        table, result = runs.network_run(edges, directed=directed)
        shown = [(str(r["person"]), f"{r['pagerank']:.6f}") for r in result["top"]]
        _finish(table, result, options, feature_reports.network_report, shown)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map", "mapping", metavar="basket=1,item=2[,customer=3,date=4,price=5,category=6]",
    help="One line an item; without it, one line a basket. With customer and date: what each buys next.",
)  # fmt: skip
@click.option("--support", type=click.FloatRange(0, 1, min_open=True), default=0.01, show_default=True)
@click.option("--confidence", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="Hold-out, and period foretold.")
@click.option("--offers", type=click.Path(path_type=Path), help="Write the next products of every customer (.csv or .parquet).")
@_result_options
def basket(file: Path, mapping: str | None, days: int, offers: Path | None, **options: Any) -> None:
    """What goes together: association rules, tested on a fifth of the baskets; and what each customer buys next."""
    from zhike_insight import basket as rules, feature_reports, files, line_files, runs, runs_of_lines

    with _problems():
        lines = line_files.read_lines(file, files.parse_map(mapping, line_files.LINE_FIELDS)) if mapping else None
        baskets = files.read_baskets(file) if lines is None else rules.baskets_of(lines)
        table, result = runs.basket_run(baskets, support=options["support"], confidence=options["confidence"])
        shown = [(f"{r['antecedent']} -> {r['consequent']}", f"{r['confidence']:.3f} × {r['lift']:.2f}") for r in result["top"]]
        if lines is not None and {"customer_id", "date"} <= set(lines.column_names):
            next_products, result["next"] = runs_of_lines.offers_run(lines, days=days)
            techniques = result["next"]["holdout"].get("techniques", [])
            shown += [(f"hold-out, {row['technique']}", f"{row['hit_rate']:.3f} / {row['ndcg']:.3f}") for row in techniques]
            if offers:
                files.write_table(next_products, offers)
        elif offers:
            raise click.UsageError("--offers needs --map with customer and date")
        _finish(table, result, options, feature_reports.basket_report, [("rules", str(result["rules"])), *shown])


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="The column that says who left.")
@click.option("--positive", help="Its value for those who left; else 1, yes, true, 是, or the rarer one.")
@_result_options
def churn(file: Path, target: str, positive: str | None, **options: Any) -> None:
    """Who will leave: calibrated probabilities from a table of features, judged on rows the model has not seen."""
    from zhike_insight import feature_reports, files, runs

    with _problems():
        table, result = runs.churn_run(files.read_features(file), target, positive)
        shown = [(name, f"{result[name]:.4f}") for name in ("auc", "log_loss", "base_log_loss", "brier")]
        shown += [(driver["feature"], f"{driver['strength']:+.3f}") for driver in result["drivers"]]
        _finish(table, result, options, feature_reports.churn_report, shown)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--segments", "k", type=click.IntRange(2, 50), help="How many; else recommended by several criteria.")
@click.option("--technique", type=click.Choice(["kmeans", "mixture"]), default="kmeans", show_default=True)
@click.option("--goal", help="The column that the segments shall differ in; not used to make them.")
@_result_options
def segment(file: Path, k: int | None, technique: str, goal: str | None, **options: Any) -> None:
    """Segments of customers from a table of features: how many, how stable, how to recognise them, their tests."""
    from zhike_insight import feature_reports, files, runs_of_features

    with _problems():
        table, result = runs_of_features.segment_run(files.read_features(file), k=k, technique=technique, goal=goal)
        shown = [(f"{one['segment']}: {' and '.join(one['rule']) or '-'}", f"{one['customers']:,}") for one in result["segments"]]
        _finish(table, result, options, feature_reports.segment_report, [("stability", f"{result['stability']:.2f}"), *shown])


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="The column that says who turned out bad.")
@click.option("--positive", help="Its value for the bad ones; else 1, yes, true, 是, or the rarer one.")
@_result_options
def scorecard(file: Path, target: str, positive: str | None, **options: Any) -> None:
    """A scorecard from a table of features, judged on rows that neither its bins nor its coefficients have seen."""
    from zhike_insight import feature_reports, files, runs_of_features

    with _problems():
        table, result = runs_of_features.scorecard_run(files.read_features(file), target, positive)
        shown = [(name, f"{result[name]:.4f}") for name in ("auc", "ks", "gini", "in_sample_auc")]
        shown += [(name, f"IV {result['iv'][name]:.3f}") for name in result["card"]]
        _finish(table, result, options, feature_reports.scorecard_report, shown)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--outcome", required=True, help="The column to explain, such as overall satisfaction.")
@click.option("--resamples", type=click.IntRange(0, 20_000), default=500, show_default=True, help="Of the bootstrap.")
@_result_options
def drivers(file: Path, outcome: str, resamples: int, **options: Any) -> None:
    """What drives satisfaction: importance of every column, fairly divided among those that move together."""
    from zhike_insight import feature_reports, files, runs_of_features

    with _problems():
        table, result = runs_of_features.drivers_run(files.read_features(file), outcome, resamples=resamples)
        shown = [("R²", f"{result['r_squared']:.3f}")]
        shown += [(d["name"], f"{d['share']:.1%}") for d in result["drivers"]]
        _finish(table, result, options, feature_reports.drivers_report, shown)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--text", required=True, help="The column of texts: header name or position from 1.")
@click.option("--label", help="The column that says which are favourable (1, or the greater value): trains and judges a model.")
@click.option("--save-model", type=click.Path(path_type=Path), help="Keep the model trained on all labelled texts (.parquet).")
@click.option("--model", type=click.Path(path_type=Path), help="Use a model that was kept.")
@_result_options
def sentiment(file: Path, text: str, label: str | None, save_model: Path | None, model: Path | None, **options: Any) -> None:
    """Tone, topics and urgency of Chinese texts. With --label: trained on four fifths, judged on the rest."""
    from zhike_insight import feature_reports, files, record_files, runs_of_features

    with _problems():
        columns = {"text": text} | ({"label": label} if label else {})
        read = files.read_columns(file, ("text", "label") if label else ("text",), columns)
        texts = [str(cell or "") for cell in read["text"].to_pylist()]
        labels = [str(cell) for cell in read["label"].to_pylist()] if label else None
        kept = record_files.read_model(model) if model else None
        table, result, trained = runs_of_features.sentiment_run(texts, labels, model=kept, progress=_progress(options))
        if save_model:
            if trained is None:
                raise click.UsageError("--save-model needs --label")
            files.write_table(trained.to_table(), save_model)
        shown = [("method", result["method"])]
        shown += [(name, f"{result[name]:.4f}") for name in ("accuracy", "auc", "majority") if name in result]
        shown += [(name, f"{count:,}") for name, count in result["topics"].items() if count] + [("urgent", f"{result['urgent']:,}")]
        _finish(table, result, options, feature_reports.sentiment_report, shown)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "mapping", metavar="name=1,phone=2", help="name, kind, phone, email, code, birthday, address = column.")
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.9, show_default=True)
@_result_options
def match(file: Path, mapping: str | None, threshold: float, **options: Any) -> None:
    """Records that are probably one customer, with what speaks for it and against it."""
    from zhike_insight import feature_reports, files, record_files, runs_of_features

    with _problems():
        columns = files.parse_map(mapping, record_files.RECORD_FIELDS) if mapping else None
        records = record_files.read_records(file, columns)
        table, result = runs_of_features.match_run(records, threshold=threshold, progress=_progress(options))
        shown = [("records", f"{result['rows']:,}"), ("pairs", f"{result['pairs']:,}")]
        shown += [(f"{one['first_name']} = {one['second_name']}", f"{one['probability']:.3f}") for one in result["top"]]
        _finish(table, result, options, feature_reports.match_report, shown)


def _progress(options: dict[str, Any]) -> Callable[[float], None] | None:
    """Per cent on standard error, where a person looks on."""
    if options["as_json"] or not sys.stderr.isatty():
        return None
    return lambda share: click.echo(f"\r{share:4.0%}" + ("\n" if share >= 1 else ""), err=True, nl=False)


def _read(options: dict[str, Any]) -> Any:
    from zhike_insight import files

    mapping = files.parse_map(options["mapping"]) if options["mapping"] else None
    if options["engine"] != "duckdb":
        from zhike_insight import engines

        return engines.read_orders(str(options["file"]), options["engine"], mapping)
    return files.read_transactions(options["file"], mapping, date_format=options["date_format"])


def _finish(table: Any, result: dict[str, Any], options: dict[str, Any], report: Any, shown: list[tuple[str, str]]) -> None:
    from zhike_insight import files

    if options["out"]:
        files.write_table(table, options["out"])
    if options["report"]:
        options["report"].write_text(report(result, options["language"]), encoding="utf-8")
    if options["as_json"]:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        click.echo(f"{name:<{width}}  {value:>14}")


@contextmanager
def _problems() -> Iterator[None]:
    """What is wrong with the file or the data becomes one sentence; a fit that does not converge becomes a remark."""
    try:
        with warnings.catch_warnings(record=True) as remarks:
            warnings.simplefilter("always")
            yield
    except (ValueError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    for remark in {str(one.message) for one in remarks if issubclass(one.category, UserWarning)}:
        click.echo(f"Note: {remark}", err=True)
