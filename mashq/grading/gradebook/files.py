"""The files of a submission that are no notebooks, on their way into `autograded/`."""

from __future__ import annotations

import glob
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath

from mashq.course.results import MISSING
from mashq.handed_in.beside import is_inside


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


def handed_in_files(
    folder: Path, ignore: Collection[str], ours: Mapping[str, Path]
) -> tuple[dict[str, Path], list[str]]:
    """{relative path: file} of what a student handed in, and which were left out and why.

    folder : what was handed in, not trusted
    ours : the files of the source folder, which a student's file may neither replace nor be in the way of
    """
    our_folders = {str(parent) for name in ours for parent in PurePath(name).parents}
    files, notes = {}, []
    for name in files_below(folder, ignore):
        path = folder / name
        if not is_inside(path, folder):
            notes.append(f"{name!r} is a link that leads out of the submission and was left out")
        elif not path.is_file():
            notes.append(f"{name!r} is not an ordinary file and was left out")
        elif name in our_folders or any(str(parent) in ours for parent in PurePath(name).parents):
            notes.append(f"{name!r} is in the place of a file of the assignment and was left out")
        else:
            files[name] = path
    return files, notes


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


@contextmanager
def new_file(path: Path, content: bytes | Path, permissions: int) -> Iterator[None]:
    """Replace a file, even a read-only one, in one step at the end of the `with` block.

    content : bytes, or the file to copy; on the disk before the block begins, so that a full disk shows there

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
                with content.open("rb") as original:
                    shutil.copyfileobj(original, file)
            file.flush()
            os.fchmod(descriptor, permissions)
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
