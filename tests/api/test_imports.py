"""Bringing a file in through the API, from the upload to the undo, with the worker's part done here."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.api.client import Answer, Api
from tests.teams.company import person
from zhike.core.models import StoredFile
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import actions, undoing
from zhike.sales.models import Order
from zhike.teams.choices import Permission, Scope

pytestmark = pytest.mark.django_db
FILE = "订单号,姓名,手机号,下单时间,实付金额\nA1,李雷,13800138000,2024-01-05,100\nA2,韩梅梅,13900139000,2024-02-30,80\n"


def upload(api: Api, text: str | bytes = FILE, kind: str = "orders", name: str = "订单.csv", **headers: str) -> Answer:
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return Answer(api.client.post("/api/imports", {"kind": kind, "file": file}, headers=api.headers | named))


def work(key: int) -> None:
    actions.run_in_background(batch_id=key, language="zh-hans", now=timezone.now())


def test_a_file_is_uploaded_mapped_tried_run_read_and_undone(api):
    made = upload(api)
    assert (made.status, made["state"], made["reading"]["columns"][0]) == (201, "uploaded", "订单号")
    address = f"/imports/{made['id']}"
    mapped = api.put(f"{address}/mapping", {"mapping": made["mapping"], "policy": "update"})
    assert mapped["state"] == "uploaded"
    assert api.post(f"{address}/check")["state"] == "checking"
    work(made["id"])
    checked = api.get(address)
    assert (checked["state"], checked["counts"]["created"]["orders"], Order.objects.count()) == ("checked", 1, 0)
    assert api.post(f"{address}/start").status == 202
    work(made["id"])
    done = api.get(address)
    assert (done["state"], done["reasons"], done["has_errors_file"]) == ("done", {"no_such_day": 1}, True)
    errors = api.get(f"{address}/errors").response
    assert "A2" in b"".join(errors.streaming_content).decode("utf-8-sig")
    assert errors["Content-Disposition"].startswith("attachment")
    assert [one["id"] for one in api.everything("/imports?kind=orders&state=done&mine=true")] == [made["id"]]
    assert api.post(f"{address}/start").status == 422
    assert api.post(f"{address}/undo")["undone"]["orders"]["removed"] == 1
    assert Order.objects.count() == Customer.objects.count() == 0


def test_a_large_import_is_undone_in_the_background(api, monkeypatch):
    key = upload(api)["id"]
    api.post(f"/imports/{key}/start")
    work(key)
    monkeypatch.setattr(undoing, "UNDO_AT_ONCE", 0)
    answer = api.post(f"/imports/{key}/undo")
    assert (answer.status, answer["state"], Order.objects.count()) == (202, "undoing", 1)
    assert api.post(f"/imports/{key}/undo").status == 422
    actions.undo_in_background(batch_id=key, now=timezone.now())
    undone = api.get(f"/imports/{key}")
    assert (undone["state"], undone["counts"]["undone"]["orders"]["removed"], Order.objects.count()) == ("undone", 1, 0)


def test_what_was_edited_since_is_named_kept_or_taken_back(api):
    for edited, left in (("keep", 1), ("remove", 0)):
        key = upload(api, FILE.replace("A1", edited))["id"]
        api.post(f"/imports/{key}/start")
        work(key)
        order = Order.objects.get(order_no=edited)
        assert api.patch(f"/orders/{order.pk}", {"channel": "门店"}).status == 200
        assert [one["name"] for one in api.get(f"/imports/{key}/edited")["first"] if one["what"] == "order"] == [edited]
        assert api.post(f"/imports/{key}/undo", {"edited": "x"}).status == 422
        assert api.post(f"/imports/{key}/undo", {"edited": edited})["undone"]["orders"]["kept"] == left
        assert api.get(f"/imports/{key}/edited")["orders"] == left
        assert Order.objects.filter(order_no=edited).count() == left


def test_a_discarded_import_is_opened_again_as_long_as_its_file_is_there(api):
    key = upload(api)["id"]
    assert api.post(f"/imports/{key}/reopen").status == 422
    assert api.post(f"/imports/{key}/cancel")["state"] == "cancelled"
    assert api.post(f"/imports/{key}/start").status == 422
    assert api.post(f"/imports/{key}/reopen")["state"] == "uploaded"
    api.post(f"/imports/{key}/cancel")
    StoredFile.objects.all().delete()
    gone = api.post(f"/imports/{key}/reopen")
    assert (gone.status, gone["message"]) == (422, "文件已不存在，请重新上传。")


def test_what_is_no_table_is_refused_in_words_and_not_kept(api):
    answer = upload(api, b"\x89PNG\r\n\x1a\n" + b"\0" * 100, name="a.csv")
    assert (answer.status, list(answer["fields"])) == (422, ["file"])
    assert upload(api, "").status == 422
    assert upload(api, kind="spaceships").status == 422
    assert ImportBatch.objects.count() == StoredFile.objects.count() == 0


def test_the_same_upload_with_the_same_key_is_kept_once(api):
    first, again = upload(api, Idempotency_Key="u1"), upload(api, Idempotency_Key="u1")
    assert first.response.content == again.response.content
    assert ImportBatch.objects.count() == 1
    assert upload(api, FILE + "A3,王五,13700137000,2024-01-05,1\n", Idempotency_Key="u1")["error"] == "key_reused"


def test_it_can_be_read_in_another_way_and_cancelled(api):
    made = upload(api)
    again = api.post(f"/imports/{made['id']}/read-again", {"header_row": 0})
    assert again["reading"]["header_row"] == 0
    for wrong in ({"date": 99}, {"date": 0, "amount": 1, "name": 2, "spaceship": 3}):
        assert api.put(f"/imports/{made['id']}/mapping", {"mapping": wrong}).status == 422
    assert api.post(f"/imports/{made['id']}/cancel")["state"] == "cancelled"


def test_others_imports_do_not_exist(api):
    made = upload(api)
    rights = [Permission.CUSTOMER_IMPORT, Permission.ORDER_EDIT, Permission.CUSTOMER_CREATE]
    other = Api.with_token(person(can=rights, scope=Scope.DEPARTMENT))
    assert other.everything("/imports") == []
    for path in ("", "/errors"):
        assert other.get(f"/imports/{made['id']}{path}").status == 404
    for verb in ("start", "check", "cancel", "reopen", "undo"):
        assert other.post(f"/imports/{made['id']}/{verb}").status == 404
    assert Api.with_token(person(can=[Permission.CUSTOMER_IMPORT])).get("/imports").status == 200
    assert upload(Api.with_token(person(can=[Permission.CUSTOMER_IMPORT]))).status == 403


def test_files_go_with_an_interaction_and_come_back_as_attachments(api, boss):
    page = b"<script>alert(1)</script>"
    file = SimpleUploadedFile("../../evil.html", page, content_type="text/html")
    kept = Answer(api.client.post("/api/files", {"file": file}, headers=api.headers))
    assert (kept.status, kept["name"]) == (201, "evil.html")
    customer = Customer.objects.create(name="王小明", owner=boss)
    talk = api.post("/interactions", {"customer": customer.pk, "kind": "note", "files": [kept["id"]]})
    assert [one["id"] for one in talk["files"]] == [kept["id"]]
    response = api.get(f"/files/{kept['id']}").response
    assert b"".join(response.streaming_content) == page
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    stranger = Api.with_token(person(can=[Permission.CUSTOMER_VIEW, Permission.INTERACTION_RECORD]))
    assert stranger.get(f"/files/{kept['id']}").status == 404
    assert stranger.everything("/files") == []
    mine = Customer.objects.create(name="x", owner_id=None)
    mine.shares.create(user=person(), can_edit=True)
    assert stranger.post("/interactions", {"customer": mine.pk, "kind": "note", "files": [kept["id"]]}).status == 422


def test_answers_to_a_survey_come_in_through_the_api_too(api):
    text = "日期,总体满意度,价格满意度\n" + "".join(f"2024-01-{n % 28 + 1:02},{n % 5 + 1},{n % 4 + 1}\n" for n in range(20))
    made = upload(api, text, "answers", "回访.csv")
    assert made["mapping"] == {"date": 0, "overall": 1, "rating:1": 2}
    address = f"/imports/{made['id']}"
    assert api.put(f"{address}/mapping", {"mapping": {"amount": 1}}).status == 422
    assert api.put(f"{address}/mapping", {"mapping": {"expected:1": 2}}).status == 422
    assert api.put(f"{address}/mapping", {"mapping": made["mapping"], "scales": {"2": "1-9"}}).status == 422
    assert api.put(f"{address}/mapping", {"mapping": made["mapping"], "scales": {"2": "1-7"}}).status == 200
    assert api.post(f"{address}/start").status == 202
    work(made["id"])
    done = api.get(address)
    assert (done["state"], done["counts"]["created"]) == ("done", {"sheets": 20, "answers": 40})
    assert api.post(f"{address}/undo")["undone"] == {"answers": {"removed": 20}}
