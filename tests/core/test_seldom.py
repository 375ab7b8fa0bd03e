"""Answers that may be a little old are asked for now and then."""

from itertools import count

from zhike.core.seldom import Seldom


def test_an_answer_serves_so_many_times():
    number = count()
    answers = Seldom[int](uses=3, most=5)
    assert [answers.get("a", lambda: next(number)) for _ in range(7)] == [0, 0, 0, 1, 1, 1, 2]


def test_nothing_is_an_answer_too():
    asked = []
    answers = Seldom[None](uses=10, most=5)
    for _ in range(4):
        assert answers.get("a", lambda: asked.append(1)) is None
    assert asked == [1]


def test_what_was_used_last_is_kept():
    answers = Seldom[str](uses=100, most=2)
    for key in ("a", "b", "a", "c"):
        answers.get(key, lambda key=key: f"old {key}")
    assert [answers.get(key, lambda: "new") for key in ("a", "c", "b")] == ["old a", "old c", "new"]
