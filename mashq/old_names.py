"""Names that courses wrote into nbgrader_config.py before `mashq.nbgrader_plugins` was there still work.

Python asks this finder last, for modules that are nowhere else.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MODULES = (
    "mashq.grading.exporter",
    "mashq.grading.feedback_page",
    "mashq.grading.preprocessors",
    "mashq.late",
    "mashq.translate.preprocessor",
)


class OldNames:
    """Finds and makes the modules that are gone."""

    @staticmethod
    def find_spec(name: str, _path: Sequence[str] | None = None, _target: Any = None) -> ModuleSpec | None:
        """What Python's import system asks for."""
        return ModuleSpec(name, OldNames()) if name in MODULES else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(_spec: ModuleSpec) -> None:
        """Let Python make an ordinary module."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Give the module its one function, which looks up the class at its new place."""
        old = module.__name__

        def find(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            from mashq import nbgrader_plugins

            found = getattr(nbgrader_plugins, name)
            warnings.warn(
                f"{old}.{name} has moved: write mashq.nbgrader_plugins.{name} in nbgrader_config.py",
                FutureWarning,
                stacklevel=2,
            )
            return found

        module.__dict__["__getattr__"] = find


if not any(isinstance(finder, type) and finder.__name__ == "OldNames" for finder in sys.meta_path):
    sys.meta_path.append(OldNames)
