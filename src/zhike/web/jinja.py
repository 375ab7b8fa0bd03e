"""The template environments, one a language: autoescaped, an undefined variable fails, translation and formatting at hand."""

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.html import conditional_escape
from jinja2 import Environment, StrictUndefined, nodes
from markupsafe import Markup

from zhike.web import formats
from zhike.web.folding import Folded
from zhike.web.icons import icon

COMPONENTS = Path(__file__).parent / "templates" / "components"


class InOneLanguage(Environment):
    """Its templates hold their texts in that language."""

    language = ""

    def _generate(self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False) -> str:
        known: dict[str, Any] = {name: self.globals[name] for name in ("_", "gettext", "static", "url")} | {"ui.icon": icon}
        if self.language and not settings.DEBUG:
            with translation.override(self.language):
                source = Folded(known).visit(source)
        return super()._generate(source, name, filename, defer_init)


def templates() -> InOneLanguage:
    """Of the language in force."""
    return _templates(translation.get_language() or "")


@cache
def _templates(language: str) -> InOneLanguage:
    whole: InOneLanguage = engines["jinja2"].env  # type: ignore[attr-defined]
    found = whole.overlay()
    found.language = language
    found.globals = whole.globals | {"ui": Components(found)}
    return found


def environment(**options: Any) -> InOneLanguage:
    options |= {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"],
    }
    env = InOneLanguage(**options)  # Django's backend passes autoescape=True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    env.globals |= {
        "gettext": said,
        "_": said,
        "static": static if settings.DEBUG else cache(static),
        "url": url,
        "ui": Components(env),
    }
    env.filters |= formats.FILTERS | {"with_class": with_class, "paired": paired}
    return env


def said(text: str, /, **variables: Any) -> Markup:
    """`_()` and `{% trans %}` as Jinja's newstyle gettext has them, but a text without variables is made once a language."""
    translated = _said(text, translation.get_language())
    return translated % variables if variables else _plain(translated)


@lru_cache(maxsize=8192)
def _said(text: str, language: str | None) -> Markup:
    return Markup(translation.gettext(text))  # noqa: S704  our own texts


@lru_cache(maxsize=8192)
def _plain(translated: Markup) -> Markup:
    return translated % {}


@lru_cache(maxsize=4096, typed=True)
def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def with_class(tag: str, name: str) -> Markup:
    """The form control with one more class: Django's widgets take theirs only when they are made."""
    safe = Markup(conditional_escape(tag))  # noqa: S704  Django's widgets are safe; anything else is escaped
    return safe.replace("<input ", Markup('<input class="{}" ').format(name), 1)


def paired(first: Iterable[Any], second: Iterable[Any]) -> list[tuple[Any, Any]]:
    return list(zip(first, second, strict=True))


class Components:
    """`ui.<name>` in every template: the macros of the folder `templates/components`, also inside named parts."""

    icon = staticmethod(icon)

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._macros: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._macros or self._env.auto_reload:
            self._load()
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(name) from None

    def _load(self) -> None:
        for file in sorted(COMPONENTS.glob("*.html")):
            module = self._env.get_template(f"components/{file.name}").module
            self._macros |= {key: value for key, value in vars(module).items() if not key.startswith("_")}
