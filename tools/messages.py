"""Message catalogues: `check` lists what is not translated (and compiles), without it only compiles.

English is the language of the msgids. The Chinese stands in `src/zhike/locale/zh_Hans/<area>.po`, a file an area; they are put
together into the one `django.mo` that Django reads.
"""

import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "src" / "zhike" / "locale" / "zh_Hans"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "N_": None,
}  # fmt: skip
METHODS = [("zhike/**.py", "python"), ("zhike/web/templates/**.html", "jinja2")]
JINJA = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.do"}
OPTIONS = {"zhike/web/templates/**.html": JINJA}
Key = tuple[str | None, str]  # context and msgid


@cache
def wanted() -> dict[Key, str]:
    """Every message of the code, and where it stands."""
    found: dict[Key, str] = {}
    for file, line, message, _comments, context in extract_from_dir(ROOT / "src", METHODS, OPTIONS, KEYWORDS):
        singular = message[0] if isinstance(message, tuple) else message
        if singular:
            found.setdefault((context, singular), f"src/{file}:{line}")
    return found


def given() -> tuple[Catalog, list[str]]:
    """All areas' translations in one catalogue, and what contradicts itself."""
    whole, problems = Catalog(locale="zh_Hans", charset="utf-8"), []
    for file in sorted(LOCALE.glob("*.po")):
        with file.open("rb") as source:
            part = read_po(source, locale="zh_Hans", abort_invalid=True)
        for message in part:
            if not message.id or not translated(message):
                continue
            known = whole.get(first(message.id), message.context)
            if known and first(known.string) != first(message.string):
                problems.append(
                    f"{file.name}: {first(message.id)!r}: {first(message.string)!r} here, {first(known.string)!r} elsewhere"
                )
            if not known or isinstance(message.id, list | tuple):
                whole.add(message.id, message.string, context=message.context)
    return whole, problems


def first(text: str | list[str] | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def compile_catalogue() -> tuple[Catalog, list[str]]:
    catalogue, problems = given()
    target = LOCALE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as out:
        write_mo(out, catalogue)
    return catalogue, problems


def check() -> int:
    catalogue, problems = compile_catalogue()
    present = {(message.context, first(message.id)) for message in catalogue if message.id}
    missing = [key for key in wanted() if key not in present]
    unused = sorted(text for context, text in present - wanted().keys())
    for context, text in missing:
        print(f"not translated: {wanted()[context, text]}: {text!r}" + (f" (context {context})" if context else ""))
    for problem in problems:
        print(f"two translations: {problem}")
    for text in unused:
        print(f"no longer used: {text!r}")
    print(f"{len(missing)} not translated, {len(problems)} contradictions, {len(unused)} no longer used, {len(present)} translated")
    return 1 if missing or problems or unused else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        sys.exit(check())
    compile_catalogue()
