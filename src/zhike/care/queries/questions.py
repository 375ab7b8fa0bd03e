"""The field most worth asking each customer for, as SQL: what `customers` would ask first, for many customers at once."""

import datetime
from dataclasses import dataclass
from typing import Any

from zhike.customers.choices import Ring
from zhike.customers.models import FieldDefinition

_TEXTS = ("phone", "wechat", "email", "region", "preferred_channel", "preferred_time", "credit_code", "member_no", "number")


@dataclass(frozen=True)
class Question:
    join: str
    parameters: dict[str, Any]


def question_sql(on: datetime.date, asked_of: str) -> Question | None:
    """A lateral join `q(code, share, stale)` where the condition `asked_of` holds: used fields first, the heavier, missing before
    stale, near rings before far."""
    rings = Ring.values
    fields = [one for one in FieldDefinition.objects.filter(is_active=True, weight__gt=0).exclude(question_zh="") if _known(one)]
    if not fields:
        return None
    asked = [(one, stale) for one in fields for stale in (False, True) if not stale or one.shelf_life_days is not None]
    asked.sort(key=lambda row: (not row[0].used_by, -row[0].weight, row[1], rings.index(row[0].ring), row[0].position, row[0].pk))
    total = sum(one.weight for one in fields)
    parameters: dict[str, Any] = {
        "codes": [one.code for one, _ in asked], "shares": [one.weight / total for one, _ in asked],
        "stales": [stale for _, stale in asked],
    }  # fmt: skip
    first: list[str] = []  # the first that is wanted; VALUES in place of CASE would prepare all of them anew for every customer
    for place, (one, stale) in enumerate(asked, 1):
        first.append(f"WHEN {_wanted(one, stale, place)} THEN {place}")
        oldest = on - datetime.timedelta(days=one.shelf_life_days or 0)
        parameters |= {f"code{place}": one.code, f"kind{place}": one.applies_to, f"oldest{place}": oldest.isoformat()}
    join = f"""LEFT JOIN LATERAL (SELECT (%(codes)s::text[])[v.place] AS code, (%(shares)s::float8[])[v.place] AS share,
            (%(stales)s::boolean[])[v.place] AS stale
        FROM (SELECT CASE {" ".join(first)} END AS place LIMIT 1) AS v WHERE v.place IS NOT NULL AND {asked_of}) q ON TRUE"""  # noqa: S608  texts of this module only
    return Question(join, parameters)


def _known(one: FieldDefinition) -> bool:
    return not one.is_column or one.code in _TEXTS or one.code == "birthday"


def _wanted(one: FieldDefinition, stale: bool, place: int) -> str:
    if one.is_column:
        empty = "c.birthday IS NULL" if one.code == "birthday" else f"c.{one.code} = ''"
    else:
        empty = f"COALESCE(c.profile ->> %(code{place})s, '') = ''"
    applies = f"%(kind{place})s IN ('', c.kind)"
    if not stale:
        return f"({applies} AND {empty})"
    return f"({applies} AND NOT ({empty}) AND COALESCE(c.provenance -> %(code{place})s ->> 'on', '') < %(oldest{place})s)"
