"""Which values a merged customer has."""

from collections.abc import Iterable, Mapping
from typing import Any

KEPT, GONE = "kept", "gone"


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def proposal(kept: Any, gone: Any) -> str:
    """Whose value a field takes when nobody chose: the kept one's, unless it is empty."""
    return GONE if is_empty(kept) and not is_empty(gone) else KEPT


def merged_values(kept: Mapping[str, Any], gone: Mapping[str, Any], choice: Mapping[str, str]) -> dict[str, Any]:
    """Field by field; only what differs from the kept one's value."""
    result = {}
    for code in kept.keys() | gone.keys():
        mine, other = kept.get(code), gone.get(code)
        if (choice.get(code) or proposal(mine, other)) == GONE and mine != other:
            result[code] = other
    return result


def joined_tags(kept: Iterable[str], gone: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*kept, *gone]))


def joined_notes(kept: str, gone: str) -> str:
    parts = [kept.strip(), gone.strip()]
    if parts[1] in parts[0]:
        return kept
    return "\n\n".join(part for part in parts if part)
