"""What a student's notebook brings along runs and loads nothing where graders and students open it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbgrader.server_extensions.formgrader.handlers import template_path
from nbgrader.utils import compute_checksum

from mashq.grading.notebook import allowance as rules
from mashq.grading.notebook.markup import clean_html, clean_markdown
from mashq.grading.notebook.result_cell import score_output
from mashq.grading.notebook.sanitize import sanitize
from mashq.grading.workers.task import Task
from mashq.grading.workers.worker import grade
from mashq.judge import CheckResult, Judgement, Outcome
from mashq.language import FROM_THE_RIGHT
from tests.support.browser import chromium
from tests.support.cells import code_cell, essay_cell, notebook_of
from tests.support.commands import nbgrader
from tests.support.fuzz import HALF
from tests.support.listening import listening
from tests.support.markup import HTML, MARKDOWN, RUN, problems
from tests.support.tiny_course import ANSWER, answered

pytestmark = pytest.mark.quick

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

SVG = [
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="SITE/image"/></svg>',
]


def shown(**data: Any) -> Any:
    """An output with one form; `text_html` stands for text/html."""
    return nbformat.v4.new_output("display_data", data={k.replace("_", "/", 1): v for k, v in data.items()})


def hostile(site: str = "http://127.0.0.1:9") -> Any:
    """A notebook with everything above, in every place where a page shows it; it loads from `site`."""
    outputs = [shown(text_html=html) for html in HTML]
    outputs += [shown(text_markdown=text) for text in MARKDOWN]
    outputs += [shown(text_latex=html) for html in HTML]
    outputs += [nbformat.v4.new_output("display_data", data={"image/svg+xml": svg}) for svg in SVG]
    for kind in ("application/javascript", "text/vnd.mermaid", "application/vnd.jupyter.widget-view+json"):
        outputs.append(
            nbformat.v4.new_output("display_data", data={kind: f"</script><script>{RUN}</script>"})
        )
    outputs.append(nbformat.v4.new_output("stream", text="".join(HTML)))
    outputs.append(nbformat.v4.new_output("error", ename=HTML[0], evalue=HTML[3], traceback=HTML))
    for kind in ("image/png", "image/jpeg"):
        outputs.append(nbformat.v4.new_output("display_data", data={kind: f'"><script>{RUN}</script>'}))
    sized = {"width": f"1 onerror={RUN}", "height": f"><script>{RUN}</script>", "unconfined": True}
    outputs.append(nbformat.v4.new_output("display_data", data={"image/png": "AAAA"}, metadata=sized))
    isolated = {"text/html": {"isolated": True}}
    outputs.append(nbformat.v4.new_output("display_data", data={"text/html": HTML[0]}, metadata=isolated))
    code = code_cell("".join(HTML))
    code.outputs = outputs
    cells = [code, code_cell("1"), *map(nbformat.v4.new_markdown_cell, MARKDOWN)]
    cells += [essay_cell(text, f"essay{i}", 1) for i, text in enumerate(MARKDOWN[:4])]
    cells += [nbformat.v4.new_raw_cell("".join(HTML))]
    attached = nbformat.v4.new_markdown_cell("![](attachment:a.png)")
    attached.attachments = {"a.png": {f'text/html"><script>{RUN}</script>': HTML[0], "image/png": HTML[0]}}
    notebook = notebook_of(*cells, attached)
    notebook.cells[1].execution_count = HTML[3]
    return at(site, notebook)


def at(site: str, notebook: Any) -> Any:
    """The notebook with the address of a server in place of SITE."""
    return nbformat.reads(nbformat.writes(notebook).replace("SITE", site), as_version=4)


def page(notebook: Any, template: str) -> str:
    """The page that nbgrader shows of a notebook: `feedback` or `formgrade`."""
    static = Path(template_path).parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.score = 1
    exporter = HTMLExporter(
        template_name=template, extra_template_basedirs=[template_path], extra_template_paths=[str(static)]
    )
    about = {"notebook": "areas", "score": 1, "max_score": 2, "late_penalty": 0}
    resources = {"nbgrader": about, "base_url": "", "submission_id": "1", "index": 0, "total": 1}
    html, _ = exporter.from_notebook_node(notebook, resources)
    return str(html)


# -- parts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("html", HTML)
def test_html_has_nothing_left_that_runs_or_loads(html: str) -> None:
    """And cleaning it again changes nothing."""
    clean = clean_html(html)
    assert problems(clean) == []
    assert clean_html(clean) == clean
    assert not re.search(r' (class|id|name)="[^"]', clean)


@pytest.mark.parametrize("text", MARKDOWN)
def test_markdown_makes_nothing_that_runs_or_loads(text: str) -> None:
    """With the renderer of the pages."""
    assert problems(markdown2html_mistune(clean_markdown(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "# Areas\n\nSides *multiply*, as `a < b` and $a<b$ say. 3 < 4 > 2 & more",
        "$$\\begin{aligned}a &< b \\\\ c &= [d](e)\\end{aligned}$$",
        "<div dir='rtl'>\n\nمساحت **مربع**\n\n</div>",
        "a<br>b<br/>c H<sub>2</sub>O <b>bold</b>",
        "[the paper](https://example.org/a?b=1#c), <https://example.org>, [above](#Areas)",
        "![a plot](figures/plot%20one.png)",
        "```python\nif a < b:\n\n    print('<b>')\n```",
        "| a | b |\n|:--|--:|\n| 1 | <br> |\n\n- [x] done\n- [ ] not <b>done</b>",
        "> quoted\n>\n> twice",
        f"![](data:image/png;base64,{PIXEL})",
    ],
)
def test_harmless_markdown_stays_as_it_is(text: str) -> None:
    """Mathematics, tables, code, links, pictures, text from right to left."""
    assert clean_markdown(text) == text


def test_markdown_that_is_replaced_keeps_what_it_showed() -> None:
    """Mathematics, code and emphasis stay, as HTML; only the script is gone."""
    text = "**Area** $a<b$\n\n<script>alert(1)</script>\n\n```python\nx = 1\n\ny = 2\n```\n\n- one\n- two"
    html = markdown2html_mistune(clean_markdown(text))
    for part in ("<strong>Area</strong>", "$a&lt;b$", '<span class="mi">1</span>', "<li>two</li>"):
        assert part in html
    assert "script" not in html


def test_a_table_of_pandas_stays_a_table() -> None:
    """Its class, border, alignment and spans are kept; the style sheet that it brings is not."""
    table = (
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;">'
        '<th colspan="2">a</th></tr></thead><tbody><tr><th>0</th><td>1.5</td></tr></tbody></table>'
    )
    clean = clean_html(f"<div><style scoped>.dataframe {{color: red}}</style>{table}</div>")
    assert clean == f"<div>{table.replace('text-align: right;', 'text-align:right')}</div>"


def test_pictures_keep_working() -> None:
    """PNG with its size; SVG as an image, in which no script runs; a picture that is none is named."""
    code = code_cell("plot")
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    code.outputs = [
        nbformat.v4.new_output(
            "display_data",
            data={"image/png": PIXEL + "\n", "text/plain": "<Figure>"},
            metadata={"width": 640},
        ),
        nbformat.v4.new_output("display_data", data={"image/svg+xml": svg}),
        nbformat.v4.new_output("display_data", data={"application/pdf": "JVBE"}),
    ]
    sanitize(notebook_of(code))
    png, picture, pdf = code.outputs
    assert png.data == {"image/png": PIXEL, "text/plain": "<Figure>"}
    assert png.metadata == {"image/png": {"width": 640}}
    assert base64.b64encode(svg.encode()).decode() in picture.data["text/html"]
    assert "application/pdf is not shown" in pdf.data["text/plain"]


def test_attached_pictures_stay_with_their_cell() -> None:
    """A plot that was pasted into an essay is still in it; one that is missing stops no page."""
    cell = nbformat.v4.new_markdown_cell("![p](attachment:p.png) ![q](attachment:q.png)")
    cell.attachments = {"p.png": {"image/png": PIXEL}, "q.png": {"image/png": "no base64!"}}
    sanitize(notebook_of(cell))
    assert cell.attachments == {"p.png": {"image/png": PIXEL}}
    assert f"data:image/png;base64,{PIXEL}" in page(notebook_of(cell), "feedback")


def test_what_is_no_output_becomes_one() -> None:
    """Whatever a kernel published: the notebook is valid, and a file can hold it."""
    code = code_cell("1")
    notebook = notebook_of(code)
    code.execution_count = "<b>"
    code.outputs = [
        nbformat.from_dict(output)
        for output in (
            {"output_type": "stream", "name": HALF, "text": 5},
            {"output_type": "stream", "text": ["a", HALF, 7]},
            {"output_type": "error", "ename": 5, "traceback": [HALF, None]},
            {"output_type": "display_data", "data": [1], "metadata": 7},
            {"output_type": "display_data", "data": {"text/plain": HALF, "text/html": {"a": 1}}},
            {"output_type": "execute_result", "data": {"text/plain": "2"}, "execution_count": "x"},
            {"output_type": "nonsense"},
            {},
        )
    ]
    sanitize(notebook)
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()
    assert [o.output_type for o in code.outputs].count("display_data") == 2
    assert code.outputs[-1].data == {"text/plain": "2"}
    assert code.execution_count is None


def test_a_cell_with_the_released_text_keeps_it() -> None:
    """The instructor may show a film; a student who changes the cell may not."""
    cell = essay_cell("<iframe src='https://example.org/film'></iframe>", "why", 1)
    cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    before = cell.source
    sanitize(notebook_of(cell))
    assert cell.source == before
    cell.source += "!"
    sanitize(notebook_of(cell))
    assert "iframe" not in cell.source


@pytest.mark.process
@pytest.mark.parametrize(
    "html", ["<div>" * 9_000, "<b><p>" * 900, "<table>x" * 900, "<td>" * 60_000, "<p " + "a=b " * 90_000]
)
def test_html_that_is_too_much_is_shown_as_text(html: str) -> None:
    """Thousands of elements in each other would stop the page; a page of them is still a page."""
    assert problems(clean_html(html)) == []
    notebook = notebook_of(nbformat.v4.new_markdown_cell(html))
    sanitize(notebook)
    assert "areas" in page(notebook, "feedback")


def test_a_notebook_of_too_much_text_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells and outputs together; a picture that was pasted into an essay does not count."""
    monkeypatch.setattr(rules, "ALL", 100)
    monkeypatch.setattr(rules, "LONG", 60)
    essay = f"<b>a</b> ![](data:image/png;base64,{PIXEL * 3})"
    cells = [nbformat.v4.new_markdown_cell(text) for text in (essay, "[a](#b)" * 9, "<i>b</i>" * 7)]
    sanitize(notebook_of(*cells))
    assert cells[0].source == essay
    assert [cell.source.startswith("<div><p><em>(shown as plain text") for cell in cells[1:]] == [True, True]


# -- pages ------------------------------------------------------------------------------------------------


@pytest.mark.process
@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_a_page_has_only_the_scripts_and_addresses_of_its_template(template: str) -> None:
    """The page of the hostile notebook, cleaned, against that of a number and an essay."""
    own = problems(page(notebook_of(code_cell("1"), essay_cell("x", "why", 1)), template))
    notebook = hostile()
    broken = re.compile("missing.png|widget-view")  # these, and a count that is none, stop nbconvert
    notebook.cells[1].execution_count = None
    notebook.cells = [cell for cell in notebook.cells if not broken.search(cell.source)]
    notebook.cells[0].outputs = [o for o in notebook.cells[0].outputs if not broken.search(str(o))]
    assert len(problems(page(notebook, template))) > len(own) + len(HTML)
    notebook = hostile()
    sanitize(notebook)
    assert [found for found in problems(page(notebook, template)) if found not in own] == []


def test_mashq_s_own_table_is_shown_as_it_was() -> None:
    """It is written after the cleaning; a student's message in it is text."""
    code = code_cell("pass", "test_area", 2)
    result = CheckResult("check", "test_area", 2, Outcome.FAILED, message=HTML[3])
    code.outputs = [score_output(Judgement(results=[result]), "test_area", 2)]
    html = page(notebook_of(code), "feedback")
    assert "mashq-checks" in html
    assert "color:#a33b00" in html
    assert "&lt;img src=x" in html


# Does to everything in the notebook what a reader may do, but for following links to other pages.
TOUCH = """<script>
for (const e of document.querySelectorAll("#notebook *, .container *")) {
  for (const kind of ["mouseover", "focus", "blur", "toggle", "animationstart", "start", "error", "load"])
    e.dispatchEvent(new Event(kind));
  if (e.href && String(e.href.baseVal ?? e.href).trim().toLowerCase().startsWith("javascript:")) e.click();
}
</script>"""


def title_of(html: str, folder: Path) -> str:
    """The title of a page that was opened in Chromium, when it had its time."""
    path = folder / "page.html"
    path.write_text(html.replace("</body>", f"{TOUCH}</body>"))
    options = [
        "--headless",
        "--no-sandbox",  # Chromium's own, which refuses to be root; the page comes from here
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--dump-dom",
        "--virtual-time-budget=3000",
    ]
    profile, hosts = f"--user-data-dir={folder}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    command = [chromium(), *options, profile, hosts, path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=True)
    return done.stdout.partition("<title>")[2].partition("</title>")[0]


def test_a_raw_cell_becomes_text() -> None:
    """Pages show a raw cell as the HTML that it is: scripts, and boxes that look like nbgrader's own."""
    box = '<input class="score" id="score-1" name="score"><b>5 of 5</b>'
    cells = [nbformat.v4.new_raw_cell(text) for text in ("".join(HTML), box, "one\n\n two  three\n# four")]
    cells[1].attachments = {"a.png": {"image/png": HTML[0]}}
    sanitize(notebook_of(*cells))
    nbformat.validate(notebook_of(*cells))
    for template in ("feedback", "formgrade"):
        html = page(notebook_of(*cells), template)
        assert "&lt;b&gt;5 of 5&lt;/b&gt;" in html
        assert html.count("<input") == page(notebook_of(), template).count("<input")
    assert "one\n&#10;\n two  three\n# four" in cells[2].source


@pytest.mark.parametrize(
    "address", ["files///127.0.0.1:9/x.png", "files//127.0.0.1:9/x.png", "a//b.png", "files/%2f/b.png"]
)
def test_no_address_leads_elsewhere_once_a_page_has_changed_it(address: str) -> None:
    """nbconvert takes a leading `files/` away, behind which another server's address may stand."""
    for text in (f"![]({address})", f"<img src='{address}'>"):
        notebook = notebook_of(nbformat.v4.new_markdown_cell(text))
        sanitize(notebook)
        assert "<img" not in page(notebook, "feedback").partition('id="notebook"')[2].partition("</body>")[0]


@pytest.mark.process
def test_in_a_browser_nothing_runs_and_nothing_is_loaded(tmp_path: Path) -> None:
    """A page without the cleaning runs and loads, which shows that the test would see it."""
    with listening() as (site, asked):
        bare = at(site, notebook_of(*(nbformat.v4.new_markdown_cell(html) for html in HTML[3:7])))
        assert title_of(page(bare, "feedback"), tmp_path) == "run"
        assert "/run" in asked
    with listening() as (site, asked):
        notebook = hostile(site)
        sanitize(notebook)
        assert title_of(page(notebook, "feedback"), tmp_path) == "areas"
        assert asked == []


# -- the way there ----------------------------------------------------------------------------------------

PUBLISH = f"""
{ANSWER}
from IPython.display import HTML, display, Javascript, Markdown, SVG
for html in {HTML!r}:
    display(HTML(html))
display(Javascript("alert(1)"), Markdown({HTML[3]!r}), SVG({SVG[0]!r}))
kernel = get_ipython().kernel
said = {{"name": "stdout", "text": "x", "execution_count": {HTML[3]!r}}}
sent = kernel.session.send(kernel.iopub_socket, "stream", said, parent=kernel.get_parent("shell"))
"""


@pytest.mark.long
@pytest.mark.process
def test_nbgrader_and_mashq_write_the_same_clean_notebook(tiny_course: Path, hand_in: Any) -> None:
    """Graded by `nbgrader autograde` and as a task of `mashq grade`; then the feedback, by nbgrader."""
    release = nbformat.read(tiny_course / "release" / "ps1" / "areas.ipynb", as_version=4)
    notebook = answered(release, PUBLISH, "\n\n".join(MARKDOWN[:12]))
    notebook.cells.append(nbformat.v4.new_markdown_cell(HTML[3]))
    data = json.dumps(notebook).encode()
    handed_in = hand_in("ada", data)
    nbgrader(tiny_course, "autograde", "ps1")
    assert handed_in.read_bytes() == data

    source = (tiny_course / "release" / "ps1" / "areas.ipynb").read_bytes()
    checks = (tiny_course / "tests" / "ps1" / "test_areas.py").read_bytes()
    scheme = {"why": "3 points for the word product."}
    graded = grade(Task("ada", "ps1", "areas", data, source, checks=checks, schemes=scheme))
    assert graded.judgement.score("test_area") == 2
    ours = nbformat.reads(graded.notebook.decode(), as_version=4)
    theirs = nbformat.read(tiny_course / "autograded" / "ada" / "ps1" / "areas.ipynb", as_version=4)
    assert [c.source for c in ours.cells] == [c.source for c in theirs.cells]
    for mine, other in zip(ours.cells, theirs.cells, strict=True):
        assert mine.get("outputs") == other.get("outputs")

    nbgrader(tiny_course, "generate_feedback", "ps1")
    html = (tiny_course / "feedback" / "ada" / "ps1" / "areas.html").read_text()
    own = {*problems(page(notebook_of(code_cell("1")), "feedback")), "<header>", "<section>", "<bdi>"}
    assert [found for found in problems(html) if found not in own] == []
    assert "Hidden checks: 2 of 2 points" in html


@pytest.mark.parametrize(
    ("essay", "shown"),
    [
        (
            "![the loss](https://x.org/a.png?b=1&c=2)",
            "the loss (picture not shown: https://x.org/a.png?b=1&c=2)",
        ),
        ('<p align="center"><img src="//x.org/a.png" width=300></p>', "(picture not shown: //x.org/a.png)"),
        (
            '| a |\n|---|\n| <img alt="x>y" src="https://x.org/a.png"> |',
            "x>y (picture not shown: https://x.org/a.png)",
        ),
        ("![](file:///C:/Users/ada/plot.png)", "(picture not shown: file:///C:/Users/ada/plot.png)"),
        ("![r][1]\n\n[1]: https://x.org/z.png", "r (picture not shown: https://x.org/z.png)"),
        ('<picture><source media="(x)" srcset="https://x.org/a.webp 2x"></picture>', "https://x.org/a.webp)"),
        (
            '<svg width="9"><image xlink:href="https://x.org/a.svg"/></svg>',
            "(picture not shown: https://x.org/a.svg)",
        ),
        (
            '<object type="image/png" data="https://x.org/o.png">no</object>',
            "(picture not shown: https://x.org/o.png)",
        ),
        ("<iframe src='https://x.org/f.html'></iframe>", "(picture not shown: https://x.org/f.html)"),
        (
            "<p style=\"background: url('https://x.org/b.png')\">b</p>",
            "(picture not shown: https://x.org/b.png)",
        ),
        ("![gone](attachment:gone.png)", "gone (picture not shown: gone.png)"),
        (
            '<img src="https://x.org/&quot;><script>alert(1)</script>">',
            "not shown: https://x.org/&quot;&gt;&lt;script&gt;",
        ),
    ],
)
def test_a_picture_from_elsewhere_leaves_its_address(essay: str, shown: str) -> None:
    """As text for the reader; nothing is loaded, and nothing in an address or a name becomes HTML."""
    clean = clean_markdown(essay)
    assert shown in clean or shown.replace(">", "&gt;").replace("&c", "&amp;c") in clean
    assert "<img" not in clean
    assert "<script" not in clean


def test_what_turns_a_persian_page_around_is_taken_out_without_a_word() -> None:
    """Graders and students are told of outputs that are not shown; this one is ours."""
    notebook = notebook_of(code_cell("mashq.language.set_language('fa')"))
    notebook.cells[0].outputs = [
        shown(text_html=FROM_THE_RIGHT),
        shown(text_html="<style>p { top: 0 }</style>"),
    ]
    sanitize(notebook)
    ours, other = notebook.cells[0].outputs
    assert ours.data == {}
    assert "is not shown in a graded notebook" in other.data["text/plain"]
