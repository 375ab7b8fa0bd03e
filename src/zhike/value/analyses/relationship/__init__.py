"""Satisfaction, quality of the relationship, and what it brings after its cost."""

from zhike.value.analyses.relationship.kind import KIND

__all__ = ["KIND"]
