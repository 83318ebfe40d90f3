"""Which datasets an assignment uses, read from its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

PACKAGE = "mashq.datasets"
MARKER = "dataset"  # of `@pytest.mark.dataset("hoda")`
# What names a dataset in code that uses the package or the marker: its loaders, its module, its name.
WORDS = {
    "hoda": "hoda",
    "load_hoda": "hoda",
    "mnist": "mnist",
    "load_mnist": "mnist",
    "mnist_loaders": "mnist",
}


@cache
def needed(*codes: str) -> tuple[str, ...]:
    """The datasets with real files that pieces of code use, sorted; the pieces belong together.

    codes : the cells of a notebook, its hidden checks, modules beside it

    The names under which the package or a loader is imported do not matter. A use that the code does not
    spell out, such as one in an installed module, is declared with `@pytest.mark.dataset`.
    """
    words = {word for code in codes for word in _words(code)}
    if not words & {PACKAGE, MARKER}:
        return ()
    return tuple(sorted({WORDS[word] for word in words & WORDS.keys()}))


def _words(code: str) -> Iterator[str]:
    """The names and texts in a piece of code; PACKAGE where it imports `mashq.datasets`."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):  # IPython's commands, a stub to complete: any word in it counts
        words = re.findall(r"\w+", code)
        yield from words
        if "mashq" in words:
            yield PACKAGE
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from _imported(alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from _imported(f"{module}.{alias.name}" for alias in names)
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.Constant(value=str(word)):
                yield word


def _imported(paths: Iterator[str]) -> Iterator[str]:
    for path in paths:
        if path == "mashq" or f"{path}.".startswith(f"{PACKAGE}."):
            yield PACKAGE
            yield from path.split(".")
