"""Answers to surveys, as an import leaves them."""

import datetime
from typing import Any

from tests.value import crowd, shop
from zhike.customers.models import Answer, AnswerSheet, Customer, Survey, SurveyQuestion

SCALES = {"recommend": (0, 10)}


def ask(*questions: tuple[str, int, str], name: str = "回访") -> dict[str, SurveyQuestion]:
    """The questions of a new survey, by title."""
    survey = Survey.objects.create(name=name, created_at=shop.noon(str(crowd.DAY)))
    made = {}
    for role, number, title in questions:
        low, high = SCALES.get(role, (1, 5))
        made[title] = SurveyQuestion.objects.create(survey=survey, role=role, number=number, title=title, low=low, high=high)
    return made


def tell(asked: dict[str, SurveyQuestion], rows: list[dict[str, Any]]) -> list[AnswerSheet]:
    """A sheet for each row: `who`, `days` ago, `shop`, `satisfaction`, `recommend`, and answers by title."""
    survey = next(iter(asked.values())).survey
    first = survey.sheets.count()
    sheets = AnswerSheet.objects.bulk_create(
        AnswerSheet(
            survey=survey, row=first + at, customer=row.get("who"), shop=row.get("shop", ""), satisfaction=row.get("satisfaction"),
            recommend=row.get("recommend"), day=crowd.DAY - datetime.timedelta(days=row.get("days", 20)),
        )
        for at, row in enumerate(rows)
    )  # fmt: skip
    Answer.objects.bulk_create(
        Answer(sheet=sheet, question=asked[title], value=float(value))
        for sheet, row in zip(sheets, rows, strict=True) for title, value in row.items() if title in asked
    )  # fmt: skip
    return sheets


def answered(people: list[Customer], sheets: int = 90) -> None:
    """Everything that a survey can ask, so that every picture is drawn; the second shop makes people wait."""
    questions = [("overall", 0, "总体"), ("recommend", 0, "推荐"), ("rating", 1, "质量"), ("rating", 2, "等待"),
                 ("expected", 2, "等待期望"), ("functional", 1, "如果提供取车"),
                 ("dysfunctional", 1, "如果不提供取车")]  # fmt: skip
    rows = []
    for at in range(sheets):
        quality, wait = at % 3 + 3, 1 + at % 2 + at % 5 // 2
        overall = min((quality + wait + 1) // 2, 5)
        rows.append({
            "who": people[at % len(people)] if at % 6 else None, "days": at * 4, "shop": f"店{at % 2}",
            "satisfaction": 25 * (overall - 1), "recommend": min(2 * overall + at % 2, 10), "总体": overall,
            "质量": quality, "等待": wait, "等待期望": 4,
            "推荐": min(2 * overall + at % 2, 10), "如果提供取车": 1 + 2 * (at % 3 // 2), "如果不提供取车": 3 + at % 2,
        })  # fmt: skip
    tell(ask(*questions), rows)
