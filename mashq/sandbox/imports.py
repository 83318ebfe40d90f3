"""What a notebook will import, so that the process it is forked from has it already."""

from __future__ import annotations

import ast
from typing import Any

from mashq.cells import imported_packages

ALWAYS = ("numpy", "matplotlib.pyplot", "PIL.Image", "mashq.datasets", "mashq.plots")
FRAMEWORKS = {  # what is imported → what is made ready
    "scipy": ("scipy.special", "scipy.stats"),
    "torch": ("torch", "torch.utils.data"),
    "torchvision": ("torch", "torch.utils.data", "torchvision"),
    "tensorflow": ("tensorflow", "keras"),
    "keras": ("tensorflow", "keras"),
}


def warm_modules(notebook: Any) -> tuple[str, ...]:
    """The modules to import before a kernel for this notebook is forked.

    notebook : of a student, not trusted; it is parsed and not run, and only modules named here are given
    """
    imported = {name for cell in notebook.cells if cell.cell_type == "code" for name in _imports(cell.source)}
    chosen = [module for name, modules in FRAMEWORKS.items() if name in imported for module in modules]
    return tuple(dict.fromkeys((*ALWAYS, *chosen)))


def _imports(source: str) -> set[str]:
    """Top-level names of the packages that a cell imports; magics and broken lines are passed over."""
    if "import" not in source:  # most cells; parsing takes longer than looking
        return set()
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        # SystemError: Python 3.11 stumbles when its garbage collector makes it format a traceback meanwhile.
        return set()
    return imported_packages(tree)
