"""All kinds of analysis, in the order in which the product lists them."""

from zhike.value.analyses import (
    credit,
    effect,
    indicators,
    influence,
    leaving,
    loyalty,
    occasions,
    patterns,
    relationship,
    segments,
    survey,
    together,
    voice,
    winback,
)
from zhike.value.analyses.kind import Kind

_IN_ORDER = (
    segments.KIND,
    indicators.KIND,
    voice.KIND,
    survey.KIND,
    relationship.KIND,
    loyalty.KIND,
    together.KIND,
    patterns.KIND,
    occasions.KIND,
    leaving.KIND,
    winback.KIND,
    effect.KIND,
    influence.KIND,
    credit.KIND,
)
KINDS: dict[str, Kind] = {one.name: one for one in _IN_ORDER}
