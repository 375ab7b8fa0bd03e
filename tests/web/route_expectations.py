"""Who may use each route. A route that is not here fails `test_route_rights.py`: add its line.

    "customers/<int:pk>/": needs(CUSTOMER_VIEW, of="customer")

says: signed in, with this permission (else 403), and only for a customer one may see (else 404). The parts:

- `PUBLIC`: before signing in. `OWN`: for everybody signed in, about themselves or nothing in particular.
- `needs(permission, …)`: with one of these permissions. `everywhere=True`: only with the scope "all".
- `of=`: the kind of record in the address, a key of `hidden_records` in `test_route_rights.py`; somebody else's must be a 404.
- `only=`: the methods that the line is about, when others of the same route need something else: give several in a tuple.
"""

from dataclasses import dataclass

from zhike.teams.choices import Permission

P = Permission

ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Expectation:
    public: bool = False
    permissions: tuple[P, ...] = ()
    everywhere: bool = False
    of: str = ""
    is_own: bool = False
    only: tuple[str, ...] = ALL_METHODS


PUBLIC = Expectation(public=True)
OWN = Expectation()


def own(of: str) -> Expectation:
    """About a record of one's own: somebody else's is a 404 whatever one may."""
    return Expectation(of=of, is_own=True)


def seen(of: str) -> Expectation:
    """For who may see that record."""
    return Expectation(of=of)


def needs(*permissions: P, everywhere: bool = False, of: str = "", only: tuple[str, ...] = ALL_METHODS) -> Expectation:
    return Expectation(permissions=permissions, everywhere=everywhere, of=of, only=only)


PEOPLE = needs(P.PEOPLE_EDIT)
ONE_PERSON = needs(P.PEOPLE_EDIT, of="person")
PEOPLE_EVERYWHERE = needs(P.PEOPLE_EDIT, everywhere=True)
SETTINGS = needs(P.SETTINGS_EDIT, everywhere=True)
BACKUP = needs(P.BACKUP_RUN, everywhere=True)

EDITS = needs(P.CUSTOMER_EDIT, of="customer")
RECORDS = needs(P.INTERACTION_RECORD, of="customer")
MERGES = needs(P.CUSTOMER_MERGE, of="customer")
TALKS = needs(P.INTERACTION_RECORD, of="interaction")

VALUE = needs(P.VALUE_VIEW)

ROUTES: dict[str, Expectation | tuple[Expectation, ...]] = {
    # the frame
    "health": PUBLIC,
    "manifest.webmanifest": PUBLIC,
    "worker.js": PUBLIC,
    "lost/": PUBLIC,
    "design": OWN,
    "design/chart": OWN,
    "lists/<slug:name>/bulk": OWN,  # each list asks for its own right, see tests/web/lists
    "lists/<slug:name>/export": OWN,
    "lists/<slug:name>/views": OWN,
    "lists/<slug:name>/views/<int:pk>/delete": own("view"),
    "": OWN,
    "exports/": OWN,  # one's own requests; everybody's for who may approve
    "exports/<int:pk>/": own("export"),
    "exports/<int:pk>/cancel/": own("export"),
    "exports/<int:pk>/decide/": needs(P.EXPORT_APPROVE, everywhere=True),
    "exports/<int:pk>/file/": own("export"),
    "help/": PUBLIC,
    "help/<slug:name>/": PUBLIC,
    "help/images/<str:name>": PUBLIC,
    "notices/": OWN,
    "notices/read": OWN,
    "search": OWN,
    # today
    "today/team/": needs(P.CUSTOMER_VIEW),
    "today/answers/": needs(P.CUSTOMER_VIEW),
    "today/planned/": needs(P.CUSTOMER_VIEW),
    "today/<int:pk>/later/": seen("suggestion"),
    "today/<int:pk>/no/": seen("suggestion"),
    "today/<int:pk>/record/": seen("suggestion"),
    "today/<int:pk>/reopen/": seen("suggestion"),
    # customers
    "answers/": needs(P.CUSTOMER_VIEW),
    "customers/": needs(P.CUSTOMER_VIEW),
    "customers/new/": needs(P.CUSTOMER_CREATE),
    "customers/check/": needs(P.CUSTOMER_VIEW),
    "customers/pick/": needs(P.CUSTOMER_VIEW),
    "customers/completeness/": needs(P.CUSTOMER_VIEW),
    "customers/completeness/chart/": needs(P.CUSTOMER_VIEW),
    "customers/deleted/": needs(P.CUSTOMER_DELETE),
    "customers/<int:pk>/": needs(P.CUSTOMER_VIEW, of="customer"),
    "customers/<int:pk>/edit/": EDITS,
    "customers/<int:pk>/delete/": needs(P.CUSTOMER_DELETE, of="customer"),
    "customers/<int:pk>/record/": RECORDS,
    "customers/<int:pk>/plan/": RECORDS,
    "customers/<int:pk>/comment/": RECORDS,
    "customers/<int:pk>/mention/": RECORDS,
    "comments/<int:pk>/": needs(P.INTERACTION_RECORD, of="comment"),
    "comments/<int:pk>/<slug:verb>/": needs(P.INTERACTION_RECORD, of="comment"),
    "customers/<int:pk>/facts/<slug:code>/": EDITS,
    "customers/<int:pk>/cell/<slug:key>/": EDITS,
    "customers/many/<int:pk>/": own("mass"),
    "customers/many/<int:pk>/<slug:verb>/": own("mass"),
    "customers/<int:pk>/confirm/": EDITS,
    "customers/<int:pk>/reveal/<str:code>/": needs(P.CUSTOMER_REVEAL, of="customer"),
    "customers/<int:pk>/undo/<int:entry>/": EDITS,
    "customers/<int:pk>/contacts/new/": EDITS,
    "customers/<int:pk>/contacts/<int:contact_id>/": EDITS,
    "customers/<int:pk>/addresses/new/": EDITS,
    "customers/<int:pk>/addresses/<int:address_id>/": EDITS,
    "customers/<int:pk>/identifiers/new/": EDITS,
    "customers/<int:pk>/relationships/new/": EDITS,
    "customers/<int:pk>/consents/new/": EDITS,
    "customers/<int:pk>/share/": EDITS,
    "customers/<int:pk>/transfer/": needs(P.CUSTOMER_TRANSFER, of="customer"),
    "customers/<int:pk>/remove/<slug:what>/<int:row_id>/": EDITS,
    "customers/<int:pk>/files/<int:file_id>/": needs(P.CUSTOMER_VIEW, of="customer"),
    "customers/<int:pk>/merge/": MERGES,
    "customers/<int:pk>/merge/<int:other>/": MERGES,
    "merges/<int:pk>/undo/": needs(P.CUSTOMER_MERGE, of="merge"),
    "duplicates/": needs(P.CUSTOMER_MERGE),
    "duplicates/search/": needs(P.CUSTOMER_MERGE),
    "duplicates/<int:pk>/apart/": needs(P.CUSTOMER_MERGE, of="pair"),
    "interactions/<int:pk>/complete/": TALKS,
    "interactions/<int:pk>/edit/": TALKS,
    "interactions/<int:pk>/words/": TALKS,
    "interactions/<int:pk>/<slug:verb>/": TALKS,
    "plans/": OWN,
    "plans/calendar.ics": needs(P.CUSTOMER_EXPORT),
    "plans/<int:pk>/move/": TALKS,
    "lookup/": needs(P.CUSTOMER_VIEW),
    # imports
    "imports/": needs(P.CUSTOMER_IMPORT),
    "imports/<int:pk>/": needs(P.CUSTOMER_IMPORT, of="import"),
    "imports/<int:pk>/read/": needs(P.CUSTOMER_IMPORT, of="import"),
    "imports/<int:pk>/cancel/": needs(P.CUSTOMER_IMPORT, of="import"),
    "imports/<int:pk>/reopen/": needs(P.CUSTOMER_IMPORT, of="import"),
    "imports/<int:pk>/undo/": needs(P.CUSTOMER_IMPORT, of="import"),
    "imports/<int:pk>/rejected/": needs(P.CUSTOMER_IMPORT, of="import"),
    # orders, products
    "orders/": needs(P.ORDER_VIEW),
    "orders/new/": needs(P.ORDER_EDIT),
    "orders/<int:pk>/": needs(P.ORDER_VIEW, of="order"),
    "orders/<int:pk>/edit/": needs(P.ORDER_EDIT, of="order"),
    "orders/<int:pk>/return/": needs(P.ORDER_EDIT, of="order"),
    "orders/<int:pk>/delete/": needs(P.ORDER_EDIT, of="order"),
    "orders/<int:pk>/restore/": needs(P.ORDER_EDIT, of="order"),
    "orders/deleted/": needs(P.ORDER_EDIT),
    "products/": needs(P.ORDER_VIEW),
    "products/new/": needs(P.PRODUCT_EDIT),
    "products/<int:pk>/": needs(P.PRODUCT_EDIT),
    "products/<int:pk>/parts/": needs(P.PRODUCT_EDIT),
    "products/lines/": needs(P.PRODUCT_EDIT),
    "products/lines/<int:pk>/": needs(P.PRODUCT_EDIT),
    "products/prices/": needs(P.PRODUCT_EDIT),
    "products/prices/<int:pk>/": needs(P.PRODUCT_EDIT),
    # in and out
    "setup/": PUBLIC,
    "setup/demo/": SETTINGS,
    "sign-in/": PUBLIC,
    "sign-in/code/": PUBLIC,
    "sign-out/": PUBLIC,
    "preferences/": PUBLIC,
    # one's own account
    "me/": OWN,
    "me/absence/": OWN,
    "me/password/": OWN,
    "me/second-factor/": OWN,
    "me/second-factor/remove/": OWN,
    "me/second-factor/codes/": OWN,
    "me/tokens/": OWN,
    "me/tokens/<int:pk>/revoke/": own("token"),
    "me/sessions/": OWN,
    # settings
    "settings/": needs(P.SETTINGS_EDIT, P.VALUE_RUN, P.PEOPLE_EDIT, P.AUDIT_VIEW, P.BACKUP_RUN),
    "settings/people/": PEOPLE,
    "settings/people/new/": PEOPLE,
    "settings/people/<int:pk>/": ONE_PERSON,
    "settings/people/<int:pk>/access/": ONE_PERSON,
    "settings/people/<int:pk>/training/": ONE_PERSON,
    "settings/people/<int:pk>/absence/": ONE_PERSON,
    "settings/people/<int:pk>/leave/": ONE_PERSON,
    "settings/people/<int:pk>/return/": ONE_PERSON,
    "settings/departments/": PEOPLE_EVERYWHERE,
    "settings/departments/<int:pk>/": PEOPLE_EVERYWHERE,
    "settings/roles/": PEOPLE_EVERYWHERE,
    "settings/roles/new/": PEOPLE_EVERYWHERE,
    "settings/roles/<int:pk>/": PEOPLE_EVERYWHERE,
    "settings/fields/": SETTINGS,
    "settings/fields/new/": SETTINGS,
    "settings/fields/template/": SETTINGS,
    "settings/fields/<int:pk>/": SETTINGS,
    "settings/fields/<int:pk>/retire/": SETTINGS,
    "settings/sources/": SETTINGS,
    "settings/sources/<int:pk>/": SETTINGS,
    "settings/grades/": needs(P.VALUE_RUN, everywhere=True),
    "settings/care/": SETTINGS,
    "settings/protection/": SETTINGS,
    "settings/company/": SETTINGS,
    "settings/audit/": needs(P.AUDIT_VIEW, everywhere=True),
    "settings/backup/": BACKUP,
    "settings/backup/<str:name>/": BACKUP,
    # REST API: its operations are asked one by one in tests/api/test_rights.py
    "api/": PUBLIC,  # only says where to read on
    "api/<path:rest>": PUBLIC,  # there is nothing
    "api/docs": OWN,
    "api/openapi.json": OWN,
    # value
    "value/": VALUE,
    "value/grades/": VALUE,
    "value/rfm/": VALUE,
    "value/matrix/": VALUE,
    "value/leaving/": VALUE,
    "value/decisions/": needs(P.VALUE_RUN),
    "value/lifetime/": VALUE,
    "value/lifecycle/": VALUE,
    "value/equity/": VALUE,
    "value/calculator/": VALUE,
    "value/runs/": VALUE,
    "value/runs/compare/": VALUE,
    "value/runs/assumptions/": needs(P.VALUE_RUN),
    "value/runs/<int:pk>/": VALUE,
    "value/runs/<int:pk>/cancel/": needs(P.VALUE_RUN),
    "value/credit/": VALUE,
    "value/credit/<int:pk>/": needs(P.VALUE_VIEW, of="customer"),
    "value/credit/decisions/<int:pk>/": needs(P.CREDIT_APPROVE, of="credit"),
    "value/analyses/": VALUE,
    "value/analyses/<slug:kind>/": VALUE,
    "value/analyses/<slug:kind>/history/": VALUE,
    "value/analyses/<slug:kind>/schedule/": needs(P.VALUE_RUN),
    "value/analyses/<slug:kind>/chart/<slug:name>/": VALUE,
    "value/analyses/<slug:kind>/customer/<int:pk>/": needs(P.VALUE_VIEW, of="customer"),
    "value/analyses/<int:pk>/cancel/": needs(P.VALUE_RUN),
    "value/analyses/<int:pk>/keep/": needs(P.VALUE_RUN),
    "value/analyses/<int:pk>/names/": needs(P.VALUE_RUN),
    "value/chart/<slug:name>/": VALUE,
}
