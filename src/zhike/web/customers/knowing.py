"""Facts of the profile: filling one in place, confirming, revealing, undoing."""

from functools import partial

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.models import FieldDefinition
from zhike.teams.choices import Permission
from zhike.web.customers import words
from zhike.web.customers.customer_form import one_field
from zhike.web.customers.forms import RevealForm
from zhike.web.customers.in_place import WAS, mark, refuse_hidden, save
from zhike.web.customers.sheets import press, return_address, seen, sheet
from zhike.web.pages import page
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def fact(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One field, filled where it stands: the block `fact` of this page is swapped in; without script it is a page."""
    customer, user = seen(request, pk), signed_in_person(request)
    definition = FieldDefinition.objects.filter(code=code, is_active=True).first()
    if definition is None:
        raise Http404
    refuse_hidden(user, customer, code)
    form = forms.Form(request.POST or None)
    form.fields[code] = one_field(user, definition, customer)
    form.fields[code].help_text = ""
    form.fields[code].label = definition.question(get_language() or "zh-hans") or definition.label(get_language() or "zh-hans")
    if code == "birthday":
        form.fields["birthday_is_lunar"] = forms.BooleanField(
            label=_("Lunar birthday"), required=False, initial=customer.birthday_is_lunar
        )

    def act(cleaned: dict[str, object]) -> None:
        save(user, customer, code, cleaned, request.POST.get(WAS, mark(customer, code)))

    if not request.headers.get("X-Part"):
        return sheet(request, customer, form, act, title=definition.label(get_language() or "zh-hans"), tab="profile")
    context = {"customer": customer, "code": code, "form": form, "fact": None, "may_edit": True, "was": mark(customer, code)}
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            fresh = seen(request, pk)
            [known] = words.facts(user, fresh, [definition], timezone.localdate())
            return page(request, "customers/fact.html", context | {"fact": known, "customer": fresh}, part="fact")
    return page(request, "customers/fact.html", context, part="fact", status=422 if request.method == "POST" else 200)


@require_POST
@needs(Permission.CUSTOMER_EDIT)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The named facts are still right."""
    customer, user = seen(request, pk), signed_in_person(request)
    codes = request.POST.getlist("code")
    act = partial(actions.confirm_facts, actor=user, customer=customer, codes=codes, at=timezone.now())
    return press(request, pk, act, said=_("Confirmed."), tab="profile")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_REVEAL)
def reveal(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Asks why, then shows the value once, on this page only."""
    customer, user = seen(request, pk), signed_in_person(request)
    form, shown = RevealForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            shown = actions.reveal_field(actor=user, customer=customer, code=code, reason=reason, at=timezone.now())
        except ValidationError as problem:
            show_problem(form, problem)
    context = {"customer": customer, "form": form, "shown": shown, "back": return_address(request, pk)}
    return page(request, "customers/reveal.html", context, status=422 if request.method == "POST" and not shown else 200)


@require_POST
@needs(Permission.CUSTOMER_EDIT)
def undo(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    if not AuditEntry.objects.filter(pk=entry, object_type="customer", object_id=customer.pk).exists():
        raise Http404
    act = partial(actions.undo_change, actor=user, entry=entry, at=timezone.now())
    return press(request, pk, act, said=_("Undone."), tab="history")
