"""What the form of an import of answers asks beyond the meaning of a column: what belongs together, and the scale."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from zhike.customers.choices import AnswerRole
from zhike.customers.imports.tables import Reading
from zhike.customers.surveys import guessing, roles
from zhike.customers.surveys.scales import SCALES, scale_of

NUMBERED = (AnswerRole.RATING, AnswerRole.EXPECTED, *roles.KANO_ROLES)
SCALED = (AnswerRole.OVERALL, AnswerRole.RATING, AnswerRole.EXPECTED)


def numbered(code: str, posted: Mapping[str, str], position: int) -> str:
    """The code with the number that the form gives it; a thing rated needs none from a person."""
    if code not in NUMBERED:
        return code
    number = posted.get(f"n{position}", "")
    return roles.code_of(code, int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 500 + position)


def scales(posted: Mapping[str, str], columns: int) -> dict[str, str]:
    """The scales a person chose, by column."""
    return {str(at): chosen for at in range(columns) if (chosen := posted.get(f"s{at}", "")) in SCALES}


def column(reading: Reading, shown: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """Meaning, number and scale of a column, as the form shows them."""
    at, found = shown["position"], roles.parsed(shown["meaning"])
    if found is None:
        return {"number": "", "scales": []}
    role, number = found
    guessed = scale_of(Counter(guessing.cells(reading, at)), reading.columns[at]) if role in SCALED else ""
    options = [(code, code.replace("-", "–")) for code in SCALES] if role in SCALED else []
    return {"meaning": role, "number": number or "", "scales": options, "scale": chosen.get(str(at), ""), "guessed": guessed}
