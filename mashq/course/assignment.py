"""What an instructor has given for one assignment: release, hidden checks, files, translations."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from mashq import datasets
from mashq.cells import doubled_ids, is_locked, is_test, known_cells
from mashq.course.folder import CourseFolder, unknown
from mashq.course.given import Given
from mashq.course.gradebook.access import known_assignments, locked_texts
from mashq.course.nbgrader import run_nbgrader
from mashq.course.submissions import Stamp, stamp_of
from mashq.errors import CourseError, did_you_mean
from mashq.handed_in.beside import LeftOut
from mashq.language import language_of, words_of
from mashq.temporary.folders import folder_for


class Assignment:
    """A released assignment of a course folder; each file is read once, when it is asked for.

    Raises CourseError when the folder is no course, or the assignment was not released.
    """

    def __init__(self, folder: CourseFolder, name: str) -> None:
        self.folder, self.name = folder, name
        self.stamp = self.stamp_now()  # before anything is read
        self._released = _released(folder, name)

    def released_file(self, notebook: str) -> Path:
        """The file of a released notebook; CourseError, with those that are there, for another name."""
        found = {path.stem: path for path in self._released}
        if notebook not in found:
            raise unknown(self.name, "notebook", notebook, list(found))
        return found[notebook]

    @cached_property
    def release(self) -> dict[str, bytes]:
        """The released notebooks, by name."""
        return {path.stem: path.read_bytes() for path in self._released}

    @cached_property
    def notebooks(self) -> dict[str, Any]:
        """The released notebooks as nbformat reads them, by name; CourseError where two cells share an id."""
        notebooks = {name: nbformat.reads(data.decode(), as_version=4) for name, data in self.release.items()}
        require_unique_ids({str(path): notebooks[path.stem] for path in self._released})
        return notebooks

    @cached_property
    def checks(self) -> dict[str, bytes]:
        """The hidden checks, by the name of their notebook."""
        paths = {name: self.folder.check_file(self.name, name) for name in self.release}
        return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}

    def require_check_files(self) -> None:
        """Raises CourseError where a check file belongs to no notebook: that notebook would go without."""
        require_owned(self.folder, self.name, {*self.release, *self._in_sources()})

    def unchecked(self) -> list[str]:
        """The notebooks whose points only their visible checks decide, while others have check files."""
        return [
            name
            for name, notebook in self.notebooks.items()
            if self.checks and name not in self.checks and not self.hidden[name]
            if any(is_test(cell) for cell in known_cells(notebook).values())
        ]

    def _in_sources(self) -> list[str]:
        return [path.stem for path in self.folder.source(self.name).glob("*.ipynb")]

    @cached_property
    def hidden(self) -> dict[str, dict[str, tuple[str, str]]]:
        """The locked code cells with hidden parts: {notebook: {grade_id: (released text, whole text)}}.

        nbgrader's own record of the sources has the whole text; else the instructor's notebooks have it.
        """
        whole = locked_texts(self.folder, self.name) or self._locked_in_sources()
        found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in self.notebooks}
        for name, notebook in self.notebooks.items():
            for grade_id, cell in known_cells(notebook).items():
                full = whole.get((name, grade_id), "")
                if _has_more(full, cell["source"]):
                    found[name][grade_id] = cell["source"], full
        return found

    def _locked_in_sources(self) -> dict[tuple[str, str], str]:
        paths = [path for name in self.notebooks if (path := self.source(name)).is_file()]
        return {
            (path.stem, grade_id): cell["source"]
            for path in paths
            for grade_id, cell in known_cells(nbformat.read(path, as_version=4)).items()
            if cell["cell_type"] == "code" and is_locked(cell)
        }

    def datasets(self, notebook: str) -> tuple[str, ...]:
        """The datasets that a notebook, its hidden checks and the modules given beside it name."""
        released = self.notebooks.get(notebook, {"cells": []})
        codes = [cell["source"] for cell in released["cells"] if cell["cell_type"] == "code"]
        codes += [whole for _, whole in self.hidden.get(notebook, {}).values()]
        modules = [data for name, data in self.given.items() if name.endswith(".py")]
        others = [self.checks.get(notebook, b""), *modules]
        return datasets.needed(*codes, *(data.decode(errors="replace") for data in others))

    @cached_property
    def given(self) -> dict[str, bytes]:
        """The files that the instructor gives beside the notebooks; they stand over the student's."""
        return self._given.files

    @property
    def given_left_out(self) -> LeftOut:
        """Those of them that are not there while a notebook runs, and why."""
        return self._given.left_out

    @property
    def shown(self) -> tuple[str, ...]:
        """The folders that notebooks must see, because some of these files are links into them."""
        return tuple(filter(None, [self._given.folder]))

    @cached_property
    def _given(self) -> Given:
        return Given(self.folder.source(self.name), self.folder.given(self.name))

    def stamp_now(self) -> Stamp:
        """Differs from `stamp` once the instructor has changed a file, or the settings."""
        folder, name = self.folder, self.name
        files = [*folder.settings_files, *folder.checks(name).glob("test_*.py"), *folder.catalogues(name)]
        return stamp_of([folder.release(name), folder.source(name)], files)

    def source(self, notebook: str) -> Path:
        """The file of the instructor's notebook, which need not be there."""
        return self.folder.source_file(self.name, notebook)

    @cached_property
    def languages(self) -> dict[str, str]:
        """The language of each released notebook; it names none where it is English."""
        return {name: language_of(notebook) for name, notebook in self.notebooks.items()}

    @property
    def language(self) -> str:
        """The language of the release as a whole."""
        return Counter(self.languages.values()).most_common(1)[0][0]

    def translations(self, notebook: str) -> bytes:
        """The course's translations into a notebook's language, a .po file; empty for English."""
        return self.folder.translations(self.name, self.languages[notebook])

    @cached_property
    def catalogues(self) -> dict[str, bytes]:
        """What each notebook's checks say in its language, {notebook: .po file}; empty for English."""
        return {name: words_of(self.translations(name), f"test_{name}.py") for name in self.languages}


def _released(folder: CourseFolder, name: str) -> list[Path]:
    """The released notebooks, sorted; where that folder is gone, they are made again from the sources.

    Raises CourseError when the assignment was never released.
    """
    sources = sorted(folder.source(name).glob("*.ipynb"))
    if any(folder.release(name).glob("*.ipynb")) or not sources:
        return folder.require_release(name)
    if name not in known_assignments(folder.gradebook[0]):
        return folder.require_release(name)
    place = folder.released_anew().release(name)
    settings = [path for path in folder.settings_files if path.is_file()]
    made_from = b"".join(path.read_bytes() for path in [*sources, *settings])
    digest = hashlib.sha256(made_from).hexdigest()
    note = place / ".made-from"
    if not note.is_file() or note.read_text() != digest:
        with folder_for("release") as aside:
            run_nbgrader(
                folder.home,
                *("generate_assignment", name, "--force"),
                f"--CourseDirectory.release_directory={folder.released_anew_name}",
                f"--CourseDirectory.db_url=sqlite:///{aside}/gradebook.db",
            )
        place.chmod(0o755)
        note.write_text(digest)
    return sorted(place.glob("*.ipynb"))


def require_owned(folder: CourseFolder, assignment: str, notebooks: Collection[str]) -> None:
    """Raises CourseError where a check file is called after none of these notebooks."""
    files = folder.checks(assignment).glob("test_*.py")
    names = {path.stem.removeprefix("test_"): path for path in sorted(files)}
    strays = [
        f"{path} holds the checks of no notebook: {assignment} has none that is called {name!r}."
        f"{did_you_mean(name, sorted(notebooks))} A check file is called test_NOTEBOOK.py; rename this one, "
        "or move it elsewhere."
        for name, path in names.items()
        if name not in notebooks
    ]
    if strays:
        raise CourseError("\n".join(strays))


def _has_more(whole: str, released: str) -> bool:
    """Whether a text is the released one with lines between; a translated release has other lines."""
    lines = iter(whole.splitlines())
    return len(whole.split()) > len(released.split()) and all(line in lines for line in released.splitlines())


def doubled(place: str, notebook: Any) -> Iterator[str]:
    """One sentence for each id that several cells of a notebook have.

    place : of the notebook, as a person finds it
    """
    for grade_id, numbers in doubled_ids(notebook).items():
        cells = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
        yield (
            f"{place}: cells {cells} have the same nbgrader id {grade_id!r}, on which points hang. "
            "Give all but one of them another id (in Jupyter: Create Assignment, or the cell's metadata)."
        )


def require_unique_ids(notebooks: Mapping[str, Any]) -> None:
    """Raises CourseError with all ids that are there twice in these notebooks, by their places."""
    found = [says for place, notebook in notebooks.items() for says in doubled(place, notebook)]
    if found:
        raise CourseError("\n".join(found))
