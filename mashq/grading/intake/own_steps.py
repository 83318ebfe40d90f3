"""A course's own steps of `nbgrader autograde`: what nbgrader_config.py puts among nbgrader's own."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from traitlets.config import Config

from mashq.errors import CONFIG, CheckError, CourseError

KNOWN = ("nbgrader", "nbconvert", "mashq")  # packages with steps that mashq has in its own form, or needs not
ON_OUTPUTS = ("IgnorePattern", "LimitOutput")
RUN = ("Execute", "JudgeExecute")  # the step that runs the notebook


def own_steps(config: Config, assignment: str) -> tuple[str, ...]:
    """The dotted names of the course's steps on a submission that has not run yet, in their order.

    Raises CourseError where one stands behind the run: that one has a say in the grades, and would not be
    asked.
    """
    autograde = Autograde(config=config)
    first = [name for name in map(_dotted, autograde.sanitize_preprocessors) if not _is_known(name)]
    behind: list[str] = []
    second = list(map(_dotted, autograde.autograde_preprocessors))
    for place, name in enumerate(second):
        if not _is_known(name):
            has_run = any(earlier.rpartition(".")[2] in RUN for earlier in second[:place])
            (behind if has_run or _stands_for_a_known_one(name) else first).append(name)
    if behind:
        raise CourseError(
            f"{CONFIG} puts {' and '.join(behind)} into c.Autograde.autograde_preprocessors, behind the step "
            f"that runs a notebook. `mashq grade` does not run it. Grade with `nbgrader autograde "
            f"{assignment}`, which does, or take it out of the settings."
        )
    return tuple(first)


def settings_of(names: Iterable[str], config: Config) -> dict[str, Any]:
    """What nbgrader_config.py sets for these steps and for nbgrader's on outputs, by the names of classes."""
    classes = {base.__name__ for name in names for base in inspect.getmro(_class(name))} | {*ON_OUTPUTS}
    return {name: dict(config[name]) for name in sorted(classes) if name in config}


def run_own_steps(
    notebook: Any, names: Iterable[str], about: Mapping[str, str], settings: Mapping[str, Any]
) -> Any:
    """What a course's steps make of a received notebook.

    about : {"student": ..., "assignment": ..., "notebook": ...}, as nbgrader hands them on
    settings : see `settings_of`

    Raises CheckError when one is not there or fails.
    """
    config = Config(settings)
    resources = {
        "nbgrader": dict(about),
        "unique_key": about["notebook"],
        "metadata": {"name": about["notebook"], "path": str(Path.cwd())},
    }
    for name in names:
        try:
            step = _class(name)(config=config)
            step.enabled = True
            notebook, resources = step(notebook, resources)
        except Exception as error:
            raise CheckError(
                f"the step {name} of {CONFIG} failed: {type(error).__name__}: {error}"
            ) from error
    return notebook


def code_of(name: str) -> str:
    """The text of a step's module, on which its results depend; empty where there is none.

    Raises CourseError where there is no such step.
    """
    try:
        return inspect.getsource(sys.modules[_class(name).__module__])
    except (ImportError, AttributeError, ValueError) as error:
        raise CourseError(f"{CONFIG} names a step {name}, which cannot be imported: {error}") from error
    except (OSError, TypeError):
        return ""


def _class(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _dotted(step: Any) -> str:
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"


def _is_known(name: str) -> bool:
    return name.partition(".")[0] in KNOWN


def _stands_for_a_known_one(name: str) -> bool:
    """Whether a step of the course's is one of nbgrader's in another form, such as its own `Execute`."""
    try:
        bases = inspect.getmro(_class(name))[1:]
    except (ImportError, AttributeError, ValueError):
        return False
    general = ("NbGraderPreprocessor", "Preprocessor")
    return any(base.__module__.startswith("nbgrader.") and base.__name__ not in general for base in bases)
