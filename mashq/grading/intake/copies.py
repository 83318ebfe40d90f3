"""The files of a submission that are no notebooks, on their way into `autograded/`."""

from __future__ import annotations

import glob
import json
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import BinaryIO, NamedTuple

from mashq.course.results import MISSING
from mashq.handed_in.beside import LeftOut, why_not, within_limits
from mashq.handed_in.copying import copy_content
from mashq.handed_in.own_file import LinkError, all_own, open_own
from mashq.language import marked as N_
from mashq.problems import Sentence


def files_below(folder: Path, ignore: Collection[str]) -> list[str]:
    """Relative paths of all files that no pattern in `ignore` names, in a folder that none names.

    The same as nbgrader's `find_all_files`, which looks through a file's folder anew for each file.
    """
    found = []
    for place, folders, names in os.walk(folder):
        ignored = {name for pattern in ignore for name in glob.glob(pattern, root_dir=place)}
        folders[:] = sorted(set(folders) - ignored)
        found += [os.path.relpath(os.path.join(place, name), folder) for name in sorted(set(names) - ignored)]
    return found


class Theirs(NamedTuple):
    """A file of what a student handed in; it is opened anew to be copied, and not trusted."""

    folder: Path
    name: str

    def open(self) -> BinaryIO:
        """Raises OSError, see `open_own`."""
        return open_own(self.folder, self.name)


def handed_in_files(
    folder: Path, ignore: Collection[str], ours: Mapping[str, Path], limited: bool = True
) -> tuple[dict[str, Theirs], dict[str, Sentence]]:
    """{relative path: file} of what a student handed in, and which were left out and why.

    folder : what was handed in, not trusted
    ours : the files of the source folder, which a student's file may neither replace nor be in the way of
    limited : whether only as much is taken as may lie beside a notebook
    """
    our_folders = {str(parent) for name in ours for parent in PurePath(name).parents}
    left_out: dict[str, Sentence] = {}
    sizes: dict[str, int] = {}
    for name, opened in all_own(folder, files_below(folder, ignore)):
        try:
            with opened() as file:
                size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            if os.path.islink(folder / name):
                left_out[name] = why_not(LinkError())
            continue
        except OSError as error:
            left_out[name] = why_not(error)
            continue
        if name in our_folders or any(str(parent) in ours for parent in PurePath(name).parents):
            left_out[name] = Sentence.of(N_("it is in the place of a file of the assignment"))
        elif name not in ours:
            sizes[name] = size
    taken = within_limits(sizes, left_out) if limited else sizes
    return {name: Theirs(folder, name) for name in taken}, left_out


def say_left_out(left_out: LeftOut, most: int = 8) -> list[str]:
    """What an instructor should know of files that were left out."""
    said = [f"{name!r} was left out: {why}" for name, why in sorted(left_out.items())[:most]]
    return said + ([f"{len(left_out) - most} more files were left out"] if len(left_out) > most else [])


def delete_others(folder: Path, keep: Collection[str]) -> None:
    """Delete every file below a folder whose relative path is not in `keep`, and folders left empty."""
    for place, folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            if os.path.relpath(path, folder) not in keep:
                os.unlink(path)
        for name in folders:
            with suppress(OSError):  # not empty, which is well
                os.rmdir(os.path.join(place, name))


def copy_files(
    files: Mapping[str, Theirs | Path], target: Path, permissions: int, lasting: bool = True
) -> dict[str, Sentence]:
    """Copy files to their relative paths below a folder; returns what of a student's could not be read.

    lasting : whether each is on the disk before the next, see `new_file`
    """
    left_out = {}
    for name, file in files.items():
        try:
            original = file.open() if isinstance(file, Theirs) else file.open("rb")
        except OSError as error:
            if not isinstance(file, Theirs):
                raise
            left_out[name] = why_not(error)
            continue
        with original:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with new_file(target / name, original, permissions, lasting):
                pass  # nothing else must happen first
    return left_out


@contextmanager
def new_file(path: Path, content: bytes | BinaryIO, permissions: int, lasting: bool = True) -> Iterator[None]:
    """Replace a file, even a read-only one, in one step at the end of the `with` block.

    content : bytes, or an opened file to copy; on the disk before the block begins, so that a full disk shows
        there, unless it need not be `lasting`

    When something fails, in the block too, `path` is as it was. A process that is killed may leave a file
    beside it whose name ends in `.tmp`.
    """
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    draft = Path(name)
    try:
        with open(descriptor, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                copy_content(content, file)
            file.flush()
            os.fchmod(descriptor, permissions)
            if lasting:
                os.fsync(descriptor)  # or a power cut could leave the name without the content
        yield
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def mark_missing(path: Path, waits: Mapping[str, bool], permissions: int) -> None:
    """Say in a graded notebook that it is not in what was handed in last, which its feedback tells.

    waits : of the cells for which a person gave points, whether they wait for another look; what it says of
        them already stays

    A file that is no notebook is left as it is.
    """
    try:
        notebook = json.loads(path.read_bytes())
        about = notebook["metadata"].setdefault("mashq", {})
        if MISSING not in about:
            about[MISSING] = dict(waits)
            with new_file(path, json.dumps(notebook, indent=1, ensure_ascii=False).encode(), permissions):
                pass  # nothing else must happen first
    except (ValueError, LookupError, TypeError, AttributeError):
        return
