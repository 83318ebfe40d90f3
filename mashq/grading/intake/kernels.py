"""Whether the kernels that the notebooks of an assignment name can grade them here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mashq.errors import CourseError
from mashq.sandbox import kernel_of, other_kernel
from mashq.sandbox.languages import KernelMissingError


def require_kernels(notebooks: Mapping[str, Any], with_checks: Collection[str] = ()) -> None:
    """Raises CourseError where a notebook for another language cannot be graded, one sentence each.

    notebooks : {how to name the file: notebook}
    with_checks : those that have a check file
    """
    found = list(_in_the_way(notebooks, with_checks))
    if found:
        raise CourseError("\n".join(found))


def _in_the_way(notebooks: Mapping[str, Any], with_checks: Collection[str]) -> Iterator[str]:
    for where, notebook in notebooks.items():
        try:
            other = other_kernel(notebook)
        except KernelMissingError as missing:
            yield f"{where} cannot be run: {missing}"
            continue
        if other is not None and where in with_checks:
            name, language = kernel_of(notebook)
            yield (
                f"{where} is for the kernel {name!r} (language {language}), and check files work with Python "
                "only: write the checks into the notebook's test cells, between ### BEGIN HIDDEN TESTS and "
                "### END HIDDEN TESTS, and delete its check file."
            )
