"""Recency, frequency, money by the cuts of a run: so a single customer gets the scores that everybody like it has."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike.value import arrow

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RfmCuts:
    """Where the scores of a run begin."""

    recency: tuple[float, ...]  # days of silence: at most the first gives 5
    frequency: tuple[float, ...]  # purchase days: at least the last gives 5
    monetary: tuple[float, ...]
    split: dict[str, float]  # where recent, often, much begin
    segments: dict[str, str]  # "543" → its segment


def score_by_cuts(base: pa.Table, cuts: RfmCuts, monetary: str) -> pa.Table:
    """The table with r_score, f_score, m_score, rfm_class and segment; nothing for who did not buy within the window."""
    silence = arrow.plain(base["age"]) - arrow.plain(base["recency"])
    purchases = arrow.plain(base["purchases"])
    money = np.nan_to_num(arrow.plain(base[f"window_{monetary}"]))
    r = 1 + (silence[:, None] <= np.asarray(cuts.recency)).sum(axis=1)
    f = 1 + (purchases[:, None] >= np.asarray(cuts.frequency)).sum(axis=1)
    m = 1 + (money[:, None] >= np.asarray(cuts.monetary)).sum(axis=1)
    recent, much = silence <= cuts.split["recency"], money >= cuts.split["monetary"]
    often = (purchases >= cuts.split["frequency"]) & (purchases > 1)
    nobody = purchases < 1
    columns: dict[str, list[str | None]] = {
        "rfm_class": [_class(*halves) for halves in zip(recent, often, much, strict=True)],
        "segment": [cuts.segments.get(f"{a}{b}{c}") for a, b, c in zip(r, f, m, strict=True)],
    }
    for name, values in (("r_score", r), ("f_score", f), ("m_score", m)):
        base = base.append_column(name, arrow.numbers(values, known=~nobody))
    for name, words in columns.items():
        base = base.append_column(name, arrow.words([None if none else word for word, none in zip(words, nobody, strict=True)]))
    return base


def _class(recent: bool, often: bool, much: bool) -> str:
    kind = {(True, True): "value", (True, False): "develop", (False, True): "keep", (False, False): "retain"}[
        bool(recent), bool(often)
    ]
    return f"{'important' if much else 'general'}_{kind}"
