"""Do the tests bite? Change one thing of the code at a time and see whether a test fails.

    python tools/mutation.py rights masking searching ledger import [--only decode sniff] [--seconds 300] [--show] [--sample 2]

Every mutant runs in a fork of one prepared pytest session (tests collected, database made), with the code of one function or
one constant exchanged, and only the tests that come by the changed line run: a tenth of a second in place of a whole session. A
mutant counts as found when a test fails with it and passes without it right after. Of a target with more than 200 mutants a
sample is tried, the same one every time: those whose names, put through a hash, come first; another number is another sample.
What was found stands in `.mutation/` and is gone on with, until the function changes; what survived is tried again with the next
quickest tests that it was not tried with, new ones among them, but for the mutants that change nothing anybody could notice: they
stand with the reason in `tools/equivalent_mutants.txt`. `--only` tries those of some modules.
"""

import argparse
import ast
import gc
import hashlib
import importlib
import inspect
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools import mutants
from tools.mutation_targets import SOURCE, TARGETS, modules_of

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".mutation"
EQUIVALENT = {line.split()[0] for line in Path(__file__).with_name("equivalent_mutants.txt").read_text().splitlines() if line}
MOST_TESTS, MOST_SECONDS = 40, 5  # of those that come by the changed line, the quickest: so many, or all that take no longer
SAMPLE = 200
LOT = 25  # tests looked at in one fork
Tests = dict[str, tuple[float, dict[str, list[int]]]]  # seconds, and the lines of every function (file:name) it came by


class Session:
    """The prepared pytest session; `fork` runs some of its tests with one mutant."""

    def pytest_sessionstart(self) -> None:
        """Random examples: the same every time, and no smaller one is looked for when one fails."""
        import hypothesis  # not before pytest has

        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile("mutation", deadline=None, derandomize=True, database=None, phases=phases)
        hypothesis.settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # a process of its own would know nothing of the mutant
        self.items = {item.nodeid: item for item in session.items if "installation" not in item.fixturenames}
        self.prepare(
            next(item for item in self.items.values() if item.get_closest_marker("django_db") or "db" in item.fixturenames)
        )
        self.work()
        return True

    def prepare(self, first: pytest.Item) -> None:
        """Make the database, and a copy of it as the migrations leave it; the fixtures of the session stay."""
        self.protocol(first)
        from django.db import connection, connections

        self.database = str(connection.settings_dict["NAME"])
        known = connection.get_connection_params()
        self.server = {word: known[word] for word in ("host", "port", "user", "password") if known.get(word)}
        connections.close_all()
        self.copy(self.database, f"{self.database}_kept")

    def copy(self, database: str, to: str) -> None:
        with psycopg.connect(**self.server, dbname="postgres", autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{to}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{to}" TEMPLATE "{database}" STRATEGY file_copy')

    def restore(self) -> None:
        """A test with commits empties all tables, also what the migrations wrote; a killed one leaves all sorts of things."""
        self.copy(f"{self.database}_kept", self.database)

    def commits(self, name: str) -> bool:
        marker = self.items[name].get_closest_marker("django_db")
        return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in self.items[name].fixturenames

    def protocol(self, item: pytest.Item) -> list[pytest.TestReport]:
        from _pytest.runner import runtestprotocol

        everywhere: Any = item.session  # what is prepared for the session stays, that of modules and folders goes
        return runtestprotocol(item, log=False, nextitem=everywhere)

    def fork(self, run: Any) -> Any:
        """What `run()` gives, out of a child; None when it was ended."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(3000)
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
        """In a child. The first test that fails, with its last line; nothing when all pass. Ends the child when one hangs."""
        for name in tests:
            signal.alarm(10 + int(3 * self.seconds[name]))
            for report in self.protocol(self.items[name]):
                if report.failed:
                    return [name, str(report.longrepr)[-600:]]
        return []

    def map(self, names: list[str], codes: set[tuple[str, str]]) -> Tests:
        """Without the tests that fail by themselves here."""
        found: Tests = {}
        whole: dict[CodeType, int] = {}

        def note(frame: Any, event: str, _argument: Any) -> Any:
            key = (frame.f_code.co_filename, frame.f_code.co_qualname)
            if key not in codes:
                return None
            lines = came.setdefault(":".join(key), set())
            if frame.f_code not in whole:
                whole[frame.f_code] = len({line for *_place, line in frame.f_code.co_lines()})
            if len(lines) >= whole[frame.f_code]:
                return None
            lines.add(frame.f_lineno)

            def line(frame: Any, event: str, _argument: Any) -> Any:
                lines.add(frame.f_lineno)
                return line

            return line

        for name in names:
            came: dict[str, set[int]] = {}
            start = time.monotonic()
            threading.settrace(note)
            sys.settrace(note)
            reports = self.protocol(self.items[name])
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            if bad := [report for report in reports if not report.passed]:
                sys.stderr.write(f"\nleft out: {name} {bad[0].outcome}: {str(bad[0].longrepr)[-300:]}\n")
            else:
                found[name] = (time.monotonic() - start, {key: sorted(lines) for key, lines in came.items()})
        return found


def functions_of(paths: set[str]) -> list[FunctionType]:
    """Every living function out of these files, also the decorated and the forgotten."""
    return [one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__.co_filename in paths]


def exchange(functions: list[FunctionType], path: str, code: CodeType) -> None:
    """Each of them with this place in the file gets the mutated code."""
    made = {(one.co_qualname, one.co_firstlineno): one for one in inner(code)}
    for one in functions:
        now = one.__code__
        if now.co_filename == path:
            one.__code__ = made.get((now.co_qualname, now.co_firstlineno), now)


def inner(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from inner(one)


def apply(module: Any, one: mutants.Mutant, functions: list[FunctionType]) -> None:
    """In a child: the mutated function, or the mutated constant and every later one of the module made anew from it."""
    code = compile(one.tree, module.__file__, "exec")
    if one.is_function:
        return exchange(functions, module.__file__, code)
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


@dataclass
class Judged:
    key: str
    ends: str  # found, survived, equivalent, or that it never ran: invalid
    by: str
    where: str
    tried: list[str]  # the tests that a survivor passed

    @property
    def part(self) -> str:
        return self.key.split(":")[0]


class Target(Session):
    def __init__(self, name: str, until: float, number: int, only: list[str]) -> None:
        self.name, self.until, self.number, self.only = name, until, number, only
        self.file, self.mapped = KEPT / f"{name}.json", KEPT / f"{name}-came-by.json"
        self.known: dict[str, list[Any]] = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.judged: list[Judged] = []
        self.many = 0

    def work(self) -> None:
        chosen = modules_of(self.name)
        sources = {path: path.read_text() for path in chosen}
        tests = self.tests(sources)
        every = [
            (hashlib.sha1(f"{self.number} {path.relative_to(SOURCE)} {one.name}".encode()).digest(), path, one.name)
            for path, source in sources.items() for one in mutants.mutants(source) if one.owner.startswith(chosen[path])
        ]  # fmt: skip
        self.many = len(every)
        modules = {path: importlib.import_module(name_of(path)) for path in chosen}
        self.functions = functions_of({str(module.__file__) for module in modules.values()})
        for _hash, path, name in sorted(every)[:SAMPLE]:
            if self.only and path.stem not in self.only:
                continue
            one = next(mutant for mutant in mutants.mutants(sources[path]) if mutant.name == name)
            self.note(modules[path], one, sources[path], tests)
            kept = {judged.key: [judged.ends, judged.by, judged.tried] for judged in self.judged}
            self.file.write_text(json.dumps(self.known | kept, ensure_ascii=False, indent=0))

    def note(self, module: Any, one: mutants.Mutant, source: str, tests: Tests) -> None:
        """What is known of it, or else what is found out now."""
        where = f"{module.__name__}:{one.name} line {one.lines.start}, {one.owner}: {one.change}"
        text = "".join(source.splitlines()[one.first - 1 : one.last])
        key = f"{module.__name__}:{one.name}:{digest(text)}"
        ends, by, tried = [*self.known.get(key, ["", ""]), []][:3]
        if f"{module.__name__}:{one.name}" in EQUIVALENT:
            ends, by = "equivalent", ""
        elif ends in ("", "survived") and time.monotonic() < self.until:
            passed = set(tried)
            new = quickest({test for test in came_by(module, one, tests) if self.keys[test[1]] not in passed})
            if new or not ends:
                ends, by = self.judge(module, one, new)
            tried = [*tried, *(self.keys[name] for _seconds, name in new)] if ends == "survived" and not by else []
        if ends:
            self.judged.append(Judged(key, ends, by, where, tried))

    def tests(self, sources: dict[Path, str]) -> Tests:
        """What each test comes by, found out anew where the test has changed, or code that it came by."""
        codes = {
            (str(path), code.co_qualname)
            for path, source in sources.items() for code in inner(compile(source, str(path), "exec"))
        }  # fmt: skip
        digests = {str(path): digest(source) for path, source in sources.items()}
        self.keys = {name: f"{name} {digest(inspect.getsource(item.function))}" for name, item in self.items.items()}
        kept = json.loads(self.mapped.read_text()) if self.mapped.exists() else {}
        known = {key: value for key, value in kept.items() if all(digests.get(path) == one for path, one in value[2].items())}
        new = [name for name, key in self.keys.items() if key not in known]
        for lot in range(0, len(new), LOT):
            if time.monotonic() > self.until:  # what is not known yet is judged another time
                break
            found = self.fork(lambda names=new[lot : lot + LOT]: self.map(names, codes))
            self.restore()
            assert found is not None, "the tests took too long, or their process died"
            for name, (seconds, functions) in found.items():
                files = {key.rpartition(":")[0] for key in functions}
                known[self.keys[name]] = [seconds, functions, {file: digests[file] for file in files}]
            self.mapped.write_text(json.dumps(known))
        found = {name: known[key] for name, key in self.keys.items() if key in known}
        self.seconds = {name: seconds for name, (seconds, *_came) in found.items()}
        return {name: (seconds, functions) for name, (seconds, functions, _digests) in found.items() if functions}

    def judge(self, module: Any, one: mutants.Mutant, tests: list[tuple[float, str]]) -> list[str]:
        names = sorted([name for _seconds, name in tests], key=self.commits)
        if not names:
            return ["survived", "no test comes here"]

        def run() -> list[str]:
            try:
                apply(module, one, self.functions)
            except (NameError, TypeError, ValueError, AttributeError, KeyError, re.error) as error:
                return ["import", repr(error)]
            return self.failing(names)

        said = self.fork(run)
        tried = names[: names.index(said[0]) + 1] if said and said[0] in names else names
        if said is None or any(map(self.commits, tried)):
            self.restore()
        if said == []:
            return ["survived", ""]
        if said and (said[0] == "import" or "syntax error at or near" in said[1]):
            return ["invalid", said[1][-200:]]
        return self.confirmed(said[:1] if said else names) or ["found", said[0] if said else "takes too long"]

    def confirmed(self, control: list[str]) -> list[str]:
        """Nothing when these tests pass without a mutant."""
        said = self.fork(lambda: self.failing(control))
        if said != [] or any(map(self.commits, control)):
            self.restore()
        return [] if said == [] else ["survived", f"its tests fail without it too: {said}"]


def came_by(module: Any, one: mutants.Mutant, tests: Tests) -> set[tuple[float, str]]:
    """The tests that come by its lines; if none does, by its function."""
    came, near = set(), set()
    for name, (seconds, functions) in tests.items():
        for key, lines in functions.items():
            file, _colon, function = key.rpartition(":")
            if file == module.__file__ and (not one.is_function or function.split(".<locals>")[0] == one.owner):
                near.add((seconds, name))
                if not one.is_function or set(lines) & set(one.lines):
                    came.add((seconds, name))
    return came or near


def name_of(path: Path) -> str:
    return f"zhike.{path.relative_to(SOURCE).with_suffix('').as_posix().replace('/', '.')}"


def quickest(tests: set[tuple[float, str]]) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for seconds, name in sorted(tests):
        if len(found) >= MOST_TESTS and sum(one for one, _name in found) + seconds > MOST_SECONDS:
            break
        found.append((seconds, name))
    return found


def digest(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()[:8]


def report(target: Target, show: bool) -> None:
    for part in [*sorted({one.part for one in target.judged}), ""]:
        ends = [one.ends for one in target.judged if one.key.startswith(f"{part}:" if part else "")]
        found, survived = ends.count("found"), ends.count("survived")
        share = f"{found / max(found + survived, 1):.1%}"
        print(f"{part or target.name:40} {found:5} of {found + survived:5} found  {share:>6}", end="")
        print(f", and {ends.count('equivalent')} equivalent" if "equivalent" in ends else "")
    print(f"{len(target.judged)} tried of {target.many} mutants" + f", sample {target.number}" * (target.many > SAMPLE))
    for one in target.judged if show else ():
        if one.ends == "survived":
            print("  survived", one.where, f"({one.by})" * bool(one.by))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="+", choices=TARGETS)
    parser.add_argument("--seconds", type=float, default=10**9)
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], help="modules, without their packages")
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    KEPT.mkdir(exist_ok=True)
    for name in chosen.targets:
        target = Target(name, time.monotonic() + chosen.seconds, chosen.sample, chosen.only)
        options = ["-q", "-p", "no:randomly", "-p", "no:xdist", "-m", "not browser and not slow and not long"]
        pytest.main([*options, *TARGETS[name][1]], plugins=[target])
        report(target, chosen.show)


if __name__ == "__main__":
    main()
