"""Occasions: who buys at the next one, where purchases come month by month, quarter by quarter, year by year."""

from zhike.value.analyses.occasions.kind import KIND

__all__ = ["KIND"]
