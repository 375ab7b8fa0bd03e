"""Reads about customers."""

from zhike.customers.queries.completeness import completeness, definitions, facts_of, next_questions
from zhike.customers.queries.duplicates import Matches, find_matches
from zhike.customers.queries.lookup import look_up_phone
from zhike.customers.queries.timeline import Cursor, Event, timeline

__all__ = [
    "Cursor", "Event", "Matches", "completeness", "definitions", "facts_of", "find_matches", "look_up_phone", "next_questions",
    "timeline",
]  # fmt: skip
