"""Segments in a real browser: carried out, watched, clicked through to the customers, exported."""

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.value import crowd, shop, test_credit, test_credit_decisions
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import actions as imports
from zhike.value import actions
from zhike.value.models import Analysis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def test_segments_are_found_looked_at_and_followed_to_their_customers(
    watched: Watched, serious_problems: Callable[[Page], list[str]]
) -> None:
    crowd.scored()
    page = watched.page(user=shop.analyst())
    page.goto("/value/analyses/segments/")
    page.locator("#run input[name=segments]").fill("3")
    page.locator("#run .btn-primary").click()
    expect(page.locator(".progress-line")).to_be_visible()
    actions.carry_out_analysis(analysis_id=Analysis.objects.get().pk)
    page.locator("[role=status] a[href='/value/analyses/segments/']").click()
    expect(page.locator(".chart canvas")).to_have_count(2)
    assert serious_problems(page) == []
    with page.expect_download() as download:
        page.locator("form[action$='/segments-findings/export'] button").click()
    assert download.value.suggested_filename.endswith(".csv")
    link = page.locator(".ledger td.name a[href*='a_segments=']").first
    name = link.inner_text()
    link.click()
    expect(page.locator(".chips-line .chip").first).to_contain_text(name)
    page.locator(".list-table tbody tr a[data-open]").first.wait_for()


def test_answers_are_uploaded_mapped_analysed_and_followed_to_the_sheets(
    watched: Watched, serious_problems: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    people, _run = crowd.scored()
    Customer.objects.filter(pk=people[0].pk).update(number="K0")
    rows = [
        f"K0,{crowd.DAY - datetime.timedelta(n)},店{n % 2},{n % 5 + 1},{n * 7 % 11},{(n + n // 7) % 5 + 1},{n % 4 + 1}"
        for n in range(80)
    ]
    file = tmp_path / "回访.csv"
    file.write_text("\n".join(["客户编号,提交时间,门店,总体满意度,推荐意愿,质量满意度,等待满意度", *rows]), encoding="gb18030")
    page = watched.page(user=shop.analyst())
    page.goto("/imports/")
    page.locator("input[name=kind][value=answers]").check()
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form .btn-primary").click()
    expect(page.locator("select[name=c5]")).to_have_value("rating")
    assert serious_problems(page) == []
    page.locator("select[name=s5]").select_option("1-5")
    page.locator("button[name=do][value=run]").first.click()
    expect(page.locator(".progress-line")).to_be_visible()
    imports.run_in_background(batch_id=ImportBatch.objects.get().pk, language="zh-hans", now=shop.noon(str(crowd.DAY)))
    page.locator(".next-steps a[href='/value/analyses/survey/']").click()
    page.locator("#run .btn-primary").click()
    expect(page.locator(".progress-line")).to_be_visible()
    actions.carry_out_analysis(analysis_id=Analysis.objects.get().pk)
    page.locator("[role=status] a[href='/value/analyses/survey/']").click()
    expect(page.locator(".chart canvas").first).to_be_visible()
    assert serious_problems(page) == []
    page.locator(".ledger td.name a[href*='low=']").first.click()
    expect(page.locator(".chips-line .chip").first).to_be_visible()
    page.locator(".list-table tbody tr a[data-open]").first.click()
    expect(page).to_have_url(re.compile(rf"/customers/{people[0].pk}/"))


def test_credit_is_rated_and_more_than_the_rules_asked_for_and_approved(
    watched: Watched, serious_problems: Callable[[Page], list[str]]
) -> None:
    """The analyst rates, the salesperson asks, the manager is told and approves."""
    seller, manager = (
        test_credit_decisions.person(name, *test_credit_decisions.SELLING, *more, scope=scope)
        for name, more, scope in (("wang", (), "own"), ("lin", ("credit.approve",), "all"))
    )
    (first, *_others) = test_credit.come(count=40, days=400, owner=seller)
    page = watched.page(user=shop.analyst())
    page.goto("/value/analyses/credit/")
    page.locator("#run .btn-primary").click()
    expect(page.locator(".progress-line")).to_be_visible()
    actions.carry_out_analysis(analysis_id=Analysis.objects.get().pk)
    page.locator("[role=status] a[href='/value/analyses/credit/']").click()
    expect(page.locator(".chart canvas").first).to_be_visible()
    assert serious_problems(page) == []
    asking = watched.page(user=seller)
    asking.goto(f"/value/credit/{first.pk}/")
    asking.locator("#ask input[name=limit]").fill("90000")
    asking.locator("#ask textarea[name=reason]").fill("busy season")
    asking.locator("#ask .btn-primary").click()
    expect(asking.locator("#toasts .toast-line")).to_be_visible()
    deciding = watched.page(user=manager)
    deciding.goto("/notices/")
    deciding.locator(".notices button").first.click()
    deciding.locator("button[value=approve]").click()
    expect(deciding.locator("dl.stats")).to_contain_text("90,000")
    assert serious_problems(deciding) == []
