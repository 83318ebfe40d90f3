"""What tests share says so when the machine lacks something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.browser import chromium
from tests.support.commands import ROOT
from tests.support.small_disk import small_disk


@pytest.mark.parametrize(("ci", "expected"), [("", "Skipped"), ("true", "Failed")])
def test_ci_does_not_pass_without_a_browser(ci: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On somebody's laptop tests in a browser are skipped where there is none; in CI they fail."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(BaseException, match="no Chromium on this machine: apt-get install") as caught:
        chromium()
    assert type(caught.value).__name__ == expected


@pytest.mark.parametrize(("ci", "expected"), [("", "Skipped"), ("true", "Failed")])
def test_ci_does_not_pass_without_a_disk_to_fill(
    ci: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever may not mount a small disk skips the tests that fill it; in CI they fail."""
    mount = tmp_path / "mount"
    mount.write_text("#!/bin/sh\necho must be superuser >&2\nexit 32\n")
    mount.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv("CI", ci)
    with (
        pytest.raises(BaseException, match="no right to mount a small disk here: must be super") as caught,
        small_disk(tmp_path / "disk"),
    ):
        pass
    assert type(caught.value).__name__ == expected


QUICK = """
import subprocess, sys
import pytest

pytestmark = pytest.mark.quick

def test_adds():
    assert 1 + 1 == 2

def test_starts_a_process():
    subprocess.run([sys.executable, "--version"], check=True)

@pytest.mark.process
def test_says_that_it_starts_one():
    subprocess.run([sys.executable, "--version"], check=True)
"""


def test_a_quick_test_that_starts_a_process_fails(tmp_path: Path) -> None:
    """So that `make quick` stays quick; unless the test says that it starts one, and is left out there."""
    (tmp_path / "conftest.py").write_text("from tests.support.quick import pytest_runtest_protocol\n")
    (tmp_path / "test_quick.py").write_text(QUICK)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    quick\n    process\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "a quick test starts a process; mark it `process`" in done.stdout
    assert "1 failed, 2 passed" in done.stdout
