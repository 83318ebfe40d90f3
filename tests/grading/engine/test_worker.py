"""What makes a worker's results those of another version of mashq."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import mashq
from mashq.grading.engine import worker


@pytest.mark.parametrize("module", ["judge/plugin.py", "cells.py", "locale/fa/LC_MESSAGES/mashq.po"])
def test_a_change_anywhere_in_the_package_is_another_version(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results that an older judge gave are not taken for those of the new one."""
    copy = shutil.copytree(Path(mashq.__file__).parent, tmp_path / "mashq")
    monkeypatch.setattr(mashq, "__file__", str(copy / "__init__.py"))
    worker._packages.cache_clear()
    try:
        before = worker.versions()["mashq"]
        with (copy / module).open("a") as file:
            file.write("\n# another\n")
        worker._packages.cache_clear()
        assert worker.versions()["mashq"] != before
    finally:
        worker._packages.cache_clear()
