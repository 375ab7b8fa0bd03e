"""How satisfied customers say they are, would they recommend us, what drives it, what they expected: answers to surveys."""

from zhike.value.analyses.survey.kind import KIND

__all__ = ["KIND"]
