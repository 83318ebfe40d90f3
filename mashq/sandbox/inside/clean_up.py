"""How the warm process clears what a submission left: processes and files."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mashq.sandbox.inside.usage import other_processes

SCRATCH = Path("/scratch")
SHARED_MEMORY = Path("/dev/shm")
MANY_FILES = 10_000  # more take longer to remove than a new sandbox takes to start


def reap(kernel: int = 0) -> None:
    """Take leave of processes that have ended and whose parents are gone; `kernel` is left for `wait4`."""
    with suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == kernel:
                return
            os.waitpid(ended.si_pid, 0)


def _is_alone() -> bool:
    """Whether there is no other process in here; cannot be deceived by ones that fork and vanish."""
    try:
        os.kill(-1, 0)  # signal 0 does nothing: it only asks whether there is anybody
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def clear_leftovers(patience_s: float) -> str:
    """Clear what a submission left behind; says what cannot be cleared, nothing when all is as it was."""
    give_up = time.monotonic() + patience_s
    while True:
        reap()
        if _is_alone():
            break
        if time.monotonic() > give_up:
            return f"{len(other_processes())} processes"
        time.sleep(0.01)
    for folder in (SCRATCH, SHARED_MEMORY):
        state = os.statvfs(folder)
        if state.f_files - state.f_ffree > MANY_FILES:
            return f"{state.f_files - state.f_ffree} files in {folder}"
        try:
            _clear(folder)
        except (OSError, RecursionError) as error:
            return f"files in {folder} ({type(error).__name__})"
    return ""


def _clear(folder: Path) -> None:
    """Remove all in a folder that nobody else is using any more."""
    if os.stat(folder).st_uid == os.geteuid():
        os.chmod(folder, 0o1777)  # its owner could close it
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, onerror=_open_up)
        else:
            entry.unlink()


def _open_up(remove: Any, path: str, _error: Any) -> None:
    """A folder that its owner had closed: open it and try once more."""
    with suppress(OSError):
        os.chmod(Path(path).parent, 0o700)
    if Path(path).is_dir() and not Path(path).is_symlink():
        os.chmod(path, 0o700)
        shutil.rmtree(path, onerror=_open_up)
    elif remove is os.unlink:
        os.unlink(path)
