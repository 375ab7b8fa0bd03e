"""The graph of relationships: degree, betweenness, PageRank, circles; and referred value credited to who referred."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.customers.choices import RelationshipKind
from zhike.value import arrow
from zhike.value.analyses.findings import findings
from zhike.value.analyses.influence.kind import LEAST, Options
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
DRAWN = 150  # customers in the picture: those with the most influence, and who is next to them
CIRCLES = 12
SHARE_OF_LEADERS = 0.05  # of the linked customers are hubs, and as many bridges


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    table = material.relationships
    counted = table.filter(pa.array(np.isin(table["kind"].to_numpy(zero_copy_only=False), options.kinds)))
    edges = {"source": counted["customer_id"].to_numpy(), "target": counted["other_id"].to_numpy()}
    if len(np.unique(np.concatenate([*edges.values()]))) < LEAST:
        raise TooLittle
    found = zi.influence(edges)
    progress(6, 10)
    people = np.asarray(found["person"].to_numpy(), dtype=np.int64)
    clv = _clv(material, people)
    given = material.relationships.filter(pa.array(table["kind"].to_numpy(zero_copy_only=False) == RelationshipKind.REFERS.value))
    referred, credit = _credit(material, given, options, people)
    progress(8, 10)
    figures = {
        name: arrow.plain(found[name]) for name in ("degree", "betweenness", "pagerank", "community")
    } | {"referred": referred, "credit": credit, "clv": clv}  # fmt: skip
    roles = _roles(figures)
    index = _index(figures["pagerank"])
    brought = np.unique(given["other_id"].to_numpy())
    report = {"referred": len(brought), "referred_value": float(_clv(material, brought).sum())}
    return Outcome(report | _report(edges, people, figures, roles, index), _findings(material, people, figures, roles, index))


def _clv(material: Material, people: NDArray[np.int64]) -> Floats:
    scores = material.scores("clv")
    known, values = np.asarray(scores["customer_id"].to_numpy()), np.nan_to_num(arrow.plain(scores["clv"]))
    place = np.minimum(np.searchsorted(known, people), max(len(known) - 1, 0))
    return np.where(known[place] == people, values[place], 0.0)


def _credit(material: Material, given: pa.Table, options: Options, people: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """How many each referred, and the lifetime value of those, of those whom they referred, and so on, ever less."""
    referred, credit = np.zeros(len(people)), np.zeros(len(people))
    if not given.num_rows:
        return referred, credit
    ends = {"source": given["customer_id"], "target": given["other_id"]}
    everybody = np.unique(np.concatenate([given["customer_id"].to_numpy(), given["other_id"].to_numpy()]))
    worth = {"person": pa.array(everybody), "value": pa.array(_clv(material, everybody))}
    rows = zi.referral_credit(ends, worth, decay=options.decay)
    order = np.argsort(people)
    place = order[np.minimum(np.searchsorted(people, rows["person"].to_numpy(), sorter=order), len(people) - 1)]
    here = people[place] == rows["person"].to_numpy()
    referred[place[here]], credit[place[here]] = arrow.plain(rows["referred"])[here], arrow.plain(rows["credit"])[here]
    return referred, credit


def _roles(figures: dict[str, Floats]) -> NDArray[np.str_]:
    """The first that fits: brings at least two customers; is among the best known; is among those who connect most."""
    many = max(1, int(len(figures["degree"]) * SHARE_OF_LEADERS))
    hub = (figures["degree"] >= max(3.0, np.sort(figures["degree"])[-many])) & (figures["degree"] > np.median(figures["degree"]))
    bridge = (figures["betweenness"] > 0) & (figures["betweenness"] >= np.sort(figures["betweenness"])[-many])
    return np.select([figures["referred"] >= 2, hub, bridge], ["recommender", "hub", "bridge"], "linked")


def _index(rank: Floats) -> Floats:
    """PageRank as a multiple of the mean: 1 is usual."""
    return np.asarray(np.round(rank * len(rank), 2))


def _report(
    edges: dict[str, Any], people: NDArray[np.int64], figures: dict[str, Floats], roles: NDArray[np.str_], index: Floats
) -> dict[str, Any]:
    circle = figures["community"].astype(np.intp)
    sizes, money = np.bincount(circle), np.bincount(circle, figures["clv"])
    degrees, counts = np.unique(figures["degree"].astype(int), return_counts=True)
    return {
        "people": len(people), "edges": len(edges["source"]), "communities": len(sizes),
        "circles": [
            {"community": at, "customers": int(sizes[at]), "clv": round(float(money[at]), 2)} for at in range(len(sizes))[:CIRCLES]
        ],
        "degrees": [[int(degree), int(count)] for degree, count in zip(degrees, counts, strict=True)][:30],
        "graph": _drawn(edges, people, figures, roles, index),
    }  # fmt: skip


def _drawn(
    edges: dict[str, Any], people: NDArray[np.int64], figures: dict[str, Floats], roles: NDArray[np.str_], index: Floats
) -> dict[str, list[list[Any]]]:
    """The neighbourhood of those with the most influence: customers (id, role, influence, circle), and who is linked with whom."""
    chosen: dict[int, None] = {}
    near: dict[int, list[int]] = {}
    for a, b in zip(edges["source"].tolist(), edges["target"].tolist(), strict=True):
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    for person in people.tolist():  # by PageRank
        if len(chosen) >= DRAWN:
            break
        for one in (person, *near[person]):
            chosen.setdefault(one)
    kept = set(list(chosen)[:DRAWN])
    at = {person: row for row, person in enumerate(people.tolist())}
    nodes = [[one, str(roles[at[one]]), float(index[at[one]]), int(figures["community"][at[one]])] for one in chosen if one in kept]
    links = {
        (min(a, b), max(a, b)) for a, b in zip(edges["source"].tolist(), edges["target"].tolist(), strict=True)
        if a in kept and b in kept
    }  # fmt: skip
    return {"nodes": nodes, "links": [list(one) for one in sorted(links)]}


def _findings(
    material: Material, people: NDArray[np.int64], figures: dict[str, Floats], roles: NDArray[np.str_], index: Floats
) -> pa.Table:  # fmt: skip
    circle = figures["community"].astype(np.intp)
    columns: dict[str, Any] = {name: figures[name].astype(np.int64) for name in ("degree", "referred")}
    columns |= {"between": np.round(figures["betweenness"]).astype(np.int64), "circle": np.bincount(circle)[circle]}
    columns |= {"community": circle, "credit": np.round(figures["credit"], 2)}
    detail = ", ".join(f"{name}: {name}" for name in columns)
    return findings(material.con, {"customer_id": people, "group": roles, "value": index} | columns, f"{{{detail}}}")
