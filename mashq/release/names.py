"""What names mean in the cells of a notebook: which are the student's, which are imported, and from where."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """What names mean in the cells of a notebook.

    own : defined outside of test cells, so they are the student's or given
    mentioned : what those cells name, which a test cell's variable could change
    imports : {name: what it stands for, as numpy.allclose}
    """

    own: frozenset[str]
    mentioned: frozenset[str]
    imports: Mapping[str, str]

    @classmethod
    def of(cls, own: Iterable[str], every: Iterable[str]) -> Names:
        """Those of a notebook.

        own : the texts of its code cells that are no test cells
        every : the texts of all its code cells
        """
        trees = [_tree(code) for code in own]
        bound = {name for tree in trees for name in _bound(tree)}
        mentioned = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
        imports: dict[str, str] = {}
        for code in every:
            imports |= _imports(_tree(code))
        return cls(frozenset(bound), frozenset(mentioned | bound), imports)


def bound_in(code: str) -> frozenset[str]:
    """The names that a cell's statements define, but for imports; not what is inside of functions."""
    return frozenset(_bound(_tree(code)))


def _tree(code: str) -> ast.Module:
    """The statements of a cell, without lines of IPython's own; none where it is no Python."""
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module([], [])


def _bound(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found


def _imports(tree: ast.Module) -> dict[str, str]:
    """{name: what it was imported from}."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found
