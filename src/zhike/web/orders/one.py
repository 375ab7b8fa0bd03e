"""The page of an order: its lines, what came back, what it earned."""

from decimal import Decimal, InvalidOperation

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.sales import actions, rules
from zhike.sales.choices import OrderKind
from zhike.sales.models import Order
from zhike.sales.queries import order_with_lines
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.web.layout import record_address
from zhike.web.once import once
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.rights import needs


@require_GET
@needs(Permission.ORDER_VIEW)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    found = get_object_or_404(order_with_lines(actor), pk=pk)
    returned = [one.amount for one in found.returned_by.all()]
    is_sale = found.kind == OrderKind.SALE
    context = {
        "order": found,
        "margin": rules.margin(found.amount, found.cost),
        "may_edit": rights_of(actor).allows(Permission.ORDER_EDIT),
        "rest": rules.still_returnable(found.amount, returned) if is_sale else Decimal(0),
        "late": found.days_late(timezone.localdate()),
        "customer_url": record_address("customer") % found.customer_id,
    }
    return page(request, "orders/order.html", context, part=wanted_part(request))


@require_POST
@needs(Permission.ORDER_EDIT)
@once
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """All of it, or the amount given."""
    actor = signed_in_person(request)
    get_object_or_404(Order.objects.visible_to(actor), pk=pk)
    text = request.POST.get("amount", "").strip().replace(",", "")
    try:
        amount = Decimal(text) if text else None
        returned = actions.record_return(
            actor=actor, order=pk, returned_at=timezone.now(), amount=amount, note=request.POST.get("note", "")[:200]
        )
    except InvalidOperation:
        say(request, _("This is not an amount."), tone="bad")
        return HttpResponseRedirect(reverse("order", args=[pk]))
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("order", args=[pk]))
    say(request, _("The return is entered."))
    return HttpResponseRedirect(reverse("order", args=[returned.pk]))


@require_POST
@needs(Permission.ORDER_EDIT)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    get_object_or_404(Order.objects.visible_to(actor), pk=pk)
    try:
        actions.delete_order(actor=actor, order=pk)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("order", args=[pk]))
    say(request, _("The order is deleted."), url=reverse("order-restore", args=[pk]), label=_("Undo"), posts=True)
    return HttpResponseRedirect(reverse("orders"))


@require_POST
@needs(Permission.ORDER_EDIT)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.restore_order(actor=signed_in_person(request), order=pk)
    except ObjectDoesNotExist as problem:
        raise Http404 from problem
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("orders-deleted"))
    say(request, _("The order is back."))
    return HttpResponseRedirect(reverse("order", args=[pk]))
