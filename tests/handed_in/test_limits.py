"""Reading is bounded: whatever was handed in is read, or refused with its reason, in seconds."""

from __future__ import annotations

import copy
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mashq.grading.intake.find import Finder
from mashq.grading.intake.receive import receive
from mashq.handed_in import apart, limits
from mashq.handed_in.beside import Code
from mashq.handed_in.limits import MAX_CELL, MAX_CELLS, MAX_NOTES, MAX_TEXT
from mashq.handed_in.parse import text_of
from mashq.handed_in.read import SubmissionError, read_submission
from mashq.judge.session.stops import left_above
from tests.support.tiny_course import tiny_release, tiny_submission

pytestmark = pytest.mark.quick

PATH = Path("areas.ipynb")
TREE: dict[str, Any] = json.loads(nbformat.writes(tiny_submission()))
SECONDS = 5.0  # of computing; each of these took minutes, or hours, before there were limits


def with_cells(*sources: str, kind: str = "code") -> bytes:
    """A submission with these cells behind its own."""
    tree = copy.deepcopy(TREE)
    parts: dict[str, Any] = {"metadata": {}, "cell_type": kind}
    parts |= {"outputs": [], "execution_count": None} if kind == "code" else {}
    tree["cells"] += [{**parts, "source": source} for source in sources]
    return json.dumps(tree).encode()


def lines_of(line: str, letters: int) -> str:
    """A line again and again."""
    return line * (letters // len(line))


SLOW_CODE = {
    "ipython lines": lines_of("!ls «a»\n", 2_000),
    "many ipython lines": lines_of("%time «a»\n", 19_000),
    "questions": lines_of("print?\nx = ‘a’ ‚\n", 19_000),
    "shell and digits": lines_of("a = !ls ۱\nb = ۲\n", 19_000),
    "signs of many kinds": "".join(f"x{n} = {sign}۱\n" for n, sign in enumerate("−–—×÷" * 300)),
    "tabs": lines_of("if 1:\n\tx = 1\n        y = 2\n", 19_000),
    "deep and with tabs": "if 1:\n\tx = " + "-" * 900 + "1\n        y = «2»",
    "numbers": "".join(f"n{n}: float\nn{n} = 0,5\n" for n in range(30_000)),
    "a dict of numbers": "a: dict[" + ", " * 300_000,
    "a name of a million letters": "a" * 900_000 + " = «1»",
    "empty lines": "x" + "\n" * 900_000 + "= 1",
}


@pytest.mark.parametrize("code", SLOW_CODE.values(), ids=SLOW_CODE)
def test_code_made_to_take_hours_is_received_in_seconds(code: str) -> None:
    """And it is not changed into other code; in one cell, and in a hundred."""
    many = max(1, min(100, MAX_TEXT // 2 // len(code)))
    for sources in ([code], [code] * many):
        start = time.process_time()
        received = receive(PATH, with_cells(*sources), tiny_release())
        assert time.process_time() - start < SECONDS
        assert received.problems == []


def test_signs_are_put_right_up_to_a_limit_that_is_told() -> None:
    """Cells behind it stay as they are, and a note says so once."""
    slow = "".join(f"x{n} = {'−–×'[n % 3]}{n}\n" for n in range(1500))
    read = read_submission(PATH, with_cells(*[slow] * 30))
    told = [str(note) for note in read.notes if "only in the cells before cell" in str(note)]
    assert len(told) == 1


TOO_MUCH = {
    "cells": (with_cells(*["x"] * MAX_CELLS), "cells, and more than 2000 are not read"),
    "a cell": (with_cells("x" * (MAX_CELL + 1)), "letters in cell 7, and more than 1000000 in a cell"),
    "text": (
        with_cells(*["x" * MAX_CELL] * 3, kind="markdown"),
        "in its cells, and more than 2000000",
    ),
    "cells of no form": (
        json.dumps({"cells": [0] * (MAX_CELLS + 1)}).encode(),
        "cells, and more than 2000 are not read",
    ),
    "cells of an old format": (
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [{}] * (MAX_CELLS + 1)}]}).encode(),
        "cells, and more than 2000 are not read",
    ),
}


@pytest.mark.parametrize(("data", "reason"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_beyond_the_limits_waits_for_a_person_who_is_told(data: bytes, reason: str) -> None:
    """It is not a zero: the released cells stand there, and the reason above them."""
    received = receive(PATH, data, tiny_release())
    assert [reason in str(problem) for problem in received.problems] == [True]
    assert reason.split(",")[0] in received.notebook.cells[0].source.replace("\n", " ")


def test_pasted_pictures_do_not_count_as_text() -> None:
    """Colab puts a photograph into a text cell as letters."""
    picture = "![](data:image/png;base64," + "A" * 3_000_000 + ")"
    assert read_submission(PATH, with_cells(picture, kind="markdown")).notebook.cells[-1].source == picture


def test_pictures_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a size that a page can still show; attachments count, too."""
    monkeypatch.setattr(limits, "MAX_PICTURES_MB", 1)
    tree = json.loads(with_cells("![](attachment:a.png)", kind="markdown"))
    tree["cells"][-1]["attachments"] = {"a.png": {"image/png": "A" * 2 * 2**20}}
    with pytest.raises(SubmissionError, match="pictures of 2 MB"):
        read_submission(PATH, json.dumps(tree).encode())


def test_notes_have_a_limit_and_say_how_many_there_are_besides() -> None:
    """A thousand of them would hide the first."""
    received = receive(PATH, with_cells(*["x = ۱"] * 1000), tiny_release())
    assert len(received.notes) == MAX_NOTES + 1
    assert "more notes of this kind" in str(received.notes[-1])


DEEP = "[" * 900 + "]" * 900


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(TREE)
        .replace('"display_name": "Python 3 (ipykernel)"', f'"display_name": {DEEP}')
        .encode(),
        json.dumps(TREE).replace('"cell_type": "markdown"', f'"cell_type": {DEEP}').encode(),
        json.dumps(TREE).replace('"metadata": {', f'"metadata": {{"a": {DEEP}, ', 1).encode(),
        with_cells("def f():\n    raise NotImplementedError(" + "-" * 900 + "1)\n    return 1"),
        with_cells("a" + ".a" * 900 + "()"),
    ],
    ids=["name of the kernel", "type of a cell", "metadata", "an answer", "a call"],
)
def test_what_is_nested_deep_stops_nothing(data: bytes) -> None:
    """Neither reading nor what looks into the code afterwards."""
    received = receive(PATH, data, tiny_release())
    for cell in received.notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["nbgrader"] = {"grade_id": "x", "solution": True}
    list(left_above(received.notebook))


def other_files(folder: Path, *contents: bytes) -> Finder:
    """A submission with these files under other names."""
    for number, content in enumerate(contents):
        (folder / f"other{number}.ipynb").write_bytes(content)
    return Finder({"areas": tiny_release()}, [])


@pytest.mark.long
@pytest.mark.parametrize(
    "content",
    [
        with_cells(*["x = 1\n" * 1000] * 300),
        with_cells(*["x = 1"] * 1900),
        with_cells("x" + "\n" * 900_000, "y = ۱\n" * 100_000),
        b'{"cells": [' + b"[]," * 1_000_000 + b"0]}",
    ],
    ids=["large cells", "many cells", "empty lines", "lists"],
)
def test_files_under_other_names_are_looked_into_in_seconds(content: bytes, tmp_path: Path) -> None:
    """Twenty of them, before anybody is graded; what they are is said, or a person looks."""
    finder = other_files(tmp_path, *[content] * 20)
    start = time.process_time()
    (work,) = finder.find("hoda", tmp_path, ["areas"])
    assert time.process_time() - start < 3 * SECONDS
    assert work.note or work.doubt


def test_a_zip_with_a_table_of_a_million_names_is_not_read(tmp_path: Path) -> None:
    """A person opens it; a notebook may be in it."""
    entry = b"PK\1\2" + b"\0" * 42
    contents = entry * 100_000
    size = len(contents).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(contents + b"PK\5\6" + b"\0" * 8 + size + b"\0" * 6)
    finder = Finder({"areas": tiny_release()}, [])
    start = time.process_time()
    (work,) = finder.find("hoda", tmp_path, ["areas"])
    assert "a.zip" in str(work.doubt)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('open("data")', True),
        ('a / open("data")', True),
        ("open('weights/data')", True),
        ("open(f'data/{n}')", True),
        ("the data", False),
        ('x = "data"', False),
        ("my/database", False),
    ],
)
def test_a_file_without_an_ending_counts_where_a_call_or_a_path_names_it(code: str, names: bool) -> None:
    """In code, and in the JSON of a notebook with it."""
    assert Code(code).names("folder/data") is names
    assert Code(json.dumps(code)).names("folder/data") is names


# -- a process that can be ended --------------------------------------------------------------------------


def large(middle: bytes) -> bytes:
    """A file that is read apart."""
    return b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5, "cells": [' + middle + b"]}"


@pytest.mark.process
def test_a_large_file_is_read_as_a_small_one_is() -> None:
    """In a process of its own; what its outputs hold is dropped there."""
    tree = json.loads(with_cells("x = ۱", "open('weights.npz')"))
    small = read_submission(PATH, json.dumps(tree).encode())
    tree["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 9 * 2**20}]
    data = json.dumps(tree).encode()
    read = read_submission(PATH, data)
    assert [c.source for c in read.notebook.cells] == [c.source for c in small.notebook.cells]
    assert read.notes == small.notes
    assert "weights.npz" in text_of(data)
    assert "xxx" not in text_of(data)


@pytest.mark.long
@pytest.mark.process
@pytest.mark.parametrize("piece", [b"[],", b'{"":{}},', b'"",'])
def test_a_file_that_would_fill_the_memory_costs_its_own_points_alone(
    piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process has a limit, and the next file is read as ever."""
    monkeypatch.setattr(apart, "_apart", bounded := apart.Apart())
    monkeypatch.setattr(apart, "ask", bounded.ask)
    data = large(piece * (250 * 2**20 // len(piece)) + b"0")
    with pytest.raises(SubmissionError, match=r"takes too long, or too much memory|2000 are not read"):
        read_submission(PATH, data)
    tree = copy.deepcopy(TREE)
    tree["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 9 * 2**20}]
    assert read_submission(PATH, json.dumps(tree).encode()).notebook.cells
    bounded.close()


def spin() -> None:
    """Never end, in Python."""
    while True:
        pass


def sleep_in_c() -> None:
    """Compute without an end, in C."""
    sum(iter(int, 1))


def give_up() -> None:
    """End the process."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.long
@pytest.mark.process
@pytest.mark.parametrize("function", [spin, sleep_in_c, give_up])
def test_what_does_not_end_is_ended(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon after its time; then the process answers again."""
    monkeypatch.setattr(apart, "PATIENCE_S", 10.0)
    process = apart.Apart()
    with pytest.raises(apart.TooMuchError):
        process.ask(f"{__name__}:{function.__name__}", seconds=0.3)
    assert process.ask("builtins:len", "four", seconds=5.0) == 4
    process.close()
