"""Changing a value where it stands: in a cell of the list, in a fact of the record."""

import pytest
from django.test import Client

from tests.web.lists.world import customer
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer, FieldDefinition
from zhike.teams.models import Role, User

pytestmark = pytest.mark.django_db
PART = {"X-Part": "cell"}


@pytest.fixture
def editor(seller: User) -> User:
    Role.objects.update(permissions=["customer.view", "customer.edit"])
    return seller


def test_a_cell_gives_its_form_and_after_saving_what_stands_in_it(client: Client, boss: User) -> None:
    one = customer("张伟", region="上海")
    client.force_login(boss)
    form = client.get(f"/customers/{one.pk}/cell/region/", headers=PART).content.decode()
    assert "<html" not in form
    assert 'name="was" value="上海"' in form
    sent = client.post(f"/customers/{one.pk}/cell/region/", {"region": "杭州", "was": "上海"}, headers=PART)
    assert (sent.status_code, sent.content.decode().strip()) == (200, "杭州")
    one.refresh_from_db()
    assert (one.region, one.version) == ("杭州", 2)
    assert AuditEntry.objects.get(object_id=one.pk, verb="changed").changes == {"region": ["上海", "杭州"]}


def test_who_saves_second_is_shown_what_somebody_else_saved_and_can_insist(client: Client, boss: User) -> None:
    boss.language = "en"
    boss.save()
    one = customer("张伟", region="上海")
    client.force_login(boss)
    Customer.objects.filter(pk=one.pk).update(region="苏州", version=2)
    answer = client.post(f"/customers/{one.pk}/cell/region/", {"region": "杭州", "was": "上海"}, headers=PART)
    assert answer.status_code == 422
    assert "Somebody else has changed this to “苏州”" in answer.content.decode()
    assert 'name="was" value="苏州"' in answer.content.decode()
    assert Customer.objects.get().region == "苏州"
    client.post(f"/customers/{one.pk}/cell/region/", {"region": "杭州", "was": "苏州"}, headers=PART)
    assert Customer.objects.get().region == "杭州"


def test_a_fact_of_the_record_notices_that_somebody_else_was_first(client: Client, boss: User) -> None:
    one = customer("张伟", wechat="zhangwei1")
    client.force_login(boss)
    Customer.objects.filter(pk=one.pk).update(wechat="zhangwei2", version=2)
    address = f"/customers/{one.pk}/facts/wechat/"
    answer = client.post(address, {"wechat": "zhangwei3", "was": "zhangwei1"}, headers={"X-Part": "fact"})
    assert answer.status_code == 422
    assert "zhangwei2" in answer.content.decode()
    assert Customer.objects.get().wechat == "zhangwei2"


@pytest.mark.parametrize(
    ("key", "sent", "shown"),
    [
        ("tags", "老客户 常来", ["老客户", "常来"]), ("channel", "phone", "phone"), ("phone", "138 0013 8000", "+8613800138000"),
        ("birthday", "3-8", "1904-03-08"),
    ],
)  # fmt: skip
def test_cells_take_what_their_column_takes(client: Client, boss: User, key: str, sent: str, shown: object) -> None:
    one = customer("张伟")
    client.force_login(boss)
    code = {"channel": "preferred_channel"}.get(key, key)
    assert client.post(f"/customers/{one.pk}/cell/{key}/", {code: sent, "was": ""}, headers=PART).status_code == 200
    one.refresh_from_db()
    assert (getattr(one, code) if isinstance(shown, list) else str(getattr(one, code))) == shown


def test_what_is_wrong_is_said_in_the_cell_and_nothing_changes(client: Client, boss: User) -> None:
    one = customer("张伟")
    client.force_login(boss)
    answer = client.post(f"/customers/{one.pk}/cell/phone/", {"phone": "abc", "was": ""}, headers=PART)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert Customer.objects.get().version == 1


def test_the_owner_is_changed_in_the_cell_by_who_may_hand_over(client: Client, boss: User, editor: User) -> None:
    one = customer("张伟", owner=editor)
    client.force_login(editor)
    assert client.get(f"/customers/{one.pk}/cell/owner/", headers=PART).status_code == 403
    client.force_login(boss)
    assert "李雷" in client.get(f"/customers/{one.pk}/cell/owner/", headers=PART).content.decode()
    client.post(f"/customers/{one.pk}/cell/owner/", {"owner_id": str(boss.pk), "was": str(editor.pk)}, headers=PART)
    one.refresh_from_db()
    assert one.owner == boss


def test_a_profile_field_is_chosen_in_its_cell(client: Client, boss: User) -> None:
    choices = [{"code": "semi", "zh": "半合成", "en": "half"}, {"code": "full", "zh": "全合成", "en": "full"}]
    FieldDefinition.objects.create(code="oil", label_zh="机油", label_en="Oil", ring="related", type="choice", choices=choices)
    one = customer("张伟", profile={"oil": "semi"})
    client.force_login(boss)
    sent = client.post(f"/customers/{one.pk}/cell/f_oil/", {"oil": "full", "was": "semi"}, headers=PART)
    assert sent.content.decode().strip() == "全合成"
    assert Customer.objects.get().profile == {"oil": "full"}


@pytest.mark.parametrize("address", ["cell/phone/", "facts/phone/"])
def test_no_form_shows_a_value_to_whom_it_is_masked(client: Client, editor: User, address: str) -> None:
    one = customer("张伟", owner=editor, phone="+8613900004321")
    client.force_login(editor)
    for headers in ({}, PART, {"X-Part": "fact"}):
        answer = client.get(f"/customers/{one.pk}/{address}", headers=headers)
        assert answer.status_code == 403
        assert "13900004321" not in answer.content.decode()


def test_who_may_only_look_changes_no_cell(client: Client, editor: User, boss: User) -> None:
    other = customer("王芳", owner=boss, region="上海")
    shared = customer("张伟", owner=boss, region="上海")
    shared.shares.create(user=editor, can_edit=False)
    client.force_login(editor)
    assert client.post(f"/customers/{other.pk}/cell/region/", {"region": "x", "was": "上海"}, headers=PART).status_code == 404
    assert client.post(f"/customers/{shared.pk}/cell/region/", {"region": "x", "was": "上海"}, headers=PART).status_code == 403
    assert set(Customer.objects.values_list("region", flat=True)) == {"上海"}


def test_a_column_that_is_no_fact_of_the_customer_has_no_form(client: Client, boss: User) -> None:
    one = customer("张伟")
    client.force_login(boss)
    for key in ("clv", "nothing", "f_nothing", "name"):
        assert client.get(f"/customers/{one.pk}/cell/{key}/", headers=PART).status_code == 404
