"""The mutants of one cell: each possible change at each place, with an id that survives reformatting."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from bench.mutants.operators import changes
from mashq.cells import BEGIN_SOLUTION, END_SOLUTION

SHOWN = 60  # a changed piece of code is shown with what is around it up to this many letters


@dataclass(frozen=True)
class Mutant:
    """One small change of a cell."""

    id: str  # made from the code around the change, not from its place in the file
    line: int  # of the cell, where the change is
    before: str  # the changed piece of code
    after: str
    source: str  # the whole cell, changed, without its comments

    @property
    def change(self) -> str:
        """What was changed, on one line."""
        return f"{self.before} → {self.after}"


@dataclass(frozen=True)
class _Place:
    """Where a node stands in the tree of a cell."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    scope: str  # names of the functions and classes around it
    statement: ast.stmt  # the statement around it, or the node itself

    @property
    def line(self) -> int:
        """The line of the cell; that of the statement for nodes that have none."""
        line: int = getattr(self.node, "lineno", self.statement.lineno)
        return line

    def put(self, node: ast.AST) -> None:
        """Let a node stand here."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> list[Mutant]:
    """The mutants of a cell, in the order of its lines; the same ones for the same code.

    Only solution regions change (the whole cell where none is marked), and not what is printed or annotated.
    Raises SyntaxError when the cell is not Python.
    """
    tree = ast.parse(source)
    region = _solution_lines(source)
    places = [place for place in _places(tree, "", None) if place.line in region]
    found: list[Mutant] = []
    seen, ids = {ast.unparse(tree)}, set[str]()
    for place in places:
        for node in _candidates(place):
            mutant = _mutant(tree, place, node, ids)
            if mutant.source not in seen:
                seen.add(mutant.source)
                ids.add(mutant.id)
                found.append(mutant)
    return sorted(found, key=lambda mutant: mutant.line)


def _solution_lines(source: str) -> set[int]:
    """Numbers of the lines that a student writes, counted from 1."""
    inside, lines = False, set()
    texts = source.splitlines()
    for number, text in enumerate(texts, start=1):
        if text.strip() in (BEGIN_SOLUTION, END_SOLUTION):
            inside = text.strip() == BEGIN_SOLUTION
        elif inside:
            lines.add(number)
    return lines or set(range(1, len(texts) + 1))


def _places(node: ast.AST, scope: str, statement: ast.stmt | None) -> Iterator[_Place]:
    """All places below a node, outermost first."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        scope = f"{scope}.{node.name}".lstrip(".")
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr) or _prints(child):
                continue
            around = child if isinstance(child, ast.stmt) else statement
            if around is not None:
                yield _Place(child, node, name, index, scope, around)
            yield from _places(child, scope, around)


def _prints(node: ast.AST) -> bool:
    """Whether a node is a statement that prints: no grade depends on it."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def _candidates(place: _Place) -> Iterator[ast.AST]:
    """What may stand at a place, the removal of statements included."""
    for node in changes(place.node):
        if not (isinstance(place.parent, ast.UnaryOp) and isinstance(node, ast.UnaryOp)):  # no --1
            yield node
    if isinstance(place.node, ast.stmt):
        siblings = [node for node in getattr(place.parent, place.field) if not _is_docstring(node)]
        if len(siblings) > 1 and place.node in siblings:
            yield ast.Pass()


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _mutant(tree: ast.Module, place: _Place, node: ast.AST, ids: set[str]) -> Mutant:
    """The mutant with `node` in its place; the tree is as before afterwards."""
    shown = place.node
    around = isinstance(place.parent, (ast.expr, ast.keyword, ast.stmt)) and not hasattr(place.parent, "body")
    if around and len(ast.unparse(place.parent)) <= SHOWN:
        shown = place.parent
    lone = shown is place.node
    before = ast.unparse(shown).strip()
    statement = ast.unparse(place.statement)
    place.put(node)
    try:
        after = ast.unparse(node if lone else shown).strip()
        if hasattr(shown, "body"):  # of loops and the like, the first line tells enough
            before, after = before.partition("\n")[0], after.partition("\n")[0]
        changed = ast.unparse(node if place.statement is place.node else place.statement)
        source = ast.unparse(tree)
    finally:
        place.put(place.node)
    text = "\0".join((place.scope, statement, changed))
    key = name = hashlib.sha256(text.encode()).hexdigest()[:8]
    number = 2
    while name in ids:  # the same statement stands twice in a function
        name, number = f"{key}-{number}", number + 1
    return Mutant(name, place.line, *_short(before, after), source)


def _short(before: str, after: str) -> tuple[str, str]:
    """Both on one line; of long ones only the part that differs, with a few letters around it."""
    one, other = (" ".join(code.split()) for code in (before, after))
    if max(len(one), len(other)) <= 2 * SHOWN or other == "pass":
        return one, other
    start = max(_alike(one, other) - 10, 0)
    one, other = one[start:], other[start:]
    end = max(min(_alike(one[::-1], other[::-1]), len(one) - 10, len(other) - 10) - 10, 0)
    return f"… {one[: len(one) - end]} …", f"… {other[: len(other) - end]} …"


def _alike(one: str, other: str) -> int:
    """With how many equal letters two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
