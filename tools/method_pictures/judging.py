"""Pictures of what is learned from features, answers, baskets, records and texts."""

import re
from pathlib import Path

import numpy as np
from scipy.special import expit
from sklearn.datasets import load_iris
from tests.insight.matching.labelled import labelled, true_pairs
from tools.method_pictures.chart import BLUE, GREEN, GREY, INK, ORANGE, Chart, numbers, paired, places, shares

import zhike_insight as zi

PAGES = Path(__file__).parents[2] / "docs" / "methods"
BOUGHT = {
    "oil filter": 0.03,
    "wheel alignment": 0.05,
    "brake fluid": 0.06,
    "washer fluid": 0.1,
    "air filter": 0.1,
    "oil": 0.5,
    "tyres": 0.2,
    "brake pads": 0.15,
    "battery": 0.1,
    "car wash": 0.4,
    "wipers": 0.1,
}
THEN = {
    ("oil", "oil filter"): 0.7,
    ("oil", "air filter"): 0.25,
    ("tyres", "wheel alignment"): 0.6,
    ("brake pads", "brake fluid"): 0.55,
    ("car wash", "wipers"): 0.15,
    ("wipers", "washer fluid"): 0.6,
}
REVIEW = {
    "位置很方便，": "well placed",
    "房间干净，": "the room is clean",
    "早餐也不错，": "breakfast not bad either",
    "但是隔音太差，": "but far too noisy",
    "前台不耐烦，": "impatient reception",
    "很失望。": "disappointed",
}


def basket() -> Chart:
    """Rules of 2,000 simulated visits to a workshop."""
    rng = np.random.default_rng(1)
    visits = []
    for _ in range(2000):
        visit = {item for item, share in BOUGHT.items() if rng.random() < share}
        visits.append(visit | {right for (left, right), share in THEN.items() if rng.random() < share and left in visit})
    rules = [
        rule for rule in zi.association_rules(visits, support=0.03, confidence=0.2).to_pylist() if len(rule["antecedent"]) == 1
    ][:7]
    chart = Chart(
        "Rules of 2,000 simulated visits to a workshop, by lift",
        x=(0, 1),
        y=(len(rules), 0),
        grid=False,
        left=200,
        x_ticks=shares(),
        y_ticks=places([f"{rule['antecedent'][0]} → {rule['consequent']}" for rule in rules]),
        names=("share of the visits", ""),
    )
    chart.named("of the visits with the left side: confidence", BLUE)
    chart.named("of all visits", GREY)
    for i, rule in enumerate(rules):
        chart.box((0, rule["confidence"]), (i + 0.15, i + 0.5), BLUE)
        chart.box((0, rule["with_consequent"] / rule["baskets"]), (i + 0.5, i + 0.85), GREY)
        chart.note(rule["confidence"] + 0.01, i + 0.5, f"lift {rule['lift']:.1f}, {rule['both']} visits", up=-4)
    return chart


def churn() -> Chart:
    """Foreseen against seen in ten groups."""
    rng = np.random.default_rng(0)
    visits, plan = rng.normal(10, 3, 3000), rng.choice(["month", "year"], 3000)
    left = rng.random(3000) < expit(1.5 - 0.2 * visits - 1.0 * (plan == "year"))
    model = zi.ChurnModel("logistic").fit({"visits": visits, "plan": plan}, left.astype(float))
    groups = model.calibration_
    chart = Chart(
        f"Calibration on unseen rows of 3,000 simulated customers; AUC {model.auc_:.2f}",
        x=(0, 0.8),
        y=(0, 0.8),
        x_ticks=shares((0, 0.2, 0.4, 0.6, 0.8)),
        y_ticks=shares((0, 0.2, 0.4, 0.6, 0.8)),
        names=("foreseen probability of leaving, mean of the group", "left"),
    )
    chart.line((0, 0.8), (0, 0.8), GREY, "perfectly calibrated", dash="4 4")
    chart.dots(
        [group["expected"] for group in groups], [group["actual"] for group in groups], BLUE, "a tenth of the customers", radius=5
    )
    return chart


def uplift() -> Chart:
    """What contacting the customers in the order of their uplift gains, against contacting by lot."""
    rng = np.random.default_rng(0)
    age, treated = rng.choice(["young", "middle", "old"], 6000), rng.integers(0, 2, 6000)
    effect = np.select([age == "young", age == "old"], [0.25, -0.1], 0.0)
    model = zi.UpliftModel().fit({"age": age}, treated, rng.random(6000) < 0.45 + effect * treated)
    share, gain = (list(column) for column in zip(*model.curve_, strict=True))
    chart = Chart(
        f"A simulated trial of 6,000: a contact keeps the young and drives the old away; effect on all {model.effect_.value:+.3f}",
        x=(0, 1),
        y=(0, 0.1),
        x_ticks=shares((0, 0.2, 0.4, 0.6, 0.8, 1)),
        y_ticks=shares((0, 0.02, 0.04, 0.06, 0.08, 0.1)),
        names=("share of the customers contacted", "more who stay, share of all"),
    )
    chart.line((0, 1), (0, gain[-1]), GREY, "contacted by lot", dash="4 4")
    chart.line(share, gain, BLUE, "those first whom it changes most")
    return chart


def scorecard() -> Chart:
    """Weight of evidence of the checking account in the German credit data."""
    good, bad = [139, 164, 49, 348], [135, 105, 14, 46]
    woe, iv = zi.woe_and_iv(good, bad)
    names = ("below 0 DM", "0 to 200 DM", "200 DM and more", "no account")
    chart = Chart(
        f"Weight of evidence of the checking account, 1,000 applicants; IV {iv:.3f}",
        x=(0, 4),
        y=(-1.5, 1.5),
        x_ticks=places(names),
        y_ticks=numbers((-1.5, -1, -0.5, 0, 0.5, 1, 1.5), "{:g}"),
        names=("", "ln(share of the bad / share of the good)"),
    )
    for i, (value, ok, lost) in enumerate(zip(woe, good, bad, strict=True)):
        chart.box((i + 0.2, i + 0.8), (0, value), ORANGE if value > 0 else BLUE)
        text = f"{value:+.2f}: {lost} bad of {ok + lost}"
        chart.note(i + 0.5, value, text, anchor="middle", up=6 if value > 0 else -16)
    chart.named("riskier than the mean", ORANGE)
    chart.named("safer", BLUE)
    return chart


def segments() -> Chart:
    """Criteria by the number of segments, on the irises."""
    found = zi.choose_k(zi.Preparation().fit_transform(dict(zip("abcd", load_iris().data.T, strict=True))), range(2, 8))
    ks = [row["k"] for row in found.criteria]
    chart = Chart(
        f"150 irises: how many segments? Recommended: {found.k}",
        x=(1.7, 7.3),
        y=(0, 1),
        x_ticks=numbers(ks),
        y_ticks=numbers((0, 0.25, 0.5, 0.75, 1), "{:g}"),
        names=("number of segments", "silhouette, adjusted Rand index"),
    )
    for name, colour, text in (("stability", GREEN, "stability (adjusted Rand index)"), ("silhouette", BLUE, "silhouette")):
        chart.line(ks, [row[name] for row in found.criteria], colour, text)
        chart.dots(ks, [row[name] for row in found.criteria], colour)
    chart.line((1.7, 7.3), (0.6, 0.6), GREY, "below: do not build on them", dash="4 4")
    return chart


def sentiment() -> Chart:
    """How the tone runs through a review, by the list of words."""
    tones, whole = zi.lexicon_sentiment(list(REVIEW)), zi.lexicon_sentiment(["".join(REVIEW)])[0]
    chart = Chart(
        f"Tone of the clauses of a review by the list of words; the whole: {whole:+.2f}",
        x=(-1.25, 1.25),
        y=(len(REVIEW), 0),
        grid=False,
        left=270,
        x_ticks=numbers((-1, -0.5, 0, 0.5, 1), "{:g}"),
        y_ticks=places([f"{text} {said}" for text, said in REVIEW.items()]),
        names=("tone, −1 to 1", ""),
    )
    for i, tone in enumerate(tones):
        chart.box((0, tone), (i + 0.2, i + 0.8), BLUE if tone > 0 else ORANGE)
        chart.note(
            tone, i + 0.5, f" {tone:+.2f} " if tone else "no word of the list", anchor="start" if tone >= 0 else "end", up=-4
        )
    chart.named("favourable", BLUE)
    chart.named("unfavourable", ORANGE)
    return chart


def loyalty() -> Chart:
    """The interval of a net promoter score by the number of answers."""
    sizes = (20, 50, 100, 200, 500, 1000)
    chart = Chart(
        "Net promoter score 30 (half promoters, a fifth detractors): what it tells",
        x=(0, 6),
        y=(-20, 80),
        x_ticks=places([f"{n:,}" for n in sizes]),
        y_ticks=numbers(range(-20, 81, 20)),
        names=("answers", "net promoter score, 95 % interval"),
    )
    for i, n in enumerate(sizes):
        found = zi.net_promoter([10] * (n // 2) + [7] * (3 * n // 10) + [0] * (n // 5))
        chart.box((i + 0.47, i + 0.53), (found.low, found.high), BLUE, strength=0.5)
        chart.dots([i + 0.5], [found.value], BLUE, radius=5)
        chart.note(i + 0.56, found.high, f"{found.high:.1f}", up=-6)
        chart.note(i + 0.56, found.low, f"{found.low:.1f}")
    return chart


def matching() -> Chart:
    """Precision and recall by the threshold, on generated customers with known duplicates."""
    records, numbers_ = labelled(3000)
    true = true_pairs(numbers_)
    thresholds = (0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
    right, wanted = [], []
    for threshold in thresholds:
        found = zi.find_duplicates(records, threshold=threshold)
        pairs = set(zip(found["first"].to_pylist(), found["second"].to_pylist(), strict=True))
        right.append(len(pairs & true) / len(pairs))
        wanted.append(len(pairs & true) / len(true))
    chart = Chart(
        f"3,000 generated records with {len(true)} true pairs: what a threshold gives",
        x=(0, 6),
        y=(0.8, 1),
        y_ticks=shares((0.8, 0.85, 0.9, 0.95, 1)),
        x_ticks=places([f"{threshold:g}" for threshold in thresholds]),
        names=("least probability of a pair", "share of the pairs (axis begins at 80 %)"),
    )
    at = [i + 0.5 for i in range(len(thresholds))]
    for name, ys, colour in (
        ("precision: named pairs that are true", right, BLUE),
        ("recall: true pairs that are named", wanted, ORANGE),
    ):
        chart.line(at, ys, colour, name)
        chart.dots(at, ys, colour)
    chart.rule(x=3.5)
    chart.note(3.55, 0.81, "default")
    return chart


def next_product() -> Chart:
    """The page's own table for Online Retail, whose file does not come with a package."""
    lines = (PAGES / "next-product.md").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("| Online Retail"))
    rows = [[re.sub(r"\*", "", cell).strip() for cell in line.split("|")[2:-1]] for line in lines[first : first + 7]]
    chart = Chart(
        "Online Retail: customers who bought one of ten products offered, 90 days ahead",
        x=(0, 7),
        y=(0, 1),
        y_ticks=shares(),
        x_ticks=places([row[0].split(",")[0] for row in rows]),
        names=("technique", "share of the customers with a hit"),
    )
    hits = {
        "everything bought": (INK, [float(row[1]) for row in rows]),
        "new products only": (BLUE, [float(row[3]) for row in rows]),
    }
    paired(chart, hits)
    return chart


PICTURES = {
    "basket": basket, "churn": churn, "uplift": uplift,
    "scorecard": scorecard, "segments": segments, "sentiment": sentiment, "loyalty": loyalty,
    "matching": matching, "next-product": next_product,
}  # fmt: skip
