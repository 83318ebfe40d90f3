"""Downloads from a server on this machine: checksums, mirrors, going on, clear errors."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from mashq.datasets import DataError, _cache, _download
from mashq.datasets._sources import DATASETS, Dataset
from tests.support.datasets import Published, Server, raw_file

pytestmark = pytest.mark.quick

CONTENT = bytes(range(256)) * 2000  # 512,000 bytes: several chunks
QUICK = _download.Patience(connect_s=2, total_s=20)


@pytest.fixture
def thing() -> Published:
    """A dataset of one file."""
    return Published(
        Dataset("thing", "A thing", (raw_file("a/thing.bin", CONTENT),), "none", 1), {"a/thing.bin": CONTENT}
    )


@pytest.fixture
def target() -> Path:
    return _cache.root() / "raw" / "a" / "thing.bin"


def test_file_arrives_whole(thing: Published, server: Server, target: Path) -> None:
    server.files = thing.contents
    assert _download.download(thing.on(server.url), QUICK) == _cache.root() / "raw"
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["thing.bin"]


def test_file_that_is_there_is_not_asked_for(thing: Published, server: Server) -> None:
    thing.save(_cache.root() / "raw")
    _download.download(thing.on(server.url), QUICK)
    assert not server.requests


def test_interrupted_download_goes_on_where_it_stopped(
    thing: Published, server: Server, target: Path
) -> None:
    server.files = thing.contents
    server.cut_after = 200_000
    with pytest.raises(DataError, match=r"thing\.bin .*(\n.*)*goes on where it stopped"):
        _download.download(thing.on(server.url), QUICK)
    have = target.with_name("thing.bin.part").stat().st_size
    assert 0 < have <= 200_000
    assert not target.exists()
    server.cut_after = None
    _download.download(thing.on(server.url), QUICK)
    assert server.requests[-1] == ("/a/thing.bin", f"bytes={have}-")
    assert target.read_bytes() == CONTENT


def test_server_without_ranges_starts_again(thing: Published, server: Server, target: Path) -> None:
    server.files = thing.contents
    server.cut_after = 200_000
    with pytest.raises(DataError):
        _download.download(thing.on(server.url), QUICK)
    server.cut_after, server.ranges = None, False
    _download.download(thing.on(server.url), QUICK)
    assert target.read_bytes() == CONTENT


def test_spoiled_part_is_thrown_away(thing: Published, server: Server, target: Path) -> None:
    """The rest fits but the beginning is wrong: one more request gets the whole file."""
    server.files = thing.contents
    target.parent.mkdir(parents=True)
    target.with_name("thing.bin.part").write_bytes(b"x" * 1000)
    _download.download(thing.on(server.url), QUICK)
    assert [wanted for _, wanted in server.requests] == ["bytes=1000-", None]
    assert target.read_bytes() == CONTENT


def test_wrong_content_is_refused(thing: Published, server: Server, target: Path) -> None:
    server.files = {"a/thing.bin": CONTENT[::-1]}
    with pytest.raises(DataError, match="wrong content"):
        _download.download(thing.on(server.url), QUICK)
    assert not any(target.parent.iterdir())


def test_log_in_page_of_a_network_is_refused(thing: Published, server: Server, target: Path) -> None:
    server.files = {"a/thing.bin": b"<html>Please log in</html>"}
    with pytest.raises(DataError, match="offers 26 bytes instead of 512,000"):
        _download.download(thing.on(server.url), QUICK)
    assert not any(target.parent.iterdir())


def test_next_mirror_is_tried(thing: Published, server: Server, target: Path) -> None:
    server.files = thing.contents
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    _download.download(thing.on(f"http://127.0.0.1:{port}", f"{server.url}/nothing", server.url), QUICK)
    assert target.read_bytes() == CONTENT


def test_damaged_file_in_the_cache_is_replaced(thing: Published, server: Server, target: Path) -> None:
    server.files = thing.contents
    target.parent.mkdir(parents=True)
    target.write_bytes(b"damaged")
    _download.download(thing.on(server.url), QUICK)
    assert target.read_bytes() == CONTENT


def test_packed_files_are_downloaded_and_a_damaged_plain_one_removed(
    small_mnist: Published, server: Server
) -> None:
    raw = _cache.root() / "raw"
    server.files = small_mnist.contents
    damaged = raw / small_mnist.dataset.files[0].path
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"damaged")
    _download.download(small_mnist.on(server.url), QUICK)
    assert sorted(path.name for path in damaged.parent.iterdir()) == sorted(
        Path(path).name for path in small_mnist.contents
    )


def test_no_network_gives_an_error_that_says_what_to_do(thing: Published, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(DataError) as caught:
        _download.download(thing.on(f"http://127.0.0.1:{port}"), QUICK)
    message = str(caught.value)
    assert "Could not download thing.bin of A thing" in message
    assert f"http://127.0.0.1:{port}/a/thing.bin" in message
    assert "Connect to the network and run `mashq data fetch`" in message
    assert "MASHQ_DATA" in message


def test_silent_server_is_given_up(thing: Published, server: Server) -> None:
    server.silent = True
    with pytest.raises(DataError, match=r"no answer within 0\.3 s"):
        _download.download(thing.on(server.url), _download.Patience(connect_s=0.3, total_s=5))


def test_slow_download_stops_and_keeps_what_it_has(thing: Published, server: Server, target: Path) -> None:
    server.files = thing.contents
    with pytest.raises(DataError, match="too slow"):
        _download.download(thing.on(server.url), _download.Patience(connect_s=2, total_s=0))
    assert target.with_name("thing.bin.part").stat().st_size > 0


def test_offline_is_an_error_that_says_so(
    thing: Published, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASHQ_OFFLINE", "1")
    with pytest.raises(DataError, match="MASHQ_OFFLINE forbids downloads"):
        _download.download(thing.on(server.url), QUICK)
    assert not server.requests


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("0", False), ("", False), ("no", False)]
)
def test_offline_variable(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("MASHQ_OFFLINE", value)
    assert _download.offline() is expected


def test_unwritable_cache_is_an_error_that_says_so(
    thing: Published, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MASHQ_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match=r"Cannot write to .*MASHQ_CACHE"):
        _download.download(thing.on(server.url), QUICK)


def test_two_downloads_at_once_make_one(thing: Published, server: Server, target: Path) -> None:
    server.files = thing.contents
    threads = [
        threading.Thread(target=_download.download, args=(thing.on(server.url), QUICK)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() == CONTENT
    assert len(server.requests) == 1


def test_progress_goes_to_stderr(thing: Published, server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    server.files = thing.contents
    _download.download(thing.on(server.url), QUICK, progress=True)
    shown = capfd.readouterr()
    assert "thing.bin" in shown.err
    assert shown.out == ""


def test_progress_can_be_silenced(
    thing: Published, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    server.files = thing.contents
    _download.download(thing.on(server.url), QUICK, progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: str(dataset.name))
def test_published_files_have_mirrors_and_checksums(dataset: Dataset) -> None:
    for file in dataset.files:
        source = file.packed or file
        assert len(source.urls) >= 2
        assert all(url.endswith(source.path.rsplit("/", 1)[-1]) for url in source.urls)
        assert len(file.sha256) == len(source.sha256) == 64
        assert file.size >= source.size > 0
