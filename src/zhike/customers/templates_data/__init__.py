"""Information models of industries, ready to use: each a list of fields with ring, type, purpose, question and shelf life."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.customers.templates_data import auto_service, general, insurance, manufacturing, property_services, retail


@dataclass(frozen=True)
class Template:
    code: str
    label: str | Promise
    fields: list[dict[str, Any]]


TEMPLATES: dict[str, Template] = {
    template.code: template
    for template in (
        Template("auto_service", _("Auto service"), [*general.FIELDS, *auto_service.FIELDS]),
        Template("insurance", _("Insurance"), [*general.FIELDS, *insurance.FIELDS]),
        Template("property_services", _("Property services"), [*general.FIELDS, *property_services.FIELDS]),
        Template("retail", _("Retail"), [*general.FIELDS, *retail.FIELDS]),
        Template("manufacturing", _("B2B manufacturing"), [*general.FIELDS, *manufacturing.FIELDS]),
    )
}
