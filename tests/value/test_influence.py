"""Influence: the graph that was built in is the one that is told."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer
from zhike.teams.models import User
from zhike.value import actions, queries
from zhike.value.analyses.influence import KIND
from zhike.value.models import Analysis, Finding, Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def linked(owner: User | None = None) -> list[Customer]:
    people, _run = crowd.scored(owner)
    crowd.acquaint(people)
    return people


def run(**options: Any) -> Analysis:
    done = actions.run_analysis(actor=None, kind="influence", options=options)
    done.refresh_from_db()
    return done


def found(analysis: Analysis) -> dict[int, Finding]:
    return {row.customer_id: row for row in Finding.objects.filter(analysis_id=analysis.pk)}


def test_hub_bridge_and_recommender_are_who_they_are() -> None:
    people = linked()
    done = run()
    rows = found(done)
    assert rows[people[0].pk].group == "hub"
    assert rows[people[30].pk].group == "recommender"
    assert rows[people[5].pk].group == "linked"
    assert rows[people[0].pk].detail["degree"] == 12
    # 13 has the circle of 0 (13 customers) on one side, that of 20 (9) on the other
    assert rows[people[13].pk].detail["between"] == 13 * 9
    assert max(rows.values(), key=lambda row: row.value or 0).customer_id == people[0].pk
    assert people[40].pk not in rows
    assert (done.report["people"], done.report["edges"]) == (27, 25)
    assert sum(row["customers"] for row in done.report["circles"]) == 27
    circles = {rows[people[at].pk].detail["community"] for at in range(30, 34)}
    assert len(circles) == 1


def test_referred_value_goes_up_with_less_at_every_step() -> None:
    people = linked()
    worth = dict(Score.objects.filter(run__is_current=True).values_list("customer_id", "clv"))
    second, third, last = (worth[people[at].pk] or 0.0 for at in (31, 32, 33))
    for decay in (0.0, 0.5):
        done = run(decay=decay)
        rows = found(done)
        assert rows[people[30].pk].detail["referred"] == 2
        assert rows[people[30].pk].detail["credit"] == pytest.approx(second + third + decay * last, abs=0.02)
        assert rows[people[31].pk].detail["credit"] == pytest.approx(last, abs=0.02)
        assert (done.report["referred"], done.report["referred_value"]) == (3, pytest.approx(second + third + last))


def test_the_kinds_that_count_are_chosen_and_a_graph_without_anybody_is_refused() -> None:
    linked()
    assert run(kinds=["knows"]).report["people"] == 23
    assert run(kinds=["refers"]).problem == "too_little"
    with pytest.raises(ValidationError):
        run(kinds=["hates"])
    with pytest.raises(ValidationError):
        run(decay=1.5)


def test_sentence_and_pictures_in_both_languages() -> None:
    people = linked()
    done = run()
    row = found(done)[people[30].pk]
    with translation.override("en"):
        said = KIND.sentence(row, done.report)
    assert said.startswith("Linked with 2 customers, in a circle of 4. ")
    assert "Referred 2 customers" in said
    with translation.override("zh-hans"):
        assert "推荐了 2 位客户" in KIND.sentence(row, done.report)
    client, boss = Client(), shop.analyst()
    client.force_login(boss)
    page = client.get("/value/analyses/influence/").content.decode()
    assert people[0].name in page
    graph = client.get("/value/analyses/influence/chart/graph/").json()
    series = graph["option"]["series"][0]
    assert {one["id"] for one in series["data"]} == {str(people[at].pk) for at in (*range(14), *range(20, 29), *range(30, 34))}
    assert len(series["links"]) == 25
    for name in ("circles", "degrees"):
        assert client.get(f"/value/analyses/influence/chart/{name}/").json()["table"]["rows"]
    assert client.get("/value/analyses/influence/export/findings/").getvalue()


def test_who_sees_own_customers_only_sees_no_others_in_the_graph() -> None:
    other = shop.salesperson("xiaoli", "customer.view", "value.view")
    mine = shop.salesperson("xiaowang", "customer.view", "value.view")
    people = linked(mine)
    done = run()
    assert queries.findings(other, done).count() == 0
    client = Client()
    client.force_login(other)
    page = client.get("/value/analyses/influence/")
    assert page.status_code == 200
    assert people[30].name not in page.content.decode()
    assert client.get("/value/analyses/influence/chart/graph/").status_code == 404
