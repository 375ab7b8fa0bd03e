"""Two become one without losing a row, and two again exactly as they were."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies as st

from zhike import reactions
from zhike.care.models import Suggestion
from zhike.core import events
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.events import CustomersMerged, CustomersUnmerged
from zhike.customers.models import (
    Consent,
    Contact,
    Customer,
    CustomerShare,
    DuplicatePair,
    Identifier,
    Interaction,
    Merge,
    Relationship,
)
from zhike.customers.moves import moves
from zhike.sales.models import Order
from zhike.teams.models import User

Made = Callable[..., Customer]
AT = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.UTC)


def test_the_list_of_what_moves_is_known() -> None:
    """A new table that hangs on the customer must be thought of here."""
    assert {f"{model._meta.model_name}.{column}" for model, column in moves()} == {
        "address.customer", "answersheet.customer", "comment.customer", "consent.customer", "contact.customer",
        "creditdecision.customer",
        "customer.parent", "customershare.customer", "identifier.customer",
        "interaction.customer", "order.customer", "relationship.customer", "relationship.other", "suggestion.customer",
    }  # fmt: skip


def test_what_is_missing_comes_from_the_other_and_the_rest_is_chosen(boss: User, made: Made) -> None:
    kept = made(boss, "张伟", phone="13800138000", region="朝阳", tags=["甲"], note="一")
    gone = made(
        boss, "张小伟", phone="13900139000", email="z@qq.com", birthday="8-15", birthday_is_lunar="1", tags=["乙"], note="二"
    )
    merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, choice={"name": "gone"}, at=AT, versions=(1, 1))
    kept.refresh_from_db(), gone.refresh_from_db()
    assert (kept.name, kept.phone, kept.email, kept.region) == ("张小伟", "+8613800138000", "z@qq.com", "朝阳")
    assert (kept.birthday, kept.birthday_is_lunar) == (datetime.date(1904, 8, 15), True)
    assert (kept.tags, kept.note) == (["甲", "乙"], "一\n\n二")
    assert [one.value for one in kept.identifiers.all()] == ["+8613900139000"]
    assert "9000" in kept.search
    assert (gone.merged_into, gone.deleted_at) == (kept, AT)
    assert merge.gone == gone
    assert not Customer.objects.deleted().exists()


def test_a_company_merged_with_its_parent_takes_its_place_in_the_tree(boss: User, made: Made) -> None:
    group, company, branch, sister = (made(boss, name, kind="organisation") for name in "甲乙丙丁")
    for below, above in ((company, group), (branch, company), (sister, company)):
        actions.set_parent(actor=boss, customer=below, parent=above, at=AT)
    merge = actions.merge_customers(actor=boss, kept=branch, gone=company, at=AT)
    branch.refresh_from_db(), sister.refresh_from_db()
    assert (branch.parent, sister.parent) == (group, branch)
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    branch.refresh_from_db(), sister.refresh_from_db()
    assert (branch.parent, sister.parent) == (company, company)


def test_who_may_not_see_or_change_both_merges_nothing(
    boss: User, li: User, han: User, made: Made, person: Callable[..., User]
) -> None:
    merger = person("wang", "customer.view", "customer.edit", "customer.merge")
    mine, theirs = made(boss), made(li)
    actions.transfer_customers(actor=boss, customers=[mine.pk], to=merger, at=AT)
    with pytest.raises(Customer.DoesNotExist):
        actions.merge_customers(actor=merger, kept=mine, gone=theirs, at=AT)
    actions.share_customer(actor=boss, customer=theirs, user=merger)
    with pytest.raises(PermissionDenied):
        actions.merge_customers(actor=merger, kept=mine, gone=theirs, at=AT)
    with pytest.raises(PermissionDenied):
        actions.merge_customers(actor=li, kept=theirs, gone=theirs, at=AT)


def test_a_merge_on_old_values_is_a_conflict(boss: User, made: Made) -> None:
    kept, gone = made(boss), made(boss, "李四")
    actions.change_customer(actor=boss, customer=gone, values={"region": "海淀"}, at=AT)
    with pytest.raises(actions.Conflict):
        actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT, versions=(1, 1))


def test_a_merge_is_dated_told_and_written_down_on_both(boss: User, made: Made) -> None:
    said: list[object] = []
    events.connect([(kind, said.append) for kind in (CustomersMerged, CustomersUnmerged)])
    try:
        kept, gone = made(boss, region="朝阳", phone="13800138000"), made(boss, "李四", email="l@qq.com", phone="13800138000")
        merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT)
        entries = {one.object_id: one for one in AuditEntry.objects.filter(verb="merged")}
        assert (entries[kept.pk].note, entries[kept.pk].changes) == (f"#{gone.pk}", {"email": ["", "l@qq.com"]})
        assert (entries[gone.pk].note, entries[gone.pk].changes, entries[gone.pk].actor) == (f"#{kept.pk}", {}, boss)
        pair = DuplicatePair.objects.get()
        assert (pair.state, pair.decided_by, pair.decided_at, merge.merged_by) == ("merged", boss, AT, boss)
        later = AT + datetime.timedelta(days=1)
        back = actions.unmerge(actor=boss, merge=merge.pk, at=later)
        merge.refresh_from_db(), pair.refresh_from_db()
        assert (merge.undone_at, pair.state, pair.decided_by, pair.decided_at) == (later, "open", None, None)
        assert (back, back.deleted_at, back.merged_into, back.version) == (gone, None, None, 3)
        undone = AuditEntry.objects.filter(verb="unmerged")
        assert {(one.object_id, one.note, one.actor) for one in undone} == {
            (kept.pk, f"#{gone.pk}", boss), (gone.pk, f"#{kept.pk}", boss),
        }  # fmt: skip
        assert said == [CustomersMerged(kept.pk, gone.pk), CustomersUnmerged(kept.pk, gone.pk)]
    finally:
        reactions.connect()


def test_of_several_pairs_only_the_merged_one_is_decided(boss: User, made: Made) -> None:
    one, two, three = (made(boss, name, phone="13800138000") for name in ("甲", "乙", "丙"))
    merge = actions.merge_customers(actor=boss, kept=two, gone=one, at=AT)
    states = {(pair.first_id, pair.second_id): pair.state for pair in DuplicatePair.objects.all()}
    assert states[one.pk, two.pk] == "merged"
    assert {state for pair, state in states.items() if pair != (one.pk, two.pk)} == {"open"}
    DuplicatePair.objects.filter(second=three).update(state="different")
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    states = {(pair.first_id, pair.second_id): pair.state for pair in DuplicatePair.objects.all()}
    assert (states[one.pk, two.pk], states[two.pk, three.pk]) == ("open", "different")


def test_nonsense_is_refused_at_its_field_and_changes_nothing(boss: User, made: Made) -> None:
    one, two = made(boss), made(boss, "李四")
    for gone, choice, field in ((one, {}, "gone"), (two, {"hat": "gone"}, "hat"), (two, {"tags": "gone"}, "tags")):
        with pytest.raises(ValidationError) as problem:
            actions.merge_customers(actor=boss, kept=one, gone=gone, choice=choice, at=AT)
        assert list(problem.value.message_dict) == [field]
    for versions, changed in (((2, 1), one), ((1, 2), two)):
        with pytest.raises(actions.Conflict) as conflict:
            actions.merge_customers(actor=boss, kept=one, gone=two, at=AT, versions=versions)
        assert conflict.value.customer == changed
    assert Customer.objects.living().count() == 2
    merge = actions.merge_customers(actor=boss, kept=one, gone=two, at=AT)
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    with pytest.raises(ValidationError) as problem:
        actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    assert list(problem.value.message_dict) == ["merge"]


def test_a_lunar_birthday_stays_with_its_date(boss: User, made: Made) -> None:
    lunar = {"birthday": "8-15", "birthday_is_lunar": "1"}
    for mine, other, choice, expected in (
        ({"birthday": "3-8"}, lunar, {}, (3, False)), ({"birthday": "3-8"}, lunar, {"birthday": "gone"}, (8, True)),
        (lunar, {"birthday": "3-8"}, {"birthday": "gone"}, (3, False)),
        (lunar, {"birthday": "3-8"}, {"birthday": "kept"}, (8, True)), ({}, lunar, {}, (8, True)), (lunar, {}, {}, (8, True)),
    ):  # fmt: skip
        kept, gone = made(boss, **mine), made(boss, **other)
        actions.merge_customers(actor=boss, kept=kept, gone=gone, choice=choice, at=AT)
        kept.refresh_from_db()
        assert kept.birthday is not None
        assert (kept.birthday.month, kept.birthday_is_lunar) == expected


def test_the_later_contact_and_the_age_of_what_is_known_count(boss: User, made: Made) -> None:
    early, late = AT, AT + datetime.timedelta(days=9)
    for mine, other in ((early, late), (late, early), (None, late), (late, None)):
        kept, gone = made(boss, region="朝阳"), made(boss, email="l@qq.com", region="海淀")
        Customer.objects.filter(pk=kept.pk).update(last_contact_at=mine, provenance={"region": {"on": "2020-01-01"}})
        Customer.objects.filter(pk=gone.pk).update(last_contact_at=other, provenance={"email": {"on": "2021-01-01"}, "region": {}})
        merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT)
        kept.refresh_from_db()
        assert kept.last_contact_at == late
        assert kept.provenance == {"region": {"on": "2020-01-01"}, "email": {"on": "2021-01-01"}}
        actions.unmerge(actor=boss, merge=merge.pk, at=AT)
        kept.refresh_from_db()
        assert (kept.last_contact_at, kept.provenance) == (mine, {"region": {"on": "2020-01-01"}})


def test_of_what_both_have_one_stays_with_the_gone_and_the_rest_moves(boss: User, made: Made) -> None:
    kept, gone = made(boss), made(boss, "李四")
    for customer, plates in ((kept, ["京A11111"]), (gone, ["京A11111", "京A22222", "京A33333"])):
        for plate in plates:
            actions.add_identifier(actor=boss, customer=customer, kind="plate", value=plate)
    merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT)

    def plates() -> list[list[str]]:
        return [sorted(one.identifiers.values_list("value", flat=True)) for one in (kept, gone)]

    assert plates() == [["京A11111", "京A22222", "京A33333"], ["京A11111"]]
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    assert plates() == [["京A11111"], ["京A11111", "京A22222", "京A33333"]]


def test_the_main_contact_of_the_kept_one_stays_the_main_one(boss: User, made: Made) -> None:
    kept, gone = made(boss, kind="organisation"), made(boss, "李四", kind="organisation")
    for customer, names in ((kept, ("王芳",)), (gone, ("赵六", "钱七"))):
        for name in names:
            actions.save_contact(actor=boss, customer=customer, name=name, is_main=name != "钱七")

    def contacts() -> set[tuple[str, str, bool]]:
        return set(Contact.objects.values_list("customer__name", "name", "is_main"))

    before = contacts()
    merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT)
    assert contacts() == {("张伟", "王芳", True), ("张伟", "赵六", False), ("张伟", "钱七", False)}
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    assert contacts() == before


def test_only_who_may_merge_undoes_a_merge(boss: User, made: Made, person: Callable[..., User]) -> None:
    merge = actions.merge_customers(actor=boss, kept=made(boss), gone=made(boss, "李四"), at=AT)
    with pytest.raises(PermissionDenied):
        actions.unmerge(actor=person("editor", "customer.view", "customer.edit", scope="all"), merge=merge.pk, at=AT)
    with pytest.raises(Merge.DoesNotExist):
        actions.unmerge(actor=person("merger", "customer.view", "customer.edit", "customer.merge"), merge=merge.pk, at=AT)


def test_a_merge_is_undone_once(boss: User, made: Made) -> None:
    kept, gone = made(boss, phone="13800138000"), made(boss, "李四", phone="13800138000")
    merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT)
    assert DuplicatePair.objects.get().state == "merged"
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    assert DuplicatePair.objects.get().state == "open"
    with pytest.raises(ValidationError):
        actions.unmerge(actor=boss, merge=merge.pk, at=AT)


def test_what_was_changed_after_the_merge_stays_after_its_undo(boss: User, made: Made) -> None:
    kept, gone = made(boss, region="朝阳"), made(boss, "李四", email="l@qq.com", wechat="lisi")
    merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, at=AT)
    actions.change_customer(actor=boss, customer=kept, values={"email": "new@qq.com"}, at=AT)
    call = actions.record_interaction(actor=boss, customer=kept, kind="call", at=AT)
    actions.unmerge(actor=boss, merge=merge.pk, at=AT)
    kept.refresh_from_db(), call.refresh_from_db()
    assert (kept.email, kept.wechat, call.customer) == ("new@qq.com", "", kept)


sides = st.fixed_dictionaries(
    {
        "phone": st.sampled_from(["", "13800138000", "13900139000"]), "email": st.sampled_from(["", "a@qq.com", "b@qq.com"]),
        "region": st.sampled_from(["", "朝阳", "海淀"]), "birthday": st.sampled_from(["", "1980-01-01", "3-8"]),
        "tags": st.lists(st.sampled_from(["甲", "乙", "丙"]), max_size=2), "number": st.sampled_from(["", "N"]),
        "mileage": st.sampled_from(["", "5", "7"]), "calls": st.integers(0, 3), "orders": st.integers(0, 3),
        "contacts": st.integers(0, 2), "main": st.booleans(), "shared": st.booleans(), "extra": st.booleans(),
        "knows": st.booleans(),
        "suggested": st.booleans(), "consents": st.integers(0, 2),
    }
)  # fmt: skip


def build(boss: User, name: str, side: dict[str, Any], friend: Customer, colleague: User) -> Customer:
    plain = ("phone", "email", "region", "birthday", "tags", "number", "mileage")
    values = {code: side[code] for code in plain} | {"name": name}
    values["number"] = values["number"] and f"N-{name}"
    customer = actions.create_customer(actor=boss, values=values, at=AT)
    for n in range(side["calls"]):
        actions.record_interaction(actor=boss, customer=customer, kind="call", at=AT + datetime.timedelta(hours=n), summary=name)
    for n in range(side["orders"]):
        Order.objects.create(customer=customer, ordered_at=AT, amount=Decimal(n))
    for n in range(side["contacts"]):
        actions.save_contact(actor=boss, customer=customer, name=f"{name}{n}", is_main=side["main"] and n == 0)
    for n in range(side["consents"]):
        actions.record_consent(actor=boss, customer=customer, purpose="care", is_given=bool(n), evidence="电话", at=AT)
    if side["shared"]:
        actions.share_customer(actor=boss, customer=customer, user=colleague, can_edit=name == "甲")
    if side["extra"]:
        actions.add_identifier(actor=boss, customer=customer, kind="plate", value="京A12345")
    if side["knows"]:
        actions.relate(actor=boss, customer=customer, other=friend, kind="knows")
    if side["suggested"]:
        Suggestion.objects.create(
            customer=customer, assignee=boss, rule="birthday", gain=1, priority=1, due_on=AT.date(), channel="phone"
        )
    return customer


def photograph(*customers: Customer) -> dict[str, Any]:
    """Everything that is kept of these customers, except what counts saves."""
    volatile = {"version", "updated_at"}
    pictures = {
        "customers": [
            {k: sorted(v) if k == "search" else v for k, v in row.items() if k not in volatile}
            for row in Customer.objects.filter(pk__in=[one.pk for one in customers]).order_by("pk").values()
        ]
    }
    for model in (Interaction, Order, Contact, Consent, CustomerShare, Identifier, Relationship, Suggestion):
        pictures[model.__name__] = list(model._default_manager.order_by("pk").values())
    return pictures


class Back(Exception):
    """Takes the example's rows away again."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    one=sides,
    two=sides,
    whose=st.dictionaries(st.sampled_from(["phone", "email", "region", "number", "mileage"]), st.sampled_from(["kept", "gone"])),
)
def test_any_merge_keeps_every_row_and_its_undo_is_exact(
    boss: User, li: User, one: dict[str, Any], two: dict[str, Any], whose: dict[str, str]
) -> None:
    try:
        with transaction.atomic():
            actions.apply_template(actor=boss, template="auto_service")
            friend = actions.create_customer(actor=boss, values={"name": "朋友"}, at=AT)
            kept, gone = (build(boss, name, side, friend, li) for name, side in (("甲", one), ("乙", two)))
            before = photograph(kept, gone)
            merge = actions.merge_customers(
                actor=boss,
                kept=kept,
                gone=gone,
                choice={k: v for k, v in whose.items() if k != "mileage" or one["mileage"] or two["mileage"]},
                at=AT,
            )
            after = photograph(kept, gone)
            for kind, rows in before.items():
                assert {row["id"] for row in rows} <= {row["id"] for row in after[kind]}
            for kind in ("Interaction", "Order", "Contact", "Consent"):
                assert {row["customer_id"] for row in after[kind]} <= {kept.pk}
            actions.unmerge(actor=boss, merge=merge.pk, at=AT)
            assert photograph(kept, gone) == before
            raise Back
    except Back:
        pass
