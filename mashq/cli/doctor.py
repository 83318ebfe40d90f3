"""`mashq doctor`: which walls this machine has, whether they hold, and what to install."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from mashq import datasets
from mashq.course.folder import CourseFolder
from mashq.course.permissions import in_words
from mashq.errors import CourseError, MashqError, StudentError

if TYPE_CHECKING:
    from mashq.sandbox.provisioner import SandboxKernels

EXTRA = "grade"  # of the package: what grading needs
# Run inside a sandbox; each must come out as None, or say what it could do.
TRIALS = {
    "reads no home folder": "open('{private}').read() and 'it read a file there'",
    "writes nothing outside its folder": "open('/usr/mashq-doctor', 'w') and 'it wrote to /usr'",
    "has no network": "socket.create_connection(('127.0.0.1', {port}), 2) and 'it reached this machine'",
    "cannot signal other processes": "os.kill(os.getppid(), 0) or 'it reached the process that started it'",
    "sees no process of this machine": "len(os.listdir('/proc')) > 200 and 'it sees them' or None",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str  # "good", "missing", "fault"
    says: str  # what was found, and what to do where it is not good


def examine() -> Iterator[Finding]:
    """Look at this machine; the last findings come from a sandbox that is really started."""
    yield Finding("Python", "good", f"{platform.python_version()}, {sys.executable}")
    yield from _packages()
    yield _page()
    yield from _data()
    yield from _course(Path())
    yield from _walls()


def _course(folder: Path) -> Iterator[Finding]:
    """Who can read the course in the folder where this runs, if it is one."""
    try:
        course = CourseFolder(folder)
    except CourseError:
        return
    says = in_words(course)
    yield Finding("this course", "missing" if says else "good", says or "no other account can read it")


def _packages() -> Iterator[Finding]:
    """Every package that grading needs, as mashq's own metadata says."""
    try:
        requirements = [Requirement(line) for line in requires("mashq") or ()]
    except PackageNotFoundError:
        yield Finding("mashq", "missing", f"it runs, but is not installed: pip install 'mashq[{EXTRA}]'")
        return
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate({"extra": EXTRA}):
            yield _package(requirement)


def _package(requirement: Requirement) -> Finding:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return Finding(requirement.name, "missing", f"pip install 'mashq[{EXTRA}]'")
    if requirement.specifier.contains(found, prereleases=True):
        return Finding(requirement.name, "good", found)
    too_old = f"{found}, and {requirement.specifier} is needed: pip install --upgrade 'mashq[{EXTRA}]'"
    return Finding(requirement.name, "missing", too_old)


def _page() -> Finding:
    """Whether feedback can be written: nbconvert sets a page with the packages that are here."""
    import nbformat
    from nbconvert import HTMLExporter

    what = "a page of feedback"
    cell = nbformat.v4.new_markdown_cell("$x$ ![a dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)")
    try:
        page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    except Exception as error:  # of any of the packages that nbconvert uses
        advice = f"pip install --upgrade 'mashq[{EXTRA}]'"
        return Finding(what, "fault", f"{type(error).__name__}: {str(error).splitlines()[0]}: {advice}")
    return Finding(what, "good", f"nbconvert set one of {len(page) // 1000} kB")


def _data() -> Iterator[Finding]:
    for row in datasets.status():
        state = "good" if row.source == "real" and not row.problem else "missing"
        yield Finding(f"{row.name} data", state, row.problem or f"real, {row.folder or 'in the cache'}")


def _walls() -> Iterator[Finding]:
    from mashq.sandbox import isolation as walls

    problem = walls.bubblewrap_problem()
    program = walls.bwrap()
    yield Finding("outer wall", "fault" if problem else "good", problem or f"bubblewrap, {program}")
    abi = walls.landlock_abi()
    inner = abi >= walls.LANDLOCK_NEEDED
    yield Finding(
        "inner wall",
        "good" if inner else "missing",
        f"Landlock ABI {abi}"
        if inner
        else f"Landlock ABI {abi}, and {walls.LANDLOCK_NEEDED} (Linux 6.12) is needed: each submission gets "
        "bubblewrap of its own, as safe, and slower",
    )
    if not problem:
        yield from _try_isolation()


def _try_isolation() -> Iterator[Finding]:
    import socket

    import nbformat

    from mashq.judge.session import NotebookSession
    from mashq.judge.student import Student
    from mashq.sandbox import Isolation, kernels
    from mashq.sandbox.provisioner import SandboxKernels

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os, socket")])
    try:
        source = kernels("auto")
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            NotebookSession(notebook, kernels=source) as session,
        ):
            port = server.getsockname()[1]
            session.run_until("")
            student = Student(session)
            for what, trial in TRIALS.items():
                try:
                    done = student.eval(trial.format(port=port, private=_private_file()))
                except StudentError as error:
                    yield Finding(f"student code {what}", "good", str(error).rpartition("raised ")[2])
                else:
                    yield Finding(f"student code {what}", "fault" if done else "good", str(done or "tried"))
        if isinstance(source, SandboxKernels) and source.isolation is Isolation.FULL:
            yield _namespaces(source)
        source.close()
    except MashqError as error:
        yield Finding("a sandbox", "fault", str(error))


def _namespaces(source: SandboxKernels) -> Finding:
    what = "a network for each submission"
    if source.serves_many():
        return Finding(what, "good", "in a sandbox that serves one after another")
    return Finding(
        what,
        "missing",
        "user namespaces inside the sandbox are not allowed: each submission gets a sandbox of its own, as "
        "safe, and slower. As root: sysctl -w user.max_user_namespaces=10000 "
        "kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0 "
        "(those of the three that exist)",
    )


def _private_file() -> Path:
    """Some file in the home folder of whoever runs this."""
    with suppress(OSError, StopIteration):  # a home that is not there, or empty
        return next(path for path in sorted(Path.home().iterdir()) if path.is_file())
    return Path.home() / ".profile"
