"""What `mashq data status` shows and `mashq data fetch` does."""

from __future__ import annotations

from pathlib import Path

import pytest

from mashq.datasets import DataError, _cache, fetch, load_hoda, prepare, status
from tests.support.datasets import Published, Server, Use, publish

pytestmark = pytest.mark.quick


def test_status_of_nothing() -> None:
    """Both datasets are listed, with what to do."""
    rows = status()
    assert [row.name for row in rows] == ["hoda", "mnist"]
    for row in rows:
        assert row.source == "stand-in"
        assert row.folder is None
        assert row.checksum_ok is None
        assert row.cached == ()
        assert f"mashq data fetch {row.name}" in row.problem


def test_status_of_real_files(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    use(small_hoda.save(tmp_path / "data"))
    load_hoda()
    row = status()[0]
    assert row.source == "real"
    assert row.folder == tmp_path / "data"
    assert row.size == small_hoda.dataset.files[0].size
    assert row.cached == ("course",)
    assert row.checksum_ok is True
    assert row.problem == ""


def test_status_shows_damage(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    (small_hoda.save(tmp_path / "data") / "Data_hoda_full.mat").write_bytes(b"damaged")
    use(tmp_path / "data")
    row = status()[0]
    assert row.checksum_ok is False
    assert "is damaged" in row.problem


def test_status_and_stand_ins(small_stand_ins: None) -> None:
    """A stand-in in the cache is not real data in the cache."""
    prepare()
    assert [(row.source, row.cached) for row in status()] == [("stand-in", ()), ("stand-in", ())]


def test_fetch_downloads_checks_and_decodes(
    small_hoda: Published, small_mnist: Published, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files = small_hoda.contents | small_mnist.contents
    for published in (small_hoda, small_mnist):
        publish(published.on(server.url), monkeypatch)
    rows = fetch(progress=False)
    assert len(server.requests) == 5
    for row in rows:
        assert row.source == "real"
        assert row.cached == ("course", "hidden")
        assert row.checksum_ok is True
        assert row.folder == _cache.root() / "raw"
    fetch(progress=False)
    assert len(server.requests) == 5


def test_fetch_takes_names(small_hoda: Published, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files = small_hoda.contents
    publish(small_hoda.on(server.url), monkeypatch)
    assert [row.name for row in fetch(["hoda"], progress=False)] == ["hoda"]


def test_fetch_uses_files_that_are_there(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    use(small_hoda.save(tmp_path / "data"))
    (row,) = fetch(["hoda"])
    assert row.folder == tmp_path / "data"
    assert row.cached == ("course", "hidden")


def test_fetch_replaces_a_damaged_download(
    small_hoda: Published, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files = small_hoda.contents
    publish(small_hoda.on(server.url), monkeypatch)
    file = _cache.root() / "raw" / "Data_hoda_full.mat"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"damaged")
    (row,) = fetch(["hoda"], progress=False)
    assert row.checksum_ok is True


def test_fetch_leaves_a_damaged_file_of_the_user_alone(
    small_hoda: Published, tmp_path: Path, use: Use
) -> None:
    file = small_hoda.save(tmp_path / "data") / "Data_hoda_full.mat"
    file.write_bytes(b"damaged")
    use(tmp_path / "data")
    with pytest.raises(DataError, match="is damaged"):
        fetch(["hoda"])
    assert file.read_bytes() == b"damaged"


def test_fetch_without_network_is_an_error_not_a_stand_in() -> None:
    with pytest.raises(DataError, match="MASHQ_OFFLINE forbids downloads"):
        fetch(["hoda"])


def test_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown dataset 'hodda'; expected one of hoda, mnist"):
        fetch(["hodda"])
