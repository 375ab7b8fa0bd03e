"""The guide of the API against the API."""

import re
from pathlib import Path

from tests.api.operations import SCHEMA
from zhike.api import limits, paging

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def requests() -> list[tuple[str, str, str]]:
    """Method, path and query of every curl line."""
    commands = re.findall(r"^curl (?:.*\\\n)*.*$", GUIDE, re.MULTILINE)
    found = []
    for command in commands:
        method = re.search(r"-X (\w+)", command)
        address = re.search(r"\$ZHIKE(/api[^\"?]*)\??([^\"]*)", command)
        assert address, command
        found.append((method[1].lower() if method else "get", re.sub(r"/\d+(?=/|$)", "/{id}", address[1]), address[2]))
    return found


def test_every_example_is_a_route_with_such_filters():
    routes = {re.sub(r"{\w+}", "{id}", path): methods for path, methods in SCHEMA["paths"].items()}
    assert len(requests()) >= 8
    for method, path, query in requests():
        operation = routes[path][method]
        known = {one["name"] for one in operation["parameters"] if one["in"] == "query"}
        assert {part.partition("=")[0] for part in query.split("&") if part} <= known, path


def test_the_limits_are_those_of_the_code():
    assert f"{limits.PER_MINUTE:,} requests a minute" in GUIDE
    assert f"{limits.COSTLY_PER_MINUTE} of the costly ones" in GUIDE
    assert f"counts to {paging.COUNT_CAP:,}" in GUIDE
