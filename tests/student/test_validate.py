"""`mashq validate`: what a student is told before handing in."""

from __future__ import annotations

import copy
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner, Result

from mashq.cli.app import app
from mashq.handed_in import beside
from mashq.student.elsewhere import PACKAGES
from mashq.student.exchange import release_in_exchange
from mashq.student.released import NoReleaseError, find_release
from mashq.student.validate import Options, Report, validate
from tests.support.cells import code_cell, essay_cell, notebook_of

STUB = 'raise NotImplementedError("this part is not written yet")'


def released() -> Any:
    """A small released notebook: one function with its visible checks, one essay, two given cells."""
    return notebook_of(
        nbformat.v4.new_markdown_cell("# Areas\n\n## Exercise 1: rectangles (2 points)"),
        nbformat.v4.new_code_cell("import math"),
        code_cell(f"def area(a, b):\n    # YOUR CODE HERE\n    {STUB}", "area"),
        code_cell("assert area(1, 1) == 1, 'a unit square\\nhas area 1'", "test_area", 2),
        nbformat.v4.new_markdown_cell("## Exercise 2: why"),
        essay_cell("YOUR ANSWER HERE", "why", 3),
    )


def answered() -> Any:
    """The same with right answers."""
    notebook = released()
    notebook.cells[2].source = "def area(a, b):\n    return a * b"
    notebook.cells[5].source = "Rows times columns."
    return notebook


Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """`check(notebook)`: write it beside its release and validate it, without running it by default."""
    (tmp_path / "released").mkdir()
    nbformat.write(released(), tmp_path / "released" / "areas.ipynb")

    def run(notebook: Any, name: str = "areas.ipynb", alone: bool = False, **options: Any) -> Report:
        path = tmp_path / name
        if isinstance(notebook, bytes):
            path.write_bytes(notebook)
        else:
            path.write_text(json.dumps(notebook), encoding="utf-8")
        release = None if alone else tmp_path / "released"
        return validate(path, Options(release, **{"run": False} | options), lambda *_: None)

    return run


def left(report: Report) -> list[str]:
    """What is to do, as `what: says`."""
    return [f"{found.what}: {found.says}" for found in report.findings if found.state == "to do"]


def test_a_finished_notebook_is_ready(check: Check) -> None:
    """Answers written, runs, checks pass: nothing to do."""
    report = check(answered(), run=True)

    assert report.ready, report.findings
    assert [found.what for found in report.findings] == ["file", "cells", "answers", "run", "checks"]


def test_a_notebook_as_released_names_what_is_empty_and_what_fails(check: Check) -> None:
    """The stub and the essay are named; the check cell with the first line of its message."""
    report = check(released(), run=True)

    assert left(report) == [
        "answers: 2 of 2 not written yet: Exercise 1, Exercise 2",
    ]


def test_the_advice_fits_what_is_not_written(check: Check) -> None:
    """No line to delete where there is none: an essay is written over."""
    advice = {True: "Delete the line `raise NotImplementedError`", False: "Double-click the cell of a text"}
    for code_is_missing, says in advice.items():
        notebook = answered()
        index = 2 if code_is_missing else 5
        notebook.cells[index].source = released().cells[index].source
        (found,) = [found for found in check(notebook).findings if found.state == "to do"]
        assert found.advice.startswith(says)
        assert advice[not code_is_missing] not in found.advice


def test_a_failed_visible_check_gives_its_first_line(check: Check) -> None:
    """Of a message of two lines the first is shown; later cells are run all the same."""
    notebook = answered()
    notebook.cells[2].source = "def area(a, b):\n    return a + b"
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0"))

    report = check(notebook, run=True)

    assert left(report) == [
        'run: the cell that begins with "1 / 0": ZeroDivisionError: division by zero',
        "checks: Exercise 1: a unit square",
    ]


def test_a_cell_that_does_not_end_is_named(check: Check) -> None:
    """The run stops there, and the checks behind it count as not reached."""
    notebook = answered()
    notebook.cells[1].source = "while True: pass"

    report = check(notebook, run=True, timeout=2)

    assert left(report) == [
        'run: the cell that begins with "while True: pass" was not done after 2 seconds',
        "checks: not reached: Exercise 1",
    ]


def test_a_kernel_that_dies_is_named(check: Check) -> None:
    """Not a traceback of the tool, but the cell and the usual reason."""
    notebook = answered()
    notebook.cells[1].source = "import os\nos._exit(1)"

    report = check(notebook, run=True)

    assert left(report)[0] == 'run: the kernel died in the cell that begins with "import os"'


def test_the_notebook_file_is_not_changed_and_its_folder_is_where_it_runs(
    check: Check, tmp_path: Path
) -> None:
    """Files beside the notebook are found by it."""
    notebook = answered()
    notebook.cells[1].source = "assert open('areas.ipynb').read(1) == '{'"
    before = json.dumps(notebook)

    assert check(notebook, run=True).ready
    assert (tmp_path / "areas.ipynb").read_text(encoding="utf-8") == before


def spoil(what: str) -> Any:
    """An answered notebook with one thing wrong."""
    notebook = answered()
    cells = notebook.cells
    match what:
        case "missing":
            del cells[3]
        case "metadata lost":
            for cell in cells:
                cell.metadata.pop("nbgrader", None)
                cell.metadata.update({"nbgrader": {"grade_id": "area"}} if cell is cells[2] else {})
        case "doubled":
            cells.insert(3, copy.deepcopy(cells[2]) | {"id": "another"})
        case "locked":
            cells[3].source = "pass"
        case "points":
            cells[3].metadata.nbgrader["points"] = 100
        case "kind":
            cells[5] = nbformat.v4.new_code_cell("'Rows times columns.'", metadata=cells[5].metadata)
        case "order":
            cells[2], cells[3] = cells[3], cells[2]
        case "merge":
            cells[2].source = "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> other"
        case "emptied":
            cells[2].source = " \n"
        case "stub kept":
            cells[2].source += f"\n    {STUB}"
    return notebook


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("missing", "cells: missing, or their metadata was lost: the visible checks of Exercise 1"),
        (
            "metadata lost",
            "cells: missing, or their metadata was lost: the visible checks of Exercise 1, "
            "the answer of Exercise 2",
        ),
        ("doubled", "cells: there more than once: the answer of Exercise 1"),
        ("locked", "cells: locked cells that were changed: the visible checks of Exercise 1"),
        ("points", "cells: of another kind than released: the visible checks of Exercise 1"),
        ("kind", "cells: of another kind than released: the answer of Exercise 2"),
        ("order", "cells: cells of the assignment stand in another order than released"),
        ("merge", "cells: the answer of Exercise 1 holds both sides of a git merge"),
        ("emptied", "answers: 1 of 2 not written yet: Exercise 1"),
        ("stub kept", "answers: 1 of 2 not written yet: Exercise 1"),
    ],
)
def test_each_fault_is_named(check: Check, what: str, says: str) -> None:
    """One fault, one line that names the cell."""
    assert says in left(check(spoil(what)))


def test_an_answer_may_raise_not_implemented_error_of_its_own(check: Check) -> None:
    """Only the line that the release put there means that nothing is written."""
    notebook = answered()
    notebook.cells[
        2
    ].source = "def area(a, b):\n    if a < 0:\n        raise NotImplementedError\n    return a * b"

    assert check(notebook).ready


def test_without_a_release_it_checks_what_it_can(check: Check) -> None:
    """Stubs and doubled ids are seen; a note says what could not be compared."""
    report = check(spoil("doubled"), alone=True)

    assert left(report) == ["cells: there more than once: the answer of Exercise 1"]
    assert any("no released notebook was found" in found.says for found in report.findings)
    assert left(check(released(), alone=True)) == ["answers: 2 of 2 not written yet: Exercise 1, Exercise 2"]
    assert "nbgrader's metadata" in left(check(notebook_of(), alone=True))[0]


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder of an assignment that nbgrader has fetched from the exchange of this machine."""
    for course in ("nn", "cv"):
        outbound = tmp_path / "exchange" / course / "outbound" / "ps1"
        outbound.mkdir(parents=True)
        notebook = released() if course == "nn" else notebook_of(code_cell("1", "other"))
        nbformat.write(notebook, outbound / "areas.ipynb")
    settings = tmp_path / "jupyter" / "nbgrader_config.py"
    settings.parent.mkdir()
    settings.write_text(f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(settings.parent))
    folder = tmp_path / "nn" / "ps1"
    folder.mkdir(parents=True)
    return folder


def test_the_release_is_found_in_the_exchange(fetched: Path, tmp_path: Path) -> None:
    """By the course's folder, or the course that the settings name; not where two courses fit."""
    assert release_in_exchange(fetched / "areas.ipynb") == tmp_path / "exchange" / "nn" / "outbound" / "ps1"
    assert release_in_exchange(fetched / "other.ipynb") is None
    elsewhere = tmp_path / "ps1" / "areas.ipynb"
    assert release_in_exchange(elsewhere) is None
    with (tmp_path / "jupyter" / "nbgrader_config.py").open("a") as settings:
        settings.write("c.CourseDirectory.course_id = 'nn'\n")
    assert release_in_exchange(elsewhere) is not None
    (tmp_path / "jupyter" / "nbgrader_config.py").write_text("1 / 0\n")
    assert release_in_exchange(elsewhere) is None


def test_a_fetched_notebook_is_compared_with_the_exchange(fetched: Path) -> None:
    """As with a bundle."""
    (fetched / "areas.ipynb").write_text(json.dumps(released()), encoding="utf-8")
    report = validate(fetched / "areas.ipynb", Options(run=False), lambda *_: None)
    assert not any("no released notebook was found" in finding.says for finding in report.findings)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "file: is empty"),
        (b"<html>", "file: is not a notebook"),
        (b'{"cells": [', "file: is cut off"),
        (b"[1]", "file: is not a notebook: it has no cells"),
        ("{}".encode("utf-16"), "file: is not in UTF-8"),
        (b'{"cells": [1], "nbformat": 4}', "file: cannot be read as a notebook"),
    ],
)
def test_files_that_are_no_notebooks(check: Check, data: bytes, says: str) -> None:
    """One line says what the file is; nothing else is checked."""
    report = check(data)

    assert left(report)[0].startswith(says)
    assert len(report.findings) == 1


def with_odd_ids(tree: dict[str, Any]) -> bytes:
    for number, cell in enumerate(tree["cells"]):
        cell["id"] = f"cell {number} {'x' * 70}"
    return json.dumps(tree).encode()


def without_metadata(tree: dict[str, Any]) -> bytes:
    for cell in tree["cells"]:
        cell["metadata"] = cell["metadata"] or None
        cell.pop("outputs", None)
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    "damage",
    [
        with_odd_ids,
        without_metadata,
        lambda tree: json.dumps(tree).encode("utf-16"),
        lambda tree: json.dumps(tree).encode() + b"\0" * 512,
        lambda tree: json.dumps(
            tree | {"cells": [*tree["cells"], {"cell_type": "heading", "source": "x"}]}
        ).encode(),
    ],
    ids=["odd ids", "no metadata", "utf-16", "zeros at the end", "unknown type"],
)
def test_what_grading_puts_right_is_a_note(check: Check, damage: Callable[[dict[str, Any]], bytes]) -> None:
    """The notebook is ready all the same, and is checked as any other."""
    report = check(damage(json.loads(nbformat.writes(answered()))))

    assert report.ready, report.findings
    assert report.findings[0].says.endswith("; this is put right when it is graded")
    assert [found.what for found in report.findings] == ["file", "cells", "answers", "run"]


def test_files_that_the_grader_will_not_have_are_named(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the limits of grading; outside the folder; in another spelling. What is well is not mentioned."""
    monkeypatch.setattr(beside, "MAX_MB", 1)
    (tmp_path / "Data").mkdir()
    (tmp_path / "Data" / "x.csv").write_text("1")
    (tmp_path / "film.mp4").write_bytes(b"1" * 2**21)
    (tmp_path / "weights.npz").write_bytes(b"1" * 2**21)
    outside = tmp_path.parent / f"{tmp_path.name}.csv"
    outside.write_text("1")
    notebook = answered()
    names = ["Data/x.csv", "./Data/x.csv", "data/x.csv", "Data\\x.csv", str(outside), f"../{outside.name}"]
    notebook.cells[1].source = f"%run helpers.ipynb\nfiles = {[*names, 'weights.npz', 'new.csv', '/new.csv']}"
    elsewhere = "is not in the folder of the notebook, and will not be there when it is graded"
    large = "will not be there when the notebook is graded: more than 1 MB lie beside the notebook"
    assert left(check(notebook)) == [
        f"files: film.mp4, weights.npz {large}",
        "files: data/x.csv is called Data/x.csv here; where it is graded, no other spelling finds it",
        "files: Data\\x.csv is called Data/x.csv here; where it is graded, no other spelling finds it",
        f"files: {outside} {elsewhere}",
        f"files: ../{outside.name} {elsewhere}",
    ]


def test_another_version_beside_it_is_a_note(check: Check, tmp_path: Path) -> None:
    """Not a copy, not one as it was released, not a helper."""
    other = answered()
    other.cells[2].source = "def area(a, b):\n    return a + b"
    for name, notebook in (("copy", answered()), ("blank", released()), ("areas (1)", other)):
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    nbformat.write(notebook_of(nbformat.v4.new_code_cell("x = 1")), tmp_path / "helpers.ipynb")
    report = check(answered())
    assert report.ready
    (note,) = [found for found in report.findings if found.what == "files"]
    assert note.says == "other answers to the same exercises are in areas (1).ipynb"


def test_another_notebook_and_another_name(check: Check) -> None:
    """A notebook of something else is not compared; a renamed one is, and its name is to be put right."""
    other = notebook_of(code_cell("x = 1", "other"))
    assert left(check(other))[0].startswith("cells: holds no cell of a notebook in")
    assert left(check(answered(), name="areas (1).ipynb")) == [
        "name: the assignment's file is called areas.ipynb"
    ]


def test_a_notebook_that_lost_all_metadata_is_known_by_its_text(check: Check) -> None:
    """It is not taken for another notebook; all that is lost is named."""
    notebook = answered()
    for cell in notebook.cells:
        cell.metadata.clear()

    lost = "the answer of Exercise 1, the visible checks of Exercise 1, the answer of Exercise 2"
    assert left(check(notebook)) == [f"cells: missing, or their metadata was lost: {lost}"]


def test_large_outputs_are_a_note(check: Check) -> None:
    """Large, but ready."""
    notebook = answered()
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="x" * 6_000_000)]

    report = check(notebook)

    assert report.ready
    assert "6 MB large" in report.findings[0].says


def test_a_folder_without_notebooks_is_no_release(tmp_path: Path) -> None:
    """The message names the folder."""
    with pytest.raises(NoReleaseError, match="no notebook in it"):
        find_release(answered(), "areas.ipynb", tmp_path)


def test_a_release_with_an_id_in_two_cells_is_said_to_be_wrong(tmp_path: Path) -> None:
    """It is the instructor's mistake: a student who deleted "the copy" would lose an exercise."""
    release = released()
    release.cells.append(code_cell(release.cells[2].source, "area"))
    nbformat.write(release, tmp_path / "areas.ipynb")
    with pytest.raises(NoReleaseError, match=r"the id area in several .*\(3, .*tell your"):
        find_release(answered(), "areas.ipynb", tmp_path)


def typed(*words: str) -> Result:
    """What comes of a typed command."""
    return CliRunner().invoke(app, ["validate", *words], env={"COLUMNS": "200"})


def test_exit_codes_and_json(check: Check, tmp_path: Path) -> None:
    """0 ready, 1 something to do, 2 wrong use; --json prints the same for programs."""
    check(answered())
    file, option = str(tmp_path / "areas.ipynb"), f"--release={tmp_path / 'released'}"
    ready = typed(file, option, "--no-run")
    assert ready.exit_code == 0
    assert "Ready to hand in." in ready.stdout

    check(released())
    unready = typed(file, option, "--no-run")
    assert unready.exit_code == 1
    assert "TO DO" in unready.stdout
    assert "1 to do before you hand it in." in unready.stdout
    found = json.loads(typed(file, option, "--no-run", "--json", "-").stdout)
    assert found["ready"] is False
    assert found["files"][0]["findings"][-2]["says"] == "2 of 2 not written yet: Exercise 1, Exercise 2"

    assert typed(str(tmp_path / "none.ipynb")).exit_code == 2
    (tmp_path / "empty").mkdir()
    assert typed(file, f"--release={tmp_path / 'empty'}").exit_code == 2


def test_all_that_is_printed_is_in_the_language_of_the_notebook(check: Check, tmp_path: Path) -> None:
    """States, what was looked at and the last line, too; programs get the same names as ever."""
    notebook = released()
    notebook.metadata["mashq"] = {"language": "fa"}
    check(notebook)
    file, option = str(tmp_path / "areas.ipynb"), f"--release={tmp_path / 'released'}"

    printed = typed(file, option, "--no-run").stdout.replace(file, "").replace("--no-run", "")
    assert not re.findall(r"\b(OK|NOTE|TO DO|file|cells|answers|run|before|hand)\b", printed), printed
    found = json.loads(typed(file, option, "--no-run", "--json", "-").stdout)
    assert [row["what"] for row in found["files"][0]["findings"]] == ["file", "cells", "answers", "run"]


# What is there on Colab or at home, by its cell, and what is said about it.
ELSEWHERE = {
    "plt.style.use('seaborn')": "styles of figures that are not there where it is graded: seaborn (",
    "plt.style.use(['ggplot', 'seaborn-deep'])": "where it is graded: seaborn-deep (",
    "%%black\nx = 1": "magics that are not there where it is graded: %black",
    "import seaborn as sns, numpy": "packages that are not there where it is graded: seaborn",
    "from google.colab import drive\ndrive.mount('/content/drive')": "google.colab",
    "%load_ext nb_black": "packages that are not there where it is graded: nb_black",
    "%tensorflow_version 2.x": "magics that are not there where it is graded: %tensorflow_version",
    "model = model.cuda()": "there is no GPU where it is graded: model.cuda()",
    "x = x.to('cuda:0')": "there is no GPU where it is graded: x.to()",
    "device = torch.device('cuda')": "there is no GPU where it is graded: torch.device()",
    "def ask():\n    return input('n?')": "nobody is at the keyboard where it is graded: input()",
    "import os\nos.chdir('/content/drive/MyDrive')": "folders that are not there where it is graded",
    "%cd /content": "folders that are not there where it is graded: /content",
    "data = np.load(r'C:\\Users\\me\\x.npy')": "folders that are not there where it is graded: C:\\Users",
}
# What works where it is graded, too.
AT_HOME = """\
%matplotlib inline
%load_ext autoreload
%time import sklearn.metrics
files = !ls
area?
plt.style.use(["dark_background", "default"])
import mine, json, torch.nn as nn, mpl_toolkits.mplot3d
from tensorflow.keras import layers
from PIL import Image
try:
    import seaborn
except ImportError:
    seaborn = None
if "google.colab" in str(get_ipython()):
    from google.colab import drive
    drive.mount("/content/drive")
device = "cuda" if torch.cuda.is_available() else "cpu"
model = model.to(device)
"""


def test_what_grading_has_not_is_named_though_it_is_here(check: Check, tmp_path: Path) -> None:
    """By reading the cells alone: where a student works, all of it may be installed."""
    for code, says in ELSEWHERE.items():
        notebook = answered()
        notebook.cells.insert(2, nbformat.v4.new_code_cell(code))
        found = left(check(notebook))
        assert all(line.startswith("grading: ") for line in found), code
        assert any(says in line for line in found), code
        first = code.splitlines()[0]
        assert f'the cell that begins with "{first}"' in found[0], code

    (tmp_path / "mine.py").touch()
    notebook = answered()
    notebook.cells.insert(2, nbformat.v4.new_code_cell(AT_HOME))
    assert check(notebook).ready

    notebook = answered()
    notebook.cells[2].source = "import matplotlib\nmatplotlib.use('TkAgg')\n" + notebook.cells[2].source
    report = check(notebook)
    assert report.ready
    assert [found.what for found in report.findings if found.state == "note"] == ["grading", "run"]


def test_what_the_release_imports_is_there(check: Check, tmp_path: Path) -> None:
    """An instructor who gives a notebook that needs a package has it installed."""
    path = tmp_path / "released" / "areas.ipynb"
    release = released()
    release.cells[1].source = "import math, gymnasium"
    nbformat.write(release, path)
    notebook = answered()
    notebook.cells[1].source = release.cells[1].source
    notebook.cells.insert(2, nbformat.v4.new_code_cell("from gymnasium import spaces"))

    assert check(notebook).ready


def test_the_packages_that_are_said_to_be_there_are_those_that_grading_has() -> None:
    """Each can be imported here, and those that mashq[student] requires are among them."""
    assert [name for name in PACKAGES if importlib.util.find_spec(name) is None] == []
    named = {
        re.split(r"[^\w-]", line)[0].lower()
        for line in importlib.metadata.requires("mashq") or ()
        if "extra" not in line or 'extra == "student"' in line
    }
    modules = importlib.metadata.packages_distributions()
    brought = {module for module, by in modules.items() if named & {name.lower() for name in by}}
    assert {name for name in brought if not name.startswith(("_", "tests"))} - PACKAGES <= {
        "ipykernel_launcher",
        "pylab",
        "torchgen",
        "functorch",
    }
