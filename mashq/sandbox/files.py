"""What lies beside a notebook and goes with it into the folder that it runs in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

Files = Mapping[str, bytes]  # {relative path with "/": content}

MAX_MB = 20  # of all files together; a scan of some pages on paper has 5
MAX_FILES = 500
LEFT_OUT = ("*.ipynb", ".*", "__pycache__", "timestamp.txt", "*.pyc")


def read_files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files below a submission's folder, smallest first until MAX_MB, and notes on those left out.

    Notebooks, hidden files and links (which could lead anywhere) are left out.
    """
    paths = [path for path in folder.rglob("*") if _is_companion(path, folder)]
    sizes = sorted((path.stat().st_size, str(path.relative_to(folder).as_posix()), path) for path in paths)
    files: dict[str, bytes] = {}
    notes, total = [], 0
    for size, name, path in sizes:
        total += size
        if total > MAX_MB * 2**20 or len(files) >= MAX_FILES:
            notes.append(
                f"{name} was left out while the notebook ran: more than {MAX_MB} MB of files beside it"
            )
        else:
            files[name] = path.read_bytes()
    return files, notes


def _is_companion(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    links = any(Path(folder, *parts[: n + 1]).is_symlink() for n in range(len(parts)))
    hidden = any(PurePosixPath(part).match(pattern) for part in parts for pattern in LEFT_OUT)
    return not links and not hidden and path.is_file()


def write_files(folder: Path, files: Files) -> None:
    """Put files below a folder that exists."""
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def safe_files(files: Files) -> dict[str, bytes]:
    """The files whose names lead nowhere but into the folder."""
    return {
        name: data
        for name, data in files.items()
        if (path := PurePosixPath(name)).parts and not path.is_absolute() and ".." not in path.parts
    }
