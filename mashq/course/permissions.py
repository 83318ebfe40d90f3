"""Who else on this machine can read and write what is in a course folder.

What mashq makes is for its owner alone, or for the course's group where nbgrader's `groupshared` says so:
hidden checks, solutions, submissions and grades are nobody else's.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from mashq.course.folder import CourseFolder
from mashq.errors import RecordError

FOR_OWNER, FOR_GROUP = 0o077, 0o007  # as umask: what is taken away
BESIDE = ("", "-wal", "-shm", "-journal")  # the files of a database of SQLite's, by the ends of their names
TRIAL_KB = 256  # that must fit on each disk that is written to


def keep_private(course: CourseFolder) -> int:
    """Make what this process and its children write from here on the course's alone; the former umask."""
    return os.umask(FOR_GROUP if course.groupshared else FOR_OWNER)


def share(paths: Iterable[Path]) -> None:
    """Let the group write, as nbgrader does in a `groupshared` course; what others own stays as it is.

    The group is that of the folder above: an account's own files may belong to a group of its own.
    """
    for path in paths:
        with suppress(PermissionError):
            if sys.platform != "win32" and path.stat().st_gid != (group := path.parent.stat().st_gid):
                os.chown(path, -1, group)
            path.chmod(path.stat().st_mode & 0o7777 | (0o2770 if path.is_dir() else 0o660))


def share_databases(course: CourseFolder, assignment: str) -> None:
    """Let the group write the databases of a `groupshared` course, as far as this account owns them.

    SQLite gives the files that it makes beside a database the database's own permissions.
    """
    if not course.groupshared or sys.platform == "win32":
        return
    own = course.store(assignment).parent
    share([*([own] if own.is_dir() else []), *_databases(course, assignment)])


def require_writable(course: CourseFolder, assignment: str) -> None:
    """Raises RecordError where grades could not be written, before anything has been graded."""
    share_databases(course, assignment)
    folders = {course.store(assignment).parent, *_parents(course, assignment)}
    _require_open(course, [*_databases(course, assignment), *sorted(folders)])
    disks: dict[int, Path] = {}
    for folder in folders:
        near = next(path for path in (folder, *folder.parents) if path.exists())
        disks.setdefault(near.stat().st_dev, near)
    for place in (*disks.values(), Path(tempfile.gettempdir())):
        _try_to_write(place)


def require_graded_writable(course: CourseFolder, assignment: str, students: Iterable[str]) -> None:
    """Raises RecordError where the graded notebooks of these students could not be replaced."""
    _require_open(course, [course.autograded(assignment, student) for student in sorted(students)])


def _require_open(course: CourseFolder, paths: Iterable[Path]) -> None:
    """Raises RecordError, with who can open them, where some of these are there and cannot be written."""
    closed = [path for path in paths if path.exists() and not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        more = f" and {len(closed) - 3} more" if len(closed) > 3 else ""
        names = ", ".join(map(str, closed[:3]))
        raise RecordError(
            f"nothing was graded, because {names}{more} cannot be written; {_advice(course, closed)}"
        )


def open_to_others(course: CourseFolder) -> list[Path]:
    """What other accounts of this machine can read of the course's private parts; none on Windows."""
    if sys.platform == "win32":
        return []
    wide = 0o007 if course.groupshared or not _has_members(course.root) else 0o077
    return [path for path in course.private_parts() if path.exists() and _is_reached(path, wide)]


def in_words(course: CourseFolder) -> str:
    """What is open to others, and the shell command that closes it; empty where nothing is."""
    found = open_to_others(course)
    if not found:
        return ""
    names = ", ".join(os.path.relpath(path, course.root) for path in found)
    who = "o" if course.groupshared or not _has_members(course.root) else "go"
    folders = {course.root, *(path for path in found if not path.is_relative_to(course.root))}
    places = " ".join(shlex.quote(str(folder)) for folder in sorted(folders))
    return f"Other accounts of this machine can read {names}. To close it to them: chmod {who}-rwx {places}"


def _databases(course: CourseFolder, assignment: str) -> Iterator[Path]:
    for database in (course.gradebook_file, course.store(assignment)):
        if database is not None:
            yield from (path for end in BESIDE if (path := Path(f"{database}{end}")).exists())


def _parents(course: CourseFolder, assignment: str) -> list[Path]:
    """The folders in which recording makes files."""
    gradebook = course.gradebook_file
    graded = course.autograded(assignment, "STUDENT")
    above = next(path for path in graded.parents if path.exists())
    return [above, *([] if gradebook is None else [gradebook.parent])]


def _advice(course: CourseFolder, closed: list[Path]) -> str:
    names = " ".join(shlex.quote(str(path)) for path in closed[:3])
    owner = _owner(closed[0])
    if owner is None:
        return "see that you may write there"
    if course.groupshared:
        group = shlex.quote(_group(course.root))
        return f"let {owner}, who owns that, run: chgrp {group} {names} && chmod g+rw {names}"
    return (
        f"it belongs to {owner}; where several accounts grade the course, it needs "
        "c.CourseDirectory.groupshared = True and a folder of their group (chmod 2770)"
    )


def _owner(path: Path) -> str | None:
    """Who else owns a file; None where it is this account's, or on a disk that nobody can write."""
    about = path.stat()
    if sys.platform == "win32" or about.st_uid == os.geteuid():
        return None
    import pwd

    try:
        return pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        return f"account {about.st_uid}"


def _group(folder: Path) -> str:
    """The name of a folder's group, or its number where it has none."""
    import grp

    number = folder.stat().st_gid
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _try_to_write(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(TRIAL_KB * 2**10))
            file.flush()
    except OSError as error:
        raise RecordError(
            f"nothing was graded, because nothing can be written to the disk of {folder} "
            f"({error.strerror or error}); free some space there, or see why it cannot be written"
        ) from error


def _has_members(folder: Path) -> bool:
    """Whether the group of a folder has other members than the folder's owner."""
    import grp
    import pwd

    about = folder.stat()
    try:
        owner = pwd.getpwuid(about.st_uid).pw_name
        named = set(grp.getgrgid(about.st_gid).gr_mem)
    except KeyError:
        return True  # of a directory that does not tell
    first = {account.pw_name for account in pwd.getpwall() if account.pw_gid == about.st_gid}
    return bool((named | first) - {owner, "root"})


def _is_reached(path: Path, wide: int) -> bool:
    """Whether somebody with these rights comes to a path through all folders above it, and can read it.

    A folder that can only be passed counts, too: the names in it are easily guessed.
    """
    right = wide & (0o555 if path.is_dir() else 0o444)
    return bool(path.stat().st_mode & right) and all(
        folder.stat().st_mode & wide & 0o111 for folder in path.resolve().parents
    )
