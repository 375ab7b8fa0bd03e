"""What an import did, or would do, in words and figures."""

import re
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import settings_store
from zhike.customers.choices import ImportKind, ImportState
from zhike.customers.imports.problems import ROW_REASONS, first_in_words, in_words, reason_text
from zhike.customers.models import ImportBatch
from zhike.customers.settings import ImportRules
from zhike.sales.choices import OrderKind
from zhike.sales.imports import conflicts
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.formats import date, number

EXAMPLE = "…"
_QUOTED = re.compile(r"[:：]?\s*“…”\s*[:：]?")
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
        "reasons": reasons(batch), "remarks": remarks(batch), "first": first_in_words(counts),
        "undone": undone(counts.get("undone", {})), "tone": TONES.get(ImportState(batch.state), ""),
        "summary": summary(batch), "next": next_steps(batch), "kept": kept(batch),
        "problem": in_words(batch.problem),
    }  # fmt: skip


def summary(batch: ImportBatch) -> str:
    """What it comes to, in a sentence."""
    created, updated = batch.counts.get("created", {}), batch.counts.get("updated", {})
    new, changed = _in_numbers(created), _in_numbers(updated)
    parts = [_("New: %(what)s.") % {"what": _(", ").join(new)}] if new else []
    parts += [_("Changed: %(what)s.") % {"what": _(", ").join(changed)}] if changed else []
    parts = parts or [_("Nothing new was in the file.")]
    left = batch.counts.get("rejected", 0)
    return " ".join([*parts, _("Left out: %(n)s rows.") % {"n": number(left)}] if left else parts)


def _in_numbers(counts: dict[str, int]) -> list[str]:
    words = {"customers": _("%(n)s customers"), "orders": _("%(n)s orders"), "sheets": _("%(n)s answer sheets")}
    return [text % {"n": number(counts[what])} for what, text in words.items() if counts.get(what)]


def next_steps(batch: ImportBatch) -> list[tuple[str, str]]:
    """[(label, address)]: where to go from here, the likeliest first."""
    mine = f"?batch={batch.pk}"
    steps = [(_("See the orders"), reverse("orders") + mine)] if batch.kind == ImportKind.ORDERS else []
    if batch.kind == ImportKind.ANSWERS:
        steps += [
            (_("What they come to"), reverse("value-analysis", args=["survey"])),
            (_("See the answers"), f"{reverse('answers')}{mine}"),
        ]
    if batch.counts.get("created", {}).get("customers"):
        steps.insert(0, (_("See the new customers"), reverse("customers") + mine))
    if batch.kind == ImportKind.ORDERS:
        steps.append((_("What they are worth"), reverse("value")))
    return [*steps, (_("Next file"), reverse("imports"))]


def kept(batch: ImportBatch) -> str:
    """Until when the files are kept."""
    if not batch.file and not batch.errors_file:
        return _("Its files were removed after the time set for that.") if batch.sha256 and not batch.options.get("path") else ""
    until = (batch.finished_at or batch.created_at) + timedelta(days=settings_store.read(ImportRules).keep_days)
    return _("The file and the rows left out are kept until %(day)s. Undo needs no file.") % {
        "day": date(timezone.localtime(until).date())
    }


def before_undo(batch: ImportBatch, actor: User) -> dict[str, Any]:
    edits = conflicts.of(batch, seen_by=actor)
    may_remove = rights_of(actor).allows(Permission.CUSTOMER_DELETE)
    return {"batch": batch, "summary": summary(batch), "edits": edits, "lines": _lines(edits), "may_remove": may_remove,
            "edited_counts": _(", ").join(_in_numbers({"orders": edits.orders, "customers": edits.customers}))}  # fmt: skip


def kept_by_undo(batch: ImportBatch, actor: User) -> dict[str, Any]:
    """What an undo has left, named."""
    edits = conflicts.of(batch, seen_by=actor) if batch.state == ImportState.UNDONE else conflicts.Edits()
    return {"edits": edits, "lines": _lines(edits)}


def _lines(edits: conflicts.Edits) -> list[dict[str, Any]]:
    kinds = {"order": _("Order"), "customer": _("Customer")}
    return [
        {"kind": kinds[one.what], "name": one.name, "href": reverse(one.what, args=[one.id]), "why": conflicts.REASONS[one.why],
         "by": one.by, "at": one.at}
        for one in edits.first
    ]  # fmt: skip


def share(batch: ImportBatch) -> float:
    """Reading is the first two thirds; what the database then does tells no steps in between."""
    beyond = {"matching": 0.7, "writing": 0.8, "finishing": 0.95}
    if batch.step in beyond:
        return beyond[batch.step]
    return 0.65 * batch.rows_done / batch.rows_total if batch.step == "reading" and batch.rows_total > batch.rows_done else 0.0


def figures(batch: ImportBatch) -> list[tuple[str, int, str]]:
    """[(what, how many, address of the list of them)] without what did not happen, except for the rows themselves."""
    lists = lists_of(batch)
    counts = batch.counts
    created, updated = counts.get("created", {}), counts.get("updated", {})
    found = [
        (_("rows read"), batch.rows_total, ""), (_("customers new"), created.get("customers", 0), "customers"),
        (_("customers changed"), updated.get("customers", 0), ""), (_("orders new"), created.get("orders", 0), "orders"),
        (_("orders changed"), updated.get("orders", 0), ""), (_("order lines"), created.get("lines", 0), ""),
        (_("products new"), created.get("products", 0), ""), (_("answer sheets"), created.get("sheets", 0), "sheets"),
        (_("answers"), created.get("answers", 0), ""), (_("rows skipped"), counts.get("skipped", 0), ""),
        (_("rows left out"), counts.get("rejected", 0), "rejected"),
    ]  # fmt: skip
    return [(what, number, lists.get(name, "")) for at, (what, number, name) in enumerate(found) if at == 0 or number]


def lists_of(batch: ImportBatch) -> dict[str, str]:
    """Where one sees what a figure counts: nowhere before it is in, or after it was taken back."""
    if batch.state != ImportState.DONE:
        return {}
    mine = f"?batch={batch.pk}"
    orders, answers = reverse("orders") + mine, reverse("answers") + mine
    found = {
        "customers": reverse("customers") + mine, "orders": orders, "sheets": answers,
        "returns": f"{orders}&kind={OrderKind.RETURN}", "anonymous": f"{answers}&known=no",
    }  # fmt: skip
    return found | ({"rejected": reverse("import-rejected", args=[batch.pk])} if batch.errors_file_id else {})


def reasons(batch: ImportBatch) -> list[tuple[str, int]]:
    known = [(code, count) for code, count in batch.reasons.items() if code in ROW_REASONS]
    return [(_in_general(reason_text(code, EXAMPLE)), count) for code, count in sorted(known, key=lambda one: -one[1])]


def _in_general(reason: str) -> str:
    """The reason without the cell that it was about."""
    general = _QUOTED.sub("", reason).strip(" ：:")
    return general[:1].upper() + general[1:]


def remarks(batch: ImportBatch) -> list[tuple[str, int, str]]:
    found, lists = batch.counts.get("remarks", {}), lists_of(batch)
    if found.get("unknown"):  # they stand in the same list
        lists.pop("anonymous", None)
    words = {
        "repeated": _("rows that repeat another one, taken as further purchases"), "zero_amount": _("rows with an amount of zero"),
        "returns": _("orders taken as returns"), "anonymous": _("answer sheets that name nobody"),
        "unknown": _("rows whose customer is not known here: taken as answers without a customer"),
    }  # fmt: skip
    return [(words[code], number, lists.get(code, "")) for code, number in found.items() if code in words]


def undone(found: dict[str, dict[str, int]]) -> list[tuple[str, int]]:
    words = {
        ("orders", "removed"): _("orders removed"), ("orders", "restored"): _("orders restored"),
        ("orders", "kept"): _("orders kept, because somebody changed them since"),
        ("answers", "removed"): _("answer sheets removed"),
        ("customers", "removed"): _("customers removed"), ("customers", "binned"): _("customers put into the recycle bin"),
        ("customers", "restored"): _("customers restored"),
        ("customers", "kept"): _("customers kept, because they got other data since"),
    }  # fmt: skip
    return [(words[what, how], number) for what, counts in found.items() for how, number in counts.items() if number]
