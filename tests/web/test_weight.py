"""How many bytes a visit costs (QUA-27), and that only whoever can read compressed pages gets them."""

import gzip
import html
import json
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.test import Client

from tests.value.test_runs import DAY, little_shop
from tests.web.lists.world import customer
from zhike.teams.models import User
from zhike.value.actions import run_scoring

STATIC = Path(settings.STATICFILES_DIRS[0])
FIRST_VISIT, LATER = 250_000, 40_000
pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client) -> User:
    user = User.objects.create(username="boss", name="王芳", is_administrator=True)
    client.force_login(user)
    return user


def files_of(page: str) -> set[str]:
    """What a browser loads for it: style sheets, scripts, and the modules and libraries that those name."""
    found = set(re.findall(r'(?:src|href|data-echarts)="/static/([^"]+\.(?:css|js))"', page))
    return found | named_by(found)


def named_by(files: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = [one for one in files if one.endswith(".js")]
    while waiting:
        here = waiting.pop()
        for module in re.findall(r'from ?"\./([^"]+)"', (STATIC / here).read_text()):
            file = f"{here.partition('/')[0]}/{module}"
            if file not in found:
                found.add(file)
                waiting.append(file)
    return found


def drawn_with(client: Client, page: str) -> set[str]:
    """The files that the kinds of charts on the page need besides, as chart.js loads them."""
    apart = re.findall(r"(\w+): files\.echarts\w+", (STATIC / "js/chart.js").read_text())
    kinds: set[str] = set()
    for source in re.findall(r'data-chart-src="([^"]+)"', page):
        option = json.loads(client.get(html.unescape(source)).content)["option"]
        kinds |= {series["type"] for series in option["series"]}
    found = {f"vendor/echarts-{kind}.js" for kind in kinds & set(apart)}
    return found | named_by(found)


def test_a_full_list_and_all_it_loads_are_light(client: Client, boss: User) -> None:
    for number in range(51):
        customer(f"上海客户有限公司{number}", owner=boss)
    sent = client.get("/customers/", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert sent.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert len(sent.content) <= LATER
    assert gzip.decompress(sent.content).decode().count("</tr>") == 51


def weight_of_a_first_visit(client: Client, path: str) -> int:
    """With charts and all, in the form in which a browser on a safe connection takes it."""
    sent = client.get(path)
    page = sent.content.decode()
    files = files_of(page)
    assert {"vendor/tabler.css", "css/zhike.css", "vendor/htmx.js", "js/frame.js", "js/shared.js"} <= files
    assert ("vendor/echarts.js" in files) == path.startswith("/value/")  # the heaviest comes only where there are charts
    weights = [len(brotli.compress((STATIC / one).read_bytes())) for one in files | drawn_with(client, page)]
    return sum(weights) + len(gzip.compress(sent.content))


@pytest.mark.parametrize("path", ["/", "/customers/", "/customers/{}/"])
def test_a_first_visit_is_light(client: Client, boss: User, path: str) -> None:
    assert weight_of_a_first_visit(client, path.format(customer("张伟").pk)) <= 80_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_partitions_left")
def test_a_first_visit_to_charts_is_light(client: Client, boss: User) -> None:
    little_shop()
    run_scoring(actor=None, as_of=DAY)
    weights = {path: weight_of_a_first_visit(client, path) for path in ("/value/", "/value/rfm/", "/value/lifecycle/")}
    assert max(weights.values()) <= FIRST_VISIT, weights
    assert weights["/value/rfm/"] > weights["/value/"]  # maps are drawn there, and counted


def test_who_takes_no_compression_gets_the_page_as_it_is(client: Client, boss: User) -> None:
    sent = client.get("/customers/")
    assert "Content-Encoding" not in sent.headers
    assert sent.content.startswith(b"<!doctype html>")


def test_files_short_answers_and_refusals_of_gzip_are_not_compressed(client: Client, boss: User) -> None:
    customer("张伟")
    asked = {"Accept-Encoding": "gzip"}
    assert "Content-Encoding" not in client.get("/health", headers=asked).headers
    assert "Content-Encoding" not in client.get("/customers/", headers={"Accept-Encoding": "br, gzip;q=0"}).headers
    sent = client.post("/lists/customers/export", {"all": "1", "kind": "csv"}, headers=asked)
    assert sent.streaming
    assert "Content-Encoding" not in sent.headers
    sent.close()


def test_the_length_of_a_compressed_page_varies(client: Client, boss: User) -> None:
    """Two answers alike apart from their tokens: how long they are tells nothing (BREACH)."""
    sent = [client.get("/customers/", headers={"Accept-Encoding": "gzip"}).content for _ in range(12)]
    assert all(one[3] == 8 for one in sent)  # a file's name follows the head: the padding
    assert len({one.index(b"\0", 10) for one in sent}) > 1
