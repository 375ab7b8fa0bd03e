"""Language and theme: on the account of who signed in, else in the browser."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from zhike.teams import actions
from zhike.teams.choices import Language
from zhike.teams.models import User
from zhike.web.accounts.entering import next_page
from zhike.web.middleware import public


@public
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    if language and language not in Language.values:
        return HttpResponseBadRequest()
    me = request.user
    if isinstance(me, User):
        theme = request.POST.get("theme") or me.theme
        try:
            actions.change_account(actor=me, language=language or me.language, theme=theme, email=me.email, phone=me.phone)
        except ValidationError:
            return HttpResponseBadRequest()
    response = HttpResponseRedirect(next_page(request))
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
    return response
