"""What a course's nbgrader_config.py names of mashq. These names stay; where the code is may change.

    from mashq.nbgrader_plugins import configure

    c = get_config()
    configure(c)
    c.CourseDirectory.course_id = "neural-networks"

Nothing of nbgrader is imported before a class is asked for, so that commands start quickly.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_HOME = {
    "CarefulExtractor": "mashq.collect.nbgrader.zip_extract",
    "FeedbackExporter": "mashq.feedback.page",
    "FrameAnswers": "mashq.translate.nbgrader_steps",
    "InboundCollect": "mashq.collect.nbgrader.exchange",
    "JudgeExecute": "mashq.grading.nbgrader_steps",
    "LatePolicy": "mashq.grading.gradebook.late_policy",
    "NameCollector": "mashq.collect.nbgrader.zip_collect",
    "SaveJudgedGrades": "mashq.grading.nbgrader_steps",
    "ShowMarkSchemes": "mashq.grading.nbgrader_steps",
    "SubmissionExporter": "mashq.grading.nbgrader_steps",
    "SummariseGrades": "mashq.feedback.page",
    "TEXT_STUB": "mashq.exercises",
    "Translate": "mashq.translate.nbgrader_steps",
}
__all__ = ["configure", *_HOME]  # names of strings

# In the order in which they run; a name without a dot is a class of this module, `.Name` one of nbgrader's.
RELEASE_STEPS = (
    ".IncludeHeaderFooter",
    ".InstantiateTests",
    "Translate",
    ".LockCells",
    ".ClearSolutions",
    "FrameAnswers",
    ".ClearOutput",
    ".CheckCellMetadata",
    ".ComputeChecksums",
    ".SaveCells",
    ".ClearHiddenTests",
    ".ClearMarkScheme",
    ".ComputeChecksums",
    ".CheckCellMetadata",
)
SOLUTION_STEPS = (
    ".IncludeHeaderFooter",
    "Translate",
    ".LockCells",
    ".ClearOutput",
    ".ClearMarkScheme",
    ".Execute",
    "nbconvert.preprocessors.CoalesceStreamsPreprocessor",  # how output is cut into pieces differs by run
)
GRADING_STEPS = (
    "JudgeExecute",
    ".IgnorePattern",
    ".LimitOutput",
    "SaveJudgedGrades",
    ".AssignLatePenalties",
    "ShowMarkSchemes",
    ".CheckCellMetadata",
)
# `nbgrader zip_collect` of what Moodle's "Download all submissions" gives, with or without folders:
# "Full Name_1234567_assignsubmission_file_/q1.pdf", "Full Name_1234567_assignsubmission_file_q5_xnor.ipynb".
# The number is Moodle's participant number. A zip that a student handed in is unpacked. Only the outermost of
# such parts is Moodle's, and it says whose a file is; a person's name holds no _ there.
MOODLE_NAMES = (
    r".*?[/\\][^/\\_]+_(?P<student_id>\d+)_assignsubmission_file_?"
    r"[/\\]?(?:.*[/\\])?(?P<file_id>(?!\._)[^/\\]+)$"
)


def __dir__() -> list[str]:
    """What this module has, also before it is asked for."""
    return sorted({*globals(), *_HOME})


def __getattr__(name: str) -> Any:
    """The class of this name, imported when it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"{__name__} has no {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def of_old_name(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module that courses named before; it gives the class and warns."""

    def find(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"{module} has no {name!r}")
        warnings.warn(
            f"{module}.{name} has moved: write {__name__}.{name} in nbgrader_config.py",
            FutureWarning,
            stacklevel=2,
        )
        return __getattr__(name)

    return find


def configure(c: Any) -> None:
    """Put mashq's steps and settings into a course's configuration; what the course sets afterwards counts.

    c : what nbgrader's `get_config()` gives
    """
    # Mark schemes stand in essay cells too, not only in task cells.
    c.ClearMarkScheme.enforce_metadata = False
    c.GenerateAssignment.preprocessors = _steps(RELEASE_STEPS)
    c.GenerateSolution.preprocessors = _steps(SOLUTION_STEPS)
    c.Execute.record_timing = False  # solutions may be committed; times would change them for nothing
    c.CoalesceStreamsPreprocessor.enabled = True  # how output is cut into pieces changes from run to run
    # The exchange: what students put there is theirs, so links are not followed and nobody stops the others.
    c.ExchangeFactory.collect = f"{__name__}.InboundCollect"
    c.ZipCollectApp.extractor_plugin = f"{__name__}.CarefulExtractor"
    c.ZipCollectApp.collector_plugin = f"{__name__}.NameCollector"
    c.FileNameCollectorPlugin.named_regexp = MOODLE_NAMES
    c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".pdf"]
    # Reading: a bad file costs nobody else's grade. Running: hidden checks, outside the student's kernel.
    c.Autograde.exporter_class = f"{__name__}.SubmissionExporter"
    c.Autograde.autograde_preprocessors = _steps(GRADING_STEPS)
    # Feedback: a summary, then everything but what is for graders. Set for the feedback's exporter alone:
    # formgrader reads this configuration, too, and shows what is for graders.
    c.GenerateFeedback.exporter_class = f"{__name__}.FeedbackExporter"
    tags = "nbconvert.preprocessors.TagRemovePreprocessor"
    c.GenerateFeedback.preprocessors = [f"{__name__}.SummariseGrades", tags, *_steps([".ClearMarkScheme"])]
    c.FeedbackExporter.TagRemovePreprocessor.enabled = True
    c.FeedbackExporter.TagRemovePreprocessor.remove_cell_tags = {"graders-only"}
    # Formgrader: formulas from the grader's own Jupyter server. Templates of mashq come first.
    own = Path(__file__).with_name("grading") / "templates"
    c.HTMLExporter.extra_template_basedirs = [
        str(own),
        str(_nbgrader() / "server_extensions/formgrader/templates"),
    ]


def _steps(names: Any) -> list[str]:
    places = {n: f"nbgrader.preprocessors{n}" if n.startswith(".") else f"{__name__}.{n}" for n in names}
    return [n if n.startswith("nbconvert.") else places[n] for n in names]


def _nbgrader() -> Path:
    """nbgrader's folder, found without importing it."""
    spec = find_spec("nbgrader")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("nbgrader is not installed: pip install 'mashq[grade]'")
    return Path(spec.origin).parent
