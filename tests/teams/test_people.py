"""Setting up, joining, moving, leaving; departments and roles."""

import datetime
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from tests.teams.company import PASSWORD, administrator, department, person, role
from zhike.core import events
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.teams import access, actions
from zhike.teams.choices import Confidentiality, Permission, Scope, StarterRole
from zhike.teams.events import PersonLeft, PersonMoved
from zhike.teams.models import ApiToken, Department, Role, User, UserSession
from zhike.teams.queries import department_tree

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)
NEW = {"username": "han", "name": "韩梅梅"}


# --- first visit --------------------------------------------------------------------------------------------------------


def test_the_first_visit_makes_an_administrator_and_the_starter_roles() -> None:
    first = actions.found_company(company="晨光汽修", username="wang", name="王敏", password=PASSWORD)
    assert first.is_administrator
    assert first.check_password(PASSWORD)
    assert Role.objects.count() == len(StarterRole)
    assert AuditEntry.objects.filter(object_type="user", verb=AuditVerb.CREATED, actor=first).exists()


def test_nobody_can_set_up_twice() -> None:
    person(is_active=False)
    with pytest.raises(PermissionDenied):
        actions.found_company(company="", username="wang", name="王敏", password=PASSWORD)


@pytest.mark.parametrize(("username", "password", "field"), [("", PASSWORD, "username"), ("wang", "short", "password")])
def test_a_bad_first_form_leaves_nothing(username: str, password: str, field: str) -> None:
    with pytest.raises(ValidationError) as problem:
        actions.found_company(company="", username=username, name="王敏", password=password)
    assert field in problem.value.message_dict
    assert not User.objects.exists()
    assert not Role.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_administrator() -> None:
    refused: list[Exception] = []

    def visit(name: str) -> None:
        try:
            actions.found_company(company="", username=name, name=name, password=PASSWORD)
        except PermissionDenied as problem:
            refused.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=visit, args=[f"first{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.count() == 1
    assert len(refused) == 3


# --- people -------------------------------------------------------------------------------------------------------------


def test_a_new_colleague_sees_nothing_and_must_choose_a_password() -> None:
    han = actions.create_person(actor=administrator(), password=PASSWORD, **NEW)
    assert han.must_change_password
    assert access.rights_of(han).permissions == frozenset()


def test_who_may_not_change_people_makes_none() -> None:
    with pytest.raises(PermissionDenied):
        actions.create_person(actor=person(can=[Permission.CUSTOMER_VIEW]), password=PASSWORD, **NEW)


def test_a_sign_in_name_is_taken_in_any_case() -> None:
    person(username="Han")
    with pytest.raises(ValidationError) as problem:
        actions.create_person(actor=administrator(), password=PASSWORD, **NEW)
    assert "username" in problem.value.message_dict


def test_nobody_gives_a_role_that_may_more_than_they() -> None:
    north = department()
    head = person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=north)
    for beyond in (role([Permission.AUDIT_VIEW]), role([], scope=Scope.ALL), role([], clearance=Confidentiality.SECRET)):
        with pytest.raises(PermissionDenied):
            actions.create_person(actor=head, password=PASSWORD, roles=[beyond], department=north, **NEW)
    with pytest.raises(PermissionDenied):
        actions.create_person(actor=head, password=PASSWORD, is_administrator=True, department=north, **NEW)
    assert not User.objects.filter(username="han").exists()


def test_a_head_of_department_changes_only_their_own_people() -> None:
    north, south = department(), department()
    head = person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=north)
    mine, theirs = person("韩梅梅", department=north), person("林涛", department=south)
    actions.change_person(actor=head, person_id=mine.pk, position="店长")
    with pytest.raises(User.DoesNotExist):
        actions.change_person(actor=head, person_id=theirs.pk, position="店长")
    with pytest.raises(ValidationError) as problem:
        actions.change_person(actor=head, person_id=mine.pk, department=south)
    assert list(problem.value.message_dict) == ["department"]


def test_nobody_takes_over_an_account_that_may_more() -> None:
    north = department()
    head = person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=north)
    stronger = person("韩梅梅", can=[Permission.AUDIT_VIEW], department=north)
    boss = administrator(department=north)
    for one in (stronger, boss):
        with pytest.raises(PermissionDenied):
            actions.set_password(actor=head, person_id=one.pk, password="another long one")
        with pytest.raises(PermissionDenied):
            actions.end_employment(actor=head, person_id=one.pk, successors=[], left_on=TODAY)


def test_managers_do_not_go_round_in_a_circle() -> None:
    top = person("一")
    middle = person("二", manager=top)
    low = person("三", manager=middle)
    for above in (top, middle, low):
        with pytest.raises(ValidationError) as problem:
            actions.change_person(actor=administrator(), person_id=top.pk, manager=above)
        assert list(problem.value.message_dict) == ["manager"]


def test_a_change_is_audited_with_before_and_after() -> None:
    li, sales = person(), role([Permission.CUSTOMER_VIEW])
    actions.change_person(actor=administrator(), person_id=li.pk, position="店长", roles=[sales])
    entry = AuditEntry.objects.get(object_type="user", object_id=li.pk)
    assert entry.changes == {"position": ["", "店长"], "roles": [[], [sales.name]]}


def test_moving_somebody_announces_where_to() -> None:
    seen: list[object] = []
    events.connect([(PersonMoved, seen.append)])
    li, north, boss = person(), department(), administrator()
    actions.change_person(actor=boss, person_id=li.pk, department=north)
    assert seen == [PersonMoved(boss.pk, li.pk, north.pk, ())]


# --- leaving ------------------------------------------------------------------------------------------------------------


def test_who_leaves_is_signed_out_everywhere_at_once_and_the_hand_over_is_announced() -> None:
    seen: list[object] = []
    events.connect([(PersonLeft, seen.append)])
    boss, li, han = administrator(), person(can=[Permission.ORDER_VIEW]), person("韩梅梅")
    low = person("林涛", manager=li, deputy=li)
    later = timezone.now() + datetime.timedelta(days=1)
    UserSession.objects.create(session_key="a" * 32, session_data="", expire_date=later, user=li)
    _token, secret = actions.create_token(actor=li, name="x", permissions=["order.view"], expires_at=later, at=timezone.now())
    actions.end_employment(actor=boss, person_id=li.pk, successors=[han], left_on=TODAY)
    li.refresh_from_db()
    low.refresh_from_db()
    assert (li.is_active, li.left_on) == (False, TODAY)
    assert not UserSession.objects.filter(user=li).exists()
    assert actions.person_of_token(secret=secret, at=timezone.now()) is None
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    assert (low.manager, low.deputy) == (None, None)
    assert seen == [PersonLeft(boss.pk, li.pk, (han.pk,))]


def test_a_hand_over_that_fails_leaves_everything_as_it_was() -> None:
    def refuse(_event: object) -> None:
        raise ValidationError("nobody to take them")

    events.connect([(PersonLeft, refuse)])
    li = person()
    with pytest.raises(ValidationError):
        actions.end_employment(actor=administrator(), person_id=li.pk, successors=[], left_on=TODAY)
    li.refresh_from_db()
    assert li.is_active


def test_the_last_administrator_cannot_go_nor_be_made_ordinary() -> None:
    boss = administrator()
    deputy = person(can=list(Permission), scope=Scope.ALL)
    with pytest.raises(ValidationError):
        actions.change_person(actor=boss, person_id=boss.pk, is_administrator=False)
    with pytest.raises(PermissionDenied):
        actions.end_employment(actor=deputy, person_id=boss.pk, successors=[deputy], left_on=TODAY)
    second = administrator("李雷")
    actions.change_person(actor=second, person_id=boss.pk, is_administrator=False)
    with pytest.raises(ValidationError):
        actions.change_person(actor=second, person_id=second.pk, is_administrator=False)


def test_nobody_lets_themselves_go() -> None:
    boss = administrator()
    administrator("李雷")
    with pytest.raises(ValidationError):
        actions.end_employment(actor=boss, person_id=boss.pk, successors=[], left_on=TODAY)
    assert User.objects.get(pk=boss.pk).is_active


def test_going_and_coming_back_are_written_down() -> None:
    boss, li, han = administrator(), person(can=[Permission.CUSTOMER_VIEW]), person("韩梅梅")
    above = person("经理")
    User.objects.filter(pk=li.pk).update(manager=above)
    low = person("林涛", manager=li)
    actions.end_employment(actor=boss, person_id=li.pk, successors=[han], left_on=TODAY)
    low.refresh_from_db()
    assert low.manager == above
    entry = AuditEntry.objects.filter(object_type="user", object_id=li.pk).latest("pk")
    assert (entry.actor, entry.verb, entry.changes) == (boss, "changed", {
        "is_active": [True, False], "left_on": [None, "2026-11-22"], "successors": [[], [{"id": han.pk, "name": "韩梅梅"}]],
    })  # fmt: skip
    actions.rejoin(actor=boss, person_id=li.pk)
    entry = AuditEntry.objects.filter(object_type="user", object_id=li.pk).latest("pk")
    assert (entry.actor, entry.changes) == (boss, {"is_active": [False, True], "left_on": ["2026-11-22", None]})
    with pytest.raises(User.DoesNotExist):
        actions.rejoin(actor=boss, person_id=li.pk)  # is here already


def test_who_may_not_change_people_lets_nobody_go_nor_come_back() -> None:
    north = department()
    for other in (person(can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL), person(can=[Permission.AUDIT_VIEW], department=north)):
        here, gone = person(department=north), person(is_active=False, department=north)
        with pytest.raises(PermissionDenied):
            actions.end_employment(actor=other, person_id=here.pk, successors=[], left_on=TODAY)
        with pytest.raises(PermissionDenied):
            actions.rejoin(actor=other, person_id=gone.pk)
        with pytest.raises(PermissionDenied):
            actions.change_person(actor=other, person_id=here.pk, position="店长")


def test_nobody_brings_back_who_may_more_than_they() -> None:
    north = department()
    head = person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=north)
    for gone in (
        person(can=[Permission.AUDIT_VIEW], department=north, is_active=False),
        administrator("旧老板", department=north, is_active=False),
    ):
        with pytest.raises(PermissionDenied):
            actions.rejoin(actor=head, person_id=gone.pk)
        assert not User.objects.get(pk=gone.pk).is_active


def test_what_is_wrong_with_a_person_is_said_at_its_field() -> None:
    boss = administrator()
    with pytest.raises(ValidationError) as problem:
        actions.create_person(actor=boss, password=PASSWORD, username=" ", name="", email="nowhere")
    assert set(problem.value.message_dict) == {"username", "name", "email"}
    assert actions.change_person(actor=boss, person_id=boss.pk, name="王敏敏").username == boss.username  # one's own name is free


def test_joining_is_written_down_with_the_roles() -> None:
    boss, sales, care = administrator(), role([Permission.CUSTOMER_VIEW]), role([])
    han = actions.create_person(actor=boss, password=PASSWORD, roles=[sales, care], **NEW)
    entry = AuditEntry.objects.get(object_type="user", object_id=han.pk)
    assert (entry.actor, entry.verb, entry.changes) == (boss, "created", {"roles": [[], sorted([sales.name, care.name])]})
    assert han.check_password(PASSWORD)
    assert set(han.roles.all()) == {sales, care}
    actions.change_person(actor=boss, person_id=han.pk, position="")  # nothing changed
    assert AuditEntry.objects.filter(object_type="user", object_id=han.pk).count() == 1


def test_who_may_little_changes_who_may_no_more_but_gives_no_role_they_lack() -> None:
    north = department()
    head = person(can=[Permission.PEOPLE_EDIT, Permission.CUSTOMER_VIEW], scope=Scope.DEPARTMENT, department=north)
    mine, strong = person("韩", can=[Permission.CUSTOMER_VIEW], department=north), role([Permission.BACKUP_RUN])
    with pytest.raises(PermissionDenied):
        actions.change_person(actor=head, person_id=mine.pk, roles=[*mine.roles.all(), strong])
    with pytest.raises(PermissionDenied):
        actions.change_person(actor=head, person_id=mine.pk, is_administrator=True)
    given = role([Permission.CUSTOMER_VIEW], scope=Scope.DEPARTMENT)
    assert set(actions.change_person(actor=head, person_id=mine.pk, roles=[given]).roles.all()) == {given}


def test_a_successor_must_be_somebody_who_stays() -> None:
    li = person()
    for bad in (li, person("走了", is_active=False)):
        with pytest.raises(ValidationError):
            actions.end_employment(actor=administrator(), person_id=li.pk, successors=[bad], left_on=TODAY)


def test_who_left_can_come_back() -> None:
    li = person(is_active=False, left_on=TODAY)
    actions.rejoin(actor=administrator(), person_id=li.pk)
    li.refresh_from_db()
    assert (li.is_active, li.left_on) == (True, None)


# --- departments --------------------------------------------------------------------------------------------------------


def test_the_tree_lists_parents_before_children() -> None:
    boss = administrator()
    head = actions.create_department(actor=boss, name="总部")
    shop = actions.create_department(actor=boss, name="浦东店", parent=head)
    bench = actions.create_department(actor=boss, name="钣金", parent=shop)
    assert [(one.name, depth) for one, depth in department_tree()] == [("总部", 0), ("浦东店", 1), ("钣金", 2)]
    assert bench.parent == shop


def test_a_department_cannot_be_moved_below_itself() -> None:
    top = department()
    low = department(parent=department(parent=top))
    with pytest.raises(ValidationError):
        actions.change_department(actor=administrator(), department_id=top.pk, parent=low)


def test_two_departments_of_one_name_can_stand_only_in_different_places() -> None:
    boss, top = administrator(), department()
    actions.create_department(actor=boss, name="售后", parent=top)
    actions.create_department(actor=boss, name="售后")
    with pytest.raises(ValidationError):
        actions.create_department(actor=boss, name=" 售后 ", parent=top)


def test_only_an_empty_department_is_deleted() -> None:
    boss, top = administrator(), department()
    person(department=top)
    with pytest.raises(ValidationError):
        actions.delete_department(actor=boss, department_id=top.pk)
    empty = department()
    actions.delete_department(actor=boss, department_id=empty.pk)
    assert list(Department.objects.all()) == [top]


def test_the_tree_is_changed_only_by_who_may_change_people_everywhere() -> None:
    top = department()
    for other in (person(can=[]), person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT_BELOW, department=top)):
        with pytest.raises(PermissionDenied):
            actions.change_department(actor=other, department_id=top.pk, name="x")
        with pytest.raises(PermissionDenied):
            actions.create_department(actor=other, name="x")
        with pytest.raises(PermissionDenied):
            actions.delete_department(actor=other, department_id=top.pk)


# --- roles --------------------------------------------------------------------------------------------------------------


def test_a_new_role_allows_nothing_on_ones_own_customers() -> None:
    made = actions.create_role(actor=administrator(), name="实习生")
    assert (made.permissions, made.scope, made.clearance) == ([], Scope.OWN, Confidentiality.PUBLIC)


def test_what_becomes_of_a_role_is_written_down() -> None:
    boss = administrator()
    made = actions.create_role(
        actor=boss, name=" 出纳 ", permissions=["order.view", "customer.view", "order.view"], scope=Scope.ALL
    )

    def written() -> tuple[str, dict[str, object]]:
        entry = AuditEntry.objects.filter(object_type="role", object_id=number, actor=boss).latest("pk")
        return entry.verb, entry.changes

    number, rights = made.pk, ["customer.view", "order.view"]
    assert (made.name, made.permissions) == ("出纳", rights)
    assert written() == ("created", {"permissions": [[], rights], "scope": [None, "all"], "clearance": [None, "public"]})
    same = {"name": "出纳 ", "permissions": rights[::-1], "scope": Scope.ALL, "clearance": Confidentiality.PUBLIC}
    actions.change_role(actor=boss, role_id=number, **same)  # type: ignore[arg-type]
    assert written()[0] == "created"  # nothing changed, nothing written
    actions.change_role(actor=boss, role_id=number, **same | {"permissions": ["order.view", "order.view"]})  # type: ignore[arg-type]
    assert written() == ("changed", {"permissions": [rights, ["order.view"]]})
    actions.delete_role(actor=boss, role_id=number)
    assert written() == ("deleted", {"permissions": [["order.view"], []]})


def test_a_role_has_a_name_of_its_own() -> None:
    boss, kept = administrator(), role([])
    for name in (" ", kept.name):
        with pytest.raises(ValidationError) as problem:
            actions.create_role(actor=boss, name=name)
        assert list(problem.value.message_dict) == ["name"]


def test_roles_are_changed_only_by_who_may_change_people_everywhere_and_as_much_themselves() -> None:
    weak, strong = role([]), role([Permission.AUDIT_VIEW])
    one_shop = person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=department())
    clerk = person(can=[Permission.PEOPLE_EDIT], scope=Scope.ALL)
    for who, which in ((person(can=[], scope=Scope.ALL), weak), (one_shop, weak), (clerk, strong)):
        with pytest.raises(PermissionDenied):
            actions.change_role(
                actor=who, role_id=which.pk, name="x", permissions=[], scope=Scope.OWN, clearance=Confidentiality.PUBLIC
            )
        with pytest.raises(PermissionDenied):
            actions.delete_role(actor=who, role_id=which.pk)
    for who in (person(can=[], scope=Scope.ALL), one_shop):
        with pytest.raises(PermissionDenied):
            actions.create_role(actor=who, name="x")
    assert set(Role.objects.filter(pk__in=[weak.pk, strong.pk]).values_list("name", flat=True)) == {weak.name, strong.name}


def test_a_role_that_only_somebody_who_left_has_is_deleted() -> None:
    boss, li = administrator(), person(can=[], is_active=False)
    actions.delete_role(actor=boss, role_id=li.roles.get().pk)


def test_a_role_takes_only_permissions_that_exist() -> None:
    with pytest.raises(ValidationError):
        actions.create_role(actor=administrator(), name="x", permissions=["everything"])


def test_a_role_that_somebody_has_is_not_deleted() -> None:
    boss, li = administrator(), person(can=[])
    with pytest.raises(ValidationError):
        actions.delete_role(actor=boss, role_id=li.roles.get().pk)
    spare = role([])
    actions.delete_role(actor=boss, role_id=spare.pk)
    assert not Role.objects.filter(pk=spare.pk).exists()


def test_nobody_widens_a_role_beyond_their_own_rights() -> None:
    clerk = person(can=[Permission.PEOPLE_EDIT, Permission.CUSTOMER_VIEW], scope=Scope.ALL)
    mine = clerk.roles.get()
    with pytest.raises(PermissionDenied):
        actions.change_role(
            actor=clerk, role_id=mine.pk, name=mine.name, permissions=[*mine.permissions, "audit.view"], scope=Scope.ALL,
            clearance=Confidentiality.INTERNAL,
        )  # fmt: skip


# --- account ------------------------------------------------------------------------------------------------------------


def test_changing_my_password_ends_my_other_sessions_only() -> None:
    li, later = person(), timezone.now() + datetime.timedelta(days=1)
    for key in ("a" * 32, "b" * 32):
        UserSession.objects.create(session_key=key, session_data="", expire_date=later, user=li)
    actions.change_password(actor=li, old=PASSWORD, new="quite another phrase", session_key="a" * 32)
    assert [one.session_key for one in UserSession.objects.filter(user=li)] == ["a" * 32]
    assert User.objects.get(pk=li.pk).check_password("quite another phrase")


@pytest.mark.parametrize(
    ("old", "new", "field"), [("wrong", "quite another phrase", "old"), (PASSWORD, PASSWORD, "new"), (PASSWORD, "123", "new")]
)
def test_a_bad_new_password_is_refused_with_its_reason(old: str, new: str, field: str) -> None:
    with pytest.raises(ValidationError) as problem:
        actions.change_password(actor=person(), old=old, new=new, session_key=None)
    assert problem.value.message_dict[field]


def test_my_absence_is_mine_to_plan_and_nobody_elses() -> None:
    li, han = person(), person("韩梅梅", can=[])
    actions.plan_absence(actor=li, person_id=li.pk, away_from=TODAY, away_until=None, deputy=han)
    with pytest.raises(PermissionDenied):
        actions.plan_absence(actor=han, person_id=li.pk, away_from=TODAY, away_until=None, deputy=han)


def test_an_absence_goes_forwards_and_its_deputy_is_somebody_else() -> None:
    li = person()
    yesterday = TODAY - datetime.timedelta(days=1)
    for start, end, deputy in ((TODAY, yesterday, None), (None, TODAY, None), (TODAY, None, li), (None, None, person("韩"))):
        with pytest.raises(ValidationError):
            actions.plan_absence(actor=li, person_id=li.pk, away_from=start, away_until=end, deputy=deputy)


def test_training_is_kept_on_the_record() -> None:
    boss, li = administrator(), person()
    line = actions.add_training(actor=boss, person_id=li.pk, name="客户沟通", held_on=TODAY, result="优")
    with pytest.raises(PermissionDenied):
        actions.remove_training(actor=li, training_id=line.pk)
    actions.remove_training(actor=boss, training_id=line.pk)
    assert not li.trainings.exists()


def test_a_view_is_shared_only_with_permission_and_deleted_only_by_its_owner() -> None:
    li, han = person(can=[]), person("韩梅梅", can=[Permission.VIEW_SHARE])
    with pytest.raises(PermissionDenied):
        actions.save_view(actor=li, screen="customers", name="上海", query="region=上海", is_shared=True)
    view = actions.save_view(actor=han, screen="customers", name="上海", query="region=上海", is_shared=True)
    again = actions.save_view(actor=han, screen="customers", name="上海", query="region=浦东")
    assert again.pk == view.pk
    with pytest.raises(type(view).DoesNotExist):
        actions.delete_view(actor=li, view_id=view.pk)
    actions.delete_view(actor=han, view_id=view.pk)


def test_notices_are_read_by_whom_they_are_for() -> None:
    li, han = person(), person("韩梅梅")
    actions.give_notice(to=[li.pk, li.pk, han.pk], kind="import.done", params={"rows": 3})
    assert actions.read_notices(actor=li, at=timezone.now()) == 1
    assert han.notices.filter(read_at=None).count() == 1
