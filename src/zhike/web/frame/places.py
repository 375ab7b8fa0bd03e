"""Screens and actions by name, for the palette. A route that does not exist, or is closed to a person, is not shown to them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.teams.choices import Permission


@dataclass(frozen=True)
class Place:
    route: str
    label: str | Promise
    rights: tuple[Permission, ...] = ()


PLACES = (
    Place("today", _("Today")),
    Place("customers", _("Customers"), (Permission.CUSTOMER_VIEW,)),
    Place("today-team", _("Team"), (Permission.CUSTOMER_VIEW,)),
    Place("plans", _("My plans"), (Permission.INTERACTION_RECORD,)),
    Place("lookup", _("Who is calling"), (Permission.CUSTOMER_VIEW,)),
    Place("duplicates", _("Duplicates"), (Permission.CUSTOMER_MERGE,)),
    Place("completeness", _("Completeness"), (Permission.CUSTOMER_VIEW,)),
    Place("recycle-bin", _("Recycle bin"), (Permission.CUSTOMER_DELETE,)),
    Place("orders", _("Orders"), (Permission.ORDER_VIEW,)),
    Place("products", _("Products and prices"), (Permission.ORDER_VIEW, Permission.PRODUCT_EDIT)),
    Place("answers", _("Survey answers"), (Permission.CUSTOMER_VIEW,)),
    Place("imports", _("Imports"), (Permission.CUSTOMER_IMPORT,)),
    Place("value", _("Value"), (Permission.VALUE_VIEW,)),
    Place("value-rfm", _("RFM grid"), (Permission.VALUE_VIEW,)),
    Place("value-clv", _("Lifetime value"), (Permission.VALUE_VIEW,)),
    Place("value-lifecycle", _("Lifecycle"), (Permission.VALUE_VIEW,)),
    Place("value-equity", _("Customer equity"), (Permission.VALUE_VIEW,)),
    Place("value-runs", _("Runs"), (Permission.VALUE_VIEW,)),
    Place("settings-people", _("People"), (Permission.PEOPLE_EDIT,)),
    Place("settings-departments", _("Departments"), (Permission.PEOPLE_EDIT,)),
    Place("settings-roles", _("Roles and rights"), (Permission.PEOPLE_EDIT,)),
    Place("settings-fields", _("Profile fields"), (Permission.SETTINGS_EDIT,)),
    Place("settings-grades", _("Grades"), (Permission.SETTINGS_EDIT,)),
    Place("settings-sources", _("Sources"), (Permission.SETTINGS_EDIT,)),
    Place("settings-audit", _("Audit trail"), (Permission.AUDIT_VIEW,)),
    Place("settings-backup", _("Backup"), (Permission.BACKUP_RUN,)),
    Place("exports", _("Exports"), (Permission.CUSTOMER_EXPORT, Permission.EXPORT_APPROVE)),
    Place("notices", _("Notices")),
    Place("me", _("My account")),
    Place("help", _("Help")),
)
ACTIONS = (
    Place("customer-new", _("New customer"), (Permission.CUSTOMER_CREATE,)),
    Place("order-new", _("New order"), (Permission.ORDER_EDIT,)),
    Place("import-new", _("Import a file"), (Permission.CUSTOMER_IMPORT,)),
)
