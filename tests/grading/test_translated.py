"""An assignment released in Persian, graded from beginning to end."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.course.results import problems_in
from mashq.grading.engine.tasks import Tasks
from mashq.grading.intake.receive import Received, receive
from mashq.grading.intake.repair import Repair, repair
from mashq.grading.notebook.schemes import GRADERS_ONLY
from mashq.grading.workers.task import content_key
from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession
from mashq.judge.student import Student
from mashq.language import language_of, speaking, text_direction, words_of
from mashq.problems import Kind
from mashq.sandbox import Quota, kernels
from tests.support.cells import code_cell, notebook_of, task_cell
from tests.support.commands import mashq, nbgrader
from tests.support.tiny_course import make_tiny_course, tiny_release, tiny_submission

pytestmark = pytest.mark.long

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

#: source/ps1/areas.ipynb
msgid "3 points for the word product."
msgstr "۳ نمره برای واژهٔ «ضرب»."

#: source/ps1/areas.ipynb
msgid "Hand in q1.pdf."
msgstr "فایل q1.pdf را تحویل دهید."

#: source/ps1/areas.ipynb
msgid "**One point for each step.**"
msgstr "**هر گام یک نمره.**"
"""
SCHEME = "\n\n### BEGIN MARK SCHEME\n**One point for each step.**\n\n### END MARK SCHEME"
ENGLISH_WORDS = ("Mark scheme", "Handed in", "graders only", "points for", "One point", "photograph")


@pytest.fixture(scope="module")
def persian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course in Persian, with a task for a scan; three submissions that `mashq grade` has graded.

    ada's is wrong, bob's file is damaged, and eve's is cut off.
    """
    course = make_tiny_course(tmp_path_factory.mktemp("persian") / "course")
    source = nbformat.read(course / "source" / "ps1" / "areas.ipynb", as_version=4)
    task = task_cell("Hand in q1.pdf." + SCHEME, "upload", 10)
    source.cells.append(task)
    nbformat.write(source, course / "source" / "ps1" / "areas.ipynb")
    (course / "tests" / "ps1" / "test_areas.py").write_text(CHECKS)
    catalogue = course / "locale" / "fa" / "LC_MESSAGES" / "ps1.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    nbgrader(course, "generate_assignment", "ps1", "--force", "--Translate.language=fa")
    hand_in(course, "ada", "def area(a, b):\n    return a + b")
    (course / "submitted" / "ada" / "ps1" / "q1.pdf").write_bytes(b"scan")
    path = hand_in(course, "bob", "def area(a, b):\n    return a + b")
    path.write_bytes(damaged(path.read_bytes()))
    path = hand_in(course, "eve", "def area(a, b):\n    return a + b")
    path.write_bytes(path.read_bytes()[:700])
    told, _ = mashq("grade", "ps1", "--workers", "1", cwd=course, code=3)
    assert "the file is cut off" in told  # the terminal is English
    return course


def damaged(data: bytes) -> bytes:
    """A notebook with something that is no cell, saved as UTF-16 and without the task."""
    tree = json.loads(data)
    tree["cells"] = ["no cell", *tree["cells"][:-1]]
    return json.dumps(tree).encode("utf-16")


def hand_in(course: Path, student: str, answer: str) -> Path:
    """The released notebook with an answer; a student's file says nothing of a language."""
    notebook = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    del notebook.metadata["mashq"]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "area":
            cell.source = answer
    path = course / "submitted" / student / "ps1" / "areas.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


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
    assert read_scores(CourseFolder(persian), "ps1").students["ada"]["areas"].score == 0


def for_graders(notebook: Any) -> list[str]:
    """The cells that only graders see."""
    return [cell.source for cell in notebook.cells if GRADERS_ONLY in cell.metadata.get("tags", [])]


def texts(notebook: Any) -> list[str]:
    """The Markdown cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def check_what_graders_see(course: Path) -> None:
    """The schemes and the words around them, in one frame each, and the scheme in the task's own frame."""
    scheme, scan = for_graders(graded(course))
    assert "راهنمای تصحیح" in scheme
    assert "۳ نمره برای واژهٔ «ضرب»." in scheme
    assert "[\u2066`q1.pdf`\u2069](./q1.pdf)" in scan
    assert "نه PDF هست و نه عکس" in for_graders(graded(course, "bob"))[1]
    (task,) = (c.source for c in graded(course).cells if c.metadata.get("nbgrader", {}).get("task"))
    assert "فایل q1.pdf را تحویل دهید." in task
    assert "هر گام یک نمره" in task.partition("### BEGIN MARK SCHEME")[2]
    for text in (scheme, scan, task, *for_graders(graded(course, "bob"))):
        assert text.startswith('<div dir="rtl">\n\n')
        assert text.endswith("\n\n</div>")
        assert text.count("div") == 2
        assert not [words for words in ENGLISH_WORDS if words in text]


def check_notes(course: Path) -> None:
    """What was put right in bob's file, and why eve's was not read."""
    notes = graded(course, "bob").cells[0].source
    assert "یادداشت‌هایی دربارهٔ فایل تحویل‌شده" in notes
    assert "کدگذاری فایل \u2068UTF-16\u2069" in notes
    assert "سلول نبود و کنار گذاشته شد" in notes
    assert "سلول \u2068upload\u2069 نبود و دوباره گذاشته شد" in notes
    notice = graded(course, "eve").cells[0].source
    assert "فایل ناقص است" in notice
    for text in (notes, notice):
        assert text.startswith('<div dir="rtl">\n\n<span style="display:block;text-align:right">**')
        assert text.endswith("\n\n</div>")
        assert not [words for words in ("the file", "cell", "cut off", "ask for") if words in text]


def test_graders_read_mark_schemes_in_persian(persian: Path) -> None:
    """As `mashq grade` writes them."""
    check_what_graders_see(persian)


def test_notes_on_a_damaged_file_are_in_persian(persian: Path) -> None:
    """As `mashq grade` writes them."""
    check_notes(persian)


def test_nbgrader_says_the_same(persian: Path) -> None:
    """`nbgrader autograde` writes the same cells as `mashq grade`: results, schemes and notes."""
    students = ("ada", "bob", "eve")
    ours = [(texts(graded(persian, name)), result_of(graded(persian, name))) for name in students]
    nbgrader(persian, "autograde", "ps1", "--force")
    check_what_graders_see(persian)
    check_notes(persian)
    theirs = [(texts(graded(persian, name)), result_of(graded(persian, name))) for name in students]
    assert theirs == ours


def test_the_feedback_is_in_persian(persian: Path) -> None:
    """The page runs from right to left, and the failed check's sentence stands above the notebook.

    So does the reason for which a file was not graded. What is for graders is not there.
    """
    nbgrader(persian, "generate_feedback", "ps1", "--force")
    cut_off = (persian / "feedback" / "eve" / "ps1" / "areas.html").read_text(encoding="utf-8")
    assert cut_off.index("فایل ناقص است") < cut_off.index('class="notebook"')
    assert "cut off" not in cut_off
    page = (persian / "feedback" / "ada" / "ps1" / "areas.html").read_text(encoding="utf-8")
    assert '<html dir="rtl" lang="fa">' in page
    assert page.index("ضلع را در هم ضرب کنید") < page.index('class="notebook"')
    assert "مساحت‌ها" in page
    assert "راهنمای تصحیح" not in page
    assert "هر گام یک نمره" not in page


def test_a_check_file_travels_with_its_own_words_alone() -> None:
    """Another text's translation changes nothing, so nothing is graded again for it."""
    words = words_of(CATALOGUE.encode(), "test_areas.py")
    assert "ضلع را" in words.decode()
    assert "مساحت‌ها" not in words.decode()
    assert words_of(CATALOGUE.replace("مساحت‌ها", "سطح‌ها").encode(), "test_areas.py") == words
    assert words_of(CATALOGUE.encode(), "test_volumes.py") == words_of(b"", "test_areas.py") == b""
    bare = CATALOGUE.replace("#: ", "# ")  # as saved by an editor that drops where a text stands
    assert "ضلع را" in words_of(bare.encode(), "test_areas.py").decode()


# -- without a course that is graded: what a file, a name or a kernel is said to have done ------------------


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A submission whose JSON was changed."""
    tree = json.loads(nbformat.writes(tiny_submission()))
    change(tree)
    return json.dumps(tree).encode()


def with_code(source: str) -> bytes:
    """A submission with this answer."""
    return changed(lambda tree: tree["cells"][1].update(source=source))


def typed(kind: str) -> bytes:
    """A submission whose first cell is of another type."""
    return changed(lambda tree: tree["cells"][0].update(cell_type=kind))


PUT_RIGHT = {
    "a byte-order mark": changed(lambda tree: None).decode().encode("utf-16"),
    "UTF-16": changed(lambda tree: None).decode().encode("utf-16-le"),
    "no UTF-8": changed(lambda tree: None).replace(b"Because", b"Because \xfc"),
    "no cell": changed(lambda tree: tree["cells"].append(7)),
    "unknown type": typed("heading"),
    "no letters": with_code("def area(a, b):\n    return a * b\0"),
    "tabs": with_code("def area(a, b):\n    c = a * b\n\treturn c"),
    "quotes": with_code("def area(a, b):\n    “product”\n    return a * b"),
    "no kernel": changed(lambda tree: tree["metadata"].clear()),
}
REFUSED = {
    "empty": b"",
    "cut off": changed(lambda tree: None)[:300],
    "too deep": b'{"cells": ' + b"[" * 100_000,
    "too deep to the end": b'{"cells": ' + b"[" * 100_000 + b"}",
    "web page": b"<html>",
    "zip": b"PK not a notebook",
    "no list": b'{"cells": 1}',
    "no cells": b'{"cells": []}',
    "old": b'{"worksheets": [1], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}',
    "another": nbformat.writes(notebook_of(code_cell("pass", "q4_model"))).encode(),
}


def received(data: bytes, language: str = "") -> Received:
    """What becomes of a file for the tiny notebook, released in a language."""
    released = tiny_release()
    if language:
        released.metadata["mashq"] = {"language": language}
    return receive(Path("areas.ipynb"), data, released)


@pytest.mark.parametrize("damage", PUT_RIGHT)
def test_each_note_is_in_the_language_of_the_release(damage: str) -> None:
    """And in English for an English one, whose cell has no frame."""
    english, persian = received(PUT_RIGHT[damage]), received(PUT_RIGHT[damage], "fa")
    assert len(english.notes) == len(persian.notes) == 1
    (note,) = english.notes
    assert persian.notes == [note]
    with speaking("fa"):
        said = note.said()
    assert (text_direction(str(note)), text_direction(said)) == ("ltr", "rtl")
    heading = "**Notes on the file that was handed in**"
    assert english.notebook.cells[0].source == f"{heading}\n\n- {note}"
    assert f"\n\n- {said}\n\n</div>" in persian.notebook.cells[0].source


@pytest.mark.parametrize("damage", REFUSED)
def test_each_reason_is_in_the_language_of_the_release(damage: str) -> None:
    """In the notice and for the feedback; in English for staff, whatever the language of the release."""
    english, persian = received(REFUSED[damage]), received(REFUSED[damage], "fa")
    (problem,) = english.problems
    assert persian.problems == problems_in(persian.notebook) == problems_in(english.notebook) == [problem]
    assert problem.kind is Kind.FILE
    assert f"The file that was handed in {str(problem).removeprefix('the file ')}." in (
        english.notebook.cells[0].source
    )
    assert text_direction(str(problem)) == "ltr"
    with speaking("fa"):
        reason = problem.sentence.arguments["reason"].said()
        assert reason in problem.said()
    assert text_direction(reason) == "rtl"
    assert reason[:20] in persian.notebook.cells[0].source


def test_what_a_person_must_look_at_is_said_in_the_readers_language() -> None:
    """English on the terminal, whatever is spoken while the file is repaired."""
    notebook = tiny_submission()
    del notebook.cells[4]
    with speaking("fa"):
        done: Repair = repair(notebook, tiny_release())
        (problem,) = done.problems
        assert "آیا پاسخ در جای دیگری است؟" in problem.said()
        assert text_direction(done.notes[0].said()) == "rtl"
    assert str(problem) == "why: the answer cell why was missing; is the answer elsewhere?"
    assert problem.kind is Kind.PERSON


@pytest.mark.parametrize("first", ["", "blank"], ids=["missing", "unanswered"])
def test_a_file_under_another_name_is_told_of_in_persian(
    first: str, persian: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was taken, and several of which none was; also after the way to a worker."""
    course = Tasks(persian, "ps1")
    monkeypatch.setattr(course.submissions, "folder", lambda student: tmp_path)
    blank = course.assignment.release["areas"]
    if first:
        (tmp_path / "areas.ipynb").write_bytes(blank)
    answer = "def area(a, b):\n    # {one}\n    return a * b"
    for one in ("first", "second"):
        notebook = nbformat.reads(blank.decode(), as_version=4)
        notebook.cells[1].source = answer.replace("{one}", one)
        nbformat.write(notebook, tmp_path / f"{one}{{0}}.ipynb")
        (work,) = course._finder.find("sara", tmp_path, ["areas"])
        task = pickle.loads(pickle.dumps(course.task(work)))
        got = receive(
            work.path, task.data, nbformat.reads(task.release.decode(), as_version=4), task.notes, task.doubt
        )
        with speaking("fa"):
            said = got.notes[0].said() if one == "first" else got.problems[0].said()
        assert text_direction(said) == "rtl"
        assert "first{0}.ipynb" in got.notebook.cells[0].source
    assert str(got.problems[0]).startswith("the file is not certain: ")
    names = "and it may be 'first{0}.ipynb', 'second{0}.ipynb'; they differ in area"
    assert str(got.problems[0]).endswith(names)


def test_a_scheme_that_is_translated_anew_decides_the_key(persian: Path) -> None:
    """As one that changed in the source does; other words of the catalogue do not."""
    catalogue = persian / "locale" / "fa" / "LC_MESSAGES" / "ps1.po"

    def key() -> str:
        course = Tasks(persian, "ps1")
        return content_key(course.task(course.found("ada")[0]), {})

    before = key()
    try:
        catalogue.write_text(CATALOGUE.replace("مساحت‌ها", "سطح‌ها"), encoding="utf-8")
        assert key() == before
        catalogue.write_text(CATALOGUE.replace("«ضرب»", "«حاصل‌ضرب»"), encoding="utf-8")
        assert key() != before
    finally:
        catalogue.write_text(CATALOGUE, encoding="utf-8")


def test_what_a_kernel_cannot_hand_over_is_said_in_persian() -> None:
    """The kernel speaks no language; the judge puts its sentences into one."""
    code = "deep = []\nfor _ in range(60): deep = [deep]\nlong = 10**5000\nlarge = 'x' * (17 * 2**20)\n"
    notebook = notebook_of(code_cell(code))
    with speaking("fa"), NotebookSession(notebook, kernels=kernels("none")) as session:
        session.run_until("")
        for name, words in (("deep", "تودرتو"), ("long", "عدد صحیح"), ("large", "بزرگ")):
            with pytest.raises(AssertionError, match=words) as error:
                Student(session).get(name)
            assert "value" not in str(error.value)


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
def test_a_kernel_that_took_too_much_memory_is_told_of_in_persian() -> None:
    """The sandbox says it in English; the cell shows it in the language of the release."""
    # A request that is refused at once is no reason to end the kernel: go on until it is.
    code = (
        "import os\nkeep = []\nwhile True:\n    try:\n        keep.append(os.urandom(2**20) * 10)\n"
        "    except MemoryError:\n        pass"
    )
    notebook = notebook_of(code_cell(code))
    quota = Quota(memory_mb=300, disk_mb=32, processes=64, cpu_s=20)
    source = kernels("full", None, quota, 0)
    try:
        with speaking("fa"), NotebookSession(notebook, None, Limits(), source) as session:
            session.run_until("")
    finally:
        source.close()
    said = notebook.cells[0].outputs[-1].evalue
    assert "بیش از \u2068300\u2069 مگابایت حافظه" in said
    assert "used more" not in said
