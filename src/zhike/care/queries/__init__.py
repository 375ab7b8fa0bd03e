"""Reads of care."""

from zhike.care.queries.lists import (
    Figures,
    Line,
    answered_today,
    counts_by_rule,
    figures,
    open_suggestions,
    own_lists,
    people_with_lists,
    promises_due,
    read_lines,
    suggestions_for,
)

__all__ = [
    "Figures", "Line", "answered_today", "counts_by_rule", "figures", "open_suggestions", "own_lists", "people_with_lists",
    "promises_due", "read_lines", "suggestions_for",
]  # fmt: skip
