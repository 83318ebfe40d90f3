"""Errors of the disk, the notebooks and the settings, which others raise, as messages for people."""

from __future__ import annotations

import errno
import traceback

from mashq.errors import CONFIG

NEXT_STEP = {
    errno.ENOSPC: "Free some space, then run the command again.",
    errno.EDQUOT: "Free some space, then run the command again.",
    errno.EROFS: "The disk is read-only: name another place, or a course folder that you may write to.",
    errno.EACCES: "Mend its permissions (`ls -ld`), or name another place.",
    errno.EPERM: "Mend its permissions (`ls -ld`), or name another place.",
    errno.ENOENT: "Is the name right, and is its folder there?",
    errno.ENOTDIR: "Is the name right, and is its folder there?",
    errno.EISDIR: "It is a folder: name a file.",
}


def explain(error: Exception) -> str | None:
    """What happened, where and what to do next, for an error of the disk, a notebook or the settings.

    None for any other error: that is a fault of mashq's.
    """
    step = next(
        (f for f in traceback.extract_tb(error.__traceback__)[::-1] if f.filename.endswith(CONFIG)), None
    )
    if isinstance(error, SyntaxError) and str(error.filename).endswith(CONFIG):
        return (
            f"{error.filename}, line {error.lineno}: {error.msg}. Mend that line, then run the command again."
        )
    if step is not None:
        why = f"{type(error).__name__}: {error}"
        return f"{step.filename}, line {step.lineno}: {why}. Mend that line, then run the command again."
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    if type(error).__name__ == "TraitError":  # of traitlets, which students need not have
        return (
            f"a setting has a value that it cannot have: {error} Mend it in {CONFIG}, then run the "
            "command again."
        )
    if "nbformat" in modules:
        return (
            f"a notebook of the course cannot be read ({str(error)[:100]}). Look among the sources and in "
            "the release for a file that is cut off or was merged by hand, and put a copy of it back."
        )
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        advice = NEXT_STEP.get(error.errno or 0, "Look at it, then run the command again.")
        return f"{error.filename} cannot be read or written: {error.strerror}. {advice}"
    if isinstance(error, OSError) and error.errno in NEXT_STEP:
        return f"{error.strerror}. {NEXT_STEP[error.errno]}"
    return None
