"""Leaving: who will probably not buy again, learned from those who did not."""

from zhike.value.analyses.leaving.kind import KIND

__all__ = ["KIND"]
