"""Learns what led to late payment, is judged on a time it has not seen, grades everybody, and looks back at itself."""

import datetime
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from psycopg import sql
from threadpoolctl import threadpool_limits

import zhike_insight as zi
from zhike.core import settings_store
from zhike.value.analyses.columns import read
from zhike.value.analyses.credit import cards
from zhike.value.analyses.credit.behaviour import SINCE_MANY, Floats, Known, Payers
from zhike.value.analyses.credit.kind import FEW_BAD, FEW_GOOD, LEAST, Options, cuts_of
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.credit import GRADES, Facts, adjusted, grade_of, limit_of, terms_of
from zhike.value.journal import Progress
from zhike.value.rules import CreditRules

REASONS = 3
ROC_POINTS = 40
GUARANTEES = "SELECT customer_id, guarantee FROM zhike_creditdecision WHERE state = 'approved' AND guarantee > 0 ORDER BY 1"
Rows = list[tuple[Known, Floats]]


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    payers = Payers(material, options.fields)
    now = payers.on(material.as_of)
    if len(now):
        is_firm = now.words["kind"] == "organisation"
        now = now.only((now.has_account | is_firm) & ((now.facts["orders"] > 0) | (now.facts["open"] > 0)))
    if len(now) < LEAST:
        raise TooLittle
    progress(2, 10)
    with threadpool_limits(1):
        learned, tested = _histories(payers, material.as_of, options)
        progress(5, 10)
        card, report = _carded(learned, tested, now, options)
    progress(7, 10)
    rated = _rated(card, now, options)
    report |= {
        "as_of": material.as_of.isoformat(),
        "late": options.late,
        "window": options.window,
        "cuts": cuts_of(options),
        "card": card,
        "bands": cards.bands(card, now.only(now.has_account), cuts_of(options)),
        "base": options.base,
        "odds": options.odds,
        "pdo": options.pdo,
        "customers": len(now),
        "strangers": int((~now.has_account).sum()) if card["how"] == "learned" else 0,
        "scores": _spread(rated["score"]),
        "watch": _watched(payers, material, now, options),
    }
    report["grades"] = _grades(report, now, rated)
    return Outcome(report, _findings(now, rated))


def _histories(payers: Payers, as_of: datetime.date, options: Options) -> tuple[Rows, Rows]:
    """What was known and what came of it, on days as far apart as the outcome takes: those to learn from, and the last one."""
    window, first = datetime.timedelta(days=options.window), payers.first
    rows: Rows = []
    for back in range(1, SINCE_MANY + 2):
        day = as_of - back * window
        if first is None or day <= first:
            break
        known = payers.on(day)
        known = known.only(known.has_account)
        if len(known):
            rows.append((known, payers.defaulted(known, options.late, day + window)))
    return rows[1:], rows[:1]


def _carded(learned: Rows, tested: Rows, now: Known, options: Options) -> tuple[dict[str, Any], dict[str, Any]]:
    bad, good = (sum(int((outcome == which).sum()) for _known, outcome in learned) for which in (1, 0))
    seen: dict[str, Any] = {"learned_bad": bad, "learned_good": good}
    enough = (
        bad >= FEW_BAD and good >= FEW_GOOD and any((outcome == 1).any() and (outcome == 0).any() for _known, outcome in tested)
    )
    if options.card == "expert" or not enough:
        return cards.expert(options), seen
    try:
        moved = cards.stability(learned, tested[0][0])
        unstable = frozenset(name for name, value in moved.items() if value > cards.CHANGED)
        judge = cards.learn(learned, options, without=unstable)
        card = cards.learn([*learned, *tested], options, without=unstable)
    except zi.BadInput:
        return cards.expert(options), seen
    seen["characteristics"] = sorted(
        (
            {
                "name": name,
                "iv": round(card.iv_.get(name, judge.iv_.get(name, 0.0)), 4),
                "psi": round(moved[name], 4),
                "why": "psi" if name in unstable else cards.why_dropped(card, name),
            }
            for name in moved
        ),
        key=lambda row: (row["why"] != "", -row["iv"]),
    )
    return cards.kept(card, now.only(now.has_account)), seen | {"test": _judged(judge, *tested[0], options)}


def _judged(judge: zi.Scorecard, known: Known, bad: Floats, options: Options) -> dict[str, Any]:
    """Of a card that knew nothing of this time."""
    there = ~np.isnan(bad)
    known, bad = known.only(there), bad[there]
    chance, score = judge.predict_bad(known.characteristics), judge.score(known.characteristics)
    area = zi.auc(chance, bad)
    order = np.argsort(score, kind="stable")
    bads, goods = np.cumsum(bad[order]) / bad.sum(), np.cumsum(1 - bad[order]) / (1 - bad).sum()
    at = np.linspace(0, len(bad) - 1, ROC_POINTS).astype(int)
    at = np.unique(np.searchsorted(score[order], score[order][at], side="right") - 1)  # who has one score passes at once
    grades = np.array([grade_of(one, cuts_of(options)) for one in score.tolist()])
    return {
        "day": known.day.isoformat(),
        "customers": len(bad),
        "bad": int(bad.sum()),
        "auc": area,
        "gini": 2 * area - 1,
        "ks": zi.ks(chance, bad),
        "calibration": [{key: round(value, 4) for key, value in row.items()} for row in zi.calibration(chance, bad, groups=5)],
        "curve": [[round(float(score[order][i]), 1), round(float(goods[i]), 4), round(float(bads[i]), 4)] for i in at],
        "grades": {
            grade: [int((grades == grade).sum()), int(bad[grades == grade].sum()), float(chance[grades == grade].sum())]
            for grade in GRADES
        },
    }


def _rated(card: dict[str, Any], now: Known, options: Options) -> dict[str, Any]:
    """Score, grade before and after the facts, limit, terms. Who never had an account is weighed by the expert card."""
    rules = settings_store.read(CreditRules)
    score, lost = cards.scores(card, now)
    stranger, how = ~now.has_account, np.full(len(now), card["how"])
    if card["how"] == "learned" and stranger.any():
        other, _lost = cards.scores(cards.expert(options), now)
        score, how = np.where(stranger, other, score), np.where(stranger, "expert", how)
    guarantees = _guarantees()
    initial, grades, steps, limits = [], [], [], []
    for row, key in enumerate(now.customers.tolist()):
        grade = grade_of(score[row], cuts_of(options))
        if stranger[row]:
            grade = GRADES[max(GRADES.index(grade), cards.STRANGER)]
        facts = Facts(
            int(np.nan_to_num(now.facts["overdue_days"][row])), int(now.facts["disputes"][row]), guarantees.get(key, Decimal(0))
        )
        after, told = adjusted(grade, facts, rules)
        yearly = {name: float(now.facts[name][row]) for name in ("revenue", "margin")}
        initial.append(grade)
        grades.append(after)
        steps.append(told)
        limits.append((yearly, limit_of(after, yearly, rules, facts.guarantee), terms_of(after, rules)))
    chance = np.where(how == "learned", cards.probability(card, score, options), np.nan)
    return {
        "score": score,
        "lost": lost,
        "how": how,
        "chance": chance,
        "initial": initial,
        "grade": grades,
        "steps": steps,
        "limit": limits,
    }


def _guarantees() -> dict[int, Decimal]:
    table = read(sql.SQL(GUARANTEES), {"customer_id": pa.int64(), "guarantee": pa.float64()})
    amounts = [Decimal(str(one)) for one in table["guarantee"].to_pylist()]
    return dict(zip(table["customer_id"].to_pylist(), amounts, strict=True))


def _spread(score: Floats) -> list[list[float]]:
    """[from, customers], in steps of twenty points."""
    low = np.floor(score.min() / 20) * 20
    counts, edges = np.histogram(score, np.arange(low, score.max() + 20.01, 20))
    return [[float(edge), int(count)] for edge, count in zip(edges, counts, strict=False)]


def _grades(report: dict[str, Any], now: Known, rated: dict[str, Any]) -> list[dict[str, Any]]:
    initial, grade = np.array(rated["initial"]), np.array(rated["grade"])
    limits = np.array([float(limit) for _yearly, limit, _terms in rated["limit"]])
    tested = report.get("test", {}).get("grades", {})
    return [
        {
            "grade": one,
            "customers": int((initial == one).sum()),
            "after": int((grade == one).sum()),
            "limit": float(limits[grade == one].sum()),
            "open": float(np.nansum(now.facts["open"][grade == one])),
            "overdue": float(np.nansum(now.facts["overdue"][grade == one])),
            "tested": tested.get(one),
        }
        for one in GRADES
    ]


def _watched(payers: Payers, material: Material, now: Known, options: Options) -> dict[str, Any] | None:
    """The card of the analysis before: does it still meet the same people, and did what it said come true?"""
    before = material.previous
    if not before or before["as_of"] >= material.as_of.isoformat():  # on the same day there is nothing new to look back at
        return before["watch"] if before and before["as_of"] == material.as_of.isoformat() else None
    day = datetime.date.fromisoformat(before["as_of"])
    then = payers.on(day)
    then, here = (known.only(known.has_account) for known in (then, now))
    if not len(then) or not len(here) or not sum(before["bands"]):
        return None
    found = {"since": before["as_of"], **cards.drift(before["card"], before["bands"], here, before["cuts"])}
    bad = payers.defaulted(then, before["late"], material.as_of)
    there = ~np.isnan(bad)
    score = cards.scores(before["card"], then)[0][there]
    bad = bad[there]
    told: dict[str, Any] = {"customers": len(bad), "bad": int(bad.sum()), "auc": None, "expected": None}
    if 0 < bad.sum() < len(bad):
        told["auc"] = zi.auc(-score, bad)
    if before["card"]["how"] == "learned" and len(bad):
        share = min((material.as_of - day).days / before["window"], 1.0)  # of the time it spoke of
        told["expected"] = float(np.sum(1 - (1 - cards.probability(before["card"], score, _scale(before, options))) ** share))
    return found | {"accuracy": told}


def _scale(before: Any, options: Options) -> Options:
    from dataclasses import replace

    return replace(options, base=before["base"], odds=before["odds"], pdo=before["pdo"])


def _findings(now: Known, rated: dict[str, Any]) -> pa.Table:
    names, matrix = list(rated["lost"]), np.column_stack(list(rated["lost"].values()))
    order = np.argsort(-matrix, axis=1, kind="stable")[:, :REASONS]
    details = []
    for row, tops in enumerate(order.tolist()):
        yearly, limit, terms = rated["limit"][row]
        reasons = [[names[at], round(float(matrix[row, at]), 1)] for at in tops if matrix[row, at] >= 1]
        chance = rated["chance"][row]
        details.append(
            json.dumps(
                {
                    "initial": rated["initial"][row],
                    "steps": rated["steps"][row],
                    "how": str(rated["how"][row]),
                    "chance": None if np.isnan(chance) else round(float(chance), 4),
                    "yearly": yearly,
                    "limit": float(limit),
                    "terms": terms,
                    "reasons": reasons if rated["how"][row] == "learned" or now.has_account[row] else [],
                    **{name: float(np.nan_to_num(now.facts[name][row])) for name in ("due", "late", "worst")},
                }
            )
        )
    return pa.table(
        {
            "customer_id": pa.array(now.customers),
            "group": pa.array(rated["grade"], pa.string()),
            "value": pa.array(np.round(rated["score"], 1)),
            "detail": pa.array(details, pa.string()),
        }
    )
