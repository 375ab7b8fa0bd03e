"""Who is calling, and choosing a customer for a form."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from zhike.core import normalise
from zhike.customers import masking, queries
from zhike.customers.models import Customer
from zhike.customers.queries.in_plain import hidden_from
from zhike.teams.choices import Permission
from zhike.value.queries.customer_list import matching
from zhike.web.pages import page, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

MOST = 10


@require_safe
@needs(Permission.CUSTOMER_VIEW)
def look_up(request: HttpRequest) -> HttpResponse:
    """`/lookup/?phone=…`: straight to the one customer with this number, else a choice, else a new customer with it."""
    user, text = signed_in_person(request), request.GET.get("phone", "").strip()[:40]
    found = queries.look_up_phone(user, text) if text else []
    if len(found) == 1:
        return HttpResponseRedirect(reverse("customer", args=[found[0].pk]))
    new = f"{reverse('customer-new')}?{urlencode({'phone': text})}" if normalise.phone(text) else ""
    field_class = masking.class_of(masking.field_classes(), "phone")
    rows = [(one, masking.shown(user, field_class, "phone", one.phone)) for one in found]
    return page(request, "customers/lookup.html", {"rows": rows, "text": text, "new": new})


@require_safe
@needs(Permission.CUSTOMER_VIEW)
def pick(request: HttpRequest) -> HttpResponse:
    """Radio buttons for a form: customers by name, pinyin, phone or number. `name`: the field; `link`: addresses instead."""
    user, text = signed_in_person(request), request.GET.get("q", "").strip()[:60]
    classes = masking.field_classes()
    rows = matching(Customer.objects.visible_to(user), text, hidden_from(user, classes))[0] if text else Customer.objects.none()
    but = request.GET.get("but", "")
    if but.isascii() and but.isdigit():
        rows = rows.exclude(pk=int(but))
    found = list(rows.select_related("owner").order_by("-updated_at", "-pk")[:MOST])
    field_class = masking.class_of(classes, "phone")
    shown = [(one, masking.shown(user, field_class, "phone", one.phone)) for one in found]
    context = {"rows": shown, "text": text, "merge_with": but if request.GET.get("link") == "merge" else ""}
    return page(request, "customers/pick.html", context, part=wanted_part(request) or "pick")
