"""Today in a real browser: a call recorded by keyboard, on the phone by thumb."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.conftest import Watched
from tests.care.world import SELL, customer
from tests.teams.company import person
from zhike.care.models import Suggestion
from zhike.customers.models import Interaction
from zhike.teams.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_list(*names: str) -> User:
    """Birthdays today: the first name is the most urgent."""
    yu = person("俞晓燕", can=SELL)
    for place, name in enumerate(names):
        one = customer(yu, last_bought=None, name=name)
        Suggestion.objects.create(
            customer=one, assignee=yu, rule="birthday", gain=100 - place, priority=100 - place, due_on=timezone.localdate(),
            channel="phone", facts={"birthday_on": timezone.localdate().isoformat(), "lunar": False},
        )  # fmt: skip
    return yu


def test_a_call_is_recorded_by_keyboard_alone_and_the_list_moves_on(watched: Watched) -> None:
    page = watched.page(user=with_list("王建国", "李小红"))
    page.goto("/")
    page.keyboard.press("c")  # nobody chosen: the first
    page.locator(".today-form input:checked").first.wait_for()
    page.keyboard.press("3")  # interested
    page.keyboard.press("Control+Enter")
    page.locator(".today-line", has_text="王建国").wait_for(state="detached")
    assert page.locator(".today-line", has_text="李小红").is_visible()
    recorded = Interaction.objects.get()
    assert (recorded.kind, recorded.outcome, recorded.customer.name) == ("call", "interested", "王建国")
    page.keyboard.press("j")
    page.keyboard.press("u")  # the next one has the place of the first
    page.locator(".today-form input[name=refusal]").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".today-form").wait_for(state="detached")


def test_on_a_phone_everything_fits_and_a_call_takes_two_taps(
    watched: Watched, serious_problems: Callable[[Page], list[str]]
) -> None:
    page = watched.page(user=with_list("杭州百川快运有限公司", "李小红"), width=360, height=780)
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".today-line").first.locator("[data-act=c]").click()
    page.locator(".today-form .btn-primary").wait_for()
    assert serious_problems(page) == []
    page.locator(".today-form .btn-primary").click()
    page.locator(".today-line", has_text="百川").wait_for(state="detached")
    assert Interaction.objects.get().outcome == "reached"
