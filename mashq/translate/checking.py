"""What is wrong in a catalogue: missing, fuzzy or stale texts, and translations that lost something."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from babel import Locale
from babel.messages.catalog import Catalog

from mashq.course.folder import CourseFolder
from mashq.translate import literals
from mashq.translate.catalogue import assignment_units, check_language, forms
from mashq.translate.notebook import Unit
from mashq.translate.prose import CODE, IN_MATH, MATH, TAG, TARGET, prose_words, without_code

SAME = "ignore-same"  # Weblate's flag of a text that is the same in both languages
PERCENT = re.compile(r"%(?:\(\w+\))?[-+0#]?\d*(?:\.\d+)?[sdifgexr](?!\w)")
BRACES = re.compile(r"\{[^{}]*\}")
STATES = ("missing", "fuzzy", "stale", "wrong")
SCRIPTS = {"Arab": "ARABIC", "Hebr": "HEBREW", "Thaa": "THAANA", "Syrc": "SYRIAC"}
OF_LANGUAGE = {"he": "Hebr", "dv": "Thaa"} | dict.fromkeys(("ar", "ckb", "fa", "ps", "ur"), "Arab")


@dataclass(frozen=True)
class Problem:
    """One thing to do in a catalogue."""

    state: str  # one of STATES
    text: str
    says: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.state}: {self.says}: {self.text[:70]!r}" + (f" ({self.file})" if self.file else "")


def problems(course: CourseFolder, assignment: str, language: str, catalog: Catalog) -> list[Problem]:
    """Everything that keeps a catalogue from being complete."""
    found = []
    wanted = {(unit.text, unit.kind): unit for unit in reversed(assignment_units(course, assignment))}
    for unit in reversed(wanted.values()):
        text, message = unit.text, catalog.get(unit.text)
        if message is None or not all(forms(message)):
            found.append(Problem("missing", text, "not translated", unit.file))
        elif message.fuzzy:
            found.append(Problem("fuzzy", text, "the original was changed", unit.file))
        else:
            for translation in forms(message):
                says = faults(unit, translation, language, SAME in message.flags)
                found += [Problem("wrong", text, fault, unit.file) for fault in says]
    texts = {text for text, _ in wanted}
    for message in catalog:
        known = message.id if isinstance(message.id, str) else message.id[0]
        if known and known not in texts:
            found.append(Problem("stale", known, "no longer in the assignment"))
    return list(dict.fromkeys(found))


def faults(unit: Unit, translation: str, language: str, same: bool = False) -> Iterator[str]:
    """What a translation lost or added, one sentence each.

    same : the translator says that the text stays as it is
    """
    text = unit.text
    in_markdown = unit.kind == "markdown"
    rtl = check_language(language) == "rtl"
    if in_markdown:
        for name, kinds in (("formulas", _formulas), ("inline code", _codes), ("HTML and links", _tags)):
            yield from _difference(name, kinds(text), kinds(translation))
        if text.count("**") != translation.count("**"):
            yield "other ** marks than the original"
    elif unit.kind != "comment":
        yield from _difference("placeholders", _placeholders(text, unit), _placeholders(translation, unit))
        if rtl and unit.kind == "string" and "$" in translation and _has_script(translation, language):
            yield "letters of a right-to-left script beside $...$, which plots draw in the wrong order"
    if same:
        return
    words = prose_words(without_code(text) if in_markdown else text)
    if rtl and words and not _has_script(translation, language) and not _display(text):
        yield f"no letter of the language, though the original has prose (or mark it `#, {SAME}`)"


def _difference(name: str, wanted: Counter[str], got: Counter[str]) -> Iterator[str]:
    if lost := wanted - got:
        yield f"{name} missing: {', '.join(lost.elements())}"
    if added := got - wanted:
        yield f"{name} that the original does not have: {', '.join(added.elements())}"


def _formulas(text: str) -> Counter[str]:
    formulas = MATH.findall(CODE.sub(" ", text))
    return Counter(" ".join(IN_MATH.sub(r"\1\3", formula).split()) for formula in formulas)


def _codes(text: str) -> Counter[str]:
    return Counter(match.group() for match in CODE.finditer(text))


def _tags(text: str) -> Counter[str]:
    bare = CODE.sub(" ", MATH.sub(" ", text))
    return Counter([*TAG.findall(bare), *TARGET.findall(bare)])


def _placeholders(text: str, unit: Unit) -> Counter[str]:
    try:
        named = [part for known, part in literals.fields(text) if known]
    except ValueError:  # braces that are no placeholders
        named = BRACES.findall(text)
    kept = [part for part in named if not literals.PLURAL.fullmatch(part)]
    return Counter([*kept, *(PERCENT.findall(text) if unit.kind == "check" else [])])


def _display(text: str) -> bool:
    """Whether a text is a display formula, where words may stay as they are."""
    return text.startswith("$$") and text.rstrip(" .,").endswith("$$")


def _has_script(text: str, language: str) -> bool:
    code = Locale.parse(language)
    script = SCRIPTS.get(code.script or OF_LANGUAGE.get(code.language, ""), "")
    if not script:  # right to left, in a script not listed: any letter beyond Latin
        return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return any(unicodedata.name(letter, "").startswith(script) for letter in text if letter.isalpha())
