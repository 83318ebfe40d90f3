"""What is published: the wheel and the source archive, built and used without a checkout of mashq."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.zoo.answers import fill_in
from tests.support.commands import ROOT
from tests.support.hw2 import POINTS, make_hw2_course

pytestmark = pytest.mark.slow
GRADED = ("q1_paper", "q5_xnor")
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Run a program that knows nothing of this checkout; returns all that it printed."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=own | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def python(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment in which the wheel is installed with its extra `grade`.

    What mashq needs is not downloaded: the packages of this environment, all but mashq, are linked into it.
    """
    environment = tmp_path_factory.mktemp("fresh") / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=dist)
    python = environment / "bin" / "python"
    packages = environment / SITE_PACKAGES.relative_to(sys.prefix)
    for source, target in ((SITE_PACKAGES, packages), (Path(sys.prefix, "share"), environment / "share")):
        ours = shutil.ignore_patterns("mashq*", "_mashq*", "__editable__*mashq*", "_editable_impl_mashq*")
        shutil.copytree(source, target, ignore=ours, copy_function=link, dirs_exist_ok=True)
    (wheel,) = dist.glob("*.whl")
    run(python, "-m", "pip", "install", "--no-index", f"mashq[grade] @ {wheel.as_uri()}", cwd=dist)
    return python


def link(source: str, target: str) -> None:
    """A second name for a file; a copy where the temporary folder is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_the_installed_wheel_grades_without_the_source(python: Path, tmp_path: Path) -> None:
    """The reference solution of two notebooks of hw2 gets all points that checks give, behind all walls."""
    course = make_hw2_course(tmp_path / "course", GRADED)
    for name in GRADED:
        release, source = (
            nbformat.read(course / part / "hw2" / f"{name}.ipynb", as_version=4)
            for part in ("release", "source")
        )
        path = course / "submitted" / "ada" / "hw2" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(fill_in(release, source, {"q1_identity": 'identity = "ada"'}), path)
    used = run(python, "-c", "import mashq; print(mashq.__file__)", cwd=course)
    assert Path(used.strip()).is_relative_to(python.parents[1])
    said = run(python.with_name("mashq"), "grade", "hw2", "--json=report.json", cwd=course)
    report: dict[str, Any] = json.loads((course / "report.json").read_text(encoding="utf-8"))
    scores = {name: about["score"] for name, about in report["students"]["ada"].items()}
    of_checks = {
        name: sum(points for cell, points in POINTS.items() if cell.startswith(f"test_{name[:2]}"))
        for name in GRADED
    }
    assert scores == of_checks, said
    assert report["isolation"] in ("full", "bubblewrap")


def test_the_source_archive_holds_what_is_tracked(dist: Path) -> None:
    """The assignment, its checks, the tests and the documents; nothing that grading leaves behind."""
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"source/hw2/q5_xnor.ipynb", "tests/hw2/test_q5_xnor.py", "docs/index.md", "Makefile"} <= names
    assert {"CHANGELOG.md", "release/hw2/q5_xnor.ipynb", "nbgrader_config.py"} <= names
    left = ("submitted/", "feedback/", ".venv/", ".mashq/", "gradebook.db", "demo/")
    assert [name for name in names if name.startswith(left)] == []
