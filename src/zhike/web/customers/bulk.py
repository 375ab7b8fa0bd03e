"""What can be done with many customers at once."""

import re
from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy as _, ngettext
from django.views.decorators.http import require_http_methods

from zhike.customers.actions.many import change_customers, undo_many
from zhike.customers.actions.ownership import transfer_customers
from zhike.customers.actions.records import delete_customers
from zhike.customers.actions.tags import tag_customers
from zhike.customers.choices import Channel, FieldType
from zhike.customers.models import Source
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.customers import words
from zhike.web.customers.profile_columns import shown_fields
from zhike.web.lists.cells import Look
from zhike.web.lists.screen import Ask, BulkAction, Said
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

Rows = QuerySet[Any]
UNDO = "customers.undo"


def _hand_over(actor: User, rows: Rows, answers: dict[str, str]) -> str:
    to = None if answers["to"] == "pool" else person_of(answers["to"])
    count = transfer_customers(actor=actor, customers=rows.values("pk"), to=to, at=timezone.now(), reason=answers["reason"])
    name = to.name if to else gettext("the pool")
    return ngettext("%(n)d customer handed over to %(name)s.", "%(n)d customers handed over to %(name)s.", count) % {
        "n": count,
        "name": name,
    }


def person_of(code: str) -> User:
    person = User.objects.filter(pk=int(code), is_active=True).first() if code.isascii() and code.isdigit() else None
    if person is None:
        raise ValidationError(gettext("Choose a person of the list."))
    return person


def _tag(actor: User, rows: Rows, answers: dict[str, str]) -> str:
    add, remove = (_words(answers[name]) for name in ("add", "remove"))
    count = tag_customers(actor=actor, customers=rows.values("pk"), at=timezone.now(), add=add, remove=remove)
    return ngettext("Tags of %(n)d customer changed.", "Tags of %(n)d customers changed.", count) % {"n": count}


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split("[,，、]", text) if word.strip()]


def _delete(actor: User, rows: Rows, answers: dict[str, str]) -> str:
    count = delete_customers(actor=actor, customers=rows.values("pk"), at=timezone.now())
    return ngettext("%(n)d customer moved to the recycle bin.", "%(n)d customers moved to the recycle bin.", count) % {"n": count}


def everybody(look: Look) -> Iterable[tuple[Any, Any]]:
    return [("pool", _("nobody: the pool")), *User.objects.filter(is_active=True).values_list("pk", "name")]


def _fields(look: Look) -> Iterable[tuple[str, Any]]:
    """What many customers can have alike, as far as this person sees it in plain."""
    yield from (("source_id", _("Source")), ("preferred_channel", _("Preferred channel")))
    if look.clears("region"):
        yield "region", _("Region")
    language = get_language() or "zh-hans"
    yield from ((field.code, field.label(language)) for field in shown_fields(look) if field.type != FieldType.REFERENCE)


def _value(answers: dict[str, str], look: Look) -> tuple[Ask, ...]:
    """Asked for by the type of the field; empty empties it."""
    code = answers["field"]
    options: list[tuple[Any, Any]] | None = None
    field = next((field for field in shown_fields(look) if field.code == code), None)
    if code == "source_id":
        options = list(Source.objects.filter(is_active=True).values_list("pk", "name"))
    elif code == "preferred_channel":
        options = list(Channel.choices)
    elif field is not None and field.type == FieldType.CHOICE:
        options = [(choice["code"], words.choices_in_words(field, [choice["code"]])) for choice in field.choices]
    elif field is not None and field.type == FieldType.YES_NO:
        options = [("yes", _("yes")), ("no", _("no"))]
    return (
        Ask("value", _("New value; empty: take it away"), (lambda _look: options) if options is not None else None, required=False),
    )


def _set(actor: User, rows: Rows, answers: dict[str, str]) -> str | Said:
    values = {answers["field"]: answers["value"]}
    done = change_customers(actor=actor, customers=rows.values("pk"), values=values, at=timezone.now())
    text = ngettext("%(n)d customer changed.", "%(n)d customers changed.", done.count) % {"n": done.count}
    if done.entries is None:
        return text
    return Said(
        text, reverse("customers-undo", args=[signing.dumps([answers["field"], *done.entries], salt=UNDO)]), gettext("Undo")
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def undo_changes(request: HttpRequest, token: str) -> HttpResponse:
    """Asks, then takes one's own mass change back. The token was signed when it was made."""
    try:
        field, first, last = signing.loads(token, salt=UNDO)
    except signing.BadSignature:
        raise Http404 from None
    if request.method == "POST":
        try:
            done = undo_many(actor=signed_in_person(request), field=field, entries=(first, last), at=timezone.now())
        except ValidationError as problem:
            say(request, " ".join(problem.messages), tone="bad")
        else:
            say(request, ngettext("%(n)d customer put back.", "%(n)d customers put back.", done.count) % {"n": done.count})
        return HttpResponseRedirect(reverse("customers"))
    return page(request, "customers/undo_many.html", {"back": reverse("customers")})


ACTIONS = (
    BulkAction(
        "hand_over", _("Hand over"), Permission.CUSTOMER_TRANSFER, _hand_over,
        asks=(Ask("to", _("To"), everybody), Ask("reason", _("Reason"), required=False)),
        explain=_("They leave this list and appear in the list of the new owner, who gets a notice."),
    ),
    BulkAction(
        "tag", _("Tag"), Permission.CUSTOMER_EDIT, _tag,
        asks=(Ask("add", _("Add tags, separated by commas"), required=False), Ask("remove", _("Remove tags"), required=False)),
    ),
    BulkAction(
        "set", _("Change a field"), Permission.CUSTOMER_EDIT, _set, asks=(Ask("field", _("Field"), _fields),), then=_value,
        explain=_("Those that have the value already, and those that you may not change, stay as they are."),
    ),
    BulkAction(
        "delete", _("Delete"), Permission.CUSTOMER_DELETE, _delete, danger=True,
        explain=_("They go to the recycle bin, from which they can be restored."),
    ),
)  # fmt: skip
