"""Students' names replaced by numbers, in every text of the report.

The numbers are drawn at random and kept in the course folder, so that they stay the same from report to
report, tell nothing about the order of names, and can be looked up by whoever has the folder.
"""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from mashq.errors import CourseError
from mashq.language import gettext as _
from mashq.problems import Problem, Sentence
from mashq.report.fingerprints import without_comments
from mashq.report.gather import ReportData
from mashq.report.results import GradedNotebook

SHORTEST = 2  # letters of a name that is looked for in texts
MOST_SIGNS = 2  # between two words of a name
WORD = re.compile(r"[^\W_]+")
FOLDERS = re.compile(r"(?:/home/|/Users/|[A-Za-z]:\\Users\\|\\Users\\)[^/\\\s'\"]+")
HANDED_IN_FILE = re.compile(r"'[^'\n]*\.\w{2,5}'|\"[^\"\n]*\.\w{2,5}\"")


def numbers(path: Path, students: Iterable[str]) -> dict[str, int]:
    """{student: number}, the same in every report that names this file; new students get new numbers.

    Raises CourseError when the file that keeps them cannot be used.
    """
    try:
        known: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        new = sorted(set(students) - known.keys())
        digits = 10 * 10 ** len(str(len(known) + len(new)))  # at least ten times as many as students
        free = sorted(set(range(digits // 10, digits)) - set(known.values()))
        known |= dict(zip(new, secrets.SystemRandom().sample(free, len(new)), strict=True))
        if new:
            path.parent.mkdir(exist_ok=True)
            draft = path.with_suffix(".draft")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(known, indent=1, ensure_ascii=False), encoding="utf-8")
            draft.replace(path)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CourseError(
            f"the students' numbers in {path} cannot be used ({error}); put the file right, or delete it and "
            "everybody gets a new number"
        ) from error
    return known


class Mask:
    """Replaces the names of a class in texts.

    A name is found in any case, whatever signs stand between its words. A name of several students becomes
    "a student". Other things that a student wrote about themselves, or that tell who they are by their
    style, cannot be known.
    """

    def __init__(self, numbers: Mapping[str, int], names: Mapping[str, Iterable[str]]) -> None:
        self._labels = {
            student: _("student {number}").format(number=number) for student, number in numbers.items()
        }
        called: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for student, label in self._labels.items():
            for name in (student, *names.get(student, ())):
                words = tuple(_words(name))
                if len("".join(words)) >= SHORTEST:
                    called[words].add(label)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for words in sorted(called, key=len, reverse=True):  # the longest name that fits
            label = called[words].pop() if len(called[words]) == 1 else _("a student")
            self._by_first[words[0]].append((words, label))

    def label(self, student: str) -> str:
        """What a student is called in the report."""
        return self._labels[student]

    def text(self, text: str) -> str:
        """A text without names, personal folders and the names of handed-in files."""
        text = FOLDERS.sub(_("(a personal folder)"), unicodedata.normalize("NFC", text))
        places = [match.span() for match in WORD.finditer(text)]
        words = [text[start:end].casefold() for start, end in places]
        made, done, index = [], 0, 0
        while index < len(words):
            for name, label in self._by_first.get(words[index], ()):
                last = index + len(name) - 1
                if tuple(words[index : last + 1]) == name and _close(places[index : last + 1]):
                    made += [text[done : places[index][0]], label]
                    done, index = places[last][1], last
                    break
            index += 1
        return "".join([*made, text[done:]])

    def problem(self, problem: Problem) -> Problem:
        """A reason to look at a submission; what the files in it are called may be a name."""
        text = HANDED_IN_FILE.sub(_("(a file)"), problem.sentence.said())
        return dataclasses.replace(problem, sentence=Sentence.plain(self.text(text)))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(unicodedata.normalize("NFC", text))]


def _close(places: Sequence[tuple[int, int]]) -> bool:
    """Whether no more than a sign or two stand between words."""
    return all(after[0] - before[1] <= MOST_SIGNS for before, after in pairwise(places))


def anonymise(data: ReportData, numbers: Mapping[str, int]) -> ReportData:
    """The same class with numbers for names, in the order of the numbers."""
    mask = Mask(numbers, data.names)
    students = sorted(data.scores.students, key=lambda student: numbers[student])
    scores = dataclasses.replace(
        data.scores, students={mask.label(student): data.scores.students[student] for student in students}
    )
    handed = sorted(data.notebooks, key=lambda handed: (numbers[handed.student], handed.question))
    return dataclasses.replace(
        data,
        scores=scores,
        grades={(mask.label(student), name): points for (student, name), points in data.grades.items()},
        notebooks=[_without_names(one, mask) for one in handed],
        problems={
            (mask.label(student), question): [mask.problem(problem) for problem in found]
            for (student, question), found in data.problems.items()
        },
        names={},
        anonymous=True,
    )


def _without_names(handed: GradedNotebook, mask: Mask) -> GradedNotebook:
    results = [dataclasses.replace(result, message=mask.text(result.message)) for result in handed.results]
    texts = [without_comments(answer.text) if answer.is_code else answer.text for answer in handed.answers]
    answers = [
        dataclasses.replace(answer, text=mask.text(text))
        for answer, text in zip(handed.answers, texts, strict=True)
    ]
    student = mask.label(handed.student)
    return dataclasses.replace(handed, student=student, results=tuple(results), answers=tuple(answers))
