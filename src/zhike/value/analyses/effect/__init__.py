"""Effect: what an action brought, beside customers who were left alone."""

from zhike.value.analyses.effect.kind import KIND

__all__ = ["KIND"]
