"""HTML and Markdown that run a script or load something, and finding out whether a page still does."""

from __future__ import annotations

from html.parser import HTMLParser

from mashq.grading.notebook.markup import BESIDE, DATA, LINK, TAGS

RUN = "document.title='run';new Image().src='SITE/run'"


# Each HTML that runs a script or loads something, one way each.
HTML = [
    f"<script>{RUN}</script>",
    f"<SCRIPT/x>{RUN}</SCRIPT >",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f'<img src=x onerror="{RUN}">',
    f"<img/src='x'/onerror={RUN}>",
    f'<img src="x` `" onerror="{RUN}">',
    f'<svg onload="{RUN}"><circle r="9"/></svg>',
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate attributeName=href values='javascript:{RUN}'/></svg>",
    f'<svg><foreignObject><body onload="{RUN}"></foreignObject></svg>',
    "<svg><image href='SITE/svg'/><use href='SITE/use.svg#x'/></svg>",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">',
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f'<xmp><p title="</xmp><img src=x onerror={RUN}>"></xmp>',
    f"<!--><img src=x onerror={RUN}>-->",
    f"<!-- --!><img src=x onerror={RUN}> -->",
    f"<![CDATA[><img src=x onerror={RUN}>]]>",
    f"<?x ><img src=x onerror={RUN}>?>",
    f"<a href='javascript:{RUN}'>click</a>",
    f"<a href='  JaVa\tScript:{RUN}'>click</a>",
    f"<a href='&#106;avascript&colon;{RUN}'>click</a>",
    f"<a href='data:text/html,<script>{RUN}</script>'>click</a>",
    "<a href='plot.html'>a page that was handed in beside the notebook</a>",
    "<a href='//127.0.0.1/x'>click</a>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{RUN}'></iframe>",
    "<iframe src='SITE/iframe'></iframe>",
    "<object data='SITE/object'></object><embed src='SITE/embed'>",
    f"<form action='SITE/form'><input autofocus onfocus=\"{RUN}\"><button>send</button></form>",
    f'<button formaction="javascript:{RUN}">send</button>',
    f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    f'<video><source onerror="{RUN}"></video><audio src=x onerror="{RUN}"></audio>',
    "<video poster='SITE/poster' src='SITE/video'></video>",
    f'<marquee onstart="{RUN}">x</marquee>',
    f"<style>@keyframes x{{}}</style><p style='animation-name:x' onanimationstart=\"{RUN}\">x</p>",
    "<style>@import 'SITE/style';</style>",
    "<style>* {background: url(SITE/star)}</style>",
    "<link rel=stylesheet href='SITE/link'>",
    "<base href='SITE/base/'>",
    "<meta http-equiv=refresh content='0;url=SITE/meta'>",
    "<img src='SITE/pixel'>",
    "<img src='//127.0.0.1:9/x'>",
    "<img src='/logout'>",
    "<img src='x/../../logout.png'>",
    "<img src='x/%2e%2e/%2E%2e/logout.png'>",
    "<img src=x.png srcset='SITE/srcset 2x'>",
    "<picture><source srcset='SITE/source'><img src=x.png></picture>",
    "<table background='SITE/table'><tr><td background='SITE/td'>x</td></tr></table>",
    "<p style='background:url(SITE/css)'>x</p>",
    "<p style='background-color:red;background-image:url(SITE/css2)'>x</p>",
    "<p style=\"border-image:url('SITE/border')\">x</p>",
    "<p style='list-style:url(SITE/li);cursor:url(SITE/cursor),auto'>x</p>",
    "<p style='position:fixed;inset:0;z-index:9'>over the page</p>",
    "<p style='margin-top:-900px;height:0'>over the page</p>",
    "<button class='btn full-credit'>formgrader listens for clicks on this</button>",
    "<div class='score modal-backdrop' id='statusmessage'>x</div>",
    "</div></div></div></body></html><p>out of the cell",
    "<plaintext>",
    "<textarea>",
    "<table><tr><td><b>not closed",
    "<!DOCTYPE html><html><head><title>x</title></head><body bgcolor=red>x</body></html>",
    f"<x contenteditable onblur={RUN} tabindex=1 id=x>x</x>",
    "<dialog open>x</dialog><select><option>x</select><isindex>",
]


MARKDOWN = [
    f"[click](javascript:{RUN.replace(' ', '%20')})",
    "[click](javascript&colon;alert(1))",
    "[click](<java\tscript:alert(1)>)",
    "[click][x]\n\n[x]: JavaScript:alert(1)",
    "<javascript:alert(1)>",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](plot.html)",
    "![](SITE/markdown)",
    '![" onerror="alert(1)](x.png)',
    '![a](x.png" onerror="alert(1))',
    "![](attachment:missing.png)",
    f'```mermaid\n<img src=x onerror="{RUN}">\n```',
    f'```py"><img/src=x/onerror={RUN}>\n1\n```',
    f"$<img src=x onerror={RUN}>$ $$\n<img src=x onerror={RUN}>\n$$",
    f"\\begin{{x}}<img src=x onerror={RUN}>\\end{{x}}",
    f'| a |\n|---|\n| <img src=x onerror="{RUN}"> |',
    f'# head <img src=x onerror="{RUN}">',
    f'- <div>\n\n<img src=x onerror="{RUN}">',
    f'`` ` <img src=x> `` ` <img src=x onerror="{RUN}">',
    f'> ```\n<img src=x onerror="{RUN}">\n> ```',
    "\\href{javascript:alert(1)}{x}",
    *HTML,
]


class Look(HTMLParser):
    """Collects from a page what may run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS | {"input"}:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            value = value or ""
            right = {
                "href": LINK.fullmatch(value),
                "src": DATA.fullmatch(value) or BESIDE.fullmatch(value),
                "style": not any(word in value for word in ("url", "position", "margin")),
            }
            never = name.startswith("on") or name in (
                "action",
                "background",
                "formaction",
                "srcdoc",
                "srcset",
            )
            if never or not right.get(name, True):
                self.found.append(f"{tag} {name}={value}")


def problems(html: str) -> list[str]:
    """What may run or load in a page or a part of one."""
    look = Look()
    look.feed(html)
    look.close()
    return look.found
