"""Every screen leads to its page of the user guide, in both languages."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.teams.company import administrator
from zhike.teams.choices import Language
from zhike.web.help.chapters import CHAPTER_OF, chapter_of
from zhike.web.help.guide import chapters
from zhike.web.urls import urlpatterns

ROUTES = sorted({route.name for route in urlpatterns if route.name})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_screen_has_a_chapter_that_the_contents_name(language):
    written = {chapter.name for chapter in chapters(language)}
    assert {route: chapter_of(route) for route in ROUTES if chapter_of(route) not in written} == {}


def test_the_map_names_no_screen_that_is_gone():
    gone = [one for one in CHAPTER_OF if not any(route == one or route.startswith(f"{one}-") for route in ROUTES)]
    assert gone == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", [Language.CHINESE, Language.ENGLISH])
def test_the_link_on_the_page_opens_the_chapter_in_the_readers_language(client: Client, language):
    client.force_login(administrator(language=language))
    page = client.get(reverse("settings-care")).content.decode()
    address = reverse("help-page", args=["today"])
    assert f'href="{address}"' in page
    assert ("# 今日" if language == Language.CHINESE else "# Today")[2:] in client.get(address).content.decode()
    assert f'href="{reverse("help-page", args=["plans"])}"' in client.get(reverse("plans")).content.decode()
