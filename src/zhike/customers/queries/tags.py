"""Which tags there are."""

from django.db import connection
from django.db.models import Q

from zhike.customers.choices import MassKind
from zhike.customers.models import Customer, MassChange

LATEST, MOST = 20, 60
OFTEN = """SELECT most_common_elems::text::text[] FROM pg_stats
    WHERE schemaname = current_schema() AND tablename = 'zhike_customer' AND attname = 'tags'"""


def is_a_tag(tag: str) -> bool:
    return Customer.objects.living().filter(Q(tags__overlap=[tag]) & ~Q(tags=[])).exists()


def known_tags() -> list[str]:
    """Those given to many at once lately, then those that the planner knows to be frequent: no look at every customer."""
    lately = MassChange.objects.filter(kind__in=[MassKind.TAG, MassKind.HOLD_BACK]).order_by("-pk")
    found: list[str] = []
    for params in lately.values_list("params", flat=True)[:LATEST]:
        found += [params["acted"], params["held"]] if "held" in params else params.get("add") or []
    with connection.cursor() as cursor:
        cursor.execute(OFTEN)
        row = cursor.fetchone()
    return list(dict.fromkeys([*found, *(sorted(row[0]) if row and row[0] else [])]))[:MOST]
