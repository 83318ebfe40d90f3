"""Which notebooks are not for Python, by their metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from mashq.errors import CourseError

PYTHON = ("python", "ipython")


def kernel_of(notebook: Any) -> tuple[str, str]:
    """The name of a notebook's kernel and its language; a notebook that names none is for Python.

    The language is "unknown" for a kernel that is neither described nor installed, unless its name says it.
    """
    spec = notebook.metadata.get("kernelspec", {})
    name = str(spec.get("name") or "python3")
    language = spec.get("language") or notebook.metadata.get("language_info", {}).get("name")
    if not language:
        try:
            language = KernelSpecManager().get_kernel_spec(name).language
        except (NoSuchKernel, ValueError):
            language = "python" if "py" in name.lower() else "unknown"
    return name, str(language)


def require_python(notebooks: Mapping[str, Any]) -> None:
    """Raises CourseError where a notebook is for another language, one sentence each."""
    found = list(_others(notebooks))
    if found:
        raise CourseError("\n".join(found))


def _others(notebooks: Mapping[str, Any]) -> Iterator[str]:
    for where, notebook in notebooks.items():
        name, language = kernel_of(notebook)
        if language.lower() not in PYTHON:
            yield (
                f"{where} is for the kernel {name!r} (language {language}), and mashq grades Python only; "
                "`nbgrader autograde`, with nbgrader's own steps in nbgrader_config.py, grades others."
            )
