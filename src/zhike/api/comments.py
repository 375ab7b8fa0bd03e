"""What colleagues say to each other about a customer."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.paging import filtered, page
from zhike.api.schemas.details import ColleagueOut, CommentDone, CommentIn, CommentOut, CommentPatch, CommentQuery, MentionQuery
from zhike.api.schemas.pages import Page
from zhike.customers import actions
from zhike.customers.actions.comments import Commented
from zhike.customers.models import Customer
from zhike.customers.queries.comments import comments_visible_to, mentionable
from zhike.teams.choices import Permission

router = Router(tags=["comments"])


@router.get("/customers/{int:customer_id}/comments", response=Page[CommentOut])
@needs(Permission.CUSTOMER_VIEW)
def list_comments(request: HttpRequest, customer_id: int, query: Query[CommentQuery]) -> Any:
    """On the record (`on` is empty) and on the entries of its timeline."""
    user = caller(request)
    rows = comments_visible_to(user).filter(customer=Customer.objects.visible_to(user).get(pk=customer_id), deleted_at=None)
    return page(request, filtered(rows.select_related("by"), query, {"on": "on", "on_id": "on_id"}), query, sort=query.sort)


@router.get("/customers/{int:customer_id}/mentionable", response=list[ColleagueOut])
@needs(Permission.INTERACTION_RECORD)
def list_mentionable(request: HttpRequest, customer_id: int, query: Query[MentionQuery]) -> Any:
    """Colleagues who may be told of a comment: write `@` and the `handle` into its text."""
    user = caller(request)
    customer = Customer.objects.visible_to(user).get(pk=customer_id)
    found = mentionable(user, customer, query.q, query.on, most=50)
    return [{"id": one.person.pk, "name": one.person.name, "handle": one.handle} for one in found]


@router.post("/customers/{int:customer_id}/comments", response={201: CommentDone})
@needs(Permission.INTERACTION_RECORD)
def add_comment(request: HttpRequest, customer_id: int, data: CommentIn) -> Any:
    """Who is named by `@` gets a notice, if they may see the customer; `untold` are the others."""
    user = caller(request)
    customer = Customer.objects.visible_to(user).get(pk=customer_id)
    done = actions.add_comment(actor=user, customer=customer, at=timezone.now(), **data.given())
    return Status(201, _done(done))


@router.patch("/comments/{int:comment_id}", response=CommentDone)
@needs(Permission.INTERACTION_RECORD)
def change_comment(request: HttpRequest, comment_id: int, data: CommentPatch) -> Any:
    """One's own."""
    return _done(actions.change_comment(actor=caller(request), comment=comment_id, text=data.text, at=timezone.now()))


@router.delete("/comments/{int:comment_id}", response={204: None})
@needs(Permission.INTERACTION_RECORD)
def delete_comment(request: HttpRequest, comment_id: int) -> Any:
    """One's own; it can be restored."""
    actions.delete_comment(actor=caller(request), comment=comment_id, at=timezone.now())
    return Status(204, None)


@router.post("/comments/{int:comment_id}/restore", response=CommentOut)
@needs(Permission.INTERACTION_RECORD)
def restore_comment(request: HttpRequest, comment_id: int) -> Any:
    return actions.restore_comment(actor=caller(request), comment=comment_id)


def _done(done: Commented) -> dict[str, Any]:
    return {"comment": done.comment, "untold": done.untold}
