from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What a role may allow. The row scope of the role says on which customers."""

    CUSTOMER_VIEW = "customer.view", _("see customers")
    CUSTOMER_CREATE = "customer.create", _("create customers")
    CUSTOMER_EDIT = "customer.edit", _("change customers")
    CUSTOMER_DELETE = "customer.delete", _("delete customers")
    CUSTOMER_TRANSFER = "customer.transfer", _("hand customers over")
    CUSTOMER_MERGE = "customer.merge", _("merge duplicates")
    CUSTOMER_IMPORT = "customer.import", _("import files")
    CUSTOMER_EXPORT = "customer.export", _("export lists")
    EXPORT_APPROVE = "export.approve", _("approve large exports, and export without asking")
    CUSTOMER_REVEAL = "customer.reveal", _("reveal masked fields")
    INTERACTION_RECORD = "interaction.record", _("record interactions")
    ORDER_VIEW = "order.view", _("see orders")
    ORDER_EDIT = "order.edit", _("enter and change orders")
    CREDIT_APPROVE = "credit.approve", _("approve credit beyond the rules, and grant it without asking")
    PRODUCT_EDIT = "product.edit", _("change products and prices")
    VALUE_VIEW = "value.view", _("see value analysis")
    VALUE_RUN = "value.run", _("run value analysis and change its assumptions")
    VIEW_SHARE = "view.share", _("share saved views")
    PEOPLE_EDIT = "people.edit", _("change people, departments and roles")
    SETTINGS_EDIT = "settings.edit", _("change fields, sources, grades and settings")
    AUDIT_VIEW = "audit.view", _("read the audit trail")
    BACKUP_RUN = "backup.run", _("make backups")


class Scope(models.TextChoices):
    """Whose customers. From narrow to wide; the widest of a person's roles wins."""

    OWN = "own", _("own")
    SUBORDINATES = "subordinates", _("own and subordinates'")
    DEPARTMENT = "department", _("department's")
    DEPARTMENT_BELOW = "department_below", _("department's and below")
    ALL = "all", _("all")


class Confidentiality(models.TextChoices):
    """Class of a field. A role's clearance is the highest class it shows in plain."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")
    CONFIDENTIAL = "confidential", _("confidential")
    SECRET = "secret", _("secret")


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waiting for approval")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("declined")
    FREE = "free", _("needs no approval")


class FileState(models.TextChoices):
    """Of the file of an export that is made in the background."""

    NONE = "", "–"
    WAITING = "waiting", _("begins soon")
    RUNNING = "running", _("being made")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    GONE = "gone", _("deleted")

    @property
    def is_under_way(self) -> bool:
        return self in (FileState.WAITING, FileState.RUNNING)


class Language(models.TextChoices):
    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class StarterRole(models.TextChoices):
    """The roles that a new company begins with, and may change."""

    SALESPERSON = "salesperson", _("Salesperson")
    SALES_MANAGER = "sales_manager", _("Sales manager")
    SERVICE_AGENT = "service_agent", _("Service agent")
    MARKETER = "marketer", _("Marketer")
    ANALYST = "analyst", _("Analyst / owner")
    ADMINISTRATOR = "administrator", _("Administrator")
