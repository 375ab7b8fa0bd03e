"""A real browser on the real product: `browser_page` is a page of Chromium, `signed_in` one that a person has signed in on."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop of its own in this thread

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

if TYPE_CHECKING:  # this file is read before Django is set up
    from zhike.teams.models import User

CHROMIUM = Path(os.environ.get("ZHIKE_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
VENDOR = Path(__file__).parents[2] / "src/zhike/web/static/vendor"
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs a browser: {CHROMIUM} is not here (apt-get install chromium fonts-noto-cjk)")
    if not VENDOR.exists():
        pytest.skip("needs the front-end libraries: run npm ci and tools/vendor.py")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """Pages made with it note what the browser complains about; at the end there must be nothing."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def page(self, *, user: "User | None" = None, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, base_url=self.base, **({"locale": "zh-CN"} | options)
        )
        self.contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": self.base}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def session_of(user: "User") -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from zhike.teams.session_store import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    assert store.session_key
    return str(store.session_key)


@pytest.fixture
def watched(chromium: Browser, live_server: Any) -> Iterator[Watched]:
    made = Watched(chromium, live_server.url)
    yield made
    made.close()
    assert made.complaints == []


@pytest.fixture
def browser_page(watched: Watched) -> Page:
    """Nobody signed in."""
    return watched.page()


@pytest.fixture
def administrator(transactional_db: None) -> "User":
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="王芳", is_administrator=True)


@pytest.fixture
def signed_in(watched: Watched, administrator: "User") -> Page:
    """An administrator at the desk."""
    return watched.page(user=administrator)


@pytest.fixture
def serious_problems() -> Callable[[Page], list[str]]:
    """What axe finds on a page that keeps people from using it. The page is checked in the state it is in."""
    if not AXE.exists():
        pytest.skip("needs axe-core: run npm ci")

    def find(page: Page) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]}"
            for one in found["violations"] if one["impact"] in ("serious", "critical") for node in one["nodes"]
        ]  # fmt: skip

    return find
