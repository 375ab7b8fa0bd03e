"""The public names are there when they are asked for, and nothing heavy is loaded for the light ones."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import zhike_insight as zi

PREDICTING = """
import sys
import zhike_insight as zi
zi.BetaGeoNBD.from_parameters(r=0.24, alpha=4.4, a=0.8, b=2.4).p_alive([1.0], [10.0], [30.0])
zi.lifetime_value
zi.discounted_purchases
print(*sorted({"ibis", "duckdb", "sklearn", "pandas", "rustworkx", "scipy.optimize", "sqlglot"} & set(sys.modules)))
"""


def test_what_the_type_checker_sees_is_what_is_loaded():
    tree = ast.parse(Path(inspect.getfile(zi)).read_text())
    (seen,) = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {alias.name: node.module for node in seen.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == zi._MODULES
    assert sorted(imported) == sorted(zi.__all__) == sorted(dir(zi))


def test_predicting_loads_neither_engine_nor_optimiser():
    done = subprocess.run([sys.executable, "-c", PREDICTING], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_module_does_not_hide_the_function_of_its_name():
    code = "from zhike_insight.rfm import rfm\nimport zhike_insight as zi\nassert callable(zi.rfm) and zi.rfm is rfm"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        zi.no_such_thing  # noqa: B018
