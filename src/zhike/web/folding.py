"""What follows from the language alone is worked out when a template is loaded, not for each page: texts, addresses, drawings.

A list page has a hundred of them, and they become one piece with the HTML around them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import NoReverseMatch
from jinja2 import nodes
from jinja2.visitor import NodeTransformer


class Folded(NodeTransformer):
    """Calls of `known` functions, by the names that templates give them, become what they say. Only those with constants for
    arguments; what cannot be said yet is left for the page."""

    def __init__(self, known: Mapping[str, Callable[..., Any]]) -> None:
        self._known = known

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  the visitor's name for it
        self.generic_visit(node)
        function = self._known.get(_name(node.node))
        constant = all(isinstance(one, nodes.Const) for one in node.args)
        if function is None or not constant or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        try:
            said = function(*(one.value for one in node.args if isinstance(one, nodes.Const)))
        except (NoReverseMatch, ValueError):  # no such route, no such file
            return node
        return nodes.Const(said, lineno=node.lineno)


def _name(node: nodes.Expr) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""
