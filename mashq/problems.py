"""What went wrong, as data: who has to act, in which cell, and a sentence that is made when it is shown.

    Problem(Kind.FILE, Sentence.of(N_("is more than {size} MB large; clear its outputs"), size=300))

A sentence is kept as its English template and what is filled in. `str(sentence)` is English, for staff;
`sentence.said()` is in the language spoken now. Nothing is ever sorted by its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mashq.language import gettext, visible


class Kind(StrEnum):
    """Who has to act."""

    STUDENT = "student"  # nobody: the student's code did it, which costs the cells that it touches
    CHECK = "check"  # the instructor: a hidden check is wrong
    DATA = "data"  # the operator: real data is missing
    MACHINE = "machine"  # the operator, if trying again does not help
    FILE = "file"  # a person: the handed-in file cannot be graded as it is
    PERSON = "person"  # a person: the cell needs a look
    VERSIONS = "versions"  # a person: of several answered files, one must be chosen
    IDENTITY = "identity"  # a person: numbers of one's own do not go with who handed them in
    LEFT_OUT = "left_out"  # a person: not all that was handed in was taken
    TIME = "time"  # a person: when it was handed in decides the grade, and is not certain


@dataclass(frozen=True)
class Sentence:
    """A sentence that is translated when it is shown.

    template : English, marked for translators with `N_`
    arguments : what is filled in; a sentence among them is said in the same language
    """

    template: str
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)  # a mapping has no hash

    @classmethod
    def of(cls, template: str, **arguments: str | int | float | Sentence) -> Sentence:
        """A marked template and what is filled in, without what a file cannot hold and a terminal obeys."""
        clean = {
            name: visible(writable(value)) if isinstance(value, str) else value
            for name, value in arguments.items()
        }
        return cls(template, clean)

    @classmethod
    def plain(cls, text: object) -> Sentence:
        """A text that is not translated, such as the message of a program."""
        return cls.of("{text}", text=str(text))

    def __str__(self) -> str:
        return self.template.format(**self.arguments)

    def said(self) -> str:
        arguments = {
            name: value.said() if isinstance(value, Sentence) else value
            for name, value in self.arguments.items()
        }
        return gettext(self.template).format(**arguments)

    def as_json(self) -> dict[str, Any]:
        arguments = {
            name: value.as_json() if isinstance(value, Sentence) else value
            for name, value in self.arguments.items()
        }
        return {"template": self.template, "arguments": arguments}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Sentence:
        """Raises ValueError, LookupError, TypeError or AttributeError for what `as_json` did not write."""
        arguments = {
            name: cls.from_json(item) if isinstance(item, Mapping) else item
            for name, item in value["arguments"].items()
        }
        sentence = cls(str(value["template"]), arguments)
        str(sentence)  # one that cannot be filled in is found out here, and not where it is shown
        return sentence


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong with one graded notebook."""

    kind: Kind
    sentence: Sentence
    cell: str = ""  # its grade_id; empty: the notebook as a whole

    def __str__(self) -> str:
        return f"{self.cell}: {self.sentence}" if self.cell else str(self.sentence)

    def said(self) -> str:
        return f"{self.cell}: {self.sentence.said()}" if self.cell else self.sentence.said()

    @property
    def needs_attention(self) -> bool:
        """Whether somebody must act before the grade is right."""
        return self.kind is not Kind.STUDENT

    def as_json(self) -> dict[str, Any]:
        return {"kind": str(self.kind), "sentence": self.sentence.as_json(), "cell": self.cell}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Problem:
        """Raises ValueError, LookupError, TypeError or AttributeError for what `as_json` did not write."""
        return cls(Kind(value["kind"]), Sentence.from_json(value["sentence"]), str(value["cell"]))


def by_cause(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one notebook as people read them: each cause once, with all the cells it concerns."""
    cells: dict[tuple[Kind, Sentence], list[str]] = {}
    for problem in dict.fromkeys(problems):
        cells.setdefault((problem.kind, problem.sentence), []).append(problem.cell)
    return [Problem(kind, sentence, ", ".join(names)) for (kind, sentence), names in cells.items()]


def joined(mark: str, *sentences: Sentence) -> Sentence:
    """Sentences, or parts of one, with a mark between them."""
    parts = {f"part{number}": sentence for number, sentence in enumerate(sentences)}
    return Sentence.of(mark.join(f"{{{name}}}" for name in parts), **parts)


def writable(text: str) -> str:
    """A text that a file can hold: half of an emoji becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
