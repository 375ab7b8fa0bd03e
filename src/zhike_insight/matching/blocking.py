"""Which pairs are worth comparing: those that share one of several keys."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from zhike_insight.matching.records import Column, Ints, Records, coded

LOCAL_PART = 4  # a shorter one before the @ is too common
SHORTEST, LONGEST = 3, 10  # cores whose spelling is taken apart


def candidates(records: Records, largest: int) -> tuple[Ints, Ints, int]:
    """Rows of the pairs that share a key, first < second, each once; and how many rows stand in a group too large for all keys."""
    found, left = [], np.zeros(records.size, dtype=bool)
    for rows, keys in _keys(records):
        pairs, too_large = _pairs(rows, keys, largest)
        found.append(pairs)
        for sub in _finer(records, rows[too_large], keys[too_large]):
            finer, still = _pairs(*sub, largest)
            found.append(finer)
            left[sub[0][still]] = True
    codes = np.unique(np.concatenate(found)) if found else np.array([], dtype=np.int64)
    first, second = codes >> 32, codes & 0xFFFFFFFF
    alike = records.company[first] == records.company[second]
    return first[alike], second[alike], int(left.sum())


def _keys(records: Records) -> Iterator[tuple[Ints, Ints]]:
    columns, company = records.columns, records.company
    phones = [(row, phone) for row, each in enumerate(records.phones) for phone in each]
    yield _long(phones)
    for name in ("email", "code"):
        yield _whole(columns[name], np.ones(records.size, dtype=bool))
    yield _long([(row, text) for row, text in enumerate(columns["local"].texts) if len(text) > LOCAL_PART])
    yield _whole(columns["near"], company)
    yield _whole(columns["near"], ~company)
    yield _whole(columns["body_near"], company)
    yield _long(_misspelt(records))
    yield _long([(row, columns["core"].texts[row][:2]) for row in np.flatnonzero(company).tolist()])
    yield _whole(columns["birthday"], ~company)
    yield _together(columns["address"], columns["surname"], ~company)


def _misspelt(records: Records) -> list[tuple[int, str]]:
    """A company's core with each character left out once: two that differ in one character share one of these."""
    texts = records.columns["core"].texts
    found = []
    for row in np.flatnonzero(records.company).tolist():
        core = texts[row]
        if SHORTEST <= len(core) <= LONGEST:
            found.append((row, core))
            found += [(row, core[:at] + core[at + 1 :]) for at in range(len(core))]
    return found


def _finer(records: Records, rows: Ints, keys: Ints) -> Iterator[tuple[Ints, Ints]]:
    """A group too large to compare everybody with everybody: only those who share something else too."""
    if not len(rows):
        return
    columns = records.columns
    tails = coded([text[-4:] for text in columns["phone"].texts])
    for column in (tails, columns["birthday"], columns["email"], columns["code"], columns["address"], columns["text"]):
        second = column.codes[rows]
        has = second >= 0
        yield rows[has], keys[has] * (int(column.codes.max(initial=0)) + 1) + second[has]


def _long(keyed: list[tuple[int, str]]) -> tuple[Ints, Ints]:
    rows = np.fromiter((row for row, _ in keyed), np.int64, len(keyed))
    return rows, coded([key for _, key in keyed]).codes


def _whole(column: Column, among: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(among & (column.codes >= 0))
    return rows, column.codes[rows]


def _together(one: Column, other: Column, among: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(among & (one.codes >= 0) & (other.codes >= 0))
    return rows, one.codes[rows] * (int(other.codes.max(initial=0)) + 1) + other.codes[rows]


def _pairs(rows: Ints, keys: Ints, largest: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Pairs within the groups of at most `largest` rows, and which places stand in larger groups."""
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    too_large = np.asarray(sizes[group] > largest) if len(keys) else np.zeros(0, dtype=bool)
    kept = np.flatnonzero(~too_large & (sizes[group] > 1)) if len(keys) else np.zeros(0, dtype=np.int64)
    order = kept[np.lexsort((rows[kept], group[kept]))]
    rows, group = rows[order], group[order]
    found = [np.array([], dtype=np.int64)]
    for apart in range(1, int(sizes.max(initial=0)) if len(kept) else 1):
        same = np.flatnonzero(group[apart:] == group[:-apart])
        if not len(same):
            break
        one, two = rows[same], rows[same + apart]
        found.append(np.minimum(one, two)[one != two] << 32 | np.maximum(one, two)[one != two])
    return np.concatenate(found), too_large
