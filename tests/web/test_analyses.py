"""The pages of the analyses, as people with different rights see them."""

import csv
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.value import answers, crowd, shop
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.teams.actions import export_files
from zhike.teams.models import ExportRequest, User
from zhike.value import actions, queries
from zhike.value.analyses.kinds import KINDS
from zhike.value.choices import Rhythm, RunState
from zhike.value.models import Analysis
from zhike.value.queries.analyses import rhythm_of
from zhike.web.value.analyses import PAGES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
PAGE = reverse("value-analysis", args=["segments"])
FORM = {"features": ["recency", "revenue"], "method": "kmeans", "segments": "3"}


def in_language(client: Client, language: str, name: str = "boss") -> User:
    user = User.objects.create(username=name, name="老板", is_administrator=True, language=language)
    client.force_login(user)
    return user


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
    assert "undefined" not in text.lower()
    return text


def sent(client: Client, table: str) -> Any:
    return client.post(reverse("list-export", args=[table]), {"kind": "csv", "all": "1"})


def test_every_kind_has_a_page() -> None:
    assert list(PAGES) == list(KINDS)


def test_before_anything_was_scored_or_analysed_the_pages_say_what_is_needed(client: Client) -> None:
    in_language(client, "en")
    for kind in KINDS:
        assert "Not carried out yet" in text_of(client, reverse("value-analysis", args=[kind]))
        text_of(client, reverse("value-analysis-history", args=[kind]))
    text_of(client, reverse("value-analyses"))
    refused = client.post(PAGE, FORM)
    assert refused.status_code == 422
    assert "start a value run" in refused.content.decode()


def test_every_kind_is_shown_drawn_and_exported_in_both_languages(client: Client) -> None:
    people = crowd.come()
    Customer.objects.filter(pk__in=[one.pk for one in people[:10]]).update(kind="organisation")  # who may buy on account
    crowd.remind(crowd.wander())
    crowd.come_back()
    actions.run_scoring(actor=None, as_of=crowd.DAY)
    crowd.talk_with(people)
    crowd.acquaint(people)
    answers.answered(people)
    for name in KINDS:
        assert actions.run_analysis(actor=None, kind=name, options=crowd.ASKED.get(name, {})).state == RunState.DONE, name
    in_language(client, "zh-hans")
    in_language(client, "en", "chief")
    for user in User.objects.all():
        client.force_login(user)
        text_of(client, reverse("value-analyses"))
        for name, kind in KINDS.items():
            current = queries.current_analysis(name)
            assert current is not None
            text_of(client, reverse("value-analysis", args=[name]))
            for picture in PAGES[name].pictures:
                drawn = client.get(reverse("value-analysis-chart", args=[name, picture])).json()
                assert "option" in drawn, picture
                assert "table" in drawn, picture
            files = [*kind.tables(current.report), *(["findings"] if kind.groups or kind.values else [])]
            for file in files:
                assert list(csv.reader(b"".join(sent(client, f"{name}-{file}")).decode().splitlines()))
            assert sent(client, f"{name}-nothing").status_code == 404
            assert client.get(reverse("value-analysis-chart", args=[name, "nothing"])).status_code == 404
    assert AuditEntry.objects.filter(verb="exported", object_type="segments-findings").exists()


@pytest.mark.parametrize("imports", [True, False])
def test_only_who_may_import_is_led_to_importing_answers(client: Client, imports: bool) -> None:
    rights = ["customer.view", "value.view", *(["customer.import"] if imports else [])]
    client.force_login(shop.salesperson("li", *rights))
    page = text_of(client, reverse("value-analysis", args=["survey"]))
    assert (f'href="{reverse("imports")}?kind=answers"' in page) == imports
    assert (client.get(reverse("imports")).status_code == 200) == imports


def test_an_analysis_is_started_watched_cancelled_named_scheduled_and_compared(client: Client) -> None:
    people, _run = crowd.scored()
    in_language(client, "en")
    wrong = client.post(PAGE, FORM | {"segments": "1"})
    assert (wrong.status_code, "At least two segments" in wrong.content.decode()) == (422, True)
    assert client.post(PAGE, FORM).status_code == 302
    (asked,) = Analysis.objects.all()
    assert "progress-line" in client.get(PAGE, headers={"X-Part": "progress"}).content.decode()
    assert client.post(PAGE, FORM).status_code == 422
    client.post(reverse("value-analysis-cancel", args=[asked.pk]))
    assert Analysis.objects.get().state == RunState.CANCELLED
    first, second = (actions.run_analysis(actor=None, kind="segments", options={"segments": k}) for k in (3, 4))
    assert "Finished" in client.get(PAGE, headers={"X-Part": "progress"}).content.decode()
    (code, _label), *_others = KINDS["segments"].labels(second.report).items()
    client.post(reverse("value-analysis-names", args=[second.pk]), {f"name-{code}": "The faithful"})
    assert "The faithful" in text_of(client, PAGE)
    client.post(reverse("value-analysis-keep", args=[first.pk]), {"kept": "1"})
    assert Analysis.objects.get(pk=first.pk).is_kept
    client.post(reverse("value-analysis-schedule", args=["segments"]), {"rhythm": "monthly"})
    assert rhythm_of("segments") == Rhythm.MONTHLY
    assert "33.3" in text_of(client, f"{PAGE}history/?a={first.pk}&b={second.pk}")  # three segments, then four
    assert "not the current one" in text_of(client, f"{PAGE}?of={first.pk}")
    for nonsense in ("x", "-1", "9" * 30, str(asked.pk)):
        assert client.get(f"{PAGE}?of={nonsense}").status_code == 404
    assert client.get(reverse("value-analysis", args=["horoscope"])).status_code == 404
    assert people


def test_many_findings_are_made_by_the_worker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    people, _run = crowd.scored()
    actions.run_analysis(actor=None, kind="segments", options={"segments": 3})
    monkeypatch.setattr(export_files, "AT_ONCE", 2)
    in_language(client, "en")
    ordered = sent(client, "segments-findings")
    row = ExportRequest.objects.get()
    assert ordered.headers["Location"] == f"/exports/{row.pk}/"
    assert "Segments" in text_of(client, f"/exports/{row.pk}/")
    export_files.make_file(request_id=row.pk, at=timezone.now())
    lines = b"".join(client.post(f"/exports/{row.pk}/file/")).decode("utf-8-sig").splitlines()
    assert len(lines) == len(people) + 1


def test_a_group_leads_to_its_customers_in_the_list_and_the_record_says_why(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people, _run = crowd.scored()
    done = actions.run_analysis(actor=None, kind="segments", options={"segments": 3})
    in_language(client, "zh-hans")
    rows = {row["group"]: row["customers"] for row in done.report["sums"]}
    for code, count in rows.items():
        address = f"{reverse('customers')}?a_segments={code}&columns=name,a_segments,a_segments_value&sort=-a_segments_value"
        assert f'href="{reverse("customers")}?a_segments={code}"' in text_of(client, PAGE)
        with django_assert_max_num_queries(12):
            shown = text_of(client, address)
        listed = [one for one in people if f">{one.name}<" in shown]
        assert len(listed) == min(count, 50)
    clear = text_of(client, f"{reverse('customers')}?a_segments_value_from=99.9")
    assert sum(f">{one.name}<" in clear for one in people) == 0
    assert KINDS["segments"].labels(done.report)[queries.said_of(User.objects.get(), people[0].pk)[0].finding.group] in text_of(
        client, reverse("customer", args=[people[0].pk]) + "?tab=value"
    )


def test_a_salesperson_sees_the_groups_of_own_customers_and_sentences_but_no_figures_of_the_company(client: Client) -> None:
    people, _run = crowd.scored()
    seller = shop.salesperson("li", "customer.view", "value.view")
    Customer.objects.filter(pk__in=[one.pk for one in people[:2]]).update(owner=seller)
    actions.run_analysis(actor=None, kind="segments", options={"segments": 3})
    client.force_login(seller)
    page = text_of(client, PAGE)
    assert people[0].name in page
    assert people[50].name not in page
    assert client.get(reverse("value-analysis-chart", args=["segments", "sizes"])).status_code == 404
    assert sent(client, "segments-findings").status_code == 403
    assert client.post(PAGE, FORM).status_code == 403
    blind = shop.salesperson("wu", "customer.view")
    client.force_login(blind)
    assert client.get(PAGE).status_code == 403
    assert "a_segments" not in text_of(client, f"{reverse('customers')}?show=filters")
