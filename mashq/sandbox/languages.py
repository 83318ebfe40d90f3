"""Kernels of other languages than Python: which notebook is for one, and how its kernel spec starts it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from mashq.errors import MachineError

PYTHON = ("python", "ipython")


class KernelMissingError(MachineError):
    """This machine has no kernel that a notebook needs, or it cannot be run behind walls."""


@dataclass(frozen=True)
class OtherKernel:
    """How the kernel of another language than Python is started.

    name : of its kernel spec
    argv : the command, with `{connection_file}` in it
    env : variables that the spec sets
    interrupt_mode : "signal" or "message"
    folders : where its program and what the spec names are, to be shown in the sandbox
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    interrupt_mode: str
    folders: tuple[str, ...]


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


def is_python(notebook: Any) -> bool:
    """Whether a notebook is for Python, whatever its kernel is called."""
    return kernel_of(notebook)[1].lower() in PYTHON


def other_kernel(notebook: Any) -> OtherKernel | None:
    """The kernel of a notebook that is for another language; None for Python's own.

    Raises KernelMissingError, in one sentence, where this machine cannot start it.
    """
    if is_python(notebook):
        return None
    name, language = kernel_of(notebook)
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError):
        raise KernelMissingError(
            f"the kernel {name!r} (language {language}) is not installed here; `jupyter kernelspec list` "
            "shows those that are. Install it, or choose another one in Jupyter under Kernel, Change Kernel."
        ) from None
    program = shutil.which(spec.argv[0]) if spec.argv else None
    if program is None:
        raise KernelMissingError(
            f"the kernel {name!r} (language {language}) starts {spec.argv[:1]}, which is not installed here."
        )
    argv = [word.replace("{resource_dir}", spec.resource_dir) for word in spec.argv]
    argv[0] = program
    return OtherKernel(
        name, tuple(argv), dict(spec.env), spec.interrupt_mode, tuple(dict.fromkeys(_folders(argv, spec)))
    )


def _folders(argv: list[str], spec: KernelSpec) -> Iterator[str]:
    """The folders of a kernel's program, and the files and folders that its command and variables name.

    Raises KernelMissingError for a program in a folder that holds the home folders.
    """
    home = Path.home()
    real = Path(argv[0]).resolve()
    for program in dict.fromkeys((Path(argv[0]), real)):
        prefix = program.parent.parent if program.parent.name == "bin" else program.parent
        if prefix == Path("/usr") or Path("/usr") in prefix.parents or prefix == Path("/"):
            continue  # every sandbox shows them
        if prefix == home or prefix in home.parents:
            raise KernelMissingError(
                f"the kernel {spec.display_name!r} starts {program}, and the sandbox cannot show the folder "
                f"{prefix}, which holds more than programs; install it in a folder of its own or below /usr."
            )
        yield str(prefix)
    named = [*argv[1:], *(part for value in spec.env.values() for part in value.split(os.pathsep))]
    for path in map(Path, named):
        if path.is_absolute() and path.exists() and path != home and path not in home.parents:
            yield str(path)
