"""The pages of docs/methods say all that is public, and each shows its method."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import zhike_insight as zi

FOLDER = Path(__file__).parents[2] / "docs" / "methods"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
PICTURES = sorted(FOLDER.glob("*.svg"))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def shown_on(page: Path) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text_of(page))


def test_every_public_name_is_on_a_page():
    code = " ".join(span for page in PAGES for span in re.findall(r"`([^`]+)`", text_of(page)))
    named = set(re.findall(r"\w+", code))
    assert sorted(set(zi.__all__) - named) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_a_picture_that_exists(page):
    shown = shown_on(page)
    assert shown
    assert [name for name in shown if not (FOLDER / name).is_file()] == []


def test_every_picture_is_on_a_page():
    assert sorted(name for page in PAGES for name in shown_on(page)) == [path.name for path in PICTURES]


def test_the_list_of_pages_is_whole():
    linked = re.findall(r"\]\(([\w-]+\.md)\)", text_of(FOLDER / "README.md"))
    assert sorted(linked) == [page.name for page in PAGES]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_a_picture_is_small_quiet_and_readable_on_any_ground(picture):
    raw = picture.read_bytes()
    root = ElementTree.fromstring(raw)
    ground, inside = root[0], {part.tag.rpartition("}")[2] for part in root.iter()}
    assert len(raw) < 60_000
    assert inside <= {"svg", "rect", "line", "polyline", "polygon", "circle", "text"}
    assert (ground.get("fill"), ground.get("width")) == ("#fff", root.get("width"))
    assert root.get("aria-label")


def test_a_picture_is_drawn_again_with_the_same_bytes():
    from tools.method_pictures import judging, purchases, values

    drawn = {**purchases.PICTURES, **values.PICTURES, **judging.PICTURES}
    assert sorted(f"{name}.svg" for name in drawn) == [path.name for path in PICTURES]
    for name in ("loyalty", "scorecard", "next-product"):
        assert drawn[name]().svg() == (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
