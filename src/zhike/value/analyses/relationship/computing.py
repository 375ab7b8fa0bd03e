"""Satisfaction from what was recorded, quality from satisfaction, trust and commitment, profit after cost."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.findings import findings
from zhike.value.analyses.heard import SURE_AT, by_customer, heard
from zhike.value.analyses.indicators.evidence import EVIDENCE
from zhike.value.analyses.indicators.gathering import gathered
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.relationship.kind import DRIVERS, GOOD, LEAST, Options
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
DRIVEN = 5000  # customers that the drivers are found on
IN_PERSON = ("visit", "meeting", "event")


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    scores, evidence = gathered(material)
    customers = scores["customer_id"].to_numpy()
    talks = material.interactions(material.as_of - datetime.timedelta(options.window), texts=options.texts)
    progress(4, 10)
    content = heard(talks, options.texts)
    age = (material.as_of - datetime.date(1970, 1, 1)).days - arrow.plain(talks["date"], pa.int32())
    satisfaction, weight = by_customer(customers, talks["customer_id"].to_numpy(), content, 0.5 ** (age / options.half_life))
    if len(customers) < LEAST or np.isfinite(satisfaction).sum() < LEAST:
        raise TooLittle
    progress(6, 10)
    parts, sure = _quality(customers, evidence, satisfaction, weight / (weight + SURE_AT))
    received, cost = np.nan_to_num(evidence["profit"]), np.nan_to_num(evidence["cost"])
    quality = np.nanmean(np.column_stack(list(parts.values())), axis=1)
    classes = _classes(quality, received - cost)
    progress(8, 10)
    attributes = _attributes(customers, talks, evidence)
    report = {
        "index": _index(satisfaction), "covered": round(float(np.isfinite(satisfaction).mean()), 4),
        "quality": round(float(quality.mean()), 2), "net": round(float((received - cost).sum()), 2),
        "parts": {name: round(float(np.nanmean(values)), 2) for name, values in parts.items() if np.isfinite(values).any()},
        "bands": _bands(quality, received, cost), "months": _months(talks, content), **_drivers(attributes, satisfaction),
    }  # fmt: skip
    return Outcome(report, _findings(material, customers, quality, classes, parts, sure, received, cost))


def _quality(
    customers: NDArray[np.int64], evidence: dict[str, Floats], satisfaction: Floats, sure: Floats
) -> tuple[dict[str, Floats], Floats]:
    """Satisfaction beside trust and commitment, which are two of the nine indicators; with the mean of their confidences."""
    table = pa.table({"customer": customers, **{name: pa.array(values) for name, values in evidence.items()}})
    pieces = [
        zi.Evidence(one.indicator, one.column, one.weight, one.more_is_better)
        for one in EVIDENCE if one.indicator in ("trust", "loyalty")
    ]  # fmt: skip
    found = zi.nine_indicators(table, pieces)
    parts = {
        "satisfaction": satisfaction, "trust": arrow.plain(found["trust"]), "commitment": arrow.plain(found["loyalty"]),
    }  # fmt: skip
    certain = (sure + arrow.plain(found["trust_confidence"]) + arrow.plain(found["loyalty_confidence"])) / 3
    return parts, certain


def _classes(quality: Floats, net: Floats) -> NDArray[np.str_]:
    """Good from 50 on; much is what lies above the mean."""
    much = net > net.mean()
    return np.where(quality >= GOOD, np.where(much, "partner", "friend"), np.where(much, "repair", "distant"))


def _index(satisfaction: Floats) -> dict[str, float | int | None]:
    found = zi.satisfaction_index({"index": satisfaction}, lowest=0, highest=100)
    return {"value": round(found.value, 2), "low": round(found.low, 2), "high": round(found.high, 2), "n": found.n}


def _bands(quality: Floats, received: Floats, cost: Floats) -> list[dict[str, Any]]:
    """Means of a customer by quality, in steps of 20."""
    rows = []
    for low in range(0, 100, 20):
        inside = (quality >= low) & ((quality < low + 20) | (low == 80))
        if inside.any():
            mine = [round(float(values[inside].mean()), 2) for values in (received, cost, received - cost)]
            rows.append({"from": low, "customers": int(inside.sum()), "received": mine[0], "cost": mine[1], "net": mine[2]})
    return rows


def _months(talks: pa.Table, heard: Floats) -> list[dict[str, Any]]:
    months = np.array([f"{day:%Y-%m}" for day in talks["date"].to_pylist()])
    known = np.isfinite(heard)
    rows = []
    for month in np.unique(months[known]):
        inside = months == month
        index = round(float(heard[inside & known].mean()), 1)
        rows.append({"month": str(month), "contacts": int(inside.sum()), "index": index})
    return rows


def _attributes(customers: NDArray[np.int64], talks: pa.Table, evidence: dict[str, Floats]) -> dict[str, Floats]:
    of, ones = talks["customer_id"].to_numpy(), np.ones(talks.num_rows)
    kinds, purposes = np.array(talks["kind"].to_pylist()), np.array(talks["purpose"].to_pylist())
    _mean, contacts = by_customer(customers, of, ones, ones)
    caring, _weight = by_customer(customers, of, (purposes == "not_selling").astype(np.float64), ones)
    in_person, _weight = by_customer(customers, of, np.isin(kinds, IN_PERSON).astype(np.float64), ones)
    own = {"contacts": contacts, "caring": caring, "in_person": in_person}
    return own | {name: evidence[name] for name in DRIVERS if name in evidence}


def _drivers(attributes: dict[str, Floats], satisfaction: Floats) -> dict[str, Any]:
    """What moves together with satisfaction; nothing where too few are known or all are alike."""
    known = {name: values for name, values in attributes.items() if np.isfinite(values[np.isfinite(satisfaction)]).mean() > 0.5}
    whole = np.isfinite(np.column_stack([satisfaction, *known.values()])).all(axis=1)
    rows = np.flatnonzero(whole)
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:DRIVEN])
    varied = {name: values[rows] for name, values in known.items() if len(rows) and np.ptp(values[rows]) > 0}
    try:
        found = zi.key_drivers(varied, satisfaction[rows], resamples=40)
    except (zi.BadInput, zi.NotEnoughData):
        return {"drivers": [], "r_squared": None}
    drivers = [
        {"name": one.name, "correlation": round(one.correlation, 4),
         **{name: round(part / found.r_squared, 4) if found.r_squared > 0 else 0.0
            for name, part in (("share", one.importance), ("low", one.low), ("high", one.high))}}
        for one in found.drivers
    ]  # fmt: skip
    return {"drivers": drivers, "r_squared": round(found.r_squared, 4)}


def _findings(
    material: Material, customers: NDArray[np.int64], quality: Floats, classes: NDArray[np.str_], parts: dict[str, Floats],
    sure: Floats, received: Floats, cost: Floats,
) -> pa.Table:  # fmt: skip
    columns = {name: np.round(values, 1) for name, values in {**parts, "received": received, "cost": cost}.items()}
    columns["sure"] = np.round(sure, 2)
    detail = ", ".join(f"{name}: {name}" for name in columns)
    whole = {"customer_id": customers, "group": classes, "value": np.round(quality, 1)} | columns
    return findings(material.con, whole, f"{{{detail}}}")
