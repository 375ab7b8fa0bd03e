"""Pictures of what customers are worth and how they hang together: contracts, survival, grades, matrix, indicators, network."""

import networkx as nx
import numpy as np
import pyarrow as pa
from tools.method_pictures.chart import BLUE, GREEN, GREY, INK, ORANGE, VIOLET, Chart, numbers, places, shares

import zhike_insight as zi

# Contracts still running after each renewal (Fader & Hardie 2007), patients in remission (Freireich & al. 1963)
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def discrete() -> Chart:
    """Survival of two cohorts of contracts, fitted on seven renewals and continued."""
    chart = Chart(
        "Contracts still running, fitted on seven renewals and continued",
        x=(0, 12),
        y=(0, 1),
        names=("renewals", "share of the cohort"),
        x_ticks=numbers(range(0, 13, 2)),
        y_ticks=shares(),
    )
    chart.rule(x=7)
    for name, cohort, colour in (("high end", HIGH_END, BLUE), ("regular", REGULAR, ORANGE)):
        model = zi.ShiftedBetaGeometric().fit(cohort)
        chart.line(range(13), model.survival(np.arange(13)), colour, f"{name}, shifted beta-geometric")
        chart.dots(range(8), np.array(cohort) / 1000, INK)
        stay = model.retention(np.array([1, 12]))
        text = f"renews: {stay[0]:.0%} at first, {stay[1]:.0%} at the twelfth".replace("%", " %")
        chart.note(7.15, cohort[-1] / 1000, text, up=10)
    chart.dots([], [], INK, "came")
    return chart


def survival() -> Chart:
    """Kaplan–Meier of the two groups, and Cox with one coefficient."""
    duration, left = np.array(TREATED + PLACEBO, dtype=float), np.array(RELAPSED + [1] * 21)
    model = zi.CoxModel().fit([[1.0]] * 21 + [[0.0]] * 21, duration, left)
    weeks = np.arange(36)
    foreseen = model.survival([[1.0], [0.0]], weeks.tolist())
    chart = Chart(
        "Remission of 42 patients: still there after so many weeks",
        x=(0, 35),
        y=(0, 1),
        names=("weeks", "share still there"),
        x_ticks=numbers(range(0, 36, 5)),
        y_ticks=shares(),
    )
    for name, times, gone, colour in (("treated", TREATED, RELAPSED, BLUE), ("placebo", PLACEBO, [1] * 21, ORANGE)):
        rows = zi.kaplan_meier(times, gone).to_pylist()
        across = [0, *(row["time"] for row in rows), max(times)]
        curve = [1.0, *(row["survival"] for row in rows)]
        chart.steps(across, [*curve, curve[-1]], colour, f"{name}, Kaplan–Meier")
        if name == "treated":
            edges = [row for row in rows for _ in (0, 1)]
            ends = [*[row["time"] for row in rows for _ in (0, 1)][1:], max(times)]
            chart.band(ends, [row["low"] for row in edges], [row["high"] for row in edges], colour, "95 % interval")
    for curve, colour in zip(foreseen, (BLUE, ORANGE), strict=True):
        chart.line(weeks, curve, colour, dash="3 3")
    chart.line([], [], GREY, "Cox", dash="3 3")
    return chart


def grades() -> Chart:
    """The whale curve of 400 simulated customers, with the bands of the grades."""
    rng = np.random.default_rng(7)
    margin = rng.lognormal(4, 1.3, 400) - rng.gamma(2, 30, 400)
    table = zi.transactions({"customer_id": range(400), "date": ["2026-01-01"] * 400, "amount": margin})
    curve = zi.whale_curve(table, "amount").to_pyarrow()
    earned = zi.grades(table, "amount").to_pyarrow()["earned_grade"].to_pylist()
    chart = Chart(
        "Whale curve of 400 simulated customers, and the grades of their bands",
        x=(0, 1),
        y=(0, 1.75),
        y_ticks=shares((0, 0.5, 1, 1.5)),
        x_ticks=shares(),
        names=("share of the customers, the best first", "share of the margin"),
    )
    end = 0.0
    for grade, strength, height in zip(zi.GRADES, (0.34, 0.22, 0.12, 0.0), (1.63, 1.5, 1.63, 1.63), strict=True):
        start, end = end, end + earned.count(grade) / 400
        chart.box((start, end), (0, 1.75), BLUE, strength=strength)
        chart.note(start + 0.005, height, f"{grade} ({earned.count(grade)})")
    chart.line([0, *curve["customer_share"].to_pylist()], [0, *curve["value_share"].to_pylist()], INK)
    chart.rule(y=1)
    return chart


def matrix() -> Chart:
    """Simulated customers by present and future profit; the colour is their cost."""
    rng = np.random.default_rng(3)
    base = rng.gamma(2, 20, 160)
    cost, present, future = rng.gamma(2, 10, 160), base * rng.gamma(3, 1 / 3, 160), base * rng.gamma(3, 1 / 3, 160)
    found = zi.value_matrix(cost, present, future)
    chart = Chart(
        "160 simulated customers, and the treatment at low · high cost",
        x=(0, 160),
        y=(-20, 160),
        x_ticks=numbers(range(0, 161, 40)),
        y_ticks=numbers(range(0, 161, 40)),
        names=("present profit, thousand yuan", "future profit, thousand yuan"),
    )
    chart.rule(x=found.cuts["present"])
    chart.rule(y=found.cuts["future"])
    for high, colour, name in ((False, BLUE, "low cost"), (True, ORANGE, "high cost")):
        some = ((cost > found.cuts["cost"]) == high) & (present < 160) & (future < 160)
        chart.dots(present[some], future[some], colour, name, radius=3)
    for now, x, anchor in ((True, 158, "end"), (False, 2, "start")):
        for later, y in ((True, 150), (False, -14)):
            low, high = (zi.MATRIX_TREATMENTS[dear, now, later].replace("_", " ") for dear in (False, True))
            chart.note(x, y, f"{low} · {high}", anchor=anchor)
    return chart


def indicators() -> Chart:
    """The nine of one customer of fifty: length is the score, depth of colour how much is known."""
    rng = np.random.default_rng(5)
    names = [name for pillar in zi.PILLARS.values() for name in pillar]
    columns = {f"{name}_{i}": rng.gamma(2, 1, 50) for name in names for i in (1, 2)}
    for hidden in ("trust_1", "trust_2", "network_2", "innovation_1"):
        columns[hidden][0] = np.nan
    evidence = [zi.Evidence(column.rsplit("_", 1)[0], column) for column in columns]
    row = zi.nine_indicators(pa.table({"customer": range(50), **columns}), evidence).to_pylist()[0]
    chart = Chart(
        "Nine indicators of one simulated customer among fifty",
        x=(0, 100),
        y=(9, 0),
        left=90,
        x_ticks=numbers(range(0, 101, 25)),
        y_ticks=places(names),
        grid=False,
        names=("score: share of the customers who are worse, %", ""),
    )
    for i, name in enumerate(names):
        colour, score, known = (BLUE, GREEN, VIOLET)[i // 3], row[name], row[f"{name}_confidence"]
        if score is not None:
            chart.box((0, score), (i + 0.2, i + 0.8), colour, strength=0.25 + 0.75 * known)
        chart.note((score or 0) + 1, i + 0.5, "all known" if known == 1 else "half known" if known else "nothing known", up=-4)
    for pillar, colour in zip(zi.PILLARS, (BLUE, GREEN, VIOLET), strict=True):
        chart.named(f"{pillar} {row[pillar]:.0f}", colour)
    return chart


def network() -> Chart:
    """The karate club: size is PageRank, colour the community."""
    graph = nx.karate_club_graph()
    found = zi.influence({"source": [a + 1 for a, _ in graph.edges], "target": [b + 1 for _, b in graph.edges]}).to_pylist()
    places_ = nx.spring_layout(graph, seed=12, k=0.4, iterations=200, weight=None)
    spread = np.array([places_[i] for i in range(len(graph))])
    at = (spread - spread.min(0)) / np.ptp(spread, axis=0)
    best = found[:3]
    said = (
        f"PageRank of {', '.join(str(row['person']) for row in best)}: {', '.join(format(row['pagerank'], '.3f') for row in best)}"
    )
    chart = Chart(
        "Zachary's karate club: area is PageRank, colour the community", x=(-0.05, 1.05), y=(-0.05, 1.05), left=32, names=(said, "")
    )
    for a, b in graph.edges:
        chart.line(*zip(at[a], at[b], strict=True), colour="#ccc")
    for row in found:
        colour = (BLUE, ORANGE, GREEN, VIOLET, GREY)[row["community"] % 5]
        place = at[row["person"] - 1]
        chart.dots(place[:1], place[1:], colour, radius=45 * row["pagerank"] ** 0.5)
    for row in best:
        chart.note(*at[row["person"] - 1], str(row["person"]), up=16)
    return chart


PICTURES = {
    "discrete": discrete, "survival": survival, "grades": grades, "matrix": matrix, "indicators": indicators, "network": network,
}  # fmt: skip
