"""What a new company can begin with: its own data, or a made-up company; and the profile fields of its industry."""

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.care.actions import DemoState
from zhike.core import queue, settings_store
from zhike.customers.actions import apply_template
from zhike.customers.templates_data import TEMPLATES
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.layout import address
from zhike.web.pages import page, wanted_part
from zhike.web.rights import needs

DEMO, EMPTY = "demo", "empty"
DEMO_INDUSTRY = "auto_service"


@dataclass(frozen=True)
class Beginning:
    code: str
    label: str
    explanation: str


def beginnings() -> list[Beginning]:
    return [
        Beginning(EMPTY, _("Start empty"), _("Import your own customers and orders next.")),
        Beginning(
            DEMO, _("Load the demo company"),
            _("A chain of car-service shops with 8,000 made-up customers and three years of orders, to look around in."),
        ),
    ]  # fmt: skip


def industries() -> list[tuple[str, str]]:
    return [(code, str(template.label)) for code, template in TEMPLATES.items()]


def begin(first: User, chosen: str, industry: str) -> str:
    """Sets it off and gives the page to go on with."""
    template = DEMO_INDUSTRY if chosen == DEMO else industry
    with transaction.atomic():
        if template in TEMPLATES:
            apply_template(actor=first, template=template)
        if chosen == DEMO:
            queue.defer("demo.load", once="demo.load", actor_id=first.pk)
            return reverse("setup-demo")
    return address("imports") or address("today") or reverse("me")


@require_GET
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def demo_progress(request: HttpRequest) -> HttpResponse:
    """How far the loading is; the page asks again by itself."""
    steps = {
        "inventing": _("Making people up"), "indexing": _("Making them findable"), "writing": _("Writing customers and orders"),
        "written": _("Written"), "scoring": _("Working out what each is worth"), "suggesting": _("Finding whom to call"),
    }  # fmt: skip
    state = settings_store.read(DemoState)
    context = {
        "label": steps.get(state.step, _("Waiting for the worker")), "share": state.progress / 100, "problem": state.problem,
        "is_done": state.progress >= 100, "home": address("today") or reverse("me"),
    }  # fmt: skip
    return page(request, "accounts/demo.html", context, part=wanted_part(request))
