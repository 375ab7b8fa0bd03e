"""Every effect once, whoever sends how often."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import administrator, person
from zhike.core import idempotency
from zhike.core.models import AuditEntry, IdempotencyKey, StoredFile
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken

BODY = {"name": "王小明", "phone": "13912345678"}


@pytest.mark.django_db
def test_the_same_again_gives_the_same_answer_byte_for_byte(api):
    first = api.post("/customers", BODY, Idempotency_Key="order-1")
    again = api.post("/customers", BODY, Idempotency_Key="order-1")
    assert (first.status, again.status) == (201, 201)
    assert first.response.content == again.response.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Customer.objects.count() == AuditEntry.objects.filter(object_type="customer").count() == 1


@pytest.mark.django_db
def test_another_body_or_address_with_the_same_key_is_refused(api):
    api.post("/customers", BODY, Idempotency_Key="k")
    for answer in (
        api.post("/customers", {**BODY, "name": "李雷"}, Idempotency_Key="k"),
        api.post("/departments", {"name": "x"}, Idempotency_Key="k"),
    ):
        assert (answer.status, answer["error"]) == (422, "key_reused")
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_given_again_is_json_like_the_first(api):
    first, again = (api.post("/customers", BODY, Idempotency_Key="k") for _twice in range(2))
    assert [one.headers["Content-Type"].partition(";")[0] for one in (first, again)] == ["application/json"] * 2
    assert "Idempotent-Replayed" not in first.headers


@pytest.mark.django_db
def test_the_same_body_at_another_address_or_with_a_question_is_another_request(api):
    api.post("/departments", {"name": "华东"}, Idempotency_Key="k")
    for path in ("/roles", "/departments?x=1"):
        answer = api.post(path, {"name": "华东"}, Idempotency_Key="k")
        assert answer.status == 422
        assert "Idempotent-Replayed" not in answer.headers


@pytest.mark.django_db
def test_what_answers_with_a_secret_takes_no_key(boss):
    inside = Api.in_browser(boss)
    data = {"name": "ERP", "permissions": ["customer.view"], "expires_at": "2099-01-01T00:00:00Z"}
    answer = inside.post("/me/tokens", data, Idempotency_Key="k")
    assert (answer.status, answer["error"]) == (422, "invalid")
    assert not ApiToken.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_the_longest_key_is_kept_and_only_posts_take_one(api):
    made = [api.post("/customers", BODY | {"phone": ""}, Idempotency_Key="k" * 255) for _twice in range(2)]
    assert made[0]["id"] == made[1]["id"]
    address = f"/customers/{made[0]['id']}"
    assert [api.patch(address, {"region": "上海"}, Idempotency_Key="k").status for _twice in range(2)] == [200, 200]
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
def test_a_file_sent_again_is_the_same_only_with_the_same_content(boss):
    def send(name: str, content: bytes, **words: str):
        file = SimpleUploadedFile(name, content)
        return api.client.post("/api/files", {"file": file, **words}, headers=api.headers | {"Idempotency-Key": "k"})

    api = Api.with_token(boss)
    first = send("a.txt", b"1")
    assert first.status_code == 201, first.content
    assert send("a.txt", b"1").content == first.content
    assert {send("a.txt", b"2").status_code, send("b.txt", b"1").status_code} == {422}
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db
def test_keys_of_two_people_are_two_keys(api):
    other = Api.with_token(person("安娜", can=[Permission.CUSTOMER_CREATE, Permission.CUSTOMER_VIEW]))
    assert api.post("/customers", BODY, Idempotency_Key="k")["id"] != other.post("/customers", BODY, Idempotency_Key="k")["id"]


@pytest.mark.django_db
def test_what_was_refused_may_be_tried_again(api):
    assert api.post("/customers", {"name": "x", "phone": "1"}, Idempotency_Key="k").status == 422
    assert IdempotencyKey.objects.count() == Customer.objects.count() == 0
    assert api.post("/customers", BODY, Idempotency_Key="k").status == 201


@pytest.mark.django_db
def test_who_lost_the_right_gets_no_old_answer(boss):
    from zhike.teams.models import Role

    anna = person("安娜", can=[Permission.CUSTOMER_CREATE, Permission.CUSTOMER_VIEW])
    api = Api.with_token(anna)
    assert api.post("/customers", BODY, Idempotency_Key="k").status == 201
    Role.objects.update(permissions=[])
    assert api.post("/customers", BODY, Idempotency_Key="k").status == 403


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["a" * 256, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(api, key):
    assert api.post("/customers", BODY, Idempotency_Key=key).status == 422
    assert Customer.objects.count() == 0


@pytest.mark.django_db
def test_keys_are_forgotten_after_thirty_days(api):
    api.post("/customers", BODY, Idempotency_Key="k")
    later = timezone.now() + datetime.timedelta(days=31)
    assert idempotency.forget_old(at=timezone.now()) == 0
    assert IdempotencyKey.objects.count() == 1
    assert idempotency.forget_old(at=later) == 1
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twins_sent_at_once_have_one_effect():
    boss = administrator()
    barrier = threading.Barrier(4)
    apis = [Api.with_token(boss) for _twin in range(4)]

    def send(api):
        barrier.wait()
        try:
            return api.post("/customers", BODY, Idempotency_Key="twin")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, apis))
    assert Customer.objects.count() == 1
    assert {one.status for one in answers} <= {201, 409}
    done = [one.response.content for one in answers if one.status == 201]
    assert len(set(done)) == 1
    assert all(one["error"] == "still_running" for one in answers if one.status == 409)
    assert apis[0].post("/customers", BODY, Idempotency_Key="twin").response.content == done[0]


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_the_second_waits_outside():
    boss = administrator()
    digest, begun, go_on, told = "d", threading.Event(), threading.Event(), []

    def run():
        begun.set()
        assert go_on.wait(10)
        return idempotency.Answer(201, b"{}")

    def first():
        told.append(idempotency.once(user=boss, key="k", digest=digest, at=timezone.now(), run=run))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    with pytest.raises(idempotency.StillRunning):
        idempotency.once(user=boss, key="k", digest=digest, at=timezone.now(), run=run)
    go_on.set()
    thread.join()
    assert told[0].replayed is False
    assert idempotency.once(user=boss, key="k", digest=digest, at=timezone.now(), run=run).replayed is True


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_neither_effect_nor_key(monkeypatch):
    boss = administrator()
    api = Api.with_token(boss)

    def crash(*_args, **_named):
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(IdempotencyKey.objects, "create", crash)
        assert api.post("/customers", BODY, Idempotency_Key="k").status == 500
    assert Customer.objects.count() == IdempotencyKey.objects.count() == 0
    assert api.post("/customers", BODY, Idempotency_Key="k").status == 201


@pytest.mark.django_db
def test_an_old_key_may_name_something_new(api):
    api.post("/customers", BODY, Idempotency_Key="k")
    IdempotencyKey.objects.update(created_at=timezone.now() - datetime.timedelta(days=31))
    with time_machine.travel(timezone.now(), tick=False):
        assert api.post("/customers", {**BODY, "name": "李雷"}, Idempotency_Key="k").status == 201
