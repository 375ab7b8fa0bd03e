"""Loyalty in four stages, attitude against behaviour, and what loyal customers earn year by year."""

from zhike.value.analyses.loyalty.kind import KIND

__all__ = ["KIND"]
