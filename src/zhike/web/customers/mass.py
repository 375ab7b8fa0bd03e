"""A change of many customers: how far it is, what it did, cancelling and undoing it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from zhike.customers import actions
from zhike.customers.choices import MassKind, MassState
from zhike.customers.models import MassChange
from zhike.web.lists.screen import Said
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person


def said(mass: MassChange) -> Said:
    """For the list that it was asked on."""
    address = reverse("customers-many", args=[mass.pk])
    if mass.is_under_way:
        return Said("", address, go=True)
    has_way_back = mass.can_be_undone and mass.changed > 0
    return Said(done_in_words(mass.kind, mass.changed), address if has_way_back else "", _("Undo …") if has_way_back else "")


def done_in_words(kind: str, changed: int) -> str:
    numbers = {"n": changed, "shown": f"{changed:,}"}
    return {
        MassKind.HAND_OVER: ngettext("%(shown)s customer handed over.", "%(shown)s customers handed over.", changed),
        MassKind.TAG: ngettext("Tags of %(shown)s customer changed.", "Tags of %(shown)s customers changed.", changed),
        MassKind.HOLD_BACK: ngettext("%(shown)s customer drawn by lot.", "%(shown)s customers drawn by lot.", changed),
        MassKind.DELETE: ngettext(
            "%(shown)s customer moved to the recycle bin.", "%(shown)s customers moved to the recycle bin.", changed
        ),
        MassKind.RESTORE: ngettext("%(shown)s customer restored.", "%(shown)s customers restored.", changed),
        MassKind.UNDO: ngettext("%(shown)s customer put back.", "%(shown)s customers put back.", changed),
    }.get(MassKind(kind), ngettext("%(shown)s customer changed.", "%(shown)s customers changed.", changed)) % numbers


def ended_in_words(params: dict[str, Any]) -> str:
    """For the message center."""
    done = done_in_words(params["kind"], params["changed"])
    told = {"what": MassKind(params["kind"]).label, "done": done, "problem": params["problem"]}
    if params["state"] == MassState.CANCELLED:
        return _("%(what)s: cancelled. %(done)s") % told
    if params["state"] == MassState.FAILED:
        return _("%(what)s: stopped. %(done)s %(problem)s") % told
    return _("%(what)s: finished. %(done)s") % told


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    mass, part = _own(request, pk), wanted_part(request)
    if part and not mass.is_under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})  # the whole page has changed
    undo = MassChange.objects.defer("ids").filter(undoes=mass).first()
    context = {
        "mass": mass, "undo": undo, "done": done_in_words(mass.kind, mass.changed), "left": mass.done - mass.changed,
        "may_undo": undo is None and not mass.is_under_way and mass.can_be_undone and mass.changed > 0,
    }  # fmt: skip
    return page(request, "customers/mass.html", context, part=part)


@require_POST
def settle(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Cancel, undo."""
    mass, user = _own(request, pk), signed_in_person(request)
    try:
        if verb == "cancel":
            actions.cancel_mass(actor=user, mass=mass.pk)
            return HttpResponseRedirect(reverse("customers-many", args=[mass.pk]))
        if verb == "undo":
            undo = actions.undo_mass(actor=user, mass=mass.pk, at=timezone.now())
            return HttpResponseRedirect(reverse("customers-many", args=[undo.pk]))
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("customers-many", args=[mass.pk]))
    raise Http404


def _own(request: HttpRequest, pk: int) -> MassChange:
    return get_object_or_404(MassChange.objects.defer("ids").filter(started_by=signed_in_person(request)), pk=pk)
