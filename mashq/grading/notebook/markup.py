"""HTML and Markdown without what would run, or load, in the browser of who opens them.

HTML is parsed and written anew by nh3 with what is allowed below. Markdown stays as it is where it makes only
harmless HTML, as the renderer of the pages (nbconvert's) tells; else the cleaned HTML takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape

import nh3
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix
from pygments.token import STANDARD_TYPES

from mashq.handed_in.limits import PASTED
from mashq.language import gettext as _
from mashq.language import speaking
from mashq.problems import writable


def words(text: str) -> set[str]:
    """The words of a text, for long lists of names."""
    return set(text.split())


TAGS = words(
    "a abbr b blockquote br caption center cite code col colgroup dd del details div dl dt em figcaption"
    " figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub"
    " summary sup table tbody td tfoot th thead tr u ul var wbr"
)
CONTENT_TOO = words(
    "script style iframe object embed applet noscript noembed noframes template title xmp svg math canvas"
    " audio video"
)
ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "title"},
    "a": {"href"},
    "col": {"span", "width"},
    "details": {"open"},
    "font": {"color", "size"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "valign", "width"},
    "th": {"colspan", "rowspan", "scope", "valign", "width"},
}
# Names that formgrader's scripts and styles do not know: tables of pandas, code that was coloured.
CLASSES = {
    "table": {"dataframe"},
    "div": {"highlight"},
    "span": {name for name in STANDARD_TYPES.values() if name},
}
# Nothing that loads (backgrounds, fonts, cursors) or leaves its place and covers another part of the page.
STYLES = words(
    "background-color border border-bottom border-collapse border-color border-left border-right border-style"
    " border-top border-width color direction font-family font-size font-style font-weight max-width"
    " overflow-x padding padding-bottom padding-left padding-right padding-top text-align text-decoration"
    " text-decoration-color vertical-align white-space width"
)
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")

LINK = re.compile(r"(?:https?://|mailto:|#)[^\s\\]*", re.IGNORECASE)
DATA = re.compile(rf"data:(?:{'|'.join(map(re.escape, PICTURES))});base64,[A-Za-z0-9+/=\s]*")
# A picture that was handed in beside the notebook; no way up, no page of the server. Not `files//HOST/x.png`
# either: nbconvert takes a leading `files/` away.
BESIDE = re.compile(
    r"(?!.*(?:\.\.|//|%2e|%2f|%5c))\w[\w ./%-]*\.(?:png|jpe?g|gif|webp|svg)", re.IGNORECASE | re.DOTALL
)
SIMPLE = "|".join(sorted(TAGS - {"a", "font", "img"}))
SIMPLE_TAG = re.compile(
    rf"""</?(?:{SIMPLE})(?:\s+(?:align|dir)=["']?\w+["']?)*\s*/?>"""
    r"""|<span style="display:block;text-align:right">""",  # as releases from right to left have it
    re.IGNORECASE,
)
MAY_BE_HTML = re.compile(r"<[A-Za-z/!?]|\]\s*[(:\[]|mermaid", re.IGNORECASE)
NOT_LOADED = "not-loaded:"  # before the address of a picture that comes from elsewhere; no browser knows it
PICTURE = re.compile(r'<img(?:\s[\w-]+="[^"]*")*\s*/?>')  # as nh3 writes it
PART = re.compile(r'\s([\w-]+)="([^"]*)"')
# Other elements that load a picture or a page; their address is kept as that of a picture would be.
TAG = re.compile(r"<(?P<name>\w{1,10})(?![\w-])[^<>]*>")
LOADING = ("source", "image", "object", "iframe", "embed", "video", "audio", "input")
LOADS = re.compile(
    r"""\s(?:srcset|src|data|poster|(?:xlink:)?href)\s*=\s*["']?([^\s"'<>,]+)""", re.IGNORECASE
)
QUOTES = "\"'"
URL = re.compile(r"""\burl\(\s*["']?([^\s"'()<>]+)""", re.IGNORECASE)
ADDRESS = 300  # letters of an address that are shown
VOID = ("br", "col", "hr", "img", "input", "wbr")

# What is more is shown as plain text.
MANY_TAGS = 10_000  # in one HTML text
DEEP = 100  # elements in each other; the readers of the page bear a few more
GROWS = 20  # times the letters of a Markdown text that its HTML may have: a link can be named again and again


# -- HTML -------------------------------------------------------------------------------------------------


def _attribute(tag: str, name: str, value: str) -> str | None:
    """An attribute's value as it may stay; None takes the attribute away."""
    if name == "href":
        return value if LINK.fullmatch(value) else None
    if name == "src":
        return value if _is_shown(value) else f"{NOT_LOADED}{value}"
    return value


_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=CONTENT_TOO,
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto", "data", "file", "blob", "attachment"},  # see `_attribute`
    allowed_classes=CLASSES,
    filter_style_properties=STYLES,
)


def clean_html(html: str) -> str:
    """HTML with the tags, attributes and addresses that are allowed here, and nothing else."""
    if html.count("<") > MANY_TAGS:
        return too_much(html)
    with_pictures = TAG.sub(_with_picture, writable(html))
    clean = PICTURE.sub(_address_in_place, _cleaner.clean(with_pictures))
    return clean if _is_nested(clean) else plain(html)


def _is_shown(address: str) -> bool:
    """Whether a picture is in the page or beside it: what comes from elsewhere would tell who reads it."""
    return bool(DATA.fullmatch(address) or BESIDE.fullmatch(address))


def _with_picture(tag: re.Match[str]) -> str:
    """A tag; behind a picture of the same address, where it loads one and will be taken away."""
    name = tag["name"].lower()
    found = (LOADS.search(tag[0]) if name in LOADING else None) or URL.search(tag[0])
    if found is None:
        return tag[0]
    picture = f'<img src="{escape(unescape(found[1]).strip(QUOTES))}">'
    return picture if name == "image" else picture + tag[0]  # browsers read `image` as `img`


def _address_in_place(picture: re.Match[str]) -> str:
    """The address of a picture that is not loaded, as text; any other picture as it is."""
    about = {name: unescape(value) for name, value in PART.findall(picture[0])}
    if not about.get("src", "").startswith(NOT_LOADED):
        return picture[0]
    return _not_shown(about["src"].removeprefix(NOT_LOADED), about.get("alt", ""))


def _not_shown(address: str, text: str) -> str:
    """What stands in the place of a picture that is not loaded."""
    shown = _("(picture not shown: {address})").format(address=address[:ADDRESS])
    return escape(f"{text} {shown}".strip())


def _is_nested(html: str) -> bool:
    """Whether each element ends within the one it began in, not too deep for those who read the page.

    html : as nh3 or the Markdown renderer writes it: without a `<` that begins no tag
    """
    opened: list[str] = []
    for end, tag in re.findall(r"<(/?)(\w+)", html.lower()):
        if tag in VOID:
            continue
        if not end:
            opened.append(tag)
        elif not opened or opened.pop() != tag:
            return False
        if len(opened) > DEEP:
            return False
    return not opened


def plain(text: str) -> str:
    """Any text as HTML that shows it letter by letter."""
    return _block(_letters(text))


def _letters(text: str) -> str:
    """A text letter by letter; without a `[`, from each of which the pages look for a link to a file."""
    return f"<pre>{escape(text).replace('[', '&#91;')}</pre>"


def too_much(text: str) -> str:
    """A text letter by letter, without the pictures in it, and above it why it is shown so."""
    why = _("(shown as plain text: it would take too long to set)")
    pictures = PASTED.sub(_("(picture)"), text)
    return _block(f"<p><em>{escape(why)}</em></p>{_letters(pictures)}")


def _block(html: str) -> str:
    """HTML that Markdown passes on as it is: one block, for which there must be no empty line in it."""
    lines = html.replace("\r\n", "\n").replace("\r", "\n")
    full = re.sub(r"\n(?=[^\S\n]*\n)", "\n&#10;", lines)
    return f"<div>{full}</div>"


# -- Markdown ---------------------------------------------------------------------------------------------


class _Watcher(IPythonRenderer):
    """nbconvert's renderer, which notes what it would pass on that may do harm."""

    harmless = True

    def block_html(self, html: str) -> str:
        return self._look(super().block_html(html))

    def inline_html(self, html: str) -> str:
        return self._look(super().inline_html(html))

    def block_mermaidjs(self, code: str) -> str:
        self.harmless = False  # nbconvert writes it into the page as it is
        return f"<pre>{escape(code)}</pre>"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if not LINK.fullmatch(unescape(url)):
            self.harmless = False
        return str(super().link(text, url, title))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.removeprefix("attachment:")
        if name != url and name not in self.attachments:
            self.harmless = False  # nbconvert would stop here
            return _not_shown(name, text)
        if name == url and not _is_shown(unescape(url)):
            self.harmless = False
            return _not_shown(unescape(url), text)
        return str(super().image(text, url, title))

    def _look(self, html: str) -> str:
        if "<" in SIMPLE_TAG.sub("", html):
            self.harmless = False
        return html


def clean_markdown(source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Markdown that makes only harmless HTML; most is given back as it is.

    attachments : the pictures that belong to the cell, {name: {type: base64}}
    """
    source = writable(source)
    watcher = _Watcher(escape=False, attachments=dict(attachments or {}))
    try:
        html = MarkdownWithMath(renderer=watcher).render(source)
    except RecursionError:
        return plain(source)
    if len(PASTED.sub("", html)) > GROWS * len(source) + 10_000:
        return too_much(source)
    return source if watcher.harmless and _is_nested(html) else _block(clean_html(html))


# -- in a process that can be ended, see `mashq.grading.notebook.allowance` --------------------------------


def tried_markdown(
    language: str, source: str, attachments: Mapping[str, Mapping[str, str]]
) -> list[str | int]:
    """`clean_markdown` in the words of a language, and how many tags the pages make of what it gives."""
    with speaking(language):
        clean = clean_markdown(source, attachments)
    renderer = IPythonRenderer(escape=False, attachments=dict(attachments))
    html = strip_files_prefix(MarkdownWithMath(renderer=renderer).render(clean))
    return [clean, html.count("<")]


def tried_colours(lexer: str, source: str) -> int:
    """Colour code as the pages do; how many tags that makes."""
    return str(Highlight2HTML(pygments_lexer=lexer)(source)).count("<")
