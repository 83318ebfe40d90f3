"""Notebooks of other languages than Python, and a kernel for one of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.support.cells import notebook_of

BASH = {"name": "bash", "display_name": "Bash", "language": "bash"}
R = {"name": "ir", "display_name": "R", "language": "R"}


def for_kernel(spec: dict[str, str], *cells: Any) -> Any:
    """A notebook for the kernel of this spec."""
    notebook = notebook_of(*cells)
    notebook.metadata.kernelspec = dict(spec)
    return notebook


def with_kernel_of_bash(folder: Path) -> Path:
    """A folder for JUPYTER_PATH in which there is the kernel `bash`, of the package bash_kernel."""
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    place = folder / "kernels" / "bash"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps({"argv": argv, "env": {"PS1": "$"}, **BASH}))
    return folder
