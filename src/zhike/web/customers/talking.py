"""Recording what happened, planning what shall, and what one does with either."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core import files as stored
from zhike.customers import actions
from zhike.customers.choices import InteractionKind
from zhike.customers.models import Customer, Interaction
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.customers.forms import PlanForm, TalkForm, morning_of
from zhike.web.customers.sheets import press, return_address, seen, sheet
from zhike.web.once import once
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs

MOST_FILES, LARGEST_FILE = 10, 20 * 1024 * 1024


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
@once
def record_talk(request: HttpRequest, pk: int) -> HttpResponse:
    """The quick form: what happened now, and the next step."""
    customer, user = seen(request, pk), signed_in_person(request)
    form = TalkForm(customer, request.POST or None, initial={"kind": request.GET.get("kind", InteractionKind.CALL)})
    if request.method == "POST" and form.is_valid():
        try:
            _record(user, customer, form, request)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Recorded."))
            return HttpResponseRedirect(return_address(request, pk))
    context = {"customer": customer, "talk": form, "back": return_address(request, pk)}
    if wanted_part(request) == "sheet":
        return page(request, "customers/talk_sheet.html", context, part="sheet")
    return page(request, "customers/talk.html", context, status=422 if request.method == "POST" else 200)


def _record(user: User, customer: Customer, form: TalkForm, request: HttpRequest) -> None:
    cleaned, now = form.cleaned_data, timezone.now()
    kept = [stored.keep(file, name=file.name or "", by=user, content_type=file.content_type or "") for file in _uploads(request)]
    done = actions.record_interaction(
        actor=user, customer=customer, kind=cleaned["kind"], at=cleaned["at"] or now, now=now, files=kept, **form.details()
    )
    if cleaned["next_on"]:
        actions.plan_interaction(
            actor=user, customer=customer, kind=InteractionKind.CALL, at=morning_of(cleaned["next_on"]), now=now, follows=done,
            summary=cleaned["next_step"],
        )  # fmt: skip


def _uploads(request: HttpRequest) -> list[Any]:
    files = request.FILES.getlist("files")
    if len(files) > MOST_FILES or any((file.size or 0) > LARGEST_FILE for file in files):
        raise ValidationError(_("At most %(count)s files of 20 MB each.") % {"count": MOST_FILES})
    return files


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
@once
def plan_talk(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user, now = seen(request, pk), signed_in_person(request), timezone.now()
    tomorrow = timezone.localtime(now).replace(hour=9, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
    form = PlanForm(request.POST or None, initial={"at": tomorrow})

    def act(cleaned: dict[str, Any]) -> None:
        actions.plan_interaction(actor=user, customer=customer, kind=cleaned["kind"], at=cleaned["at"], now=now, **form.details())

    return sheet(request, customer, form, act, title=_("Plan"), said=_("Planned."))


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def complete_talk(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned one has happened: the same form as for recording."""
    row, user = _seen(request, pk), signed_in_person(request)
    form = TalkForm(row.customer, request.POST or None, initial={"kind": row.kind, "summary": row.summary})
    if request.method == "POST" and form.is_valid():
        try:
            now = timezone.now()
            actions.complete_interaction(actor=user, interaction=row, at=form.cleaned_data["at"] or now, **form.details())
            if form.cleaned_data["next_on"]:
                actions.plan_interaction(
                    actor=user, customer=row.customer, kind=InteractionKind.CALL, at=morning_of(form.cleaned_data["next_on"]),
                    now=now, follows=row, summary=form.cleaned_data["next_step"],
                )  # fmt: skip
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Recorded."))
            return HttpResponseRedirect(return_address(request, row.customer_id))
    context = {"customer": row.customer, "talk": form, "back": return_address(request, row.customer_id), "planned": row}
    return page(request, "customers/talk.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def change_talk(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = _seen(request, pk), signed_in_person(request)
    names = ("kind", "outcome", "summary", "mood", "minutes", "direction", "purpose", "channel")
    shown: dict[str, Any] = {name: getattr(row, name) for name in names}
    form = TalkForm(
        row.customer, request.POST or None, initial={**shown, "at": timezone.localtime(row.at), "contact": row.contact_id}
    )
    for name in ("next_on", "next_step"):
        del form.fields[name]

    def act(cleaned: dict[str, Any]) -> None:
        given = {name: cleaned[name] for name in (*names[1:], "contact") if name in cleaned}
        actions.change_interaction(actor=user, interaction=row, at=cleaned["at"], kind=cleaned["kind"], **given)

    return sheet(request, row.customer, form, act, title=_("Change interaction"))


@require_POST
@needs(Permission.INTERACTION_RECORD)
def settle(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pin, unpin, cancel, resolve."""
    row, user = _seen(request, pk), signed_in_person(request)
    verbs = {
        "pin": (lambda: actions.pin_interaction(actor=user, interaction=row, pinned=True), _("Pinned.")),
        "unpin": (lambda: actions.pin_interaction(actor=user, interaction=row, pinned=False), _("No longer pinned.")),
        "cancel": (lambda: actions.cancel_interaction(actor=user, interaction=row), _("Cancelled.")),
        "resolve": (lambda: actions.resolve_problem(actor=user, interaction=row, at=timezone.now()), _("Put right.")),
    }
    if verb not in verbs:
        raise Http404
    act, said = verbs[verb]
    return press(request, row.customer_id, act, said=said)


def _seen(request: HttpRequest, pk: int) -> Interaction:
    rows = Interaction.objects.visible_to(signed_in_person(request)).select_related("customer")
    return get_object_or_404(rows, pk=pk)
