"""What an import did, or would do, in words and figures."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.customers.choices import ImportKind, ImportState
from zhike.customers.imports.problems import ROW_REASONS, reason_text
from zhike.customers.models import ImportBatch

TONES = {ImportState.DONE: "good", ImportState.FAILED: "bad", ImportState.CANCELLED: "", ImportState.UNDONE: ""}


def steps() -> dict[str, str]:
    return {
        "": _("Waiting for the worker"), "waiting": _("Waiting for its turn"), "reading": _("Reading and checking rows"),
        "matching": _("Finding the customers"), "writing": _("Writing"), "finishing": _("Finishing"),
    }  # fmt: skip


def context(batch: ImportBatch) -> dict[str, Any]:
    counts = batch.counts
    return {
        "batch": batch, "step": steps().get(batch.step, batch.step), "share": share(batch), "figures": figures(batch),
        "reasons": reasons(batch), "remarks": remarks(counts.get("remarks", {})), "first": counts.get("first", []),
        "undone": undone(counts.get("undone", {})), "tone": TONES.get(ImportState(batch.state), ""),
        "is_orders": batch.kind == ImportKind.ORDERS,
    }  # fmt: skip


def share(batch: ImportBatch) -> float:
    """Reading is the first two thirds; what the database then does tells no steps in between."""
    beyond = {"matching": 0.7, "writing": 0.8, "finishing": 0.95}
    if batch.step in beyond:
        return beyond[batch.step]
    return 0.65 * batch.rows_done / batch.rows_total if batch.step == "reading" and batch.rows_total > batch.rows_done else 0.0


def figures(batch: ImportBatch) -> list[tuple[str, int]]:
    """[(what, how many)] without what did not happen, except for the rows themselves."""
    counts = batch.counts
    created, updated = counts.get("created", {}), counts.get("updated", {})
    found = [
        (_("rows read"), batch.rows_total), (_("customers new"), created.get("customers", 0)),
        (_("customers changed"), updated.get("customers", 0)), (_("orders new"), created.get("orders", 0)),
        (_("orders changed"), updated.get("orders", 0)), (_("order lines"), created.get("lines", 0)),
        (_("products new"), created.get("products", 0)), (_("rows skipped"), counts.get("skipped", 0)),
        (_("rows left out"), counts.get("rejected", 0)),
    ]  # fmt: skip
    return [one for at, one in enumerate(found) if at == 0 or one[1]]


def reasons(batch: ImportBatch) -> list[tuple[str, int]]:
    known = [(code, number) for code, number in batch.reasons.items() if code in ROW_REASONS]
    return [(reason_text(code, "…"), number) for code, number in sorted(known, key=lambda one: -one[1])]


def remarks(found: dict[str, int]) -> list[tuple[str, int]]:
    words = {
        "repeated": _("rows that repeat another one, taken as further purchases"), "zero_amount": _("rows with an amount of zero"),
        "returns": _("orders taken as returns"),
    }  # fmt: skip
    return [(words[code], number) for code, number in found.items() if code in words]


def undone(found: dict[str, dict[str, int]]) -> list[tuple[str, int]]:
    words = {
        ("orders", "removed"): _("orders removed"), ("orders", "restored"): _("orders restored"),
        ("customers", "removed"): _("customers removed"), ("customers", "restored"): _("customers restored"),
        ("customers", "kept"): _("customers kept, because they got other data since"),
    }  # fmt: skip
    return [(words[what, how], number) for what, counts in found.items() for how, number in counts.items() if number]
