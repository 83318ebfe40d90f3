"""mashq's own catalogues, `mashq/locale/LANGUAGE/LC_MESSAGES/mashq.po`: bring one up to date, look it over.

What an assignment says has a catalogue of its own in the course (`mashq translations`).

    python bench/messages.py fa
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from mashq.language import PACKAGE, catalogue_path
from mashq.translate.catalogue import KEYWORDS, bring_up_to_date, forms

DOMAIN = "mashq"
TEMPLATES = (".html", ".j2", ".tpl")
FIELD = re.compile(r"{[^{}]*}")
TAG = re.compile(r"</?\w+>")


def messages(language: str | None = None) -> Catalog:
    """All that mashq's own code and templates say to people, untranslated."""
    catalog = Catalog(locale=language, project="mashq", fuzzy=False)
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py" or path.suffix in TEMPLATES:
            method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
            for line, text, _comments, _context in extract(method, io.BytesIO(path.read_bytes()), KEYWORDS):
                if text:
                    catalog.add(text, locations=[(path.relative_to(PACKAGE.parent).as_posix(), line)])
    return catalog


def update(language: str) -> Catalog:
    """Bring the catalogue of a language up to date."""
    return bring_up_to_date(catalogue_path(PACKAGE, DOMAIN, language), messages(language))


def problems(language: str) -> Iterator[str]:
    """What is missing, stale, fuzzy or has other placeholders than the English message, one line each."""
    content = catalogue_path(PACKAGE, DOMAIN, language).read_bytes()
    catalog = read_po(io.BytesIO(content), locale=language)
    said = messages()
    for message in said:
        if message.id:
            found = catalog.get(message.id)
            if found is None or found.fuzzy or not all(forms(found)):
                yield f"not translated: {message.id!r}"
            elif any(_parts(form) != _parts(_last(message)) for form in forms(found)):
                yield f"other placeholders or tags: {message.id!r}"
    for message in catalog:
        if message.id and said.get(message.id) is None:
            yield f"stale: {message.id!r}"
    yield from (f"stale: {key!r}" for key in catalog.obsolete)


def _last(message: Message) -> str:
    """The English message, in the plural where it has one."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def _parts(text: str) -> list[str]:
    """Placeholders and tags, in any order."""
    return sorted(FIELD.findall(text) + TAG.findall(text))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        update(name)
        print("\n".join(problems(name)) or f"{name}: complete")
