"""An assignment released in Persian, graded from beginning to end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.grading.scores import read_scores
from mashq.language import language_of, words_of
from tests.conftest import make_tiny_course, mashq, nbgrader

CHECKS = '''
import pytest
from mashq.judge import expect
from mashq.language import gettext as _

@pytest.mark.grade("test_area", points=2)
def test_area_of_a_square(student):
    """The area of a square is its side squared."""
    assert student.call("area", 3, 3) == 9, _("area: multiply the {number} sides").format(number=2)
'''
CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

#: source/ps1/areas.ipynb
msgid "Areas"
msgstr "مساحت‌ها"

#: tests/ps1/test_areas.py
msgid "area: multiply the {number} sides"
msgstr "area: {number} ضلع را در هم ضرب کنید"

#: tests/ps1/test_areas.py
msgid "The area of a square is its side squared."
msgstr "مساحت مربع توان دوم ضلع آن است."
"""


@pytest.fixture(scope="module")
def persian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course in Persian, with a wrong submission that `mashq grade` has graded."""
    course = make_tiny_course(tmp_path_factory.mktemp("persian") / "course")
    (course / "tests" / "ps1" / "test_areas.py").write_text(CHECKS)
    catalogue = course / "locale" / "fa" / "LC_MESSAGES" / "ps1.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    nbgrader(course, "generate_assignment", "ps1", "--force", "--Translate.language=fa")
    hand_in(course, "ada", "def area(a, b):\n    return a + b")
    mashq("grade", "ps1", "--workers", "1", cwd=course)
    return course


def hand_in(course: Path, student: str, answer: str) -> None:
    """The released notebook with an answer; a student's file says nothing of a language."""
    notebook = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    del notebook.metadata["mashq"]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "area":
            cell.source = answer
    path = course / "submitted" / student / "ps1" / "areas.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def graded(course: Path, student: str = "ada") -> Any:
    return nbformat.read(course / "autograded" / student / "ps1" / "areas.ipynb", as_version=4)


def result_of(notebook: Any) -> str:
    """What stands below the test cell."""
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "test_area")
    return "".join(str(output.get("data", {}).get("text/html", "")) for output in cell.outputs)


def test_the_release_and_the_graded_notebook_are_in_persian(persian: Path) -> None:
    """Heading of the release, the check's title and sentence, and the judge's own words; points as ever."""
    release = nbformat.read(persian / "release" / "ps1" / "areas.ipynb", as_version=4)
    assert language_of(release) == language_of(graded(persian)) == "fa"
    assert "مساحت‌ها" in release.cells[0].source
    shown = result_of(graded(persian))
    assert 'dir="rtl"' in shown
    assert "area: 2 ضلع را در هم ضرب کنید" in shown
    assert "multiply the" not in shown
    assert read_scores(persian, "ps1").students["ada"]["areas"].score == 0


def test_nbgrader_says_the_same(persian: Path) -> None:
    """`nbgrader autograde` writes the same words as `mashq grade`."""
    ours = result_of(graded(persian))
    nbgrader(persian, "autograde", "ps1", "--force", "--student=ada")
    assert result_of(graded(persian)) == ours


def test_the_feedback_is_in_persian(persian: Path) -> None:
    """The page runs from right to left, and the failed check's sentence stands above the notebook."""
    nbgrader(persian, "generate_feedback", "ps1", "--force")
    page = (persian / "feedback" / "ada" / "ps1" / "areas.html").read_text(encoding="utf-8")
    assert '<html dir="rtl" lang="fa">' in page
    assert page.index("ضلع را در هم ضرب کنید") < page.index('class="notebook"')
    assert "مساحت‌ها" in page


def test_a_check_file_travels_with_its_own_words_alone() -> None:
    """Another text's translation changes nothing, so nothing is graded again for it."""
    words = words_of(CATALOGUE.encode(), "test_areas.py")
    assert "ضلع را" in words.decode()
    assert "مساحت‌ها" not in words.decode()
    assert words_of(CATALOGUE.replace("مساحت‌ها", "سطح‌ها").encode(), "test_areas.py") == words
    assert words_of(CATALOGUE.encode(), "test_volumes.py") == words_of(b"", "test_areas.py") == b""
    bare = CATALOGUE.replace("#: ", "# ")  # as saved by an editor that drops where a text stands
    assert "ضلع را" in words_of(bare.encode(), "test_areas.py").decode()
