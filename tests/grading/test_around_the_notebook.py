"""What nbgrader has around a notebook is there with mashq, too: other notebooks, packages, own steps."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from traitlets.config import Config

from mashq.course.folder import CourseFolder
from mashq.errors import CheckError, CourseError
from mashq.grading.intake.own_steps import own_steps, run_own_steps
from mashq.grading.intake.python_path import package_folders
from tests.grading.test_plain_course import hand_in, scores, solution
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import mashq, nbgrader

pytestmark = pytest.mark.long

STEP = """
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer

class Bonus(NbGraderPreprocessor):
    amount = Integer(1).tag(config=True)

    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_bonus":
                student = resources["nbgrader"]["student"]
                if student == "stumbles":
                    raise RuntimeError("no such row")
                cell.source = f"bonus = {self.amount}; who = {student!r}\\n" + cell.source
        return nb, resources
"""
NAMES = ["ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata"]
STEPS = [f"nbgrader.preprocessors.{name}" for name in NAMES]
SETTINGS = f"""
c = get_config()
c.Autograde.sanitize_preprocessors = {[*STEPS[:4], "coursesteps.Bonus", STEPS[4]]}
c.Bonus.amount = 7
c.ExecutePreprocessor.timeout = 4
"""
NOTEBOOKS = {
    "1 write": [
        code_cell(solution('open("out.txt", "w").write("7")\nopen("tool.py", "w").write("x = 9")'), "write"),
        code_cell('assert open("out.txt").read() == "7"', "test_write", 1),
        code_cell("%%writefile module.py\nvalue = 5"),
        code_cell('import numpy as np\nnp.savez("weights", w=np.arange(3))'),
    ],
    "2 read": [
        code_cell(solution("v = int(open('out.txt').read())"), "read"),
        code_cell("assert v == 7", "test_read", 2),
        code_cell("import numpy as np\nfrom module import value\nw = np.load('weights.npz')['w']"),
        code_cell("assert value == 5 and list(w) == [0, 1, 2]", "test_module", 1),
    ],
    "3 packages": [
        code_cell("import coursehelp"),
        code_cell(solution("a = coursehelp.answer"), "answer"),
        code_cell("assert a == 42", "test_answer", 1),
        code_cell("assert bonus == 7 and who == 'right'", "test_bonus", 1),
        code_cell("import time\ntime.sleep(9)", "test_time", 1),
        code_cell(
            "import os\nassert os.path.basename(os.getcwd()) == 'ps1'\n"
            "assert {'3 packages.ipynb', '.dotted', 'data.csv'} <= {*os.listdir('.')}\n"
            "assert 'coursehelp' in open('3 packages.ipynb').read()",
            "test_folder",
            1,
        ),
    ],
}
RIGHT = {
    "write": 'with open("out.txt", "w") as file:\n    file.write("7")',
    "read": "with open('out.txt') as file:\n    v = int(file.read())",
    "answer": "a = coursehelp.answer",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A released course, with what its notebooks need on the path of Python."""
    root = tmp_path_factory.mktemp("around") / "course"
    library = root.parent / "library"
    (library / "coursehelp").mkdir(parents=True)
    (library / "coursehelp" / "__init__.py").write_text("answer = 42\n")
    (library / "coursesteps.py").write_text(STEP)
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(SETTINGS)
    for name, cells in NOTEBOOKS.items():
        nbformat.write(notebook_of(*cells), root / "source" / "ps1" / f"{name}.ipynb")
    for name in (".dotted", "data.csv"):
        (root / "source" / "ps1" / name).write_text("1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join((str(library), os.environ.get("PYTHONPATH", ""))))
        nbgrader(root, "generate_assignment", "ps1")
        hand_in(root, "right", RIGHT)
        yield root


def of(student: str, course: Path) -> dict[str, Any]:
    return {cell: points for (who, cell), points in scores(course).items() if who == student}


def test_it_is_all_there_when_a_class_is_graded(course: Path) -> None:
    """The points are nbgrader's: files of an earlier notebook, a package, a step, four seconds for a cell."""
    mashq("grade", "ps1", cwd=course)
    expected = {"test_write": 1, "test_read": 2, "test_module": 1, "test_answer": 1, "test_bonus": 1}
    expected["test_folder"] = 1
    assert of("right", course) == expected | {"test_time": 0}


def test_a_release_that_is_gone_is_made_again(course: Path) -> None:
    """The sources have it all; a course that was never released has nothing to grade."""
    (course / "release").rename(course / "gone")
    told = json.loads(mashq("grade", "ps1", "--json", "-", cwd=course)[0])
    assert (told["unchanged"], told["graded"]) == (3, 0), "the same release, so the same grades"
    assert not (course / "release").exists()
    (course / "gone").rename(course / "release")


def test_a_step_of_the_course_that_fails_is_the_courses_mistake(course: Path) -> None:
    """For the student concerned: no points before it is put right, no further tries, and the reason."""
    shutil.copytree(course / "submitted" / "right", course / "submitted" / "stumbles")
    out, err = mashq("grade", "ps1", "--student", "stumbles", cwd=course, code=3)
    shutil.rmtree(course / "submitted" / "stumbles")
    said = " ".join((out + err).split())
    assert "the step coursesteps.Bonus of nbgrader_config.py failed: RuntimeError: no such row" in said
    assert "tried again" not in said
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        waits = gradebook.find_submission_notebook("3 packages", "ps1", "stumbles")
        assert (waits.score, waits.needs_manual_grade) == (0, True)


def test_a_kernel_that_is_not_here_is_refused(course: Path) -> None:
    """In one sentence at the start; nothing of it is run as Python."""
    path = course / "release" / "ps1" / "2 read.ipynb"
    text = path.read_text()
    path.chmod(0o644)
    path.write_text(
        text.replace('"language": "python"', '"language": "R"').replace('"python3"', '"r-of-2031"')
    )
    out, err = mashq("grade", "ps1", cwd=course, code=1)
    path.write_text(text)
    said = " ".join((out + err).split())
    assert "2 read.ipynb cannot be run: " in said
    assert "r-of-2031" in said


def test_a_package_that_is_missing_is_listed(course: Path) -> None:
    """A right answer loses points by it, so that a person looks; students read why."""
    library = str(course.parent / "library")
    out, err = mashq("grade", "ps1", "--force", cwd=course, code=1, PYTHONPATH="")
    assert "cannot be imported: No module named 'coursesteps'" in " ".join((out + err).split())
    settings = course / "nbgrader_config.py"
    settings.write_text("c = get_config()\n")
    out, err = mashq("grade", "ps1", "--force", cwd=course, code=3, PYTHONPATH="")
    said = " ".join((out + err).split())
    assert 'begins with "import coursehelp" stopped in line 1' in said
    assert "with ModuleNotFoundError: No module named 'coursehelp'" in said
    assert library not in out + err


def own_config(**autograde: Any) -> Config:
    return Config({"Autograde": autograde})


def test_steps_before_the_run_are_the_courses_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """nbgrader's stand behind the command; one of the course's behind the run would decide grades."""
    (tmp_path / "own_steps_here.py").write_text(
        STEP + "\nfrom nbgrader.preprocessors import Execute\n\nclass Slow(Execute): ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    first, execute = "own_steps_here.Bonus", "nbgrader.preprocessors.Execute"
    assert own_steps(Config(), "ps1") == ()
    config = own_config(sanitize_preprocessors=[*STEPS, first], autograde_preprocessors=[first, execute])
    assert own_steps(config, "ps1") == (first, first)
    for steps in ([execute, first], ["own_steps_here.Slow"]):
        with pytest.raises(CourseError, match=r"own_steps_here\.\w+ into .*`nbgrader autograde ps1`"):
            own_steps(own_config(autograde_preprocessors=steps), "ps1")
    about = {"student": "anna", "assignment": "ps1", "notebook": "areas"}
    made = run_own_steps(notebook_of(code_cell("", "test_bonus", 1)), [first], about, {})
    assert made.cells[0].source.startswith("bonus = 1; who = 'anna'")
    with pytest.raises(CheckError, match=r"the step own_steps_here\.Missing of .* failed: AttributeError"):
        run_own_steps(made, ["own_steps_here.Missing"], about, {})


def test_folders_with_what_is_secret_are_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Packages of the course are; sources, checks and other submissions are not, by any way."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    for name in ("lib", "source/ps1/lib", "tests/ps1", "submitted/anna"):
        (tmp_path / name).mkdir(parents=True)
    module = tmp_path / "lib" / "helper.py"
    module.write_text("x = 1\n")
    places = ["lib", ".", "source/ps1", "source/ps1/lib", "tests", "submitted", "missing"]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", *(str(tmp_path / name) for name in places)]))
    found: Mapping[str, str] = package_folders(CourseFolder(tmp_path), "ps1")
    assert [*found] == [str(tmp_path / "lib")]
    module.write_text("x = 2\n")
    assert package_folders(CourseFolder(tmp_path), "ps1") != found, "another module, other grades"
