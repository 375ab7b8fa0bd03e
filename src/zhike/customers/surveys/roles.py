"""What a column of answers can be, as a mapping says it: `overall`, `recommend`, or a role with the number of what it asks about
(`rating:1` and `expected:1` are about the same thing, `functional:2` and `dysfunctional:2` are a pair)."""

import re
from collections.abc import Mapping

from zhike.customers.choices import AnswerRole
from zhike.customers.imports.meanings import label, of_kind
from zhike.customers.imports.problems import FileProblem
from zhike.customers.surveys.scales import KANO, SCALES, Scale

SINGLE = (AnswerRole.OVERALL, AnswerRole.RECOMMEND)
KANO_ROLES = (AnswerRole.FUNCTIONAL, AnswerRole.DYSFUNCTIONAL)
NEEDS = {  # without the other one says nothing
    AnswerRole.EXPECTED: AnswerRole.RATING, AnswerRole.FUNCTIONAL: AnswerRole.DYSFUNCTIONAL,
    AnswerRole.DYSFUNCTIONAL: AnswerRole.FUNCTIONAL,
}  # fmt: skip
_CODE = re.compile(r"(rating|expected|functional|dysfunctional):(\d{1,3})")


def parsed(code: str) -> tuple[AnswerRole, int] | None:
    """Role and number of a question's code; None for what is no question."""
    if code in SINGLE:
        return AnswerRole(code), 0
    found = _CODE.fullmatch(code)
    return (AnswerRole(found[1]), int(found[2])) if found else None


def code_of(role: str, number: int) -> str:
    return role if role in SINGLE else f"{role}:{number}"


def questions(mapping: Mapping[str, int]) -> dict[str, tuple[AnswerRole, int]]:
    return {code: found for code in mapping if (found := parsed(code))}


def is_known(code: str) -> bool:
    return parsed(code) is not None or code in {one.code for one in of_kind("answers")}


def in_words(code: str) -> str:
    found = parsed(code)
    if found is None:
        return label(code)
    role, number = found
    return f"{role.label} {number}" if number else str(role.label)


def check(mapping: Mapping[str, int]) -> None:
    """Raise `FileProblem` when no column is an answer, or one of two that belong together is missing."""
    asked = questions(mapping)
    if not asked:
        raise FileProblem("unmapped", meaning=AnswerRole.OVERALL.label)
    for role, number in asked.values():
        other = code_of(NEEDS[role], number) if role in NEEDS else ""
        if other and other not in asked:
            raise FileProblem("unmapped", meaning=in_words(other))


def scale(role: str, code: str) -> Scale:
    """Its scale: two questions have one of their own, the others that of this code."""
    if role in KANO_ROLES:
        return KANO
    return SCALES["0-10" if role == AnswerRole.RECOMMEND else code]
