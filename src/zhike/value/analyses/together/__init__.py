"""What goes together: which products are bought in one order, and what each customer buys next."""

from zhike.value.analyses.together.kind import KIND

__all__ = ["KIND"]
