"""Settings of care: each reason on or off, its thresholds, peace for customers, and what all that would bring."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.care.actions import change_care_rules, change_care_texts
from zhike.care.choices import Rule
from zhike.care.queries.preview import outlook
from zhike.care.rules import CareRules
from zhike.core import settings_store
from zhike.teams.choices import Permission
from zhike.web.pages import say
from zhike.web.rights import needs
from zhike.web.settings.room import room
from zhike.web.settings.rule_forms import RuleForm
from zhike.web.settings.rule_pages import saved
from zhike.web.settings.rule_sections import CARE, CARE_BY_RULE, CARE_PEACE, CARE_TEXTS

LOOK = "look"  # the button that counts without saving


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def care(request: HttpRequest) -> HttpResponse:
    """The counts take a pass over all customers, so they come when asked for."""
    if request.method == "POST" and request.POST.get("group") == CARE_TEXTS.name:
        return _texts(request)
    if request.method == "POST" and request.POST.get("group") != CARE.name:
        raise Http404
    form = CARE.form(request.POST or None)
    if request.method == "POST" and not form.is_valid():
        return _page(request, form, status=422)
    if request.method == "POST" and LOOK not in request.POST:
        if saved(request, form, lambda actor, rules: change_care_rules(actor=actor, rules=rules)):
            say(request, _("Saved. The lists follow in a moment."))
            return HttpResponseRedirect(reverse("settings-care"))
        return _page(request, form, status=422)
    rules = form.values() if form.is_bound else settings_store.read(CareRules) if LOOK in request.GET else None
    return _page(request, form, rules)


def _texts(request: HttpRequest) -> HttpResponse:
    form = CARE_TEXTS.form(request.POST)
    if form.is_valid() and saved(request, form, lambda actor, texts: change_care_texts(actor=actor, texts=texts)):
        say(request, _("Saved."))
        return HttpResponseRedirect(reverse("settings-care"))
    return _page(request, CARE.form(), texts=form, status=422)


def _page(
    request: HttpRequest, form: RuleForm, rules: CareRules | None = None, *, texts: RuleForm | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    parts: list[tuple[Any, list[Any]]] = [
        (rule.label, [form[f"on_{rule.value}"], *(form[one.name] for one in CARE_BY_RULE[rule]), form[f"effect_{rule.value}"]])
        for rule in Rule
    ]
    parts.append((_("Peace for customers, length of lists"), [form[one.name] for one in CARE_PEACE]))
    context = {
        "form": form, "parts": parts, "section": CARE, "texts": texts or CARE_TEXTS.form(), "texts_section": CARE_TEXTS,
        "outlook": outlook(rules, timezone.localdate()) if rules else None, "look": LOOK,
    }  # fmt: skip
    return room(request, "care.html", context, status)
