"""Mutants of reference solutions: small wrong changes that the hidden checks must notice.

mutmut changes functions of an importable package, and cosmic-ray and mutatest rewrite a file and start a test
command for each mutant; none reaches a marked region of a cell that the judge runs in a warm kernel, and most
changes wanted here (transposes, axes, layers, training modes) are none of their operators.

A mutant that keeps all points is a survivor: either a check is missing, or the mutant is right in another way
and stands, with a reason, in `tests/ASSIGNMENT/zoo/equivalent.toml`:

    [GRADE_ID.MUTANT_ID]
    change = "what mutants() calls before → after"
    reason = "why it deserves all points"
"""

from __future__ import annotations

import ast
import copy
import hashlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mashq.cells import BEGIN_SOLUTION, END_SOLUTION, id_of, is_solution, is_test, judged_cells
from mashq.errors import CheckError
from mashq.judge.limits import Limits
from mashq.judge.results import Judgement, Outcome
from mashq.judge.run import judge_notebook
from mashq.sandbox import Kernels
from mashq.zoo.answers import fill_in, without_markers

SHOWN = 60  # a changed piece of code is shown with what is around it up to this many letters
LIMITS = Limits(cell_s=60, notebook_s=180, call_s=10)  # a mutant that hangs must not stop the run

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)

_PAIRS = [
    ("maximum", "minimum"),
    ("max", "min"),
    ("argmax", "argmin"),
    ("mean", "sum"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("zero_grad", "step"),
    ("train", "eval"),
    ("relu", "sigmoid"),
    ("ReLU", "Sigmoid"),
    ("Adam", "SGD"),
    ("any", "all"),
    ("random", "standard_normal"),
]
NAMES = dict(_PAIRS) | {b: a for a, b in _PAIRS}  # functions and methods that are taken for each other
NAMES |= {"tanh": "arctan", "log": "log10", "CrossEntropyLoss": "NLLLoss"}
TEXTS = {
    "relu": ("linear", "sigmoid"),
    "sigmoid": ("tanh",),
    "tanh": ("sigmoid",),
    "softmax": ("sigmoid", "relu"),
    "linear": ("relu",),
    "categorical_crossentropy": ("binary_crossentropy", "mse"),
    "binary_crossentropy": ("mse",),
    "accuracy": ("mse",),
    "adam": ("sgd",),
    "float32": ("float64", "int32"),
    "circle": ("xor",),
    "xor": ("spiral",),
    "gauss": ("circle",),
    "spiral": ("gauss",),
}


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


# -- which changes there are ------------------------------------------------------------------------------


@singledispatch
def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in place of a node; nothing for most kinds of nodes."""
    yield from ()


@changes.register
def _(node: ast.BinOp) -> Iterator[ast.AST]:
    for operator in OPERATORS.get(type(node.op), ()):
        yield _with(node, op=operator())
    if isinstance(node.op, NOT_COMMUTATIVE):
        yield _with(node, left=node.right, right=node.left)
    yield from (node.left, node.right)


@changes.register
def _(node: ast.AugAssign) -> Iterator[ast.AST]:
    for operator in OPERATORS.get(type(node.op), ()):
        yield _with(node, op=operator())
    yield ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)


@changes.register
def _(node: ast.Compare) -> Iterator[ast.AST]:
    for index, old in enumerate(node.ops):
        for operator in OPERATORS[type(old)]:
            yield _with(node, ops=[*node.ops[:index], operator(), *node.ops[index + 1 :]])


@changes.register
def _(node: ast.BoolOp) -> Iterator[ast.AST]:
    for operator in OPERATORS[type(node.op)]:
        yield _with(node, op=operator())
    yield from node.values


@changes.register
def _(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, (ast.USub, ast.Not, ast.Invert)):
        yield node.operand


@changes.register
def _(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        for other in dict.fromkeys(round(v, 9) for v in (value + 1, value - 1, 2 * value, -value)):
            if other != value:
                number: ast.expr = ast.Constant(abs(other))
                yield ast.UnaryOp(ast.USub(), number) if other < 0 else number
    elif isinstance(value, str):
        yield from map(ast.Constant, TEXTS.get(value, ()))


@changes.register
def _(node: ast.Name) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load) and node.id in NAMES:
        yield _with(node, id=NAMES[node.id])


@changes.register
def _(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr == "T":
        yield node.value


@changes.register
def _(node: ast.Call) -> Iterator[ast.AST]:
    for arguments in _swapped(node.args):
        yield _with(node, args=arguments)
    if len(node.args) > 1:
        for arguments in _shortened(node.args):
            yield _with(node, args=arguments)
    for keywords in _shortened(node.keywords):
        yield _with(node, keywords=keywords)
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        if name in NAMES:
            yield _with(node, func=_with(node.func, attr=NAMES[name]))
        if name == "exp" and len(node.args) == 1 and not isinstance(node.args[0], ast.UnaryOp):
            yield _with(node, args=[ast.UnaryOp(ast.USub(), node.args[0])])
        if isinstance(node.func.value, (ast.Call, ast.BinOp, ast.Compare)):
            yield node.func.value  # without the last method of a chain
    if len(node.args) == 1 and not node.keywords:
        yield node.args[0]  # without the function around it


@changes.register
def _(node: ast.List) -> Iterator[ast.AST]:
    for elements in _shortened(node.elts):
        yield _with(node, elts=elements)


@changes.register
def _(node: ast.Slice) -> Iterator[ast.AST]:
    for end in ("lower", "upper", "step"):
        if getattr(node, end) is not None:
            yield _with(node, **{end: None})


@changes.register
def _(node: ast.Return) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Tuple):
        for elements in _swapped(node.value.elts):
            yield _with(node, value=_with(node.value, elts=elements))


@changes.register(ast.If)
@changes.register(ast.While)
@changes.register(ast.IfExp)
def _(node: ast.If | ast.While | ast.IfExp) -> Iterator[ast.AST]:
    yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


@changes.register
def _(node: ast.comprehension) -> Iterator[ast.AST]:
    for conditions in _shortened(node.ifs):
        yield _with(node, ifs=conditions)


@changes.register
def _(node: ast.Break) -> Iterator[ast.AST]:
    yield ast.Continue()


@changes.register
def _(node: ast.Continue) -> Iterator[ast.AST]:
    yield ast.Break()


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _swapped(nodes: list[Any]) -> Iterator[list[Any]]:
    """The list with two neighbours changed round, for all neighbours."""
    for i, j in pairwise(range(len(nodes))):
        yield [*nodes[:i], nodes[j], nodes[i], *nodes[j + 1 :]]


def _shortened(nodes: list[Any]) -> Iterator[list[Any]]:
    """The list without one of its nodes, for all nodes."""
    for i in range(len(nodes)):
        yield [*nodes[:i], *nodes[i + 1 :]]


# -- the mutants of a cell --------------------------------------------------------------------------------


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


# -- judging them -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    killed_by: str = ""  # the test cell that lost points; empty for a survivor
    said: str = ""  # what a student would read, or why the judge came to no grade
    unclear: bool = False  # a check or the machine failed, so there is no grade

    @property
    def survived(self) -> bool:
        """Whether it kept all points."""
        return not (self.killed_by or self.unclear)


def graded_cells(source: Any) -> list[str]:
    """The solution cells of a notebook that hidden checks grade: CELL, where there is a cell test_CELL."""
    tests = {id_of(cell) for cell in judged_cells(source.cells)}
    return [id_of(cell) for cell in source.cells if is_solution(cell) and f"test_{id_of(cell)}" in tests]


def mutants_of(source: Any, grade_id: str) -> list[Mutant]:
    """The mutants of one solution cell of a source notebook."""
    return mutants(_cell(source, grade_id).source)


def run_mutants(
    source: Any,
    grade_id: str,
    check_file: Path,
    *,
    chosen: Iterable[Mutant] | None = None,
    kernels: Kernels | None = None,
    limits: Limits = LIMITS,
    later: bool = True,
    done: Callable[[Verdict], None] = lambda _: None,
) -> list[Verdict]:
    """Judge the mutants of a cell: first by its own test cell alone, then survivors by the whole notebook.

    source : nbformat notebook of the instructor
    grade_id : one of `graded_cells(source)`
    check_file : the notebook's hidden checks
    chosen : some of `mutants_of(source, grade_id)`; all when left out
    kernels : where kernels come from; None starts each without walls
    later : whether test cells of other exercises may kill, too
    done : called with each verdict as it comes

    Raises CheckError when the reference itself does not earn all points: then nothing can be said.
    """
    own = f"test_{grade_id}"
    every = [id_of(cell) for cell in judged_cells(source.cells)]
    stages = [[own], every] if later and len(every) > 1 else [[own]]
    reference = Mutant("reference", 1, "", "", _cell(source, grade_id).source)
    sound: set[int] = set()  # stages in which the reference has earned all points

    def judge(mutant: Mutant, stage: int) -> Verdict:
        notebook = _notebook(source, grade_id, without_markers(mutant.source), stages[stage])
        judgement = judge_notebook(
            notebook,
            check_file,
            limits=limits,
            kernels=kernels,
            run_all=False,
            allow_stand_in=True,
            only=None if stage else own,
        )
        return _verdict(mutant, judgement, notebook, own)

    def judge_in_turn(mutant: Mutant) -> Verdict:
        verdict = Verdict(mutant)
        for stage in range(len(stages)):
            if verdict.survived and stage not in sound:
                right = judge(reference, stage)
                if not right.survived:
                    raise CheckError(f"the reference of {grade_id} does not earn all points: {right.said}")
                sound.add(stage)
            if verdict.survived:
                verdict = judge(mutant, stage)
        return verdict

    verdicts: list[Verdict] = []
    judged = list(mutants_of(source, grade_id) if chosen is None else chosen)
    for mutant in tqdm(judged, desc=grade_id, unit="mutant", disable=None):
        verdicts.append(judge_in_turn(mutant))
        done(verdicts[-1])
    return verdicts


def _cell(source: Any, grade_id: str) -> Any:
    return next(c for c in source.cells if id_of(c) == grade_id)


def _notebook(source: Any, grade_id: str, text: str, tests: list[str]) -> Any:
    """The reference with one cell changed, up to the last of `tests`, without other test cells and demos."""
    notebook = fill_in(source, source, {grade_id: text})
    kept = [c for c in notebook.cells if not is_test(c) or id_of(c) in tests]
    last = max(index for index, cell in enumerate(kept) if is_test(cell))
    notebook.cells = _without_demos(kept[: last + 1])
    return notebook


def _without_demos(cells: list[Any]) -> list[Any]:
    """Code cells, without those that have no id and define no name that a cell further down uses."""
    kept: list[Any] = []
    used: set[str] = set()
    for cell in reversed(cells):
        if cell.cell_type != "code":
            continue
        defined, loaded = _names(cell.source)
        if id_of(cell) or defined & used:
            kept.append(cell)
            used |= loaded
    return kept[::-1]


def _names(source: str) -> tuple[set[str], set[str]]:
    """Names that a piece of code defines, and names that it uses."""
    defined: set[str] = set()
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, ast.alias):
            defined.add((node.asname or node.name).partition(".")[0])
    return defined, used


def _verdict(mutant: Mutant, judgement: Judgement, notebook: Any, own: str) -> Verdict:
    """A lost point of any test cell kills; the mutant's own cell is named first."""
    failed = [result for result in judgement.results if result.outcome is Outcome.FAILED]
    failed.sort(key=lambda result: result.grade_id != own)
    if failed:
        return Verdict(mutant, failed[0].grade_id, failed[0].message)
    others = [result for result in judgement.results if result.outcome is not Outcome.PASSED]
    tests = [id_of(cell) for cell in judged_cells(notebook.cells)]
    if judgement.stopped or others or not all(judgement.of(grade_id) for grade_id in tests):
        said = [*map(str, judgement.problems), *(f"{result.check}: {result.message}" for result in others)]
        return Verdict(mutant, said="; ".join(said) or "a test cell has no checks", unclear=True)
    return Verdict(mutant)


# -- those that are right in another way ------------------------------------------------------------------


@dataclass(frozen=True)
class Equivalent:
    """A mutant that deserves all points."""

    change: str
    reason: str


def read_equivalent(path: Path) -> dict[str, dict[str, Equivalent]]:
    """{grade_id: {id of a mutant: Equivalent}} of a file as above."""
    cells = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        cell: {key: Equivalent(**entry) for key, entry in entries.items()} for cell, entries in cells.items()
    }


@dataclass(frozen=True)
class Tally:
    """The mutants of one cell after judging, by what became of them."""

    killed: list[Verdict]
    equivalent: list[Verdict]
    surviving: list[Verdict]  # without a reason: a check is missing
    unclear: list[Verdict]
    stale: list[Verdict]  # named equivalent, and killed

    @property
    def is_clean(self) -> bool:
        """Whether each mutant was killed or stands, rightly, among the equivalent ones."""
        return not (self.surviving or self.unclear or self.stale)

    def complaints(self) -> list[str]:
        """What has to be looked at, a line each."""
        labels = {
            "survives": self.surviving,
            "cannot be judged": self.unclear,
            "is not equivalent": self.stale,
        }
        return [
            f"{verdict.mutant.id} {label}: line {verdict.mutant.line}, {verdict.mutant.change}"
            + (f" ({verdict.said})" if verdict.said else "")
            for label, verdicts in labels.items()
            for verdict in verdicts
        ]


def tally(verdicts: Iterable[Verdict], equivalent: Mapping[str, Equivalent]) -> Tally:
    """Sort the verdicts on one cell; `equivalent` are the entries of this cell."""
    result = Tally([], [], [], [], [])
    for verdict in verdicts:
        listed = verdict.mutant.id in equivalent
        if verdict.unclear:
            result.unclear.append(verdict)
        elif verdict.survived:
            (result.equivalent if listed else result.surviving).append(verdict)
        else:
            (result.stale if listed else result.killed).append(verdict)
    return result
