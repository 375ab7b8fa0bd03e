"""Imports as a filter: what came with one file."""

from collections.abc import Iterable
from typing import Any

from zhike.customers.choices import ImportState
from zhike.sales.imports.queries import visible_batches
from zhike.web import formats
from zhike.web.lists.cells import Look

SHOWN = 50


def finished_imports(look: Look, kind: str = "") -> Iterable[tuple[Any, str]]:
    batches = visible_batches(look.user).filter(state=ImportState.DONE, **({"kind": kind} if kind else {})).order_by("-pk")[:SHOWN]
    return [(pk, f"{pk} · {formats.middle(name, 24)}") for pk, name in batches.values_list("pk", "file_name")]
