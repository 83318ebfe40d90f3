"""An assignment goes round on a real JupyterHub: two students, a teacher, and somebody who helps to grade."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.scores import read_scores
from mashq.zoo.answers import fill_in
from tests.support.browser import PATIENCE_MS
from tests.support.commands import mashq_output
from tests.support.hub import (
    BEN,
    COURSE,
    EVE,
    MIA,
    PASSWORD,
    STUDENTS,
    TEACHER,
    RunningHub,
    home,
    running_hub,
    status_of,
    wait_until_up,
)
from tests.support.hw2 import make_hw2_course
from tests.support.lab import FORMGRADER_READY, windows
from tests.support.late_course import more_notebook
from tests.support.processes import children, wait_for
from tests.support.tiny_course import ANSWER, HALF, TINY_CHECKS, tiny_notebook

pytestmark = pytest.mark.slow

WORKING, SLOW_S = "mia-is-working", 15  # what the process of her answer calls itself, and how long it takes
SLOWLY = f"""{HALF}
import ctypes, time
ctypes.CDLL(None).prctl(15, b"{WORKING}", 0, 0, 0)
time.sleep({SLOW_S})"""
ANSWERS = {
    EVE: {"area": ANSWER, "why": "Because sides multiply.", "side": "side = 3"},
    MIA: {"area": SLOWLY, "why": "They do."},  # `side` is left as it was released
}
COMMENT = "Say what multiplies, too."
# What an account can do to a folder and to processes, told as JSON.
LOOK = """
import json, os, sys
place, processes = json.loads(sys.argv[1])
found = {"read": [], "written": [], "signalled": [], "looked into": []}
for folder, folders, files in os.walk(place):
    for path in (os.path.join(folder, name) for name in folders + files):
        if os.path.isfile(path) and os.access(path, os.R_OK):
            found["read"].append(os.path.relpath(path, place))
        if os.access(path, os.W_OK):
            found["written"].append(os.path.relpath(path, place))
for process in processes:
    try:
        os.kill(process, 0)
        found["signalled"].append(process)
    except (PermissionError, ProcessLookupError):
        pass
    try:
        open(f"/proc/{process}/environ").close()
        found["looked into"].append(process)
    except OSError:
        pass
print(json.dumps(found))
"""
NewWindow = Callable[[], BrowserContext]


@dataclass(frozen=True)
class Student:
    """A student's JupyterLab with the Assignment List in front, and what it said of the notebook `more`."""

    tab: Page
    said: list[str]

    def list(self, which: str) -> Locator:
        """One of the lists: released, fetched, submitted."""
        return self.tab.locator(f"#{which}_assignments_list")


@dataclass(frozen=True)
class Watched:
    """What the teacher's `mashq grade --watch` said, and how much of it others reached meanwhile."""

    said: str
    processes: list[int]
    open: list[str]  # where its processes listened
    by_eve: dict[str, list[Any]]


# -- what happens, in its order ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """The Hub, with `ps1`, two notebooks that the teacher has released to the exchange."""
    written = tmp_path_factory.mktemp("ps1")
    for part in ("source", "tests"):
        (written / part / "ps1").mkdir(parents=True)
    for name, notebook in (("areas", tiny_notebook()), ("more", more_notebook())):
        nbformat.write(notebook, written / "source" / "ps1" / f"{name}.ipynb")
    (written / "tests" / "ps1" / "test_areas.py").write_text(TINY_CHECKS)
    with running_hub() as hub:
        hub.write_into_course(written)
        hub.mashq(TEACHER, "release", "ps1")
        hub.nbgrader(TEACHER, "release_assignment", "ps1")
        wait_until_up(hub)
        yield hub


@pytest.fixture(scope="module")
def new_window(hub: RunningHub) -> Iterator[NewWindow]:
    """Makes windows, each of another person; an error in a page's own code fails the test at the end."""
    faults: list[str] = []
    expect.set_options(timeout=PATIENCE_MS)
    with windows(hub.address) as new_window:

        def watched_window() -> BrowserContext:
            window = new_window()
            window.on("weberror", lambda error: faults.append(str(error.error)))
            return window

        yield watched_window
    assert not faults


def log_in(window: BrowserContext, page: str, who: str) -> Page:
    """A tab on which somebody asked for a page, and said who it is."""
    tab = window.new_page()
    tab.goto(page)
    tab.get_by_label("Username").fill(who)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click(no_wait_after=True)
    return tab


@pytest.fixture(scope="module")
def handed_in(hub: RunningHub, new_window: NewWindow) -> dict[str, Student]:
    """In the Assignment List, each student has fetched `ps1`, validated `more` and submitted it."""
    students = {who: Student(log_in(new_window(), f"{hub.address}hub/login", who), []) for who in STUDENTS}
    for who, student in students.items():
        student.tab.get_by_role("menuitem", name="Nbgrader").click()
        student.tab.get_by_role("menuitem", name="Assignment List").click()
        student.list("released").get_by_role("button", name="Fetch", exact=True).click()
        fetched = student.list("fetched")
        fetched.get_by_role("button", name="ps1").click()
        for name in ("areas", "more"):
            write_answers(home(who) / "ps1" / f"{name}.ipynb", ANSWERS[who])
        notebook = fetched.locator(".nested_list_item").filter(has_text="more")
        notebook.get_by_role("button", name="Validate").click()
        student.said.append(student.tab.get_by_role("dialog").inner_text())
        student.tab.get_by_role("dialog").get_by_role("button", name="Ok").click()
        fetched.get_by_role("button", name="Submit").click()
        expect(student.list("submitted")).to_contain_text("ps1")
    return students


def write_answers(path: Path, answers: dict[str, str]) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def graded(hub: RunningHub, handed_in: dict[str, Student]) -> Watched:
    """The teacher's `mashq grade --watch` has collected and graded; eve looked around while it did."""
    watch = hub.start(TEACHER, "python", "-m", "mashq.cli", "grade", "ps1", "--watch")
    files = [
        hub.course / "autograded" / who / "ps1" / f"{n}.ipynb" for who in STUDENTS for n in ("areas", "more")
    ]
    try:
        wait_for(lambda: works(watch), "mia's notebook to run")
        grading = [watch.pid, *(child.pid for child in children(watch.pid, recursive=True))]
        is_open = [place for pid in grading for place in listening_at(pid)]
        by_eve = json.loads(
            hub.run(EVE, "python", "-c", LOOK, json.dumps([str(hub.folder), grading]), cwd=Path("/"))
        )
        assert works(watch), "mia's notebook ended before eve had looked"
        wait_for(lambda: all(file.exists() for file in files), "the graded notebooks")
    finally:
        watch.send_signal(signal.SIGTERM)
        said, _ = watch.communicate(timeout=60)
    assert watch.returncode == 143, said
    return Watched(said, grading, is_open, by_eve)


def works(watch: subprocess.Popen[str]) -> bool:
    """Whether mia's answer is running now."""
    for process in children(watch.pid, recursive=True):
        with suppress(psutil.Error):
            if process.name() == WORKING:
                return True
    return False


def listening_at(pid: int) -> list[str]:
    """The ports and the nameless sockets of a process, to which every account can connect."""
    try:
        found = psutil.Process(pid).net_connections("all")
    except psutil.NoSuchProcess:
        return []
    ports = [f"{c.laddr} of {pid}" for c in found if c.status == psutil.CONN_LISTEN]
    return ports + [f"{c.laddr} of {pid}" for c in found if str(c.laddr).startswith(("@", "\0"))]


def points(course: Path, assignment: str) -> dict[str, dict[str, float]]:
    """{student: {question: points}}, from the gradebook."""
    found = read_scores(CourseFolder(course), assignment).students
    return {who: {name: of.score for name, of in questions.items()} for who, questions in found.items()}


# -- what each of them notices ----------------------------------------------------------------------------


def test_students_fetch_validate_and_hand_in_from_the_assignment_list(
    hub: RunningHub, handed_in: dict[str, Student]
) -> None:
    """It says what is right and what is not; nobody has told it which course there is."""
    eve, mia = handed_in[EVE], handed_in[MIA]
    assert "passes all the tests" in eve.said[0]
    assert "NameError: name 'side' is not defined" in mia.said[0]
    expect(eve.list("fetched")).to_contain_text(COURSE)
    expect(eve.list("submitted").get_by_role("button", name="Fetch Feedback")).to_be_visible()
    assert sorted(path.name for path in (home(EVE) / "ps1").iterdir()) == ["areas.ipynb", "more.ipynb"]


def test_watch_collects_and_grades_what_comes_in(hub: RunningHub, graded: Watched) -> None:
    """From the exchange that the settings for all accounts name; the other grader sees the points."""
    assert f"Collecting submission: {EVE} ps1" in graded.said
    assert points(hub.course, "ps1") == {EVE: {"areas": 2, "more": 1}, MIA: {"areas": 1, "more": 0}}


def test_a_student_reaches_neither_the_course_nor_who_grades_it(hub: RunningHub, graded: Watched) -> None:
    """Of the Hub's folder an account reads what all may know, and writes only where work is handed in."""
    public = re.compile(rf"jupyter/nbgrader_config\.py|exchange/{COURSE}/outbound/ps1/(areas|more)\.ipynb")
    assert [path for path in graded.by_eve["read"] if not public.fullmatch(path)] == []
    assert f"exchange/{COURSE}/outbound/ps1/areas.ipynb" in graded.by_eve["read"]  # she did look
    assert graded.by_eve["written"] == ["exchange", f"exchange/{COURSE}/inbound"]
    assert graded.by_eve["signalled"] == []
    assert graded.by_eve["looked into"] == []
    assert len(graded.processes) > 2
    assert graded.open == []
    for closed in (home(MIA), hub.course, hub.folder / "hub", hub.folder / "exchange" / COURSE / "inbound"):
        assert "Permission denied" in hub.run(EVE, "sh", "-c", f"ls {closed} || true", cwd=Path("/"))


def test_formgrader_of_the_hub_is_for_graders(hub: RunningHub, new_window: NewWindow) -> None:
    """A student who asks for it is refused, past the proxy, too; and nobody turns the proxy elsewhere."""
    tab = log_in(new_window(), f"{hub.address}services/{COURSE}/", EVE)
    expect(tab.locator("body")).to_contain_text(
        f"do not have permission to access JupyterHub service {COURSE}"
    )
    for path in ("formgrader/gradebook", "formgrader/api/submissions/ps1", "api/contents"):
        assert status_of(hub.formgrader, f"/services/{COURSE}/{path}") in (302, 403)
    assert status_of(hub.proxy, "/api/routes") == 403


def test_a_second_grader_gives_points_in_formgrader_and_the_student_reads_them(
    hub: RunningHub, graded: Watched, handed_in: dict[str, Student], new_window: NewWindow
) -> None:
    """Formgrader runs as the course's own account, on what the teacher has graded; the feedback goes back."""
    tab = log_in(new_window(), f"{hub.address}services/{COURSE}/", BEN)
    expect(tab.get_by_role("link", name="ps1", exact=True)).to_be_visible()
    tab.goto(f"{hub.address}services/{COURSE}/formgrader/gradebook/ps1/areas")
    tab.get_by_text("Show All Names").click()
    tab.locator("tbody tr").filter(has_text=EVE).locator("a:visible").click()
    tab.wait_for_function(FORMGRADER_READY)
    essay = tab.locator(".nbgrader_cell").filter(has=tab.locator("[id='why']"))
    for box, text, what in ((".score", "2.5", "grade"), (".comment", COMMENT, "comment")):
        essay.locator(box).fill(text)
        with tab.expect_response(re.compile(f"/api/{what}/")) as answer:
            essay.locator(box).press("Tab")
        assert answer.value.ok

    hub.mashq(BEN, "feedback", "ps1")
    hub.nbgrader(BEN, "release_feedback", "ps1")
    eve = handed_in[EVE]
    eve.list("submitted").get_by_role("button", name="Fetch Feedback").click()
    expect(eve.list("submitted")).to_contain_text("view feedback")
    (page,) = (home(EVE) / "ps1" / "feedback").rglob("areas.html")
    read = eve.tab.context.new_page()
    read.goto(f"{hub.address}user/{EVE}/files/{page.relative_to(home(EVE))}")
    expect(read.locator("body")).to_contain_text("4.5 of 5 points")
    expect(read.locator("body")).to_contain_text(COMMENT)


def test_two_graders_grade_one_course_in_turn_and_at_once(hub: RunningHub, graded: Watched) -> None:
    """Neither shuts the other out, nor runs anew what the other has run; points of a person stay."""
    before = points(hub.course, "ps1")
    assert "graded 0 notebooks" in hub.mashq(BEN, "grade", "ps1")
    words = ["python", "-m", "mashq.cli", "grade", "ps1", "--force", "--student", EVE]
    both = [hub.start(who, *words) for who in (TEACHER, BEN)]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert points(hub.course, "ps1") == before


def test_the_grades_are_those_of_the_command_line(hub: RunningHub, tmp_path: Path) -> None:
    """`q1_paper` of hw2, graded on the Hub and in a course folder of one account."""
    alone = make_hw2_course(tmp_path / "alone", ["q1_paper"])
    released, source = (
        nbformat.read(alone / part / "hw2" / "q1_paper.ipynb", as_version=4) for part in ("release", "source")
    )
    for who, answers in ((EVE, {}), (MIA, {"q1_numbers": "answers = {}"})):
        folder = alone / "submitted" / who / "hw2"
        folder.mkdir(parents=True)
        notebook = fill_in(released, source, {"q1_identity": f'identity = "{who}"'} | answers)
        nbformat.write(notebook, folder / "q1_paper.ipynb")
    written = tmp_path / "hw2"
    for part in ("source", "tests", "submitted"):
        shutil.copytree(alone / part, written / part)
    hub.write_into_course(written)
    hub.nbgrader(TEACHER, "generate_assignment", "hw2")
    hub.mashq(BEN, "grade", "hw2")
    mashq_output("grade", "hw2", cwd=alone)
    assert points(hub.course, "hw2") == points(alone, "hw2") == {EVE: {"q1_paper": 5}, MIA: {"q1_paper": 0}}
