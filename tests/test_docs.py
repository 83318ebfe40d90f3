"""The documentation: the site builds, links lead somewhere, figures agree, commands run in their order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors.index import slugify
from nbgrader.api import Gradebook
from nbgrader.apps.nbgraderapp import NbGraderApp
from nbgrader.utils import get_username
from traitlets.config import Config

from mashq import nbgrader_plugins
from mashq.cells import id_of
from mashq.cli.app import app
from tests.support.cells import code_cell, notebook_of
from tests.support.commands import ROOT, nbgrader
from tests.support.tiny_course import TINY_CHECKS, answered, tiny_notebook

ROOT_PAGES = [
    ROOT / name for name in ("README.md", "README.fa.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
]
PAGES = [*ROOT_PAGES, *sorted((ROOT / "docs").glob("*.md"))]
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
MARKDOWN = MarkdownIt("commonmark").enable("table")
# Commands that this page knows about; what else stands in an indented block may be no command at all.
CHECKED = ("mashq", "nbgrader", "make", "pytest", "python")
# Lines that are not run, by how they begin, and why. Every other line of a shell block is run.
NOT_RUN = {
    "make ": "its targets install gigabytes or run all tests; that each is there is tested",
    "git clone": "needs a host",
    ". .venv/bin/activate": "the test's own environment is used",
    ". mashq/.venv/bin/activate": "the test's own environment is used",
    "pip install": "downloads; tests/release/test_dist.py installs the built package",
    "python3 -m venv": "tests/release/test_bundle.py sets up the student's environment",
    ".venv/bin/": "tests/release/test_bundle.py sets up the student's environment",
    "jupyter lab": "a server that stays; tests/test_formgrader.py drives it in a browser",
    "mashq data fetch": "downloads; tests/datasets/test_download.py runs it against a server of its own",
    "mashq scores hw2 --json -": "pipes into jq; tests/cli/test_app.py runs `--json`",
    "mashq doctor --json -": "pipes into jq; tests/cli/test_app.py runs `--json`",
    "mashq --install-completion": "changes the settings of the reader's shell",
    "mashq --show-completion": "asks which shell it was started from; a test has none",
    "mashq audit": "minutes; tests/audit and tests/test_authoring.py run it on small assignments",
    "mashq grade hw2 --scheduler": "needs a cluster; tests/grading/workers/test_cluster.py starts one",
    "mashq collect hw2": "needs a platform's own file; tests/collect runs it on those of four",
    "mashq export hw2 --format moodle --roster": "needs Moodle's own file; tests/export runs it on one",
    "mashq export hw2 --format canvas": "needs Canvas's own file; tests/export runs it on one",
    "pytest tests/sandbox": "part of the suite itself",
    "pytest tests/grading": "part of the suite itself",
    "pytest tests/ps1": "the page's assignment ps1 is an excerpt; hw0, below it there, is run",
    "mashq release ps1": "the page's assignment ps1 is an excerpt; hw0, below it there, is run",
    "python make_notebook.py": "tests/test_authoring.py runs the whole page",
    "mashq release hw0": "tests/test_authoring.py runs the whole page",
    "python bench/": "measures for a long time; that each takes its options is tested",
    "*/10 * * * *": "a line for cron",
}

WRONG_ON_PURPOSE = ("mashq grade hw2 --wrkers 3",)  # what exit code 2 is for


@dataclass(frozen=True)
class Line:
    """A line of a shell block: where it stands and what is typed."""

    page: Path
    text: str


def tokens_of(page: Path) -> Iterator[Token]:
    for token in MARKDOWN.parse(page.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def lines_of(page: Path) -> list[Line]:
    """What a reader types: all lines of `sh` blocks, commands in indented blocks; without comments."""
    lines = []
    for token in tokens_of(page):
        shell = token.type == "fence" and token.info.strip() in ("sh", "bash")
        if not shell and token.type != "code_block":
            continue
        for text in token.content.replace("\\\n", " ").splitlines():
            typed = re.sub(r"(^|\s)#.*", "", text).strip()
            if typed and (shell or typed.split()[0] in CHECKED):
                lines.append(Line(page, typed))
    return lines


def commands_of(page: Path) -> Iterator[list[str]]:
    """Every command of ours on a page, in blocks and in running text, as words."""
    spans = [t.content.replace("\n", " ") for t in tokens_of(page) if t.type == "code_inline"]
    for text in [line.text for line in lines_of(page)] + spans:
        for part in re.split(r"&&|;|\|", text):
            words = part.split()
            while words and (words[0] in ("flock", "-n", "srun", ".grade.lock") or "=" in words[0]):
                words = words[1:]
            if words and Path(words[0]).name in CHECKED:
                yield [Path(words[0]).name, *words[1:]]


def page_id(page: Path) -> str:
    return page.stem


def reason_not_to_run(text: str) -> str | None:
    return next((start for start in NOT_RUN if text.startswith(start)), None)


# -- the site ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it; a warning (a dead link, a missing picture) is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        ["sphinx-build", "-W", "--keep-going", "-q", "-d", folder / "trees", ROOT / "docs", folder / "html"],
        env=os.environ | {"PATH": PATH},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_the_site_has_every_page_and_loads_nothing_from_elsewhere(site: Path) -> None:
    """Every page of docs/ is there and in the menu; scripts, styles and pictures are the site's own."""
    menu = (site / "index.html").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        html = (site / f"{page.stem}.html").read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img)[^>]+src="(?:https?:)?//[^"]*"', html), page
        assert not re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="(?:https?:)?//[^"]*"', html), page
        assert page.stem == "index" or f'href="{page.stem}.html"' in menu, page


def test_building_the_site_imports_no_framework(site: Path) -> None:
    """The settings import nothing of mashq, so the site needs Sphinx only."""
    text = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    assert not re.search(r"^\s*(?:import|from) (?:mashq|numpy|torch|tensorflow)", text, re.MULTILINE)


@pytest.mark.parametrize("page", ROOT_PAGES, ids=page_id)
def test_links_of_the_pages_at_the_root_lead_somewhere(page: Path) -> None:
    """Files, pictures and headings that README and the like name are there. The site's build tests docs/."""
    for token in tokens_of(page):
        target = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if not target or re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.exists(), f"{page.name} links to {target}"
        if anchor:
            tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
            titles = [b.content for a, b in pairwise(tokens) if a.type == "heading_open"]
            assert anchor in [slugify(title) for title in titles], f"{page.name} links to {target}"


# -- figures ----------------------------------------------------------------------------------------------


def table_row(page: str, first: str) -> list[str]:
    """The cells of the first table row of a page that begins with a text, without bold."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| {first}"))
    return [cell.strip(" *") for cell in row.strip("|").split("|")]


def readme(pattern: str) -> tuple[str, ...]:
    """The groups of a pattern in the README, where a space matches a line's end, too."""
    found = re.search(pattern.replace(" ", r"\s+"), (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found, f"the README no longer says {pattern}"
    return found.groups()


def test_the_speeds_in_the_readme_are_those_that_were_measured() -> None:
    """Times and growth agree with the tables of docs/performance.md."""
    light, everything = table_row("performance.md", "light: "), table_row("performance.md", "all six")
    assert readme(r"`q5_xnor` ([\d.]+) times") == (light[-1],)
    assert readme(r"takes most of the time, ([\d.]+) times") == (everything[-1],)
    assert readme(r"seconds a submission \| ([\d.]+) \| ([\d.]+)") == (light[3], light[1])
    first, whole = (float(table_row("performance.md", f"1 to {n}")[1]) for n in ("50 ", "1000 "))
    assert readme(r"in one run cost (\d+) % more") == (f"{100 * (whole / first - 1):.0f}",)


def test_the_audit_in_the_readme_is_the_last_one() -> None:
    """Caught, passed and failed attacks agree with docs/trust.md."""
    said = readme(r"(\d+ of \d+) wrong answers caught, (\d+ of \d+) right ones passed, (\d+ of \d+) attacks")
    rows = ("wrong answers caught", "right answers in other words", "attacks that gained nothing")
    assert said == tuple(table_row("trust.md", row)[1] for row in rows)


def test_the_page_of_settings_names_all_that_a_course_may_name() -> None:
    """Each public class, and each setting that `configure` makes."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    config = Config()
    nbgrader_plugins.configure(config)
    names = {f"c.{group}.{name}" for group, settings in config.items() for name in settings}
    missing = [name for name in {*names, *nbgrader_plugins.__all__} if f"`{name}`" not in page]
    assert not missing


# -- commands ---------------------------------------------------------------------------------------------


def test_the_persian_readme_says_the_same() -> None:
    """Its links, figures and commands are those of the English one."""
    english, persian = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.fa.md"))
    other = {"README.md", "README.fa.md"}
    assert links_of(persian) - other == links_of(english) - other
    assert figures_of(persian) == figures_of(english)
    typed = [[line.text for line in lines_of(ROOT / name)] for name in ("README.md", "README.fa.md")]
    assert typed[0] == typed[1]


def links_of(text: str) -> set[str]:
    return set(re.findall(r"\]\(([^)\s]+)\)", text))


def figures_of(text: str) -> Counter[str]:
    """The numbers outside of comments behind commands, in Latin digits with a decimal point."""
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and c.isdecimal() else c for c in text)
    text = re.sub(r"(?m)\s# .*$", "", text).replace("٫", ".")
    text = re.sub(r"(?<=\d)[,٬](?=\d{3})", "", text)  # thousands
    return Counter(re.findall(r"\d+(?:\.\d+)*", text))


def test_every_command_and_option_in_the_documents_exists() -> None:
    """Names and options of `mashq`, `nbgrader`, `make` and `bench/`, in blocks and in sentences."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for words in commands_of(page):
            if " ".join(words) in WRONG_ON_PURPOSE:
                continue
            where = f"{page.name}: {' '.join(words)}"
            if words[0] == "mashq":
                check_mashq(words[1:], where)
            elif words[0] == "nbgrader":
                check_nbgrader(words[1:], where)
            elif words[0] == "make":
                assert all(word in targets for word in words[1:] if "=" not in word), where
            elif len(words) > 1 and words[1].startswith(
                ("bench/", "tests/sandbox", "tests/grading", "tests/hw2")
            ):
                check_file(words[1:], where)


def check_mashq(words: list[str], where: str) -> None:
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        if words[0] == "COMMAND":  # any of them
            return
        assert words[0] in command.commands, where
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert known.issuperset(word.split("=")[0] for word in words if word.startswith("--")), where


def check_nbgrader(words: list[str], where: str) -> None:
    if not words:
        return
    assert words[0] in NbGraderApp.subcommands, where
    if words[0] == "db":
        return
    command = NbGraderApp.subcommands[words[0]][0]
    known = {f"--{name}" for name in [*command().aliases, *command().flags]}
    options = [word.split("=")[0] for word in words if word.startswith("--") and "." not in word]
    assert known.issuperset(options), where


def check_file(words: list[str], where: str) -> None:
    path = ROOT / words[0]
    assert path.exists(), where
    if path.parent.name == "bench":
        text = path.read_text(encoding="utf-8")
        for option in (word.split("=")[0] for word in words if word.startswith("--")):
            assert f'"{option}"' in text, where


def test_what_is_not_run_is_still_in_the_documents() -> None:
    """No exception outlives its command."""
    lines = [line for page in PAGES for line in lines_of(page)]
    stale = [start for start in NOT_RUN if not any(line.text.startswith(start) for line in lines)]
    assert not stale


class Reader:
    """A small real course, and somebody who types what a page says.

    The assignment is called hw2 and has one notebook, q5_xnor, with the content of the tiny course.
    """

    def __init__(self, folder: Path) -> None:
        self.top = folder
        self.course, self.home = folder / "mashq", folder / "home"
        self.cwd = self.course
        for part in ("source/hw2", "tests/hw2"):
            (self.course / part).mkdir(parents=True)
        nbformat.write(tiny_notebook(), self.course / "source" / "hw2" / "q5_xnor.ipynb")
        (self.course / "tests" / "hw2" / "test_q5_xnor.py").write_text(TINY_CHECKS, encoding="utf-8")
        shutil.copy(ROOT / "nbgrader_config.py", self.course)
        catalogue = self.course / "locale" / "fa" / "LC_MESSAGES" / "hw2.po"
        catalogue.parent.mkdir(parents=True)
        catalogue.write_text('msgid "Areas"\nmsgstr "مساحت‌ها"\n', encoding="utf-8")
        self.home.mkdir()
        (folder / "exchange").mkdir()
        (folder / "exchange").chmod(0o777)
        self.settings = folder / "settings"
        self.settings.mkdir()
        (self.settings / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.Exchange.root = {str(folder / 'exchange')!r}\n"
            f"c.Exchange.cache = {str(folder / 'cache')!r}\n",
            encoding="utf-8",
        )
        self.environment = {"JUPYTER_CONFIG_DIR": str(self.settings), "PATH": PATH, "COLUMNS": "100"}

    def type(self, text: str) -> None:
        """Type a line; it must end well."""
        text = text.replace("ID", get_username())
        if text.startswith("cd "):
            self.cwd /= text.removeprefix("cd ")
            return
        self.before(text)
        cwd = self.cwd
        if re.match(r"nbgrader (fetch|submit)|mashq validate hw2/", text):
            cwd = self.home
        elif text.startswith("mashq validate"):
            cwd = self.home / "hw2"
        done = subprocess.run(
            ["bash", "-ec", text],
            cwd=cwd,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"

    def before(self, text: str) -> None:
        """What has happened meanwhile when the page comes to this line: work is handed in, done, graded."""
        if re.match(r"mashq (grade|scores|feedback|export|report)", text) and not self.handed_in():
            self.nbgrader("generate_assignment", "hw2")
            folder = self.course / "submitted" / get_username() / "hw2"
            folder.mkdir(parents=True)
            (folder / "q5_xnor.ipynb").write_text(self.solved(), encoding="utf-8")
        elif text == "nbgrader collect hw2":
            other = self.top / "other"
            other.mkdir()
            self.nbgrader("fetch_assignment", "hw2", "--course=neural-networks", cwd=other)
            (other / "hw2" / "q5_xnor.ipynb").write_text(self.solved(), encoding="utf-8")
            self.nbgrader("submit", "hw2", "--course=neural-networks", cwd=other)
        elif text.startswith("nbgrader fetch_assignment") and not any((self.top / "exchange").iterdir()):
            self.nbgrader("generate_assignment", "hw2")
            self.nbgrader("release_assignment", "hw2")
        elif text.startswith("mashq validate"):
            (self.home / "hw2" / "q5_xnor.ipynb").write_text(self.solved(), encoding="utf-8")
        elif text.startswith("nbgrader fetch_feedback"):
            for command in ("collect", "autograde", "generate_feedback", "release_feedback"):
                self.nbgrader(command, "hw2")

    def handed_in(self) -> bool:
        return any((self.cwd / "submitted").glob("*"))

    def solved(self) -> str:
        """The released notebook with its answers filled in."""
        path = self.course / "release" / "hw2" / "q5_xnor.ipynb"
        return str(nbformat.writes(answered(nbformat.read(path, as_version=4))))

    def nbgrader(self, *words: str, cwd: Path | None = None) -> None:
        nbgrader(cwd or self.course, *words, code=0, **self.environment)


@pytest.mark.long
def test_the_quick_start_leads_to_grades(tmp_path: Path) -> None:
    """A reader who types the page gets what it promises: feedback, report and a file of grades."""
    reader = Reader(tmp_path)
    reader.cwd = tmp_path
    for line in lines_of(ROOT / "docs" / "quickstart.md"):
        if not reason_not_to_run(line.text):
            reader.type(line.text)
    course = tmp_path / "course"
    assert (course / "hw2-report.html").exists()
    assert (course / "hw2.zip").exists()
    grades = (course / "hw2.csv").read_text(encoding="utf-8")
    assert re.search(r"ada.*,2(\.0)?,", grades), grades
    assert re.search(r"bob.*,0(\.0)?,", grades), grades
    feedback = (course / "feedback" / "ada" / "hw2" / "q5_xnor.html").read_text(encoding="utf-8")
    assert "The area of a square is its side squared." in feedback


AVERAGES = [
    code_cell(
        "def mean(x):\n    ### BEGIN SOLUTION\n    return sum(x) / len(x)\n    ### END SOLUTION", "mean"
    ),
    code_cell(
        "assert mean([1, 3]) == 2\n### BEGIN HIDDEN TESTS\nassert mean([1, 2, 6]) == 3\n"
        "assert abs(mean([0.1, 0.2]) - 0.15) < 1e-9\n### END HIDDEN TESTS",
        "test_mean",
        3,
    ),
]


def points_of_people(course: Path) -> dict[str, tuple[float, float, float]]:
    """{student: points by the machine, points and extra credit by a person} of what the test looks at."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = {}
        for student in ("ada", "bob"):
            code = gradebook.find_grade("test_mean", "averages", "ps1", student)
            essay = gradebook.find_grade("part-a", "problem2", "ps1", student)
            found[student] = code.auto_score, essay.manual_score, essay.extra_credit
    return found


@pytest.mark.slow
def test_a_course_of_plain_nbgrader_is_graded_and_goes_back(tmp_path: Path) -> None:
    """nbgrader's own quickstart, graded by nbgrader and a person before; the page, typed line by line."""
    reader = Reader(tmp_path)
    reader.nbgrader("quickstart", "plain", cwd=tmp_path)
    reader.cwd = course = tmp_path / "plain"
    nbformat.write(notebook_of(*AVERAGES), course / "source" / "ps1" / "averages.ipynb")
    reader.nbgrader("generate_assignment", "ps1", cwd=course)
    for student, answer in {"ada": "return sum(x) / len(x)", "bob": "return (x[0] + x[-1]) / 2"}.items():
        shutil.copytree(course / "release" / "ps1", course / "submitted" / student / "ps1")
        path = course / "submitted" / student / "ps1" / "averages.ipynb"
        notebook = nbformat.read(path, as_version=4)
        next(c for c in notebook.cells if id_of(c) == "mean").source = f"def mean(x):\n    {answer}"
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
    reader.nbgrader("autograde", "ps1", cwd=course)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for student in ("ada", "bob"):
            grade = gradebook.find_grade("part-a", "problem2", "ps1", student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1, 0.5, False
        gradebook.db.commit()
    expected = {"ada": (3, 1, 0.5), "bob": (0, 1, 0.5)}
    assert points_of_people(course) == expected
    for line in lines_of(ROOT / "docs" / "from-nbgrader.md"):
        if not reason_not_to_run(line.text):
            if line.text.startswith("nbgrader generate_assignment"):
                source = course / "source" / "ps1" / "averages.ipynb"
                text = "assert mean([1, 3]) == 2"
                cells = [AVERAGES[0], code_cell(text, "test_mean", 3)]
                nbformat.write(notebook_of(*cells), source)
            reader.type(line.text)
            assert points_of_people(course) == expected, line.text
    drafted = (course / "tests" / "ps1" / "test_averages.py").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "from-nbgrader.md").read_text(encoding="utf-8")
    assert drafted[drafted.index("@pytest.mark.grade") :] in page


RUN = [page for page in PAGES if any(not reason_not_to_run(line.text) for line in lines_of(page))]
RUN = [page for page in RUN if page.stem not in ("quickstart", "from-nbgrader")]


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=page_id)
def test_the_commands_of_a_page_run_in_its_order(page: Path, tmp_path: Path) -> None:
    """Every line of the page's shell blocks ends well, but for those that NOT_RUN gives a reason for."""
    reader = Reader(tmp_path)
    for line in lines_of(page):
        if not reason_not_to_run(line.text):
            reader.type(line.text)
