"""An assignment's catalogue, `locale/LANGUAGE/LC_MESSAGES/ASSIGNMENT.po`: its texts and their translations.

It is an ordinary gettext file, for Poedit, Weblate, Babel or an editor. It holds the texts of the source
notebooks, and of the hidden checks: what stands in `_("...")`, and each check's title (its docstring's first
paragraph, as one line).
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from mashq.course.folder import CourseFolder
from mashq.errors import CourseError
from mashq.language import direction, is_language
from mashq.translate import python
from mashq.translate.notebook import Unit, units

KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def check_language(language: str) -> str:
    """`rtl` or `ltr`; CourseError when there is no such language."""
    if not is_language(language):
        raise CourseError(f"{language!r} is no language; write its code, such as fa or de")
    return direction(language)


def read_catalogue(course: CourseFolder, assignment: str, language: str) -> Catalog:
    """The catalogue as it is; CourseError when there is none or it cannot be read."""
    path = course.catalogue(assignment, language)
    if not path.is_file():
        raise CourseError(
            f"there is no {path}; begin it with `mashq translations {assignment} --language {language}`"
        )
    return _read(path, language)


def _read(path: Path, language: str) -> Catalog:
    try:
        return read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True)
    except (ValueError, UnicodeError) as error:
        raise CourseError(f"{path} is no catalogue: {error}") from None


def translated(message: Message | None) -> str | None:
    """What a message was translated to; None while it is empty or marked fuzzy."""
    if message is None or message.fuzzy:
        return None
    return forms(message)[0] if all(forms(message)) else None


def forms(message: Message) -> list[str]:
    """The translation, or each of its plural forms; empty where there is none yet."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def assignment_units(course: CourseFolder, assignment: str) -> list[Unit]:
    """All texts of an assignment: the notebooks', then the checks'."""
    found: list[Unit] = []
    kept = read_by_checks(course, assignment)
    for path in course.require_source(assignment):
        notebook = nbformat.read(path, as_version=4)
        found += units(notebook, _place(course, path), kept)
    return found + list(check_units(course, assignment))


def check_files(course: CourseFolder, assignment: str) -> list[Path]:
    """The files of hidden checks."""
    return sorted(course.checks(assignment).glob("test_*.py"))


def read_by_checks(course: CourseFolder, assignment: str) -> frozenset[str]:
    """The strings in hidden checks that are not messages: a check may compare an answer with them."""
    codes = [python.read(path.read_text(encoding="utf-8")) for path in check_files(course, assignment)]
    return frozenset().union(*(code.not_shown() for code in codes))


def check_units(course: CourseFolder, assignment: str) -> Iterator[Unit]:
    """Titles and messages of the hidden checks."""
    for path in check_files(course, assignment):
        file, source = _place(course, path), path.read_bytes()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and any("grade" in ast.dump(d) for d in node.decorator_list):
                title = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                if title:
                    yield Unit(title, "check", file, node.name)
        for _, message, _, _ in extract("python", io.BytesIO(source), KEYWORDS):
            singular, plural = (message, "") if isinstance(message, str) else (message[0], message[1])
            yield Unit(singular, "check", file, "", plural)


def _place(course: CourseFolder, path: Path) -> str:
    """How a catalogue names a file of the course: from its folder on, where it is below it."""
    return path.relative_to(course.root).as_posix() if path.is_relative_to(course.root) else path.as_posix()


def template(course: CourseFolder, assignment: str, language: str) -> Catalog:
    """A catalogue without translations."""
    catalog = Catalog(locale=language, project=assignment, fuzzy=False)
    for unit in assignment_units(course, assignment):
        note = " ".join(part for part in (unit.kind, unit.cell) if part)
        identity = (unit.text, unit.plural) if unit.plural else unit.text
        places: list[Any] = [(unit.file, None)]  # no line numbers: they would change with every edit
        catalog.add(identity, locations=places, auto_comments=[note])
        message = catalog[unit.text]
        message.auto_comments = message.auto_comments[:4]
    return _without_formats(catalog)


def update_catalogue(course: CourseFolder, assignment: str, language: str) -> Catalog:
    """Bring an assignment's catalogue up to date with its notebooks and checks."""
    check_language(language)
    return bring_up_to_date(course.catalogue(assignment, language), template(course, assignment, language))


def bring_up_to_date(path: Path, fresh: Catalog) -> Catalog:
    """Write a catalogue anew: new texts come empty, changed ones fuzzy, dropped ones last, as #~."""
    if path.is_file():
        catalog = _read(path, str(fresh.locale))
        same = {m.id for m in catalog if m.id} == {m.id for m in fresh if m.id}
        catalog.update(fresh, update_creation_date=not same)
    else:
        catalog = fresh
        path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    write_po(content, _without_formats(catalog), include_lineno=False, include_previous=True)
    path.write_bytes(content.getvalue())
    return catalog


def _without_formats(catalog: Catalog) -> Catalog:
    """Take off Babel's guesses: to it "97.5 % for" is a placeholder, and an f-string one of str.format."""
    for message in catalog:
        if message.id:
            message.flags -= {"python-format", "python-brace-format"}
    return catalog


def lookup_in(catalog: Catalog) -> Any:
    """A function from a text to its translation, or None."""
    return lambda text: translated(catalog.get(text))
