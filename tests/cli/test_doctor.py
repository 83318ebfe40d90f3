"""`mashq doctor`: what it says about packages."""

from __future__ import annotations

import importlib.metadata

import pytest

from mashq.cli import doctor


def packages() -> dict[str, doctor.Finding]:
    """The findings before those about data, without the first about Python."""
    return {finding.what: finding for finding in doctor._packages()}


def test_every_package_that_grading_needs_is_looked_at() -> None:
    """Those of a notebook, of students and of graders; not what only development or PostgreSQL needs."""
    assert {
        "numpy",
        "nbformat",
        "torch",
        "tensorflow",
        "nbgrader",
        "distributed",
        "pytest",
    } <= packages().keys()
    assert not {"ruff", "mypy", "sphinx", "playwright", "psycopg"} & packages().keys()


def test_a_package_that_is_missing_or_too_old_comes_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both states are told apart."""
    version = importlib.metadata.version

    def other(name: str) -> str:
        if name == "nh3":
            raise importlib.metadata.PackageNotFoundError(name)
        return "8.0.0" if name == "pytest" else version(name)

    monkeypatch.setattr(doctor, "version", other)
    found = packages()
    assert (found["nh3"].state, found["nh3"].says) == ("missing", "pip install 'mashq[grade]'")
    assert found["pytest"].state == "missing"
    assert found["pytest"].says == "8.0.0, and >=8.4 is needed: pip install --upgrade 'mashq[grade]'"
    assert found["numpy"].state == "good"


def test_a_page_is_set_with_what_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that fails there is named before a class waits for its feedback."""
    assert doctor._page().state == "good"

    def fails(*_: object, **__: object) -> None:
        raise ValueError("Invalid character 'i' position 0\n  line 1")

    monkeypatch.setattr("nbconvert.HTMLExporter.from_notebook_node", fails)
    found = doctor._page()
    assert found.state == "fault"
    assert found.says == "ValueError: Invalid character 'i' position 0: pip install --upgrade 'mashq[grade]'"
