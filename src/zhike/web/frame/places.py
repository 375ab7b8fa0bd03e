"""Screens and actions by name, for the palette. What is closed to a person is not shown to them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.teams.access import Rights
from zhike.teams.choices import Permission
from zhike.web.settings.room import TABS


@dataclass(frozen=True)
class Place:
    route: str
    label: str | Promise
    rights: tuple[Permission, ...] = ()
    everywhere: bool = False  # only with the scope "all"

    def is_open_to(self, rights: Rights) -> bool:
        return (not self.rights or any(rights.allows(one) for one in self.rights)) and (rights.everything or not self.everywhere)


PLACES = (
    Place("today", _("Today")),
    Place("customers", _("Customers"), (Permission.CUSTOMER_VIEW,)),
    Place("today-team", _("Team"), (Permission.CUSTOMER_VIEW,)),
    Place("today-planned", _("Promises and visits"), (Permission.CUSTOMER_VIEW,)),
    Place("today-answers", _("Answered suggestions"), (Permission.CUSTOMER_VIEW,)),
    Place("plans", _("My plans"), (Permission.INTERACTION_RECORD,)),
    Place("lookup", _("Who is calling"), (Permission.CUSTOMER_VIEW,)),
    Place("duplicates", _("Duplicates"), (Permission.CUSTOMER_MERGE,)),
    Place("completeness", _("Completeness"), (Permission.CUSTOMER_VIEW,)),
    Place("recycle-bin", _("Recycle bin"), (Permission.CUSTOMER_DELETE,)),
    Place("orders", _("Orders"), (Permission.ORDER_VIEW,)),
    Place("products", _("Products and prices"), (Permission.ORDER_VIEW, Permission.PRODUCT_EDIT)),
    Place("answers", _("Survey answers"), (Permission.CUSTOMER_VIEW,)),
    Place("product-lines", _("Product lines"), (Permission.PRODUCT_EDIT,)),
    Place("prices", _("Price lists"), (Permission.PRODUCT_EDIT,)),
    Place("imports", _("Imports"), (Permission.CUSTOMER_IMPORT,)),
    Place("value", _("Value"), (Permission.VALUE_VIEW,)),
    Place("value-grades", _("Customer grades"), (Permission.VALUE_VIEW,)),
    Place("value-rfm", _("RFM grid"), (Permission.VALUE_VIEW,)),
    Place("value-matrix", _("Value matrix"), (Permission.VALUE_VIEW,)),
    Place("value-clv", _("Lifetime value"), (Permission.VALUE_VIEW,)),
    Place("value-lifecycle", _("Lifecycle"), (Permission.VALUE_VIEW,)),
    Place("value-leaving", _("Risk of leaving"), (Permission.VALUE_VIEW,)),
    Place("value-equity", _("Customer equity"), (Permission.VALUE_VIEW,)),
    Place("value-calculator", _("Calculator"), (Permission.VALUE_VIEW,)),
    Place("value-analyses", _("Analyses"), (Permission.VALUE_VIEW,)),
    Place("value-runs", _("Runs"), (Permission.VALUE_VIEW,)),
    *(Place(route, label, (right,), everywhere) for route, label, right, everywhere in TABS),
    Place("exports", _("Exports"), (Permission.CUSTOMER_EXPORT, Permission.EXPORT_APPROVE)),
    Place("notices", _("Notices")),
    Place("me", _("My account")),
    Place("me-tokens", _("API tokens")),
    Place("help", _("Help")),
)
ACTIONS = (
    Place("customer-new", _("New customer"), (Permission.CUSTOMER_CREATE,)),
    Place("order-new", _("New order"), (Permission.ORDER_EDIT,)),
    Place("imports", _("Import a file"), (Permission.CUSTOMER_IMPORT,)),
    Place("product-new", _("New product"), (Permission.PRODUCT_EDIT,)),
    Place("settings-people-new", _("New person"), (Permission.PEOPLE_EDIT,)),
    Place("settings-field-new", _("New field"), (Permission.SETTINGS_EDIT,), everywhere=True),
)
