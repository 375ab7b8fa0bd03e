"""The pages of the analyses: one frame, to which each kind adds its pictures and its part of the template."""

from zhike.web.value.analyses import (
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
from zhike.web.value.analyses.page import Page

PAGES: dict[str, Page] = {
    "segments": segments.PAGE,
    "indicators": indicators.PAGE,
    "voice": voice.PAGE,
    "survey": survey.PAGE,
    "relationship": relationship.PAGE,
    "loyalty": loyalty.PAGE,
    "together": together.PAGE,
    "patterns": patterns.PAGE,
    "occasions": occasions.PAGE,
    "leaving": leaving.PAGE,
    "winback": winback.PAGE,
    "effect": effect.PAGE,
    "influence": influence.PAGE,
    "credit": credit.PAGE,
}
