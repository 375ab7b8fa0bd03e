"""A control group: customers of whom a part, drawn by lot, is left alone, so that it can be seen later what an action brought."""

import datetime
import random
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.customers import tagging
from zhike.customers.actions.many import ManyChanged
from zhike.customers.models import Customer
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

LEAST, MOST = 1, 50  # per cent held back


@dataclass(frozen=True)
class Draw:
    """The tags of those to be acted on and of those held back; the same seed draws the same customers."""

    acted: str
    held: str
    per_cent: int
    seed: int


@transaction.atomic
def hold_back(*, actor: User, customers: list[int], draw: Draw, at: datetime.datetime, is_first: bool = True) -> ManyChanged:
    """Tags these customers as to be acted on, but for the part drawn by lot, which is tagged as held back. Refused when one of the
    tags is in use: an action must be told from earlier ones. `is_first`: nobody has been drawn yet."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    acted, held = _tags_of(draw)
    if is_first and Customer.objects.living().filter(Q(tags__overlap=[acted, held]) & ~Q(tags=[])).exists():
        raise ValidationError({"acted": [_("Customers have one of these tags already: give each action tags of its own.")]})
    rows = tagging.rows_of(actor, customers)
    left = _drawn([key for key, _name, _tags in rows], draw)
    note = _("Control group of %(share)s%%, drawn by lot with the number %(seed)s") % {"share": draw.per_cent, "seed": draw.seed}
    return tagging.write(actor, [(*row, tagging.joined(row[2], [held if row[0] in left else acted], [])) for row in rows], at, note)


def _tags_of(draw: Draw) -> tuple[str, str]:
    wrong: dict[str, list[Any]] = {}
    tags = {name: "".join(tagging.checked([getattr(draw, name)], name)) for name in ("acted", "held")}
    wrong |= {name: [_("Name a tag.")] for name, tag in tags.items() if not tag}
    if not wrong and tags["acted"] == tags["held"]:
        wrong["held"] = [_("The two groups need different tags.")]
    if not LEAST <= draw.per_cent <= MOST:
        wrong["per_cent"] = [_("Must be from %(low)s to %(high)s.") % {"low": LEAST, "high": MOST}]
    if wrong:
        raise ValidationError(wrong)
    return tags["acted"], tags["held"]


def _drawn(keys: list[int], draw: Draw) -> set[int]:
    """The share of them, to the nearest whole customer by lot; of two or more at least one, and never all."""
    if not keys:
        return set()
    lot = random.Random(f"{draw.seed}:{keys[0]}")  # noqa: S311  no secret: the draw is to be repeated
    count = int(len(keys) * draw.per_cent / 100 + lot.random())
    if len(keys) > 1:
        count = min(max(count, 1), len(keys) - 1)
    return set(lot.sample(keys, count))
