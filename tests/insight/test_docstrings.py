"""Every public name is documented with a source of truth that runs: its examples."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import zhike_insight as zi

MODULES = [name for _, name, _ in pkgutil.walk_packages(zi.__path__, "zhike_insight.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, verbose=False).failed == 0


def test_every_public_name_has_a_docstring():
    missing = [name for name in zi.__all__ if inspect.isroutine(getattr(zi, name)) or inspect.isclass(getattr(zi, name))]
    missing = [name for name in missing if not (getattr(zi, name).__doc__ or "").strip()]
    assert missing == []


FUNCTIONS = [name for name in zi.__all__ if inspect.isroutine(getattr(zi, name))]
TOO_LONG_FOR_AN_EXAMPLE = {"back_test", "compare_offers"}  # they need a history; their tests show them


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives_and_shows_it(name):
    function = getattr(zi, name)
    said = inspect.getdoc(function) or ""
    wanted = ["Returns"] + ["Parameters"] * bool(inspect.signature(function).parameters)
    assert [one for one in wanted if f"{one}\n---" not in said] == []
    assert ">>> " in said or name in TOO_LONG_FOR_AN_EXAMPLE


def test_only_listed_names_are_public():
    assert sorted(set(zi.__all__)) == sorted(zi.__all__)
    assert all(hasattr(zi, name) for name in zi.__all__)
