"""Reads of care."""

from zhike.care.queries.counting import Figures, Lists, figures, open_lists, promises_due
from zhike.care.queries.lists import Line, answered_today, lines, open_suggestions, own_lists, read_lines, suggestions_for

__all__ = [
    "Figures", "Line", "Lists", "answered_today", "figures", "lines", "open_lists", "open_suggestions", "own_lists", "promises_due",
    "read_lines", "suggestions_for",
]  # fmt: skip
