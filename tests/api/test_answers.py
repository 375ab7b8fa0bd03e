"""Sheets of answers by program: as the screen shows them, to whom the screen shows them."""

import datetime

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.customers.actions import create_customer
from zhike.customers.models import Answer, AnswerSheet, Survey, SurveyQuestion
from zhike.teams.choices import Permission, Scope

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 5, 4)


@pytest.fixture
def sheets(boss):
    """One of a customer of Li's, one of somebody else's, one of nobody known."""
    li = person("李雷", can=[Permission.CUSTOMER_VIEW], scope=Scope.OWN)
    survey = Survey.objects.create(name="春季回访", created_at=timezone.now())
    wei, fang = (create_customer(actor=boss, values={"name": name}, at=timezone.now()) for name in ("张伟", "王芳"))
    type(wei).objects.filter(pk=wei.pk).update(owner=li)
    made = [
        AnswerSheet.objects.create(
            survey=survey, row=row, customer=one, day=DAY, satisfaction=row * 30, recommend=row * 3, shop="一店"
        )
        for row, one in enumerate((wei, fang, None), 1)
    ]
    question = SurveyQuestion.objects.create(survey=survey, role="rating", title="等候时间", low=1, high=5)
    Answer.objects.create(sheet=made[0], question=question, value=2)
    return li, made


def test_sheets_are_listed_filtered_and_read(api, sheets):
    _li, (first, second, third) = sheets
    assert [one["id"] for one in api.everything("/answers?limit=2")] == [third.pk, second.pk, first.pk]
    assert [one["id"] for one in api.everything("/answers?sort=day&day_from=2026-05-04&satisfaction_until=60")] == [
        first.pk,
        second.pk,
    ]
    assert [one["id"] for one in api.everything("/answers?known=false")] == [third.pk]
    assert api.everything("/answers?shop=二店") == []
    one = api.get(f"/answers/{first.pk}")
    assert (one["survey"]["name"], one["customer"]["name"], one["satisfaction"], one["recommend"]) == ("春季回访", "张伟", 30, 3)
    assert one["answers"] == [{"question": "等候时间", "role": "rating", "value": 2, "low": 1, "high": 5}]
    assert [survey["name"] for survey in api.everything("/surveys")] == ["春季回访"]


def test_sheets_follow_their_customer(sheets):
    li, (mine, others, nobodys) = sheets
    api = Api.with_token(li)
    assert [one["id"] for one in api.everything("/answers")] == [mine.pk]
    assert [api.get(f"/answers/{one.pk}").status for one in (mine, others, nobodys)] == [200, 404, 404]
    assert api.get("/answers?count=exact")["count"] == 1


def test_three_sheets_cost_as_many_queries_as_one(api, sheets, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        api.get("/answers")
