"""`make guide`: takes the pictures of the user guide from a demo company, in both languages, at desk and phone width.

The company is made with a fixed seed as of a fixed day, so that a picture changes only when its screen does.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "guide" / "images"
ZHIKE = [sys.executable, "-m", "zhike.cli.main"]
PORT = 8742
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOTS = [  # name, who looks, address, width, height
    ("today", "seller", "/", 1280, 800),
    ("today-phone", "seller", "/", 360, 740),
    ("customers", "owner", "/customers/?sort=-clv", 1280, 800),
    ("record", "seller", "{customer}", 1280, 900),
    ("record-phone", "seller", "{customer}", 360, 740),
    ("plans", "seller", "/plans/?view=month", 1280, 900),
    ("duplicates", "admin", "/duplicates/", 1280, 700),
    ("imports", "admin", "/imports/", 1280, 500),
    ("value", "owner", "/value/", 1280, 800),
    ("value-rfm", "owner", "/value/rfm/", 1280, 900),
    ("value-matrix", "owner", "/value/matrix/", 1280, 900),
    ("value-leaving", "owner", "/value/leaving/", 1280, 900),
    ("value-clv", "owner", "/value/lifetime/", 1280, 900),
    ("value-lifecycle", "owner", "/value/lifecycle/", 1280, 900),
    ("value-equity", "owner", "/value/equity/", 1280, 800),
    ("analyses-segments", "owner", "/value/analyses/segments/", 1280, 1000),
    ("analyses-indicators", "owner", "/value/analyses/indicators/", 1280, 1000),
    ("analyses-voice", "owner", "/value/analyses/voice/", 1280, 1000),
    ("analyses-survey", "owner", "/value/analyses/survey/", 1280, 1000),
    ("analyses-relationship", "owner", "/value/analyses/relationship/", 1280, 1000),
    ("analyses-loyalty", "owner", "/value/analyses/loyalty/", 1280, 1000),
    ("analyses-together", "owner", "/value/analyses/together/", 1280, 1000),
    ("analyses-patterns", "owner", "/value/analyses/patterns/", 1280, 1000),
    ("analyses-leaving", "owner", "/value/analyses/leaving/", 1280, 1000),
    ("analyses-winback", "owner", "/value/analyses/winback/", 1280, 1000),
    ("analyses-effect", "owner", "/value/analyses/effect/", 1280, 1000),
    ("analyses-influence", "owner", "/value/analyses/influence/", 1280, 1000),
    ("analyses-credit", "owner", "/value/analyses/credit/", 1280, 1000),
    ("today-team", "owner", "/today/team/", 1280, 700),
    ("completeness", "owner", "/customers/completeness/", 1280, 800),
    ("exports", "owner", "/exports/", 1280, 700),
    ("fields", "admin", "/settings/fields/", 1280, 800),
    ("roles", "admin", "/settings/roles/", 1280, 600),
    ("audit", "admin", "/settings/audit/", 1280, 600),
]
SIGN_IN = """
import sys
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from zhike.teams.models import User
from zhike.teams.session_store import SessionStore
from zhike.care.models import Suggestion
from django.db.models import Count
admin = User.objects.filter(is_administrator=True).first()
if admin is None:
    admin = User.objects.create(username="admin", name="系统管理员", is_administrator=True)
    admin.set_password("a long word for the pictures"); admin.save()
waiting = Suggestion.objects.filter(state="open", assignee__is_administrator=False)
busy = waiting.values("assignee").annotate(n=Count("pk")).order_by("-n")
seller = User.objects.get(pk=busy[0]["assignee"])
owner = User.objects.filter(is_active=True, roles__scope="all", roles__permissions__contains=["value.run"]).first() or admin
User.objects.update(must_change_password=False)
cookies = {}
for name, user in (("admin", admin), ("seller", seller), ("owner", owner)):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookies[name] = session.session_key
best = Suggestion.objects.filter(assignee=seller, state="open").order_by("-priority").first()
import json
print("answer", json.dumps({"cookies": cookies, "customer": f"/customers/{best.customer_id}/"}))
"""


def shell(environment: dict[str, str], code: str) -> str:
    return subprocess.run(
        [*ZHIKE, "manage", "shell", "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


def wait_for_server() -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def take(page: Page, name: str, address: str) -> None:
    page.goto(f"http://127.0.0.1:{PORT}{address}", wait_until="networkidle")
    page.wait_for_timeout(400)  # charts finish drawing
    page.screenshot(path=IMAGES / f"{name}.png")
    print(name)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhike-guide-") as folder:
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"ZHIKE_HOME": f"{folder}/home"}
        subprocess.run([*ZHIKE, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*ZHIKE, "up", "--port", str(PORT)], env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for_server()
            told = json.loads(shell(environment, SIGN_IN).split("answer ")[1])
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
                for language, suffix in (("zh-hans", "zh"), ("en", "en")):
                    shell(environment, f"from zhike.teams.models import User; User.objects.update(language={language!r})")
                    for name, who, address, width, height in SHOTS:
                        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
                        context.add_cookies(
                            [{"name": "sessionid", "value": told["cookies"][who], "url": f"http://127.0.0.1:{PORT}"}]
                        )
                        take(context.new_page(), f"{name}-{suffix}", address.format(customer=told["customer"]))
                        context.close()
                browser.close()
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
