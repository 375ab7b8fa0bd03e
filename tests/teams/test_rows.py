"""What hangs on a customer is seen by who sees the customer, and by nobody else; what is deleted, by nobody."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from tests.teams.company import administrator, person
from zhike.care.models import Suggestion
from zhike.core import events
from zhike.core.models import AuditEntry, StoredFile
from zhike.customers import actions
from zhike.customers.events import CustomerChanged
from zhike.customers.models import AnswerSheet, Comment, Customer, CustomerShare, Interaction, Survey
from zhike.customers.queries.attachments import files_visible_to
from zhike.customers.queries.comments import comments_visible_to
from zhike.sales.models import Order
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Notice, User
from zhike.value.models import Run, Score
from zhike.value.queries.scores import scores_of, trace, visible_scores

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.UTC)
DAY = NOW.date()
SELLING = [Permission.CUSTOMER_VIEW, Permission.ORDER_VIEW, Permission.VALUE_VIEW]


@pytest.fixture
def li() -> User:
    return person(can=SELLING)


def run_of_values(*, is_current: bool) -> Run:
    run = Run.objects.create(as_of=DAY, state="done", is_current=is_current)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE zhike_score_{run.pk} PARTITION OF zhike_score FOR VALUES IN ({run.pk})")
    return run


def score(run: Run, customer: Customer) -> None:
    Score.objects.create(
        run=run, customer=customer, as_of=DAY, orders=1, returns=0, revenue=5, margin=5, frequency=0, recency=0, age=0
    )


@pytest.fixture
def run() -> Run:
    return run_of_values(is_current=True)


@pytest.fixture
def customers(li: User, run: Run) -> dict[str, Customer]:
    """One of Li's, one of a colleague, one of Li's that is deleted; with everything that can hang on them."""
    boss = administrator()
    survey = Survey.objects.create(name="问卷", created_at=NOW)
    made = {
        "mine": Customer.objects.create(name="mine", owner=li), "theirs": Customer.objects.create(name="theirs"),
        "deleted": Customer.objects.create(name="deleted", owner=li, deleted_at=NOW),
    }  # fmt: skip
    for row, one in enumerate(made.values()):
        file = StoredFile.objects.create(name=f"{one}.pdf", path=f"x{row}", content_type="x", size=1, sha256="x", uploaded_by=boss)
        Interaction.objects.create(customer=one, kind="call", at=NOW).files.add(file)
        Comment.objects.create(customer=one, text="看一下", by=boss, at=NOW)
        Comment.objects.create(customer=one, on="order", on_id=1, text="贵", by=boss, at=NOW)
        AnswerSheet.objects.create(survey=survey, row=row, customer=one)
        Order.objects.create(customer=one, ordered_at=NOW, amount=5)
        Suggestion.objects.create(customer=one, assignee=boss, rule="silent", gain=1, priority=1, due_on=DAY, channel="phone")
        score(run, one)
    AnswerSheet.objects.create(survey=survey, row=9)  # nobody said who they are
    return made


Rows = Callable[[User], Any]
HANGING: dict[str, Rows] = {
    "interactions": Interaction.objects.visible_to, "sheets": AnswerSheet.objects.visible_to, "orders": Order.objects.visible_to,
    "suggestions": Suggestion.objects.visible_to, "comments": lambda user: comments_visible_to(user).filter(on=""),
    "scores": lambda user: visible_scores(user, Run.objects.get().pk),
}  # fmt: skip


def names(rows: Any) -> list[str]:
    return sorted(str(name) for name in rows.values_list("customer__name", flat=True))


@pytest.mark.parametrize("kind", HANGING)
def test_by_who_sees_the_customer(customers: dict[str, Customer], li: User, kind: str) -> None:
    rows = HANGING[kind]
    nobodys = ["None"] if kind == "sheets" else []
    for everybody in (administrator(), person(can=SELLING, scope=Scope.ALL)):
        assert names(rows(everybody)) == sorted([*nobodys, "mine", "theirs"])
    assert names(rows(li)) == ["mine"]
    helper = person(can=SELLING)
    assert names(rows(helper)) == []
    CustomerShare.objects.create(customer=customers["theirs"], user=helper)
    assert names(rows(helper)) == ["theirs"]


@pytest.mark.parametrize("kind", ["sheets", "suggestions", "orders", "scores"])
def test_not_by_who_may_see_no_customers(customers: dict[str, Customer], kind: str) -> None:
    for scope in (Scope.OWN, Scope.ALL):
        assert names(HANGING[kind](person(can=[Permission.INTERACTION_RECORD], scope=scope))) == []


def test_orders_values_and_words_on_orders_not_without_their_own_right(customers: dict[str, Customer], li: User, run: Run) -> None:
    looker = person(can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL)
    assert not Order.objects.visible_to(looker).exists()
    assert not visible_scores(looker, run.pk).exists()
    assert trace(looker, customers["mine"].pk) == []
    assert set(comments_visible_to(looker).values_list("on", flat=True)) == {""}
    assert set(comments_visible_to(li).values_list("on", flat=True)) == {"", "order"}


def test_values_of_a_run_and_of_a_customer_are_not_those_of_others(customers: dict[str, Customer], li: User, run: Run) -> None:
    mine, theirs = customers["mine"], customers["theirs"]
    assert scores_of([]) == {}
    assert set(scores_of([mine.pk])) == {mine.pk}
    other = run_of_values(is_current=False)
    score(other, mine)
    assert [one.run for one in visible_scores(li, other.pk)] == [other]
    assert [one.run for one in visible_scores(li, run.pk)] == [run]
    assert [one.run for one in trace(li, mine.pk)] == [other, run]
    assert trace(li, theirs.pk) == []


def test_the_bin_shows_ones_own_to_who_may_delete_and_no_merged_ones(customers: dict[str, Customer], li: User) -> None:
    Customer.objects.create(name="merged", owner=li, deleted_at=NOW, merged_into=customers["mine"])
    Customer.objects.create(name="nobodys", deleted_at=NOW)
    keeper = person(can=[Permission.CUSTOMER_DELETE])
    CustomerShare.objects.create(customer=customers["theirs"], user=keeper)
    Customer.objects.create(name="keepers", owner=keeper, deleted_at=NOW)
    seen = {
        who: set(Customer.objects.in_bin_of(who).values_list("name", flat=True))
        for who in (li, keeper, person(can=[Permission.CUSTOMER_DELETE], scope=Scope.ALL), administrator())
    }
    assert list(seen.values()) == [set(), {"keepers"}, *[{"deleted", "nobodys", "keepers"}] * 2]


def test_files_are_seen_with_what_they_are_attached_to_and_by_who_brought_them(customers: dict[str, Customer], li: User) -> None:
    loose = StoredFile.objects.create(name="loose.pdf", path="y", content_type="x", size=1, sha256="x", uploaded_by=li)
    assert set(files_visible_to(li).values_list("name", flat=True)) == {"mine.pdf", "loose.pdf"}
    assert loose not in files_visible_to(person(can=SELLING, scope=Scope.ALL))


def test_nobody_is_asked_in_who_has_left_and_a_share_is_told_and_taken_back(li: User, customers: dict[str, Customer]) -> None:
    boss, gone, han = administrator(), person("走了", is_active=False), person("韩梅", can=SELLING)
    with pytest.raises(ValidationError) as problem:
        actions.share_customer(actor=boss, customer=customers["theirs"], user=gone)
    assert list(problem.value.message_dict) == ["user"]
    for can_edit, word in ((False, "view"), (True, "edit")):
        share = actions.share_customer(actor=boss, customer=customers["theirs"], user=han, can_edit=can_edit)
        entry = AuditEntry.objects.latest("pk")
        assert (entry.note, entry.changes) == (word, {"shared_with": [None, {"id": han.pk, "name": "韩梅"}]})
    assert CustomerShare.objects.get() == share
    actions.unshare_customer(actor=boss, customer=customers["theirs"], user=gone)  # who has no share loses none
    assert CustomerShare.objects.get() == share
    heard: list[object] = []
    events.connect([(CustomerChanged, heard.append)])
    actions.unshare_customer(actor=boss, customer=customers["theirs"], user=han)
    assert heard == [CustomerChanged(customers["theirs"].pk, ("shares",))]
    assert AuditEntry.objects.latest("pk").changes == {"shared_with": [{"id": han.pk, "name": "韩梅"}, None]}
    assert not CustomerShare.objects.exists()


def test_a_hand_over_is_told_once_with_who_from_and_how_many(customers: dict[str, Customer], li: User) -> None:
    boss, han = administrator(), person("韩梅", can=SELLING)
    mine, theirs = customers["mine"].pk, customers["theirs"].pk
    assert actions.transfer_customers(actor=boss, customers=[mine], to=han, at=NOW, reason="调岗") == 1
    entry = AuditEntry.objects.get(verb="transferred")
    changes = {"owner": [{"id": li.pk, "name": "李雷"}, {"id": han.pk, "name": "韩梅"}]}
    assert (entry.object_id, entry.object_name, entry.note, entry.changes) == (mine, "mine", "调岗", changes)
    told = Notice.objects.get()
    assert (told.user, told.kind, told.url) == (han, "customers.transferred", f"/customers/{mine}/")
    assert told.params == {"from": str(boss), "count": 1, "name": "mine", "reason": "调岗"}
    assert actions.transfer_customers(actor=boss, customers=[mine, theirs], to=li, at=NOW) == 2
    assert Notice.objects.get(user=li).url == "/customers/"
    assert actions.transfer_customers(actor=boss, customers=[mine, theirs], to=boss, at=NOW) == 2
    assert actions.transfer_customers(actor=boss, customers=[mine, theirs], to=boss, at=NOW) == 0  # they have them
    assert actions.transfer_customers(actor=boss, customers=[mine], to=None, at=NOW) == 1
    assert Notice.objects.count() == 2
    found = Customer.objects.get(pk=mine)
    assert (found.owner, found.owner_since, found.updated_at, found.version) == (None, None, NOW, 5)
    assert Customer.objects.get(pk=theirs).owner_since == timezone.localdate(NOW)
    with pytest.raises(ValidationError) as problem:
        actions.transfer_customers(actor=boss, customers=[mine], to=person("走了", is_active=False), at=NOW)
    assert list(problem.value.message_dict) == ["to"]
