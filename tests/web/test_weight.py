"""How many bytes a visit costs (QUA-27), and that only whoever can read compressed pages gets them."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.web.lists.world import customer
from zhike.teams.models import User

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
    waiting = [one for one in found if one.startswith("js/")]
    while waiting:
        for module in re.findall(r'from "\./([^"]+)"', (STATIC / waiting.pop()).read_text()):
            if f"js/{module}" not in found:
                found.add(f"js/{module}")
                waiting.append(f"js/{module}")
    return found


def test_a_full_list_and_all_it_loads_are_light(client: Client, boss: User) -> None:
    for number in range(51):
        customer(f"上海客户有限公司{number}", owner=boss)
    sent = client.get("/customers/", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert sent.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert len(sent.content) <= LATER
    assert gzip.decompress(sent.content).decode().count("</tr>") == 51


@pytest.mark.parametrize("path", ["/", "/customers/", "/customers/{}/", "/value/rfm/"])
def test_a_first_visit_is_light(client: Client, boss: User, path: str) -> None:
    sent = client.get(path.format(customer("张伟").pk))
    files = files_of(sent.content.decode())
    assert {"vendor/tabler.css", "css/zhike.css", "vendor/htmx.js", "js/frame.js", "js/shared.js"} <= files
    assert ("vendor/echarts.js" in files) == path.startswith("/value/")  # the heaviest comes only where there are charts
    sizes = {one: len(gzip.compress((STATIC / one).read_bytes())) for one in files}
    charts = sizes.pop("vendor/echarts.js", 0)  # fetched beside the page, which can be read without
    assert sum(sizes.values()) + len(gzip.compress(sent.content)) <= FIRST_VISIT
    assert charts <= FIRST_VISIT


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
