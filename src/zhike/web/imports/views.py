"""The imports so far, and the door for the next file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.customers.choices import ImportKind
from zhike.customers.imports.problems import FileProblem
from zhike.sales.imports import actions
from zhike.sales.imports.queries import visible_batches
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.pages import page
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

PAGE = 50


def kinds_for(user: User) -> list[tuple[str, str, str]]:
    """What this person may import: [(code, label, what the file must have)]."""
    may_enter = rights_of(user).allows(Permission.ORDER_EDIT)
    orders = (
        ImportKind.ORDERS.value, _("Orders, with their customers"),
        _("A row for each purchase: who (a number, a name or a phone is enough), when, how much. New customers come with them."),
    )  # fmt: skip
    customers = (ImportKind.CUSTOMERS.value, _("Customers"), _("A row for each customer: a name or a phone is enough to begin."))
    answers = (
        ImportKind.ANSWERS.value, _("Answers to a survey"),
        _("A row for each person who answered: how satisfied, with what, would they recommend you; with or without a name."),
    )  # fmt: skip
    return [*([orders] if may_enter else []), customers, answers]


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_IMPORT)
def imports(request: HttpRequest) -> HttpResponse:
    actor = signed_in_person(request)
    kinds = kinds_for(actor)
    kind, problem = request.POST.get("kind") or request.GET.get("kind") or kinds[0][0], ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if kind not in [code for code, _label, _help in kinds] or upload is None:
            problem = _("Choose a file.")
        else:
            try:
                batch = actions.receive_file(actor=actor, kind=kind, upload=upload)
            except FileProblem as refused:
                problem = f"{upload.name}: {refused}"
            else:
                return HttpResponseRedirect(reverse("import", args=[batch.pk]))
    batches = Paginator(visible_batches(actor).select_related("created_by").order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {"batches": batches, "kinds": kinds, "kind": kind, "problem": problem, "limit": actions.MAX_UPLOAD_MB}
    return page(request, "imports/imports.html", context, status=422 if problem else 200)
