"""What a worker says about itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import ROOT

pytestmark = pytest.mark.long

SAY_VERSION = "from mashq.grading.workers.worker import versions; print(versions(())['mashq'])"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, whose code may be changed."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "mashq", folder / "mashq", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def version_in(folder: Path) -> str:
    """The version of mashq by which a worker grades that runs the code in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", SAY_VERSION],
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("name", ["judge/expect.py", "handed_in/read.py", "locale/fa/LC_MESSAGES/mashq.po"])
def test_a_change_in_any_room_of_mashq_is_another_version(name: str, copy: Path) -> None:
    """What was graded by other code, or said in other words, is graded again."""
    before = version_in(copy)
    with (copy / "mashq" / name).open("a") as file:
        file.write("\n# changed\n")
    assert version_in(copy) != before
