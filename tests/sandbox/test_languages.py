"""Kernels of other languages behind the same walls: a real kernel for Bash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession
from mashq.sandbox import Quota, kernels, other_kernel
from mashq.sandbox.languages import KernelMissingError
from tests.support.cells import code_cell
from tests.support.languages import BASH, for_kernel, with_kernel_of_bash


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for kernel specs, in which the one for Bash is."""
    monkeypatch.setenv("JUPYTER_PATH", str(with_kernel_of_bash(tmp_path / "jupyter")))
    return tmp_path / "jupyter" / "kernels"


def shown(cell: Any) -> str:
    """All that a cell shows: text, and names of errors."""
    parts = [output.get("text") or f"{output.ename}: {output.evalue}" for output in cell.outputs]
    return "".join(parts)


def run(isolation: str, *sources: str, limits: Limits | None = None, quota: Quota | None = None) -> list[str]:
    """What the cells of a Bash notebook show."""
    notebook = for_kernel(BASH, *map(code_cell, sources))
    source = kernels(isolation, quota=quota)
    try:
        files = {"d.txt": b"beside\n"}
        with NotebookSession(notebook, files, limits, kernels=source, folder="ps1") as session:
            session.finish()
    finally:
        source.close()
    return [shown(cell) for cell in notebook.cells]


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_cells_run_as_in_jupyter(jupyter: Path, isolation: str) -> None:
    """Variables stay, a failing cell is an error, files lie beside the notebook."""
    one, two, three, four = run(
        isolation, "x=3", "echo $x; false", "cat d.txt; basename $PWD", "nothing_such"
    )
    assert one == ""
    assert two.startswith("3\n")
    assert two.endswith(": 1")
    assert three == "beside\nps1\n"
    assert "command not found" in four


def test_the_walls_are_those_of_python(jupyter: Path, tmp_path: Path) -> None:
    """No file of the grader's, no network, no rights, nothing outside of its folder to write."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    read, write, net, user = run(
        "auto",
        f"cat {secret}",
        "touch /usr/x /etc/x /x; ls /root",
        "cat /proc/net/dev | grep -c eth",
        "id -u",
    )
    assert "hidden" not in read
    assert "No such file" in read
    assert write.count("Read-only file system") + write.count("Permission denied") >= 3
    assert net.startswith("0\n")
    assert user.strip() != "0"


@pytest.mark.long
def test_a_cell_that_hangs_or_ends_the_kernel_costs_itself(jupyter: Path) -> None:
    """It is interrupted, or the cells before are run again; those behind run."""
    first, hangs, between, dies, last = run(
        "auto", "x=3", "sleep 100", "echo $x", "kill -9 $PPID; sleep 5", "echo $x", limits=Limits(cell_s=2)
    )
    assert first == ""
    assert "ran longer than 2 s and was interrupted" in hangs
    assert "the kernel died in this cell" in dies
    assert between == last == "3\n"


@pytest.mark.long
def test_memory_is_limited(jupyter: Path) -> None:
    """What all processes of a submission take together, told with the setting's name."""
    _, much, behind = run(
        "auto", "x=1", "y=$(head -c 900m /dev/zero | tr '\\0' a)", "echo $x", quota=Quota(200)
    )
    assert "c.JudgeExecute.memory_mb" in much
    assert behind == "1\n"


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["no-such-program", "{connection_file}"], "starts .*no-such-program.*, which is not installed here"),
        ([], r"starts \[\], which is not installed"),
        (["HOME/bin/odd", "{connection_file}"], "which holds more than programs; install it in a folder"),
    ],
)
def test_a_kernel_that_cannot_start_is_one_sentence(
    jupyter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], says: str
) -> None:
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "odd").write_text("#!/bin/sh\n")
    (home / "bin" / "odd").chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    words = [word.replace("HOME", str(home)) for word in argv]
    (jupyter / "bash" / "kernel.json").write_text(json.dumps({"argv": words, **BASH}))
    with pytest.raises(KernelMissingError, match=says) as caught:
        other_kernel(for_kernel(BASH))
    assert "\n" not in str(caught.value)


def test_what_a_spec_names_is_shown(jupyter: Path, tmp_path: Path) -> None:
    """Its program's folder, its own folder, and the paths of its variables; never the home folder itself."""
    program = tmp_path / "lang-1.2" / "bin" / "lang"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    depot = tmp_path / "depot"
    depot.mkdir()
    spec = {
        "argv": [str(program), "{resource_dir}/start.lang", "{connection_file}"],
        "env": {"DEPOT": f"{depot}:{Path.home()}:/"},
        "interrupt_mode": "message",
    }
    (jupyter / "bash" / "start.lang").write_text("")
    (jupyter / "bash" / "kernel.json").write_text(json.dumps(spec | BASH))
    found = other_kernel(for_kernel(BASH))
    assert found is not None
    start = jupyter / "bash" / "start.lang"
    assert found.folders == (str(program.parent.parent), str(start), str(depot))
    assert found.interrupt_mode == "message"
