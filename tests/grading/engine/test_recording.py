"""How long results wait for a gradebook or a disk that fails."""

from __future__ import annotations

import time

import pytest

from mashq.errors import RecordError
from mashq.grading.engine.recording import RECORD_WAITS_S, Recording

pytestmark = pytest.mark.quick


class Disk:
    """Fails until it is put right."""

    def __init__(self) -> None:
        self.full, self.tries = True, 0

    def write(self) -> None:
        self.tries += 1
        if self.full:
            raise RecordError("the disk is full")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; they take no time."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def test_a_full_disk_is_waited_for_once_and_not_with_each_submission(pauses: list[float]) -> None:
    """Half a minute for a class of 200, and not half a minute each; what works is tried patiently again."""
    disk, recording = Disk(), object.__new__(Recording)
    recording._waited_in_vain = False

    def record() -> None:
        recording._write(disk.write, lambda _: None)

    for _ in range(200):
        with pytest.raises(RecordError):
            record()
    assert pauses == list(RECORD_WAITS_S)
    assert disk.tries == len(RECORD_WAITS_S) + 200
    disk.full = False
    record()
    disk.full = True
    with pytest.raises(RecordError):
        record()
    assert pauses == 2 * list(RECORD_WAITS_S)
