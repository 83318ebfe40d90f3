"""Importing the package is quick and brings no framework."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "tensorflow", "scipy", "pooch", "requests", "matplotlib", "mlxtend", "PIL")


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_import_brings_no_framework() -> None:
    loaded = modules_after("import mashq.datasets")
    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("mashq.") and "datasets" not in name} == {
        "mashq.errors"
    }


def test_cached_mnist_needs_no_torch(stand_in: None) -> None:
    loaded = modules_after("from mashq.datasets import load_mnist; load_mnist()")
    assert not loaded & {"torch", "torchvision", "tensorflow", "scipy", "mlxtend"}


def test_cached_hoda_needs_no_scipy(stand_in: None) -> None:
    loaded = modules_after("from mashq.datasets import load_hoda; load_hoda()")
    assert not loaded & {"torch", "tensorflow", "scipy", "matplotlib"}


def test_import_touches_no_folder(tmp_path: Path) -> None:
    """Not even the cache folder is made."""
    modules_after("import mashq.datasets")
    assert not Path(os.environ["MASHQ_CACHE"]).exists()


@pytest.mark.parametrize(
    "name", ["load_hoda", "load_mnist", "load_playground", "mnist_loaders", "fetch", "status"]
)
def test_public_names_are_documented(name: str) -> None:
    from mashq import datasets

    assert name in datasets.__all__
    assert len(getattr(datasets, name).__doc__) > 80
