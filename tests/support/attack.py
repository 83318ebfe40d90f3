"""How the tests attack: code in a notebook cell, whose findings come back as JSON."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession
from mashq.problems import Problem
from mashq.sandbox import Kernels, Quota
from mashq.sandbox.provisioner import SandboxKernels
from tests.support.cells import code_cell, notebook_of

SMALL = Quota(memory_mb=300, disk_mb=32, processes=64, cpu_s=20)  # no test can hurt this machine
SHORT = Limits(cell_s=20, call_s=20)

# What every attacking cell may use.
TOOLS = """
import ctypes, errno, json, mmap, os, platform, signal, socket, subprocess, sys, threading, time
from pathlib import Path
_libc = ctypes.CDLL(None, use_errno=True)
_column = ["x86_64", "aarch64"].index(platform.machine())
WARM = os.getppid()

def attempt(act, *arguments):
    "What came of it: the name of the error, or the result."
    try:
        return "got " + repr(act(*arguments))[:200]
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except BaseException as error:
        return type(error).__name__

def system_call(numbers, *arguments):
    result = _libc.syscall(ctypes.c_long(numbers[_column]), *map(ctypes.c_long, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result

def read(path):
    return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(100)

def write(path):
    with open(path, "a") as file:
        file.write("x")
    return "written"

def tell(**found):
    print(json.dumps(found))
"""


@dataclass(frozen=True)
class Ran:
    """A notebook that has run: what each of its cells showed, and what was noted."""

    texts: list[str]
    problems: list[Problem]
    seconds: float

    def found(self, cell: int = 0) -> dict[str, Any]:
        """What `tell()` said in a cell."""
        lines = [line for line in self.texts[cell].splitlines() if line.startswith("{")]
        assert lines, self.texts[cell]
        told: dict[str, Any] = json.loads(lines[-1])
        return told


def run(
    kernels: Kernels, *sources: str, files: Mapping[str, bytes] | None = None, limits: Limits = SHORT
) -> Ran:
    """Run a notebook of these cells, each after TOOLS, to its end."""
    notebook = notebook_of(code_cell(TOOLS), *map(code_cell, sources))
    started = time.monotonic()
    with NotebookSession(notebook, files or {}, limits, kernels) as session:
        session.finish()
    shown = [
        "".join(o.get("text", "") + o.get("ename", "") + o.get("evalue", "") for o in cell.outputs)
        for cell in notebook.cells
    ]
    assert shown[0] == ""
    return Ran(shown[1:], session.problems, time.monotonic() - started)


def sandboxes(kernels: Kernels) -> list[Any]:
    """The warm sandboxes that wait."""
    assert isinstance(kernels, SandboxKernels)
    return list(kernels._waiting)


def processes_of(pid: int) -> list[psutil.Process]:
    """A process and its descendants, as the host sees them."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def all_gone(processes: list[psutil.Process], seconds: float = 5) -> bool:
    """Whether all of these end in time (`is_running` knows a number that was given anew)."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def strays(sources: Sequence[Kernels], but: list[int], seconds: float = 5) -> list[str]:
    """Descendants of this process that belong to no waiting sandbox, after some time to end.

    A waiting sandbox has bubblewrap's process and the warm one.
    """
    give_up = time.monotonic() + seconds
    while True:
        known, extra = set(but), []
        for sandbox in [sandbox for source in sources for sandbox in sandboxes(source)]:
            inside = processes_of(sandbox.pid)
            known |= {process.pid for process in inside}
            pythons = [p for p in inside if "bwrap" not in _name(p)]
            extra += [f"{_name(p)} in a sandbox" for p in pythons[1:]]
        left = [p for p in processes_of(os.getpid())[1:] if p.pid not in known]
        found = extra + [_name(p) for p in left if _name(p)]
        if not found or time.monotonic() > give_up:
            return found
        time.sleep(0.05)


def _name(process: psutil.Process) -> str:
    """The program's name; empty for one that is gone or waits to be noticed as dead."""
    try:
        return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.name())
    except psutil.NoSuchProcess:
        return ""


def folders_left() -> list[Path]:
    """Socket folders of this process that were not removed; that of its check files stays until it ends."""
    folders = Path(tempfile.gettempdir()).glob(f"mashq-kernel-{os.getpid()}-*")
    return [folder for folder in folders if "-checks-" not in folder.name]
