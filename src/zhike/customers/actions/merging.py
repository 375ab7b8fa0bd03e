"""Making two customers one, and taking that back.

Everything that hangs on the one that goes moves to the one that is kept; which rows moved and which values were overwritten is
written down, so that the undo is exact. A row that cannot move because the kept one has the same already (a share with the same
colleague, the same further phone) stays with the gone record and comes back with it.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers import entered, finding, pairs, tokens
from zhike.customers.choices import PairState
from zhike.customers.events import CustomersMerged, CustomersUnmerged
from zhike.customers.keeping import Conflict, last_change, saved
from zhike.customers.models import Contact, Customer, DuplicatePair, Identifier, Merge
from zhike.customers.moves import moves
from zhike.customers.queries.tree import ancestors
from zhike.customers.rules import columns, merging
from zhike.customers.rules.merging import is_empty
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

NEVER_CHOSEN = {"tags", "note"}  # joined, not chosen
EXTRA = (
    "phone",
    "email",
    "wechat",
    "member_no",
)  # what loses becomes a further identifier, so that the customer is still found by it
COPIED = (*columns.COLUMNS, "profile", "provenance", "parent_id", "last_contact_at")


@transaction.atomic
def merge_customers(
    *, actor: User, kept: finding.Key, gone: finding.Key, at: datetime.datetime, choice: Mapping[str, str] | None = None,
    versions: tuple[int, int] | None = None,
) -> Merge:  # fmt: skip
    """`choice` names per field `"kept"` or `"gone"`; where it is silent the kept one's value stays unless it is empty."""
    access.require(actor, Permission.CUSTOMER_MERGE)
    one, two = finding.locked_many(actor, [kept, gone])
    if one.pk == two.pk:
        raise ValidationError({"gone": [_("Choose another customer.")]})
    if versions is not None and versions != (one.version, two.version):
        changed = one if versions[0] != one.version else two
        raise Conflict(changed, last_change(changed))
    before = {"kept": _state(one), "gone": _state(two)}
    changes = _changes(one, two, choice or {})
    _bury(two, one, at)
    moved = _move(one, two, before)
    moved["created.identifier"] = _keep_findable(one, two, changes)
    _take_values(one, two, changes)
    before["merged"] = _state(one)
    merge = Merge.objects.create(kept=one, gone=two, before=_json(before), moved=moved, merged_by=actor)
    DuplicatePair.objects.filter(first_id=min(one.pk, two.pk), second_id=max(one.pk, two.pk)).update(
        state=PairState.MERGED, decided_by=actor, decided_at=at
    )
    for customer, other in ((one, two), (two, one)):
        audit.record(
            actor=actor, verb=AuditVerb.MERGED, on=customer, changes=changes if customer is one else {}, note=f"#{other.pk}"
        )
    pairs.note(one)  # what may be the same as the gone one may now be the same as this one
    announce(CustomersMerged(one.pk, two.pk))
    return merge


@transaction.atomic
def unmerge(*, actor: User, merge: int, at: datetime.datetime) -> Customer:
    """Brings the gone customer back with all that moved. Values of the kept one that were changed since stay as they are."""
    access.require(actor, Permission.CUSTOMER_MERGE)
    done = Merge.objects.select_for_update(of=("self",)).get(pk=merge, kept__in=Customer.objects.visible_to(actor))
    if done.undone_at is not None:
        raise ValidationError({"merge": [_("It has been undone already.")]})
    kept = finding.locked(actor, done.kept_id)
    gone = Customer.objects.select_for_update(of=("self",)).get(pk=done.gone_id)
    Identifier.objects.filter(pk__in=done.moved.get("created.identifier", []), customer=kept).delete()
    for model, column in moves():
        keys = done.moved.get(_name(model, column), [])
        model._default_manager.filter(pk__in=keys, **{column: kept}).update(**{column: gone})
    if main := done.moved.get("main.contact"):
        Contact.objects.filter(pk__in=main, customer=gone).update(is_main=True)
    _give_values_back(kept, done.before)
    gone.deleted_at = gone.merged_into = None
    gone.version += 1
    saved(gone)
    done.undone_at = at
    done.save(update_fields=["undone_at"])
    DuplicatePair.objects.filter(first_id=min(kept.pk, gone.pk), second_id=max(kept.pk, gone.pk)).update(
        state=PairState.OPEN, decided_by=None, decided_at=None
    )
    for customer, other in ((kept, gone), (gone, kept)):
        audit.record(actor=actor, verb=AuditVerb.UNMERGED, on=customer, note=f"#{other.pk}")
    announce(CustomersUnmerged(kept.pk, gone.pk))
    return gone


def _changes(one: Customer, two: Customer, choice: Mapping[str, str]) -> audit.Changes:
    codes = set(columns.COLUMNS) - NEVER_CHOSEN | one.profile.keys() | two.profile.keys()
    if wrong := set(choice) - codes:
        raise ValidationError({code: [_("There is no such field.")] for code in wrong})
    mine = {code: entered.value_of(one, code) for code in codes}
    other = {code: entered.value_of(two, code) for code in codes}
    if choice.get("birthday"):
        choice = {**choice, "birthday_is_lunar": choice["birthday"]}
    elif is_empty(one.birthday):
        choice = {**choice, "birthday_is_lunar": merging.GONE}
    taken = merging.merged_values(mine, other, choice)
    changes: audit.Changes = {code: [mine[code], value] for code, value in taken.items()}
    joined = {"tags": merging.joined_tags(one.tags, two.tags), "note": merging.joined_notes(one.note, two.note)}
    return changes | audit.differences(one, joined)


def _bury(two: Customer, one: Customer, at: datetime.datetime) -> None:
    two.deleted_at, two.merged_into = at, one
    two.version += 1
    two.save(update_fields=["deleted_at", "merged_into", "version", "updated_at"])


def _move(one: Customer, two: Customer, before: dict[str, Any]) -> dict[str, list[int]]:
    moved: dict[str, list[int]] = {}
    if two.pk in ancestors(one.pk):  # the kept one is a subsidiary of the gone one: it takes its place in the tree
        Customer.objects.filter(pk=one.pk).update(parent_id=two.parent_id)
        one.parent_id = two.parent_id
    if Contact.objects.filter(customer=one, is_main=True).exists():
        main = list(Contact.objects.filter(customer=two, is_main=True).values_list("pk", flat=True))
        Contact.objects.filter(pk__in=main).update(is_main=False)
        moved["main.contact"] = main
    for model, column in moves():
        keys = list(model._default_manager.filter(**{column: two}).values_list("pk", flat=True))
        if keys:
            moved[_name(model, column)] = _moved(model, column, keys, one)
    return moved


def _moved(model: type[models.Model], column: str, keys: list[int], one: Customer) -> list[int]:
    """All in one statement; where a constraint forbids that, one after another, leaving behind what the kept one has already."""
    manager = model._default_manager
    try:
        with transaction.atomic():
            manager.filter(pk__in=keys).update(**{column: one})
            return keys
    except IntegrityError:
        pass
    done = []
    for key in keys:
        try:
            with transaction.atomic():
                manager.filter(pk=key).update(**{column: one})
            done.append(key)
        except IntegrityError:
            continue
    return done


def _keep_findable(one: Customer, two: Customer, changes: audit.Changes) -> list[int]:
    made = []
    for code in EXTRA:
        result = changes[code][1] if code in changes else getattr(one, code)
        for value in {getattr(one, code), getattr(two, code)} - {result, ""}:
            row, created = Identifier.objects.get_or_create(customer=one, kind=code, value=value)
            if created:
                made.append(row.pk)
    return made


def _take_values(one: Customer, two: Customer, changes: audit.Changes) -> None:
    for code, (_before, value) in changes.items():
        if code in columns.COLUMNS:
            setattr(one, code, value)
        elif is_empty(value):
            one.profile.pop(code, None)
        else:
            one.profile[code] = value
        if code in two.provenance and value == entered.value_of(two, code):
            one.provenance[code] = two.provenance[code]
    contacts = [moment for moment in (one.last_contact_at, two.last_contact_at) if moment]
    one.last_contact_at = max(contacts, default=None)
    one.search = tokens.tokens_of(one)
    one.version += 1
    saved(one)


def _give_values_back(kept: Customer, before: Mapping[str, Any]) -> None:
    """Value by value, where the kept customer still has what the merge gave it."""
    now, after, old = _json(_state(kept)), before["merged"], before["kept"]
    for name in COPIED:
        if name in ("profile", "provenance"):
            mapping = getattr(kept, name)
            for code in old[name].keys() | after[name].keys():
                if mapping.get(code) == after[name].get(code) and old[name].get(code) != after[name].get(code):
                    _put(mapping, code, old[name].get(code))
        elif now[name] == after[name] and old[name] != after[name]:
            column = Customer._meta.get_field(name.removesuffix("_id"))
            assert isinstance(column, models.Field)
            setattr(kept, name, column.to_python(old[name]))
    kept.search = tokens.tokens_of(kept)
    kept.version += 1
    saved(kept)


def _put(mapping: dict[str, Any], code: str, value: Any) -> None:
    if value is None:
        mapping.pop(code, None)
    else:
        mapping[code] = value


def _state(customer: Customer) -> dict[str, Any]:
    state = {name: getattr(customer, name) for name in COPIED}
    return {**state, "profile": dict(customer.profile), "provenance": dict(customer.provenance)}


def _json(value: Any) -> Any:
    import json

    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _name(model: type[models.Model], column: str) -> str:
    return f"{model._meta.model_name}.{column}"
