"""Segments: found, described, named, and known again."""

from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer, FieldDefinition
from zhike.value import actions, queries
from zhike.value.analyses.segments import KIND
from zhike.value.analyses.segments.kind import reason
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def groups_of(analysis: Analysis) -> dict[int, str | None]:
    return dict(Finding.objects.filter(analysis_id=analysis.pk).values_list("customer_id", "group"))


def run(**options: Any) -> Analysis:
    return actions.run_analysis(actor=None, kind="segments", options=options)


@pytest.mark.parametrize("method", ["kmeans", "mixture", "map"])
def test_three_parts_of_a_crowd_are_three_segments_by_every_method(method: str) -> None:
    people, _run = crowd.scored(scale=2)
    done = run(method=method, segments=3)
    groups = groups_of(done)
    parts = np.split(np.array([groups[one.pk] for one in people]), [80, 140])
    usual = [max(set(part.tolist()), key=part.tolist().count) for part in parts]
    assert len(set(usual)) == 3
    assert all(np.mean(part == code) > 0.9 for part, code in zip(parts, usual, strict=True))
    assert bool(done.report["map"]) == (method == "map")


def test_the_criteria_recommend_a_number_and_the_report_says_why() -> None:
    crowd.scored()
    done = run()
    assert done.report["k"] in range(2, 9)
    assert [row["k"] for row in done.report["criteria"]] == list(range(2, 9))
    with translation.override("en"):
        assert reason(done.report).startswith("7 numbers were tried")
    assert -1 <= done.report["stability"] <= 1


def test_rules_tests_and_profile_describe_each_segment() -> None:
    crowd.scored()
    report = run(segments=3).report
    for one in report["segments"]:
        assert {test["test"] for test in one["tests"]} == {"relevant", "described", "large", "reachable", "profitable", "stable"}
        assert one["rule"]["precision"] > 0.9
        assert one["rule"]["recall"] > 0.9
        assert one["traits"]
    assert sum(one["customers"] for one in report["segments"]) == 90
    assert report["segments"][0]["customers"] == max(one["customers"] for one in report["segments"])
    best = max(report["segments"], key=lambda one: one["mean"]["revenue"])
    assert ["revenue", 1] in best["traits"]


def test_a_name_given_by_a_person_is_kept_where_the_same_segment_is_found_again() -> None:
    people, _run = crowd.scored()
    boss = shop.analyst()
    first = run(segments=3)
    code = groups_of(first)[people[0].pk]
    assert code is not None
    actions.name_group(actor=boss, analysis_id=first.pk, group=code, name="  常来的  大户 ")
    again = run(segments=4)
    assert groups_of(again)[people[0].pk] == code
    assert KIND.labels(again.report)[code] == "常来的 大户"
    assert len(set(KIND.labels(again.report))) == 4
    actions.name_group(actor=boss, analysis_id=again.pk, group=code, name="")
    again.refresh_from_db()
    assert KIND.labels(again.report)[code] != "常来的 大户"


def test_names_that_nobody_could_tell_apart_are_refused() -> None:
    crowd.scored()
    boss, done = shop.analyst(), run(segments=3)
    (first, _label), (_second, other), _third = KIND.labels(done.report).items()
    for group, name in (("99", "x"), (first, other), (first, "长" * 41)):
        with pytest.raises(ValidationError):
            actions.name_group(actor=boss, analysis_id=done.pk, group=group, name=name)
    with pytest.raises(Analysis.DoesNotExist):
        actions.name_group(actor=boss, analysis_id=10**9, group=first, name="x")


def test_fields_of_the_record_tell_segments_apart_unless_they_are_confidential() -> None:
    people, _run = crowd.scored()
    choices = [{"code": "gold", "zh": "金卡", "en": "gold"}, {"code": "none", "zh": "无", "en": "none"}]
    common = {"label_en": "Card", "ring": "visible", "type": "choice", "choices": choices}
    FieldDefinition.objects.create(code="card", label_zh="会员卡", **common)
    FieldDefinition.objects.create(code="illness", label_zh="病史", confidentiality="secret", **common)
    for at, one in enumerate(people):
        Customer.objects.filter(pk=one.pk).update(profile={"card": "gold" if at < 40 else "none"})
    done = run(features=["revenue", "recency"], fields=["card"], segments=3)
    assert {"f_card=gold", "f_card=none"} < set(done.report["features"])
    with translation.override("zh-hans"):
        assert any("金卡" in label for label in KIND.labels(done.report).values())
        assert queries.said_of(shop.analyst(), people[0].pk)[0].sentence
    with pytest.raises(ValidationError):
        run(fields=["illness"])
