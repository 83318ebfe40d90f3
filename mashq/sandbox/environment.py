"""The environment variables that a graded notebook sees: few, and the same for everybody."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

# What Python, Jupyter and the frameworks need to start, and where datasets are; not the grader's secrets.
KEPT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV",
    "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
    "PATHEXT", "COMSPEC", "XDG_CACHE_HOME", "MASHQ_DATA", "MASHQ_CACHE", "MASHQ_OFFLINE",
)  # fmt: skip
SET = {
    "NBGRADER_EXECUTION": "autograde",  # as nbgrader says it to notebooks
    "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's start-up chatter
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a warning of the debugger that nobody uses here
    "CUDA_VISIBLE_DEVICES": "",  # the same arithmetic on every machine
    # One thread a notebook: as fast for networks of this size, and several notebooks do not fight for cores
    # (two OpenMP threads on two busy cores took 20 times as long here).
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",  # the same order of sets in every run, as far as Python decides it
}
IN_SANDBOX = {
    "PATH": os.pathsep.join((str(Path(sys.prefix, "bin")), "/usr/bin", "/bin")),
    "LANG": "C.UTF-8",
    "MASHQ_CACHE": "/mashq",  # holds `course`, never `hidden`; see `isolation.bubblewrap_command`
    "MASHQ_OFFLINE": "1",
    "MASHQ_ONLY_PREPARED": "1",  # data that the assignment does not name is an error, not a stand-in
    "PYTHONPATH": "/mashq/packages",  # mashq as the grader runs it; see `isolation.bubblewrap_command`
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as ipykernel sets it, but before the import
    "MALLOC_ARENA_MAX": "2",  # threads reserve 64 MB of address space each otherwise, which is limited
}


def plain_environment(packages: Sequence[str] = ()) -> dict[str, str]:
    """The environment for a kernel without walls, made from that of this process.

    packages : folders of Python packages besides those that are installed
    """
    package = Path(__file__).parents[1]  # mashq as it runs here; the one that is installed may be another
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | SET | {"PYTHONPATH": os.pathsep.join((str(package.parent), *packages))}


def sandbox_environment(packages: Sequence[str] = ()) -> dict[str, str]:
    """The environment inside the sandbox; nothing of this process's own is in it."""
    return SET | IN_SANDBOX | {"PYTHONPATH": os.pathsep.join((IN_SANDBOX["PYTHONPATH"], *packages))}
