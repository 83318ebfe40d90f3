"""Whatever an instructor names in nbgrader_config.py, commands of mashq and of nbgrader find it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.release.release import release_assignment
from tests.support.commands import ROOT, mashq, nbgrader
from tests.support.tiny_course import HALF, TINY_CHECKS, answered, tiny_notebook

STEPS = ("source", "release", "submitted", "autograded", "feedback", "solution")
WRONG = (
    f'"""The second side is forgotten.\n\nLoses: test_area\nSays: both sides count\n"""\n# %% area\n{HALF}\n'
)
NAMES = """
for step in ("source", "release", "submitted", "autograded", "feedback", "solution"):
    setattr(c.CourseDirectory, f"{step}_directory", NAME)
"""
# {variant: (name of the course folder, its settings)}; {elsewhere} is another folder
COURSES = {
    "every name another": (
        "شبکه‌های عصبی 1405",
        NAMES.replace("NAME", 'f"./teaching/{step} of the course"')
        + 'c.CourseDirectory.directory_structure = "{{assignment_id}}/{{nbgrader_step}}/{{student_id}}"\n'
        + 'c.CourseDirectory.db_url = "sqlite:///{elsewhere}/points.db"\n'
        + 'c.JudgeExecute.checks_directory = "hidden/checks"\n',
    ),
    "absolute": (
        "course",
        NAMES.replace("NAME", 'f"{elsewhere}/{{step}}s"')
        + 'c.JudgeExecute.checks_directory = "{elsewhere}/hidden"\n',
    ),
    "students last": (
        "my course",
        'c.CourseDirectory.directory_structure = "{{nbgrader_step}}/{{assignment_id}}/{{student_id}}"\n'
        + 'c.CourseDirectory.root = "all of it"\n',
    ),
}


class Course:
    """A course folder of these settings, with the tiny assignment, where nbgrader looks for it."""

    def __init__(self, root: Path, settings: str) -> None:
        self.root = root
        root.mkdir()
        shutil.copy(ROOT / "nbgrader_config.py", root)
        self.add(settings)
        self.directory = CourseFolder(root).directory
        (self.folder("source")).mkdir(parents=True)
        nbformat.write(tiny_notebook(), self.folder("source") / "areas.ipynb")
        checks = self.directory.config.JudgeExecute.get("checks_directory", "tests")
        self.checks = Path(self.directory.root, checks, "ps1")
        (self.checks / "zoo" / "wrong").mkdir(parents=True)
        (self.checks / "test_areas.py").write_text(TINY_CHECKS)
        (self.checks / "zoo" / "wrong" / "one_side.py").write_text(WRONG)

    def add(self, settings: str) -> None:
        """Write more settings behind those that are there."""
        with (self.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(settings)

    def folder(self, step: str, student: str = ".") -> Path:
        """The folder that nbgrader uses."""
        directory = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(directory, student, "ps1"))

    def mashq(self, *arguments: str, code: int = 0) -> str:
        """What a command says, called from beside the course folder."""
        text, errors = mashq(
            *arguments, "--course", self.root.name, cwd=self.root.parent, code=code, columns=400
        )
        return text + errors

    def points(self) -> dict[str, float]:
        """What the gradebook has for the function that checks judge."""
        with Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
            found = gradebook.assignment_submissions("ps1")
            return {
                one.student.id: gradebook.find_grade("test_area", "areas", "ps1", one.student.id).auto_score
                for one in found
            }


def run_pytest(course: Path, checks: Path, *options: str) -> int:
    """`pytest CHECKS` in a course folder; its exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(checks), *options]
    return subprocess.run(command, cwd=course, capture_output=True, timeout=600, check=False).returncode


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(name, marks=[pytest.mark.slow] if number else [pytest.mark.long])
        for number, name in enumerate(COURSES)
    ],
)
def test_every_command_finds_what_the_settings_name(variant: str, tmp_path: Path) -> None:
    """From the release to the audit, each does what it does in a course without such settings."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    name, settings = COURSES[variant]
    settings = settings.replace("{elsewhere}", str(elsewhere)).replace("{{", "{").replace("}}", "}")
    course = Course(tmp_path / name, settings)

    assert course.mashq("release", "ps1").split("\n")[:2] == [
        str(course.folder(step).resolve() / "areas.ipynb") for step in ("release", "solution")
    ]
    assert "0 texts" not in course.mashq("translations", "ps1", "--language=fa", code=3)
    course.mashq("bundle", "ps1", "--output", str(tmp_path / "ps1.zip"))
    assert "ps1/areas.ipynb" in zipfile.ZipFile(tmp_path / "ps1.zip").namelist()

    released = nbformat.read(course.folder("release") / "areas.ipynb", as_version=4)
    for student, answer in {"right": answered(released), "half": answered(released, HALF)}.items():
        course.folder("submitted", student).mkdir(parents=True)
        nbformat.write(answer, course.folder("submitted", student) / "areas.ipynb")
    told = json.loads(mashq("grade", "ps1", "--json", "-", "--course", name, cwd=tmp_path)[0])
    assert (told["graded"], told["attention"], course.points()) == (2, [], {"right": 2, "half": 1})
    mashq_made = (course.folder("autograded", "half") / "areas.ipynb").read_text(encoding="utf-8")
    assert "3 points for the word product" in mashq_made

    said = course.mashq("feedback", "ps1")
    assert f"2 students in {course.folder('feedback', 'STUDENT').resolve()}" in said
    page = (course.folder("feedback", "half") / "areas.html").read_text(encoding="utf-8")
    assert "both sides count" in page
    assert "Areas" in page.partition("</h1>")[0], "the title of the release"
    assert json.loads(mashq("scores", "ps1", "--json", "-", "--course", name, cwd=tmp_path)[0])["students"]
    course.mashq("report", "ps1", "--output", str(tmp_path / "report.html"))
    course.mashq("export", "ps1", "--output", str(tmp_path / "grades.csv"))
    assert "half" in (tmp_path / "grades.csv").read_text(encoding="utf-8")

    nbgrader(course.root, "autograde", "ps1", "--force")
    assert course.points() == {"right": 2, "half": 1}
    assert "3 points for the word product" in (course.folder("autograded", "half") / "areas.ipynb").read_text(
        encoding="utf-8"
    )
    nbgrader(course.root, "generate_feedback", "ps1", "--force")

    assert "1 of 1" in course.mashq("audit", "ps1", "--seeds=0")
    assert run_pytest(course.root, course.checks) == 0
    assert run_pytest(course.root, course.checks, f"--submission={course.folder('submitted', 'half')}") == 1

    # nothing takes the solutions out any more
    course.add("\nc.ClearSolutions.enabled = False\n")
    told = course.mashq("release", "ps1", code=1)
    assert f"{course.folder('release').resolve() / 'areas.ipynb'}, cell 2: 'BEGIN SOLUTION' is still" in told


NAME = st.text("aZ9_- .ش", min_size=1, max_size=6).filter(lambda name: name.strip(". "))
NESTED = st.lists(NAME | st.just("..") | st.just("."), min_size=1, max_size=3).map("/".join)
FOLDER = NESTED | NESTED.map(lambda path: f"/{path}")
PARTS = ("{nbgrader_step}", "{student_id}", "{assignment_id}")


@given(
    folders=st.dictionaries(st.sampled_from(STEPS), FOLDER),
    parts=st.permutations(PARTS),
    between=st.lists(NAME, min_size=4, max_size=4),
    root=st.none() | NESTED,
    student=NAME,
    assignment=NAME,
)
def test_the_paths_are_those_of_nbgrader(
    folders: dict[str, str],
    parts: list[str],
    between: list[str],
    root: str | None,
    student: str,
    assignment: str,
) -> None:
    """For each step, whatever the settings are."""
    config = Config()
    for step, folder in folders.items():
        config.CourseDirectory[f"{step}_directory"] = folder
    config.CourseDirectory.directory_structure = "/".join(
        part for pair in zip(between, [*parts, ""], strict=True) for part in pair if part
    )
    if root is not None:
        config.CourseDirectory.root = root
    course = CourseFolder(Path(), config)
    theirs = CourseDirectory(config=config)
    assert course.gradebook[0] == theirs.db_url
    for step in STEPS:
        folder = getattr(theirs, f"{step}_directory")
        if step in ("submitted", "autograded", "feedback"):
            ours = getattr(course, step)(assignment, student)
            assert str(ours) == os.path.normpath(theirs.format_path(folder, student, assignment))
        else:
            ours = getattr(course, step)(assignment)
            assert str(ours) == os.path.normpath(theirs.format_path(folder, ".", assignment))


def test_a_name_that_nbgrader_takes_for_a_pattern_is_refused(tmp_path: Path) -> None:
    """nbgrader itself would say that there are no notebooks, which does not help."""
    course = Course(tmp_path / "course [2026]", "")
    with pytest.raises(CourseError, match="for patterns; give the folder a name without them"):
        release_assignment(course.root, "ps1")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("c.JudgeExecute.memory = 500", "c.JudgeExecute.memory, and there is no such setting. Did you mean"),
        ("c.LatePolicy.percent_a_day = 5", "Did you mean 'percent_per_day'?"),
        ('c.JudgeExecute.isolation = "ful"', "The 'isolation' trait of a JudgeExecute instance expected any"),
        ('c.JudgeExecute.timeout = "long"', "The 'timeout' trait of a JudgeExecute instance expected an int"),
        ('c.CourseDirectory.directory_structure = "{step}"', "directory_structure cannot be '{step}'"),
        ('c.Autograde.sanitize_preprocessors = ["no.Step"]', "a step no.Step, which cannot be imported"),
    ],
)
def test_a_setting_that_cannot_be_is_an_error(line: str, says: str, tiny_course: Path) -> None:
    """Nothing is graded by a setting that is misspelt or has a wrong value: one sentence says which."""
    with (tiny_course / "nbgrader_config.py").open("a") as config:
        config.write(f"{line}\n")
    told = " ".join("".join(mashq("grade", "ps1", cwd=tiny_course, code=1)).split())
    assert says in told
    assert "this should not happen" not in told
