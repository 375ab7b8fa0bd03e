"""Answers to a survey are brought in: whose they are, what is left out and why, taken back whole."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from zhike.core.models import AuditEntry
from zhike.customers.imports.problems import FileProblem
from zhike.customers.models import Answer, AnswerSheet, Customer, Survey, SurveyQuestion
from zhike.sales.imports import undoing

pytestmark = pytest.mark.django_db
Bring = Callable[..., tuple[Any, Any]]
HEADER = "客户编号,姓名,手机号,填写日期,门店,总体满意度,推荐意愿,价格满意度,环境满意度\n"
FILE = HEADER + (
    "K1,,,2026-03-01,城东店,5,10,4,非常满意\n"
    ",,13800138000,2026-03-02,城东店,4,8,4,满意\n"
    ",张三,,2026-03-02,城西店,2,3,1,一般\n"
    ",,,2026-03-03,城西店,3,,2,不满意\n"
    "K9,,,2026-03-04,城西店,1,0,1,非常不满意\n"
)


@pytest.fixture
def known(boss: Any) -> dict[str, Customer]:
    people = {"K1": {"number": "K1"}, "phone": {"phone": "+8613800138000"}, "name": {}}
    return {key: Customer.objects.create(name="张三" if key == "name" else key, owner=boss, **more) for key, more in people.items()}


def test_every_row_is_a_sheet_with_its_customer_if_it_is_known(bring: Bring, boss, known):
    batch, outcome = bring(boss, FILE, kind="answers")
    assert outcome.counts["created"] == {"sheets": 5, "answers": 19}
    assert outcome.counts["remarks"] == {"anonymous": 1, "unknown": 1}
    sheets = list(AnswerSheet.objects.filter(survey__batch=batch).order_by("row").values_list("row", "customer__name", "shop"))
    assert sheets == [(2, "K1", "城东店"), (3, "phone", "城东店"), (4, "张三", "城西店"), (5, None, "城西店"), (6, None, "城西店")]
    assert Customer.objects.count() == 3
    told = Answer.objects.filter(sheet__survey__batch=batch, sheet__row=2).values_list("question__role", "question__title", "value")
    assert sorted(told) == [
        ("overall", "总体满意度", 5),
        ("rating", "价格", 4),
        ("rating", "环境", 5),
        ("recommend", "推荐意愿", 10),
    ]
    assert set(SurveyQuestion.objects.filter(survey__batch=batch).values_list("low", "high")) == {(1, 5), (0, 10)}
    assert AuditEntry.objects.filter(object_type="importbatch", object_id=batch.pk, verb="imported").exists()


def test_rows_that_say_nothing_or_lie_off_the_scale_are_left_out_with_their_reasons(bring: Bring, boss):
    rows = "".join(f",,,2026-03-01,店,{n % 5 + 1},{n % 11},3,满意\n" for n in range(60))
    batch, outcome = bring(boss, HEADER + rows + ",,,2026-03-01,店,,,,\n,,,2026-03-01,店,8,11,3,一般\n,,,2026-02-30,店,5,9,3,好吗\n",
                           kind="answers")  # fmt: skip
    assert outcome.reasons == {"no_answer": 1, "bad_answer": 1, "no_such_day": 1}
    assert outcome.rows == 63
    assert AnswerSheet.objects.filter(survey__batch=batch).count() == 60
    assert batch.errors_file is not None


def test_a_dry_run_leaves_nothing(bring: Bring, boss):
    _batch, outcome = bring(boss, FILE, kind="answers", dry=True)
    assert outcome.counts["created"]["sheets"] == 5
    assert not Survey.objects.exists()
    assert not Answer.objects.exists()


def test_a_name_that_several_have_speaks_for_nobody(bring: Bring, boss, known):
    Customer.objects.create(name="张三", owner=boss)
    batch, _outcome = bring(boss, FILE, kind="answers")
    assert AnswerSheet.objects.get(survey__batch=batch, row=4).customer is None


def test_a_customer_out_of_reach_is_not_spoken_for(bring: Bring, boss, known, person):
    li = person("li")
    batch, outcome = bring(li, FILE, kind="answers")
    assert outcome.reasons == {"not_yours": 2}
    assert set(AnswerSheet.objects.filter(survey__batch=batch).values_list("customer", flat=True)) == {None}


def test_who_may_see_customers_and_not_change_them_brings_answers_of_them(bring: Bring, known, person):
    wu = person("wu", "customer.view", "customer.import", scope="all")
    batch, _outcome = bring(wu, FILE, kind="answers")
    assert AnswerSheet.objects.filter(survey__batch=batch, customer=None).count() == 2
    nobody, outcome = bring(person("no", "customer.import"), FILE.replace("5,10", "4,9"), kind="answers")
    assert outcome.reasons == {"not_yours": 2}
    assert not AnswerSheet.objects.filter(survey__batch=nobody).exclude(customer=None).exists()


def test_who_may_change_none_of_the_customers_is_told_so_row_by_row(bring: Bring, known, person):
    wu = person("wu", "customer.view", "customer.import", scope="all")
    _batch, outcome = bring(wu, "客户编号,姓名\nK1,张三\n,张三\n", kind="customers")
    assert outcome.reasons == {"not_yours": 1, "may_not_create": 1}


def test_who_may_not_import_brings_nothing_in(bring: Bring, person):
    with pytest.raises(PermissionDenied):
        bring(person("li", "customer.view", "value.view"), FILE, kind="answers")


def test_things_of_one_questionnaire_have_one_scale_unless_somebody_says_otherwise(bring: Bring, boss):
    rows = "".join(f"{n % 10 + 1},{n % 5 + 1},{n % 7 + 1}\n" for n in range(40))
    batch, _outcome = bring(boss, "价格评分,环境评分,速度评分\n" + rows, kind="answers", scales={"2": "1-7"})
    scales = dict(SurveyQuestion.objects.filter(survey__batch=batch).values_list("title", "high"))
    assert scales == {"价格": 10, "环境": 10, "速度": 7}


def test_a_column_without_a_scale_is_named(bring: Bring, boss):
    with pytest.raises(FileProblem, match="颜色"):
        bring(boss, "颜色,价格\n" + "红,3\n蓝,4\n" * 20, kind="answers", mapping={"rating:1": 0, "overall": 1})


def test_the_same_file_comes_in_once(bring: Bring, boss):
    bring(boss, FILE, kind="answers")
    with pytest.raises(FileProblem):
        bring(boss, FILE, kind="answers")


def test_an_undo_takes_the_whole_upload_back_and_nothing_else(bring: Bring, boss, known, at):
    first, _outcome = bring(boss, FILE, kind="answers")
    second, _outcome = bring(boss, FILE.replace("5,10", "4,9"), kind="answers")
    assert undoing.undo_import(actor=boss, batch=first, now=at) == {"answers": {"removed": 5}}
    assert list(Survey.objects.values_list("batch", flat=True)) == [second.pk]
    assert Answer.objects.count() == 19
    assert Customer.objects.count() == 3


def test_a_person_sees_the_answers_of_the_customers_they_may_see(bring: Bring, boss, known, person):
    bring(boss, FILE, kind="answers")
    li = person("li")
    Customer.objects.filter(pk=known["K1"].pk).update(owner=li)
    assert [one.customer for one in AnswerSheet.objects.visible_to(li)] == [known["K1"]]
    assert AnswerSheet.objects.visible_to(boss).count() == 5
    assert not AnswerSheet.objects.visible_to(person("wang", "value.view")).exists()
    Customer.objects.filter(pk=known["K1"].pk).update(deleted_at="2026-03-05T00:00Z")
    assert AnswerSheet.objects.visible_to(boss).count() == 4
