"""Fixtures for all tests; what else they share is in `tests.support`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support import profiles
from tests.support import tiny_course as tiny
from tests.support.quick import pytest_runtest_protocol  # noqa: F401  # a hook

profiles.load()

# What takes minutes begins first, so that two processes end at about the same time.
FIRST = ("tests/test_hw2.py", "tests/grading/test_accounts.py", "tests/grading/engine/test_files.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of some files before the others, which keep their order."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    """The tiny course, in a folder of this test's own."""
    return tiny.make_tiny_course(tmp_path / "course")


@pytest.fixture
def hand_in(tiny_course: Path) -> Callable[..., Path]:
    """`hand_in(student, data)`: put a notebook, or bytes, into the tiny course's `submitted/`."""
    return partial(tiny.hand_in, tiny_course)
