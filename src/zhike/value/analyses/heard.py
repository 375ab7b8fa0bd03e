"""How content a customer was, contact by contact: what several analyses read from the same records."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhike.value import tone_model
from zhike.value.analyses.voice.reading import tones_of

Floats = NDArray[np.float64]
MOODS = {"happy": 100.0, "neutral": 60.0, "unhappy": 10.0}
OUTCOMES = {"bought": 80.0, "interested": 70.0, "declined": 40.0}
PUT_RIGHT, OPEN = 40.0, 0.0  # a problem raised
SURE_AT = 2.0  # contacts of now that give half of all confidence


def heard(talks: pa.Table, texts: bool) -> Floats:
    """0 to 100 for each contact, not a number where it tells nothing: a problem, else the mood, else the note, else the outcome."""
    if not talks.num_rows:
        return np.zeros(0)
    mood, found = points(talks["mood"], MOODS), points(talks["outcome"], OUTCOMES)
    problem = is_one_of(talks["outcome"], "problem")
    if texts:
        told = np.flatnonzero(np.isnan(mood) & ~problem)
        texts_told, place = different(talks["summary"].take(pa.array(told)))
        tone = tones_of(texts_told, tone_model.kept())[place]
        found[told] = np.where(tone != 50, tone, found[told])
    found = np.where(np.isfinite(mood), mood, found)
    resolved = talks["is_resolved"].to_numpy(zero_copy_only=False).astype(bool)
    return np.where(problem, np.where(resolved, PUT_RIGHT, OPEN), found)


def different(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """Each text once, and which of them each row has: staff write the same words again and again."""
    packed = pc.fill_null(column, "").combine_chunks().dictionary_encode()
    return packed.dictionary.to_pylist(), np.asarray(packed.indices.to_numpy(), dtype=np.int64)


def points(column: pa.ChunkedArray, worth: Mapping[str, float]) -> Floats:
    """What each code is worth; not a number for others."""
    values: Floats = np.array([*worth.values(), np.nan])
    place = pc.fill_null(pc.index_in(column, pa.array(list(worth), pa.string())), len(worth))
    found: Floats = values[place.to_numpy()]
    return found


def is_one_of(column: pa.ChunkedArray, *codes: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.is_in(column, pa.array(codes, pa.string())).to_numpy(zero_copy_only=False).astype(bool)
    return found


def by_customer(customers: NDArray[np.int64], of: NDArray[np.int64], heard: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted mean of what was heard of each of these (sorted ids), and the weight it rests on."""
    place = np.minimum(np.searchsorted(customers, of), max(len(customers) - 1, 0))
    counts = np.isfinite(heard) & (customers[place] == of) if len(customers) else np.zeros(len(of), dtype=bool)
    size = len(customers)
    whole: Floats = np.bincount(place[counts], weights=weight[counts], minlength=size).astype(np.float64)
    added = np.bincount(place[counts], weights=(heard * weight)[counts], minlength=size)
    mean = np.divide(added, whole, out=np.full(size, np.nan), where=whole > 0)
    return np.asarray(np.minimum(mean, 100.0), dtype=np.float64), whole  # rounding adds a little
