"""Winning back: what customers who have gone would be worth, and whom to try first."""

from zhike.value.analyses.winback.kind import KIND

__all__ = ["KIND"]
