"""Credit of one customer: how they stand, what was decided, asking for more; and all requests that wait."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.customers.models import Customer
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.analyses.credit.kind import paid_in_words, steps_in_words
from zhike.value.choices import CreditState
from zhike.value.credit import GRADES
from zhike.web.once import once
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.value.room import room

SHOWN = 50


class AskForm(forms.Form):
    grade = forms.ChoiceField(
        label=gettext_lazy("Grade"), required=False, choices=[("", gettext_lazy("as rated")), *((one, one) for one in GRADES)]
    )
    limit = forms.DecimalField(label=gettext_lazy("Limit, ¥"), required=False, min_value=0, max_digits=14, decimal_places=2)
    terms = forms.IntegerField(label=gettext_lazy("Days to pay"), required=False, min_value=0, max_value=365)
    guarantee = forms.DecimalField(
        label=gettext_lazy("Guaranteed, ¥"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


@require_GET
@needs(Permission.VALUE_VIEW)
def decisions(request: HttpRequest) -> HttpResponse:
    """What waits first, then the latest; only of customers that one may see."""
    rows = _cleared(request)
    context = {
        "waiting": list(rows.filter(state=CreditState.ASKED)[:SHOWN]),
        "done": list(rows.exclude(state=CreditState.ASKED)[:SHOWN]),
        "kinds": [],
        "may_decide": _may_decide(request),
    }
    return room(request, "credit_decisions.html", context, queries.current_run())


@require_http_methods(["GET", "POST"])
@needs(Permission.VALUE_VIEW)
@once
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """A POST asks for something else than the rules give, or grants it where the asker may."""
    user, rows = signed_in_person(request), _cleared(request)
    found = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.ask_credit(actor=user, customer=pk, at=timezone.now(), **_wanted(form))
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            said = (
                _("In force from now on.")
                if made.state == CreditState.APPROVED
                else _("Asked. You are told when somebody has decided.")
            )
            say(request, said)
            return HttpResponseRedirect(reverse("value-credit-customer", args=[pk]))
    standing = queries.standing_of(user, pk, timezone.localdate())
    assert standing is not None
    history = list(rows.filter(customer=pk)[:SHOWN])
    may_ask = rights_of(user).allows(Permission.CUSTOMER_EDIT) and Customer.objects.editable_by(user).filter(pk=pk).exists()
    context = {
        "customer": found,
        "standing": standing,
        "form": form,
        "history": [one for one in history if one.state != CreditState.ASKED],
        "waiting": [one for one in history if one.state == CreditState.ASKED],
        "may_decide": _may_decide(request),
        "may_ask": may_ask,
        "said": in_words(standing),
        "steps": steps_in_words(list(standing.steps)),
        "orders": rights_of(user).allows(Permission.ORDER_VIEW),
    }
    return room(request, "credit_customer.html", context, queries.current_run(), 422 if form.errors else 200)


@require_POST
@needs(Permission.CREDIT_APPROVE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """`do`: approve, refuse, or end one in force."""
    user, now, asked = signed_in_person(request), timezone.now(), request.POST.get("do", "")
    row = get_object_or_404(queries.credit_decisions(user), pk=pk)
    try:
        if asked == "end":
            actions.end_credit(actor=user, decision=pk, at=now)
        else:
            answer = request.POST.get("answer", "")
            actions.decide_credit(actor=user, decision=pk, approve=asked == "approve", answer=answer, at=now)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    else:
        say(request, _("Decided."))
    return HttpResponseRedirect(reverse("value-credit-customer", args=[row.customer_id]))


def in_words(standing: Any) -> str:
    """“Credit B: all 12 orders due in the last year were paid in time; limit 20,000, 30 days.”"""
    if not standing.grade:
        return _("Not rated: nothing is known of orders on account.")
    paid = paid_in_words(standing.finding.detail) if standing.finding else _("no payments known")
    told = {"grade": standing.grade, "paid": paid, "limit": f"{standing.limit:,.0f}", "terms": standing.terms}
    return _("Credit %(grade)s: %(paid)s; limit %(limit)s, %(terms)s days.") % told


def _cleared(request: HttpRequest) -> Any:
    user = signed_in_person(request)
    if not queries.may_see_credit(user):
        raise Http404
    return queries.credit_decisions(user)


def _may_decide(request: HttpRequest) -> bool:
    return rights_of(signed_in_person(request)).allows(Permission.CREDIT_APPROVE)


def _wanted(form: forms.Form) -> dict[str, Any]:
    return form.cleaned_data | {"guarantee": form.cleaned_data["guarantee"] or Decimal(0)}
