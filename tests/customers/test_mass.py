"""One verb for many customers: at once, in the background, cancelled, killed, undone."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from procrastinate.contrib.django.models import ProcrastinateJob

from zhike.core import queue
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.actions import ManyChanged, mass as acting
from zhike.customers.actions.holding_back import Draw, _drawn
from zhike.customers.choices import MassKind
from zhike.customers.models import Customer, FieldDefinition, MassChange
from zhike.teams.models import Department, Notice, User

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=datetime.UTC)


@pytest.fixture
def seven(li: User) -> list[int]:
    FieldDefinition.objects.create(code="oil", label_zh="机油", label_en="Oil", ring="related", type="text")
    rows = [Customer(name=f"客户{at}", owner=li, department=li.department, profile={"oil": "old"} if at else {}) for at in range(7)]
    return [one.pk for one in Customer.objects.bulk_create(rows)]


@pytest.fixture
def by_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven are many here, and a part is three."""
    monkeypatch.setattr(acting, "AT_ONCE", 2)
    monkeypatch.setattr(acting, "PART", 3)


def ask(actor: User, kind: MassKind, **params: Any) -> MassChange:
    rows = Customer.objects.deleted() if kind == MassKind.RESTORE else Customer.objects.living()
    return actions.request_mass(actor=actor, kind=kind, customers=rows.order_by("pk").values("pk"), params=params, at=AT)


def finish(mass: MassChange) -> MassChange:
    if mass.is_under_way:
        actions.carry_out_mass(mass_id=mass.pk, at=AT)
    mass.refresh_from_db()
    return mass


Check = Callable[[], Any]


@pytest.mark.parametrize("is_many", [False, True])
@pytest.mark.parametrize("kind", [MassKind.SET, MassKind.HAND_OVER, MassKind.DEPARTMENT, MassKind.DELETE])
def test_each_verb_is_done_and_taken_back(
    request: pytest.FixtureRequest, boss: User, li: User, han: User, seven: list[int], kind: MassKind, is_many: bool
) -> None:
    if is_many:
        request.getfixturevalue("by_threes")
    place = Department.objects.create(name="二店")
    params: dict[str, Any] = {
        MassKind.SET: {"field": "oil", "value": "new"}, MassKind.HAND_OVER: {"to": han.pk, "reason": "调岗"},
        MassKind.DEPARTMENT: {"department": place.pk}, MassKind.DELETE: {},
    }[kind]  # fmt: skip

    def state() -> list[Any]:
        rows = Customer.objects.order_by("pk").values_list("profile", "owner", "department", "deleted_at")
        return [tuple(row) for row in rows]

    before = state()
    mass = ask(boss, kind, **params)
    assert (mass.total, mass.is_under_way) == (7, is_many)
    assert not is_many or state() == before
    assert bool(queue.unfinished("customers.mass")) == is_many
    done = finish(mass)
    assert (done.state, done.done, done.changed, done.ids) == ("done", 7, 7, [])
    assert all(row != old for row, old in zip(state(), before, strict=True))
    assert AuditEntry.objects.filter(object_type="customer", object_id__in=seven).count() == 7
    assert Notice.objects.filter(user=boss, kind="customers.mass").count() == is_many
    assert Notice.objects.filter(user=han, kind="customers.transferred").count() == (kind == MassKind.HAND_OVER)
    back = finish(actions.undo_mass(actor=boss, mass=mass.pk, at=AT))
    assert (back.kind, back.changed) == ("undo", 7)
    assert state() == before
    with pytest.raises(ValidationError):
        actions.undo_mass(actor=boss, mass=mass.pk, at=AT)


@pytest.mark.parametrize("is_many", [False, True])
def test_tags_taken_back_leave_everybody_as_they_were(
    request: pytest.FixtureRequest, boss: User, seven: list[int], is_many: bool
) -> None:
    if is_many:
        request.getfixturevalue("by_threes")
    before = [["会员", "甲"], ["甲", "会员", "乙"], ["乙"], [], ["甲"], ["会员"], ["乙", "丙"]]
    for key, tags in zip(seven, before, strict=True):
        Customer.objects.filter(pk=key).update(tags=tags)

    def tags() -> list[Any]:
        return list(Customer.objects.order_by("pk").values_list("tags", flat=True))

    mass = finish(ask(boss, MassKind.TAG, add=["会员"], remove=["甲"]))
    assert (mass.changed, tags()[1], tags()[3]) == (6, ["会员", "乙"], ["会员"])
    assert AuditEntry.objects.get(object_id=seven[0], verb="changed").changes == {"tags": [["会员", "甲"], ["会员"]]}
    actions.tag_customers(actor=boss, customers=seven[2:4], add=["自己加的"], at=AT)  # since then
    back = finish(actions.undo_mass(actor=boss, mass=mass.pk, at=AT))
    assert back.changed == 6
    assert tags() == [*before[:2], ["乙", "自己加的"], ["自己加的"], *before[4:]]


@pytest.mark.parametrize("is_many", [False, True])
def test_a_control_group_is_drawn_by_lot_told_in_each_history_and_taken_back(
    request: pytest.FixtureRequest, boss: User, seven: list[int], is_many: bool
) -> None:
    if is_many:
        request.getfixturevalue("by_threes")
    Customer.objects.filter(pk=seven[0]).update(tags=["会员"])
    draw: dict[str, Any] = {"acted": "春检", "held": "春检·对照", "per_cent": 20, "seed": 11}
    mass = finish(ask(boss, MassKind.HOLD_BACK, **draw))
    tags = [row.tags for row in Customer.objects.order_by("pk")]
    assert (mass.state, mass.changed, tags[0][0]) == ("done", 7, "会员")
    assert all(("春检" in mine) != ("春检·对照" in mine) for mine in tags)
    assert 1 <= sum("春检·对照" in mine for mine in tags) <= 3
    assert "11" in AuditEntry.objects.get(object_id=seven[3], verb="changed").note
    with pytest.raises(ValidationError, match=r"already|已有"):
        ask(boss, MassKind.HOLD_BACK, **draw)
    assert finish(actions.undo_mass(actor=boss, mass=mass.pk, at=AT)).changed == 7
    assert [row.tags for row in Customer.objects.order_by("pk")] == [["会员"], *([] for _ in range(6))]


@pytest.mark.parametrize(
    "wrong", [{"acted": ""}, {"held": " "}, {"held": "春检"}, {"per_cent": 0}, {"per_cent": 51}, {"held": "长" * 31}]
)
def test_a_draw_that_makes_no_sense_is_refused_and_tags_nobody(boss: User, seven: list[int], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        ask(boss, MassKind.HOLD_BACK, **{"acted": "春检", "held": "对照", "per_cent": 10, "seed": 1} | wrong)
    assert list(refused.value.message_dict) == [*wrong]
    assert not Customer.objects.exclude(tags=[]).exists()
    assert seven


def test_a_lot_holds_back_the_share_asked_for_and_depends_on_nothing_but_its_number() -> None:
    keys = list(range(1, 2001))
    first, again, other = (_drawn(keys, Draw("a", "b", 10, seed)) for seed in (1, 1, 2))
    assert len(first) == len(other) == 200
    assert first == again != other
    assert 900 < sum(first) / len(first) < 1100
    assert [len(_drawn(keys[:n], Draw("a", "b", 10, 3))) for n in (0, 2)] == [0, 1]


@pytest.mark.usefixtures("by_threes")
def test_what_one_changes_by_hand_meanwhile_is_not_taken_back(
    boss: User, seven: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the trail between the lines of the mass change."""
    mass, real = ask(boss, MassKind.TAG, add=["会员"]), acting.step

    def and_by_hand(part: Any) -> Any:
        first, _last = real(part).entries
        made = actions.change_customer(actor=boss, customer=part.ids[-1], values={"region": "上海"}, at=AT)
        return ManyChanged(len(part.ids), (first, AuditEntry.objects.filter(object_id=made.pk).latest("pk").pk))

    monkeypatch.setattr(acting, "step", and_by_hand)
    finish(mass)
    monkeypatch.setattr(acting, "step", real)
    assert finish(actions.undo_mass(actor=boss, mass=mass.pk, at=AT)).changed == 7
    assert Customer.objects.filter(tags=[], region="上海").count() == 3


def test_what_was_changed_since_stays(boss: User, li: User, han: User, seven: list[int]) -> None:
    handed = ask(boss, MassKind.HAND_OVER, to=han.pk)
    actions.transfer_customers(actor=boss, customers=seven[:2], to=None, at=AT)
    assert actions.undo_mass(actor=boss, mass=handed.pk, at=AT).changed == 5
    assert list(Customer.objects.filter(owner=None).order_by("pk").values_list("pk", flat=True)) == seven[:2]


@pytest.mark.usefixtures("by_threes")
def test_after_a_kill_it_goes_on_and_does_nothing_twice(boss: User, seven: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    mass, real, calls = ask(boss, MassKind.SET, field="oil", value="new"), acting.step, []

    def killed_in_the_second_part(part: Any) -> Any:
        calls.append(part.ids)
        done = real(part)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(acting, "step", killed_in_the_second_part)
    with pytest.raises(KeyboardInterrupt):
        actions.carry_out_mass(mass_id=mass.pk, at=AT)
    mass.refresh_from_db()
    assert (mass.state, mass.done) == ("running", 3)
    assert Customer.objects.filter(profile={"oil": "new"}).count() == 3
    assert finish(mass).changed == 7
    assert calls == [seven[:3], seven[3:6], seven[3:6], seven[6:]]
    assert AuditEntry.objects.filter(verb="changed", object_type="customer").count() == 7


@pytest.mark.usefixtures("by_threes")
def test_one_whose_job_is_no_more_is_ended_and_its_asker_told(boss: User, seven: list[int]) -> None:
    mass = ask(boss, MassKind.SET, field="oil", value="new")
    assert actions.close_abandoned_mass(at=AT) == 0  # its job waits
    ProcrastinateJob.objects.filter(task_name="customers.mass").update(status="failed")
    assert actions.close_abandoned_mass(at=AT) == 1
    mass.refresh_from_db()
    assert (mass.state, mass.done, mass.finished_at) == ("failed", 0, AT)
    assert Notice.objects.get(user=boss, kind="customers.mass").params["problem"] == mass.problem
    assert actions.close_abandoned_mass(at=AT) == 0
    assert not Customer.objects.filter(pk__in=seven, profile={"oil": "new"}).exists()


@pytest.mark.usefixtures("by_threes")
def test_it_is_cancelled_between_two_parts_and_what_is_done_can_be_undone(
    boss: User, li: User, seven: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mass, real = ask(boss, MassKind.SET, field="oil", value="new"), acting.step

    def cancelled_meanwhile(part: Any) -> Any:
        actions.cancel_mass(actor=boss, mass=mass.pk)
        return real(part)

    with pytest.raises(MassChange.DoesNotExist):
        actions.cancel_mass(actor=li, mass=mass.pk)
    monkeypatch.setattr(acting, "step", cancelled_meanwhile)
    done = finish(mass)
    assert (done.state, done.done, done.changed) == ("cancelled", 3, 3)
    monkeypatch.setattr(acting, "step", real)
    assert finish(actions.undo_mass(actor=boss, mass=mass.pk, at=AT)).changed == 3
    assert Customer.objects.filter(profile={"oil": "old"}).count() == 6


@pytest.mark.usefixtures("by_threes")
def test_what_is_wrong_is_said_at_once_and_rights_lost_meanwhile_stop_it(boss: User, li: User, seven: list[int]) -> None:
    for kind, params in ((MassKind.SET, {"field": "name", "value": "x"}), (MassKind.TAG, {}), (MassKind.HAND_OVER, {"to": 10**9})):
        with pytest.raises(ValidationError):
            ask(boss, kind, **params)
    with pytest.raises(PermissionDenied):
        ask(li, MassKind.DELETE)
    assert not MassChange.objects.exists()
    mass = ask(li, MassKind.SET, field="oil", value="new")
    li.roles.clear()
    done = finish(mass)
    assert (done.state, done.changed) == ("failed", 0)
    assert done.problem
    assert Notice.objects.get(user=li).params["state"] == "failed"
    assert not AuditEntry.objects.filter(object_type="customers").exists()


def test_those_who_come_back_bring_no_number_that_is_taken(boss: User, li: User, seven: list[int]) -> None:
    Customer.objects.filter(pk__in=seven[:2]).update(deleted_at=AT, number="A-1")
    Customer.objects.filter(pk=seven[2]).update(deleted_at=AT, number="A-2")
    Customer.objects.create(name="新的", number="A-2")
    assert ask(boss, MassKind.RESTORE).changed == 1
    assert set(Customer.objects.deleted().values_list("pk", flat=True)) == {seven[1], seven[2]}


def test_old_notes_are_forgotten(boss: User, seven: list[int]) -> None:
    mass = ask(boss, MassKind.TAG, add=["老客户"])
    assert actions.forget_mass(at=AT + datetime.timedelta(days=80)) == 0
    assert actions.forget_mass(at=AT + datetime.timedelta(days=100)) == 1
    assert not MassChange.objects.filter(pk=mass.pk).exists()
    assert Customer.objects.filter(tags=["老客户"]).count() == 7
