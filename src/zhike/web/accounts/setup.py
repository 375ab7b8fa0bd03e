"""The first visit: the administrator, the company, and what to begin with."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from zhike.teams import actions
from zhike.teams.choices import Language
from zhike.teams.models import User
from zhike.teams.queries import anybody
from zhike.web.accounts.beginnings import begin, beginnings, industries
from zhike.web.accounts.entering import enter
from zhike.web.accounts.forms import SetupForm
from zhike.web.middleware import public
from zhike.web.pages import page
from zhike.web.problems import show_problem


@public
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if anybody():
        raise Http404
    form = SetupForm(request.POST or None)
    chosen, industry = request.POST.get("begin", ""), request.POST.get("industry", "")
    if request.method == "POST" and form.is_valid():
        first = _found(form)
        if first:
            enter(request, first)
            return HttpResponseRedirect(begin(first, chosen, industry))
    context = {"form": form, "beginnings": beginnings(), "chosen": chosen, "industries": industries(), "industry": industry}
    return page(request, "accounts/setup.html", context, status=422 if request.method == "POST" else 200)


def _found(form: SetupForm) -> User | None:
    values: dict[str, Any] = form.cleaned_data
    language = Language.ENGLISH if get_language() == "en" else Language.CHINESE
    try:
        return actions.found_company(
            company=values["company"], username=values["username"], name=values["name"], password=values["new"], language=language
        )
    except PermissionDenied as problem:
        raise Http404 from problem  # somebody else was first
    except ValidationError as problem:
        if "password" in problem.message_dict:
            form.add_error("new", problem.message_dict.pop("password"))
        show_problem(form, ValidationError({k: v for k, v in problem.message_dict.items() if k != "password"}))
        return None
