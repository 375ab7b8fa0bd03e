"""Nine indicators: what a customer is worth now, will be, and is worth to others."""

from zhike.value.analyses.indicators.kind import KIND

__all__ = ["KIND"]
