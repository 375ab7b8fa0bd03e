"""Patterns: who stays, when people buy, when each customer comes next, and what the months to come bring."""

from zhike.value.analyses.patterns.kind import KIND

__all__ = ["KIND"]
