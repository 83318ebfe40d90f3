"""The guide's assignment, from nothing: its files and commands are taken out of the page and run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import ROOT

FILE = re.compile(r'^```python title="([^"]+)"\n(.*?)^```', re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.long
def test_the_assignment_of_the_guide_releases_and_passes_its_audit(tmp_path: Path) -> None:
    """Every command ends well; the audit catches both wrong answers and lets the odd one pass."""
    page = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for name, text in FILE.findall(page):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    said = ""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in "".join(COMMANDS.findall(page)).splitlines():
        done = subprocess.run(
            command.split(),
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        said = done.stdout
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    assert "2 of 2" in said
    assert "1 of 1" in said
