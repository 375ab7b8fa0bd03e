"""Credit rating: who pays late, learned from who did; points, grades A to E, limits."""

from zhike.value.analyses.credit.kind import KIND

__all__ = ["KIND"]
