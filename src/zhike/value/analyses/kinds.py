"""All kinds of analysis, in the order in which the product lists them."""

from zhike.value.analyses import patterns, segments, together
from zhike.value.analyses.kind import Kind

KINDS: dict[str, Kind] = {one.name: one for one in (segments.KIND, together.KIND, patterns.KIND)}
