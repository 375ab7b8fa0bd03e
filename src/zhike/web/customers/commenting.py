"""Comments on the record and on the entries of its timeline."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from markupsafe import Markup, escape

from zhike.customers import actions
from zhike.customers.actions.comments import LENGTH, Commented
from zhike.customers.models import Comment, Customer
from zhike.customers.queries.comments import comments_visible_to, mentionable
from zhike.teams.choices import Permission
from zhike.web.customers.sheets import press, seen
from zhike.web.once import once
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"), max_length=LENGTH, help_text=_("@ and a name tells a colleague who may see this customer."),
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
    )  # fmt: skip

    def __init__(self, customer: Customer, on: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = f"{reverse('comment-mention', args=[customer.pk])}?on={on}"
        self.fields["text"].widget.attrs |= {"data-mentions": source, "data-none": gettext("Nobody of this name may see it.")}


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
@once
def new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user, about = seen(request, pk), signed_in_person(request), _about(request)
    form = CommentForm(customer, about["on"], request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.add_comment(
                actor=user, customer=customer, text=form.cleaned_data["text"], at=timezone.now(), **about
            )  # fmt: skip
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            return _done(request, done)
    return _form(request, customer, form, title=gettext("Comment"))


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = _own(request, pk), signed_in_person(request)
    form = CommentForm(row.customer, row.on, request.POST or None, initial={"text": row.text})
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.change_comment(actor=user, comment=pk, text=form.cleaned_data["text"], at=timezone.now())
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            return _done(request, done)
    return _form(request, row.customer, form, title=gettext("Change the comment"))


@require_POST
@needs(Permission.INTERACTION_RECORD)
def settle(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Delete, restore."""
    row, user = _own(request, pk, deleted=verb == "restore"), signed_in_person(request)
    verbs = {
        "delete": (lambda: actions.delete_comment(actor=user, comment=pk, at=timezone.now()), gettext("Comment deleted.")),
        "restore": (lambda: actions.restore_comment(actor=user, comment=pk), gettext("Comment brought back.")),
    }
    if verb not in verbs:
        raise Http404
    act, said = verbs[verb]
    return press(request, row.customer_id, act, said=said)


@require_safe
@needs(Permission.INTERACTION_RECORD)
def mention(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to propose behind an @."""
    customer, about = seen(request, pk), _about(request)
    people = mentionable(signed_in_person(request), customer, request.GET.get("q", "")[:60], about["on"])
    return page(request, "customers/mention.html", {"people": people}, part="people")


def with_mentions(names: dict[int, str], row: Comment) -> Markup:
    """The text, with those who were told of it marked."""
    text = escape(row.text)
    for handle in sorted((names[key] for key in row.mentioned if key in names), key=len, reverse=True):
        for sign in "@＠":
            written = escape(sign + handle)
            text = Markup(text.replace(written, Markup("<b>{}</b>").format(written)))  # noqa: S704  both are escaped
    return text


def _about(request: HttpRequest) -> dict[str, Any]:
    key = request.GET.get("key", "")
    return {"on": request.GET.get("on", "")[:12], "on_id": int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None}


def _own(request: HttpRequest, pk: int, *, deleted: bool = False) -> Comment:
    user = signed_in_person(request)
    rows = comments_visible_to(user).filter(by=user, deleted_at__isnull=not deleted).select_related("customer")
    return get_object_or_404(rows, pk=pk)


def _done(request: HttpRequest, done: Commented) -> HttpResponse:
    row = done.comment
    if done.untold:
        names = gettext(", ").join(done.untold)
        say(request, gettext("Saved. Not told, because they may not see it: %(names)s") % {"names": names}, tone="bad")
    else:
        say(request, gettext("Saved."))
    return HttpResponseRedirect(f"{reverse('customer', args=[row.customer_id])}?comment={row.pk}#comment-{row.pk}")


def _form(request: HttpRequest, customer: Customer, form: CommentForm, *, title: str) -> HttpResponse:
    context = {
        "customer": customer, "form": form, "title": title, "here": request.get_full_path(),
        "back": reverse("customer", args=[customer.pk]),
    }  # fmt: skip
    if wanted_part(request) == "sheet":
        return page(request, "customers/comment_sheet.html", context, part="sheet")
    return page(request, "customers/comment.html", context, status=422 if request.method == "POST" else 200)
