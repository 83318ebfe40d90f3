"""What a source notebook needs before it is released: a name that nbgrader finds, a kernel, single ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager

from mashq.course.assignment import doubled
from mashq.errors import CourseError
from mashq.grading.intake.kernels import require_kernels
from mashq.sandbox import kernel_of

PATTERN = re.compile(r"[\[\]{}*?]|[\x00-\x1f\x7f]")  # of nbgrader's own patterns, or of no name at all


def require_releasable(assignment: str, sources: Sequence[Path], with_checks: Collection[str] = ()) -> None:
    """Raises CourseError with all that stands against a release, one sentence each.

    with_checks : the names of the notebooks that have a check file
    """
    notebooks = dict(_readable(sources))
    problems = [*_bad_names(assignment, sources), *_missing_kernels(notebooks, with_checks)]
    problems += [says for path, notebook in notebooks.items() for says in doubled(str(path), notebook)]
    if problems:
        raise CourseError("\n".join(problems))


def _bad_names(assignment: str, sources: Sequence[Path]) -> Iterator[str]:
    names = {assignment: f"the assignment {assignment!r}"} | {path.stem: f"{path}" for path in sources}
    for name, what in names.items():
        found = PATTERN.search(name)
        if found is not None:
            better = re.sub(r"[^\w.-]+", "_", name).strip("_") or "name"
            yield (
                f"{what} cannot be released under this name: nbgrader takes {found[0]!r} for part of a "
                f"pattern and does not find it again. Name it and its check file otherwise, as {better}."
            )


def _readable(sources: Sequence[Path]) -> Iterator[tuple[Path, Any]]:
    for path in sources:
        # nbgrader says what is wrong with others
        with suppress(ValueError, LookupError, AttributeError, TypeError):
            yield path, nbformat.read(path, as_version=4)


def _missing_kernels(notebooks: Mapping[Path, Any], with_checks: Collection[str]) -> Iterator[str]:
    """Kernels of notebooks by their metadata; one without is for Jupyter's own Python."""
    installed: dict[str, str] = KernelSpecManager().find_kernel_specs()
    for path, notebook in notebooks.items():
        name, language = kernel_of(notebook)
        name = "python3" if name == "python" else name  # as Jupyter takes it; nbgrader's quickstart has it
        if name not in installed:
            yield (
                f"{path} is for the kernel {name!r} (language {language}), which is not installed here. Open "
                "it in Jupyter, choose another one under Kernel, Change Kernel, such as "
                f"{_another(language, installed)!r}, and save it; or install that one."
            )
            continue
        try:
            require_kernels({str(path): notebook}, [str(path)] if path.stem in with_checks else [])
        except CourseError as other:
            yield str(other)


def _another(language: str, installed: Mapping[str, str]) -> str:
    """A kernel that is installed, if possible of this language."""
    manager = KernelSpecManager()
    names = sorted(installed, key=lambda name: (name != "python3", name))
    same = [name for name in names if manager.get_kernel_spec(name).language.lower() == language.lower()]
    return next(iter([*same, *names]), "python3")
