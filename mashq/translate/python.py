"""The texts of a code cell: comments, docstrings, and strings that are for people.

A string is for people by its place in the syntax tree: the message of an assert or an exception, what is
printed, a title or a label. Elsewhere (a value in a dict, a returned string) it is when it reads as several
words and no program text compares it, looks it up or passes it on as an option. A cell's metadata can name
more and fewer; see `mashq.translate.notebook`.
"""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from mashq.translate import literals
from mashq.translate.prose import Piece, prose_words

# Functions and methods that show their strings to people, and arguments that are shown, whatever takes them.
SHOWN_BY = {
    *("_", "N_", "gettext", "ngettext", "print", "warn"),
    *("title", "suptitle", "set_title", "set_xlabel", "set_ylabel", "set_zlabel", "xlabel", "ylabel"),
    *("text", "annotate", "figtext", "legend"),
}
SHOWN_AS = {
    *("title", "suptitle", "xlabel", "ylabel", "zlabel", "xticklabels", "yticklabels"),
    *("label", "labels", "desc", "description"),
}
PASSED_ON = {
    *("zip", "enumerate", "dict", "list", "tuple", "set", "sorted", "reversed", "str", "iter", "next"),
    *("join", "format"),
}
OPTIONS = frozenset(  # of matplotlib: several words, and not for people
    f"{where}{row} {column}"
    for where in ("", "outside ")
    for row in ("upper", "lower", "center")
    for column in ("left", "right", "center")
)
MARKED = re.compile(r"#+\s*(?:BEGIN|END) |#!|# *(?:noqa|type:|%%|fmt:|ruff:|pylint:)|#+\s*YOUR CODE HERE")
MAGIC = re.compile(r"^[%!].*$", re.MULTILINE)

FOLLOWED, PRINTED, CERTAIN = "printed, and more behind it", "printed", "certain"
SHOWN = (FOLLOWED, PRINTED, CERTAIN)
POSSIBLE, MACHINE = "possible", "machine"


@dataclass
class Text:
    """A string of the code, and how it is used."""

    node: ast.expr
    role: str  # one of SHOWN, POSSIBLE or MACHINE
    group: int  # strings of one list, dict or choice have the same


@dataclass
class Code:
    """A cell's source, its syntax tree and its strings."""

    source: str
    tree: ast.Module
    texts: list[Text] = field(default_factory=list)
    docstrings: list[ast.expr] = field(default_factory=list)

    def machine_read(self) -> set[str]:
        """The strings that program text reads."""
        return {value for text in self.texts if text.role == MACHINE for value in _constants(text.node)}

    def not_shown(self) -> set[str]:
        """The strings in other places than those that are certainly for people."""
        return {value for text in self.texts if text.role not in SHOWN for value in _constants(text.node)}


def read(source: str) -> Code:
    """Parse a cell; SyntaxError when it is no Python (lines of IPython's % and ! aside)."""
    code = Code(source, ast.parse(_without_magic(source)))
    _Reader(code).statements(code.tree)
    return code


def pieces(code: Code, keep: Iterable[str] = (), more: Iterable[str] = ()) -> list[Piece]:
    """The texts for people of a cell, in their order.

    keep : strings that programs read somewhere else, never translated where it is not certain
    more : strings to translate wherever they stand
    """
    keep, more = {*keep, *OPTIONS} - set(more), set(more)
    place = _Places(code.source)
    tokens = list(tokenize.generate_tokens(io.StringIO(_without_magic(code.source)).readline))
    spans = [(place.of(*a), place.of(*b)) for a, b in literals.literal_spans(tokens)]
    found = []
    for text in _shown(code, keep, more):
        start, end = place.of_node(text.node)
        literal = [span for span in spans if start <= span[0] and span[1] <= end]
        found.append(_string(code.source, literal, text.role))
    for node in code.docstrings:
        found += _docstring(code.source, *place.of_node(node))
    taken = [(piece.start, piece.end) for piece in found]
    for token in tokens:
        if token.type == tokenize.COMMENT and not MARKED.match(token.string):
            start = place.of(*token.start)
            if not any(a <= start < b for a, b in taken):
                said = token.string.lstrip("#").strip()
                start += token.string.index(said)
                found.append(Piece(start, start + len(said), said, _one_line, "comment"))
    return sorted((p for p in found if _is_prose(p)), key=lambda p: p.start)


def _without_magic(source: str) -> str:
    """A cell with blanks in place of IPython's lines, so that all else stays where it is."""
    return MAGIC.sub(lambda line: " " * len(line.group()), source)


def _one_line(translation: str) -> str:
    return " ".join(translation.split())


def _is_prose(piece: Piece) -> bool:
    return bool(prose_words(_words(piece.text) if piece.kind == "string" else piece.text))


def _words(text: str) -> str:
    """A string's text without placeholders and formulas."""
    text = re.sub(r"(?<!\\)\$[^$]+\$", " ", text)
    try:
        return " ".join(part for known, part in literals.fields(text) if not known)
    except ValueError:  # no f-string, and braces of its own
        return text


# -- which strings ----------------------------------------------------------------------------------------


def _shown(code: Code, keep: set[str], more: set[str]) -> list[Text]:
    """The strings that are for people."""
    sentences = {
        text.group for text in code.texts if text.role == POSSIBLE and _reads_well(text) and _free(text, keep)
    }
    return [
        text
        for text in code.texts
        if text.role in SHOWN
        or set(_constants(text.node)) & more
        or (
            text.role == POSSIBLE
            and _free(text, keep)
            and (_reads_well(text) or (text.group in sentences and _constants(text.node)[0].isalpha()))
        )
    ]


def _free(text: Text, keep: set[str]) -> bool:
    if isinstance(text.node, ast.Constant):
        return text.node.value not in keep
    said = re.compile(".*".join(map(re.escape, _constants(text.node))), re.DOTALL)
    return not any(said.search(value) for value in keep)


def _reads_well(text: Text) -> bool:
    """Whether it is several words, one of them at least no name."""
    parts = text.node.values if isinstance(text.node, ast.JoinedStr) else [text.node]
    said = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
    words = [word for word in said.split() if re.search(r"\w", word)]
    return len(words) > 1 and any(prose_words(word) for word in words if not re.search(r"[\[\]_=]", word))


def _constants(node: ast.expr) -> list[str]:
    """The text of a string, or the texts between the placeholders of an f-string."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    assert isinstance(node, ast.JoinedStr), "only strings are collected"
    return [str(part.value) for part in node.values if isinstance(part, ast.Constant)] or [""]


def _is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class _Reader:
    """Collects the strings of a tree with the use that is made of each."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def statements(self, node: ast.AST) -> None:
        """A statement or block, and all below it."""
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and _is_string(first.value):
                self.code.docstrings.append(first.value)
        for name, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.expr):
                    machine = name in ("annotation", "returns", "decorator_list", "test", "subject")
                    certain = isinstance(node, ast.Assert) and name == "msg"
                    self.expression(child, MACHINE if machine else CERTAIN if certain else POSSIBLE)
                elif isinstance(child, ast.AST):
                    self.statements(child)

    def expression(self, node: ast.expr, role: str, group: int = 0) -> None:
        """An expression whose value is used in this role."""
        if isinstance(node, ast.JoinedStr) or _is_string(node):
            if node not in self.code.docstrings:
                self.code.texts.append(Text(node, role, group or id(node)))
            for part in node.values if isinstance(node, ast.JoinedStr) else []:
                if isinstance(part, ast.FormattedValue):
                    self.expression(part.value, MACHINE)
        elif isinstance(node, ast.Call):
            self._call(node, role)
        elif isinstance(node, ast.Subscript):
            self.expression(node.value, role)
            self.expression(node.slice, MACHINE)
        elif isinstance(node, ast.Compare):
            for part in (node.left, *node.comparators):
                self.expression(part, MACHINE)
        elif isinstance(node, ast.IfExp):
            self.expression(node.test, MACHINE)
            for part in (node.body, node.orelse):
                self.expression(part, role, group or id(node))
        elif isinstance(node, ast.BinOp):
            self.expression(node.left, role, group)
            self.expression(node.right, MACHINE if isinstance(node.op, ast.Mod) else role, group)
        elif isinstance(node, ast.Dict):
            for key in node.keys:
                if key is not None:
                    self.expression(key, role, id(node))
            for part in node.values:
                self.expression(part, role, id(node.values))
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child, role, id(node))
                elif isinstance(child, ast.comprehension):
                    self.expression(child.iter, POSSIBLE)
                    for test in child.ifs:
                        self.expression(test, MACHINE)

    def _call(self, node: ast.Call, role: str) -> None:
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        raised = name.endswith(("Error", "Exception", "Warning"))
        if isinstance(function, ast.Attribute):
            self.expression(function.value, role if name in PASSED_ON else POSSIBLE)
        given = CERTAIN if name in SHOWN_BY or raised else role if name in PASSED_ON else MACHINE
        for argument in node.args:
            last = argument is node.args[-1] and not isinstance(argument, ast.BinOp)
            printed = PRINTED if last else FOLLOWED
            self.expression(argument, printed if name == "print" else given)
        for keyword in node.keywords:
            certain = keyword.arg in SHOWN_AS
            self.expression(keyword.value, CERTAIN if certain else POSSIBLE if name == "dict" else MACHINE)


# -- where they stand -------------------------------------------------------------------------------------


class _Places:
    """Turns rows and columns into places in the source."""

    def __init__(self, source: str) -> None:
        self.lines = source.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]

    def of(self, row: int, column: int) -> int:
        return self.starts[row - 1] + column

    def of_node(self, node: ast.expr) -> tuple[int, int]:
        """Begin and end; the syntax tree counts columns in bytes."""
        ends = ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        start, end = (
            self.of(row, len(self.lines[row - 1].encode()[:column].decode())) for row, column in ends
        )
        return start, end


def _string(source: str, spans: list[tuple[int, int]], role: str) -> Piece:
    """One string, of one or more adjacent literals; white space around it is kept."""
    parts = [source[a:b] for a, b in spans]
    text, formatted = literals.read(parts)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return Piece(
        spans[0][0],
        spans[-1][1],
        text.strip(),
        lambda translation: literals.write(before + translation + after, parts, formatted),
        "string",
        printed=role in (PRINTED, FOLLOWED),
        followed=role == FOLLOWED,
    )


def _docstring(source: str, start: int, end: int) -> list[Piece]:
    """Each paragraph of a docstring; its lines stay lines, since shapes are listed in them."""
    literal = source[start:end]
    opening = literals.OPENING.match(literal)
    assert opening is not None, "a docstring is one literal"
    body = literal[opening.end() : -len(opening[2])]
    plain = "r" in opening[1].lower() or "\\" not in body
    if not plain or literal.count(opening[2]) != 2:
        return []
    found = []
    for paragraph in re.finditer(r"\S(?:.|\n(?!\s*(?:\n|\Z)))*", body):
        lines = paragraph.group().rstrip().split("\n")
        indent = min((line[: len(line) - len(line.lstrip())] for line in lines[1:]), default="", key=len)
        place = start + opening.end() + paragraph.start()
        text = "\n".join([lines[0], *(line[len(indent) :] for line in lines[1:])])
        found.append(
            Piece(place, place + len("\n".join(lines)), text, _in_docstring(indent, opening[2]), "docstring")
        )
    return found


def _in_docstring(indent: str, quote: str) -> Callable[[str], str]:
    def render(translation: str) -> str:
        text = translation.replace("\\", "\\\\").replace(quote, "\\" + quote)
        return textwrap.indent(text, indent).strip() if "\n" in text else text

    return render
