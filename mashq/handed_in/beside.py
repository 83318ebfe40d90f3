"""The files beside a notebook: which of them are there while it runs, and why the others are not.

One set of limits and names, for grading and for `mashq validate`. What is looked at is not trusted: links,
pipes and files that come and go meanwhile do no harm.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from mashq.handed_in.own_file import LinkError, NoFileError, all_own
from mashq.language import marked as N_
from mashq.problems import Sentence, writable

MAX_MB = 100  # of all files together; they take of the submission's memory while it runs
MAX_FILES = 5000
MAX_SEEN = 50_000  # names in a folder; further ones are not looked at
USUAL = 2**16  # bytes; most files are no larger
MAX_NOTEBOOKS = 500  # that may be there where code names them
MAX_CODE = 2_000_000  # letters of modules, or of a notebook among the files, in which names are looked for
NOTEBOOK = ".ipynb"
MODULE = ".py"
TIMESTAMP = "timestamp.txt"  # nbgrader's, with the time of submission
NOT_COLLECTED = "not-collected.txt"  # what `nbgrader collect` left in the exchange, and why
# What programs leave in a folder, beside what a person puts there.
OF_PROGRAMS = (
    *(TIMESTAMP, "__pycache__", "*.pyc", ".ipynb_checkpoints", ".git", ".hg", ".svn", ".venv", ".*_cache"),
    *("__MACOSX", "._*", ".DS_Store"),
)
_OF_PROGRAMS = re.compile("|".join(translate(os.path.normcase(pattern)) for pattern in OF_PROGRAMS))
TOO_LARGE = N_("more than {size} MB lie beside the notebook")
TOO_MANY = N_("more than {count} files lie beside the notebook")
TOO_MANY_NOTEBOOKS = N_("more than {count} notebooks lie beside it")
LINK = N_("it is a link that leads elsewhere")
NO_FILE = N_("it is no ordinary file")
UNREADABLE = N_("it cannot be read: {why}")

# In code: a name of a file that is the first argument of a call, or in a path; and a module.
PLACE = re.compile(r"""(?:\(\s*\w?\\?["']|/)(?=([^"'/\n]{1,255}?)(?:\\?["']|/))""")
IMPORTED = re.compile(r"\b(?:import|from)\s+(\w+)")

LeftOut = Mapping[str, Sentence]  # {relative path with "/": why}


@dataclass(frozen=True)
class Seen:
    """The files of a folder by their relative path; nothing of them was read yet."""

    files: Mapping[str, int]  # {name: bytes} of those that are there while a notebook runs
    notebooks: Mapping[str, int]  # the same of notebooks, which are there where code names them
    left_out: dict[str, Sentence] = field(default_factory=dict)


def look(folder: Path) -> Seen:
    """The files below a folder, within the limits: those near its top first, then the small ones."""
    left_out: dict[str, Sentence] = {}
    sizes = dict(islice(ordinary_files(folder, left_out), MAX_SEEN))
    named = sorted((name for name in sizes if name.endswith(NOTEBOOK)), key=lambda n: _rank(n, sizes[n]))
    files = within_limits({name: sizes[name] for name in sizes.keys() - set(named)}, left_out)
    for name in named[MAX_NOTEBOOKS:]:
        left_out[name] = Sentence.of(TOO_MANY_NOTEBOOKS, count=MAX_NOTEBOOKS)
    return Seen(files, {name: sizes[name] for name in named[:MAX_NOTEBOOKS]}, left_out)


def within_limits(sizes: Mapping[str, int], left_out: dict[str, Sentence]) -> dict[str, int]:
    """Of these files, {relative path: bytes}, those that are taken; `left_out` gets why the others are not.

    Those of programs come last, so that they are never in the way of what a person put there.
    """
    files: dict[str, int] = {}
    total = 0
    for name in sorted(sizes, key=lambda name: _rank(name, sizes[name])):
        if len(files) >= MAX_FILES:
            left_out[name] = Sentence.of(TOO_MANY, count=MAX_FILES)
        elif total + sizes[name] > MAX_MB * 2**20:
            left_out[name] = Sentence.of(TOO_LARGE, size=MAX_MB)
        else:
            files[name], total = sizes[name], total + sizes[name]
    return files


def over_the_limits(left_out: LeftOut) -> dict[str, Sentence]:
    """What was left out because there is too much, and not for what it is."""
    too_much = (TOO_LARGE, TOO_MANY, TOO_MANY_NOTEBOOKS)
    return {name: why for name, why in left_out.items() if why.template in too_much}


def _rank(name: str, size: int) -> tuple[bool, bool, int, int, str]:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") for part in parts)
    return any(map(is_of_a_program, parts)), hidden, len(parts), size, name


def ordinary_files(
    folder: Path, left_out: dict[str, Sentence], links: bool = False
) -> Iterator[tuple[str, int]]:
    """(relative path, bytes) of all files but those of programs; what may not be read is left out.

    links : whether links to files outside of the folder are followed; only where whoever made them is trusted
    """

    def unreadable(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # it went away just now
            why = Sentence.of(UNREADABLE, why=error.strerror or "")
            left_out[Path(error.filename).relative_to(folder).as_posix()] = why

    for place, folders, names in os.walk(folder, onerror=unreadable):  # does not follow links
        folders[:] = sorted(name for name in folders if not is_of_a_program(name))
        for name in (*folders, *sorted(names)):
            path = Path(place, name)
            if is_of_a_program(name) or (name in folders and not path.is_symlink()):
                continue
            relative = path.relative_to(folder).as_posix()
            try:
                state = path.stat()
            except OSError:  # a link to nothing, or it went away just now
                if path.is_symlink():
                    left_out[relative] = Sentence.of(LINK)
                continue
            if path.is_symlink() and (name in folders or not (links or is_inside(path, folder))):
                left_out[relative] = Sentence.of(LINK)
            elif not stat.S_ISREG(state.st_mode):
                left_out[relative] = Sentence.of(NO_FILE)
            else:
                yield relative, state.st_size


def is_of_a_program(name: str) -> bool:
    """Whether a file or folder of this name is what a program left there, and not the student."""
    return _OF_PROGRAMS.fullmatch(os.path.normcase(name)) is not None


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path of a submission, links followed, is below the submission's folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


class Beside:
    """The files of one folder, as they are while a notebook of it runs.

    files : those that are there for every notebook
    left_out : those that are not, and why
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        seen = look(folder)
        self._notebooks = seen.notebooks
        self.left_out = seen.left_out
        self.files = self._read(seen.files, self.left_out)
        self._modules = Code(text_of_modules(self.files, (MODULE,)))

    def of(self, text: str) -> tuple[dict[str, bytes], dict[str, Sentence]]:
        """The files for code with this text, and those left out: `files`, and notebooks that it names.

        Those that these name, and that modules name, are there, too.
        """
        taken: dict[str, bytes] = {}
        left_out = dict(self.left_out)
        room = MAX_MB * 2**20 - sum(map(len, self.files.values()))
        codes = [Code(text), self._modules]
        while codes:
            code = codes.pop()
            for name in [name for name in self._notebooks if name not in taken and code.names(name)]:
                if self._notebooks[name] > room:
                    left_out[name] = Sentence.of(TOO_LARGE, size=MAX_MB)
                elif data := self._read([name], left_out).get(name):
                    taken[name], room = data, room - len(data)
                    codes.append(Code(data[:MAX_CODE].decode(errors="replace")))
        return self.files | taken, left_out

    def _read(self, names: Iterable[str], left_out: dict[str, Sentence]) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        room = MAX_MB * 2**20  # a file may have grown since it was looked at
        for name, opened in all_own(self._folder, names):
            try:
                with opened() as file:
                    data = file.read(USUAL)  # room for all would be made for each
                    if len(data) == USUAL:
                        data += file.read(max(0, room + 1 - USUAL))
            except FileNotFoundError:
                continue  # it went away just now
            except OSError as error:
                left_out[name] = why_not(error)
                continue
            if len(data) > room:
                left_out[name] = Sentence.of(TOO_LARGE, size=MAX_MB)
            else:
                files[name], room = data, room - len(data)
        return files


def why_not(error: OSError) -> Sentence:
    """Why a file was left out that `open_own` did not open."""
    if isinstance(error, LinkError | NoFileError):
        return Sentence.of(LINK if isinstance(error, LinkError) else NO_FILE)
    return Sentence.of(UNREADABLE, why=error.strerror or "")


class Code:
    """Code, or the JSON of notebooks with it, and the files that it names; searched once for all of them."""

    def __init__(self, text: str) -> None:
        self._text = text

    def names(self, name: str) -> bool:
        """Whether it names a file; a notebook may be imported, too.

        A name without an ending is a word like any other; it counts as what a call is given first, or in a
        path.
        """
        path = PurePosixPath(name)
        spelt = {path.name, json.dumps(path.name)[1:-1]}
        if path.suffix and any(text in self._text for text in spelt):
            return True
        if not spelt.isdisjoint(self._in_places):
            return True
        return path.suffix == NOTEBOOK and path.stem in self._imported

    @cached_property
    def _in_places(self) -> set[str]:
        return set(PLACE.findall(self._text))

    @cached_property
    def _imported(self) -> set[str]:
        return set(IMPORTED.findall(self._text))


def text_of_modules(files: Mapping[str, bytes], kinds: tuple[str, ...] = (MODULE, NOTEBOOK)) -> str:
    """The texts of the files of these kinds, up to a limit."""
    texts, room = [], MAX_CODE
    for data in (data for name, data in files.items() if PurePosixPath(name).suffix in kinds):
        texts.append(data[:room].decode(errors="replace"))
        room -= len(texts[-1])
        if room <= 0:
            break
    return "\n".join(texts)


def put_over(below: Mapping[str, bytes], above: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files of two folders in one: where a file stands in another's place, the one above counts."""
    folders = {str(parent) for name in above for parent in PurePosixPath(name).parents}
    kept = {
        name: data
        for name, data in below.items()
        if name not in folders and not any(str(parent) in above for parent in PurePosixPath(name).parents)
    }
    return kept | dict(above)


def in_words(left_out: LeftOut, most: int = 5) -> list[Sentence]:
    """What was left out, a sentence for each reason, with the names of the first few."""
    by_reason: dict[str, list[str]] = {}
    reasons = {}
    for name, why in left_out.items():
        reasons[str(why)] = why
        by_reason.setdefault(str(why), []).append(writable(name))
    sentences = []
    for reason, names in by_reason.items():
        some = ", ".join(map(repr, sorted(names)[:most]))
        if len(names) > most:
            note = N_("{names} and {count} more were not there while the notebook ran: {why}")
            sentences.append(Sentence.of(note, names=some, count=len(names) - most, why=reasons[reason]))
        else:
            note = N_("{names} was not there while the notebook ran: {why}")
            sentences.append(Sentence.of(note, names=some, why=reasons[reason]))
    return sentences
