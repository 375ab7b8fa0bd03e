"""Do the tests bite? Change one thing of the code at a time and see whether a test fails.

    python tools/mutation.py rights masking ledger import [--seconds 600] [--show]

Every mutant runs in a fork of one prepared pytest session (tests collected, database made), with the code of one function or
one constant exchanged, and only the tests that call that function run: a tenth of a second in place of a whole session. What was
found stands in `.mutation/` and is gone on with, until the file or the tests of the target change. `--show` lists what survived.
"""

import argparse
import ast
import gc
import hashlib
import importlib
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools import mutants

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".mutation"
MOST_TESTS = 40  # of those that call a function, the quickest
# what is tried: modules, and the tests that speak of them
TARGETS: dict[str, tuple[list[str], list[str]]] = {
    "rights": (
        ["teams.access", "teams.actions.exports", "customers.models.customer"],
        ["tests/teams", "tests/web/lists/test_asking_to_export.py", "tests/customers/test_comments.py"],
    ),
    "masking": (
        ["customers.masking", "customers.actions.revealing", "customers.queries.in_plain"],
        [
            "tests/customers/test_masking.py",
        ],
    ),
    "ledger": (
        ["core.audit", "core.audit_chain", "core.idempotency", "customers.actions.undo"],
        [
            "tests/core/test_audit.py",
            "tests/core/test_audit_chain.py",
            "tests/api/test_idempotency.py",
            "tests/customers/test_records.py",
        ],
    ),
    "import": (
        [
            "customers.imports.matching",
            "sales.imports.undo",
            "customers.imports.undo",
            "customers.imports.cleaning",
            "customers.imports.amounts",
            "customers.imports.phones",
            "customers.imports.changes",
            "sales.imports.orders",
        ],
        ["tests/customers/test_import_values.py", "tests/sales/test_import_orders.py", "tests/sales/test_import_undo.py"],
    ),
}


class Session:
    """The prepared pytest session; `fork` runs some of its tests with one mutant."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        first = next(item for item in session.items if item.get_closest_marker("django_db") or "db" in item.fixturenames)
        self.prepare(first)
        self.work()
        return True

    def prepare(self, first: pytest.Item) -> None:
        """Make the database; the fixtures of the session stay."""
        self.protocol(first)
        from django.db import connections

        connections.close_all()

    def protocol(self, item: pytest.Item) -> list[pytest.TestReport]:
        from _pytest.runner import runtestprotocol

        other = next(one for one in self.items.values() if one is not item)
        return runtestprotocol(item, log=False, nextitem=other)

    def fork(self, run: Any, limit: float) -> Any:
        """What `run()` gives, out of a child; None when it takes longer than `limit`."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(int(limit) + 1)
            with os.fdopen(writing, "w") as answer, open(os.devnull, "w") as nothing:
                os.dup2(nothing.fileno(), 1)
                json.dump(run(), answer)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            said = answer.read()
        os.waitpid(child, 0)
        return json.loads(said) if said else None

    def failing(self, tests: list[str]) -> list[str]:
        """The first test that fails, with its last line; nothing when all pass."""
        for name in tests:
            for report in self.protocol(self.items[name]):
                if report.failed:
                    return [name, str(report.longrepr)[-600:]]
        return []

    def map(self, codes: set[tuple[str, str]]) -> dict[str, Any]:
        """Test → seconds and which functions it calls; without those that fail by themselves here."""
        found: dict[str, Any] = {}

        def note(frame: Any, event: str, _argument: Any) -> None:
            if event == "call" and (key := (frame.f_code.co_filename, frame.f_code.co_qualname)) in codes:
                called.add(key)

        for name, item in self.items.items():
            called: set[tuple[str, str]] = set()
            start = time.monotonic()
            threading.setprofile(note)
            sys.setprofile(note)
            reports = self.protocol(item)
            sys.setprofile(None)
            threading.setprofile(None)
            if called and all(report.passed for report in reports):
                found[name] = [time.monotonic() - start, sorted(called)]
        return found


def exchange(path: str, code: CodeType) -> None:
    """Every living function with this place in the file gets the mutated code."""
    made = {(one.co_qualname, one.co_firstlineno): one for one in inner(code)}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == path:
            now = one.__code__
            one.__code__ = made.get((now.co_qualname, now.co_firstlineno), now)


def inner(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from inner(one)


def apply(module: Any, one: mutants.Mutant) -> None:
    """In a child: the mutated function, or the mutated constant and every later one of the module made anew from it."""
    code = compile(one.tree, module.__file__, "exec")
    if one.is_function:
        return exchange(module.__file__, code)
    seen = False
    for node in one.tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        seen = seen or (isinstance(target, ast.Name) and target.id == one.owner)
        if seen and isinstance(target, ast.Name) and getattr(node, "value", None):
            old = vars(module)[target.id]
            new = eval(compile(ast.Expression(node.value), module.__file__, "eval"), vars(module))
            for other in list(sys.modules.values()):
                for name, value in list(vars(other).items()) if isinstance(other, type(sys)) else ():
                    if value is old and name == target.id:
                        setattr(other, name, new)
    return None


class Target(Session):
    def __init__(self, name: str, until: float) -> None:
        self.name, self.until = name, until
        self.file = KEPT / f"{name}.json"
        self.known: dict[str, list[str]] = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.found: dict[str, list[str]] = {}

    def work(self) -> None:
        modules = [importlib.import_module(f"zhike.{one}") for one in TARGETS[self.name][0]]
        codes = {
            (one.__file__, code.co_qualname)
            for one in modules
            for code in inner(compile(Path(one.__file__).read_text(), one.__file__, "exec"))
        }
        tests = self.fork(lambda: self.map(codes), 3000)
        control = self.fork(lambda: self.failing(list(tests)), 3000)
        assert control == [], f"without a mutant the tests fail: {control}"  # else every mutant would seem to be found
        for module in modules:
            source = Path(module.__file__).read_text()
            for at, one in enumerate(mutants.mutants(source)):
                key = f"{module.__name__}:{hashlib.sha1(source.encode()).hexdigest()[:8]}:{at}"
                if self.known.get(key, ["survived"])[0] != "survived":
                    self.found[key] = self.known[key]
                elif time.monotonic() < self.until:
                    self.found[key] = [*self.judge(module, one, tests), f"{module.__name__}:{one.line} {one.change}"]
        self.file.write_text(json.dumps(self.found, ensure_ascii=False, indent=0))

    def judge(self, module: Any, one: mutants.Mutant, tests: dict[str, Any]) -> list[str]:
        about: list[tuple[float, str]] = []
        for name, (seconds, called) in tests.items():
            functions = {who.split(".<locals>")[0] for file, who in called if file == module.__file__}
            if functions and (not one.is_function or one.owner in functions):
                about.append((seconds, name))
        if not about:
            return ["survived", "no test comes here"]

        quickest = sorted(about)[:MOST_TESTS]

        def run() -> list[str]:
            try:
                apply(module, one)
            except (NameError, TypeError, ValueError, AttributeError, KeyError, re.error) as error:
                return ["import", repr(error)]
            return self.failing([name for _seconds, name in quickest])

        said = self.fork(run, 5 + 4 * sum(seconds for seconds, _name in quickest))
        if said is None:
            return ["killed", "takes too long"]
        return ["invalid" if said and "syntax error at or near" in said[1] else "killed" if said else "survived", *said[:1]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="+", choices=TARGETS)
    parser.add_argument("--seconds", type=float, default=10**9)
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    KEPT.mkdir(exist_ok=True)
    for name in chosen.targets:
        target = Target(name, time.monotonic() + chosen.seconds)
        options = ["-q", "-p", "no:randomly", "-p", "no:xdist", "-m", "not browser and not slow and not long"]
        pytest.main([*options, *TARGETS[name][1]], plugins=[target])
        for part in [*sorted({key.split(":")[0] for key in target.found}), ""]:
            ends = [one for key, one in target.found.items() if key.startswith(part)]
            killed, survived = (sum(one[0] == end for one in ends) for end in ("killed", "survived"))
            print(f"{part or name:40} {killed:5} of {killed + survived:5} found  {killed / max(killed + survived, 1):.1%}")
        for one in target.found.values() if chosen.show else ():
            if one[0] == "survived":
                print("  survived", one[-1])


if __name__ == "__main__":
    main()
