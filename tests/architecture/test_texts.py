"""Every placeholder of a text has a value: a missing one breaks the page only in the rare case that shows the text."""

import re

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from tests.architecture.test_house import PRODUCT
from zhike.web.jinja import environment

PLACEHOLDER = re.compile(r"(?<!%)(?:%%)*%\((\w+)\)")
SPEAKING = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
TEMPLATES = sorted((PRODUCT / "web" / "templates").rglob("*.html"), key=str)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_give_every_placeholder_its_value(path):
    missing = missing_values(path.read_text())
    assert not missing, f"{path}: {missing}"


def missing_values(source: str) -> list[str]:
    found = []
    for call in environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in SPEAKING:
            texts = [one.value for one in call.args if isinstance(one, nodes.Const) and isinstance(one.value, str)]
            given = {one.key for one in call.kwargs} | ({"num"} if call.node.name in ("ngettext", "npgettext") else set())
            found += [text for text in texts if not set(PLACEHOLDER.findall(text)) <= given]
    return found


@pytest.mark.parametrize("path", sorted((PRODUCT / "locale" / "zh_Hans").glob("*.po")), ids=lambda path: path.stem)
def test_translations_have_the_placeholders_of_their_text(path):
    with path.open("rb") as file:
        for message in read_po(file, ignore_obsolete=True):
            asked, given = ([one] if isinstance(one, str) else one for one in (message.id, message.string))
            assert set(PLACEHOLDER.findall(" ".join(given))) <= set(PLACEHOLDER.findall(" ".join(asked))), asked


def test_a_forgotten_value_is_noticed():
    assert missing_values('{{ ngettext("%(n)d customer", "%(n)d customers", 3) }}')
    assert missing_values('{{ _("Hello %(name)s") }}')
    assert not missing_values('{{ _("Hello %(name)s, 5 %%", name="x") }}{{ ngettext("%(num)d", "%(num)d", 2) }}')


def test_everybody_is_addressed_alike():
    """您, as a business speaks; 你 only where it is quoted."""
    files = sorted((PRODUCT / "locale" / "zh_Hans").glob("*.po"))
    lines = [(file.name, line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert [one for one in lines if one[1].startswith(("msgstr", '"')) and "你" in one[1]] == []
