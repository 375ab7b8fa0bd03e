"""What this domain announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SuggestionAnswered:
    """Somebody did, postponed or refused what was suggested."""

    suggestion_id: int
    customer_id: int
    rule: str
    state: str
