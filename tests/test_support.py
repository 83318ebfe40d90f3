"""What tests share says so when the machine lacks something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browser import chromium
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
