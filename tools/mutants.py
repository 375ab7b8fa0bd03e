"""The mutants of a Python module: one small change each. `python tools/mutation.py` tries them."""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WHERE|JOIN|CASE|DISTINCT|IS NULL|coalesce)\b")
SQL_SWAPPED = {
    " AND ": " OR ", " OR ": " AND ", " = ": " <> ", " <> ": " = ", "IS NULL": "IS NOT NULL", "IS NOT NULL": "IS NULL",
    " < ": " <= ", " > ": " >= ", " <= ": " < ", " >= ": " > ", "NOT EXISTS": "EXISTS", " AND NOT ": " AND ", "LEFT JOIN": "JOIN",
    " DESC": " ASC", "min(": "max(", "max(": "min(", "IS DISTINCT FROM": "IS NOT DISTINCT FROM", "false": "true", "true": "false",
    " NOT IN ": " IN ", " IN ": " NOT IN ", "<@": "@>", "DISTINCT ": "",
}  # fmt: skip
SQL_WORDS = re.compile("|".join(re.escape(word) for word in sorted(SQL_SWAPPED, key=len, reverse=True)))
WORDS = {"_", "gettext", "ngettext", "N_", "gettext_lazy"}  # what is said to people is not the matter here
Place = tuple[Any, str, Any, Any]  # node, field, the field's mutated value, the node at whose lines a test must come by


@dataclass(frozen=True)
class Mutant:
    name: str  # stays the same while the function keeps its name and the changed words theirs
    lines: range
    first: int  # of the whole function or constant
    last: int
    owner: str  # qualified name of the outermost function or the constant
    is_function: bool
    change: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """The tree is one and the same object: use a mutant before the next is asked for."""
    tree = ast.parse(source)
    names: Counter[str] = Counter()
    for owner, node, is_function in _owners(tree.body, ""):
        parts = node.body[bool(ast.get_docstring(node)) :] if is_function else [node.value]
        places = [place for part in parts for place in _places(part)]
        for holder, field, value, at in [*places, *(_removed(node) if is_function else ())]:
            kept = getattr(holder, field)
            before = ast.unparse(holder)
            setattr(holder, field, value)
            after = ast.unparse(holder)
            if after != before and (is_function or not isinstance(holder, ast.Assign | ast.AnnAssign)):
                change = _shortly(before, after)
                names[owner + change] += 1
                name = hashlib.sha1(f"{owner} {change} {names[owner + change]}".encode(), usedforsecurity=False).hexdigest()[:10]
                first = getattr(at, "lineno", node.lineno)
                lines = range(first, (getattr(at, "end_lineno", None) or first) + 1)
                yield Mutant(name, lines, node.lineno, node.end_lineno, owner, is_function, change, tree)
            setattr(holder, field, kept)


def _owners(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Any, bool]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node, True
        elif isinstance(node, ast.ClassDef):
            yield from ((name, one, True) for name, one, is_function in _owners(node.body, f"{prefix}{node.name}.") if is_function)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node, False
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node, False


def _removed(node: ast.AST) -> Iterator[Place]:
    """Statements left out, one at a time."""
    for one in ast.walk(node):
        for field in ("body", "orelse"):
            block = getattr(one, field, None)
            for at, statement in enumerate(block if isinstance(block, list) else []):
                is_call = isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)
                if is_call or isinstance(statement, ast.Raise | ast.Continue | ast.Break | ast.AugAssign):
                    gone = ast.copy_location(ast.Pass(), statement)
                    yield one, field, [*block[:at], gone, *block[at + 1 :]], statement


def _places(node: ast.AST) -> Iterator[Place]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDS:
        return
    yield from _here(node)
    for name, child in ast.iter_fields(node):
        is_signature = name in ("annotation", "returns", "decorator_list") or (name == "args" and not isinstance(node, ast.Call))
        for one in child if isinstance(child, list) and not is_signature else [child]:
            is_said = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            if isinstance(one, ast.AST) and not is_said and not is_signature:
                yield from _places(one)


def _here(node: ast.AST) -> Iterator[Place]:
    match node:
        case ast.Call():
            yield from ((node, "keywords", _without(node.keywords, at), node) for at, one in enumerate(node.keywords) if one.arg)
        case ast.comprehension():
            yield from ((node, "ifs", _without(node.ifs, at), node.ifs[at]) for at in range(len(node.ifs)))
        case ast.Return(value=ast.AST()) if not (isinstance(node.value, ast.Constant) and not node.value.value):
            yield node, "value", ast.copy_location(ast.Constant(None), node), node
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Compare | ast.BoolOp):
            turned = node.test.operand if isinstance(node.test, ast.UnaryOp) else ast.UnaryOp(ast.Not(), node.test)
            yield node, "test", ast.fix_missing_locations(ast.copy_location(turned, node.test)), node.test
        case ast.Compare():
            for at, one in enumerate(node.ops):
                yield node, "ops", [*node.ops[:at], SWAPPED[type(one)](), *node.ops[at + 1 :]], node
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign() if type(node.op) in SWAPPED:
            yield node, "op", SWAPPED[type(node.op)](), node
        case ast.Constant():
            yield from ((node, "value", value, node) for value in _values(node.value))


def _without(many: list[Any], at: int) -> list[Any]:
    return [*many[:at], *many[at + 1 :]]


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str) and SQL.search(value):
        for found in SQL_WORDS.finditer(value):
            yield value[: found.start()] + SQL_SWAPPED[found[0]] + value[found.end() :]
    elif isinstance(value, str):
        yield f"XX{value}"


def _shortly(before: str, after: str) -> str:
    start = next(
        (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), min(len(before), len(after))
    )
    end = next(
        (at for at, (one, other) in enumerate(zip(before[start:][::-1], after[start:][::-1], strict=False)) if one != other), 0
    )
    room = slice(max(start - 30, 0), None)
    left, right = before[room][: 30 + len(before[start:]) - end + 10], after[room][: 30 + len(after[start:]) - end + 10]
    return f"{left!r} → {right!r}"[:300]
