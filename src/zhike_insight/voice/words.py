"""Chinese words of what customers say, and what is said more than elsewhere."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_insight.lifetime.triples import BadInput
from zhike_insight.matching.sounds import fold

_WORD = re.compile(r"[^\W_]+")
_CLAUSE = re.compile(r"[。！？!?；;，,、\n~…]+|\.{2,}|(?<=[\u4e00-\u9fff])\.")
# words that say nothing about the matter
STOP = frozenset(
    """的 了 是 我 你 他 她 它 们 我们 你们 他们 在 有 和 就 都 也 很 还 不 没 没有 要 会 到 说 去 来 上 下 这 那 这个 那个 一个 什么 怎么 因为 所以 但 但是 而且 如果
    还是 还有 就是 不是 可以 觉得 感觉 比较 非常 真的 真 太 吧 啊 呢 吗 呀 哦 嗯 把 被 给 让 对 从 与 及 或 等 之 以 而 于 得 地 着 过 又 再 才 只 已 已经 个 次 点 些 里 中 后 前 时 时候 自己
    最 更 用 能 做 想 看 知道 不过 虽然 然后 以后 以前 一 二 两 三 几 多 少 大 小 好 人 一下 一点 有点 这样 那样 这里 那里 其他 其它 由于 为 为了 于是 只是 只有 算 其实 应该""".split()
)


def words_of(text: str) -> list[str]:
    """Words of a text, in order, simplified and lower case, without signs.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Notes
    -----
    Segmentation by the dictionary of jieba and a hidden Markov model for unknown words.

    Examples
    --------
    >>> words_of("酒店的房間很干淨！")
    ['酒店', '的', '房间', '很', '干净']
    """
    import rjieba

    return [word for word in rjieba.cut(fold(text)) if _WORD.fullmatch(word)]


def texts_of(texts: Any) -> list[str]:
    """A column of texts as a list. One text alone is refused, for each of its characters would be read as a text."""
    found = texts.to_pylist() if hasattr(texts, "to_pylist") else texts
    if isinstance(found, str):
        raise BadInput("texts must be a list of texts, not one text")
    found = list(found)
    if wrong := [row for row, text in enumerate(found) if not isinstance(text, str)]:
        raise BadInput(f"row {wrong[0]}: {found[wrong[0]]!r} is no text")
    return found


def clauses_of(text: str) -> list[str]:
    """Parts of a text between its signs; the text itself if it has none.

    Examples
    --------
    >>> clauses_of("房间不错，但是服务太差了！")
    ['房间不错', '但是服务太差了']
    """
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()] or [text]


def word_tree(texts: Sequence[str], root: str, *, before: bool = False, depth: int = 4, most: int = 4, least: int = 2) -> pa.Table:
    """What is said after a word (or before it), branch by branch: in which phrases it stands.

    Parameters
    ----------
    texts : sequence of str
    root : str
        A word, as `words_of` gives it.
    before : bool
        What stands in front of it instead; the branches then read backwards.
    depth : int
        Words from the root to the end of a branch.
    most : int
        Branches at each fork, the most frequent first.
    least : int
        Texts that say a branch.

    Returns
    -------
    Arrow table
        `depth` (from 1), `words` (of the branch since the fork before, joined: words that always follow each other make one
        branch), `texts` (that say it; each once), ordered as the tree is read. Only words of the same clause follow each other.

    Raises
    ------
    BadInput
        `depth`, `most` or `least` is below 1.

    Notes
    -----
    Wattenberg & Viégas (2008), *The word tree*, IEEE TVCG 14(6).

    Examples
    --------
    >>> said = ["服务太慢了", "服务太慢", "服务态度很好", "服务态度差", "环境不错，服务太贵"]
    >>> found = word_tree(said, "服务")
    >>> [(row["depth"], row["words"], row["texts"]) for row in found.to_pylist()]
    [(1, '太慢', 2)]
    """
    if min(depth, most, least) < 1:
        raise BadInput("depth, most and least must be at least 1")
    counts: Counter[tuple[str, ...]] = Counter()
    for text in texts_of(texts):
        paths: set[tuple[str, ...]] = set()
        for clause in clauses_of(text):
            words = words_of(clause)
            words = words[::-1] if before else words
            for at, word in enumerate(words):
                if word == root:
                    paths |= {tuple(words[at + 1 : at + 1 + length]) for length in range(1, min(depth, len(words) - 1 - at) + 1)}
        counts.update(paths)
    rows = list(_branches((), 1, counts, most, least, "".join if not before else _backwards))
    return pa.table({
        "depth": pa.array([row[0] for row in rows], pa.int64()), "words": pa.array([row[1] for row in rows], pa.string()),
        "texts": pa.array([row[2] for row in rows], pa.int64()),
    })  # fmt: skip


def _backwards(words: Iterable[str]) -> str:
    return "".join(reversed(list(words)))


def _branches(
    path: tuple[str, ...], level: int, counts: Counter[tuple[str, ...]], most: int, least: int, joined: Callable[[list[str]], str]
) -> Iterator[tuple[int, str, int]]:
    """The branches that leave a fork, each followed by its own."""
    for one in _next(path, counts, most, least):
        branch, end = [one[-1]], one
        while len(following := _next(end, counts, 2, least)) == 1 and counts[following[0]] == counts[end]:
            end = following[0]
            branch.append(end[-1])
        yield level, joined(branch), counts[end]
        yield from _branches(end, level + 1, counts, most, least, joined)


def _next(path: tuple[str, ...], counts: Counter[tuple[str, ...]], most: int, least: int) -> list[tuple[str, ...]]:
    longer = [one for one, n in counts.items() if len(one) == len(path) + 1 and one[: len(path)] == path and n >= least]
    return sorted(longer, key=lambda one: (-counts[one], one))[:most]


def keywords(texts: Sequence[str], among: Sequence[str], *, most: int = 20, least: int = 5) -> pa.Table:
    """Words that some texts say more than others: of one topic against all, of this month against before.

    Parameters
    ----------
    texts, among : sequence of str
        Those of interest, and those to compare with.
    most : int
        Words returned.
    least : int
        Texts in which a word must stand.

    Returns
    -------
    Arrow table
        `word`, `texts` (of interest, that have it), `others`, `strength` (z of the log-odds; above 2 hardly chance), the strongest first.

    Raises
    ------
    BadInput
        There are no texts of interest.

    Notes
    -----
    Log-odds ratio with a prior of the words of all texts; Monroe, Colaresi & Quinn (2008), *Political Analysis* 16(4).

    Examples
    --------
    >>> late = ["快递太慢", "物流慢"] * 3
    >>> keywords(late, ["质量很好", "价格便宜"] * 3, least=3)["word"].to_pylist()
    ['太慢', '快递', '慢', '物流']
    """
    texts, among = texts_of(texts), texts_of(among)
    if not texts:
        raise BadInput("there are no texts to find the words of")
    here, there = _counts(texts), _counts(among)
    words = [word for word, count in here.items() if count >= least and word not in STOP]
    a = np.array([here[word] for word in words], dtype=np.float64)
    b = np.array([there[word] for word in words], dtype=np.float64)
    prior = (a + b) / max(len(texts) + len(among), 1) * 10
    rest_a, rest_b = len(texts) + 10 - a - prior, max(len(among), 1) + 10 - b - prior
    odds = np.log((a + prior) / np.maximum(rest_a, 0.5)) - np.log((b + prior) / np.maximum(rest_b, 0.5))
    strength = odds / np.sqrt(1 / (a + prior) + 1 / (b + prior)) if len(words) else odds
    order = sorted(range(len(words)), key=lambda at: (-strength[at], words[at]))[:most]
    return pa.table({
        "word": pa.array([words[at] for at in order], pa.string()), "texts": pa.array([int(a[at]) for at in order], pa.int64()),
        "others": pa.array([int(b[at]) for at in order], pa.int64()),
        "strength": pa.array([float(strength[at]) for at in order], pa.float64()),
    })  # fmt: skip


def _counts(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word stands."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(words_of(text)))
    return found
