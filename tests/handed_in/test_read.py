"""Any file that people hand in is read, or refused with a sentence that names it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mashq.handed_in import limits
from mashq.handed_in.read import SubmissionError, read_submission
from tests.support.tiny_course import tiny_notebook

pytestmark = pytest.mark.quick


def written(folder: Path, data: bytes) -> Path:
    """A submitted file with these bytes."""
    path = folder / "areas.ipynb"
    path.write_bytes(data)
    return path


def as_tree() -> dict[str, Any]:
    """The tiny notebook as JSON data."""
    return dict(json.loads(nbformat.writes(tiny_notebook())))


def as_bytes(tree: Any) -> bytes:
    """JSON data as a file's bytes."""
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\x00\x01\x02", "is not JSON"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"%PDF-1.7", "is not JSON"),
        (as_bytes(as_tree())[:400], "is cut off"),
        (b"[1, 2]", "has no cells"),
        (b"{}", "has no cells"),
        (b'{"cells": 3}', "has no cells"),
        (b'{"cells": []}', "has no cells"),
        (b'{"cells": [1, 2]}', "has no cells"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"nbformat": 3, "worksheets": [7]}', "old notebook format"),
    ],
    ids=lambda v: v[:14].decode("latin-1") if isinstance(v, bytes) else "",
)
def test_a_file_that_is_no_notebook_is_refused_with_its_reason(
    data: bytes, reason: str, tmp_path: Path
) -> None:
    """The message names the file and the reason; the file stays as it is."""
    path = written(tmp_path, data)
    with pytest.raises(SubmissionError, match=reason) as error:
        read_submission(path)
    assert str(path) in str(error.value)
    assert path.read_bytes() == data


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_of_editors_are_read(encoding: str, tmp_path: Path) -> None:
    """Byte-order marks and UTF-16 come from Windows editors; Persian text survives."""
    tree = as_tree()
    tree["cells"][0]["source"] = "# مساحت‌ها"
    got = read_submission(written(tmp_path, json.dumps(tree, ensure_ascii=False).encode(encoding)))
    assert got.notebook.cells[0].source == "# مساحت‌ها"
    assert "UTF" in str(got.notes[0])


def test_a_wrong_encoding_is_read_with_a_note(tmp_path: Path) -> None:
    """Code is ASCII and survives; letters that do not are replaced, and the grader is told."""
    tree = as_tree()
    tree["cells"][0]["source"] = "# Flächen"
    got = read_submission(written(tmp_path, json.dumps(tree, ensure_ascii=False).encode("latin-1")))
    assert "not in UTF-8" in str(got.notes[0])
    assert got.notebook.cells[1].source == tiny_notebook().cells[1].source


def test_windows_line_ends_and_nan_do_no_harm(tmp_path: Path) -> None:
    """CRLF between JSON tokens, and NaN in an output."""
    tree = as_tree()
    tree["cells"][1]["outputs"] = [
        {"output_type": "display_data", "data": {"x": float("nan")}, "metadata": {}}
    ]
    data = json.dumps(tree, indent=1).replace("\n", "\r\n").encode()
    assert len(read_submission(written(tmp_path, data)).notebook.cells) == 6


def test_outputs_are_dropped_whatever_they_hold(tmp_path: Path) -> None:
    """Neither a forged nor a malformed output gets in."""
    tree = as_tree()
    tree["cells"][1]["outputs"] = [
        "nonsense",
        {"output_type": "execute_result", "data": {"text/plain": "99"}},
    ]
    assert read_submission(written(tmp_path, as_bytes(tree))).notebook.cells[1].outputs == []


@pytest.mark.process
def test_a_file_of_a_hundred_megabytes_is_read_with_a_note(tmp_path: Path) -> None:
    """Giant outputs cost a note, not the grade."""
    tree = as_tree()
    tree["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 100 * 2**20}]
    got = read_submission(written(tmp_path, as_bytes(tree)))
    assert "100 MB large" in str(got.notes[-1])


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is named, with what to do."""
    monkeypatch.setattr(limits, "MAX_FILE_MB", 0.001)
    with pytest.raises(SubmissionError, match="clear its outputs"):
        read_submission(written(tmp_path, as_bytes(as_tree())))


@pytest.mark.parametrize("version", [3, 4.0, 4.4, 4.5])
def test_older_formats_are_read(version: float, tmp_path: Path) -> None:
    """nbformat 3 and all of 4."""
    major, minor = int(version), round(version * 10) % 10
    notebook = tiny_notebook()
    if major == 3:
        text = nbformat.writes(nbformat.convert(notebook, 3), version=nbformat.NO_CONVERT)
    else:
        tree = as_tree() | {"nbformat_minor": minor}
        for cell in tree["cells"]:
            if minor < 5:
                del cell["id"]
        text = json.dumps(tree)
    got = read_submission(written(tmp_path, text.encode())).notebook
    assert [c.source for c in got.cells] == [c.source for c in tiny_notebook().cells]
    nbformat.validate(got)


def test_lost_parts_are_made_up_for(tmp_path: Path) -> None:
    """Metadata, ids, outputs and the kernel may lack; sources may be lists; types may be unknown."""
    tree = as_tree()
    tree["metadata"] = None
    for cell in tree["cells"]:
        for key in ("id", "metadata", "outputs", "execution_count"):
            cell.pop(key, None)
        assert isinstance(cell["source"], list)
    tree["cells"][0]["cell_type"] = "heading"
    got = read_submission(written(tmp_path, as_bytes(tree)))
    assert [c.source for c in got.notebook.cells] == [c.source for c in tiny_notebook().cells]
    assert any("named no kernel" in str(note) for note in got.notes)
    assert any("unknown type 'heading'" in str(note) for note in got.notes)


def test_repeated_cell_ids_are_told_apart(tmp_path: Path) -> None:
    """A copied cell brings its id along."""
    tree = as_tree()
    tree["cells"].append(tree["cells"][1])
    ids = [cell.id for cell in read_submission(written(tmp_path, as_bytes(tree))).notebook.cells]
    assert len(set(ids)) == len(ids) == 7


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("x = “a”\ny = ‘b’", "x = \"a\"\ny = 'b'"),
        ("x = ۱۲٫۵", "x = 12.5"),
        ("x = max(۱، ۲)  # ۳", "x = max(1, 2)  # ۳"),
        ("x = \u200f1\u00a0- 2", "x = 1 - 2"),
        ("x = 5 − 2", "x = 5 - 2"),
        ("def f():\n\ta = 1\n        return a", "def f():\n        a = 1\n        return a"),
        ("!ls\nx = ۷", "!ls\nx = 7"),
        ("x = 'سلام ۳' + f(1.5۳e۲)", "x = 'سلام ۳' + f(1.53e2)"),
        ("x = 0x۱f + 1_0\u200f", "x = 0x1f + 1_0"),
        ("x\0 = 1", "x = 1"),
        ("x = '\ud83d'", "x = '?'"),
    ],
)
def test_signs_that_python_cannot_read_are_put_right(typed: str, meant: str, tmp_path: Path) -> None:
    """What was meant is certain; the grader is told."""
    tree = as_tree()
    tree["cells"][1]["source"] = typed
    got = read_submission(written(tmp_path, as_bytes(tree)))
    assert got.notebook.cells[1].source == meant
    assert "cell 2: " in str(got.notes[0])


@pytest.mark.parametrize(
    "code",
    [
        "x = 'سلام\u200c ۱۲ “”'",
        "x = 1 +",
        "if x:\n\ta = 1\n    b = 2",
        "پیام = 1",
        "%%bash\necho “۱”",
        "x = ۱ +",
        "x = '۱'" * 10_000,
        "x = 1 \\ufffd",
    ],
    ids=range(8),
)
def test_code_that_is_right_or_wrong_by_itself_is_left_alone(code: str, tmp_path: Path) -> None:
    """Signs in strings are the student's, and wrong code stays wrong."""
    tree = as_tree()
    tree["cells"][1]["source"] = code
    got = read_submission(written(tmp_path, as_bytes(tree)))
    assert (got.notebook.cells[1].source, got.notes) == (code, [])


def test_of_metadata_only_the_id_is_kept(tmp_path: Path) -> None:
    """Tags, sizes and depths of the student's choice go no further."""
    tree = as_tree()
    deep: Any = {}
    for _ in range(200):
        deep = {"a": [deep]}
    tree["cells"][1]["metadata"] |= {"tags": ["skip-execution"], "deep": deep}
    tree["metadata"]["kernelspec"] |= {"argv": ["sh"], "display_name": deep}
    got = read_submission(written(tmp_path, as_bytes(tree))).notebook
    assert got.cells[1].metadata == {"nbgrader": {"grade_id": "area"}}
    assert got.metadata.keys() == {"kernelspec"}
    assert got.metadata.kernelspec.keys() == {"name", "display_name"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | json_values,
        "source": st.text() | st.lists(st.text()) | json_values,
        "metadata": json_values | st.fixed_dictionaries({"nbgrader": json_values}),
        "id": json_values,
        "attachments": json_values,
        "outputs": json_values,
    },
)


notebooks = st.fixed_dictionaries({"cells": st.lists(cells), "metadata": json_values})


@settings(
    max_examples=3 * settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary() | notebooks.map(as_bytes))
def test_anything_is_read_or_refused(data: bytes, tmp_path: Path) -> None:
    """Whatever the bytes: a valid notebook, or a SubmissionError."""
    with contextlib.suppress(SubmissionError):
        nbformat.validate(read_submission(written(tmp_path, data)).notebook)
