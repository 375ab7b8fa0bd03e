"""The life of a customer through the API."""

import csv
import io

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import administrator, department, person
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.actions import carry_out_duplicate_search, create_customer, mass
from zhike.customers.models import Customer, FieldDefinition, Source
from zhike.teams.choices import Permission, Scope

pytestmark = pytest.mark.django_db
SEE, EDIT = Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT


def made(owner, name="李雷", **values):
    return create_customer(actor=owner, values={"name": name, **values}, at=timezone.now())


def _make_secret(code):
    labels = {"label_zh": code, "label_en": code, "ring": "visible", "type": "text", "is_column": True, "confidentiality": "secret"}
    FieldDefinition.objects.update_or_create(code=code, defaults={"confidentiality": "secret"}, create_defaults=labels)


def names(api, query=""):
    return [one["name"] for one in api.everything(f"/customers{query}")]


def test_the_life_of_a_customer(api, boss):
    created = api.post("/customers", {"name": "韩梅梅", "phone": "138 0013 8000", "tags": ["会员"]})
    assert (created.status, created["phone"], created["owner"]["name"]) == (201, "+8613800138000", boss.name)
    address = f"/customers/{created['id']}"
    changed = api.patch(address, {"region": "上海", "version": created["version"]})
    assert (changed["region"], changed["name"], changed["version"]) == ("上海", "韩梅梅", 2)
    late = api.patch(address, {"region": "北京", "version": created["version"]})
    assert (late.status, late["error"], late["fields"]) == (409, "conflict", {"version": ["2"]})
    assert api.delete(address).status == 204
    assert api.get(address).status == 404
    assert [one["id"] for one in api.everything("/customers/bin")] == [created["id"]]
    assert api.post(f"{address}/restore")["deleted_at"] is None
    assert api.get(address)["region"] == "上海"


def test_wrong_values_are_said_by_field_and_nothing_is_saved(api):
    answer = api.post("/customers", {"name": "x", "phone": "12", "email": "nobody", "birthday": "2026-02-30"})
    assert (answer.status, set(answer["fields"])) == (422, {"phone", "email", "birthday"})
    assert api.post("/customers", {"name": ""}).status == 422
    assert Customer.objects.count() == 0


@pytest.mark.parametrize("field", ["version", "created_by", "deleted_at", "merged_into", "search", "batch", "owner_since", "id"])
def test_nobody_sets_what_nobody_meant_to_be_set(api, field):
    assert list(api.post("/customers", {"name": "x", field: 1})["fields"]) == [field]


def test_own_fields_are_kept_under_profile(api):
    FieldDefinition.objects.create(code="shoe_size", label_zh="鞋码", label_en="Shoe size", ring="extended", type="number")
    customer = api.post("/customers", {"name": "x", "profile": {"shoe_size": 42}})
    assert customer["profile"] == {"shoe_size": 42}
    assert list(api.patch(f"/customers/{customer['id']}", {"profile": {"hat": 1}})["fields"]) == ["hat"]
    assert api.patch(f"/customers/{customer['id']}", {"profile": {"shoe_size": None}})["profile"] == {}


def test_filters_find_what_they_say(api, boss):
    place, source = department("一店"), Source.objects.create(name="展会")
    anna = person("安娜", can=[SEE], department=place)
    wang = made(boss, "王小明", region="上海浦东", tags=["会员"], number="K-1", source_id=source.pk)
    firm = made(boss, "大华公司", kind="organisation")
    hers = made(boss, "赵六")
    api.post("/customers/bulk/transfer", {"ids": [hers.pk], "to": anna.pk})
    api.post("/customers/bulk/transfer", {"ids": [firm.pk], "to": None})
    api.put(f"/customers/{wang.pk}/parent", {"parent": firm.pk})
    assert names(api, "?q=小明") == names(api, "?q=wxm") == names(api, "?region=上海") == ["王小明"]
    assert names(api, "?tag=会员&tag=x") == names(api, "?number=K-1") == names(api, f"?parent={firm.pk}") == ["王小明"]
    assert names(api, f"?source={source.pk}") == ["王小明"]
    assert names(api, "?kind=organisation") == names(api, "?in_pool=true") == ["大华公司"]
    assert names(api, f"?owner={anna.pk}") == names(api, f"?department={place.pk}") == ["赵六"]
    assert names(api, "?created_from=2020-01-01T00:00:00Z&created_until=2020-01-02T00:00:00Z") == []
    assert len(names(api, "?never_contacted=true")) == 3
    assert (
        names(api, "?grade=key") == names(api, "?stage=lost") == names(api, "?clv_from=1") == names(api, "?revenue_until=1") == []
    )
    assert names(api, "?kind=organisation&q=小明") == []


def test_further_filters_and_one_of_several(api, boss):
    wang = made(boss, "王小明", region="上海", birthday="1990-03-08", phone="13800138000", preferred_channel="phone")
    made(boss, "赵六", region="北京", preferred_channel="wechat")
    made(boss, "大华公司", kind="organisation", region="北京", preferred_channel="wechat")
    assert (
        names(api, "?birthday_month=3&birthday_month=4")
        == names(api, "?has_phone=true")
        == names(api, "?channel=phone")
        == ["王小明"]
    )
    assert len(names(api, "?has_phone=false")) == 2
    for nobody in ("treatment=invest", "segment=champion", "r=5", "orders_from=1", "frequency_until=3", "silence_from=1",
                   "first_order_from=2020-01-01", "p_alive_until=0.5", "batch=1"):  # fmt: skip
        assert names(api, f"?{nobody}") == [], nobody
    assert sorted(names(api, "?region=上海&kind=organisation&either=region&either=kind")) == ["大华公司", "王小明"]
    assert names(api, "?region=上海&kind=organisation&channel=phone&either=region&either=kind") == ["王小明"]
    assert names(api, "?clv_from=1&clv_until=9&birthday_month=3&either=clv&either=birthday_month") == [wang.name]
    refused = api.get("/customers?region=上海&either=grade")
    assert (refused.status, list(refused["fields"])) == (422, ["either"])


@pytest.mark.parametrize(
    "sort", ["id", "-id", "name", "-name", "created_at", "-updated_at", "last_contact_at", "-last_contact_at", "clv", "-revenue"]
)
def test_all_pages_in_every_order_forth_and_back_without_doubles(api, boss, sort):
    for number in range(7):
        made(boss, f"客户{number // 2}")
    Customer.objects.filter(name="客户1").update(last_contact_at=timezone.now())
    address, pages = f"/customers?limit=3&sort={sort}", []
    while address:
        answer = api.get(address)
        pages.append([one["id"] for one in answer["items"]])
        back, address = answer["previous"], (answer["next"] or "").removeprefix("/api")
    whole = [key for page in pages for key in page]
    assert len(whole) == len(set(whole)) == 7
    assert whole == [one["id"] for one in api.get(f"/customers?limit=200&sort={sort}")["items"]]
    for expected in reversed(pages[:-1]):
        answer = api.get(back.removeprefix("/api"))
        assert [one["id"] for one in answer["items"]] == expected
        back = answer["previous"]
    assert back is None


@pytest.mark.parametrize("sort", ["id", "-id", "name", "-created_at"])
def test_rows_that_come_meanwhile_double_nothing_and_hide_nothing(api, boss, sort):
    before = {made(boss, f"客户{number}").pk for number in range(10)}
    address, seen = f"/customers?limit=2&sort={sort}", []
    while address:
        answer = api.get(address)
        seen += [one["id"] for one in answer["items"]]
        made(boss, f"新客户{len(seen)}") if len(seen) < 20 else None
        address = (answer["next"] or "").removeprefix("/api")
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_counts_are_capped_unless_asked(api, boss, monkeypatch):
    from zhike.api import paging

    monkeypatch.setattr(paging, "COUNT_CAP", 2)
    for number in range(3):
        made(boss, f"客户{number}")
    assert api.get("/customers")["count"] is None
    capped = api.get("/customers?count=capped")
    assert (capped["count"], capped["count_is_capped"]) == (2, True)
    assert (api.get("/customers?count=exact")["count"], api.get("/customers?count=exact")["count_is_capped"]) == (3, False)


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "WyJuYW1lIiwgImEiLCAxLCAwXQ", "WyItaWQiLCBudWxsLCAiYSIsIDBd", "=" * 900])
def test_a_made_up_cursor_is_refused(api, cursor):
    answer = api.get(f"/customers?cursor={cursor}")
    assert (answer.status, list(answer["fields"])) == (422, ["cursor"])


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "sort=phone", "sort=id;drop", "owner=x", "grade=gold", "created_from=x"])
def test_what_is_not_on_the_list_of_filters_is_refused(api, query):
    assert api.get(f"/customers?{query}").status == 422


def test_a_list_costs_the_same_with_one_row_and_with_three(api, boss, django_assert_max_num_queries):
    made(boss)
    api.get("/customers")
    with django_assert_max_num_queries(7):
        api.get("/customers")
    made(boss), made(boss)
    with django_assert_max_num_queries(7):
        api.get("/customers")


def test_many_at_once_by_id_or_by_filter(api, boss):
    one, two, other = made(boss, region="上海"), made(boss, region="上海"), made(boss, region="北京")
    anna = person("安娜", can=[SEE])
    assert api.post("/customers/bulk/tag", {"ids": [one.pk], "add": ["老客户"]})["changed"] == 1
    assert api.post("/customers/bulk/tag?region=上海", {"everything": True, "add": ["沪"]})["changed"] == 2
    assert api.post("/customers/bulk/change", {"ids": [one.pk], "field": "preferred_channel", "value": "phone"})["changed"] == 1
    assert api.post("/customers/bulk/transfer?region=上海", {"everything": True, "to": anna.pk, "reason": "搬家"})["changed"] == 2
    assert api.post("/customers/bulk/delete", {"ids": [two.pk, 10**9]})["changed"] == 1
    for wrong in ({}, {"ids": [one.pk], "everything": True}):
        assert api.post("/customers/bulk/delete", wrong).status == 422
    one.refresh_from_db()
    assert (one.tags, one.owner_id, Customer.objects.get(pk=other.pk).tags) == (["老客户", "沪"], anna.pk, [])


def test_a_control_group_is_drawn_by_a_number_that_can_be_given(api, boss):
    keys = [made(boss, f"客户{n}").pk for n in range(8)]
    told = {"ids": keys, "acted": "春检", "held": "春检·对照", "per_cent": 25, "seed": 7}
    asked = api.post("/customers/bulk/hold-back", told)
    assert (asked["kind"], asked["changed"]) == ("hold_back", 8)
    held = set(Customer.objects.filter(tags__overlap=["春检·对照"]).values_list("pk", flat=True))
    assert len(held) == 2
    api.post(asked["progress"].removeprefix("/api") + "/undo")
    assert api.post("/customers/bulk/hold-back", told)["changed"] == 8
    assert held == set(Customer.objects.filter(tags__overlap=["春检·对照"]).values_list("pk", flat=True))
    for wrong in ({}, {"held": "春检"}, {"per_cent": 60}, {"acted": "长" * 31}, {"seed": -1}):
        assert api.post("/customers/bulk/hold-back", told | wrong).status == 422


def test_very_many_go_in_the_background_are_watched_cancelled_and_undone(api, boss, monkeypatch):
    monkeypatch.setattr(mass, "AT_ONCE", 2)
    monkeypatch.setattr(mass, "PART", 2)
    everybody = [made(boss, f"客户{n}", tags=["会员"] if n == 0 else []).pk for n in range(5)]
    asked = api.post("/customers/bulk/tag", {"everything": True, "add": ["会员"]}, Idempotency_Key="k")
    assert (asked.status, asked["state"], asked["total"], asked["changed"]) == (202, "waiting", 5, 0)
    assert api.post("/customers/bulk/tag", {"everything": True, "add": ["会员"]}, Idempotency_Key="k")["id"] == asked["id"]
    address = asked["progress"].removeprefix("/api")
    assert api.post(f"{address}/undo").status == 422  # not yet
    actions.carry_out_mass(mass_id=asked["id"], at=timezone.now())
    done = api.get(address)
    assert (done["state"], done["done"], done["changed"], done["can_be_undone"]) == ("done", 5, 4, True)
    undo = api.post(f"{address}/undo")
    assert (undo.status, undo["kind"]) == (202, "undo")
    actions.carry_out_mass(mass_id=undo["id"], at=timezone.now())
    assert api.get(address).body | {"can_be_undone": False, "undone_by": undo["id"]} == api.get(address).body
    assert set(Customer.objects.filter(tags=["会员"]).values_list("pk", flat=True)) == {everybody[0]}
    other = api.post("/customers/bulk/department", {"everything": True, "department": department().pk})
    assert api.post(f"/customers/many/{other['id']}/cancel")["state"] == "waiting"
    actions.carry_out_mass(mass_id=other["id"], at=timezone.now())
    assert (api.get(f"/customers/many/{other['id']}")["state"], Customer.objects.exclude(department=None).count()) == (
        "cancelled",
        0,
    )
    gone = api.post("/customers/bulk/delete", {"ids": everybody[:2]})
    assert (gone.status, gone["changed"]) == (200, 2)
    assert api.post("/customers/bin/restore", {"everything": True})["changed"] == 2
    assert [one["id"] for one in api.everything("/customers/many?limit=2")][-2:] == [undo["id"], asked["id"]]
    stranger = Api.with_token(administrator("别人"))
    assert stranger.everything("/customers/many") == []
    for verb in ("", "/cancel", "/undo"):
        assert stranger.send("POST" if verb else "GET", f"{address}{verb}").status == 404


def test_others_customers_do_not_exist(boss):
    anna = person("安娜", can=[SEE, EDIT, Permission.CUSTOMER_DELETE, Permission.CUSTOMER_TRANSFER, Permission.CUSTOMER_MERGE])
    hidden, mine = made(boss, "秘密客户"), Customer.objects.create(name="我的", owner=anna)
    api = Api.with_token(anna)
    address = f"/customers/{hidden.pk}"
    assert names(api) == ["我的"]
    assert api.get("/customers?count=exact")["count"] == 1
    assert names(api, "?q=秘密") == []
    for answer in (
        api.get(address), api.patch(address, {"name": "x"}), api.delete(address), api.get(f"{address}/timeline"),
        api.get(f"{address}/contacts"), api.post(f"{address}/contacts", {"name": "x"}), api.get(f"{address}/completeness"),
        api.put(f"{address}/parent", {"parent": mine.pk}), api.post("/merges", {"kept": mine.pk, "gone": hidden.pk}),
    ):  # fmt: skip
        assert (answer.status, answer["error"]) == (404, "not_found")
    assert api.put(f"/customers/{mine.pk}/parent", {"parent": hidden.pk}).status == 422
    assert api.post(f"/customers/{mine.pk}/relationships", {"other": hidden.pk, "kind": "knows"}).status == 422
    assert api.post("/customers/bulk/transfer", {"ids": [hidden.pk], "to": anna.pk})["changed"] == 0
    hidden.refresh_from_db()
    assert (hidden.name, hidden.owner_id, hidden.deleted_at) == ("秘密客户", boss.pk, None)


def test_seen_but_not_editable_is_refused_as_such(boss):
    anna = person("安娜", can=[SEE, EDIT])
    customer = made(boss)
    customer.shares.create(user=anna, can_edit=False)
    api = Api.with_token(anna)
    assert api.get(f"/customers/{customer.pk}").status == 200
    assert api.patch(f"/customers/{customer.pk}", {"name": "x"}).status == 403


def test_masked_values_appear_nowhere(boss):
    """Every read of the API, in the eyes of somebody with the lowest clearance."""
    canary, mail, street = "13912345678", "canary.mail@example.com", "金丝雀路99弄"
    boss_api = Api.with_token(boss)
    _make_secret("email")
    FieldDefinition.objects.create(
        code="diagnosis", label_zh="诊断", label_en="Diagnosis", ring="extended", type="text", confidentiality="secret"
    )
    customer = made(boss, "金丝雀", phone=canary, email=mail, diagnosis="canary-illness")
    address = f"/customers/{customer.pk}"
    boss_api.post(f"{address}/contacts", {"name": "司机", "phone": canary, "email": mail})
    boss_api.post(f"{address}/addresses", {"detail": street})
    boss_api.post(f"{address}/identifiers", {"kind": "phone", "value": "13912345679"})
    boss_api.patch(address, {"phone": "13912345670", "profile": {"diagnosis": "canary-second"}})
    boss_api.patch(address, {"phone": canary})
    low = person("低", can=[SEE, Permission.CUSTOMER_EXPORT, Permission.CUSTOMER_MERGE, Permission.ORDER_VIEW], scope=Scope.ALL)
    api = Api.with_token(low)
    paths = [
        "/customers", address, f"{address}/timeline", f"{address}/contacts", f"{address}/addresses", f"{address}/identifiers",
        f"{address}/completeness", f"/customers/look-up?phone={canary}", "/customers?q=canary", "/duplicates", "/interactions",
    ]  # fmt: skip
    texts = [api.get(path).response.content.decode() for path in paths]
    texts.append(api.post("/customers/matches", {"name": "金丝雀"}).response.content.decode())
    texts.append(b"".join(api.post("/customers/export").response.streaming_content).decode())
    everything = "\n".join(texts)
    assert "金丝雀" in everything
    for secret in ("12345678", "12345679", "12345670", "canary.mail", "canary-illness", "canary-second", "路99"):
        assert secret not in everything, secret
    shown = api.get(address)
    assert (shown["phone"], shown["profile"]) == ("139****5678", {"diagnosis": "****"})
    assert {"phone", "email", "diagnosis"} <= set(shown["masked"])
    assert Api.with_token(boss).get(address)["phone"] == f"+86{canary}"


def test_what_is_masked_can_be_neither_filtered_nor_ordered_by(boss):
    _make_secret("region")
    made(boss, region="上海")
    api = Api.with_token(person(can=[SEE], scope=Scope.ALL))
    assert list(api.get("/customers?region=上海")["fields"]) == ["region"]
    for query, field in (("sort=clv", "sort"), ("clv_from=1", "clv_from"), ("revenue_until=1", "revenue_until")):
        assert list(api.get(f"/customers?{query}")["fields"]) == [field]


def test_revealing_needs_a_reason_and_leaves_a_trace(boss):
    customer = made(boss, phone="13912345678")
    anna = person("安娜", can=[SEE, Permission.CUSTOMER_REVEAL], scope=Scope.ALL)
    api = Api.with_token(anna)
    assert api.post(f"/customers/{customer.pk}/reveal", {"field": "phone", "reason": ""}).status == 422
    answer = api.post(f"/customers/{customer.pk}/reveal", {"field": "phone", "reason": "回电"})
    assert answer["value"] == "13912345678"
    entry = AuditEntry.objects.get(verb="revealed")
    assert (entry.actor_id, entry.note, entry.channel) == (anna.pk, "回电", "api")
    keyed = api.post(f"/customers/{customer.pk}/reveal", {"field": "phone", "reason": "回电"}, Idempotency_Key="a")
    assert keyed.status == 422


def test_the_caller_is_found_by_their_number(api, boss):
    made(boss, "王小明", phone="13912345678")
    assert [one["name"] for one in api.get("/customers/look-up?phone=139 1234 5678")["items"]] == ["王小明"]
    assert api.get("/customers/look-up?phone=5678")["items"][0]["name"] == "王小明"
    assert api.get("/customers/look-up?phone=0000")["items"] == []


def test_what_hangs_on_a_customer(api, boss):
    customer, other = made(boss, "大华公司", kind="organisation"), made(boss, "王小明")
    address = f"/customers/{customer.pk}"
    contact = api.post(f"{address}/contacts", {"name": "司机", "phone": "13912345678", "is_main": True})
    assert api.patch(f"{address}/contacts/{contact['id']}", {"position": "司机"})["phone"] == "+8613912345678"
    place = api.post(f"{address}/addresses", {"detail": "中山路1号"})
    assert api.patch(f"{address}/addresses/{place['id']}", {"region": "上海"})["detail"] == "中山路1号"
    plate = api.post(f"{address}/identifiers", {"kind": "plate", "value": "沪A12345"})
    relation = api.post(f"{address}/relationships", {"other": other.pk, "kind": "knows", "note": "邻居"})
    consent = api.post(f"{address}/consents", {"purpose": "care", "is_given": True, "evidence": "电话同意"})
    anna = person("安娜", can=[SEE])
    share = api.post(f"{address}/shares", {"user": anna.pk})
    assert [one.status for one in (contact, place, plate, relation, consent, share)] == [201] * 6
    assert [one["other"]["name"] for one in api.everything(f"/customers/{other.pk}/relationships")] == ["王小明"]
    assert Api.with_token(anna).get(address).status == 200
    for path in ("contacts", "addresses", "identifiers", "relationships", "consents", "shares"):
        assert len(api.everything(f"{address}/{path}")) == 1, path
    for path in (
        f"/contacts/{contact['id']}", f"/addresses/{place['id']}", f"/identifiers/{plate['id']}",
        f"/relationships/{relation['id']}", f"{address}/shares/{anna.pk}",
    ):  # fmt: skip
        assert api.delete(path).status == 204
    assert Api.with_token(anna).get(address).status == 404


def test_relationships_with_invisible_customers_are_not_mentioned(boss, api):
    anna = person("安娜", can=[SEE])
    mine, hidden = Customer.objects.create(name="我的", owner=anna), made(boss, "隐形人")
    api.post(f"/customers/{mine.pk}/relationships", {"other": hidden.pk, "kind": "knows"})
    api.put(f"/customers/{mine.pk}/parent", {"parent": hidden.pk})
    hers = Api.with_token(anna)
    for path in ("", "/relationships", "/timeline"):
        assert "隐形人" not in hers.get(f"/customers/{mine.pk}{path}").response.content.decode(), path


def test_the_timeline_tells_everything_page_by_page(api, boss):
    customer = made(boss, "王小明")
    address = f"/customers/{customer.pk}"
    for number in range(3):
        api.patch(address, {"region": f"地区{number}"})
        api.post("/interactions", {"customer": customer.pk, "kind": "call", "summary": f"第{number}次"})
    kinds, before, pages = [], "", 0
    while pages == 0 or before:
        answer = api.get(f"{address}/timeline?limit=2" + (f"&before={before.replace('+', '%2B')}" if before else ""))
        kinds += [(one["kind"], one["id"]) for one in answer["items"]]
        before, pages = answer["next"], pages + 1
    assert len(kinds) == len(set(kinds)) == 7
    assert api.get(f"{address}/timeline?before=x").status == 422
    assert {one["kind"] for one in api.get(f"{address}/timeline?kind=interaction")["items"]} == {"interaction"}


def test_a_change_is_undone(api, boss):
    customer = made(boss, region="上海")
    address = f"/customers/{customer.pk}"
    api.patch(address, {"region": "北京"})
    event = next(one for one in api.get(f"{address}/timeline?kind=audit")["items"] if one["facts"]["verb"] == "changed")
    assert event["facts"]["changes"] == {"region": ["上海", "北京"]}
    assert api.post("/customers/undo", {"entry": event["id"]})["region"] == "上海"
    assert api.post("/customers/undo", {"entry": event["id"]}).status == 422


def test_completeness_and_what_to_ask_next(api, boss):
    customer = made(boss)
    answer = api.get(f"/customers/{customer.pk}/completeness", Accept_Language="en")
    assert set(answer["rings"]) == {"visible", "related", "extended"}
    assert answer["whole"]["filled"] <= answer["whole"]["expected"]
    if answer["next_questions"]:
        field = answer["next_questions"][0]["field"]
        assert api.post(f"/customers/{customer.pk}/confirm", {"fields": [field]}).status in (200, 422)


def test_completeness_by_owner_at_the_ends_of_months(api, boss):
    api.post("/customers", {"name": "张伟", "phone": "13800138000"})
    answer = api.get("/customers/completeness?by=owner&months=3")
    assert (len(answer["days"]), answer["looked_at"], answer["everybody"]["customers"]) == (3, 1, 1)
    (group,) = answer["groups"]
    assert group["id"] == boss.pk
    assert group["shares"] == answer["everybody"]["shares"]
    assert group["shares"][0] == 0 < group["shares"][-1] <= 1
    assert api.get("/customers/completeness?by=shoe").status == 422


def test_all_customers_are_searched_for_duplicates(api, boss):
    created = [api.post("/customers", {"name": name, "phone": "13800138000"})["id"] for name in ("张小明", "章小明")]
    search = api.post("/duplicates/searches")
    assert (search.status, search["state"]) == (202, "waiting")
    assert api.post("/duplicates/searches").status == 422
    carry_out_duplicate_search(search_id=search["id"])
    (done,) = api.everything("/duplicates/searches")
    assert (done["state"], done["progress"]) == ("done", 100)
    (pair,) = api.everything("/duplicates")
    assert [pair["first"]["id"], pair["second"]["id"]] == created
    assert set(pair["reasons"]) == {"phone", "person.sound"}
    assert pair["probability"] > 0.9
    assert pair["against"] == []


def test_duplicates_are_found_merged_and_parted_again(api, boss):
    kept, gone = made(boss, "王小明", phone="13912345678"), made(boss, "王小明", phone="13912345678", region="上海")
    match = api.post("/customers/matches", {"name": "王小明", "phone": "13912345678"})
    assert {one["customer"]["id"] for one in match["items"]} == {kept.pk, gone.pk}
    (pair,) = api.everything("/duplicates")
    assert {pair["first"]["id"], pair["second"]["id"]} == {kept.pk, gone.pk}
    stale = api.post("/merges", {"kept": kept.pk, "gone": gone.pk, "versions": [99, 1]})
    assert stale.status == 409
    merge = api.post("/merges", {"kept": kept.pk, "gone": gone.pk, "choice": {"region": "gone"}})
    assert (merge.status, api.get(f"/customers/{kept.pk}")["region"]) == (201, "上海")
    assert api.get(f"/customers/{gone.pk}").status == 404
    assert [one["id"] for one in api.everything("/merges")] == [merge["id"]]
    assert api.post(f"/merges/{merge['id']}/undo")["id"] == gone.pk
    (pair,) = api.everything("/duplicates")
    assert api.post(f"/duplicates/{pair['id']}/keep-apart").status == 204
    assert api.everything("/duplicates") == []


def test_an_export_is_harmless_logged_and_by_right(api, boss):
    made(boss, "=cmd|' /C calc'!A0", phone="13912345678")
    response = api.post("/customers/export?kind=person").response
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0]["name"].startswith("'=")
    assert response["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.get(verb="exported").changes["rows"] == [None, 1]
    sheet = api.post("/customers/export?format=xlsx").response
    assert b"".join(sheet.streaming_content)[:2] == b"PK"
    seller = Api.with_token(person(can=[SEE], scope=Scope.ALL))
    assert seller.post("/customers/export").status == 403
    assert AuditEntry.objects.filter(verb="exported").count() == 2
