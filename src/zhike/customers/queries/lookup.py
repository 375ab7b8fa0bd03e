"""Who is calling."""

from zhike.core import normalise, search
from zhike.customers import masking
from zhike.customers.models import Contact, Customer, Identifier
from zhike.customers.queries import in_plain
from zhike.teams.models import User

MOST = 20
LOOKED_AT = 1000


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
    if wanted is None:
        return []
    rows = visible.filter(wanted.condition()).order_by("-updated_at")
    hidden = in_plain.hidden_from(user, masking.field_classes())
    if not in_plain.tells(digits, hidden):
        return list(rows[:MOST])
    seen = in_plain.seen_in(rows.values_list("pk", flat=True)[:LOOKED_AT], digits, wanted, hidden)
    return list(visible.filter(pk__in=seen).order_by("-updated_at")[:MOST])
