"""Four stages from the evidence, attitude against behaviour, movement, and what loyal years earn."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

import zhike_insight as zi
from zhike.value.analyses.columns import read
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.loyalty.earning import earned
from zhike.value.analyses.loyalty.evidence import EVIDENCE, STAGES
from zhike.value.analyses.loyalty.gathering import Gathered, gathered
from zhike.value.analyses.loyalty.kind import CELLS, LEAST, STEP, Options
from zhike.value.analyses.material import Material
from zhike.value.journal import Progress
from zhike.value.models import Analysis

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]
SIDE = 100 // STEP
FELT = {"cognitive": 1.0, "affective": 2.0, "conative": 1.0}  # weights in the attitude
BEFORE = """SELECT customer_id, "group", detail ->> 'stage' FROM zhike_finding WHERE analysis_id = {} ORDER BY 1"""


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    evidence = gathered(material, options)
    if len(evidence.customers) < LEAST:
        raise TooLittle
    progress(5, 10)
    stages, sure = _stages(evidence)
    attitude = _attitude(stages, sure)
    behaviour = stages["behavioural"]
    cells, held = _cells(attitude, behaviour, options), _held(stages, options)
    was, moves = _moves(evidence.customers, cells)
    progress(6, 10)
    loyal = evidence.customers[behaviour >= options.behaviour]
    report = {
        "customers": len(cells), "cuts": [options.attitude, options.behaviour], "loyalty": _mean(_loyalty(stages)),
        "known": _share(np.isfinite(attitude)),
        "shares": {code: _share(cells == code) for code in CELLS},
        "stages": {name: _stage(stages[name], sure[name], held == name) for name in STAGES},
        "crossed": {code: {name: int(((cells == code) & (held == name)).sum()) for name in ("", *STAGES)} for code in CELLS},
        "evidence": {name: [_share(np.isfinite(values)), _mean(values)] for name, values in evidence.known.items()},
        "map": _map(attitude, behaviour), "moves": moves, "earned": earned(material, loyal),
    }  # fmt: skip
    progress(8, 10)
    return Outcome(report, _findings(material, evidence, stages, sure, attitude, cells, held, was))


def _stages(evidence: Gathered) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Of each stage the mean of what is known, and the confidence: the weight of what is known, as far as it is sure."""
    size = len(evidence.customers)
    scores, sure = {}, {}
    for stage in STAGES:
        total, told, asked = np.zeros(size), np.zeros(size), np.zeros(size)
        for piece in (one for one in EVIDENCE if one.stage == stage and one.column in evidence.known):
            values = evidence.known[piece.column]
            there = np.isfinite(values)
            weight = piece.weight * evidence.sure.get(piece.column, np.ones(size)) * there
            total += np.where(there, values, 0) * weight
            told += weight
            asked += piece.weight * (there if piece.occasional else 1.0)
        missing = sum(
            one.weight for one in EVIDENCE
            if one.stage == stage and not one.occasional and one.column not in evidence.known and one.column != "wallet"
        )  # fmt: skip
        scores[stage] = np.divide(total, told, out=np.full(size, np.nan), where=told > 0)
        sure[stage] = np.divide(told, asked + missing, out=np.zeros(size), where=asked + missing > 0)
    return scores, sure


def _attitude(stages: dict[str, Floats], sure: dict[str, Floats]) -> Floats:
    """By confidence, what they feel twice; not known where all that speaks are orders, because what is bought is no attitude."""
    scores = np.column_stack([stages[name] for name in FELT])
    weights = np.column_stack([weight * sure[name] for name, weight in FELT.items()])
    whole = weights.sum(axis=1)
    mean = np.divide(np.nansum(scores * weights, axis=1), whole, out=np.full(len(whole), np.nan), where=whole > 0)
    heard = np.isfinite(stages["affective"]) | np.isfinite(stages["conative"])
    return np.where(heard, mean, np.nan)


def _cells(attitude: Floats, behaviour: Floats, options: Options) -> Texts:
    buys = behaviour >= options.behaviour
    found = zi.loyalty_matrix(attitude, behaviour, attitude_cut=options.attitude, behaviour_cut=options.behaviour)
    known = np.array(found, dtype=object)
    return np.where(np.isfinite(attitude), known, np.where(buys, "unheard", "unknown")).astype(str)


def _held(stages: dict[str, Floats], options: Options) -> Texts:
    held = np.full(len(stages["behavioural"]), "", dtype="U11")
    for name in STAGES:
        cut = options.behaviour if name == "behavioural" else options.attitude
        held[np.nan_to_num(stages[name], nan=-1.0) >= cut] = name
    return held


def _loyalty(stages: dict[str, Floats]) -> Floats:
    """Mean of the stages that are known; behaviour always is."""
    return np.asarray(np.nanmean(np.column_stack([stages[name] for name in STAGES]), axis=1))


def _moves(customers: NDArray[np.int64], cells: Texts) -> tuple[Texts, list[list[Any]] | None]:
    """Where each stood in the analysis before, empty where nowhere or there already; and how many went from where to where."""
    was = np.full(len(cells), "", dtype="U8")
    key = Analysis.objects.filter(kind="loyalty", is_current=True).values_list("pk", flat=True).first()
    if key is None:
        return was, None
    before = read(sql.SQL(BEFORE).format(key), {"customer_id": pa.int64(), "group": pa.string(), "stage": pa.string()})
    ids = before["customer_id"].to_numpy()
    if not len(ids):
        return was, []
    place = np.minimum(np.searchsorted(ids, customers), len(ids) - 1)
    there = ids[place] == customers
    groups = np.array(before["group"].to_pylist(), dtype=str)[place]
    was = np.where(there & (groups != cells), groups, "")
    pairs, counts = np.unique(np.stack([was, cells])[:, was != ""], axis=1, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return was, [[str(pairs[0][at]), str(pairs[1][at]), int(counts[at])] for at in order]


def _stage(scores: Floats, sure: Floats, held: NDArray[np.bool_]) -> dict[str, Any]:
    """Mean with its interval, of how many known, how sure, and of how many this is the highest stage."""
    known = scores[np.isfinite(scores)]
    half = 1.96 * float(known.std()) / max(len(known), 1) ** 0.5 if len(known) else 0.0
    mean = _mean(scores)
    return {
        "mean": mean, "low": None if mean is None else round(max(mean - half, 0), 2),
        "high": None if mean is None else round(min(mean + half, 100), 2), "known": _share(np.isfinite(scores)),
        "sure": _mean(sure), "held": int(held.sum()),
    }  # fmt: skip


def _map(attitude: Floats, behaviour: Floats) -> list[list[int]]:
    """Customers by steps of attitude and behaviour: column, row, count."""
    known = np.isfinite(attitude)
    x, y = (np.minimum(values[known] // STEP, SIDE - 1).astype(int) for values in (attitude, behaviour))
    counts = np.bincount(x * SIDE + y, minlength=SIDE * SIDE)
    return [[at // SIDE, at % SIDE, int(count)] for at, count in enumerate(counts) if count]


def _findings(
    material: Material, evidence: Gathered, stages: dict[str, Floats], sure: dict[str, Floats], attitude: Floats, cells: Texts,
    held: Texts, was: Texts,
) -> pa.Table:  # fmt: skip
    known: dict[str, Any] = {name: np.round(values, 1) for name, values in {**stages, "attitude": attitude}.items()}
    known["sure"] = np.round(np.mean([sure[name] for name in STAGES], axis=0), 2)
    columns = {
        "customer_id": evidence.customers, "group": cells, "value": np.round(_loyalty(stages), 1), **known,
        "stage": held, "was": was,
    }  # fmt: skip
    detail = ", ".join(f"{name}: {name}" for name in (*known, "stage", "was"))
    return findings(material.con, columns, f"{{{detail}}}")


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 3) if len(known) else None


def _share(chosen: NDArray[np.bool_]) -> float:
    return round(float(chosen.mean()), 4) if len(chosen) else 0.0
