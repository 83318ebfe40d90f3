"""Where the loaders take data from, and what they say when there is none."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from mashq.datasets import DataError, _cache, _download, load_hoda, load_mnist, prepare, source
from tests.support.datasets import HODA_COURSE, Published, Server, Use, publish

pytestmark = pytest.mark.quick


def cached_files(part: _cache.Part) -> set[str]:
    return {path.name.split("-")[0] for path in _cache.folder(part).glob("*.npy")}


def test_folder_in_the_environment_comes_first(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    """Nothing is copied into the raw folder of the cache; the decoded arrays are."""
    use(small_hoda.save(tmp_path / "data"))
    assert source("hoda") == "real"
    load_hoda()
    assert not (_cache.root() / "raw").exists()
    assert cached_files("course") == {"hoda"}
    assert cached_files("hidden") == set()


def test_files_in_the_cache_come_next(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    (tmp_path / "empty").mkdir()
    use(tmp_path / "empty")
    small_hoda.save(_cache.root() / "raw")
    assert source("hoda") == "real"
    assert load_hoda()[1][0] == 6


def test_a_tilde_in_the_folder_is_the_home_folder(
    small_hoda: Published, tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    small_hoda.save(tmp_path / "data")
    use(Path("~/data"))
    assert source("hoda") == "real"


def test_a_sandbox_needs_only_the_course_arrays(
    small_hoda: Published, small_mnist: Published, tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without raw files and without the hidden folder, course splits load and hidden ones do not."""
    folder = small_mnist.save(small_hoda.save(tmp_path / "data"))
    use(folder)
    assert prepare() == {"hoda": "real", "mnist": "real"}
    expected = load_hoda()
    shutil.rmtree(folder)
    shutil.rmtree(_cache.folder("hidden"))
    assert source("hoda") == source("mnist") == "real"
    for got, want in zip(load_hoda(), expected, strict=True):
        np.testing.assert_array_equal(got, want)
    assert len(load_mnist("validation")[0]) == 10
    assert not _cache.folder("hidden").exists()
    # Stand-ins would be graded against other digits than the student saw: an error is better.
    with pytest.raises(DataError, match=r"the hidden images are not in .*mashq data fetch hoda"):
        load_hoda(split="hidden")
    with pytest.raises(DataError, match=r"the hidden images are not in .*mashq data fetch mnist"):
        load_mnist("hidden")


def test_damaged_file_is_named_with_what_to_do(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    file = small_hoda.save(tmp_path / "data") / "Data_hoda_full.mat"
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    use(tmp_path / "data")
    with pytest.raises(
        DataError, match=r"Data_hoda_full\.mat is damaged .* Delete it, then run `mashq data fetch`"
    ) as caught:
        load_hoda()
    assert str(file) in str(caught.value)
    assert not cached_files("course")


def test_damaged_packed_file_is_found_too(small_mnist: Published, tmp_path: Path, use: Use) -> None:
    file = small_mnist.save(tmp_path / "data") / "MNIST/raw/t10k-labels-idx1-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-3])
    use(tmp_path / "data")
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz is damaged"):
        load_mnist("hidden")


def test_checksums_are_computed_only_when_decoding(
    small_hoda: Published, tmp_path: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(small_hoda.save(tmp_path / "data"))
    load_hoda()
    monkeypatch.setattr("mashq.datasets._raw.sha256", lambda path: pytest.fail(f"read {path} again"))
    load_hoda()


def test_stand_in_is_announced_once_for_each_dataset(
    small_stand_ins: None, capsys: pytest.CaptureFixture[str]
) -> None:
    load_hoda()
    first = capsys.readouterr().out
    assert "STAND-IN DATA: Hoda" in first
    assert "mashq data fetch" in first
    assert "MASHQ_OFFLINE is set" in first
    load_hoda()
    assert capsys.readouterr().out == ""
    load_mnist()
    assert "STAND-IN DATA: MNIST" in capsys.readouterr().out


def test_stand_in_names_a_folder_without_the_files(
    small_stand_ins: None, tmp_path: Path, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error in MASHQ_DATA shows."""
    use(tmp_path / "dtaa")
    load_hoda()
    assert f"MASHQ_DATA ({tmp_path / 'dtaa'})" in capsys.readouterr().out


def test_real_data_is_not_announced(
    small_hoda: Published, tmp_path: Path, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    use(small_hoda.save(tmp_path / "data"))
    load_hoda()
    assert capsys.readouterr().out == ""


def test_source_is_stand_in_without_data(small_stand_ins: None) -> None:
    assert source("hoda") == "stand-in"
    assert prepare(["hoda"]) == {"hoda": "stand-in"}
    assert source("hoda") == "stand-in"


def test_real_data_replaces_a_cached_stand_in(
    small_stand_ins: None, small_hoda: Published, tmp_path: Path, use: Use
) -> None:
    load_hoda()
    use(small_hoda.save(tmp_path / "data"))
    assert source("hoda") == "real"
    assert load_hoda()[1].tolist() == [(i + 6) % 10 for i in range(1000)]


def test_unknown_dataset_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown dataset 'cifar'; expected one of hoda, mnist"):
        source("cifar")


def test_missing_data_is_downloaded(
    small_hoda: Published, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files = small_hoda.contents
    publish(small_hoda.on(server.url), monkeypatch)
    assert load_hoda(n_train=HODA_COURSE - 1, n_test=1)[1][0] == 6
    assert source("hoda") == "real"
    load_hoda(split="hidden")
    assert len(server.requests) == 1


def test_offline_means_no_request(
    small_hoda: Published, small_stand_ins: None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASHQ_OFFLINE", "1")
    server.files = small_hoda.contents
    publish(small_hoda.on(server.url), monkeypatch)
    load_hoda()
    assert not server.requests
    assert source("hoda") == "stand-in"


def test_failed_download_falls_back_and_is_not_tried_again(
    small_hoda: Published,
    small_stand_ins: None,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish(small_hoda.on(server.url), monkeypatch)  # it serves nothing: 404
    load_hoda()
    load_hoda(split="hidden")
    assert len(server.requests) == 1
    assert "the download failed" in capsys.readouterr().out


def test_a_network_that_never_answers_does_not_hang_a_notebook(
    small_hoda: Published, small_stand_ins: None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.silent = True
    publish(small_hoda.on(server.url), monkeypatch)
    monkeypatch.setattr(_download, "BRIEF", _download.Patience(connect_s=0.3, total_s=2))
    start = time.monotonic()
    load_hoda()
    assert time.monotonic() - start < 5
    assert source("hoda") == "stand-in"


def test_loaders_wait_seconds_at_most() -> None:
    """The limits that the tests above shorten."""
    assert _download.BRIEF.connect_s <= 3
    assert _download.BRIEF.total_s <= 60
