"""Mathematics of the feedback page as MathML, which browsers draw without a script and without a network."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

from mashq.grading.notebook.markup import words
from mashq.handed_in.limits import PASTED

# TeX comes from students too: what is not named here (links, colours, places) is left out.
TAGS = words(
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace"
    " msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
ATTRIBUTES = words(
    "accent accentunder columnalign columnlines columnspacing display displaystyle fence form largeop"
    " linebreak linethickness mathvariant maxsize minsize movablelimits notation rowspacing scriptlevel"
    " separator stretchy symmetric width xmlns"
)
LONG = 2000  # letters of one formula
ALL = 60_000  # letters of a notebook's formulas; the rest stays TeX, so that nobody keeps a machine busy
MANY = 200_000  # letters of a notebook's texts, pictures not counted, in which formulas are looked for

# In HTML, where a formula has no tag in it; tags, code and preformatted text are passed over.
TOKEN = re.compile(
    rf"""(?P<skip><pre\b.*?</pre\s*>|<code\b.*?</code\s*>|<[^>]*>)
    |(?<!\\)\$\$(?P<dollars>[^<]{{1,{LONG}}}?)\$\$
    |\\\[(?P<square>[^<]{{1,{LONG}}}?)\\\]
    |\\\((?P<round>[^<]{{1,{LONG}}}?)\\\)
    |(?P<environment>\\begin\{{(?P<name>[a-z]+\*?)\}}[^<]{{1,{LONG}}}?\\end\{{(?P=name)\}})
    |(?<![\\$])\$(?P<dollar>[^$<]{{1,{LONG}}})(?<!\\)\$""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
ALIGNED = re.compile(
    r"\\(begin|end)\{(?:aligned|alignedat|split|gathered|eqnarray\*?|gather\*?|equation\*?)\}"
)


class Mathematics:
    """Draws the formulas of one notebook."""

    def __init__(self) -> None:
        self._letters, self._unread = ALL, MANY

    def draw(self, html: str) -> str:
        r"""HTML with its formulas ($...$, $$...$$, \(...\), \[...\], environments) as MathML."""
        if "$" not in html and "\\" not in html:
            return html
        length = len(PASTED.sub("", html))
        if length > self._unread:
            return html
        self._unread -= length
        return TOKEN.sub(self._drawn, html)

    def _drawn(self, found: re.Match[str]) -> str:
        kind = found.lastgroup
        if kind == "skip" or kind is None:
            return found[0]
        tex = unescape(found[kind]).strip()
        self._letters -= len(tex)
        if self._letters < 0:
            return _as_written(found[0])
        block = kind in ("dollars", "square", "environment")
        drawn = mathml(tex, block) or _as_written(found[0])
        return f'<span class="formula" dir="ltr" tabindex="0">{drawn}</span>' if block else drawn


def _as_written(tex: str) -> str:
    return f'<code class="tex" dir="ltr">{tex}</code>'


@lru_cache(maxsize=4096)  # what the assignment says is the same in every student's notebook
def mathml(tex: str, block: bool) -> str | None:
    """TeX as MathML; None when it is no TeX that the library knows."""
    try:
        root = convert_to_element(ALIGNED.sub(r"\\\1{align*}", tex), display="block" if block else "inline")
        for parent in list(root.iter()):
            if parent.tag not in TAGS:
                return None
            for name in set(parent.attrib) - ATTRIBUTES:
                del parent.attrib[name]
            parent.text = unescape(parent.text or "")  # the library writes `&#x0003D;` for `=`
        root.set("dir", "ltr")
        return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    except Exception:  # of many kinds, on TeX that ends too early or nests too deep
        return None
