"""Putting what was made anew in the place of what is there: all of it or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path


def exchange(folders: Mapping[Path, Path]) -> None:
    """Put folders in the place of others, which need not be there; {what was made: its place}.

    When something fails, what is there stays as it was.
    """
    with ExitStack() as undo:
        ready = {}
        for made, place in folders.items():
            real = Path(os.path.realpath(place))  # a link to a folder stays one
            real.parent.mkdir(parents=True, exist_ok=True)
            new, old = (real.with_name(f".{real.name}.{state}") for state in ("new", "old"))
            for rest in (new, old):  # of a command that was killed
                shutil.rmtree(rest, ignore_errors=True)
            undo.callback(shutil.rmtree, new, ignore_errors=True)
            shutil.move(made, new)  # perhaps from another disk, which takes its time
            ready[real] = (new, old)
        for real, (new, old) in ready.items():
            if real.exists():
                real.rename(old)
                undo.callback(old.rename, real)
            new.rename(real)
            undo.callback(shutil.rmtree, real)
        undo.pop_all()
    for _new, old in ready.values():
        shutil.rmtree(old, ignore_errors=True)
