"""Pictures of the methods that need only who bought when and for how much: CDNOW's tenth of customers, 1997 and 1998."""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from tools.method_pictures.chart import BLUE, GREEN, GREY, INK, ORANGE, Chart, numbers, paired, places, shares

import zhike_insight as zi

END, AFTER = date(1997, 9, 30), date(1998, 6, 30)
MODELS = {"BG/NBD": (zi.BetaGeoNBD, BLUE), "modified": (zi.ModifiedBetaGeoNBD, GREEN), "Pareto/NBD": (zi.ParetoNBD, ORANGE)}


@cache
def cdnow() -> Any:
    spec = find_spec("lifetimes")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("CDNOW comes with the development packages: run make")
    text = (Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt").read_text()
    rows = [line.split() for line in text.splitlines()]
    columns = {
        "customer_id": [int(row[1]) for row in rows],
        "date": [date.fromisoformat(row[2]) for row in rows],
        "amount": [float(row[4]) for row in rows],
    }
    return zi.transactions(columns)


def summary(as_of: date, unit: str = "week") -> Any:
    return zi.summaries(cdnow(), as_of, time_unit=unit).order_by("customer_id").to_pyarrow()


def lifetime() -> Chart:
    """P(alive) of a customer who came five times and then stayed away."""
    known = summary(END)
    bought, weeks = np.array([0, 3, 8, 11, 15]), np.linspace(0, 52, 209)
    x = np.searchsorted(bought, weeks, side="right") - 1
    last = bought[x].astype(float)
    chart = Chart(
        "P(alive) of a customer with five purchases, then silence; models fitted on CDNOW",
        x=(0, 52),
        y=(0, 1),
        names=("weeks since the first purchase", "P(alive)"),
        x_ticks=numbers(range(0, 53, 13)),
        y_ticks=shares(),
    )
    for name, (kind, colour) in MODELS.items():
        model = kind().fit(known["frequency"], known["recency"], known["age"])
        chart.line(weeks, model.p_alive(x, np.where(x > 0, last, 0.0), weeks), colour, name)
    chart.dots(bought, [0] * 5, INK, "purchase")
    return chart


def holdout() -> Chart:
    """Cumulative repeat purchases by week, foreseen from the first 39."""
    report = zi.back_test(cdnow(), END, AFTER, models={name: kind for name, (kind, _) in MODELS.items()})
    weeks = [row["period"] for row in report.by_period]
    chart = Chart(
        "CDNOW: repeat purchases, foreseen from the first 39 weeks",
        x=(0, 78),
        y=(0, 5000),
        names=("week", "repeat purchases, in total"),
        x_ticks=numbers(range(0, 79, 13)),
        y_ticks=numbers(range(0, 5001, 1000)),
    )
    chart.rule(x=39)
    chart.note(38, 4600, "known", anchor="end")
    chart.note(40, 4600, "hold-out")
    chart.line(weeks, [row["actual"] for row in report.by_period], INK, "came")
    for name, (_, colour) in MODELS.items():
        chart.line(weeks, [row[name] for row in report.by_period], colour, name)
    return chart


def forecast() -> Chart:
    """Expected and came, by tenths of the customers in the order of the stacked forecast."""
    found = zi.forecast_purchases(cdnow(), END, AFTER)
    rows = zi.calibration_and_holdout(cdnow(), END, AFTER).order_by("customer_id").to_pyarrow()
    expected, came = found.table["expected"].to_numpy(), rows["holdout_frequency"].to_numpy()
    tenths = np.array_split(np.argsort(-expected, kind="stable"), 10)
    chart = Chart(
        "CDNOW, 39 weeks ahead: purchases of each tenth of the customers",
        x=(0, 10),
        y=(0, 1000),
        y_ticks=numbers(range(0, 1001, 250)),
        x_ticks=places([str(i + 1) for i in range(10)]),
        names=("tenth of the customers, the best by the forecast first", "purchases"),
    )
    bars = {"expected (stacked)": (BLUE, [expected[t].sum() for t in tenths]), "came": (INK, [came[t].sum() for t in tenths])}
    paired(chart, bars)
    best = came[tenths[0]].sum() / came.sum()
    chart.note(1.15, came[tenths[0]].sum(), f"{best:.1%} of all purchases came from the first tenth".replace("%", " %"), up=-8)
    return chart


def gamma_gamma() -> Chart:
    """How far the expectation follows the own mean."""
    known = summary(END).to_pandas()
    again = known[known.frequency > 0]
    model = zi.GammaGamma().fit(again.frequency, again.mean_spend)
    visits = np.arange(21)
    chart = Chart(
        "Expected spend of the next visit, fitted on CDNOW",
        x=(0, 20),
        y=(0, 100),
        x_ticks=numbers(range(0, 21, 5)),
        y_ticks=numbers(range(0, 101, 25)),
        names=("repeat purchases known", "expected spend, dollars"),
    )
    for own in (90, 50, 15):
        chart.rule(y=own, colour=GREY)
    for own, colour in ((90, ORANGE), (50, GREEN), (15, BLUE)):
        chart.line(visits, model.expected_spend(visits, np.where(visits > 0, own, 0.0)), colour, f"own mean {own}")
    nobody = float(model.expected_spend([0], [0.0])[0])
    chart.note(0.9, 31, f"nothing known: {nobody:.2f}")
    return chart


def rfm() -> Chart:
    """Customers by recency and frequency score."""
    cells = zi.rfm_grid(zi.rfm(zi.summaries(cdnow(), AFTER))).to_pyarrow().to_pylist()
    chart = Chart(
        "CDNOW: customers by recency and frequency score",
        grid=False,
        x=(0, 5),
        y=(0, 5),
        names=("frequency score (1: bought once)", "recency score (5: lately)"),
        x_ticks=places([str(i) for i in range(1, 6)]),
        y_ticks=places([str(i) for i in range(1, 6)]),
    )
    most = max(cell["customers"] for cell in cells)
    for cell in cells:
        chart.cell(cell["f_score"] - 1, cell["r_score"] - 1, cell["customers"] / most, f"{cell['customers']:,}")
    return chart


def lived(customers: int, days: int) -> Any:
    """Customers who join at any time, buy at a rhythm of their own and leave, as BG/NBD says."""
    rng = np.random.default_rng(11)
    rows = []
    for customer in range(customers):
        day, rhythm, leaving = rng.uniform(0, days), rng.gamma(2, 20), rng.beta(1, 8)
        while day < days:
            rows.append((customer, date(2024, 1, 1) + timedelta(int(day)), 100.0))
            if rng.random() < leaving:
                break
            day += rng.exponential(rhythm)
    return zi.transactions(dict(zip(("customer_id", "date", "amount"), map(list, zip(*rows, strict=True)), strict=True)))


def lifecycle() -> Chart:
    """From stage to stage within a quarter."""
    bought = lived(2000, 731)
    before, after = (zi.stages(zi.summaries(bought, day)) for day in (date(2025, 9, 30), date(2025, 12, 31)))
    moves = zi.transitions(before, after).to_pyarrow().to_pylist()
    chart = Chart(
        "2,000 simulated customers: from stage to stage within a quarter",
        x=(0, 5),
        y=(5, 0),
        left=90,
        grid=False,
        x_ticks=places(zi.STAGES),
        y_ticks=places(zi.STAGES),
        names=("stage a quarter later", "stage, shares of a row"),
    )
    for move in moves:
        if move["before"] is None or move["after"] is None:
            continue
        row, column = zi.STAGES.index(move["before"]), zi.STAGES.index(move["after"])
        text = f"{move['share']:.0%}".replace("%", " %") + f" ({move['customers']:,})"
        chart.cell(column, row, move["share"], text)
    return chart


def patterns() -> Chart:
    """How many come by when: the rhythm of each customer, added up."""
    known_until, ahead = date(1997, 12, 31), (7, 14, 30, 60, 90, 180)
    known = zi.purchase_intervals(cdnow(), known_until).order_by("customer_id").to_pyarrow()
    n, days, logs, silence = (known[name].to_numpy() for name in ("intervals", "days", "log_days", "silence"))
    model = zi.PurchaseRhythm().fit(n, days, logs, silence)
    expected = [model.probability_by(np.full(len(n), t), n, days, silence).sum() for t in ahead]
    visits = defaultdict(list)
    for row in cdnow().to_pyarrow().sort_by("date").to_pylist():
        visits[row["customer_id"]].append(row["date"])
    following = [of[at] - known_until for of in visits.values() if (at := bisect_right(of, known_until)) < len(of)]
    came = [sum(wait <= timedelta(t) for wait in following) for t in ahead]
    chart = Chart(
        "CDNOW: how many of 2,357 customers come by when, known until the end of 1997",
        x=(0, 6),
        y=(0, 600),
        names=("days ahead", "customers"),
        x_ticks=places([str(t) for t in ahead]),
        y_ticks=numbers(range(0, 601, 150)),
    )
    paired(chart, {"expected": (BLUE, expected), "came": (INK, came)})
    return chart


PICTURES = {
    "lifetime": lifetime, "holdout": holdout, "forecast": forecast, "gamma-gamma": gamma_gamma, "rfm": rfm, "lifecycle": lifecycle,
    "patterns": patterns,
}  # fmt: skip
