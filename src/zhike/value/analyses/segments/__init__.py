"""Segments: customers who are alike, found by what they do instead of by a rule."""

from zhike.value.analyses.segments.kind import KIND

__all__ = ["KIND"]
