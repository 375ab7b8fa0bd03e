"""What somebody may not see is said nowhere: every page, part, file and answer is read for words that nobody else would write."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.api.client import Api
from tests.api.operations import OPERATIONS
from tests.teams.company import administrator, person, role
from tests.web.route_expectations import ROUTES
from tests.web.test_route_rights import routes
from zhike.api import limits
from zhike.care.models import Suggestion
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.models import Customer, DuplicatePair, FieldDefinition, ImportBatch, Interaction, MassChange
from zhike.sales.models import Order
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import ExportRequest, User
from zhike.value.models import CreditDecision
from zhike.web.lists.screen import all_screens

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 7, 1, 9, tzinfo=datetime.UTC)
SECRETS = {
    "phone": "13755512345", "wechat": "wxzzqqkk", "email": "mmzzqq@vvkkjj.cn", "member_no": "MZZQQ77K", "region": "藏宝湾深处",
    "preferred_time": "子夜三更", "credit_code": "91350100M000100Y43", "illness": "隐疾甲乙丙",
}  # fmt: skip
LATER = {"phone": "13766698765", "wechat": "wxyyppjj", "email": "nnyypp@vvkkjj.cn", "region": "秘境谷尽头", "illness": "隐疾丁戊己"}
BESIDE = {"contact": "13777712121", "address": "无名巷深处七号", "further": "13788834343"}


@dataclass
class World:
    """Records by the name of their id in addresses."""

    ids: dict[str, int]

    def address(self, route: str, of: str) -> str:
        beside = {
            "contact_id": "contact", "address_id": "address", "other": "other", "entry": "entry", "file_id": "customer",
            "row_id": "contact",
        }  # fmt: skip
        words = {"code": "phone", "key": "f_illness", "verb": "undo", "what": "contact", "kind": "segments", "name": "customers"}

        def filled(found: re.Match[str]) -> str:
            kind, name = found[1].rpartition(":")[::2]
            return str(self.ids.get(beside.get(name, of) or "customer", 1)) if kind == "int" else words.get(name, "x")

        return "/" + re.sub(r"<([^>]+)>", filled, route)


def said(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="ignore")


def everything_said_to(user: User, world: World) -> Iterator[tuple[str, str]]:
    """(where, what) of every page and answer that this person gets, lists with all their columns, and files of them."""
    client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
    client.force_login(user)
    for route in routes():
        lines = ROUTES[route]
        of = next((line.of for line in (lines if isinstance(lines, tuple) else (lines,)) if line.of), "")
        path = world.address(route, of)
        yield path, said(client.get(path, {"history": "all"}))
    for screen in all_screens():
        columns = [*(one.key for one in screen.columns), "f_illness"]
        query = "columns=" + ",".join(columns)
        yield f"{screen.name}?{query}", said(client.get(f"{reverse(screen.route)}?{query}"))
        sent = {"query": query, "all": "1", "kind": "csv", "reason": "x"}
        yield f"file of {screen.name}", said(client.post(f"/lists/{screen.name}/export", sent))
    api = Api.in_browser(user)
    for one in OPERATIONS:
        if one.method == "GET":
            path = one.path.removeprefix("/api")
            for name in one.takes_ids:
                path = path.replace("{" + name + "}", str(world.ids.get(name.removesuffix("_id"), 1)))
            yield one.path, said(api.get(path).response)


def found(user: User, world: World, words: list[str], *, each: bool = False) -> dict[str, list[str]]:
    """Word → where it was said; with `each` only until each was."""
    places: dict[str, list[str]] = {}
    for where, what in everything_said_to(user, world):
        for word in words:
            if word in what:
                places.setdefault(word, []).append(where)
        if each and len(places) == len(words):
            break
    return places


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "usual", limits.Limiter(10**6))
    monkeypatch.setattr(limits, "costly", limits.Limiter(10**6))


@pytest.fixture
def classified() -> World:
    """One customer of whom all that can be classed is confidential, with a past."""
    FieldDefinition.objects.update(confidentiality=Confidentiality.CONFIDENTIAL)
    FieldDefinition.objects.create(
        code="illness", label_zh="病史", label_en="Illness", ring="extended", type="text", confidentiality="secret"
    )
    boss = administrator("老板")
    one = actions.create_customer(actor=boss, values={"name": "王小明", "birthday": "1987-06-05", **SECRETS}, at=NOW)
    contact = actions.save_contact(actor=boss, customer=one, name="司机", phone=BESIDE["contact"])
    address = actions.save_address(actor=boss, customer=one, detail=BESIDE["address"])
    actions.add_identifier(actor=boss, customer=one, kind="phone", value=BESIDE["further"])
    actions.change_customer(actor=boss, customer=one, values=LATER, at=NOW)
    entry = AuditEntry.objects.filter(object_type="customer", object_id=one.pk).latest("pk")
    other = actions.create_customer(actor=boss, values={"name": "李雷", "phone": LATER["phone"]}, at=NOW)
    order = Order.objects.create(customer=one, ordered_at=NOW, amount=100)
    pair = DuplicatePair.objects.get_or_create(first=one, second=other, defaults={"reasons": ["phone"]})[0]
    suggestion = Suggestion.objects.create(
        customer=one, assignee=boss, rule="birthday", gain=1, priority=1, due_on=timezone.localdate(), channel="phone",
        facts={"lunar": False, "birthday_on": "2031-02-03"},
    )  # fmt: skip
    talk = Interaction.objects.create(customer=one, kind="call", at=NOW, staff=boss, contact=contact, summary="x")
    ids = {
        "customer": one.pk, "other": other.pk, "contact": contact.pk, "address": address.pk, "entry": entry.pk, "order": order.pk,
        "pair": pair.pk, "suggestion": suggestion.pk, "interaction": talk.pk,
    }  # fmt: skip
    return World(ids | dict.fromkeys(KINDS - ids.keys(), 1))


KINDS = {line.of for lines in ROUTES.values() for line in (lines if isinstance(lines, tuple) else (lines,)) if line.of}
MASKED = [*SECRETS.values(), *LATER.values(), *BESIDE.values(), "1987-06-05", "Birthday on 2-3", "2031-02-03"]


def with_clearance(clearance: Confidentiality) -> User:
    user = person(language="en")
    user.roles.add(role(list(Permission), scope=Scope.ALL, clearance=clearance))
    return user


def test_what_is_masked_is_said_nowhere(classified: World) -> None:
    clerk = with_clearance(Confidentiality.PUBLIC)
    assert found(clerk, classified, MASKED) == {}


def test_the_control_who_is_cleared_is_told_all_of_it(classified: World) -> None:
    assert set(found(with_clearance(Confidentiality.SECRET), classified, MASKED, each=True)) == set(MASKED)


# --- customers out of sight -----------------------------------------------------------------------------------------------

UNSEEN = [f"无影客户{part}号甲乙" for part in ("母", "友", "双", "并", "购", "谈", "荐", "信", "评", "推")]
SAID_THERE = ("秘单ZZQQ", "秘谈YYPP", "秘评XXKK", "秘由WWJJ", "秘档VVHH", "秘盘UUGG")


@pytest.fixture
def out_of_sight() -> tuple[User, World]:
    """Somebody's own customer with ties to every kind of record of people who are not theirs to see."""
    boss, me = administrator("老板"), person(can=list(Permission), scope=Scope.OWN, language="en")
    me.roles.update(clearance=Confidentiality.SECRET)
    hidden = {name[4]: Customer.objects.create(name=name, owner=boss, search=["无"]) for name in UNSEEN}
    mine = actions.create_customer(actor=boss, values={"name": "看得见的人"}, at=NOW, owner=me)
    Customer.objects.filter(pk=mine.pk).update(parent=hidden["母"], phone="+8613800138000")
    Customer.objects.filter(pk=hidden["双"].pk).update(phone="+8613800138000")
    actions.relate(actor=boss, customer=mine, other=hidden["友"], kind="knows")
    pair = DuplicatePair.objects.create(first=hidden["双"], second=mine, reasons=["phone"])
    Customer.objects.filter(pk=hidden["并"].pk).update(deleted_at=NOW)
    Order.objects.create(customer=hidden["购"], ordered_at=NOW, amount=77, order_no=SAID_THERE[0])
    Interaction.objects.create(customer=hidden["谈"], kind="call", at=NOW, staff=me, summary=SAID_THERE[1])
    Suggestion.objects.create(
        customer=hidden["荐"], assignee=me, rule="birthday", gain=1, priority=1, due_on=timezone.localdate(), channel="phone",
        facts={"lunar": False, "birthday_on": "2026-06-05"},
    )  # fmt: skip
    CreditDecision.objects.create(customer=hidden["信"], terms=30, reason=SAID_THERE[3], asked_by=me, asked_at=NOW)
    hidden["评"].comments.create(text=SAID_THERE[2], by=me, at=NOW)
    ImportBatch.objects.create(kind="orders", file_name=SAID_THERE[4], reading={"kind": "text"}, created_by=boss)
    ExportRequest.objects.create(
        asked_by=boss, asked_at=NOW, screen="customers", kind="csv", rows=1, highest="internal", reason=SAID_THERE[5]
    )
    MassChange.objects.create(kind="delete", started_by=me, ids=[hidden["推"].pk])
    return me, World(dict.fromkeys(KINDS, 1) | {"customer": mine.pk, "other": hidden["双"].pk, "pair": pair.pk})


def test_whom_one_may_not_see_is_named_nowhere(out_of_sight: tuple[User, World]) -> None:
    me, world = out_of_sight
    assert found(me, world, [*UNSEEN, *SAID_THERE]) == {}


def test_the_control_who_sees_all_finds_them(out_of_sight: tuple[User, World]) -> None:
    _me, world = out_of_sight
    said = [*UNSEEN[:3], *UNSEEN[4:6], UNSEEN[7], SAID_THERE[0], *SAID_THERE[3:]]
    assert set(found(administrator("甲", language="en"), world, said, each=True)) == set(said)
