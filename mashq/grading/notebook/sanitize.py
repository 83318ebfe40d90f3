"""Take out of a graded notebook what would run, or load, in the browser of who opens it.

Graders and students see a graded notebook as a page of formgrader's or of the feedback. What a student wrote
as HTML, SVG, Markdown or JavaScript would run there with the reader's rights. The handed-in file in
`submitted/` stays as it was.

HTML is parsed and written anew by nh3 with what is allowed below. Markdown stays as it is where it makes only
harmless HTML, as the renderer of the pages (nbconvert's) tells; else the cleaned HTML takes its place.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

import nbformat
import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.utils import compute_checksum
from pygments.token import STANDARD_TYPES

from mashq.judge.wire import writable
from mashq.language import FROM_THE_RIGHT
from mashq.language import gettext as _


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
PASTED = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
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

# What is more is shown as plain text: made for it, parsing takes a time that grows with the square of these.
LONG = 20_000  # letters of one Markdown text, pictures in it not counted
MANY_TAGS = 10_000  # in one HTML text
DEEP = 100  # elements in each other; the readers of the page bear a few more
ALL = 1_000_000  # letters of HTML and Markdown of a notebook, pictures in it not counted


class Allowance:
    """How much of one notebook is still parsed; a hostile one would take hours."""

    def __init__(self) -> None:
        self._letters = ALL

    def covers(self, text: str, most: int = ALL) -> bool:
        """Whether a text is to be parsed, which is counted."""
        letters = len(PASTED.sub("", text))
        self._letters -= letters
        return letters <= most and self._letters >= 0


def sanitize(notebook: Any) -> None:
    """Clean the outputs and the Markdown cells of a graded notebook, in place; raw cells become text.

    Pages of nbconvert's show a raw cell as the HTML that it is. Cells with the released text, by nbgrader's
    checksum, keep it. To be called before mashq's own results are
    written, which are trusted. Every output has the form that the notebook format asks for afterwards.
    """
    allowance = Allowance()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = _count(cell.get("execution_count"))
            outputs = [clean_output(output, allowance) for output in cell.outputs]
            cell.outputs = [output for output in outputs if output is not None]
        elif cell.cell_type == "markdown":
            cell.attachments = _attachments(cell.get("attachments", {}))
            if not has_released_text(cell):
                cell.source = clean_markdown(cell.source, cell.attachments, allowance)
        elif not has_released_text(cell):
            cell.cell_type, cell.attachments = "markdown", nbformat.from_dict({})
            cell.source = _plain(_text(cell.source))


def has_released_text(cell: Any) -> bool:
    """Whether a cell is as the instructor wrote it, by nbgrader's checksum."""
    checksum = cell.metadata.get("nbgrader", {}).get("checksum")
    return checksum is not None and bool(checksum == compute_checksum(cell))


def _attachments(attachments: Mapping[str, Mapping[str, str]]) -> Any:
    """The attached pictures, {name: {type: base64}}, without what is no picture."""
    kept = {
        name: {kind: data for kind, data in bundle.items() if kind in PICTURES and _is_base64(data)}
        for name, bundle in attachments.items()
    }
    return nbformat.from_dict({name: bundle for name, bundle in kept.items() if bundle})


def _is_base64(data: Any) -> bool:
    try:
        return bool(base64.b64decode("".join(data.split()), validate=True))
    except (AttributeError, ValueError, binascii.Error):
        return False


# -- outputs ----------------------------------------------------------------------------------------------


def clean_output(output: Any, allowance: Allowance) -> Any | None:
    """An output with nothing but text, pictures and clean HTML; None when it is no output."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=_text(output.get("text")))
    if kind == "error":
        lines = output.get("traceback")
        return nbformat.v4.new_output(
            "error",
            ename=_text(output.get("ename")),
            evalue=_text(output.get("evalue")),
            traceback=[_text(line) for line in lines] if isinstance(lines, list) else [],
        )
    if kind not in ("display_data", "execute_result"):
        return None
    data, metadata = output.get("data"), output.get("metadata")
    clean = _bundle(data if isinstance(data, dict) else {}, allowance)
    sizes = _sizes(metadata if isinstance(metadata, dict) else {}, clean)
    if kind == "display_data":
        return nbformat.v4.new_output(kind, data=clean, metadata=sizes)
    count = _count(output.get("execution_count"))
    return nbformat.v4.new_output(kind, data=clean, metadata=sizes, execution_count=count)


def _count(count: Any) -> int | None:
    return count if type(count) is int and count >= 0 else None


def _text(value: Any) -> str:
    """Text that a file can hold; a list of lines is joined."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return writable(value) if isinstance(value, str) else ""


def _bundle(data: dict[str, Any], allowance: Allowance) -> dict[str, str]:
    """The forms of one output, {MIME type: text}, that are harmless or can be made so."""
    texts = {kind: _text(value) for kind, value in data.items() if _text(value)}
    clean: dict[str, str] = {kind: texts[kind] for kind in ("text/plain", "text/latex") if kind in texts}
    if "text/html" in texts and (html := clean_html(texts["text/html"], allowance)).strip():
        clean["text/html"] = html
    if "text/markdown" in texts:
        clean["text/markdown"] = clean_markdown(texts["text/markdown"], {}, allowance)
    for kind in ("image/png", "image/jpeg", "image/gif"):
        if kind in texts and _is_base64(texts[kind]):
            clean[kind] = "".join(texts[kind].split())
    if "image/svg+xml" in texts and not {"image/png", "text/html"} & clean.keys():
        clean["text/html"] = _as_picture(texts["image/svg+xml"])
    if not clean and data and texts.get("text/html") != FROM_THE_RIGHT:
        kinds = ", ".join(sorted(_text(kind)[:60] for kind in data))
        hidden = _("(an output of the type {kinds} is not shown in a graded notebook)")
        clean["text/plain"] = hidden.format(kinds=kinds)
    return clean


def _as_picture(svg: str) -> str:
    """SVG as an image of an HTML page, where browsers run no script in it and load nothing."""
    return f'<img alt="SVG" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


def _sizes(metadata: dict[str, Any], data: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """The sizes of pictures, {MIME type: {width, height}}, in pixels; all else of the metadata goes."""
    sizes = {}
    for kind in data:
        about = metadata.get(kind)
        about = about if isinstance(about, dict) else metadata
        size = {side: about.get(side) for side in ("width", "height")}
        whole = {side: int(n) for side, n in size.items() if isinstance(n, (int, float)) and 0 < n < 10_000}
        if kind.startswith("image/") and whole:
            sizes[kind] = whole
    return sizes


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


def clean_html(html: str, allowance: Allowance | None = None) -> str:
    """HTML with the tags, attributes and addresses that are allowed here, and nothing else."""
    if html.count("<") > MANY_TAGS or not (allowance or Allowance()).covers(html):
        return _plain(html)
    with_pictures = TAG.sub(_with_picture, _text(html))
    clean = PICTURE.sub(_address_in_place, _cleaner.clean(with_pictures))
    return clean if _is_nested(clean) else _plain(html)


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


def _plain(text: str) -> str:
    """Any text as HTML that shows it letter by letter."""
    return _block(f"<pre>{escape(text)}</pre>")


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


def clean_markdown(
    source: str,
    attachments: Mapping[str, Mapping[str, str]] | None = None,
    allowance: Allowance | None = None,
) -> str:
    """Markdown that makes only harmless HTML; most is given back as it is.

    attachments : the pictures that belong to the cell, {name: {type: base64}}
    """
    source = _text(source)
    if not MAY_BE_HTML.search(source):
        return source
    if not (allowance or Allowance()).covers(source, LONG):
        return _plain(source)
    watcher = _Watcher(escape=False, attachments=dict(attachments or {}))
    try:
        html = MarkdownWithMath(renderer=watcher).render(source)
    except RecursionError:
        return _plain(source)
    return source if watcher.harmless and _is_nested(html) else _block(clean_html(html))
