"""The queue of likely duplicates, the merge side by side, and taking it back."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.customers import actions, masking, queries
from zhike.customers.choices import CustomerKind, SearchState
from zhike.customers.models import Customer, Merge
from zhike.customers.queries.completeness import value
from zhike.customers.queries.duplicates import latest_search, open_pairs
from zhike.customers.rules.merging import is_empty, proposal
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.customers import words
from zhike.web.customers.sheets import press, seen
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

MOST_PAIRS = 100
PLAIN = ("name", "kind", "number")


@require_safe
@needs(Permission.CUSTOMER_MERGE)
def duplicates(request: HttpRequest) -> HttpResponse:
    user = signed_in_person(request)
    pairs, latest = open_pairs(user), latest_search()
    return page(request, "customers/duplicates.html", {
        "pairs": list(pairs[:MOST_PAIRS]), "count": pairs.count(), "reasons": reason_words() | finding_words(),
        "phone_of": _phones(user), "search": latest,
        "busy": latest is not None and latest.state in (SearchState.WAITING, SearchState.RUNNING),
    })  # fmt: skip


@require_POST
@needs(Permission.CUSTOMER_MERGE)
def search(request: HttpRequest) -> HttpResponse:
    try:
        actions.request_duplicate_search(actor=signed_in_person(request))
    except ValidationError as wrong:
        say(request, " ".join(wrong.messages), tone="bad")
    return HttpResponseRedirect(reverse("duplicates"))


@require_POST
@needs(Permission.CUSTOMER_MERGE)
def apart(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in_person(request)
    pair = get_object_or_404(open_pairs(user), pk=pk)
    actions.keep_apart(actor=user, pair=pair.pk, at=timezone.now())
    say(request, _("Noted: they are not the same."))
    return HttpResponseRedirect(reverse("duplicates"))


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_MERGE)
def merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Field by field; what is not chosen stays with the kept one, and nothing of either is lost."""
    user = signed_in_person(request)
    kept, gone = seen(request, pk), seen(request, other)
    if request.method == "POST":
        try:
            versions = tuple(int(request.POST.get(name, "0")) for name in ("kept_version", "gone_version"))
            choice = {
                name[5:]: side for name, side in request.POST.items() if name.startswith("take.") and side in ("kept", "gone")
            }
            actions.merge_customers(
                actor=user, kept=kept, gone=gone, at=timezone.now(), choice=choice, versions=(versions[0], versions[1])
            )
        except actions.Conflict:
            say(request, _("Somebody else has changed one of them in the meantime; look again."), tone="bad")
        except ValidationError as problem:
            say(request, " ".join(problem.messages), tone="bad")
        else:
            address = reverse("customer", args=[pk])
            say(request, _("Merged into %(name)s.") % {"name": kept.name}, url=f"{address}?tab=history", label=_("Undo"))
            return HttpResponseRedirect(address)
        return HttpResponseRedirect(reverse("merge", args=[pk, other]))
    context = {"kept": kept, "gone": gone, "lines": _lines(user, kept, gone)}
    return page(request, "customers/merge.html", context)


@require_safe
@needs(Permission.CUSTOMER_MERGE)
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """With whom: likely ones first, or any by name, phone or number."""
    customer, user = seen(request, pk), signed_in_person(request)
    entered = {code: getattr(customer, code) for code in ("name", "phone", "email", "credit_code", "wechat", "member_no")}
    likely = [match.customer for match in queries.find_matches(user, entered, but=pk).seen]
    context = {"customer": customer, "likely": likely, "reasons": reason_words()}
    return page(request, "customers/choose.html", context)


@require_POST
@needs(Permission.CUSTOMER_MERGE)
def unmerge(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in_person(request)
    done = get_object_or_404(Merge, pk=pk, kept__in=Customer.objects.visible_to(user))
    act = partial(actions.unmerge, actor=user, merge=done.pk, at=timezone.now())
    return press(request, done.kept_id, act, said=_("The merge is undone; both are there again."), tab="history")


def reason_words() -> dict[str, str]:
    return {
        "phone": _("same phone"), "email": _("same e-mail"), "credit_code": _("same credit code"),
        "member_no": _("same membership no."),
        "wechat": _("same WeChat"), "number": _("same customer no."), "name": _("same name"), "birthday": _("same birthday"),
    }  # fmt: skip


def finding_words() -> dict[str, str]:
    """What the search found for or against a pair."""
    return {
        "person.sound": _("names that sound the same"), "person.near": _("names that sound alike"),
        "person.one_character": _("names that differ in one character"), "person.title": _("same surname, given name missing"),
        "person.family": _("same surname, another given name"), "person.different": _("different names"),
        "company.core": _("same name apart from region and form"), "company.sound": _("names that sound the same"),
        "company.near": _("names that sound alike"), "company.one_character": _("names that differ in one character"),
        "company.part": _("one name is short for the other"), "company.different": _("different names"),
        "region.same": _("same region"), "region.different": _("different regions"), "trade.same": _("same trade"),
        "trade.similar": _("similar trade"), "trade.different": _("different trades"), "branch.same": _("same branch"),
        "branch.different": _("different branches"),
        "phone.near": _("phones nearly the same"), "phone.different": _("different phones"),
        "email.near": _("e-mails nearly the same"), "email.different": _("different e-mails"),
        "code.near": _("credit codes nearly the same"), "code.different": _("different credit codes"),
        "birthday.near": _("birthdays nearly the same"), "birthday.different": _("different birthdays"),
        "address.same": _("same address"), "address.near": _("addresses nearly the same"),
        "address.different": _("different addresses"),
    }  # fmt: skip


def _phones(user: User) -> Any:
    field_class = masking.class_of(masking.field_classes(), "phone")
    return lambda customer: masking.shown(user, field_class, "phone", customer.phone)


def _lines(user: User, kept: Customer, gone: Customer) -> list[dict[str, Any]]:
    """Every field that one of the two has: both values, whether they differ, and whose is proposed."""
    fields = queries.definitions()
    classes = masking.COLUMN_CLASSES | {field.code: field.confidentiality for field in fields}
    labels = words.column_labels()
    found = [_line(code, labels[code], getattr(kept, code), getattr(gone, code), _plain_words(code)) for code in PLAIN]
    for field in fields:
        field_class = masking.class_of(classes, field.code)
        line = _line(field.code, field.label(get_language() or "zh-hans"), value(kept, field.code), value(gone, field.code), None)
        for side, one in (("kept", kept), ("gone", gone)):
            text = words.readable(field, value(one, field.code), lunar=one.birthday_is_lunar)
            line[side] = masking.shown(user, field_class, field.code, text)
        found.append(line)
    return [line for line in found if line["kept"] or line["gone"]]


def _line(code: str, label: str, mine: Any, theirs: Any, text: Any) -> dict[str, Any]:
    readable = text or str
    return {
        "code": code, "label": label, "kept": "" if is_empty(mine) else readable(mine),
        "gone": "" if is_empty(theirs) else readable(theirs),
        "differs": mine != theirs, "take": proposal(mine, theirs),
    }  # fmt: skip


def _plain_words(code: str) -> Any:
    return (lambda kind: CustomerKind(kind).label) if code == "kind" else None
