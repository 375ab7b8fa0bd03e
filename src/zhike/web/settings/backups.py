"""Backups: what is there, one more, take one away."""

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhike.core import backup_shelf
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.settings.room import room


@require_http_methods(["GET", "POST"])
@needs(Permission.BACKUP_RUN, everywhere=True)
def backups(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        actions.order_backup(actor=signed_in_person(request))
        say(request, _("The backup is being made. You will get a notice."))
        return HttpResponseRedirect(reverse("settings-backup"))
    return room(request, "backups.html", {"backups": backup_shelf.shelf(), "waiting": backup_shelf.is_being_made()})


@require_GET
@needs(Permission.BACKUP_RUN, everywhere=True)
def download(request: HttpRequest, name: str) -> FileResponse:
    try:
        file = actions.fetch_backup(actor=signed_in_person(request), name=name)
    except ValidationError as problem:
        raise Http404 from problem
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/x-tar")
