"""What customers say: topics, tone and urgency of what was noted down, and what people corrected."""

from zhike.value.analyses.voice.kind import KIND

__all__ = ["KIND"]
