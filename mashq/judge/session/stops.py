"""Cells that did not run to their end: which, with what error, in which line, and what that led to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mashq import cells
from mashq.judge.session.output import OWN_ERRORS
from mashq.language import marked as N_
from mashq.problems import Sentence, joined

ANSI = re.compile(r"\x1b\[[0-9;]*m")
PLACE = re.compile(r"Cell In\[(\d+)\], line (\d+)")
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
MAGIC = re.compile(r"`(%+\w+)`")

OVERWRITTEN = "OverwrittenError"  # of the judge's agent: a cell assigns to a function; see `harmless`
UNREAD = ("SyntaxError", "IndentationError", "TabError")
LONGEST = 300  # letters of an error

# What is said about an error that has its cause in where it is graded: a pattern of "type: message".
# Such a line may well work where it was written.
OF_THIS_PLACE = {
    r"ModuleNotFoundError": N_("where this is graded, no package and no handed-in file has this name"),
    r"(?i)(Assertion|Runtime|NotImplemented|Value|Attribute)Error: .*(cuda|nvidia|\bmps\b)": N_(
        "where this is graded, there is no GPU: ask torch.cuda.is_available() first, as in "
        'device = "cuda" if torch.cuda.is_available() else "cpu"'
    ),
    r"(?i)UsageError: .*magic .*not found": N_("where this is graded, there is no such magic: leave it out"),
    r"OSError: .*not a valid package style": N_(
        "where this is graded, matplotlib has no such style: matplotlib.pyplot.style.available lists those "
        "that it has"
    ),
    r"ImportError: Cannot load backend": N_(
        "where this is graded, figures are drawn without windows: leave this line out"
    ),
    r"(?i).*(name resolution|name or service not known|network is unreachable|urlopen error|max retries)": N_(
        "where this is graded, there is no network"
    ),
    r"(FileNotFound|OS|Permission)Error: .*'(/|~|[A-Za-z]:\\)": N_(
        "where this is graded, there are only the files that were handed in: name them as they lie beside "
        "the notebook"
    ),
}
OTHER_HINTS = {
    r"OSError: .*(No space left|File too large)": N_(
        "where this is graded, there is room for so much only (a course may allow more: "
        "c.JudgeExecute.disk_mb)"
    ),
    r"FloatingPointError": N_(
        "np.seterr or np.errstate makes NumPy raise this, which otherwise only warns: leave that out"
    ),
    r"\w*Warning: ": N_(
        "warnings.filterwarnings or warnings.simplefilter makes an error of this warning: leave that out"
    ),
    r"NotImplementedError": N_("delete this line when the answer is written"),
}
NO_GPU = N_("where this is graded, there is no GPU: look whether the list of them is empty first")
ASKING = re.compile(r"\binput\s*\(")
ASKS = N_("where this is graded, nobody is at the keyboard: input() gives an empty text")


def hint(error: str, code: str = "") -> Sentence | None:
    """What to know about an error that has to do with where a notebook is graded.

    error : its type and message
    code : the line that raised it
    """
    for pattern, template in (OF_THIS_PLACE | OTHER_HINTS).items():
        if re.match(pattern, error):
            return Sentence.of(template)
    if _lists_no_gpu(error, code):
        return Sentence.of(NO_GPU)
    return Sentence.of(ASKS) if ASKING.search(code) else None


def is_of_this_place(error: str, code: str = "") -> bool:
    """Whether an error comes from where a notebook is graded; the arguments are those of `hint`."""
    there = any(re.match(pattern, error) for pattern in OF_THIS_PLACE)
    return there or _lists_no_gpu(error, code) or ASKING.search(code) is not None


def _lists_no_gpu(error: str, code: str) -> bool:
    return error.startswith("IndexError") and "GPU" in code


@dataclass(frozen=True)
class Stop:
    """A cell that stopped with an error."""

    index: int  # of the cell
    grade_id: str  # empty for a cell that is no answer
    source: str
    error: str  # its type
    message: str
    line: int = 0  # from 1; 0 where it is not known
    went_on: bool = False  # whether what stands behind the line was run all the same
    released: bool = False  # whether the cell's released code was run as well
    within: bool = True  # whether the error came up in the cell itself, not in a function of another cell
    cause: Stop | None = None  # the earlier one without which there would not be this one

    @property
    def code(self) -> str:
        """The line that it stopped in."""
        lines = self.source.splitlines()
        return lines[self.line - 1].strip()[:120] if 0 < self.line <= len(lines) else ""

    @property
    def said(self) -> str:
        """The error with its message, in one line."""
        if self.error in OWN_ERRORS:
            return self.message
        return f"{self.error}: {self.message}" if self.message else self.error

    @property
    def is_of_this_place(self) -> bool:
        """Whether its line may work where it was written; also where an own cell ended the kernel."""
        if self.error in OWN_ERRORS:
            return self.error == "CellStopped" and not self.grade_id
        return is_of_this_place(self.said, self.code)

    def defines(self, name: str) -> bool:
        """Whether the part of the cell that did not run would have given this name."""
        if self.error == OVERWRITTEN:
            return False
        first = 0 if self.error in UNREAD else _first_line_of_statement(self.source, self.line) - 1
        name = re.escape(name)
        pattern = re.compile(
            rf"\b(def|class|import|as)\s+{name}\b|\bimport\b.*,\s*{name}\b|^[^=#'\"]*\b{name}\b[^=(]*=(?!=)"
        )
        return any(pattern.search(line[:LONGEST]) for line in self.source.splitlines()[first:])

    @property
    def cell(self) -> Sentence:
        """How to name the cell."""
        if self.grade_id:
            return Sentence.of(N_("the answer cell {name}"), name=self.grade_id)
        first = next((line.strip() for line in self.source.splitlines() if line.strip()), "")
        return Sentence.of(N_('the cell that begins with "{line}"'), line=first[:60])

    def short(self, error: str) -> Sentence:
        """The cell, the line and an error; a part of a sentence."""
        if self.error in OWN_ERRORS:
            return Sentence.of(N_("{cell} stopped: {why}"), cell=self.cell, why=self.message)
        if self.line:
            stopped = N_("{cell} stopped in line {line} with {error}")
            return Sentence.of(stopped, cell=self.cell, line=self.line, error=error)
        return Sentence.of(N_("{cell} stopped with {error}"), cell=self.cell, error=error)

    def with_line(self, most: int = 2 * LONGEST) -> Sentence:
        """The cell, the text of the line, and the error with its message; a part of a sentence.

        most : letters of the error
        """
        said = self.said if len(self.said) <= most else f"{self.said[:most]} ..."
        if not self.code or self.error in OWN_ERRORS:
            return self.short(said)
        template = N_('{cell} stopped in line {line}, "{code}", with {error}')
        return Sentence.of(template, cell=self.cell, line=self.line, code=self.code, error=said)

    def sentence(self) -> Sentence:
        """All that a student or a grader should know about it."""
        if self.error == OVERWRITTEN:
            assigns = N_(
                '{cell} assigns to {name} in line {line}, "{code}": that is a function, to be called as '
                "{name}(...); it was put back, and costs nothing behind that line"
            )
            return Sentence.of(assigns, cell=self.cell, name=self.message, line=self.line, code=self.code)
        stopped = self.with_line()
        known = hint(self.said, self.code) if self.within else None
        if self.released:
            then = N_("the released code of this cell was run as well")
        elif self.error in (*UNREAD, "TimeLimit", "KernelDied"):
            then = N_("nothing of this cell ran")
        elif self.error == "CellStopped":
            then = N_("nothing of this cell counts")
        elif self.went_on and self.code.startswith("%%"):
            then = N_("what stands below this magic may not have run")
        elif not self.line and not self.went_on:
            then = N_("what stands behind it did not run")
        elif self.went_on:
            then = N_("what stands behind that line was run all the same")
        else:
            then = N_("what stands behind that line did not run")
        return joined("; ", stopped, *([known] if known else []), Sentence.of(then))


def stop_of(cell: Any, index: int, earlier: Iterable[Stop], went_on: bool) -> Stop | None:
    """The first error that a cell shows; None where it ran to its end.

    earlier : the stops of the cells before, one of which may be the cause
    went_on : whether what stands behind a statement that fails was run
    """
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors:
        return None
    ours = [shown for shown in errors if shown.ename in OWN_ERRORS]  # says why the cell was interrupted
    error = (ours or [shown for shown in errors if shown.ename != OVERWRITTEN] or errors)[0]
    kind, message = (" ".join(str(text).split())[:LONGEST] for text in (error.ename, error.evalue))
    places = places_in(error.traceback[:100])
    line = places[0][1] + _lines_before(cell.source) if places else _line_of_magic(cell.source, message)
    name = undefined(f"{kind}: {message}")
    return Stop(
        index,
        cells.id_of(cell) if cells.is_solution(cell) else "",
        cell.source,
        kind,
        re.sub(r"\s*\(\d+\.py, line \d+\)$", "", message),
        line,
        went_on=went_on and kind not in OWN_ERRORS,
        within=len({number for number, _ in places}) < 2,
        cause=cause_of(name, earlier) if name else None,
    )


def places_in(traceback: Iterable[Any]) -> list[tuple[str, int]]:
    """The places in cells that a traceback of IPython's names: the number of a run, and the line, from 1."""
    found = PLACE.findall(ANSI.sub("", "\n".join(map(str, traceback))))
    return [(number, int(line)) for number, line in found]


def _lines_before(source: str) -> int:
    """Lines at a cell's beginning that its kernel does not count."""
    return next((number for number, line in enumerate(source.splitlines()) if line.strip()), 0)


def _first_line_of_statement(source: str, line: int) -> int:
    """Where the statement of a cell begins that a line belongs to, with its decorators; from 1."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        for statement in ast.parse(source).body:
            decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
            if first <= line <= (statement.end_lineno or first):
                return first
    return max(1, line)


def _line_of_magic(source: str, message: str) -> int:
    """The line with the magic that a message without a traceback names; 0 where there is none."""
    named = MAGIC.search(message)
    lines = enumerate(source.splitlines(), start=1)
    return next((number for number, line in lines if named and named[1] in line), 0)


def undefined(error: str) -> str:
    """The name that a NameError is about; empty for other errors."""
    found = UNDEFINED.search(error) if error.startswith("NameError") else None
    return found[1] if found else ""


def cause_of(name: str, stops: Iterable[Stop]) -> Stop | None:
    """The last of the stops without which there would be this name."""
    return next((stop for stop in reversed(list(stops)) if stop.defines(name)), None)


def chain(stop: Stop) -> Iterator[Stop]:
    """A stop and those that led to it."""
    current: Stop | None = stop
    while current is not None:
        yield current
        current = current.cause


@dataclass(frozen=True)
class LeftAbove:
    """A `raise NotImplementedError` that still stands above an answer."""

    index: int  # of the cell
    grade_id: str
    name: str  # of the function that it stands in
    line: int  # from 1

    def sentence(self) -> Sentence:
        """What a student should know about it."""
        template = N_(
            "the line raise NotImplementedError still stands above the answer, in line {line} of the answer "
            "cell {name}: what stands below it never runs; delete it"
        )
        return Sentence.of(template, line=self.line, name=self.grade_id)


def left_above(notebook: Any) -> Iterator[LeftAbove]:
    """Those in the functions of a notebook's answers."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cells.is_solution(cell):
            for name, line in _raises_above_code(cell.source):
                yield LeftAbove(index, cells.id_of(cell), name, line)


def _raises_above_code(source: str) -> Iterator[tuple[str, int]]:
    """(function, line) of each `raise NotImplementedError` with code behind it in the same block."""
    if "NotImplementedError" not in source:
        return
    try:
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for function in functions:
        for statement in function.body[:-1]:
            if isinstance(statement, ast.Raise) and _names_it(statement):
                yield function.name, statement.lineno


def _names_it(statement: ast.Raise) -> bool:
    """Whether a statement raises NotImplementedError."""
    names = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
    return "NotImplementedError" in names
