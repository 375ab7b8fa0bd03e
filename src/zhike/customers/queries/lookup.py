"""Who is calling."""

from zhike.core import normalise, search
from zhike.customers.models import Contact, Customer, Identifier
from zhike.teams.models import User

MOST = 20


def look_up_phone(user: User, text: str) -> list[Customer]:
    """Customers with this number, their contacts' and further numbers included; else those whose number contains the digits."""
    visible = Customer.objects.visible_to(user).select_related("owner")
    number = normalise.phone(text)
    if number:
        keys = set(Customer.objects.living().filter(phone=number).values_list("pk", flat=True)[:MOST])
        keys.update(Contact.objects.filter(phone=number).values_list("customer_id", flat=True)[:MOST])
        keys.update(Identifier.objects.filter(kind="phone", value=number).values_list("customer_id", flat=True)[:MOST])
        if keys:
            return list(visible.filter(pk__in=keys).order_by("-updated_at")[:MOST])
    digits = "".join(sign for sign in normalise.full_width(text) if sign.isdigit())
    wanted = search.wanted(digits) if len(digits) >= 4 else None
    return list(visible.filter(wanted.condition()).order_by("-updated_at")[:MOST]) if wanted else []
