"""The cache of decoded arrays: atomic, shared, replaceable, not needed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mashq.datasets import DataError, _cache, course_folder, load_hoda, load_mnist
from mashq.datasets.standins import hoda_standin
from tests.support.datasets import Published, Use

needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such file modes")


def test_arrays_come_back_as_they_were() -> None:
    written: _cache.Arrays = {"a": np.arange(6).reshape(2, 3), "b": np.array([1.5], dtype=np.float32)}
    _cache.write("course", "thing", written, "key")
    read = _cache.read("course", "thing", ("a", "b"), "key")
    assert read is not None
    for field, array in written.items():
        np.testing.assert_array_equal(read[field], array)
        assert read[field].dtype == array.dtype


def test_another_key_is_another_array() -> None:
    _cache.write("course", "thing", {"a": np.zeros(1)}, "old")
    assert _cache.read("course", "thing", ("a",), "new") is None


def test_arrays_are_mapped_and_copied_on_write() -> None:
    _cache.write("course", "thing", {"a": np.zeros(3)}, "key")
    first = _cache.read("course", "thing", ("a",), "key")
    assert first is not None
    first["a"][:] = 9
    again = _cache.read("course", "thing", ("a",), "key")
    assert again is not None
    assert again["a"].tolist() == [0, 0, 0]
    assert isinstance(first["a"].base, np.memmap)


def test_a_new_array_replaces_the_file_and_not_its_content() -> None:
    """Whoever has mapped the old file keeps the old array."""
    old = _cache.write("course", "thing", {"a": np.zeros(3)}, "key")
    new = _cache.write("course", "thing", {"a": np.ones(3)}, "key")
    assert old["a"].tolist() == [0, 0, 0]
    assert new["a"].tolist() == [1, 1, 1]


def test_no_temporary_file_is_left() -> None:
    _cache.write("course", "thing", {"a": np.zeros(3)}, "key")
    assert [path.name for path in course_folder().iterdir()] == ["thing-a-key.npy"]


@needs_modes
def test_hidden_folder_is_closed_to_others() -> None:
    for part in _cache.PARTS:
        _cache.write(part, "thing", {"a": np.zeros(3)}, "key")
    assert stat.S_IMODE(_cache.folder("hidden").stat().st_mode) == 0o700
    assert _cache.folder("course").stat().st_mode & stat.S_IRUSR


def test_interrupted_write_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk while writing: readers still see the array of before, nothing half-written."""
    _cache.write("course", "thing", {"a": np.zeros(3)}, "key")

    def full(file: object, *_: object, **__: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", full)
        _cache.write("course", "thing", {"a": np.ones(3)}, "key")
    assert np.load(next(iter(course_folder().glob("*.npy")))).tolist() == [0, 0, 0]
    assert len(list(course_folder().iterdir())) == 1


def test_damaged_array_is_made_again(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    use(small_hoda.save(tmp_path / "data"))
    # copies, since cutting a file that is mapped into memory would take the arrays away
    expected = [array.copy() for array in load_hoda()]
    for file in course_folder().glob("*.npy"):
        file.write_bytes(file.read_bytes()[:100])
    for got, want in zip(load_hoda(), expected, strict=True):
        np.testing.assert_array_equal(got, want)


def test_damaged_array_without_raw_files_is_an_error(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    file = small_hoda.save(tmp_path / "data") / "Data_hoda_full.mat"
    use(tmp_path / "data")
    load_hoda()
    file.unlink()
    for array in course_folder().glob("*-bits-*.npy"):
        array.write_bytes(b"")
    with pytest.raises(DataError, match="mashq data fetch hoda"):
        load_hoda()


def test_loaders_work_without_a_writable_cache(
    small_stand_ins: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then arrays are made once in a process."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MASHQ_CACHE", str(tmp_path / "file" / "cache"))
    first = load_hoda()
    images, _ = load_mnist()
    monkeypatch.setattr(hoda_standin, "make", lambda part: pytest.fail("made again"))
    again = load_hoda()
    np.testing.assert_array_equal(first[0], again[0])
    images[:] = 3
    assert load_mnist()[0].max() > 3


def test_two_processes_may_start_at_once(tmp_path: Path) -> None:
    """Each makes the arrays; all get the same ones and the cache is whole."""
    script = (
        "import hashlib\n"
        "from mashq.datasets import load_hoda\n"
        "from mashq.datasets.standins import hoda_standin\n"
        "hoda_standin.COUNTS = {'course': 1300, 'hidden': 50}\n"
        "digest = hashlib.sha256(b''.join(part.tobytes() for part in load_hoda()))\n"
        "print(digest.hexdigest())\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    digests = {process.communicate(timeout=120)[0].splitlines()[-1] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(digests) == 1
    assert len(list(course_folder().iterdir())) == 3


def test_usual_cache_folder_is_the_operating_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASHQ_CACHE")
    assert _cache.root().is_absolute()
    assert "mashq" in _cache.root().parts
