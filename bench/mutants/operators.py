"""Which changes are made: what may stand in place of a node of a solution's syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from functools import singledispatch
from itertools import pairwise
from typing import Any

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
