"""Influence: who is known by many, who connects others, whose word brings customers."""

from zhike.value.analyses.influence.kind import KIND

__all__ = ["KIND"]
