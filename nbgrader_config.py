"""nbgrader's settings for this course: where things are, what may run how long, and the judge."""

from pathlib import Path

import nbgrader
from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    Execute,
    IncludeHeaderFooter,
    InstantiateTests,
    LimitOutput,
    LockCells,
    SaveCells,
)

import mashq

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "neural-networks"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
c.CourseDirectory.solution_directory = "solutions"
# The assignment's folder is directly below source/ and release/, and below the student's in submitted/.
c.CourseDirectory.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"

# What students see in place of a solution.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("this part is not written yet")'
}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"
# Mark schemes stand in essay cells too, not only in task cells.
c.ClearMarkScheme.enforce_metadata = False

# nbgrader's own steps, and the language: translations from locale/LANGUAGE/LC_MESSAGES/ASSIGNMENT.po.
# `mashq release --language fa` sets it for one run; see docs/languages.md.
# c.Translate.language = "fa"
c.GenerateAssignment.preprocessors = [
    IncludeHeaderFooter,
    InstantiateTests,
    "mashq.translate.preprocessor.Translate",
    LockCells,
    ClearSolutions,
    "mashq.translate.preprocessor.FrameAnswers",
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]
c.GenerateSolution.preprocessors = [
    IncludeHeaderFooter,
    "mashq.translate.preprocessor.Translate",
    LockCells,
    ClearOutput,
    ClearMarkScheme,
    Execute,
]

# Reading: a bad file costs nobody else's grade. Running: hidden checks, outside the student's kernel.
# Classes of mashq are given by name, so that only the commands that use them import them.
c.Autograde.exporter_class = "mashq.grading.exporter.SubmissionExporter"
c.Autograde.autograde_preprocessors = [
    "mashq.grading.preprocessors.JudgeExecute",
    LimitOutput,
    "mashq.grading.preprocessors.SaveJudgedGrades",
    AssignLatePenalties,
    "mashq.grading.preprocessors.ShowMarkSchemes",
    CheckCellMetadata,
]
c.JudgeExecute.timeout = 120  # seconds a cell; the heaviest of hw2 takes about 10
c.JudgeExecute.startup_timeout = 120
c.Execute.record_timing = False  # the solutions are committed; times would change them for nothing
c.Execute.coalesce_streams = True  # how output is cut into pieces changes from run to run
c.Execute.timeout = 300  # for the solutions, which may run on a slow machine

# Late work costs nothing until this is switched on; see docs/instructor.md.
# c.AssignLatePenalties.plugin_class = "mashq.late.LatePolicy"
# c.LatePolicy.grace_minutes = 15
# c.LatePolicy.percent_per_day = 10  # of the points reached, for each 24 hours begun
# c.LatePolicy.at_most_percent = 50
# c.LatePolicy.zero_after_days = 7
# c.LatePolicy.extensions = {"student": 2, "another": {"hw2": 3}}  # days

# `nbgrader zip_collect` of what Moodle's "Download all submissions" gives, with or without folders:
# "Full Name_1234567_assignsubmission_file_/q1.pdf", "Full Name_1234567_assignsubmission_file_q5_xnor.ipynb".
# The number is Moodle's participant number. A zip that a student handed in is unpacked.
c.FileNameCollectorPlugin.named_regexp = (
    r".*[/\\][^/\\]+_(?P<student_id>\d+)_assignsubmission_file_?"
    r"[/\\]?(?:.*[/\\])?(?P<file_id>(?!\._)[^/\\]+)$"
)
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".pdf"]

# Feedback: a summary, then everything but what is for graders.
c.GenerateFeedback.exporter_class = "mashq.grading.feedback_page.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    "mashq.grading.feedback_page.SummariseGrades",
    TagRemovePreprocessor,
    ClearMarkScheme,
]
# Set for the feedback's exporter alone: formgrader reads this file, too, and shows what is for graders.
c.FeedbackExporter.TagRemovePreprocessor.enabled = True
c.FeedbackExporter.TagRemovePreprocessor.remove_cell_tags = {"graders-only"}  # as in `mashq.grading.judging`

# Formgrader: formulas from the grader's own Jupyter server. Templates of mashq come first, then nbgrader's.
c.HTMLExporter.extra_template_basedirs = [
    str(Path(mashq.__file__).with_name("grading") / "templates"),
    str(Path(nbgrader.__file__).with_name("server_extensions") / "formgrader" / "templates"),
]
