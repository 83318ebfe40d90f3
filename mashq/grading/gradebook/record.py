"""The one writer: puts graded notebooks into nbgrader's gradebook and into `autograded/`.

It leaves what `nbgrader autograde` leaves, with nbgrader's own code deciding every row, but over one
connection and with one commit a notebook: nbgrader opens the gradebook anew for each of its steps.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import nbformat
from nbgrader.api import (
    Assignment,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import Autograde
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from mashq.course.folder import MOST_NAMES, CourseFolder
from mashq.course.gradebook.access import require_in_gradebook
from mashq.course.gradebook.faults import fault_of, sentence, shown
from mashq.course.permissions import share
from mashq.course.results import Graded
from mashq.course.times import read_time
from mashq.errors import CourseError, RecordError
from mashq.grading.gradebook.former import basis_of, had_points, other_points, read_graded
from mashq.grading.gradebook.late_policy import takes_off
from mashq.grading.gradebook.rows import (
    OnePassGrades,
    OnePassPenalties,
    find_rows,
    has_points_of_people,
    points_of_people,
)
from mashq.grading.identities import names_of
from mashq.grading.intake.copies import (
    copy_files,
    delete_others,
    files_below,
    handed_in_files,
    mark_missing,
    new_file,
    say_left_out,
)
from mashq.grading.notebook.judging import grade_basis

NOT_HANDED_IN = "not handed in, no points"
FULL = (errno.ENOSPC, errno.EDQUOT)


class Prepared(NamedTuple):
    """What there is to say of a submission that was prepared."""

    notes: list[str]  # what an instructor should know, one sentence each
    given: dict[str, float]  # {notebook that is missing: the points that a person gave for it}


class Recorded(NamedTuple):
    """What became of the grades of one notebook."""

    notes: list[str]  # which cells have other points than nbgrader had given them
    older: bool = False  # whether the points of an earlier run stay


class Recorder:
    """Records the graded notebooks of one assignment; a context manager, for one thread.

    The course's nbgrader_config.py decides, as in `nbgrader autograde`, about the gradebook, folders, files
    to ignore, permissions and late penalties.

    Every method raises RecordError when the gradebook or the disk fails: locked, full, gone. Then `record`
    has saved nothing, `prepare` may have made rows but can be repeated, and the next call connects again;
    there is no ping before each use, because the caller tries again in any case.
    """

    def __init__(self, folder: CourseFolder, assignment: str) -> None:
        """Raises CourseError when the gradebook has no such assignment."""
        self._course = folder
        self._url, self._course_id = folder.gradebook
        self._where = shown(self._url)
        self._assignment = assignment
        self._converter = Autograde(coursedir=folder.directory, config=folder.config)  # for its settings
        self._permissions = int(str(self._converter.permissions), 8)
        self._grades = OnePassGrades(config=folder.config)
        self._penalties = OnePassPenalties(config=folder.config)
        self._gradebook: Any = None
        with self._guard(f"{assignment} cannot be recorded"):
            require_in_gradebook(folder, assignment, write=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection to the gradebook; what was not committed is undone."""
        gradebook, self._gradebook = self._gradebook, None
        if gradebook is not None:
            try:
                with suppress(DBAPIError):  # a connection that is gone cannot be told to roll back
                    gradebook.db.remove()
            finally:
                gradebook.engine.dispose()

    def prepare(
        self,
        student: str,
        folder: Path,
        notebooks: Mapping[str, Path] | None = None,
        changed: bool = True,
        rivals: Collection[Path] = (),
    ) -> Prepared:
        """Make the rows and copy the files of a submission; to be called before its first `record`.

        student : the student's id; a row is made for a new one
        folder : what was handed in, not trusted; links that lead out of it are not followed
        notebooks : the file of each notebook that counts as handed in; None for those under their names
        changed : whether the submission is another than when it was prepared last
        rivals : other versions of its notebooks, which are listed for a person

        The time of submission is what `timestamp.txt` says, or none, whatever it was before. Files that are
        no notebooks, and those of the source folder, are copied beside the graded notebooks; what a former
        submission left there is deleted. What lies there now counts: notebooks that are not in it get no
        points, whatever an earlier attempt had, and whoever gave it; where there is none at all, a person
        looks.

        Raises CourseError when the student is unknown and the course does not create students.
        """
        with self._guard(f"the submission of student {student} was not recorded"):
            timestamp, _ = read_time(folder, self._course.exchange_zone)
            self._make_rows(student, timestamp)
            known = self._notebooks()
            # a dead link counts as handed in: it cannot be read, and that is for a person
            if notebooks is None:
                paths = {name: folder / f"{name}.ipynb" for name in known}
                notebooks = {name: path for name, path in paths.items() if os.path.lexists(path)}
            handed_in = known & notebooks.keys()
            missing = known - handed_in
            notes, given = self._no_points(student, missing, bool(handed_in), changed)
            if not handed_in:
                notes.append(f"no notebook of {self._assignment} was handed in; nothing is graded")
            graded = {*notebooks.values(), *rivals}
            others = [p for p in sorted(folder.glob("*.ipynb")) if p.stem not in known and p not in graded]
            notes += [
                f"{path.name!r} is not graded: {self._assignment} has no such notebook"
                for path in others[:MOST_NAMES]
            ]
            if len(others) > MOST_NAMES:
                notes.append(f"{len(others) - MOST_NAMES} more notebooks that are not of it are not graded")
            notes += self._copy_files(student, folder, {f"{name}.ipynb" for name in handed_in | given.keys()})
        return Prepared(notes, given)

    def record(self, student: str, notebook: str, graded: Graded) -> Recorded:
        """Save the grades of one notebook, and the notebook to `autograded/STUDENT/ASSIGNMENT`.

        The new file is complete on the disk before the gradebook is committed, and gets its name in one step
        after that: a process that is killed leaves the old file or the new. What people gave in formgrader
        is kept. As in nbgrader, a score that a person gave is marked for another look, but not when what it
        rests on is the same as before, see `grade_basis`.

        Where the machine failed, or data is missing, points of an earlier run are worth more than none: all
        of them stay, with the notebook that they belong to.

        Raises CourseError when the gradebook lacks a cell of the notebook.
        """
        with self._guard(f"student {student}, {notebook}.ipynb was not recorded"):
            path = self._file(student, notebook)
            before = path.read_bytes() if path.is_file() else b""
            unchanged = before == graded.notebook
            rows = find_rows(self._db(), self._assignment, student, notebook)
            nb = nbformat.v4.reads(graded.notebook.decode())
            earlier = None if unchanged else read_graded(before)
            former = rows.auto_scores()
            reviews, waited = rows.reviews(), None
            if reviews and not unchanged:
                basis, waited = basis_of(earlier)
                reviews = reviews if basis == grade_basis(nb) else {}
            about = {"student": student, "assignment": self._assignment, "notebook": notebook}
            resources = {"nbgrader": about, "mashq": graded.judgement}
            self._grades.save(nb, resources, rows, graded)
            if reviews and waited is not None:
                rows.bring_back(waited)
            else:
                rows.keep(reviews)
            self._penalties.save(nb, resources, rows)  # after the scores, which they depend on
            scores = rows.auto_scores()
            if graded.failed_here and had_points(earlier, former, scores):
                self._gradebook.db.rollback()
                return Recorded([], older=True)
            by_nbgrader = earlier is not None and "mashq" not in earlier.metadata
            notes = list(other_points(notebook, former, scores)) if by_nbgrader else []
            if unchanged:
                self._gradebook.db.commit()
                return Recorded(notes)
            path.parent.mkdir(parents=True, exist_ok=True)
            with new_file(path, graded.notebook, self._permissions):
                self._gradebook.db.commit()
            return Recorded(notes)

    def has_points(self, student: str, notebook: str) -> bool:
        """Whether a notebook has points of the machine in the gradebook, from an earlier run."""
        path = self._file(student, notebook)
        with self._guard(f"the grades of student {student} cannot be read"):
            if not path.is_file() or (earlier := read_graded(path.read_bytes())) is None:
                return False
            scores = find_rows(self._db(), self._assignment, student, notebook).auto_scores()
            return had_points(earlier, scores, {})

    def recorded(self) -> set[tuple[str, str]]:
        """The (student, notebook) pairs that have rows in the gradebook and a file in `autograded/`."""
        with self._guard(f"the grades of {self._assignment} cannot be read"):
            pairs = self._db().execute(
                select(SubmittedAssignment.student_id, Notebook.name)
                .select_from(SubmittedNotebook)
                .join(SubmittedNotebook.assignment)
                .join(SubmittedNotebook.notebook)
                .join(SubmittedAssignment.assignment)
                .where(Assignment.name == self._assignment)
            )
            return {(student, name) for student, name in pairs if self._file(student, name).exists()}

    def known_as(self) -> dict[str, list[str]]:
        """By what names each student of the gradebook is known."""
        with self._guard(f"the students of {self._assignment} cannot be read"):
            return {student.id: names_of(student) for student in self._db().scalars(select(Student))}

    def wait_for_person(self, student: str, notebook: str, cell: str, waits: bool) -> bool:
        """Have a judged cell wait for a person, with its points, or no longer; whether it waits.

        Points that a person has given settle it.
        """
        with self._guard(f"student {student}, {notebook}.ipynb was not recorded"):
            rows = find_rows(self._db(), self._assignment, student, notebook)
            grade = rows.find_grade(cell)
            if grade.manual_score is not None:
                return False
            grade.needs_manual_grade = waits or grade.auto_score is None
            self._gradebook.db.commit()
            return waits

    def time_decides(self) -> bool:
        """Whether late work costs points: there is a due date, and the course takes something off."""
        with self._guard(f"the due date of {self._assignment} cannot be read"):
            due = self._db().scalar(select(Assignment.duedate).where(Assignment.name == self._assignment))
        return due is not None and takes_off(self._penalties)

    def _db(self) -> Any:
        """The session of the one connection, which is opened when there is none."""
        if self._gradebook is None:
            self._gradebook = Gradebook(self._url, self._course_id)
        return self._gradebook.db

    @contextmanager
    def _guard(self, what: str) -> Iterator[None]:
        """Undo what was begun when something fails; a fault of the machine becomes a RecordError."""
        try:
            yield
            if self._gradebook is not None:
                self._gradebook.db.remove()  # a fresh session each time: nothing is held, nothing is stale
        except (DBAPIError, InvalidEntry, StaleDataError, OSError) as error:
            self.close()
            raise RecordError(
                f"{what}: {self._explain(error)}, then run `mashq grade {self._assignment}` again"
            ) from error
        except MissingEntry as error:
            self.close()
            raise CourseError(
                f"{what}: the gradebook {self._where} lacks something: {error}; run "
                f"`nbgrader generate_assignment {self._assignment}`, then `mashq grade {self._assignment}`"
            ) from error
        except BaseException:
            self.close()
            raise

    def _explain(self, error: Exception) -> str:
        """What happened, where, and what to do about it."""
        cause = error.__context__ if isinstance(error, InvalidEntry) else error  # nbgrader hides the real one
        if isinstance(cause, OSError):
            place = cause.filename or self._course.autograded(self._assignment, "STUDENT")
            return f"{cause.strerror or cause} ({place}); " + (
                "free some space on that disk" if cause.errno in FULL else "put that right"
            )
        return sentence(fault_of(cause or error), self._url, cause)

    def _make_rows(self, student: str, timestamp: datetime | None) -> None:
        self._db()
        if self._converter.create_student:
            self._gradebook.update_or_create_student(student)
        else:
            try:
                self._gradebook.find_student(student)
            except MissingEntry:
                raise CourseError(
                    f"the gradebook {self._where} has no student {student!r}; run `nbgrader db student add "
                    f"{student}`, or set c.Autograde.create_student = True in nbgrader_config.py"
                ) from None
        with self._gradebook.db.no_autoflush:  # or SQLAlchemy warns of the half-made rows
            self._gradebook.update_or_create_submission(self._assignment, student, timestamp=timestamp)

    def _notebooks(self) -> set[str]:
        names = select(Notebook.name).join(Notebook.assignment).where(Assignment.name == self._assignment)
        return set(self._db().scalars(names))

    def _no_points(self, student: str, missing: set[str], others: bool, changed: bool) -> Prepared:
        """No points of the machine for notebooks that are missing; without `others` they wait for a person.

        What a person gave stays, and the person is asked again when the submission has changed.
        """
        before = {name for name in missing if self._file(student, name).exists()}
        given: dict[str, float] = {}
        asked, waits = [], {}
        for notebook in sorted(missing):
            rows = find_rows(self._db(), self._assignment, student, notebook)
            theirs = {cell: grade for cell, grade in rows.grades.items() if has_points_of_people(grade)}
            if theirs:
                given[notebook] = sum(points_of_people(grade) for grade in theirs.values())
            waits[notebook] = {cell: bool(grade.needs_manual_grade) for cell, grade in theirs.items()}
            for cell, grade in rows.grades.items():
                grade.auto_score = 0 if others else None
                if cell not in theirs:
                    grade.needs_manual_grade = not others
                elif changed:
                    grade.needs_manual_grade = True
                    asked.append(f"{cell} {points_of_people(grade):g}")
        for notebook in before:
            mark_missing(self._file(student, notebook), waits[notebook], self._permissions)
        self._gradebook.db.commit()
        notes = [f"{NOT_HANDED_IN}: {', '.join(sorted(missing))}"] if missing and others else []
        if before:
            earlier = ", ".join(sorted(before))
            notes.append(f"graded before and not in what lies there now, so it counts no more: {earlier}")
        if asked:
            points = ", ".join(asked)
            notes.append(f"the points that a person gave for it stay until a person looks: {points}")
        return Prepared(notes, given)

    def _folder(self, student: str) -> Path:
        return self._course.autograded(self._assignment, student)

    def _file(self, student: str, notebook: str) -> Path:
        return self._folder(student) / f"{notebook}.ipynb"

    def _copy_files(self, student: str, folder: Path, notebooks: set[str]) -> list[str]:
        target, source = self._folder(student), self._course.source(self._assignment)
        ignore = [*self._course.directory.ignore, "*.ipynb"]
        editable = self._converter.exclude_overwriting.get(self._assignment, [])
        ours = {name: source / name for name in files_below(source, ignore) if name not in editable}
        theirs, left_out = handed_in_files(folder, ignore, ours)
        target.mkdir(parents=True, exist_ok=True)
        delete_others(target, {*ours, *theirs, *notebooks})
        left_out |= copy_files(theirs, target, self._permissions)
        copy_files(ours, target, self._permissions)
        if self._course.groupshared:
            folders = [path for path in target.rglob("*") if path.is_dir() and not path.is_symlink()]
            share([target.parent, target, *folders])
        return say_left_out(left_out)
