"""What is known of a customer, what happened with them, who is calling; undoing, revealing, confirming, exporting."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from ninja import Query, Router

from zhike.api.customer_shown import Eyes
from zhike.api.customers import _written
from zhike.api.door import caller, costly, needs, without_key
from zhike.api.events import event_facts
from zhike.api.problems import bad_field
from zhike.api.schemas.customers import (
    ConfirmIn,
    CustomerOut,
    ExportQuery,
    LookUpOut,
    LookUpQuery,
    MatchesOut,
    MatchIn,
    RevealIn,
    RevealOut,
)
from zhike.api.schemas.details import (
    CompletenessOut,
    CompletenessTrendOut,
    CompletenessTrendQuery,
    TimelineOut,
    TimelineQuery,
    UndoIn,
)
from zhike.api.schemas.exports import ExportRequestOut
from zhike.api.sheets import leave
from zhike.customers import actions, queries
from zhike.customers.models import Customer
from zhike.customers.queries.completeness import definitions, trend
from zhike.customers.rules.completeness import month_ends
from zhike.teams.choices import Permission

router = Router(tags=["customer knowledge"])


@router.get("/customers/{int:customer_id}/timeline", response=TimelineOut)
@needs(Permission.CUSTOMER_VIEW)
def read_timeline(request: HttpRequest, customer_id: int, query: Query[TimelineQuery]) -> Any:
    """Everything that happened, newest first. Planned interactions are not part of it."""
    user = caller(request)
    customer = Customer.objects.visible_to(user).get(pk=customer_id)
    before = queries.Cursor.parse(query.before) if query.before else None
    if query.before and before is None:
        raise bad_field("before", _("This cursor does not belong to this list; begin without one."))
    events, following = queries.timeline(user, customer, before=before, kinds=query.kind, limit=query.limit)
    eyes = Eyes(user)
    items = [{"at": one.at, "kind": one.kind, "id": one.key, "facts": event_facts(eyes, one)} for one in events]
    return {"items": items, "next": str(following) if following else None}


@router.get("/customers/completeness", response=CompletenessTrendOut)
@needs(Permission.CUSTOMER_VIEW)
def read_completeness_trend(request: HttpRequest, query: Query[CompletenessTrendQuery]) -> Any:
    """Known share of what is worth knowing, per department or owner, at the ends of months and today."""
    days = month_ends(timezone.localdate(), query.months)
    found = trend(Customer.objects.visible_to(caller(request)), by=query.by, until=days)
    rows = [{"id": row.key, "name": row.name, "customers": row.customers, "shares": row.shares} for row in found.rows]
    whole = {"id": None, "name": None, "customers": found.customers, "shares": found.everybody}
    return {"by": query.by, "days": days, "looked_at": found.looked_at, "everybody": whole, "groups": rows}


@router.get("/customers/{int:customer_id}/completeness", response=CompletenessOut)
@needs(Permission.CUSTOMER_VIEW)
def read_completeness(request: HttpRequest, customer_id: int) -> Any:
    """How much of what is worth knowing is known, by ring, and what to ask next."""
    customer, fields = Customer.objects.visible_to(caller(request)).get(pk=customer_id), definitions()
    shares = {ring: vars(share) | {"ratio": share.ratio} for ring, share in queries.completeness(customer, fields).items()}
    asked = queries.next_questions(customer, today=timezone.localdate(), fields=fields)
    language = get_language() or "zh-hans"
    questions = [{"field": one.code, "label": one.label(language), "question": one.question(language)} for one in asked]
    return {"whole": shares.pop(""), "rings": shares, "next_questions": questions}


@router.post("/customers/{int:customer_id}/confirm", response=CustomerOut)
@needs(Permission.CUSTOMER_EDIT)
def confirm_facts(request: HttpRequest, customer_id: int, data: ConfirmIn) -> Any:
    """The customer said that these are still right."""
    changed = actions.confirm_facts(actor=caller(request), customer=customer_id, codes=data.fields, at=timezone.now())
    return _written(request, changed)


@router.post("/customers/undo", response=CustomerOut)
@needs(Permission.CUSTOMER_EDIT)
def undo_change(request: HttpRequest, data: UndoIn) -> Any:
    """Puts back what one change of a customer replaced, if nothing has changed it again."""
    return _written(request, actions.undo_change(actor=caller(request), entry=data.entry, at=timezone.now()))


@router.post("/customers/{int:customer_id}/reveal", response=RevealOut)
@needs(Permission.CUSTOMER_REVEAL)
@costly
@without_key
def reveal_field(request: HttpRequest, customer_id: int, data: RevealIn) -> Any:
    """The plain value of a masked field; who, what and why go into the audit trail. Limited a person and day."""
    value = actions.reveal_field(
        actor=caller(request), customer=customer_id, code=data.field, reason=data.reason, at=timezone.now()
    )
    return {"value": value}


@router.get("/customers/look-up", response=LookUpOut)
@needs(Permission.CUSTOMER_VIEW)
@costly
def look_up_phone(request: HttpRequest, query: Query[LookUpQuery]) -> Any:
    """Who is calling: the customers with this number, their contacts' and further numbers included."""
    user = caller(request)
    return {"items": Eyes(user).customers(queries.look_up_phone(user, query.phone))}


@router.post("/customers/matches", response=MatchesOut)
@needs(Permission.CUSTOMER_VIEW)
@without_key
def find_matches(request: HttpRequest, data: MatchIn) -> Any:
    """Customers that may be the one about to be created. Changes nothing."""
    user = caller(request)
    matches, eyes = queries.find_matches(user, data.model_dump()), Eyes(user)
    items = [{"customer": eyes.customer(one.customer), "reasons": sorted(one.reasons)} for one in matches.seen]
    return {"items": items, "exists_elsewhere": matches.exists_elsewhere}


@router.post("/customers/export", response={200: None, 202: ExportRequestOut})
@needs(Permission.CUSTOMER_EXPORT)
@costly
@without_key
def export_customers(request: HttpRequest, query: Query[ExportQuery]) -> Any:
    """What the filters leave, as a file that cannot run as a formula. Written to the audit trail before the first row goes out.

    More than 5,000 rows are made in the background (202): ask for `/exports/{id}` until its `file_state` is `ready`, then for its
    `/file`. More rows than the company lets a person take along are refused with `approval_needed`. With a `reason` they are asked
    for (202, with the `state` `waiting`); once that is approved, send the same filters with its id as `approval`.
    """
    return leave(request, "api-customers", query)
