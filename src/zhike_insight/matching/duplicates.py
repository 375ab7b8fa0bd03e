"""Records that are probably one customer, with what speaks for it and against it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_insight.matching.blocking import candidates
from zhike_insight.matching.compare import EVIDENCE, Compared, compare
from zhike_insight.matching.records import BadRecords, Ints, Records, read_records
from zhike_insight.matching.weights import MatchWeights

AT_ONCE = 1 << 18  # pairs compared in one go
LARGEST_GROUP = 60  # records: of a larger chain only the pairs found are looked at
EVIDENCE_TYPE = pa.list_(pa.struct([("evidence", pa.string()), ("finding", pa.string()), ("bits", pa.float64())]))


def find_duplicates(
    records: Any,
    *,
    threshold: float = 0.9,
    largest_block: int = 40,
    weights: MatchWeights | None = None,
    progress: Callable[[float], object] | None = None,
) -> pa.Table:
    """Pairs of records that are probably one customer.

    Parameters
    ----------
    records : Arrow table or mapping of columns, n rows
        `name` (needed); `kind` ("person" or "organisation"; else judged by the name), `phone` (one or several, separated by comma,
        slash or space), `email`, `code` (credit code, membership number), `birthday`, `address`, as far as there are; texts,
        missing as None, nan or "".
    threshold : float
        Least probability.
    largest_block : int
        A key (a name's sound, a phone …) shared by more records than this is only used together with a second one, so that the
        number of comparisons grows with the number of records and not with its square.
    weights : MatchWeights, optional
    progress : callable, optional
        Is told the share that is done, from 0 to 1.

    Returns
    -------
    Arrow table, ordered by probability
        =========== ======= =====================================================================
        first       int64   row of the one, from 0
        second      int64   row of the other, greater than `first`
        probability float64 that they are one customer
        bits        float64 its log2 odds
        group       int64   number of the customer they belong to (see Notes)
        evidence    list    {evidence, finding, bits}: the strongest first; negative bits speak against
        =========== ======= =====================================================================

    Raises
    ------
    BadRecords
        No name column, an unknown column, columns of different length, or a threshold outside (0, 1).

    Notes
    -----
    Groups are joined from the most certain pair downwards; two groups are joined only if, over *all* pairs between them, the
    evidence speaks for it on average. So a chain A–B–C whose ends contradict each other (two brothers with the phone of their
    mother) falls apart, and the pair that would join it is left out of the result.

    Fellegi & Sunter (1969), *JASA* 64, 1183–1210, for the weights.

    Examples
    --------
    >>> names = ["上海华信科技有限公司", "華信科技（上海）", "华信贸易"]
    >>> found = find_duplicates({"name": names, "phone": ["02155556666", "021-55556666", ""]})
    >>> found.select(["first", "second"]).to_pylist()
    [{'first': 0, 'second': 1}]
    """
    if not 0 < threshold < 1:
        raise BadRecords(f"threshold must be between 0 and 1, not {threshold}")
    if largest_block < 2:
        raise BadRecords(f"largest_block must be at least 2, not {largest_block}")
    weights, tell = weights or MatchWeights(), progress or (lambda _: None)
    known = read_records(records)
    tell(0.3)
    first, second, _ = candidates(known, largest_block)
    tell(0.5)
    least = float(np.log2(threshold / (1 - threshold)))
    kept = _likely(known, first, second, weights, least, tell)
    first, second = first[kept], second[kept]
    compared = compare(known, first, second, weights)
    group, agreed = _groups(known, first, second, compared.total, weights)
    tell(0.95)
    rows = np.flatnonzero(agreed)
    rows = rows[np.argsort(-compared.total[rows], kind="stable")]
    bits = compared.total[rows]
    table = pa.table({
        "first": first[rows], "second": second[rows], "probability": 1 / (1 + np.exp2(-bits)), "bits": bits,
        "group": group[first[rows]],
        "evidence": pa.array([_evidence(compared, row) for row in rows.tolist()], EVIDENCE_TYPE),
    })  # fmt: skip
    tell(1.0)
    return table


def learn_match_weights(records: Any, same: Sequence[tuple[int, int]], weights: MatchWeights | None = None) -> MatchWeights:
    """Weights that know how often each finding comes up between records of one customer, from pairs that somebody confirmed.

    Parameters
    ----------
    records
        As for `find_duplicates`.
    same : sequence of (int, int)
        Rows of pairs that are one customer. What is believed without them counts as fifty pairs.
    weights : MatchWeights, optional
        To start from.

    Returns
    -------
    MatchWeights

    Raises
    ------
    BadRecords
        As for `find_duplicates`, or there is no pair.

    Notes
    -----
    Fellegi & Sunter (1969), *JASA* 64, 1183–1210.

    Examples
    --------
    >>> twins = {"name": ["张伟", "章伟"], "phone": ["13800138000", "13800138000"]}
    >>> learn_match_weights(twins, [(0, 1)] * 50).levels["person"]["sound"][0]
    0.545
    """
    weights, known = weights or MatchWeights(), read_records(records)
    if not len(same):
        raise BadRecords("there is no confirmed pair to learn from")
    pairs = np.sort(np.asarray(same, dtype=np.int64).reshape(-1, 2), axis=1)
    if pairs.min() < 0 or pairs.max() >= known.size:
        raise BadRecords(f"a confirmed pair names a row outside 0 … {known.size - 1}")
    compared = compare(known, pairs[:, 0], pairs[:, 1], weights)
    counts = {
        evidence: {name: int((numbers == at).sum()) for at, name in enumerate(names)}
        for evidence, (names, numbers) in compared.findings.items()
    }
    return weights.learned(counts)


def _likely(known: Records, first: Ints, second: Ints, weights: MatchWeights, least: float, tell: Callable[[float], object]) -> Any:
    kept = np.zeros(len(first), dtype=bool)
    for start in range(0, len(first), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        kept[part] = compare(known, first[part], second[part], weights).total >= least
        tell(0.5 + 0.4 * min((start + AT_ONCE) / len(first), 1))
    return kept


def _evidence(compared: Compared, row: int) -> list[dict[str, Any]]:
    found = [
        {"evidence": evidence, "finding": compared.finding(evidence, row), "bits": float(compared.bits[evidence][row])}
        for evidence in EVIDENCE
        if compared.finding(evidence, row)
    ]
    return sorted(found, key=lambda one: -abs(one["bits"]))


def _groups(known: Records, first: Ints, second: Ints, bits: Any, weights: MatchWeights) -> tuple[Ints, Any]:
    """Number of each record's group, and which pairs lie within one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(known.size, known.size))
    _, component = connected_components(graph, directed=False)
    group = np.asarray(component, dtype=np.int64)
    sizes = np.bincount(group, minlength=1)
    doubtful = np.flatnonzero(sizes[group[first]] > 2)  # two alone need no judging
    if len(doubtful):
        members = np.flatnonzero((sizes[group] > 2) & (sizes[group] <= LARGEST_GROUP))
        one, two = _all_pairs(members, group[members])
        between = dict(
            zip(zip(one.tolist(), two.tolist(), strict=True), compare(known, one, two, weights).total.tolist(), strict=True)
        )
        order = doubtful[np.argsort(-bits[doubtful], kind="stable")]
        group = _joined(group, first[order].tolist(), second[order].tolist(), between, sizes)
    return group, group[first] == group[second]


def _all_pairs(rows: Ints, group: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((rows, group))
    rows, group = rows[order], group[order]
    ones, twos = [np.array([], dtype=np.int64)], [np.array([], dtype=np.int64)]
    for apart in range(1, len(rows)):
        same = np.flatnonzero(group[apart:] == group[:-apart])
        if not len(same):
            break
        ones.append(rows[same])
        twos.append(rows[same + apart])
    return np.concatenate(ones), np.concatenate(twos)


def _joined(group: Ints, first: list[int], second: list[int], between: dict[tuple[int, int], float], sizes: Ints) -> Ints:
    group = group.copy()
    whole = group.copy()
    touched = set(first) | set(second)
    home = {row: row for row in touched}
    members = {row: [row] for row in touched}
    for one, two in zip(first, second, strict=True):
        left, right = home[one], home[two]
        if left == right:
            continue
        if sizes[whole[one]] <= LARGEST_GROUP:
            pairs = [(min(a, b), max(a, b)) for a in members[left] for b in members[right]]
            if sum(max(min(between[pair], 20.0), -20.0) for pair in pairs) <= 0:
                continue
        for row in members.pop(right):
            home[row] = left
            members[left].append(row)
    numbers = {root: int(group.max()) + 1 + at for at, root in enumerate(members)}
    for row, root in home.items():
        group[row] = numbers[root]
    return group
