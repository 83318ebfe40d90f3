"""The language that mashq speaks to people: English, or a gettext catalogue's.

A catalogue is a `.po` file. It is compiled in memory when it is needed, so there is no build step and nothing
binary to keep in step. The package has its own catalogues in `mashq/locale`, a course keeps those of its
assignments in `locale/LANGUAGE/LC_MESSAGES/ASSIGNMENT.po`.

    from mashq.language import gettext as _

    _("expected shape {wanted}, got {got}").format(wanted=wanted, got=got)
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path, PurePosixPath
from string import Formatter
from typing import Any

ENGLISH = "en"
PACKAGE = Path(__file__).parent
CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")
ZERO_WIDTH_NON_JOINER = "\u200c"  # stands inside Persian words, and is not "printable"
CODE = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]+)*")  # of a language; part of a path, so nothing else

_speaking: ContextVar[tuple[str, NullTranslations] | None] = ContextVar("mashq_language", default=None)
_process = ENGLISH  # the language where no `speaking` block is open


def gettext(message: str) -> str:
    """The message in the language that is spoken now; in English where a catalogue lacks it."""
    return _messages().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """As `gettext`, with the form that `n` asks for."""
    return _messages().ngettext(singular, plural, n)


def spoken() -> str:
    """The language that is spoken now."""
    now = _speaking.get()
    return now[0] if now else _process


def _messages() -> NullTranslations:
    now = _speaking.get()
    return now[1] if now else _translations(_process, ())


def marked(message: str) -> str:
    """The message as it is, for one that is translated later; `marked as N_` shows it to extractors."""
    return message


# For Jupyter's pages: what the frame of a cell does, also for texts of which a student has deleted the frame.
FROM_THE_RIGHT = (
    "<style>.jp-RenderedMarkdown { direction: rtl; }"
    " .jp-RenderedMarkdown > * { text-align: start !important; }"
    " .jp-RenderedMarkdown :is(pre, code, mjx-container) { direction: ltr; }</style>"
)


def set_language(language: str) -> None:
    """Speak a language in this process from now on, except inside `speaking` blocks.

    The first cell of a notebook in another language than English calls it: a block would not do, since each
    cell runs in a context of its own. In a notebook, texts in a language from right to left are shown so from
    then on, also those that a student writes. Raises ValueError when there is no such language.
    """
    global _process
    if not is_language(language):
        raise ValueError(f"{language!r} is no language. Write its code, as in set_language('fa')")
    _process = language
    notebook = sys.modules.get("IPython")
    shell = notebook.get_ipython() if notebook is not None else None
    if shell is not None and direction(language) == "rtl":
        shell.display_pub.publish({"text/html": FROM_THE_RIGHT})


speak = set_language  # the name that releases of before write into their first cell


@contextmanager
def speaking(language: str, *catalogues: bytes) -> Iterator[None]:
    """Speak a language inside the block; `catalogues` are `.po` files that come before the package's own."""
    before = _speaking.set((language, _translations(language, catalogues)))
    try:
        yield
    finally:
        _speaking.reset(before)


@lru_cache(maxsize=8)
def _translations(language: str, catalogues: tuple[bytes, ...]) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    own = catalogue_path(PACKAGE, "mashq", language)
    first: NullTranslations | None = None
    for content in (*catalogues, *([own.read_bytes()] if own.is_file() else [])):
        compiled = _compiled(content, language)
        if first is None:
            first = compiled
        else:
            first.add_fallback(compiled)
    return first or NullTranslations()


def _compiled(po: bytes, language: str) -> GNUTranslations:
    """A `.po` file as translations; without entries that are fuzzy, or that `str.format` would fail on.

    A sentence that cannot be filled in must not decide whether something is graded.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    catalog = read_po(io.BytesIO(po), locale=language)
    for message in catalog:
        if message.id and not _can_be_filled_in(message):
            message.flags.add("fuzzy")  # which write_mo leaves out
    mo = io.BytesIO()
    write_mo(mo, catalog)
    mo.seek(0)
    return GNUTranslations(mo)


def _can_be_filled_in(message: Any) -> bool:
    """Whether a translation has no placeholder that the English message lacks."""
    english, translated = (
        (text,) if isinstance(text, str) else tuple(text or ()) for text in (message.id, message.string)
    )
    try:
        allowed = set().union(*map(_placeholders, english))
    except ValueError:  # braces of its own: nothing is filled in
        return True
    try:
        return all(_placeholders(text) <= allowed for text in translated)
    except ValueError:
        return False


def _placeholders(text: str) -> set[tuple[str | None, ...]]:
    return {tuple(field[1:]) for field in Formatter().parse(text) if field[1] is not None}


def language_of(notebook: Any) -> str:
    """The language that a notebook of ours says it is in (`metadata.mashq.language`); English without one."""
    metadata = notebook.get("metadata")
    about = metadata.get("mashq") if isinstance(metadata, Mapping) else None
    language = about.get("language") if isinstance(about, Mapping) else None
    return language if isinstance(language, str) and is_language(language) else ENGLISH


def catalogue_path(folder: Path, domain: str, language: str) -> Path:
    """Where gettext's layout has a catalogue of a course (domain: the assignment) or of the package."""
    return folder / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def words_of(catalogue: bytes, file: str) -> bytes:
    """The part of a course's catalogue that a file of this name says, such as `test_q5_xnor.py`; a .po file.

    Texts that name no file, as some editors save them, belong to every file.
    Its bytes change only with those words: what is graded again after a change of a catalogue goes by them.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    part = Catalog()
    for message in read_po(io.BytesIO(catalogue)) if catalogue else ():
        files = {PurePosixPath(path).name for path, _line in message.locations}
        if (not files or file in files) and message.id and message.string and not message.fuzzy:
            part.add(message.id, message.string)
    content = io.BytesIO()
    write_po(content, part, omit_header=True, sort_output=True)
    return content.getvalue()


def text_direction(text: str) -> str:
    """How a sentence of ours is read, `rtl` or `ltr`: one that begins with a Python name may be Persian."""
    return "rtl" if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text) else "ltr"


def is_language(language: str) -> bool:
    """Whether it is the code of a language, and so fit for a path."""
    if language == ENGLISH:
        return True
    from babel import Locale, UnknownLocaleError

    try:
        return bool(CODE.fullmatch(language) and Locale.parse(language))
    except (UnknownLocaleError, ValueError):
        return False


def direction(language: str) -> str:
    """How the language is written: `rtl` or `ltr`."""
    if language == ENGLISH:
        return "ltr"
    from babel import Locale

    return str(Locale.parse(language).text_direction)


def visible(text: str) -> str:
    """A text of others without control characters, which could move a terminal's cursor or rename its window.

    Line breaks and tabs stay, and the marks of direction that Persian needs; what turns a line around goes.
    """
    return CONTROLS.sub(" ", text)


def one_line(text: str, encoding: str = "utf-8") -> str:
    """A text of others as one line without control characters, which could move a terminal's cursor.

    encoding : of the terminal; what it cannot write is spelled out
    """
    line = "".join(c if c.isprintable() or c == ZERO_WIDTH_NON_JOINER else " " for c in text)
    return line.encode(encoding, "backslashreplace").decode(encoding)
