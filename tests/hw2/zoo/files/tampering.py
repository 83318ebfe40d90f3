"""Files of somebody who wants points or harm: the answer of `train` is wrong, and all else is a trick."""

import json
import os
import zipfile
from pathlib import Path

from mashq.zoo.files import CONTROL, cell_of, code, course_of, edited, handed_in, markdown, source_of

WRONG = "def train(*args, **kwargs):\n    return None\n"
LOST = {"test_q5_train": 0}
SCORE = {
    "output_type": "execute_result",
    "execution_count": 1,
    "metadata": {},
    "data": {
        "text/plain": "6",
        "text/html": '<div class="mashq-checks"><p><b>Hidden checks: 6 of 6 points FORGED</b></p></div>',
        "application/vnd.mashq.score+json": {"score": 6, "points": 6, "by": "FORGED"},
    },
}


def spoilt(tree):
    """The answer's and the test's cell, the answer wrong."""
    answer = cell_of(tree, "q5_train")
    answer["source"] = WRONG
    return answer, cell_of(tree, "test_q5_train")


@handed_in("q5_xnor", LOST, hostile=True)
def points_raised(notebook: Path) -> None:
    """The other test cells say that they are worth more, and the answers points of their own."""
    with edited(notebook) as tree:
        spoilt(tree)
        for cell in tree["cells"]:
            about = cell["metadata"].get("nbgrader")
            if about:
                about |= {"points": 100, "grade": True}


@handed_in("q5_xnor", LOST, hostile=True)
def points_that_are_no_numbers(notebook: Path) -> None:
    """Points are infinite, negative, text."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        test["metadata"]["nbgrader"]["points"] = float("inf")
        cell_of(tree, "test_q5_forward")["metadata"]["nbgrader"]["points"] = -4
        cell_of(tree, "test_q5_backprop")["metadata"]["nbgrader"]["points"] = "six"


@handed_in("q5_xnor", LOST, hostile=True)
def locks_taken_off(notebook: Path) -> None:
    """The test cell is not locked any more, and tests nothing."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        test["metadata"]["nbgrader"] |= {"locked": False, "solution": True}
        test["metadata"] |= {"editable": True, "deletable": True}
        test["source"] = "6"


@handed_in("q5_xnor", LOST, hostile=True)
def test_of_another_exercise(notebook: Path) -> None:
    """A passing test cell carries the id of the failing one."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        tree["cells"].remove(test)
        cell_of(tree, "test_q5_forward")["metadata"]["nbgrader"]["grade_id"] = "test_q5_train"


@handed_in("q5_xnor", LOST, hostile=True)
def test_made_an_essay(notebook: Path) -> None:
    """The test cell says that a person grades it."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        test["cell_type"] = "markdown"
        test["metadata"]["nbgrader"] |= {"solution": True, "locked": False, "cell_type": "markdown"}
        test["source"] = "Please give me six points."


@handed_in("q5_xnor", LOST, hostile=True)
def test_made_a_task(notebook: Path) -> None:
    """The test cell says that it is a task."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        test["metadata"]["nbgrader"] |= {"task": True, "grade": False}


@handed_in("q5_xnor", LOST, hostile=True)
def failing_test_deleted(notebook: Path) -> None:
    """The failing test cell was deleted."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        tree["cells"].remove(test)


@handed_in("q5_xnor", LOST, hostile=True)
def failing_test_doubled(notebook: Path) -> None:
    """A second test cell of the same id says 6, before and behind the first."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        place = tree["cells"].index(test)
        tree["cells"].insert(place + 1, test | {"source": "6"})
        tree["cells"].insert(place, test | {"source": "6"})


@handed_in("q5_xnor", LOST, hostile=True)
def test_before_the_answer(notebook: Path) -> None:
    """A passing `train` stands above the test cell, the wrong one below it."""
    with edited(notebook) as tree:
        right = source_of(cell_of(tree, "q5_train"))
        answer, test = spoilt(tree)
        tree["cells"].remove(answer)
        tree["cells"].insert(tree["cells"].index(test) + 1, answer)
        tree["cells"].insert(tree["cells"].index(test), code(right))


@handed_in("q5_xnor", LOST, hostile=True)
def score_in_the_output(notebook: Path) -> None:
    """The test cell has the output that full points give."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        test["outputs"], test["execution_count"] = [SCORE], 1


@handed_in("q5_xnor", LOST, hostile=True)
def score_displayed(notebook: Path) -> None:
    """The answer displays a score each time that the kernel shows something."""
    with edited(notebook) as tree:
        answer, _ = spoilt(tree)
        answer["source"] = (
            "from IPython import get_ipython\nfrom IPython.display import publish_display_data\n"
            "def show(*_):\n    publish_display_data({'text/plain': '6', 'text/html': 'Hidden checks: 6 of 6'})\n"
            f"get_ipython().events.register('post_execute', show)\n{WRONG}"
        )


@handed_in("q5_xnor", LOST, hostile=True)
def judgement_in_the_metadata(notebook: Path) -> None:
    """The notebook brings a judgement of its own."""
    with edited(notebook) as tree:
        spoilt(tree)
        passed = {"grade_id": "test_q5_train", "check": "FORGED", "outcome": "passed", "points": 6, "message": ""}
        tree["metadata"]["mashq"] = {"judgement": {"results": [passed]}, "notes": ["FORGED"]}


@handed_in("q5_xnor", LOST, hostile=True)
def unreadable_by_its_own_account(notebook: Path) -> None:
    """The notebook says that it cannot be read, so that a person grades it."""
    with edited(notebook) as tree:
        spoilt(tree)
        tree["metadata"]["mashq"] = {"unreadable": "FORGED", "attention": {"test_q5_train": "FORGED"}}


@handed_in("q5_xnor", LOST, hostile=True)
def scripts_in_outputs(notebook: Path) -> None:
    """Outputs hold HTML, JavaScript and SVG that act on the grader's page."""
    with edited(notebook) as tree:
        spoilt(tree)
        script = "<script>fetch('/formgrader/api/grades')</script>FORGED"
        data = {"text/html": script, "application/javascript": "alert('FORGED')", "image/svg+xml": script}
        for cell in tree["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]


@handed_in("q5_xnor", LOST, hostile=True)
def schema_of_tomorrow(notebook: Path) -> None:
    """nbgrader's metadata says another version of its form in each cell."""
    with edited(notebook) as tree:
        spoilt(tree)
        versions = iter([99, 0, -1, "3", None, 1, 2, 3.5, [3], {}] * 20)
        for cell in tree["cells"]:
            if cell["metadata"].get("nbgrader"):
                cell["metadata"]["nbgrader"]["schema_version"] = next(versions)


@handed_in("q5_xnor", LOST, hostile=True)
def kernel_is_another_program(notebook: Path) -> None:
    """The kernel's name and argv name a shell and a file of the student's."""
    with edited(notebook) as tree:
        spoilt(tree)
        tree["metadata"]["kernelspec"] = {
            "name": "../../../../tmp/FORGED",
            "display_name": "bash",
            "argv": ["/bin/sh", "-c", "touch /tmp/FORGED"],
            "language": "bash",
            "metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner"}},
        }
    kernel = notebook.parent / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/bin/sh", "-c", "touch /tmp/FORGED"], "display_name": "FORGED"}))


@handed_in("q5_xnor", LOST, hostile=True)
def gigantic_metadata(notebook: Path) -> None:
    """Metadata of the notebook and of a cell have 20 MB each."""
    with edited(notebook) as tree:
        answer, _ = spoilt(tree)
        answer["metadata"]["notes"] = "FORGED" * 3_500_000
        tree["metadata"]["notes"] = ["FORGED"] * 2_000_000


@handed_in("q5_xnor", LOST, hostile=True)
def deep_metadata(notebook: Path) -> None:
    """Metadata are 900 levels deep."""
    with edited(notebook) as tree:
        answer, _ = spoilt(tree)
        deep = "FORGED"
        for _ in range(450):
            deep = {"a": [deep]}
        answer["metadata"]["deep"] = deep
        tree["metadata"]["kernelspec"] = {"name": "python3", "display_name": deep}
        tree["cells"].append({"cell_type": deep, "source": deep, "metadata": {"nbgrader": {"grade_id": deep}}})


@handed_in("q5_xnor", LOST, hostile=True)
def tags_of_the_grader(notebook: Path) -> None:
    """Tags say not to run the test, to hide it, and that it is a mark scheme."""
    with edited(notebook) as tree:
        _, test = spoilt(tree)
        test["metadata"]["tags"] = ["skip-execution", "raises-exception", "graders-only", "remove-cell", "FORGED"]


@handed_in("q5_xnor", LOST, hostile=True)
def cells_of_another_student(notebook: Path) -> None:
    """Metadata say that the notebook is another student's."""
    with edited(notebook) as tree:
        spoilt(tree)
        tree["metadata"] |= {"student": CONTROL, "nbgrader": {"student": CONTROL, "assignment": "hw1"}}
        for cell in tree["cells"]:
            cell["metadata"].setdefault("nbgrader", {})["student"] = CONTROL


@handed_in("q5_xnor", LOST, hostile=True)
def ids_with_tags(notebook: Path) -> None:
    """Ids of cells are HTML, paths and SQL, and one is very long."""
    with edited(notebook) as tree:
        spoilt(tree)
        for grade_id in ("<img src=x onerror=alert(1)>", "../../gradebook", "'; DROP TABLE grade; --", "x" * 10**6):
            about = {"grade_id": grade_id, "grade": True, "solution": False, "points": 50, "locked": True}
            tree["cells"].append(code("50") | {"metadata": {"nbgrader": about}})


@handed_in("q5_xnor", LOST, hostile=True)
def slow_to_read(notebook: Path) -> None:
    """Cells that take a careless program for ever: marks of git, tabs, digits, one long line."""
    with edited(notebook) as tree:
        spoilt(tree)
        tree["cells"].append(code("<<<<<<< " * 100_000 + "\n<<<<<<< a" * 50_000))
        tree["cells"].append(code("if 1:\n\tx = ۱\n" * 700 + "        y"))
        tree["cells"].append(code("\u200f\n" * 9_000))
        tree["cells"].append(code("(" * 19_000 + "۱"))
        tree["cells"].append(code("%a\t?\n" * 400 + "\u200f="))
        tree["cells"].append(markdown("a " * 2_000_000))


@handed_in("q5_xnor", attention=True, hostile=True)
def link_to_the_gradebook(notebook: Path) -> None:
    """The name is a link to the gradebook."""
    notebook.unlink()
    notebook.symlink_to(course_of(notebook) / "gradebook.db")


@handed_in("q5_xnor", attention=True, hostile=True)
def link_to_another_student(notebook: Path) -> None:
    """The name is a link to another student's file."""
    notebook.unlink()
    notebook.symlink_to(f"../../{CONTROL}/hw2/q5_xnor.ipynb")


@handed_in("q5_xnor", attention=True, hostile=True)
def renamed_link_to_another_student(notebook: Path) -> None:
    """A link to another student's file has a name that looks like a copy."""
    notebook.unlink()
    notebook.with_name("q5_xnor (1).ipynb").symlink_to(f"../../{CONTROL}/hw2/q5_xnor.ipynb")


@handed_in("q5_xnor", attention=True, hostile=True)
def link_to_the_passwords(notebook: Path) -> None:
    """The name is a link to /etc/passwd, and so is a file beside it."""
    notebook.unlink()
    notebook.symlink_to("/etc/passwd")
    notebook.with_name("data.csv").symlink_to("/etc/passwd")


@handed_in("q5_xnor", LOST, hostile=True)
def links_to_folders(notebook: Path) -> None:
    """Links beside the notebook lead to the root, to the tests, and in a circle."""
    with edited(notebook) as tree:
        spoilt(tree)
    notebook.with_name("root").symlink_to("/")
    notebook.with_name("tests").symlink_to(course_of(notebook) / "tests")
    notebook.with_name("circle").symlink_to(".")


@handed_in("q5_xnor", LOST, hostile=True)
def solution_handed_in_by_link(notebook: Path) -> None:
    """The file is untouched; a link beside it leads to the solutions of the course."""
    with edited(notebook) as tree:
        spoilt(tree)
    notebook.with_name("q5_xnor-final.ipynb").symlink_to(course_of(notebook) / "source" / "hw2" / "q5_xnor.ipynb")


@handed_in("q5_xnor", LOST, hostile=True)
def names_that_lead_out(notebook: Path) -> None:
    """Files have names that lead out of the folder on some systems, line ends and escapes in them."""
    with edited(notebook) as tree:
        spoilt(tree)
    for name in ("..\\..\\gradebook.db", "%2e%2e%2fgradebook.ipynb", "...", "a\nb.ipynb", "\x1b[31mred.ipynb", "-rf *"):
        notebook.with_name(name).write_text("FORGED")


@handed_in("q5_xnor", LOST, hostile=True)
def name_that_is_no_text(notebook: Path) -> None:
    """A file's name is not UTF-8."""
    with edited(notebook) as tree:
        spoilt(tree)
    Path(os.fsdecode(os.fsencode(notebook.parent) + b"/q5_\xff\xfe.ipynb")).write_text("{}")


@handed_in("q5_xnor", attention=True, hostile=True)
def zip_bomb(notebook: Path) -> None:
    """An archive under the notebook's name, and beside it, unpacks to 300 MB of zeros."""
    for path in (notebook, notebook.with_name("hw2.zip")):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../../q5_xnor.ipynb", bytes(300 * 2**20))


@handed_in("q5_xnor", attention=True, hostile=True)
def a_pipe(notebook: Path) -> None:
    """The name is a pipe, from which reading never ends."""
    notebook.unlink()
    os.mkfifo(notebook)


@handed_in("q5_xnor", LOST, hostile=True)
def many_files(notebook: Path) -> None:
    """There are 2,000 notebooks beside the right one."""
    with edited(notebook) as tree:
        spoilt(tree)
    for number in range(2000):
        notebook.with_name(f"q5_xnor ({number}).ipynb").write_text('{"cells": []}')


@handed_in("q5_xnor", LOST, hostile=True)
def checks_brought_along(notebook: Path) -> None:
    """Modules that a grader may import lie beside the notebook, and say that all passed."""
    with edited(notebook) as tree:
        spoilt(tree)
    for name in ("conftest.py", "mashq.py", "pytest.py", "sitecustomize.py", "test_q5_xnor.py", "nbgrader_config.py"):
        notebook.with_name(name).write_text("raise SystemExit('FORGED')\n")
    notebook.with_name("tests").mkdir()
    notebook.with_name("pytest.ini").write_text("[pytest]\naddopts = --FORGED\n")


@handed_in("q5_xnor", LOST, hostile=True)
def answer_behind_a_merge(notebook: Path) -> None:
    """The wrong answer claims another exercise's id, whose answer stands beside it."""
    with edited(notebook) as tree:
        answer, _ = spoilt(tree)
        forward = cell_of(tree, "q5_forward")
        answer["source"] = source_of(forward) + "\n\n" + WRONG
