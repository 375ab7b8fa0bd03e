"""The message center. A notice is kept as a kind and its figures; its words stand here, so that all read them in their language."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from zhike.customers.imports.problems import in_words
from zhike.teams.actions import read_notices
from zhike.teams.choices import FileState
from zhike.teams.models import Notice, User
from zhike.teams.queries import notices_of
from zhike.web.customers.mass import ended_in_words
from zhike.web.pages import page
from zhike.web.value import ended

SHOWN = 200
Words = Callable[[dict[str, Any]], str]


def _transferred(params: dict[str, Any]) -> str:
    if params["count"] == 1:
        return _("%(from)s handed %(name)s over to you.") % params
    return (
        ngettext(
            "%(from)s handed %(count)d customer over to you.", "%(from)s handed %(count)d customers over to you.", params["count"]
        )
        % params
    )


def _export_stopped(params: dict[str, Any]) -> str:
    told = params | {"rows": f"{params['rows']:,}"}
    if params["state"] == FileState.CANCELLED:
        return _("Your export of %(rows)s rows is cancelled.") % told
    return _("Your export of %(rows)s rows failed: %(problem)s") % told


WORDS: dict[str, Words] = {
    "customers.transferred": _transferred,
    "comment.mentioned": lambda params: _("%(from)s mentioned you in a comment on %(name)s.") % params,
    "customers.mass": ended_in_words,
    "credit.asked": lambda params: _("%(from)s asks for credit beyond the rules for %(customer)s.") % params,
    "credit.approved": lambda params: _("Your request for credit for %(customer)s is approved.") % params,
    "credit.refused": lambda params: _("Your request for credit for %(customer)s was declined: %(answer)s") % params,
    "demo.loaded": lambda params: (
        _("The demo company is loaded. Sign in as %(owner)s (owner) or %(adviser)s (adviser), password %(password)s") % params
    ),
    "export.asked": lambda params: _("%(from)s asks to export %(rows)s rows.") % (params | {"rows": f"{params['rows']:,}"}),
    "export.approved": lambda params: _("Your export of %(rows)s rows is approved.") % {"rows": f"{params['rows']:,}"},
    "export.refused": lambda params: (
        _("Your export of %(rows)s rows was refused: %(answer)s") % (params | {"rows": f"{params['rows']:,}"})
    ),
    "export.ready": lambda params: (
        _("Your export of %(rows)s rows is ready; it is kept for 7 days.") % {"rows": f"{params['rows']:,}"}
    ),
    "export.stopped": _export_stopped,
    "import.done": lambda params: (
        _("%(file)s is imported: %(sheets)s answer sheets, %(rejected)s rows left out.") % params
        if params.get("sheets")
        else _("%(file)s is imported: %(customers)s new customers, %(orders)s orders, %(rejected)s rows left out.") % params
    ),
    "import.failed": lambda params: (
        _("%(file)s was not imported: %(problem)s") % (params | {"problem": in_words(params["problem"])})
    ),
    "import.undone": lambda params: _("The import of %(file)s is undone.") % params,
    "backup.made": lambda params: _("The backup is ready: %(rows)s rows.") % {"rows": f"{params['rows']:,}"},
    "backup.failed": lambda params: _("The backup failed: %(problem)s") % params,
    **ended.WORDS,
}
BAD = ("analysis.failed", "backup.failed", "credit.refused", "export.refused", "import.failed", "run.failed")


def words_of(notice: Notice) -> str:
    return WORDS[notice.kind](notice.params) if notice.kind in WORDS else notice.kind


def notices(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    lines = [
        {
            "pk": one.pk,
            "words": words_of(one),
            "url": one.url,
            "at": one.created_at,
            "unread": one.read_at is None,
            "bad": one.kind in BAD or one.params.get("state") == FileState.FAILED,
        }
        for one in notices_of(user)[:SHOWN]
    ]
    return page(request, "notices/notices.html", {"lines": lines, "unread": any(line["unread"] for line in lines)})


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All of one's own, or the one named; then on to what it is about."""
    user = request.user
    assert isinstance(user, User)
    asked = request.POST.get("notice", "")
    one = notices_of(user).filter(pk=int(asked)).first() if asked.isascii() and asked.isdigit() else None
    read_notices(actor=user, at=timezone.now(), notice_id=one.pk if one else None)
    return HttpResponseRedirect(one.url if one and one.url.startswith("/") else reverse("notices"))
