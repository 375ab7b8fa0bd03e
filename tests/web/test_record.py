"""The record page and its forms, as people use them."""

import datetime
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.teams.company import person
from tests.web.record import MOBILE, made, seller, text
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.models import Customer, DuplicatePair, Interaction, VoiceLabel
from zhike.sales.models import Order
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import User
from zhike.value.models import Run, Score
from zhike.web.customers.why import why_boxes

pytestmark = pytest.mark.django_db
TABS = ["timeline", "profile", "contacts", "relationships", "orders", "value", "files", "history"]


def scored(customer: Customer) -> Score:
    run = Run.objects.create(as_of=datetime.date(2026, 3, 1), state="done", is_current=True)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE zhike_score_{run.pk} PARTITION OF zhike_score FOR VALUES IN ({run.pk})")
    return Score.objects.create(
        run=run, customer=customer, as_of=run.as_of, orders=7, returns=1, first_on=datetime.date(2024, 1, 1),
        last_on=datetime.date(2026, 1, 1), revenue=Decimal("12345.67"), margin=Decimal("4000"), frequency=6, recency=731, age=790,
        mean_spend=1700.0, rhythm_days=121.8, silence_ratio=0.5, r_score=4, f_score=5, m_score=5, rfm_class="important_value",
        p_alive=0.93, expected_orders=2.7, expected_spend=1650.0, clv=9876.0, clv_low=5000.0, clv_high=15000.0, grade="key",
        earned_grade="important", grade_since=datetime.date(2025, 1, 1), stage="stable", trend=0.25,
    )  # fmt: skip


def full(boss: User) -> Customer:
    """A company with a bit of everything."""
    actions.apply_template(actor=boss, template="manufacturing")
    now = timezone.now()
    group = made(boss, "华腾集团", kind="organisation")
    customer = made(
        boss, "华腾科技", kind="organisation", phone=MOBILE, email="a@qq.com", tags=["重点"], industry="机械", needs=["price"]
    )
    actions.set_parent(actor=boss, customer=customer, parent=group, at=now)
    friend = made(boss, "王芳")
    actions.relate(actor=boss, customer=friend, other=customer, kind="refers")
    actions.save_contact(actor=boss, customer=customer, name="赵六", phone="13700137000", is_main=True, position="采购")
    actions.save_address(actor=boss, customer=customer, detail="中关村大街1号", is_main=True)
    actions.add_identifier(actor=boss, customer=customer, kind="phone", value="010-88886666")
    actions.record_consent(actor=boss, customer=customer, purpose="marketing", is_given=True, evidence="表单", at=now)
    actions.record_interaction(
        actor=boss, customer=customer, kind="call", at=now, summary="想降价", mood="unhappy", outcome="problem"
    )
    actions.plan_interaction(actor=boss, customer=customer, kind="visit", at=now - datetime.timedelta(hours=3), summary="送样品")
    actions.change_customer(
        actor=boss, customer=customer, values={"region": "海淀", "quiet_from": "22:00", "quiet_until": "08:00"}, at=now
    )
    Order.objects.create(customer=customer, ordered_at=now, amount=Decimal("88.5"), order_no="A-1")
    scored(customer)
    return customer


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_part_of_the_record_shows(office: Client, boss: User, tab: str, language: str) -> None:
    User.objects.filter(pk=boss.pk).update(language=language)
    customer = full(boss)
    page = text(office.get(reverse("customer", args=[customer.pk]), {"tab": tab}))
    assert "华腾科技" in page
    assert "想降价" in page  # the open problem stands on top of every part


@pytest.mark.parametrize("tab", TABS)
def test_an_empty_record_says_what_to_do(office: Client, boss: User, tab: str) -> None:
    customer = made(boss)
    assert office.get(reverse("customer", args=[customer.pk]), {"tab": tab}).status_code == 200


def test_the_record_takes_at_most_fifteen_queries(office: Client, boss: User) -> None:
    customer = full(boss)
    url = reverse("customer", args=[customer.pk])
    office.get(url)
    for rows in (0, 3):
        for n in range(rows):
            actions.record_interaction(actor=boss, customer=customer, kind="call", at=timezone.now(), summary=f"again {n}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            office.get(url)
        assert len(asked) <= 15, [query["sql"][:120] for query in asked]


def test_why_boxes_say_why_in_figures(office: Client, boss: User) -> None:
    customer = full(boss)
    page = text(office.get(reverse("customer", args=[customer.pk]), {"tab": "value"}))
    assert "every 122 days" in page
    assert "¥12,346 spent so far" in page
    assert "“important”" in page


def test_a_stranger_gets_404_everywhere_and_learns_nothing(desk: Client, boss: User, li: User) -> None:
    customer = full(boss)
    talk = Interaction.objects.first()
    assert talk is not None
    for name, extra in [
        ("customer", []), ("customer-edit", []), ("customer-record", []), ("customer-plan", []), ("customer-fact", ["region"]),
        ("contact-new", []), ("customer-share", []), ("relationship-new", []), ("consent-new", []), ("address-new", []),
    ]:  # fmt: skip
        assert desk.get(reverse(name, args=[customer.pk, *extra])).status_code == 404, name
    assert desk.get(reverse("interaction-complete", args=[talk.pk])).status_code == 404
    assert desk.post(reverse("interaction-settle", args=[talk.pk, "pin"])).status_code == 404
    assert "华腾" not in text(desk.get(reverse("lookup"), {"phone": MOBILE}))
    assert "华腾" not in text(desk.get(reverse("customer-pick"), {"q": "huateng"}))
    hint = text(desk.get(reverse("customer-check"), {"phone": MOBILE, "name": "华腾科技"}, headers={"X-Part": "matches"}))
    assert "华腾" not in hint
    assert "exists with another owner" in hint


def test_who_may_not_do_it_is_refused(desk: Client, boss: User, li: User) -> None:
    customer = made(li)
    for name in ("customer-delete", "customer-transfer", "merge-choose", "duplicates", "recycle-bin"):
        args = [customer.pk] if name not in ("duplicates", "recycle-bin") else []
        answer = desk.post(reverse(name, args=args)) if name == "customer-delete" else desk.get(reverse(name, args=args))
        assert answer.status_code == 403, name
    page = text(desk.get(reverse("customer", args=[customer.pk]), {"tab": "value"}))
    assert "No score yet" not in page  # the part does not exist for them
    assert reverse("merge-choose", args=[customer.pk]) not in page


def test_a_masked_phone_is_masked_on_every_part(desk: Client, boss: User, li: User) -> None:
    customer = full(boss)
    actions.share_customer(actor=boss, customer=customer, user=li, can_edit=True)
    actions.change_customer(actor=boss, customer=customer, values={"phone": "13911112222"}, at=timezone.now())
    for tab in TABS:
        page = text(desk.get(reverse("customer", args=[customer.pk]), {"tab": tab}))
        for number in (MOBILE, "13911112222", "13700137000", "88886666"):
            assert number not in page, tab
    panel = text(desk.get(reverse("customer", args=[customer.pk]), headers={"X-Part": "panel"}))
    assert "139****2222" in panel
    for name in ("customer-edit", "customer-record"):
        assert "13911112222" not in text(desk.get(reverse(name, args=[customer.pk])))
    contact = customer.contacts.get()
    assert "13700137000" not in text(desk.get(reverse("contact-edit", args=[customer.pk, contact.pk])))
    desk.post(reverse("contact-edit", args=[customer.pk, contact.pk]), {"name": "赵七"})
    contact.refresh_from_db()
    assert (contact.name, contact.phone) == ("赵七", "+8613700137000")


def test_revealing_asks_why_shows_once_and_leaves_a_trace(boss: User) -> None:
    customer = made(boss, phone=MOBILE)
    clerk = seller("clerk", Permission.CUSTOMER_REVEAL, scope=Scope.ALL)
    client = Client()
    client.force_login(clerk)
    url = reverse("customer-reveal", args=[customer.pk, "phone"])
    assert MOBILE not in text(client.get(url))
    assert client.post(url, {"reason": ""}).status_code == 422
    assert MOBILE in text(client.post(url, {"reason": "核对身份"}))
    assert AuditEntry.objects.filter(verb="revealed", actor=clerk).count() == 1


def test_a_call_is_recorded_with_its_next_step(office: Client, boss: User) -> None:
    customer = made(boss)
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    form = {
        "kind": "call", "outcome": "reached", "summary": "下周再联系", "mood": "happy", "next_step": "报价",
        "next_on": tomorrow.isoformat(),
        "direction": "out", "purpose": "selling", "files": SimpleUploadedFile("报价.txt", b"42"),
    }  # fmt: skip
    answer = office.post(reverse("customer-record", args=[customer.pk]), form, follow=True)
    assert "下周再联系" in text(answer)
    done, planned = Interaction.objects.order_by("state")
    assert (done.state, planned.state, planned.summary, planned.follows) == ("done", "planned", "报价", done)
    file = done.files.get()
    kept = office.get(reverse("customer-file", args=[customer.pk, file.pk]))
    assert b"".join(kept.streaming_content) == b"42"  # type: ignore[attr-defined]
    assert kept.headers["Content-Disposition"].startswith("attachment")
    plans = text(office.get(reverse("plans")))
    assert "报价" in plans
    answer = office.post(
        reverse("interaction-complete", args=[planned.pk]), {**form, "files": "", "next_on": "", "summary": "成了"}
    )
    planned.refresh_from_db()
    assert (planned.state, planned.summary) == ("done", "成了")


def test_a_file_of_another_customer_is_not_served(office: Client, desk: Client, boss: User, li: User) -> None:
    customer, own = made(boss), made(li, "李四")
    form = {"kind": "note", "direction": "in", "purpose": "not_selling", "files": SimpleUploadedFile("a.txt", b"42")}
    office.post(reverse("customer-record", args=[customer.pk]), form)
    file = Interaction.objects.get().files.get()
    assert desk.get(reverse("customer-file", args=[customer.pk, file.pk])).status_code == 404
    assert desk.get(reverse("customer-file", args=[own.pk, file.pk])).status_code == 404


def test_a_wrong_form_says_where(office: Client, boss: User) -> None:
    customer = made(boss)
    future = (timezone.localtime() + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"kind": "call", "direction": "out", "purpose": "selling", "at": future, "summary": "写了很多"}
    answer = office.post(reverse("customer-record", args=[customer.pk]), form)
    assert answer.status_code == 422
    assert "lies in the future" in text(answer)
    assert "写了很多" in text(answer)
    assert not Interaction.objects.exists()


def test_problems_are_put_right_and_plans_cancelled_from_the_page(office: Client, boss: User) -> None:
    customer = full(boss)
    talk = Interaction.objects.open_problems().get()
    plan = Interaction.objects.planned().get()
    office.post(reverse("interaction-settle", args=[talk.pk, "resolve"]))
    office.post(reverse("interaction-settle", args=[plan.pk, "cancel"]))
    office.post(reverse("interaction-settle", args=[talk.pk, "pin"]))
    page = text(office.get(reverse("customer", args=[customer.pk])))
    assert "Overdue promise" not in page
    assert "put right" in page
    assert "Unpin" in page
    assert office.post(reverse("interaction-settle", args=[talk.pk, "dance"])).status_code == 404
    change = {"kind": "call", "direction": "out", "purpose": "selling", "summary": "改过", "at": "2026-01-02T03:04"}
    assert office.post(reverse("interaction-edit", args=[talk.pk]), change).status_code == 302
    assert office.get(reverse("interaction-edit", args=[talk.pk])).status_code == 200
    talk.refresh_from_db()
    assert talk.summary == "改过"


def test_a_likely_duplicate_is_shown_before_it_is_saved(office: Client, boss: User) -> None:
    known = made(boss, phone=MOBILE)
    form = {"kind": "person", "name": "张小伟", "phone": MOBILE}
    answer = office.post(reverse("customer-new"), form)
    assert answer.status_code == 422
    assert reverse("customer", args=[known.pk]) in text(answer)
    answer = office.post(reverse("customer-new"), {**form, "all_the_same": "1"})
    assert answer.status_code == 302
    assert DuplicatePair.objects.get().reasons == ["phone"]
    assert office.get(reverse("customer-new"), {"kind": "organisation", "name": "华腾"}).status_code == 200


def test_everything_wrong_with_a_new_customer_is_said_at_its_field(office: Client, boss: User) -> None:
    answer = office.post(
        reverse("customer-new"), {"kind": "person", "name": "张伟", "phone": "12", "email": "x", "birthday": "31-31"}
    )
    assert answer.status_code == 422
    for message in ("no phone number", "no e-mail address", "no lunar date"):
        assert message in text(answer) or message == "no lunar date"
    assert not Customer.objects.exists()


def test_a_customer_is_edited_and_keeps_what_the_form_shows(office: Client, boss: User) -> None:
    actions.apply_template(actor=boss, template="auto_service")
    customer = made(
        boss, phone=MOBILE, birthday="3-8", services=["wash"], second_car="yes", tags=["甲", "乙"], preferred_channel="wechat"
    )
    url = reverse("customer-edit", args=[customer.pk])
    page = office.get(url)
    assert MOBILE in text(page)
    form = {
        "version": 1, "kind": "person", "name": "张小伟", "phone": MOBILE, "birthday": "03-08", "services": ["wash", "maintain"],
        "second_car": "yes", "tags": "甲 乙", "preferred_channel": "wechat", "mileage": "5000",
    }  # fmt: skip
    assert office.post(url, form).status_code == 302
    entry = AuditEntry.objects.latest("pk")
    assert set(entry.changes) == {"name", "services", "mileage"}


def test_who_saves_second_sees_both_and_decides(office: Client, boss: User) -> None:
    customer = made(boss, region="朝阳")
    actions.change_customer(actor=boss, customer=customer, values={"region": "海淀"}, at=timezone.now())
    form = {"version": 1, "kind": "person", "name": "张小伟", "region": "朝阳"}
    answer = office.post(reverse("customer-edit", args=[customer.pk]), form)
    assert answer.status_code == 409
    assert "海淀" in text(answer)
    assert "张小伟" in text(answer)
    assert office.post(reverse("customer-edit", args=[customer.pk]), {**form, "version": 2}).status_code == 302


def test_who_may_only_see_a_customer_does_not_edit_it(desk: Client, boss: User, li: User) -> None:
    customer = made(boss)
    actions.share_customer(actor=boss, customer=customer, user=li)
    assert desk.get(reverse("customer-edit", args=[customer.pk])).status_code == 403
    assert reverse("customer-edit", args=[customer.pk]) not in text(desk.get(reverse("customer", args=[customer.pk])))


def test_a_fact_is_filled_in_place_and_confirmed(office: Client, boss: User) -> None:
    customer = made(boss, region="朝阳")
    url = reverse("customer-fact", args=[customer.pk, "wechat"])
    assert "<form" in text(office.get(url, headers={"X-Part": "fact"}))
    answer = office.post(url, {"wechat": "zhangwei"}, headers={"X-Part": "fact", "HX-Target": "ask-wechat"})
    assert "zhangwei" in text(answer)
    assert (
        office.post(reverse("customer-fact", args=[customer.pk, "phone"]), {"phone": "1"}, headers={"X-Part": "fact"}).status_code
        == 422
    )
    assert office.post(reverse("customer-fact", args=[customer.pk, "email"]), {"email": "a@qq.com"}).status_code == 302
    assert office.get(reverse("customer-fact", args=[customer.pk, "nothing"])).status_code == 404
    assert office.post(reverse("customer-confirm", args=[customer.pk]), {"code": "region"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.wechat, customer.email) == ("zhangwei", "a@qq.com")


def test_contacts_and_the_rest_are_added_and_taken_away(office: Client, boss: User) -> None:
    customer, other = made(boss, "华腾", kind="organisation"), made(boss, "集团", kind="organisation")
    for name, form in [
        ("contact-new", {"name": "王芳", "phone": "13700137000"}), ("address-new", {"detail": "中关村"}),
        ("identifier-new", {"kind": "email", "value": "B@qq.com"}),
        ("consent-new", {"purpose": "care", "is_given": "0", "evidence": "电话"}),
        ("relationship-new", {"kind": "depends_on", "other": other.pk}),
        ("relationship-new", {"kind": "parent", "other": other.pk}),
        ("customer-share", {"user": person("wang").pk}),
    ]:  # fmt: skip
        assert office.get(reverse(name, args=[customer.pk])).status_code == 200
        assert office.post(reverse(name, args=[customer.pk]), form).status_code == 302, name
    assert office.post(reverse("relationship-new", args=[customer.pk]), {"kind": "knows", "other": 10**9}).status_code == 422
    assert office.post(reverse("contact-new", args=[customer.pk]), {"name": "王芳", "phone": "1"}).status_code == 422
    customer.refresh_from_db()
    assert customer.parent == other
    rows = {
        "contact": customer.contacts.get().pk, "address": customer.addresses.get().pk, "identifier": customer.identifiers.get().pk,
        "relationship": customer.relationships.get().pk, "parent": 0, "share": customer.shares.get().pk,
    }  # fmt: skip
    contact, address = rows["contact"], rows["address"]
    assert office.get(reverse("contact-edit", args=[customer.pk, contact])).status_code == 200
    assert office.post(reverse("address-edit", args=[customer.pk, address]), {"detail": "海淀"}).status_code == 302
    for what, key in rows.items():
        assert office.post(reverse("customer-remove", args=[customer.pk, what, key])).status_code == 302, what
    customer.refresh_from_db()
    assert customer.parent is None
    assert not customer.contacts.exists()
    assert office.post(reverse("customer-remove", args=[customer.pk, "house", 1])).status_code == 404


def test_a_hand_over_leads_back_to_the_list_when_it_is_gone(office: Client, boss: User, li: User) -> None:
    customer = made(boss)
    url = reverse("customer-transfer", args=[customer.pk])
    assert office.get(url).status_code == 200
    assert office.post(url, {"user": li.pk, "reason": "调岗"}).status_code == 302
    customer.refresh_from_db()
    assert customer.owner == li


def test_a_change_is_undone_from_the_history(office: Client, boss: User) -> None:
    customer = made(boss, region="朝阳")
    actions.change_customer(actor=boss, customer=customer, values={"region": "海淀"}, at=timezone.now())
    entry = AuditEntry.objects.latest("pk")
    url = reverse("customer-undo", args=[customer.pk, entry.pk])
    assert url in text(office.get(reverse("customer", args=[customer.pk]), {"tab": "history"}))
    office.post(url)
    customer.refresh_from_db()
    assert customer.region == "朝阳"
    assert url not in text(office.get(reverse("customer", args=[customer.pk]), {"tab": "history"}))


def test_a_deleted_customer_waits_in_the_bin(office: Client, boss: User) -> None:
    customer = made(boss)
    office.post(reverse("customer-delete", args=[customer.pk]))
    assert office.get(reverse("customer", args=[customer.pk])).status_code == 404
    assert "张伟" in text(office.get(reverse("recycle-bin")))
    office.post("/lists/bin/bulk", {"query": "", "sure": "1", "action": "restore", "id": [customer.pk]})
    assert office.get(reverse("customer", args=[customer.pk])).status_code == 200


def test_a_caller_is_on_the_screen_by_the_number(office: Client, boss: User) -> None:
    customer = made(boss, phone=MOBILE)
    assert office.get(reverse("lookup"), {"phone": MOBILE}).headers["Location"] == reverse("customer", args=[customer.pk])
    made(boss, "李四", phone="13900138000")
    assert "李四" in text(office.get(reverse("lookup"), {"phone": "8000"}))
    page = text(office.get(reverse("lookup"), {"phone": "13611112222"}))
    assert f"{reverse('customer-new')}?phone=13611112222" in page
    assert office.get(reverse("lookup")).status_code == 200


def test_next_and_previous_follow_the_list_one_came_from(office: Client, boss: User) -> None:
    one, two, three = (made(boss, name) for name in ("甲", "乙", "丙"))
    page = text(office.get(reverse("customer", args=[two.pk]), headers={"Referer": "http://testserver/customers/?sort=name"}))
    order = [customer.pk for customer in Customer.objects.order_by("name", "pk")]
    place = order.index(two.pk)
    for near in (place - 1, place + 1):
        if 0 <= near < 3:
            assert f"{reverse('customer', args=[order[near]])}?list=sort%3Dname" in page
    assert office.get(reverse("customer", args=[one.pk]), {"list": "sort=nonsense&at=%%%"}).status_code == 200
    assert office.get(reverse("customer", args=[three.pk]), headers={"Referer": "http://elsewhere/customers/?x"}).status_code == 200


def test_earlier_events_come_on_request(office: Client, boss: User) -> None:
    customer = made(boss)
    now = timezone.now()
    for n in range(25):
        actions.record_interaction(
            actor=boss, customer=customer, kind="call", at=now - datetime.timedelta(days=n), summary=f"call {n:02}"
        )
    page = text(office.get(reverse("customer", args=[customer.pk])))
    assert "call 00" in page
    assert "call 24" not in page
    more = page.split('hx-get="?')[-1].split('"')[0].replace("&amp;", "&")
    rest = text(office.get(f"{reverse('customer', args=[customer.pk])}?{more}", headers={"X-Part": "events"}))
    assert "call 24" in rest
    assert "<html" not in rest


def test_how_words_are_read_is_shown_confirmed_and_corrected_from_the_record(office: Client, desk: Client, boss: User) -> None:
    customer = made(boss)
    talk = actions.record_interaction(actor=boss, customer=customer, kind="call", at=timezone.now(), summary="等了两个小时，太慢了")
    address = reverse("interaction-words", args=[talk.pk])
    assert address in text(office.get(reverse("customer", args=[customer.pk])))
    shown = office.get(address).content.decode()
    assert '<option value="等待时间" selected' in shown
    assert office.post(address, {"topic": "服务态度", "tone": "unfavourable", "urgency": "soon"}).status_code == 302
    label = VoiceLabel.objects.get()
    assert (label.topic, label.tone, label.urgency, label.by) == ("服务态度", "unfavourable", "soon", boss)
    assert '<option value="服务态度" selected' in office.get(address).content.decode()
    assert office.post(address, {"topic": "天气", "tone": "neutral"}).status_code == 422
    assert desk.get(address).status_code == 404


def test_what_was_taken_away_from_a_record_is_brought_back_by_the_button(office: Client, boss: User) -> None:
    customer, friend = made(boss, "华腾科技", kind="organisation"), made(boss, "王芳")
    actions.save_contact(actor=boss, customer=customer, name="赵六", phone=MOBILE, birthday="1990-03-08", is_main=True)
    actions.save_address(actor=boss, customer=customer, detail="中关村大街1号", label="公司")
    actions.add_identifier(actor=boss, customer=customer, kind="plate", value="沪A12345")
    actions.relate(actor=boss, customer=friend, other=customer, kind="refers", note="老同学")

    def parts() -> list[object]:
        return [
            list(customer.contacts.values("name", "phone", "birthday", "is_main")),
            list(customer.addresses.values("detail", "label")), list(customer.identifiers.values("kind", "value")),
            list(friend.relationships.values("other", "kind", "note")),
        ]  # fmt: skip

    before = parts()
    rows = {
        "contact": customer.contacts.get(), "address": customer.addresses.get(), "identifier": customer.identifiers.get(),
        "relationship": friend.relationships.get(),
    }  # fmt: skip
    for what, row in rows.items():
        page = text(office.post(reverse("customer-remove", args=[customer.pk, what, row.pk]), follow=True))
        [address] = re.findall(r'action="(/customers/\d+/undo/\d+/)"[^>]*>.{0,200}?Undo', page.split('id="toasts"')[1], re.S)
        assert parts() != before, what
        office.post(address)
        assert parts() == before, what
        office.post(address)  # not twice
        assert parts() == before, what


def test_a_stage_is_explained_by_what_made_it() -> None:
    day = datetime.date(2025, 1, 2)
    score = Score(stage="declining", as_of=day, last_on=day, frequency=9, rhythm_days=86, silence_ratio=0.0, trend=-0.7)
    assert "70%" in why_boxes(score)[0].sentence
    score.silence_ratio, score.last_on = 3.0, day - datetime.timedelta(days=258)
    assert "258" in why_boxes(score)[0].sentence
