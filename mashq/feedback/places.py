"""Where feedback is made and where it goes, and the error when it cannot be made."""

from __future__ import annotations

import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mashq.errors import MashqError


class FeedbackError(MashqError):
    """Feedback could not be made; the message names each student with the reason."""


@dataclass(frozen=True)
class Place:
    """Where one student's graded submission is, and where the feedback goes."""

    student: str
    graded: str  # as nbgrader spells it, which looks for its own spelling
    folder: Path

    @property
    def unfinished(self) -> Path:
        """Where feedback is made, to be moved when complete; nbgrader's globs skip names with a dot."""
        return self.folder.with_name(f".{self.folder.name}.unfinished")

    @property
    def replaced(self) -> Path:
        """Where earlier feedback is while the new one takes its place."""
        return self.folder.with_name(f".{self.folder.name}.replaced")

    def clear(self) -> None:
        """Remove what an interrupted run left; earlier feedback goes back to where it was."""
        if self.replaced.exists() and not self.folder.exists():
            self.replaced.rename(self.folder)
        remove(self.unfinished)
        remove(self.replaced)

    def put_in_place(self) -> None:
        """What was made takes the place of earlier feedback, which is as it was where that fails."""
        earlier = self.folder.exists()
        if earlier:
            self.folder.rename(self.replaced)
        try:
            self.unfinished.rename(self.folder)
        except OSError:
            if earlier:
                self.replaced.rename(self.folder)
            raise
        remove(self.replaced)


def remove(folder: Path) -> None:
    """Remove a folder, if it is there, with what cannot be written in it (Windows needs that said)."""
    if folder.exists():
        for path in folder.rglob("*"):
            if not path.is_symlink() and not path.stat().st_mode & stat.S_IWUSR:
                with suppress(PermissionError):  # another account's; its folder decides
                    path.chmod(path.stat().st_mode | stat.S_IWUSR)
        shutil.rmtree(folder)
