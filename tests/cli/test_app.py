"""The `mashq` command as it is typed."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from mashq.cli.app import app
from mashq.course.folder import CourseFolder
from mashq.demo import ESSAY, _make_course, next_commands
from mashq.zoo.answers import read_answer
from tests.support.commands import ROOT
from tests.support.commands import mashq as run_mashq
from tests.support.commands import mashq_output as mashq
from tests.support.lab import jupyter_lab


def said(*arguments: str, **options: Any) -> tuple[str, str]:
    """Run the command in a wide terminal; what it wrote to stdout and to stderr."""
    return run_mashq(*arguments, columns=200, **options)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command there is, by what is typed."""
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        yield from [(name, command)] if below is None else ((f"{name} {n}", c) for n, c in below.items())


ALL = dict(commands())
WITH_JSON = {
    "data status",
    "data fetch",
    "validate",
    "collect",
    "grade",
    "scores",
    "export",
    "doctor",
    "audit",
}

# -- help -------------------------------------------------------------------------------------------------


def test_help_imports_no_framework() -> None:
    """`mashq --help` answers without NumPy, nbgrader, PyTorch or TensorFlow."""
    code = "import sys, mashq, mashq.cli.app; print([m for m in sys.modules if '.' not in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "torch", "tensorflow", "keras", "nbgrader", "nbclient", "matplotlib", "pytest", "scipy"}
    assert heavy.isdisjoint(json.loads(done.stdout.replace("'", '"')))


def test_who_only_looks_at_results_waits_for_neither_pytest_nor_a_framework() -> None:
    """`mashq grade` with nothing to do, the report, the export."""
    modules = "mashq.grading.engine.run, mashq.export.grades, mashq.course.results"
    code = f"import sys, {modules}; print([m for m in sys.modules if '.' not in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"_pytest", "pytest", "torch", "tensorflow", "matplotlib", "scipy", "distributed", "babel"}
    assert heavy.isdisjoint(json.loads(done.stdout.replace("'", '"')))


def test_help_is_there_in_half_a_second() -> None:
    """The best of a few, in seconds of the processor, which a busy machine changes little."""
    used = [float("inf")]
    while min(used) >= 0.5 and len(used) <= 8:
        before = os.times()
        mashq("--help")
        after = os.times()
        used.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    assert min(used) < 0.5, used


def test_help_lists_every_command_below_the_person_who_needs_it() -> None:
    """Three groups; none is left in a group without a name."""
    text = mashq("--help")
    parts = re.split(r"╭─ (.+?) ─+╮", text)
    groups = {
        name: re.findall(r"^│ ([a-z-]+) ", part, re.MULTILINE)
        for name, part in zip(parts[1::2], parts[2::2], strict=True)
    }
    assert list(groups) == ["Options", "Students", "Instructors", "Authors and operators"]
    listed = [command for group in list(groups)[1:] for command in groups[group]]
    assert sorted(listed) == sorted({name.split()[0] for name in ALL})
    assert {"validate", "data"} == set(groups["Students"])
    assert {"grade", "report", "export"} <= set(groups["Instructors"])
    for code in ("0 done", "1 not done", "2 wrong use", "3 done", "70 a fault", "130 stopped"):
        assert code in " ".join(text.split())


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_an_example_that_can_be_typed(name: str) -> None:
    """The example is the command's own, with options and arguments that it has."""
    examples = re.findall(r"Example: mashq (.+)$", ALL[name].help, re.MULTILINE)
    assert examples
    words = name.split()
    for example in examples:
        typed = shlex.split(example)
        assert typed[: len(words)] == words
        known = {option for parameter in ALL[name].params for option in parameter.opts}
        assert {word for word in typed if word.startswith("--")} <= known
        needed = [p for p in ALL[name].params if p.param_type_name == "argument" and p.required]
        assert len(typed) >= len(words) + len(needed)


@pytest.mark.parametrize("name", ALL)
def test_every_option_and_argument_says_what_it_is(name: str) -> None:
    """And --json is the same everywhere."""
    for parameter in ALL[name].params:
        assert getattr(parameter, "help", None), parameter.name
    assert any("--json" in p.opts and p.metavar == "FILE" for p in ALL[name].params) == (name in WITH_JSON)


def test_the_page_of_commands_is_up_to_date() -> None:
    """docs/commands.md is what `python docs/commands.py` writes."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    names: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "commands.py"))
    assert names["with_reference"](page) == page, "run `python docs/commands.py`"
    for name in ALL:
        assert f"### `mashq {name}`" in page


@pytest.fixture
def bare_course(tmp_path: Path) -> Path:
    """A course folder with one assignment and what ada handed in, as quickly made as can be."""
    folder = tmp_path / "course"
    for part in ("source/ps1", "submitted/ada/ps1"):
        (folder / part).mkdir(parents=True)
        (folder / part / "areas.ipynb").write_text("{}")
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    return folder


# -- mistakes ---------------------------------------------------------------------------------------------


@pytest.mark.long
def test_scores_of_an_unknown_assignment_name_the_known_ones(tiny_course: Path) -> None:
    """One line, which says what there is; no traceback."""
    text = mashq("scores", "ps9", cwd=tiny_course, code=1)
    assert "has no assignment 'ps9'; it has: ps1. Did you mean 'ps1'?" in " ".join(text.split())
    assert "Traceback" not in text
    assert "ps1: points by question" in mashq("scores", "ps1", cwd=tiny_course)


@pytest.mark.parametrize(
    ("typed", "meant", "code"),
    [
        (["relase", "ps1"], "'release'", 2),
        (["grade", "ps1", "--wrkers", "2"], "--workers", 2),
        (["grade", "ps1", "--student", "adda"], "'ada'", 1),
        (["grade", "ps1", "--notebook", "area"], "'areas'", 1),
        (["feedback", "ps1", "--student", "adda"], "'ada'", 1),
        (["grade", "ps1", "--isolation", "bubblewarp"], "'bubblewrap'", 2),
        (["export", "ps1", "--format", "canvass"], "'canvas'", 2),
        (["data", "fetch", "hodaa"], "'hoda'", 2),
        (["validate", "source/ps1/area.ipynb"], "'areas.ipynb'", 2),
        (["scores", "ps1", "--course", "../cuorse"], "'course'", 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_near_miss_is_answered_with_what_was_meant(
    bare_course: Path, typed: list[str], meant: str, code: int
) -> None:
    """Commands, options, assignments, students, notebooks, files, folders."""
    assert meant in mashq(*typed, cwd=bare_course, code=code, COLUMNS="300")


def test_a_folder_that_is_no_course_is_named(tmp_path: Path, bare_course: Path) -> None:
    """The message says which option helps, and where a course is above or below."""
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "name the course folder with --course" in mashq("scores", "ps1", cwd=empty, code=1)
    for near in (tmp_path, bare_course / "source"):
        assert f"--course {bare_course}" in mashq("scores", "ps1", cwd=near, code=1)


def test_a_damaged_gradebook_is_one_line(bare_course: Path) -> None:
    """With what to do, and without a traceback."""
    (bare_course / "gradebook.db").write_bytes(b"no database" * 1000)
    text = mashq("scores", "ps1", cwd=bare_course, code=1)
    assert "gradebook.db is no database (file is not a database)" in " ".join(text.split())
    assert "put a copy of it back" in " ".join(text.split())
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("line", "says"), [("c.X.y = = 1", "invalid syntax"), ("c.X.y = nothing", "'nothing' is not defined")]
)
def test_a_mistake_in_the_settings_is_named_by_its_line(bare_course: Path, line: str, says: str) -> None:
    """An instructor edits nbgrader_config.py."""
    path = bare_course / "nbgrader_config.py"
    path.write_text(f"{path.read_text()}\n{line}\n")
    number = len(path.read_text().splitlines())
    text = " ".join(mashq("scores", "ps1", cwd=bare_course, code=1).split())
    assert f"nbgrader_config.py, line {number}: " in text
    assert says in text
    assert "Traceback" not in text


def test_a_full_disk_is_one_line(tiny_course: Path) -> None:
    """Here where the JSON goes."""
    text = mashq("scores", "ps1", "--json", "/dev/full", cwd=tiny_course, code=1)
    assert "/dev/full cannot be written (No space left on device)" in " ".join(text.split())


def test_an_address_that_is_none_is_refused_before_anything_starts(bare_course: Path) -> None:
    """With the form that is wanted."""
    assert "tcp://HOST:PORT" in mashq("grade", "ps1", "--scheduler", "nonsense", cwd=bare_course, code=2)


def test_a_fault_of_mashq_is_a_short_message_and_a_file(tmp_path: Path) -> None:
    """No traceback on the terminal; all of it in the file that the message names."""
    code = (
        "import sys, typer\nfrom mashq.cli.student import run\napp = typer.Typer()\n"
        "@app.command()\ndef broken():\n    raise ZeroDivisionError('by zero')\nsys.argv[1:] = []\nrun(app)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 70
    assert "this should not happen, ZeroDivisionError: by zero" in done.stderr
    assert "Traceback" not in done.stderr
    (log,) = tmp_path.glob("mashq-*.log")
    assert str(log) in done.stderr
    assert "raise ZeroDivisionError" in log.read_text() or "in broken" in log.read_text()


# -- programs and shells ----------------------------------------------------------------------------------


@pytest.mark.long
def test_json_goes_to_a_file_or_to_stdout(tiny_course: Path) -> None:
    """The same JSON; with "-" nothing else is on stdout."""
    printed, _ = said("scores", "ps1", "--json", "scores.json", cwd=tiny_course)
    assert "points by question" in printed
    alone, tables = said("scores", "ps1", "--json", "-", cwd=tiny_course)
    assert json.loads(alone) == json.loads((tiny_course / "scores.json").read_text())
    assert json.loads(alone) == {"assignment": "ps1", "questions": {}, "students": {}}
    assert "points by question" in tables


def test_json_never_takes_the_place_of_a_notebook(bare_course: Path) -> None:
    """Whoever forgets the file's name after --json loses no homework."""
    first, second = (bare_course / name for name in ("a.ipynb", "b.ipynb"))
    for path in (first, second):
        path.write_text("{}")
    assert "would be lost" in mashq("validate", "--json", str(first), str(second), code=2, COLUMNS="300")
    assert first.read_text() == "{}"


def test_the_state_of_the_data_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One object a dataset."""
    for name in ("MASHQ_DATA", "MASHQ_CACHE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("MASHQ_OFFLINE", "1")
    rows = json.loads(said("data", "status", "--json", "-")[0])
    assert [(row["name"], row["source"]) for row in rows] == [("hoda", "stand-in"), ("mnist", "stand-in")]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mashq sco", "scores"),
        ("mashq grade p", "ps1"),
        ("mashq grade ps1 --student a", "ada"),
        ("mashq grade ps1 --notebook ar", "areas"),
        ("mashq grade --course nowhere p", ""),
    ],
)
def test_the_tab_key_completes_names(bare_course: Path, typed: str, offered: str) -> None:
    """As bash asks for it: what is typed, and which word."""
    words = {
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
        "_MASHQ_COMPLETE": "complete_bash",
    }
    code = "from mashq.cli.app import app; app(prog_name='mashq')"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        cwd=bare_course,
        env=os.environ | words,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == offered.split(), done.stderr[-2000:]
    assert not re.search(r"\| +(numpy|nbgrader|torch|tensorflow)$", done.stderr, re.MULTILINE)


def test_the_lines_for_the_shell_are_printed() -> None:
    """`mashq --show-completion` in bash."""
    code = "from mashq.cli.app import app; app(['--show-completion'], prog_name='mashq')"
    shell = subprocess.run(
        ["bash", "-c", f'{shlex.quote(sys.executable)} -c "{code}"; :'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "complete -o default -F _mashq_completion mashq" in shell.stdout


# -- data and demo ----------------------------------------------------------------------------------------


def test_data_status_says_what_is_a_stand_in(tmp_path: Path) -> None:
    """With neither real files nor network, both datasets are stand-ins and the remedy is shown."""
    text = mashq("data", "status", MASHQ_DATA=str(tmp_path), MASHQ_CACHE=str(tmp_path), MASHQ_OFFLINE="1")
    assert text.count("stand-in") >= 2
    assert "mashq data fetch hoda" in text


def test_data_fetch_refuses_an_unknown_name() -> None:
    """The known names are listed."""
    assert "hoda, mnist" in mashq("data", "fetch", "cifar", code=2)


def test_the_demo_replaces_no_folder_but_its_own(tmp_path: Path) -> None:
    """Somebody's work is never deleted."""
    (tmp_path / "thesis.txt").write_text("mine")
    assert "is no demo of mashq" in mashq("demo", str(tmp_path), code=1)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_second_demo_says_that_it_replaces_the_first(tmp_path: Path) -> None:
    """What was graded in it goes, and the course's own files stay out of it."""
    said = Console(file=io.StringIO(), width=200)
    for _ in range(2):
        _make_course(ROOT, tmp_path / "demo", said)
        (tmp_path / "demo" / "gradebook.db").touch()
    _make_course(ROOT, tmp_path / "demo", said)
    assert said.file.getvalue().count("holds an earlier demo: it is made anew") == 2  # type: ignore[attr-defined]
    assert not (tmp_path / "demo" / "gradebook.db").exists()


def test_the_demo_is_not_made_among_the_courses_own_files() -> None:
    """A submission named demo would be graded with the others."""
    assert "name another folder" in mashq("demo", "submitted/demo", code=1)
    assert not (ROOT / "submitted" / "demo").exists()


@pytest.mark.long
def test_what_to_try_after_the_demo_can_be_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of this environment, and names with spaces, in a shell."""
    monkeypatch.chdir(tmp_path)
    folder = Path("my demo")
    (folder / "submitted" / "half-done" / "hw2").mkdir(parents=True)
    (folder / "submitted" / "half-done" / "hw2" / "q5_xnor.ipynb").write_text("{}")
    (folder / "submitted" / "nothing-done" / "hw2").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    report, lab, regrade = [command for _, command in next_commands(folder, CourseFolder(folder))]
    assert shlex.split(report)[:3] == [str(Path(sys.executable).parent / "python"), "-m", "webbrowser"]
    for command in (lab.replace(" lab)", " --version)"), regrade.replace("grade hw2", "scores hw2")):
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert "No such file" not in done.stderr, done.stderr
        assert "not found" not in done.stderr, done.stderr
    assert (folder / "submitted" / "nothing-done" / "hw2" / "q5_xnor.ipynb").read_text() == "{}"


@pytest.mark.long
def test_the_demo_needs_a_checkout(tmp_path: Path) -> None:
    """Run elsewhere, it says what is missing."""
    assert "the demo runs in a checkout of mashq" in mashq("demo", cwd=tmp_path, code=1)


@pytest.mark.slow
def test_the_demo_grades_its_class(tmp_path: Path) -> None:
    """Fourteen submissions, their scores, feedback, and the course's own files untouched."""
    before = {p: p.stat().st_mtime for p in (ROOT / "source").rglob("*")}
    text = mashq("demo", str(tmp_path / "demo"))
    rows = {
        line.split("│")[1].strip(): line.split("│")[2:] for line in text.splitlines() if line.count("│") > 6
    }
    total = {student: float(cells[-2]) for student, cells in rows.items()}
    assert len(total) == 15
    assert total["everything-right"] == 59
    assert total["nothing-done"] == 0
    assert total["half-done"] == total["metadata-stripped"] == 25
    assert total["odd-but-right"] == 25 + ESSAY[3]
    for student in ("forgot-relu-derivative", "updated-too-early", "memorised-weights", "ended-python"):
        assert 0 < total[student] < 25
    assert "*" in rows["file-cut-off"][4]
    assert len(list((tmp_path / "demo" / "feedback").rglob("*.html"))) > 40
    assert {p: p.stat().st_mtime for p in (ROOT / "source").rglob("*")} == before
    _is_populated(tmp_path / "demo")
    assert text.rpartition("Try next")[2].count("\n    ") == 3


def _is_populated(demo: Path) -> None:
    """Formgrader, report and feedback all have something to show."""
    student, notebook, _, _, comment = ESSAY
    assert comment in (demo / "feedback" / student / "hw2" / f"{notebook}.html").read_text(encoding="utf-8")
    assert (demo / "report.html").read_text(encoding="utf-8").count("vega") > 5
    with jupyter_lab(demo) as (address, token):
        pages = {
            page: _page(f"{address}{page}", token)
            for page in (
                "formgrader/manage_assignments",
                "formgrader/gradebook/hw2",
                "formgrader/api/assignments",
                "formgrader/api/submissions/hw2",
            )
        }
    assert "hw2" in pages["formgrader/gradebook/hw2"]
    (assignment,) = json.loads(pages["formgrader/api/assignments"])
    assert assignment["name"] == "hw2"
    assert assignment["num_submissions"] == 14
    submissions = json.loads(pages["formgrader/api/submissions/hw2"])
    assert {one["student"] for one in submissions if one["needs_manual_grade"]} > {
        student,
        "everything-right",
    }


def _page(address: str, token: str) -> str:
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def test_an_answer_file_without_docstring_or_cell_is_refused(tmp_path: Path) -> None:
    """Whoever adds one to the zoo reads what it needs."""
    path = tmp_path / "answer.py"
    for text in ("x = 1\n", '"""Only a title."""\n', "# %% q5_train\nx = 1\n"):
        path.write_text(text)
        with pytest.raises(ValueError, match="needs a docstring"):
            read_answer(path)


def test_an_assignment_may_have_a_dot_in_its_name(tmp_path: Path) -> None:
    """`hw1.5` is a folder's name, not a file's with an ending."""
    (tmp_path / "source" / "hw1.5").mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").touch()
    assert CourseFolder(tmp_path).assignments() == ["hw1.5"]
