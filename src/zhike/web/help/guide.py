"""The user guide: the Markdown files of docs/guide/<language>, inside the product, with their pictures and links between them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markupsafe import Markup

from zhike.web.pages import page

PLACES = (settings.PACKAGE / "guide", settings.PACKAGE.parents[1] / "docs" / "guide")  # in a wheel; in the source tree
FOLDERS = {"zh-hans": "zh", "en": "en"}
PICTURES = {".png": "image/png", ".webp": "image/webp"}
START = "index"
_PICTURE_NAME = re.compile(r"[\w-]+\.(png|webp)").fullmatch
_PICTURE = re.compile(r"!\[([^\]]*)\]\((?:\.\./)?images/([\w-]+\.(?:png|webp))\)")
_CHAPTER = re.compile(r"(?<!!)\[([^\]]+)\]\(([\w-]+)\.md(#[^)]*)?\)")
_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\(\.\./[^)]*\)")  # other documents of the source tree


@dataclass(frozen=True)
class Chapter:
    name: str
    title: str
    file: Path


def chapters(language: str) -> list[Chapter]:
    """The start page, then the others in the order in which it names them; a title is the file's first heading."""
    folder = _folder() / FOLDERS.get(language, "en")
    start = folder / f"{START}.md"
    if not start.exists():
        return []
    names = [START, *(found[1] for found in _CHAPTER.findall(start.read_text(encoding="utf-8")))]
    files = [(name, folder / f"{name}.md") for name in dict.fromkeys(names)]
    return [Chapter(name, _title(file), file) for name, file in files if file.exists()]


def contents(request: HttpRequest) -> HttpResponse:
    return _shown(request, START)


def chapter(request: HttpRequest, name: str) -> HttpResponse:
    return _shown(request, name)


def image(request: HttpRequest, name: str) -> HttpResponseBase:
    file = _folder() / "images" / name
    if not _PICTURE_NAME(name) or not file.is_file():
        raise Http404
    return FileResponse(file.open("rb"), content_type=PICTURES[file.suffix])


def _shown(request: HttpRequest, name: str) -> HttpResponse:
    found = chapters(get_language() or "en")
    current = next((one for one in found if one.name == name), None)
    if current is None and name != START:
        raise Http404
    text = _html(current.file, current.file.stat().st_mtime) if current else ""
    return page(request, "help/help.html", {"chapters": found, "current": current, "text": text})


@cache
def _html(file: Path, changed: float) -> Markup:
    """HTML inside the text stays text; what leads out of the guide keeps only its words; pictures not taken are left out."""
    source = file.read_text(encoding="utf-8")
    source = _PICTURE.sub(lambda found: _picture(found[1], found[2]), source)
    source = _CHAPTER.sub(lambda found: f"[{found[1]}]({reverse('help-page', args=[found[2]])}{found[3] or ''})", source)
    source = _OUTSIDE.sub(r"\1", source)
    return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))  # noqa: S704  without raw HTML


def _picture(words: str, name: str) -> str:
    return f"![{words}]({reverse('help-image', args=[name])})" if (_folder() / "images" / name).exists() else ""


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return next((line[2:].strip() for line in lines if line.startswith("# ")), file.stem)


def _folder() -> Path:
    return next((place for place in PLACES if place.exists()), PLACES[-1])
