"""Which files lie beside a notebook while it runs: all that was handed in, within limits that are said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mashq.handed_in import beside
from mashq.handed_in.beside import Beside, Code, in_words, put_over

pytestmark = pytest.mark.quick


def fill(folder: Path, *names: str, size: int = 1) -> None:
    """Files of these names and this size."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * size)


def test_what_a_student_hands_in_is_there(tmp_path: Path) -> None:
    """Large ones, hundreds of small ones, sub-folders, hidden names, names in any letters, links within."""
    names = ["weights.npz", ".params.json", ".cache/runs/1.csv", "داده/نمونه ۱.csv", "a b/c'd.txt"]
    fill(tmp_path, *names, *(f"data/{number:04}.txt" for number in range(2000)))
    fill(tmp_path, "large.bin", size=25 * 2**20)
    (tmp_path / "link.csv").symlink_to(tmp_path / "weights.npz")
    found = Beside(tmp_path)
    assert {*names, "data/1999.txt", "large.bin", "link.csv"} <= found.files.keys()
    assert (len(found.files), found.left_out) == (2007, {})


def test_what_programs_leave_is_not(tmp_path: Path) -> None:
    """Nor does it fill the limits in place of the student's own files."""
    fill(tmp_path, ".git/objects/aa", "__pycache__/m.pyc", ".ipynb_checkpoints/a-checkpoint.ipynb", "._x.csv")
    fill(tmp_path, "__MACOSX/x.csv", ".DS_Store", "timestamp.txt", ".venv/lib/m.py", "x.csv")
    assert Beside(tmp_path).files.keys() == {"x.csv"}


def test_beyond_the_limits_files_near_the_top_and_small_ones_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file that is not there is named, with the limit; one that is too large keeps no other out."""
    monkeypatch.setattr(beside, "MAX_FILES", 4)
    monkeypatch.setattr(beside, "MAX_MB", 1)
    fill(tmp_path, "deep/er/1.txt", "deep/er/2.txt", ".hidden", "a.txt", "deep/b.txt")
    fill(tmp_path, "large.bin", size=2**20)
    found = Beside(tmp_path)
    assert found.files.keys() == {"a.txt", "deep/b.txt", "deep/er/1.txt", "deep/er/2.txt"}
    assert {name: str(why) for name, why in found.left_out.items()} == {
        "large.bin": "more than 1 MB lie beside the notebook",
        ".hidden": "more than 4 files lie beside the notebook",
    }
    assert "'large.bin' was not there while the notebook ran: more than 1 MB lie" in str(
        in_words(found.left_out)[0]
    )


def test_what_cannot_be_taken_safely_is_named(tmp_path: Path) -> None:
    """Links that lead out, to nothing or to folders; pipes."""
    folder = tmp_path / "mine"
    fill(tmp_path, "secret.txt", "mine/data/x.csv")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "nothing.txt").symlink_to("/home/somebody/x.txt")
    (folder / "folder").symlink_to(folder / "data")
    os.mkfifo(folder / "pipe")
    found = Beside(folder)
    assert found.files.keys() == {"data/x.csv"}
    assert {name: str(why) for name, why in found.left_out.items()} == {
        "out.txt": "it is a link that leads elsewhere",
        "nothing.txt": "it is a link that leads elsewhere",
        "folder": "it is a link that leads elsewhere",
        "pipe": "it is no ordinary file",
    }


def test_notebooks_are_there_where_code_names_them(tmp_path: Path) -> None:
    """Run, imported, named by a module or by another such notebook; no others, and none in a circle."""
    fill(tmp_path, "unused.ipynb", "imported.ipynb")
    (tmp_path / "helpers.ipynb").write_text('{"source": "%run lib/deeper.ipynb"}')
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "deeper.ipynb").write_text('{"source": "%run helpers.ipynb"}')
    (tmp_path / "tools.py").write_text("run('of tools.ipynb')")
    fill(tmp_path, "of tools.ipynb", "کمکی.ipynb")
    found = Beside(tmp_path)
    assert found.of("x = 1")[0].keys() == {"tools.py", "of tools.ipynb"}
    assert found.of("%run ./helpers.ipynb")[0].keys() - found.of("")[0].keys() == {
        "helpers.ipynb",
        "lib/deeper.ipynb",
    }
    assert "imported.ipynb" in found.of("import imported")[0]
    assert "کمکی.ipynb" in found.of(r"%run \u06a9\u0645\u06a9\u06cc.ipynb")[0]


@pytest.mark.parametrize(
    ("name", "code", "named"),
    [
        ("a/weights.npz", "np.load('weights.npz')", True),
        ("weights.npz", "np.load('weight.npz')", False),
        ("helpers.ipynb", "from helpers import f", True),
        ("helpers.ipynb", "helpers = 1", False),
        ("circle", 'box = {"style": "circle"}', False),
        ("circle", "os.listdir('circle')", True),
        ("Makefile", 'open(f"parts/Makefile")', True),
        ("my data", '{"source": "open(\\"my data\\")"}', True),
    ],
)
def test_a_name_in_code(name: str, code: str, named: bool) -> None:
    """Whether it is this file's."""
    assert Code(code).names(name) is named


def test_files_of_two_folders_in_one() -> None:
    """Where a file stands in the place of a folder, or the other way round, the upper one counts."""
    below = {"a": b"1", "b/c": b"1", "d/e": b"1", "f": b"1"}
    assert put_over(below, {"a": b"2", "b": b"2", "f/g": b"2"}) == {
        "a": b"2",
        "b": b"2",
        "d/e": b"1",
        "f/g": b"2",
    }
