"""Every broken file of the zoo gets the grade that its declaration says, in one course, by `mashq grade`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from mashq.course.store import Store
from mashq.zoo.answers import fill_in
from mashq.zoo.files import CONTROL, HandedIn, edited, handed_in, load_files
from tests.support.commands import ROOT, nbgrader
from tests.support.hw2 import make_hw2_course

FILES = {file.name: file for file in load_files(ROOT / "tests" / "hw2" / "zoo" / "files")}
FEW = [
    "colab_strips_metadata",
    "answer_merged_into_a_later_one",
    "marks_of_direction",
    "persian_numbers",
    "download_number",
    "cut_off",
    "lines_of_colab_above_the_given_imports",
    "helper_below_a_missing_package",
    "answer_that_imports_a_missing_package",
    "link_to_another_student",
    "score_in_the_output",
]
NOTEBOOKS = ("q1_paper", "q2_theory", "q5_xnor")
SETTINGS = '\nc.JudgeExecute.identities = "any"  # all hand in what the reference has\n'
PATIENCE_S = 3600  # for the whole zoo, on a busy machine
BY_BOTH = [
    "answer_at_the_end",
    "essay_below_its_cell",
    "git_conflict_in_an_answer",
    "points_raised",
    "utf_16",
]


@dataclass(frozen=True)
class Cell:
    """What the gradebook says of one cell of a submission."""

    score: float | None
    most: float
    waits: bool  # for a person


@dataclass
class Graded:
    """A course after grading."""

    course: Path
    log: str
    attention: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    before: dict[str, bytes] = field(default_factory=dict)

    def cells(self, student: str, notebook: str) -> dict[str, Cell]:
        """{grade_id: what became of it}."""
        with Gradebook(f"sqlite:///{self.course}/gradebook.db", "neural-networks") as gradebook:
            submitted = gradebook.find_submission_notebook(notebook, "hw2", student)
            return {
                grade.cell.name: Cell(grade.auto_score, grade.max_score, grade.needs_manual_grade)
                for grade in submitted.grades
            }

    def graded_notebook(self, student: str, notebook: str) -> Any:
        """What the grader sees."""
        path = self.course / "autograded" / student / "hw2" / f"{notebook}.ipynb"
        return nbformat.read(path, as_version=4)


# -- a course, and a student for every file ---------------------------------------------------------------


def hand_in(course: Path, student: str, *names: str) -> Path:
    """Good files with full marks; returns the last one's path."""
    folder = course / "submitted" / student / "hw2"
    folder.mkdir(parents=True)
    for name in names:
        release, source = (
            nbformat.read(course / part / "hw2" / f"{name}.ipynb", as_version=4)
            for part in ("release", "source")
        )
        nbformat.write(fill_in(release, source), folder / f"{name}.ipynb")
    (folder / "q1.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    return folder / f"{names[-1]}.ipynb"


def hand_in_all(course: Path, files: Sequence[HandedIn]) -> None:
    """One student for every broken file, and `control`."""
    hand_in(course, CONTROL, *sorted({"q1_paper", *(file.notebook for file in files)}))
    for file in files:
        others = [] if file.notebook == "q1_paper" else ["q1_paper"]
        file(hand_in(course, file.name, *others, file.notebook))


def contents(folder: Path) -> dict[str, bytes]:
    """All ordinary files below a folder; links are not followed."""
    found = {}
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
                found[str(path)] = path.read_bytes()
    return found


def grade(course: Path) -> Graded:
    """`mashq grade hw2`, in a process of its own."""
    before = contents(course / "submitted")
    report = course / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "mashq.cli", "grade", "hw2", f"--course={course}", f"--json={report}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    graded = Graded(course, done.stdout + done.stderr, before=before)
    for item in json.loads(report.read_text(encoding="utf-8"))["attention"]:
        graded.attention.setdefault((item["student"], item["notebook"]), []).append(item["reason"])
    return graded


def faults(file: HandedIn, graded: Graded) -> list[str]:
    """How what came of a file differs from what its declaration says, one sentence each."""
    found = []
    listed = graded.attention.get((file.name, file.notebook), []) + graded.attention.get((file.name, "-"), [])
    if bool(listed) != file.attention:
        found.append(f"needs a person: {file.attention} was declared, but the list has {listed}")
    notebook = graded.graded_notebook(file.name, file.notebook) if not file.attention else None
    good = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in graded.graded_notebook(CONTROL, file.notebook).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for grade_id, cell in graded.cells(file.name, file.notebook).items():
        if not grade_id.startswith("test_"):
            if not cell.waits:
                found.append(f"{grade_id}: does not wait for a person, score {cell.score}")
            continue
        expected = file.keeps.get(grade_id, cell.most)
        if not (cell.score == expected and not cell.waits) and not (file.attention and cell.waits):
            found.append(f"{grade_id}: {expected:g} was declared, but it has {cell.score}")
    for cell in notebook.cells if notebook else ():
        about = cell.metadata.get("nbgrader", {})
        essay = about.get("grade") and about.get("solution")
        if essay and good[about.grade_id].strip() not in cell.source:
            found.append(f"{about.grade_id}: the essay is not in its cell")
    return found + (forged(file, graded) if file.hostile else [])


def forged(file: HandedIn, graded: Graded) -> list[str]:
    """What somebody brought into the graded folder that should not be there."""
    found = []
    folder = graded.course / "autograded" / file.name / "hw2"
    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        shown = [cell.get("outputs") for cell in notebook.cells] + [cell.metadata for cell in notebook.cells]
        if "FORGED" in json.dumps([shown, notebook.metadata]):
            found.append(f"something forged is in {path.name}")
    own = graded.before.values()
    given = {f"{name}.ipynb" for name in NOTEBOOKS}
    for name, data in contents(folder).items():
        if Path(name).name not in given and data not in own:
            found.append(f"{name} is from outside the submission")
    return found


# -- the tests --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """A few quick ones, graded."""
    course = make_hw2_course(tmp_path_factory.mktemp("few") / "course", NOTEBOOKS, SETTINGS)
    hand_in_all(course, [FILES[name] for name in FEW])
    return grade(course)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """The whole zoo, graded."""
    course = make_hw2_course(tmp_path_factory.mktemp("zoo") / "course", NOTEBOOKS, SETTINGS)
    hand_in_all(course, list(FILES.values()))
    yield grade(course)
    for folder in (course / "submitted").glob("*/hw2"):
        folder.chmod(0o755)  # or it cannot be deleted


@pytest.mark.long
@pytest.mark.parametrize("name", FEW)
def test_a_few_broken_files_get_what_they_should(name: str, few: Graded) -> None:
    """The quick ones, in every run of the tests."""
    assert faults(FILES[name], few) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_gets_what_it_should(name: str, zoo: Graded) -> None:
    """Repaired, or listed for a person; never a silent zero, and nothing for a forger."""
    assert faults(FILES[name], zoo) == []


@pytest.mark.slow
def test_nobody_loses_by_the_broken_files_of_others(zoo: Graded) -> None:
    """The control student has full marks, and every file that was handed in is as it was."""
    for name in NOTEBOOKS:
        for cell in zoo.cells(CONTROL, name).values():
            assert cell.waits or cell.score == cell.most
    assert contents(zoo.course / "submitted") == zoo.before
    assert not Path("/tmp/FORGED").exists()


@pytest.mark.slow
def test_what_was_put_right_is_noted_for_the_grader(zoo: Graded) -> None:
    """A repaired cell leaves a sentence in the result, and at the top of the graded notebook."""
    with Store(zoo.course / ".mashq" / "hw2.sqlite") as store:
        notes = {
            student: graded.notes for student, notebook, graded in store.results() if notebook == "q5_xnor"
        }
    for name in ("colab_strips_metadata", "answer_turned_into_text", "tabs_among_spaces", "imports_deleted"):
        assert notes[name], name
        assert notes[name][0] in zoo.graded_notebook(name, "q5_xnor").cells[0].source
    assert notes[CONTROL] == ()


@pytest.mark.slow
def test_nbgrader_autograde_agrees(zoo: Graded, tmp_path: Path) -> None:
    """Scores, and who must look, are the same by `nbgrader autograde`, for files under their own names."""
    course = make_hw2_course(tmp_path / "course", NOTEBOOKS, SETTINGS)
    for name in BY_BOTH:
        shutil.copytree(zoo.course / "submitted" / name, course / "submitted" / name)
    nbgrader(course, "autograde", "hw2")
    other = Graded(course, "")
    for name in BY_BOTH:
        notebook = FILES[name].notebook
        assert other.cells(name, notebook) == zoo.cells(name, notebook), name


def test_the_zoo_is_large_enough() -> None:
    """At least 46 broken files, and 12 of somebody hostile besides."""
    hostile = [file for file in FILES.values() if file.hostile]
    assert len(FILES) - len(hostile) >= 46
    assert len(hostile) >= 12
    assert set(FEW) | set(BY_BOTH) <= FILES.keys()


def test_a_file_without_a_docstring_is_refused() -> None:
    """Nobody would know what happened to it."""
    with pytest.raises(ValueError, match="needs a docstring"):
        handed_in("q5_xnor")(lambda _: None)
    with pytest.raises(ValueError, match='"all" or a dict'):
        handed_in("q5_xnor", keeps="some")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """They would be one student."""
    text = "from mashq.zoo.files import handed_in\n@handed_in('q5_xnor')\ndef same(path):\n    '''Once.'''\n"
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match="two broken files with the name same"):
        load_files(tmp_path)


def test_an_edited_file_is_written_as_jupyter_does(tmp_path: Path) -> None:
    """So that a change is the only difference."""
    path = tmp_path / "areas.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 'س'")]), path)
    before = path.read_text(encoding="utf-8")
    with edited(path):
        pass
    assert path.read_text(encoding="utf-8") == before
