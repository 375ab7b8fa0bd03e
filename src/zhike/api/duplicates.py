"""The review queue of likely duplicates, merging and taking that back."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.customer_shown import Eyes
from zhike.api.customers import _written
from zhike.api.door import caller, needs
from zhike.api.paging import page
from zhike.api.schemas.customers import CustomerOut
from zhike.api.schemas.duplicates import MergeIn, MergeOut, PairOut, SearchOut
from zhike.api.schemas.pages import Page, PageQuery
from zhike.customers import actions
from zhike.customers.models import Customer, DuplicatePair, DuplicateSearch, Merge
from zhike.customers.queries.duplicates import open_pairs
from zhike.teams.choices import Permission

router = Router(tags=["duplicates"])


@router.get("/duplicates", response=Page[PairOut])
@needs(Permission.CUSTOMER_MERGE)
def list_duplicates(request: HttpRequest, query: Query[PageQuery]) -> Any:
    eyes = Eyes(caller(request))

    def shown(pairs: Sequence[DuplicatePair]) -> list[dict[str, Any]]:
        return [
            {
                "id": pair.pk, "reasons": pair.reasons, "against": pair.against, "probability": pair.probability,
                "found_at": pair.found_at, "first": eyes.customer(pair.first), "second": eyes.customer(pair.second),
            }
            for pair in pairs
        ]  # fmt: skip

    return page(request, open_pairs(eyes.user), query, sort="-found_at", shown=shown)


@router.post("/duplicates/searches", response={202: SearchOut})
@needs(Permission.CUSTOMER_MERGE)
def request_duplicate_search(request: HttpRequest) -> Any:
    """Compares all customers with each other in the background; likely pairs come into the queue."""
    return Status(202, actions.request_duplicate_search(actor=caller(request)))


@router.get("/duplicates/searches", response=Page[SearchOut])
@needs(Permission.CUSTOMER_MERGE)
def list_duplicate_searches(request: HttpRequest, query: Query[PageQuery]) -> Any:
    return page(request, DuplicateSearch.objects.all(), query)


@router.post("/duplicates/{int:pair_id}/keep-apart", response={204: None})
@needs(Permission.CUSTOMER_MERGE)
def keep_apart(request: HttpRequest, pair_id: int) -> Any:
    """They are not the same; the pair is never proposed again."""
    actions.keep_apart(actor=caller(request), pair=pair_id, at=timezone.now())
    return Status(204, None)


@router.post("/merges", response={201: MergeOut})
@needs(Permission.CUSTOMER_MERGE)
def merge_customers(request: HttpRequest, data: MergeIn) -> Any:
    """Everything that hangs on the one that goes moves to the one that is kept."""
    merge = actions.merge_customers(
        actor=caller(request), kept=data.kept, gone=data.gone, at=timezone.now(), choice=data.choice, versions=data.versions
    )
    return Status(201, merge)


@router.get("/merges", response=Page[MergeOut])
@needs(Permission.CUSTOMER_MERGE)
def list_merges(request: HttpRequest, query: Query[PageQuery]) -> Any:
    visible = Customer.objects.visible_to(caller(request))
    return page(request, Merge.objects.filter(kept__in=visible).select_related("kept", "gone", "merged_by"), query)


@router.post("/merges/{int:merge_id}/undo", response=CustomerOut)
@needs(Permission.CUSTOMER_MERGE)
def unmerge(request: HttpRequest, merge_id: int) -> Any:
    """Brings the gone customer back with all that moved."""
    return _written(request, actions.unmerge(actor=caller(request), merge=merge_id, at=timezone.now()))
