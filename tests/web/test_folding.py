"""Texts and addresses that are the same at every page are worked out once a language, and only those."""

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import nodes
from markupsafe import Markup

from zhike.web.folding import Folded
from zhike.web.jinja import templates

KNOWN = {"_": lambda text: Markup(text.upper()), "double": lambda number: number * 2, "ui.icon": lambda name: Markup(f"<{name}>")}


def rendered(source: str, **context: object) -> str:
    return str(templates().from_string(source).render(**context))


def calls_left(source: str) -> int:
    tree = Folded(KNOWN).visit(engines["jinja2"].env.parse(source))
    return len(list(tree.find_all(nodes.Call)))


@pytest.mark.parametrize(
    "source",
    ["{{ _('a') }}", "{{ ui.icon('a') }}", "{{ double(double(2)) }}", "{% trans %}a{% endtrans %}", "{% if _('a') %}b{% endif %}"],
)
def test_what_is_the_same_at_every_page_is_worked_out_beforehand(source):
    tree = Folded({**KNOWN, "gettext": KNOWN["_"]}).visit(engines["jinja2"].env.parse(source))
    assert not list(tree.find_all(nodes.Call))


@pytest.mark.parametrize("source", ["{{ _(a) }}", "{{ _('%(a)s', a=b) }}", "{{ other('a') }}", "{{ ui.chip('a') }}", "{{ _(*a) }}"])
def test_what_depends_on_the_page_is_left_for_it(source):
    assert calls_left(source) == 1


def test_each_language_has_its_own_texts():
    said = {}
    for language in ("en", "zh-hans", "en", "zh-hans"):
        with translation.override(language):
            said.setdefault(language, set()).add(rendered("{{ _('Customers') }}|{% trans %}Customers{% endtrans %}"))
    assert said == {"en": {"Customers|Customers"}, "zh-hans": {"客户|客户"}}


def test_texts_are_safe_and_addresses_are_escaped():
    with translation.override("en"):
        assert (
            rendered("{{ _('5 %% & more') }}{{ url('customer', 7) }}{{ name }}", name="<b>") == "5 % & more/customers/7/&lt;b&gt;"
        )


def test_an_address_that_there_is_not_fails_where_it_is_asked_for():
    with translation.override("en"):
        assert rendered("{% if wanted %}{{ url('no-such-route') }}{% else %}fine{% endif %}", wanted=False) == "fine"
