"""The playground of q3: a still picture where nobody can move a slider, controls where somebody can."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import matplotlib
import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from mashq.language import speaking
from mashq.playground import EPOCHS, FRAMES, Choice, picture, playground, training
from mashq.zoo.answers import fill_in
from tests.support.commands import ROOT
from tests.support.lab import jupyter_lab, logged_in

matplotlib.use("Agg")

WIDGET = "application/vnd.jupyter.widget-view+json"
CELL = """\
import numpy as np
from mashq.playground import playground
playground({"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)}, 42)"""
TANH = {"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)}


def test_a_training_is_the_same_twice_and_learns() -> None:
    """The loss falls; another start, rate or number of units gives another curve."""
    moments = list(training(Choice(), TANH, 42))
    again = list(training(Choice(), TANH, 42))

    assert [len(moment.losses) for moment in moments] == FRAMES
    assert FRAMES[-1] == EPOCHS
    assert moments[-1].losses == again[-1].losses
    assert moments[-1].losses[-1] < 0.1 < moments[0].losses[0]
    assert moments[-1].accuracy > 0.95
    # An earlier moment keeps its own weights.
    x = np.array([[0.0, 0.0], [1.5, 1.5]])
    assert not np.allclose(moments[0].predict(x), moments[-1].predict(x), atol=0.1)
    for other in (Choice(start=2), Choice(learning_rate=0.03), Choice(hidden=8), Choice("xor")):
        assert [*training(other, TANH, 42)][-1].losses != moments[-1].losses


def test_the_picture_speaks_the_language_that_is_spoken() -> None:
    """Its heading says epoch and accuracy."""
    moment = next(training(Choice(), TANH, 42))
    with speaking("fa"):
        persian = picture(Choice(), moment, 42)
    assert persian.get_suptitle().startswith("دورهٔ \u20661\u2069: \u2066")
    assert persian.get_suptitle().endswith("%\u2069 از نقطه‌های تازه درست‌اند")
    assert re.fullmatch(
        r"Epoch 1: \d+\.\d% of the fresh points are right", picture(Choice(), moment, 42).get_suptitle()
    )


def test_mistakes_of_the_student_are_raised_in_the_cell() -> None:
    """Nothing to choose from, and a function that is not written yet."""

    def unwritten(_: np.ndarray) -> np.ndarray:
        raise NotImplementedError("this part is not written yet")

    with pytest.raises(ValueError, match="activations is empty"):
        playground({})
    with pytest.raises(NotImplementedError, match="not written"):
        playground({"relu": (unwritten, unwritten)})


@pytest.mark.parametrize(
    "before", ["", "import sys; sys.modules['ipywidgets'] = None\n"], ids=["", "without"]
)
def test_where_no_front_end_is_there_is_one_still_picture(before: str) -> None:
    """As nbgrader runs a cell: no widget in its output, no state of widgets in the notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(before + CELL)])
    NotebookClient(notebook, timeout=120).execute()

    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"image/png", "text/plain"}
    assert "widgets" not in notebook.metadata


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of a real kernel."""
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def send(client: Any, kind: str, content: dict[str, Any], metadata: dict[str, Any]) -> str:
    """Send the kernel a message as a front end does; returns its id."""
    message = client.session.msg(kind, content, metadata=metadata)
    client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def run(client: Any, code: str) -> tuple[dict[str, Any], list[set[str]]]:
    """Run code as a front end's cell: the models of its widgets by their ids, and the formats it shows."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    asked = send(client, "execute_request", content, {"cellId": "a-cell"})
    models: dict[str, Any] = {}
    shown: list[set[str]] = []
    while True:
        message = client.get_iopub_msg(timeout=120)
        said = message["content"]
        if message["msg_type"] == "comm_open":
            models[said["comm_id"]] = said["data"]["state"]
        elif message["msg_type"] == "display_data":
            shown.append(set(said["data"]))
        elif said.get("execution_state") == "idle" and message["parent_header"].get("msg_id") == asked:
            return models, shown
        assert message["msg_type"] != "error", said


def test_the_controls_speak_the_language_that_is_spoken(client: Any) -> None:
    """Their names and the button; what there is to choose from are names of Python."""
    block = "from mashq.language import speaking\nwith speaking('fa'):\n"
    models, _ = run(client, block + indent(CELL, "    "))
    assert {state["description"] for state in models.values() if state.get("description")} == {
        *("مجموعه‌داده", "تابع فعال‌سازی", "واحدهای پنهان", "نرخ یادگیری"),
        *("وزن‌های آغازین", "آموزش دوباره"),
    }


def test_a_front_end_gets_controls_and_a_slider_trains_anew(client: Any) -> None:
    """The messages that JupyterLab and VS Code exchange with the kernel, without a browser."""
    models, shown = run(client, CELL)
    assert shown == [{WIDGET, "image/png", "text/plain"}]

    (picture,) = (i for i, state in models.items() if state["_model_name"] == "ImageModel")
    (slider,) = (i for i, state in models.items() if state.get("description") == "hidden units")
    assert models[slider]["value"] == 3
    change = {"method": "update", "state": {"value": 8}, "buffer_paths": []}
    send(client, "comm_msg", {"comm_id": slider, "data": change}, {})
    pictures: set[bytes] = set()
    while len(pictures) < 5:  # live, and not once at the end
        message = client.get_iopub_msg(timeout=120)
        if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == picture:
            pictures.update(bytes(part) for part in message["buffers"])
    assert all(part.startswith(b"\x89PNG") for part in pictures)


@pytest.mark.slow
def test_in_jupyterlab_a_slider_changes_the_picture(tmp_path: Path) -> None:
    """The released q3 with the reference's answers, up to the playground.

    PLAYGROUND_PICTURE names a file for a screenshot.
    """
    released = nbformat.read(ROOT / "release" / "hw2" / "q3_playground.ipynb", as_version=4)
    source = nbformat.read(ROOT / "source" / "hw2" / "q3_playground.ipynb", as_version=4)
    notebook = fill_in(released, source)
    last = next(i for i, cell in enumerate(notebook.cells) if "mashq.playground" in cell.source)
    notebook.cells = notebook.cells[: last + 1]
    nbformat.write(notebook, tmp_path / "q3_playground.ipynb")

    with jupyter_lab(tmp_path) as (address, token), logged_in(address, token, 1280, 1400) as browser:
        tab = browser.new_page()
        tab.set_default_timeout(120_000)
        tab.goto(f"{address}lab/tree/q3_playground.ipynb")
        tab.locator(".jp-Notebook .jp-Cell").first.wait_for()
        tab.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # cells that are run before are lost
        tab.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        tab.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
        picture = tab.locator(".widget-image")
        picture.scroll_into_view_if_needed()
        first = picture.get_attribute("src")
        slider = tab.locator(".widget-hslider", has_text="hidden units").locator(".noUi-handle")
        slider.focus()
        slider.press("ArrowRight")
        seen = {first}
        for _ in range(3):  # it goes on changing: live, and not once at the end
            tab.wait_for_function(
                "seen => !seen.includes(document.querySelector('.widget-image').src)", arg=list(seen)
            )
            seen.add(picture.get_attribute("src"))
        if place := os.environ.get("PLAYGROUND_PICTURE"):
            tab.wait_for_timeout(8000)
            tab.screenshot(path=str(tmp_path / "page.png"))
            shutil.copy(tmp_path / "page.png", place)
    assert len(seen) == 4


def test_the_committed_solution_shows_the_still_picture() -> None:
    """Not a widget, whose state would fill the file and show nothing without a kernel."""
    text = (ROOT / "solutions" / "hw2" / "q3_playground.ipynb").read_text(encoding="utf-8")
    (cell,) = (cell for cell in json.loads(text)["cells"] if "mashq.playground" in "".join(cell["source"]))
    assert ["image/png" in output["data"] for output in cell["outputs"]] == [True]
    assert "widget-view" not in text
