"""Contacts, addresses, further identifiers, collaborators, consents and relationships of a customer."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.customer_shown import Eyes
from zhike.api.door import caller, needs
from zhike.api.paging import page
from zhike.api.references import named
from zhike.api.schemas.details import (
    AddressIn,
    AddressOut,
    AddressPatch,
    ConsentIn,
    ConsentOut,
    ContactIn,
    ContactOut,
    ContactPatch,
    IdentifierIn,
    IdentifierOut,
    RelationshipIn,
    RelationshipOut,
    ShareIn,
    ShareOut,
)
from zhike.api.schemas.pages import Page, PageQuery
from zhike.customers import actions
from zhike.customers.models import Address, Contact, Customer, Identifier, Relationship
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.queries import colleagues

router = Router(tags=["customer details"])


@router.get("/customers/{int:customer_id}/contacts", response=Page[ContactOut])
@needs(Permission.CUSTOMER_VIEW)
def list_contacts(request: HttpRequest, customer_id: int, query: Query[PageQuery]) -> Any:
    eyes = Eyes(caller(request))
    return page(
        request, _visible(request, customer_id).contacts.all(), query, shown=lambda rows: [_contact(eyes, row) for row in rows]
    )


@router.post("/customers/{int:customer_id}/contacts", response={201: ContactOut})
@needs(Permission.CUSTOMER_EDIT)
def add_contact(request: HttpRequest, customer_id: int, data: ContactIn) -> Any:
    row = actions.save_contact(actor=caller(request), customer=customer_id, **data.given())
    return Status(201, _contact(Eyes(caller(request)), row))


@router.patch("/customers/{int:customer_id}/contacts/{int:contact_id}", response=ContactOut)
@needs(Permission.CUSTOMER_EDIT)
def change_contact(request: HttpRequest, customer_id: int, contact_id: int, data: ContactPatch) -> Any:
    row = actions.save_contact(actor=caller(request), customer=customer_id, contact=contact_id, **data.given())
    return _contact(Eyes(caller(request)), row)


@router.delete("/contacts/{int:contact_id}", response={204: None})
@needs(Permission.CUSTOMER_EDIT)
def delete_contact(request: HttpRequest, contact_id: int) -> Any:
    actions.delete_contact(actor=caller(request), contact=contact_id)
    return Status(204, None)


@router.get("/customers/{int:customer_id}/addresses", response=Page[AddressOut])
@needs(Permission.CUSTOMER_VIEW)
def list_addresses(request: HttpRequest, customer_id: int, query: Query[PageQuery]) -> Any:
    eyes = Eyes(caller(request))
    rows = _visible(request, customer_id).addresses.all()
    return page(request, rows, query, shown=lambda found: [_address(eyes, row) for row in found])


@router.post("/customers/{int:customer_id}/addresses", response={201: AddressOut})
@needs(Permission.CUSTOMER_EDIT)
def add_address(request: HttpRequest, customer_id: int, data: AddressIn) -> Any:
    row = actions.save_address(actor=caller(request), customer=customer_id, **data.given())
    return Status(201, _address(Eyes(caller(request)), row))


@router.patch("/customers/{int:customer_id}/addresses/{int:address_id}", response=AddressOut)
@needs(Permission.CUSTOMER_EDIT)
def change_address(request: HttpRequest, customer_id: int, address_id: int, data: AddressPatch) -> Any:
    row = actions.save_address(actor=caller(request), customer=customer_id, address=address_id, **data.given())
    return _address(Eyes(caller(request)), row)


@router.delete("/addresses/{int:address_id}", response={204: None})
@needs(Permission.CUSTOMER_EDIT)
def delete_address(request: HttpRequest, address_id: int) -> Any:
    actions.delete_address(actor=caller(request), address=address_id)
    return Status(204, None)


@router.get("/customers/{int:customer_id}/identifiers", response=Page[IdentifierOut])
@needs(Permission.CUSTOMER_VIEW)
def list_identifiers(request: HttpRequest, customer_id: int, query: Query[PageQuery]) -> Any:
    """Further phones, e-mails, plates."""
    eyes = Eyes(caller(request))
    rows = _visible(request, customer_id).identifiers.all()
    return page(request, rows, query, shown=lambda found: [_identifier(eyes, row) for row in found])


@router.post("/customers/{int:customer_id}/identifiers", response={201: IdentifierOut})
@needs(Permission.CUSTOMER_EDIT)
def add_identifier(request: HttpRequest, customer_id: int, data: IdentifierIn) -> Any:
    row = actions.add_identifier(actor=caller(request), customer=customer_id, kind=data.kind, value=data.value)
    return Status(201, _identifier(Eyes(caller(request)), row))


@router.delete("/identifiers/{int:identifier_id}", response={204: None})
@needs(Permission.CUSTOMER_EDIT)
def delete_identifier(request: HttpRequest, identifier_id: int) -> Any:
    actions.delete_identifier(actor=caller(request), identifier=identifier_id)
    return Status(204, None)


@router.get("/customers/{int:customer_id}/shares", response=Page[ShareOut])
@needs(Permission.CUSTOMER_VIEW)
def list_shares(request: HttpRequest, customer_id: int, query: Query[PageQuery]) -> Any:
    """Collaborators outside the scope."""
    return page(request, _visible(request, customer_id).shares.select_related("user"), query)


@router.post("/customers/{int:customer_id}/shares", response={201: ShareOut})
@needs(Permission.CUSTOMER_EDIT)
def share_customer(request: HttpRequest, customer_id: int, data: ShareIn) -> Any:
    """Lets a colleague see, or also change, this customer; again with the same colleague changes that."""
    user = named(colleagues(), data.user, "user")
    assert user is not None
    return Status(201, actions.share_customer(actor=caller(request), customer=customer_id, user=user, can_edit=data.can_edit))


@router.delete("/customers/{int:customer_id}/shares/{int:user_id}", response={204: None})
@needs(Permission.CUSTOMER_EDIT)
def unshare_customer(request: HttpRequest, customer_id: int, user_id: int) -> Any:
    actions.unshare_customer(actor=caller(request), customer=customer_id, user=User.objects.get(pk=user_id))
    return Status(204, None)


@router.get("/customers/{int:customer_id}/consents", response=Page[ConsentOut])
@needs(Permission.CUSTOMER_VIEW)
def list_consents(request: HttpRequest, customer_id: int, query: Query[PageQuery]) -> Any:
    """The newest line for a purpose and channel counts."""
    return page(request, _visible(request, customer_id).consents.all(), query, sort="-at")


@router.post("/customers/{int:customer_id}/consents", response={201: ConsentOut})
@needs(Permission.CUSTOMER_EDIT)
def record_consent(request: HttpRequest, customer_id: int, data: ConsentIn) -> Any:
    given = data.model_dump() | {"at": data.at or timezone.now()}
    return Status(201, actions.record_consent(actor=caller(request), customer=customer_id, **given))


@router.get("/customers/{int:customer_id}/relationships", response=Page[RelationshipOut])
@needs(Permission.CUSTOMER_VIEW)
def list_relationships(request: HttpRequest, customer_id: int, query: Query[PageQuery]) -> Any:
    """In both directions; those with customers whom the caller may not see are left out."""
    row, seen = _visible(request, customer_id), Customer.objects.visible_to(caller(request)).values("pk")
    rows = Relationship.objects.filter(Q(customer=row, other__in=seen) | Q(other=row, customer__in=seen))
    return page(request, rows.select_related("customer", "other"), query)


@router.post("/customers/{int:customer_id}/relationships", response={201: RelationshipOut})
@needs(Permission.CUSTOMER_EDIT)
def relate(request: HttpRequest, customer_id: int, data: RelationshipIn) -> Any:
    user = caller(request)
    other = named(Customer.objects.visible_to(user), data.other, "other")
    assert other is not None
    return Status(201, actions.relate(actor=user, customer=customer_id, other=other, kind=data.kind, note=data.note))


@router.delete("/relationships/{int:relationship_id}", response={204: None})
@needs(Permission.CUSTOMER_EDIT)
def unrelate(request: HttpRequest, relationship_id: int) -> Any:
    actions.unrelate(actor=caller(request), relationship=relationship_id)
    return Status(204, None)


def _visible(request: HttpRequest, customer_id: int) -> Customer:
    return Customer.objects.visible_to(caller(request)).get(pk=customer_id)


def _contact(eyes: Eyes, row: Contact) -> dict[str, Any]:
    born = row.birthday.isoformat() if row.birthday else None
    return {
        "id": row.pk, "name": row.name, "position": row.position, "is_main": row.is_main, "note": eyes.value("note", row.note),
        "phone": eyes.value("phone", row.phone), "email": eyes.value("email", row.email),
        "wechat": eyes.value("wechat", row.wechat), "birthday": eyes.value("birthday", born),
    }  # fmt: skip


def _address(eyes: Eyes, row: Address) -> dict[str, Any]:
    return {
        "id": row.pk, "label": row.label, "region": eyes.value("region", row.region), "detail": eyes.value("address", row.detail),
        "is_main": row.is_main,
    }  # fmt: skip


def _identifier(eyes: Eyes, row: Identifier) -> dict[str, Any]:
    return {"id": row.pk, "kind": row.kind, "value": eyes.value(row.kind, row.value)}
