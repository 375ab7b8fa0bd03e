"""Talking about a customer, and telling colleagues who may see it."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.teams.company import administrator, department, person, role
from zhike.core.models import AuditEntry
from zhike.customers import actions, queries
from zhike.customers.models import Comment, Customer, CustomerShare
from zhike.customers.queries.comments import comments_on, comments_visible_to, mentionable, who_may_see
from zhike.customers.rules.mentions import handles, mentioned
from zhike.sales.models import Order
from zhike.teams import access
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Notice, User

pytestmark = pytest.mark.django_db
Made = Callable[..., Customer]
SEES = [Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD]
NOW = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.UTC)


def test_names_are_found_whole() -> None:
    called = handles(
        [(1, "王磊", "wl"), (2, "王磊磊", "wll"), (3, "Li", "li"), (4, "Lisa", "lisa"), (5, "Bo", "bo"), (6, "Bo", "bo2")]
    )
    assert called[5] == "Bo(bo)"
    assert mentioned("@王磊磊你好，＠王磊 也看看", called) == [2, 1]
    assert mentioned("@Lisa, @Li. @Lilian", called) == [4, 3]
    assert mentioned("@Bo @Bo(bo2) a@b.cn", called) == [6]


def test_who_is_reached_is_exactly_who_sees() -> None:
    """`reached_by` against `visible_to`, for everybody and every customer of a company with each scope."""
    top = department("总部")
    south, north = department("南区", top), department("北区", top)
    shop = department("门店", south)
    chief = person("总", can=SEES, scope=Scope.DEPARTMENT_BELOW, department=top)
    head = person("区", can=SEES, scope=Scope.DEPARTMENT_BELOW, department=south)
    lead = person("长", can=SEES, scope=Scope.DEPARTMENT, department=south, manager=head)
    boss = person("管", can=SEES, scope=Scope.SUBORDINATES, department=north, manager=chief)
    sell = person("销", can=SEES, department=shop, manager=boss)
    deputy = person("代", can=SEES, department=north)
    away = person(
        "休", can=SEES, department=shop, manager=sell, deputy=deputy,
        away_from=timezone.localdate() - datetime.timedelta(days=1),
    )  # fmt: skip
    two = person("双", can=SEES, department=north)
    two.roles.add(role([], scope=Scope.ALL))
    gone = person("离", can=SEES, scope=Scope.ALL, is_active=False)
    nobody, blind = person("无"), person("盲", can=[Permission.ORDER_VIEW], scope=Scope.ALL)
    everybody = [chief, head, lead, boss, sell, deputy, away, two, gone, nobody, blind, administrator()]
    places = [None, top, south, north, shop]
    customers = [
        Customer.objects.create(name=f"{owner} {place}", owner=owner, department=place)
        for owner in (None, *everybody) for place in places
    ]  # fmt: skip
    for other in (gone, blind, lead):
        CustomerShare.objects.create(customer=customers[0], user=other)
    seen = {one.pk: set(Customer.objects.visible_to(User.objects.get(pk=one.pk)).values_list("pk", flat=True)) for one in everybody}
    for customer in customers:
        expected = {one.pk for one in everybody if customer.pk in seen[one.pk]}
        assert {one.pk for one in who_may_see(customer)} == expected, customer.name


def test_who_is_named_is_told_once_and_only_if_they_may_see_it(li: User, han: User, boss: User, made: Made) -> None:
    customer = made(li)
    done = actions.add_comment(actor=li, customer=customer, text=f"@{boss.name} @{han.name} 请看", at=NOW)
    assert done.untold == [han.name]
    [notice] = Notice.objects.filter(kind="comment.mentioned")
    assert (notice.user, notice.params["name"]) == (boss, customer.name)
    assert f"comment={done.comment.pk}" in notice.url
    actions.share_customer(actor=li, customer=customer, user=han)
    again = actions.change_comment(actor=li, comment=done.comment.pk, text=f"@{boss.name} @{han.name} 再看", at=NOW)
    assert (again.untold, again.comment.edited_at) == ([], NOW)
    assert set(Notice.objects.filter(kind="comment.mentioned").values_list("user", flat=True)) == {boss.pk, han.pk}
    assert Notice.objects.filter(kind="comment.mentioned").count() == 2


def test_only_who_may_see_it_is_proposed(li: User, han: User, boss: User, made: Made) -> None:
    customer = made(li)
    names = [one.person for one in mentionable(li, customer, "")]
    assert boss in names
    assert not {han, li} & set(names)
    assert [one.handle for one in mentionable(li, customer, boss.username[:2])] == [boss.name]
    assert mentionable(li, customer, han.name) == []


def test_a_comment_on_an_order_is_for_who_may_see_orders(boss: User, made: Made) -> None:
    customer = made(boss)
    order = Order.objects.create(customer=customer, ordered_at=NOW, amount=1)
    plain = person("赵敏", can=SEES, scope=Scope.ALL)
    done = actions.add_comment(actor=boss, customer=customer, text="@赵敏 这单", on="order", on_id=order.pk, at=NOW)
    assert done.untold == ["赵敏"]
    assert list(comments_visible_to(boss)) == [done.comment]
    assert list(comments_visible_to(plain)) == []
    with pytest.raises(ValidationError):
        actions.add_comment(actor=plain, customer=customer, text="这单", on="order", on_id=order.pk, at=NOW)


def test_an_entry_must_belong_to_the_customer(li: User, made: Made) -> None:
    customer, other = made(li), made(li, "别人")
    call = actions.record_interaction(actor=li, customer=other, kind="call", at=NOW)
    for on, key in (("interaction", call.pk), ("audit", 10**9), ("comment", 1), ("dance", 1), ("", 5)):
        with pytest.raises(ValidationError):
            actions.add_comment(actor=li, customer=customer, text="x", on=on, on_id=key, at=NOW)
    assert actions.add_comment(actor=li, customer=other, text="x", on="interaction", on_id=call.pk, at=NOW)


def test_ones_own_is_changed_deleted_and_brought_back_nobody_elses(li: User, boss: User, made: Made) -> None:
    customer = made(li)
    row = actions.add_comment(actor=li, customer=customer, text="一", at=NOW).comment
    for act in (
        lambda: actions.change_comment(actor=boss, comment=row.pk, text="二", at=NOW),
        lambda: actions.delete_comment(actor=boss, comment=row.pk, at=NOW),
    ):
        with pytest.raises(Comment.DoesNotExist):
            act()
    actions.change_comment(actor=li, comment=row.pk, text="三", at=NOW)
    actions.delete_comment(actor=li, comment=row.pk, at=NOW)
    assert "comment" not in [event.kind for event in queries.timeline(li, customer)[0]]
    actions.restore_comment(actor=li, comment=row.pk)
    assert [event.what.text for event in queries.timeline(li, customer)[0] if event.kind == "comment"] == ["三"]
    trail = AuditEntry.objects.filter(object_type="comment", object_id=row.pk).order_by("pk")
    assert [one.verb for one in trail] == ["created", "changed", "deleted", "restored"]
    assert trail[1].changes == {"text": ["一", "三"]}
    for text in (" ", "x" * 2001):
        with pytest.raises(ValidationError):
            actions.change_comment(actor=li, comment=row.pk, text=text, at=NOW)


def test_who_may_not_see_the_customer_or_record_cannot_comment(li: User, han: User, made: Made) -> None:
    customer = made(li)
    with pytest.raises(Customer.DoesNotExist):
        actions.add_comment(actor=han, customer=customer, text="x", at=NOW)
    reader = person("阅", can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL)
    with pytest.raises(PermissionDenied):
        actions.add_comment(actor=reader, customer=customer, text="x", at=NOW)


def test_in_a_merge_comments_go_along_and_those_on_changes_stay_readable(boss: User, made: Made) -> None:
    kept, gone = made(boss, "张伟"), made(boss, "张小伟")
    entry = AuditEntry.objects.get(object_type="customer", object_id=gone.pk)
    actions.add_comment(actor=boss, customer=gone, text="这条变更", on="audit", on_id=entry.pk, at=NOW)
    merge = actions.merge_customers(actor=boss, kept=kept, gone=gone, choice={}, at=NOW, versions=(1, 1))
    assert [event.what.text for event in queries.timeline(boss, kept)[0] if event.kind == "comment"] == ["这条变更"]
    actions.unmerge(actor=boss, merge=merge.pk, at=NOW)
    gone.refresh_from_db()
    assert [row.text for row in gone.comments.all()] == ["这条变更"]


def test_the_deputy_is_forgotten_when_the_owner_is_back(li: User, han: User, made: Made) -> None:
    customer = made(li)
    User.objects.filter(pk=li.pk).update(
        deputy=han, away_from=NOW.date(), away_until=timezone.localdate() - datetime.timedelta(days=1)
    )
    assert han not in access.reached_by(owner=li.pk, department=None, permissions=[Permission.CUSTOMER_VIEW])
    assert han not in who_may_see(customer)


def test_what_is_said_stands_at_its_entry_in_order_and_deleted_words_only_before_who_said_them() -> None:
    boss, li = administrator(), person("李雷", can=SEES)
    customer, other = Customer.objects.create(name="客户", owner=li), Customer.objects.create(name="别人")
    for at, (on, on_id, text, by) in enumerate(
        [("order", 7, "二", boss), ("interaction", 7, "通话", li), ("order", 7, "三", li), ("order", 8, "别的", li)]
    ):
        Comment.objects.create(customer=customer, on=on, on_id=on_id, text=text, by=by, at=NOW + datetime.timedelta(hours=at))
    Comment.objects.create(customer=customer, on="order", on_id=7, text="一", by=li, at=NOW, deleted_at=NOW)
    Comment.objects.create(customer=other, on="order", on_id=7, text="外", by=li, at=NOW)
    order, call = queries.Event(NOW, "order", 7, None), queries.Event(NOW, "interaction", 9, None)

    def said(user: User) -> dict[tuple[str, int], list[str]]:
        found = comments_on(user, customer.pk, [order, call])
        return {entry: [one.text for one in rows] for entry, rows in found.items()}

    assert said(boss) == {("order", 7): ["二", "三"]}
    assert said(li) == {("order", 7): ["二", "一", "三"]}
    assert comments_on(boss, customer.pk, []) == {}


def test_who_begins_with_what_is_typed_is_proposed_first() -> None:
    boss, customer = administrator("老板"), Customer.objects.create(name="客户")
    for name, username in (("小李", "x1"), ("李雷", "x2"), ("李明", "x3"), ("王芳", "li9"), ("张三", "z1")):
        person(name, username=username, can=SEES, scope=Scope.ALL)
    assert [one.handle for one in mentionable(boss, customer, " 李")] == ["李明", "李雷", "小李"]
    assert [one.handle for one in mentionable(boss, customer, "LI")] == ["王芳"]
    assert len(mentionable(boss, customer, "", most=2)) == 2
    assert boss not in [one.person for one in mentionable(boss, customer, "")]
