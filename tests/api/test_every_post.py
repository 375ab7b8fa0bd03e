"""Every POST of the OpenAPI file that takes a key, twice: one effect, the same answer; otherwise refused, and nobody else's."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test.client import encode_multipart
from django.utils import timezone

from tests.api.client import Answer, Api
from tests.api.operations import OPERATIONS, Operation
from tests.api.test_imports import upload, work
from tests.api.test_rights import database
from tests.teams.company import administrator, department, person
from tests.value import shop
from zhike.api import limits
from zhike.care.models import Suggestion
from zhike.customers.models import Customer, DuplicatePair
from zhike.teams.choices import ExportState, FileState, Permission
from zhike.teams.models import ExportRequest, Notice, User
from zhike.value.actions import run_scoring
from zhike.value.models import Analysis, CreditDecision, Run

pytestmark = pytest.mark.django_db
POSTS = [one for one in OPERATIONS if one.method == "POST"]
KEYED = [one for one in POSTS if one.details.get("x-idempotent", True)]
# Their answer is a secret that is not kept, or a file; or they change nothing. Written down here, not read from the code.
WITHOUT_KEY = """
    reveal_field find_matches export_customers export_orders create_person set_password change_my_password begin_second_factor
    make_export_file confirm_second_factor renew_recovery_codes remove_my_second_factor create_token
"""
SOON = (timezone.localdate() + datetime.timedelta(days=7)).isoformat()
CUT = "cut"


class Company:
    """Something behind every id, in the state that each request needs."""

    def __init__(self, person: User) -> None:
        self.person, self.api = person, Api.with_token(person)
        self.boss = administrator("另一位")
        self.one, self.other = shop.customers(2, self.boss)
        shop.orders([(buyer, f"2026-0{month}-01", 100) for buyer in (self.one, self.other) for month in range(1, 7)])
        run_scoring(actor=None, as_of=datetime.date(2026, 7, 1))
        self.known = Customer.objects.create(name="李雷", phone="+8613912345678")
        self.in_bin = Customer.objects.create(name="已删除", deleted_at=timezone.now())

    def made(self, path: str, data: Any = None) -> Any:
        answer = self.api.post(path, data)
        assert answer.status < 300, (path, answer.body)
        return answer["id"]

    def tagged(self) -> int:
        return int(self.made("/customers/bulk/tag", {"ids": [self.one.pk], "add": ["会员"]}))

    def planned(self) -> int:
        return int(self.made("/interactions/plan", {"customer": self.one.pk, "kind": "call", "at": f"{SOON}T09:00:00+08:00"}))

    def problem(self) -> int:
        return int(self.made("/interactions", {"customer": self.one.pk, "kind": "call", "outcome": "problem", "summary": "漏油"}))

    def deleted_comment(self) -> int:
        key = self.api.post(f"/customers/{self.one.pk}/comments", {"text": "你好"})["comment"]["id"]
        self.api.delete(f"/comments/{key}")
        return int(key)

    def pair(self) -> int:
        return DuplicatePair.objects.create(first=self.one, second=self.other, reasons=["phone"]).pk

    def merge(self) -> int:
        return int(self.made("/merges", {"kept": self.one.pk, "gone": self.other.pk}))

    def order(self) -> int:
        return int(self.made("/orders", {"customer": self.one.pk, "ordered_at": "2026-03-08T09:00:00Z", "amount": "100"}))

    def deleted_order(self) -> int:
        made = self.order()
        assert self.api.delete(f"/orders/{made}").status == 204
        return made

    def file(self) -> int:
        return int(upload(self.api)["id"])

    def imported(self) -> int:
        key = self.file()
        self.api.post(f"/imports/{key}/start")
        work(key)
        return key

    def discarded(self) -> int:
        key = self.file()
        self.api.post(f"/imports/{key}/cancel")
        return key

    def changed(self) -> int:
        from zhike.core.models import AuditEntry

        self.api.patch(f"/customers/{self.one.pk}", {"region": "上海"})
        return AuditEntry.objects.filter(object_type="customer", object_id=self.one.pk).latest("pk").pk

    def asked(self) -> int:
        who, now = person("要表的人", can=list(Permission)), timezone.now()
        return ExportRequest.objects.create(
            asked_by=who,
            asked_at=now,
            screen="customers",
            kind="csv",
            rows=9,
            highest="internal",
        ).pk

    def export_under_way(self) -> int:
        return ExportRequest.objects.create(
            asked_by=self.person, asked_at=timezone.now(), screen="api-customers", kind="csv", rows=9, highest="internal",
            state=ExportState.FREE, file_state=FileState.RUNNING,
        ).pk  # fmt: skip

    def waiting_run(self) -> int:
        return Run.objects.create(state="waiting", as_of=timezone.localdate()).pk

    def waiting_analysis(self) -> int:
        return Analysis.objects.create(state="waiting", kind="segments").pk

    def analysis(self) -> int:
        report = {"segments": [{"code": "a", "traits": []}], "names": {}}
        return Analysis.objects.create(state="done", kind="segments", report=report).pk

    def credit(self, state: str) -> int:
        return CreditDecision.objects.create(
            customer=self.one, state=state, limit=100, reason="旺季", asked_by=self.boss, asked_at=timezone.now()
        ).pk

    def refused(self) -> int:
        key = self.suggestion()
        self.made_nothing(f"/suggestions/{key}/refuse", {"refusal": "wrong_time"})
        return key

    def suggestion(self) -> int:
        return Suggestion.objects.create(
            customer=self.one,
            assignee=self.boss,
            rule="birthday",
            gain=1,
            priority=1,
            due_on=timezone.localdate(),
            channel="phone",
            facts={"lunar": False, "birthday_on": SOON},
        ).pk

    def notice(self) -> int:
        return Notice.objects.create(user=self.person, kind="import.done").pk

    def retired_field(self) -> int:
        key = self.made("/fields", {"code": "hat", "type": "text", "label_zh": "帽", "label_en": "Hat"})
        self.api.post(f"/fields/{key}/retire")
        self.api.delete(f"/fields/{key}")
        return int(key)

    def left(self) -> int:
        key = person("离职的人").pk
        self.made_nothing(f"/people/{key}/leave", {"left_on": timezone.localdate().isoformat()})
        return key

    def made_nothing(self, path: str, data: Any) -> None:
        assert self.api.post(path, data).status < 300


Wish = Callable[[Company], tuple[dict[str, Any], Any]]


def about(customer: str = "one", **body: Any) -> Wish:
    """Of a customer, with this body."""
    return lambda company: ({"customer_id": getattr(company, customer).pk}, body or None)


def of(path_id: str, make: str, *arguments: Any, **body: Any) -> Wish:
    """Of what the company makes for it."""
    return lambda company: ({path_id: getattr(company, make)(*arguments)}, body)


def plain(**body: Any) -> Wish:
    return lambda company: ({}, body)


REQUESTS: dict[str, Wish] = {
    "create_customer": plain(name="王小明"),
    "restore_customer": about("in_bin"),
    "transfer_customers": lambda company: ({}, {"ids": [company.one.pk], "to": person("接手的人").pk}),
    "tag_customers": lambda company: ({}, {"ids": [company.one.pk], "add": ["会员"]}),
    "hold_back_customers": lambda company: ({}, {"ids": [company.one.pk, company.other.pk], "acted": "试", "held": "对照"}),
    "change_customers": lambda company: ({}, {"ids": [company.one.pk], "field": "region", "value": "上海"}),
    "move_customers_to_department": lambda company: ({}, {"ids": [company.one.pk], "department": department().pk}),
    "restore_customers": lambda company: ({}, {"ids": [company.in_bin.pk]}),
    "cancel_mass_change": of("many_id", "tagged"),
    "undo_mass_change": of("many_id", "tagged"),
    "delete_customers": lambda company: ({}, {"ids": [company.one.pk]}),
    "confirm_facts": about("known", fields=["phone"]),
    "undo_change": lambda company: ({}, {"entry": company.changed()}),
    "add_contact": about(name="司机"), "add_address": about(detail="中山路"), "add_identifier": about(kind="plate", value="沪A1"),
    "share_customer": lambda company: ({"customer_id": company.one.pk}, {"user": person("同事").pk}),
    "record_consent": about(purpose="service", is_given=True, evidence="电话"),
    "relate": lambda company: ({"customer_id": company.one.pk}, {"other": company.other.pk, "kind": "refers"}),
    "record_interaction": lambda company: ({}, {"customer": company.one.pk, "kind": "call"}),
    "plan_interaction": lambda company: ({}, {"customer": company.one.pk, "kind": "call", "at": f"{SOON}T09:00:00Z"}),
    "complete_interaction": of("interaction_id", "planned"), "cancel_interaction": of("interaction_id", "planned"),
    "resolve_problem": of("interaction_id", "problem"),
    "add_comment": about(text="你好"), "restore_comment": of("comment_id", "deleted_comment"),
    "upload_file": plain(file="a.txt"),
    "decide_export_request": of("request_id", "asked", approve=True), "cancel_export": of("request_id", "export_under_way"),
    "request_duplicate_search": plain(), "keep_apart": of("pair_id", "pair"),
    "merge_customers": lambda company: ({}, {"kept": company.one.pk, "gone": company.other.pk}), "unmerge": of("merge_id", "merge"),
    "record_order": lambda company: ({}, {"customer": company.one.pk, "ordered_at": "2026-03-08T09:00:00Z", "amount": "5"}),
    "record_return": of("order_id", "order", amount="5"), "restore_order": of("order_id", "deleted_order"),
    "push_orders": plain(orders=[{"ordered_at": "2026-03-08T09:00:00Z", "amount": "5", "phone": "13800138000", "order_no": "P1"}]),
    "create_product": plain(code="oil", name="机油"), "create_product_line": plain(name="保养"),
    "create_price_list": plain(name="会员价"),
    "upload_import": plain(kind="orders", file="orders.csv"),
    "read_import_again": of("import_id", "file", header_row=0), "check_import": of("import_id", "file"),
    "start_import": of("import_id", "file"), "cancel_import": of("import_id", "file"),
    "reopen_import": of("import_id", "discarded"),
    "undo_import": of("import_id", "imported"),
    "request_run": plain(), "cancel_run": of("run_id", "waiting_run"), "rescore_customer": about(),
    "record_decision": plain(text="加大关怀"),
    "request_analysis": plain(kind="segments"), "cancel_analysis": of("analysis_id", "waiting_analysis"),
    "keep_analysis": of("analysis_id", "analysis", kept=True),
    "name_group": of("analysis_id", "analysis", group="a", name="常客"),
    "ask_credit": about(reason="旺季", limit="100"),
    "decide_credit": of("decision_id", "credit", "asked", approve=True), "end_credit": of("decision_id", "credit", "approved"),
    "complete_suggestion": of("suggestion_id", "suggestion", kind="call", outcome="reached"),
    "postpone_suggestion": of("suggestion_id", "suggestion", until=SOON),
    "refuse_suggestion": of("suggestion_id", "suggestion", refusal="wrong_time"),
    "reopen_suggestion": of("suggestion_id", "refused"),
    "unlock": lambda company: ({"person_id": person().pk}, None),
    "end_sessions_of_person": lambda company: ({"person_id": person().pk}, None),
    "remove_second_factor": lambda company: ({"person_id": person().pk}, None),
    "end_employment": lambda company: ({"person_id": person().pk}, {"left_on": timezone.localdate().isoformat()}),
    "rejoin": of("person_id", "left"),
    "add_training": lambda company: ({"person_id": person().pk}, {"name": "礼仪", "held_on": "2026-03-08"}),
    "create_department": plain(name="二店"), "create_role": plain(name="前台"),
    "end_other_sessions": plain(), "read_all_notices": plain(), "read_notice": of("notice_id", "notice"),
    "save_view": plain(screen="customers", name="我的", query="q=x"),
    "add_field": plain(code="hat", type="text", label_zh="帽", label_en="Hat"), "restore_field": of("field_id", "retired_field"),
    "apply_template": plain(), "add_source": plain(name="展会"), "preview_care_settings": plain(), "order_backup": plain(),
}  # fmt: skip


@pytest.fixture
def company(boss, monkeypatch):
    for name in ("usual", "costly"):
        monkeypatch.setattr(limits, name, limits.Limiter(10**6))
    return Company(boss)


def send(api: Api, operation: Operation, ids: dict[str, Any], body: Any, key: str) -> Answer:
    path = operation.path.removeprefix("/api")
    for name in operation.takes_ids:
        path = path.replace("{" + name + "}", str(ids.get(name, "retail")))
    if not operation.wants_file:
        return api.post(path, body, Idempotency_Key=key)
    file = SimpleUploadedFile(body["file"], "订单号,姓名,下单时间,实付金额\nA1,李雷,2024-01-05,100\n".encode())
    content = encode_multipart(CUT, {**body, "file": file})
    headers = api.headers | {"Idempotency-Key": key}
    return Answer(api.client.generic("POST", f"/api{path}", content, f"multipart/form-data; boundary={CUT}", headers=headers))


def test_every_post_is_tried():
    assert set(REQUESTS) == {one.name for one in KEYED}
    assert set(WITHOUT_KEY.split()) == {one.name for one in POSTS} - set(REQUESTS)


class Undone(Exception):
    """Ends the transaction of one operation."""


def test_twice_with_the_same_key_is_once(company):
    stranger = Api.with_token(administrator("别的系统"))
    wrong: dict[str, Any] = {}
    for operation in KEYED:
        try:
            with transaction.atomic():
                if found := problem_of(company, stranger, operation):
                    wrong[operation.name] = found
                raise Undone
        except Undone:
            pass
    assert not wrong, wrong


def problem_of(company: Company, stranger: Api, operation: Operation) -> Any:
    ids, body = REQUESTS[operation.name](company)
    door = Api.in_browser(company.person) if operation.details.get("x-browser-only") else company.api
    first = send(door, operation, ids, body, "k")
    if first.status >= 300:
        return first.status, first.body
    after = database()
    again = send(door, operation, ids, body, "k")
    if (again.status, again.response.content) != (
        first.status,
        first.response.content,
    ) or "Idempotent-Replayed" not in again.headers:
        return "another answer", first.body, again.body
    other = send(door, operation, ids, {**(body or {}), "other": 1}, "k")
    if (other.status, other["error"]) != (422, "key_reused"):
        return "another body was taken", other.body
    if database() != after:
        return "a second effect"
    theirs = send(stranger, operation, ids, body, "k")
    return "somebody else's answer" if "Idempotent-Replayed" in theirs.headers else None


def test_the_control_without_a_key_it_happens_twice(company):
    """So the comparison above would see a second effect."""
    body = {"customer": company.one.pk, "kind": "call"}
    before = company.one.interactions.count()
    for _twice in range(2):
        assert company.api.post("/interactions", body).status == 201
    assert company.one.interactions.count() == before + 2


def test_what_takes_no_key_says_so(company):
    for operation in POSTS:
        if operation.name in WITHOUT_KEY.split() and not operation.details.get("x-browser-only"):
            ids = {"customer_id": company.one.pk, "person_id": company.boss.pk, "request_id": 1}
            answer = send(company.api, operation, ids, operation.body(company.one.pk), "k")
            assert answer.status == 422, operation.name
            assert "Idempotency-Key" in answer["message"], operation.name
