"""Creating, changing, deleting, handing over."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.models import Customer, FieldDefinition
from zhike.teams.models import Notice, User

Made = Callable[..., Customer]


def test_a_seller_creates_a_customer_and_owns_it(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, " 张　伟 ", phone="138 0013 8000", birthday="1980-3-8", tags="老客户，介绍")
    customer.refresh_from_db()
    assert (customer.name, customer.phone, customer.owner, customer.department) == ("张伟", "+8613800138000", li, li.department)
    assert customer.birthday == datetime.date(1980, 3, 8)
    assert customer.tags == ["老客户", "介绍"]
    assert customer.provenance["phone"] == {"on": "2026-03-10", "by": li.pk}
    assert {"张伟", "zw", "8000"} <= set(customer.search)
    assert AuditEntry.objects.get(object_id=customer.pk).changes["phone"] == [None, "+8613800138000"]


def test_everything_wrong_is_said_at_once_and_nothing_is_kept(li: User, made: Made) -> None:
    with pytest.raises(ValidationError) as wrong:
        made(li, "", phone="123", email="x", credit_code="1", birthday="2026-02-30", quiet_from="25:00", nonsense="1")
    assert set(wrong.value.message_dict) == {"name", "phone", "email", "credit_code", "birthday", "quiet_from", "nonsense"}
    assert not Customer.objects.exists()


def test_a_birthday_lies_not_in_the_future(li: User, made: Made) -> None:
    with pytest.raises(ValidationError):
        made(li, birthday="2026-03-11")


def test_a_birthday_may_be_only_month_and_day(li: User, made: Made) -> None:
    assert made(li, birthday="3-8").birthday == datetime.date(1904, 3, 8)


def test_a_customer_number_is_given_once(li: User, made: Made, at: datetime.datetime) -> None:
    made(li, number="C1")
    with pytest.raises(ValidationError, match="number"):
        made(li, "李四", number="C1")
    other = made(li, "李四", number="C2")
    with pytest.raises(ValidationError, match="number"):
        actions.change_customer(actor=li, customer=other, values={"number": "C1"}, at=at)


def test_profile_fields_are_checked_by_their_type(boss: User, li: User, made: Made) -> None:
    actions.apply_template(actor=boss, template="auto_service")
    customer = made(
        li, mileage="12,000", drives="市区通勤", services=["wash", "洗车", "maintain"], second_car="是", insured_until="2026/5/1"
    )
    assert customer.profile == {
        "mileage": 12000, "drives": "city", "services": ["wash", "maintain"], "second_car": True, "insured_until": "2026-05-01",
    }  # fmt: skip
    with pytest.raises(ValidationError) as wrong:
        made(li, mileage="-5", drives="fly", second_car="maybe")
    assert set(wrong.value.message_dict) == {"mileage", "drives", "second_car"}


def test_a_change_touches_what_it_names_and_is_in_the_history(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, phone="13800138000", region="朝阳")
    changed = actions.change_customer(actor=li, customer=customer, values={"region": "海淀"}, at=at, version=1)
    assert (changed.region, changed.phone, changed.version) == ("海淀", "+8613800138000", 2)
    assert AuditEntry.objects.latest("pk").changes == {"region": ["朝阳", "海淀"]}


def test_saving_without_a_change_leaves_no_trace(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, region="朝阳")
    assert actions.change_customer(actor=li, customer=customer, values={"region": "朝阳"}, at=at).version == 1


def test_the_second_of_two_editors_is_told_who_saved_first(li: User, boss: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, region="朝阳")
    actions.change_customer(actor=boss, customer=customer, values={"region": "海淀"}, at=at, version=1)
    with pytest.raises(actions.Conflict) as conflict:
        actions.change_customer(actor=li, customer=customer, values={"region": "东城"}, at=at, version=1)
    assert conflict.value.theirs is not None
    assert conflict.value.theirs.actor_name == "老板"
    customer.refresh_from_db()
    assert customer.region == "海淀"


def test_a_new_name_and_phone_are_found_at_once(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, phone="13800138000")
    actions.change_customer(actor=li, customer=customer, values={"name": "仇英", "phone": "13900139000"}, at=at)
    customer.refresh_from_db()
    assert {"仇英", "qiu", "9000"} <= set(customer.search)
    assert "8000" not in customer.search


def test_what_is_deleted_lies_in_the_bin_until_restored(boss: User, li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, number="C1")
    actions.delete_customer(actor=boss, customer=customer, at=at)
    assert not Customer.objects.visible_to(li).exists()
    assert list(Customer.objects.in_bin_of(boss)) == [customer]
    assert not Customer.objects.in_bin_of(li).exists()
    actions.restore_customer(actor=boss, customer=customer.pk)
    assert Customer.objects.visible_to(li).get() == customer


def test_a_taken_number_keeps_a_customer_in_the_bin(boss: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss, number="C1")
    actions.delete_customer(actor=boss, customer=customer, at=at)
    made(boss, "李四", number="C1")
    with pytest.raises(ValidationError):
        actions.restore_customer(actor=boss, customer=customer.pk)


def test_many_are_deleted_at_once(boss: User, made: Made, at: datetime.datetime) -> None:
    ids = [made(boss, f"客户{n}").pk for n in range(3)]
    assert actions.delete_customers(actor=boss, customers=ids, at=at).count == 3
    assert not Customer.objects.living().exists()


def test_customers_are_handed_over_with_history_and_one_notice(
    boss: User, li: User, han: User, made: Made, at: datetime.datetime
) -> None:
    ids = [made(li, f"客户{n}").pk for n in range(3)]
    assert actions.transfer_customers(actor=boss, customers=ids, to=han, at=at, reason="调岗") == 3
    assert Customer.objects.filter(owner=han, owner_since="2026-03-10").count() == 3
    assert AuditEntry.objects.filter(verb="transferred").count() == 3
    assert Notice.objects.filter(user=han).count() == 1
    assert not Customer.objects.visible_to(li).exists()


def test_all_results_of_a_list_go_to_the_pool(boss: User, li: User, made: Made, at: datetime.datetime) -> None:
    made(li), made(boss)
    assert actions.transfer_customers(actor=boss, customers=Customer.objects.filter(owner=li).values("pk"), to=None, at=at) == 1
    assert Customer.objects.filter(owner=None).count() == 1


def test_nobody_hands_over_without_the_right(li: User, han: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    with pytest.raises(PermissionDenied):
        actions.transfer_customers(actor=li, customers=[customer.pk], to=han, at=at)
    with pytest.raises(PermissionDenied):
        actions.create_customer(actor=li, values={"name": "王五"}, owner=han, at=at)


def test_tags_are_added_and_removed_in_bulk(boss: User, made: Made, at: datetime.datetime) -> None:
    one, two = made(boss, tags=["甲", "乙"]), made(boss, "李四", tags=["丙"])
    assert actions.tag_customers(actor=boss, customers=[one.pk, two.pk], add=["丙"], remove=["甲"], at=at).count == 1
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.tags, two.tags, one.version, two.version) == (["乙", "丙"], ["丙"], 2, 1)


def test_who_is_not_born_yet_or_came_from_nowhere_is_refused_at_its_field(li: User, made: Made) -> None:
    for code, value in (("birthday", "2099-01-01"), ("source_id", 10**9)):
        with pytest.raises(ValidationError) as problem:
            made(li, **{code: value})
        assert list(problem.value.message_dict) == [code]


def test_a_shared_customer_is_seen_and_changed_as_agreed(li: User, han: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    actions.share_customer(actor=li, customer=customer, user=han)
    assert Customer.objects.visible_to(han).get() == customer
    with pytest.raises(PermissionDenied):
        actions.change_customer(actor=han, customer=customer, values={"region": "海淀"}, at=at)
    actions.share_customer(actor=li, customer=customer, user=han, can_edit=True)
    actions.change_customer(actor=han, customer=customer, values={"region": "海淀"}, at=at)
    actions.unshare_customer(actor=li, customer=customer, user=han)
    assert not Customer.objects.visible_to(han).exists()


def test_one_change_is_undone(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, region="朝阳", phone="13800138000", birthday="1980-01-01")
    values = {"region": "海淀", "phone": "13900139000", "birthday": "", "do_not_disturb": "yes", "quiet_from": "22:00"}
    actions.change_customer(actor=li, customer=customer, values=values, at=at)
    entry = AuditEntry.objects.latest("pk")
    actions.undo_change(actor=li, entry=entry.pk, at=at)
    customer.refresh_from_db()
    assert (customer.region, customer.phone, customer.birthday) == ("朝阳", "+8613800138000", datetime.date(1980, 1, 1))
    assert (customer.do_not_disturb, customer.quiet_from) == (False, None)
    assert AuditEntry.objects.latest("pk").undoes == entry
    with pytest.raises(ValidationError):
        actions.undo_change(actor=li, entry=entry.pk, at=at)


def test_what_was_changed_again_is_not_undone(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, region="朝阳")
    actions.change_customer(actor=li, customer=customer, values={"region": "海淀"}, at=at)
    entry = AuditEntry.objects.latest("pk")
    actions.change_customer(actor=li, customer=customer, values={"region": "东城"}, at=at)
    with pytest.raises(ValidationError):
        actions.undo_change(actor=li, entry=entry.pk, at=at)


def test_a_hand_over_is_undone(boss: User, li: User, han: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li)
    actions.transfer_customers(actor=boss, customers=[customer.pk], to=han, at=at)
    actions.undo_change(actor=boss, entry=AuditEntry.objects.latest("pk").pk, at=at)
    customer.refresh_from_db()
    assert (customer.owner, customer.department) == (li, li.department)


def test_facts_are_confirmed_without_disturbing_an_editor(li: User, made: Made, at: datetime.datetime) -> None:
    customer = made(li, region="朝阳")
    later = at + datetime.timedelta(days=400)
    actions.confirm_facts(actor=li, customer=customer, codes=["region"], at=later)
    customer.refresh_from_db()
    assert customer.provenance["region"]["on"] == "2027-04-14"
    assert customer.version == 1
    with pytest.raises(ValidationError):
        actions.confirm_facts(actor=li, customer=customer, codes=["email"], at=later)


def test_parents_form_no_circle(boss: User, made: Made, at: datetime.datetime) -> None:
    group, company, branch = (made(boss, name, kind="organisation") for name in ("集团", "公司", "分公司"))
    actions.set_parent(actor=boss, customer=company, parent=group, at=at)
    actions.set_parent(actor=boss, customer=branch, parent=company, at=at)
    for below in (group, company, branch):
        with pytest.raises(ValidationError):
            actions.set_parent(actor=boss, customer=group, parent=below, at=at)


def test_contacts_make_the_company_findable(boss: User, made: Made) -> None:
    company = made(boss, "华腾科技", kind="organisation")
    actions.save_contact(actor=boss, customer=company, name="王芳", phone="13700137000", is_main=True)
    main = actions.save_contact(actor=boss, customer=company, name="赵六", is_main=True)
    company.refresh_from_db()
    assert {"王芳", "wf", "7000", "zl"} <= set(company.search)
    assert [one.name for one in company.contacts.filter(is_main=True)] == ["赵六"]
    actions.delete_contact(actor=boss, contact=main.pk)
    with pytest.raises(ValidationError):
        actions.save_contact(actor=boss, customer=company, name="", phone="1")


def test_fields_are_added_changed_and_retired(boss: User, li: User, made: Made) -> None:
    field = actions.add_field(
        actor=boss, code="shoe", type="number", label_zh="鞋码", label_en="Shoe size", minimum="30", maximum="50"
    )
    customer = made(li, shoe="42")
    with pytest.raises(ValidationError):
        made(li, "李四", shoe="20")
    actions.change_field(actor=boss, field=field.pk, weight=3, question_zh="穿多大的鞋？")
    actions.retire_field(actor=boss, field=field.pk)
    with pytest.raises(ValidationError):
        made(li, "王五", shoe="42")
    customer.refresh_from_db()
    assert customer.profile == {"shoe": 42}
    with pytest.raises(PermissionDenied):
        actions.add_field(actor=li, code="hat", type="number", label_zh="帽", label_en="Hat")


@pytest.mark.parametrize("code", ["phone", "name", "orders", "Bad Code", ""])
def test_a_field_code_is_a_free_word(boss: User, code: str) -> None:
    with pytest.raises(ValidationError):
        actions.add_field(actor=boss, code=code, type="text", label_zh="甲", label_en="A")


def test_a_choice_that_customers_have_stays(boss: User, made: Made) -> None:
    field = actions.add_field(
        actor=boss, code="colour", type="choice", label_zh="颜色", label_en="Colour",
        choices=[{"code": "red", "zh": "红", "en": "red"}, {"code": "blue", "zh": "蓝", "en": "blue"}],
    )  # fmt: skip
    made(boss, colour="红")
    with pytest.raises(ValidationError):
        actions.change_field(actor=boss, field=field.pk, choices=[{"code": "blue", "zh": "蓝", "en": "blue"}])
    actions.change_field(actor=boss, field=field.pk, choices=[{"code": "red", "zh": "大红", "en": "red"}])


@pytest.mark.parametrize("template", ["auto_service", "insurance", "property_services", "retail", "manufacturing"])
def test_every_template_is_complete_and_taken_once(boss: User, template: str) -> None:
    assert actions.apply_template(actor=boss, template=template) > 15
    assert actions.apply_template(actor=boss, template=template) == 0
    for field in FieldDefinition.objects.all():
        field.full_clean()
        assert all((field.label_zh, field.label_en, field.purpose, field.used_by))
        assert bool(field.question_zh) == bool(field.question_en)
