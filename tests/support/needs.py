"""What a test needs of the machine: skipped where it is missing, except in continuous integration."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the running test because the machine lacks something; with CI set in the environment it fails.

    what : what is missing, and how it is installed

    Continuous integration installs everything (`.ci/run`), so that a skip there would hide a test that no
    longer runs. Tests of another operating system and tests of real data are skipped everywhere.
    """
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
