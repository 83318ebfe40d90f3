"""Take the pictures of README and docs/ from a real, populated course, in a real browser.

    python docs/screenshots.py                              # all of them, from ./demo
    python docs/screenshots.py report feedback-phone        # only these
    python docs/screenshots.py --demo /tmp/demo --into /tmp/pictures

The demo's folder is made when it is not there (`mashq demo`, some minutes). Needs a Chromium. Look at every
picture before it is committed. Exit code 1 when a picture could not be taken; the others are written.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from docs.terminal import Frame, page, plain, record
from tests.support.browser import DRAWN, PATIENCE_MS, chromium
from tests.support.lab import FORMGRADER_READY, jupyter_lab, logged_in

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
ASSIGNMENT = "hw2"
LARGEST_KB = 200
SCALE = 2  # pixels of a picture to a CSS pixel, so that text is sharp
DEMO_S, RELEASE_S = 1800, 900
STUDENT_WITH_MISTAKE, STUDENT_WITH_ESSAYS = "forgot-relu-derivative", "everything-right"


@dataclass(frozen=True)
class Places:
    """Where the demo's course is, and where pictures go."""

    demo: Path
    images: Path

    def save(self, name: str, png: bytes) -> None:
        """Write a picture with as many colours as its size allows; ValueError when 16 are too many."""
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        for colours in (256, 128, 64, 32, 16):
            small = io.BytesIO()
            reduced = picture.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            reduced.save(small, "PNG", optimize=True)
            if small.tell() < LARGEST_KB * 1000:
                break
        else:
            raise ValueError(
                f"{name}: more than {LARGEST_KB} kB with {colours} colours; show less of the page"
            )
        path = self.images / f"{name}.png"
        path.write_bytes(small.getvalue())
        width, height = picture.size
        print(f"{path}: {width} x {height}, {small.tell() // 1000} kB, {colours} colours")


# -- the pictures, one function each ----------------------------------------------------------------------


def notebook_english(places: Places) -> None:
    """A released notebook in JupyterLab."""
    with _lab_page(places.demo, f"lab/tree/release/{ASSIGNMENT}/q1_paper.ipynb") as tab:
        _wait_for_notebook(tab)
        places.save("notebook-english", tab.screenshot())


def notebook_persian(places: Places) -> None:
    """The same notebook, released in Persian."""
    with tempfile.TemporaryDirectory(prefix="mashq-pictures-") as folder:
        course = Path(folder)
        for part in (f"source/{ASSIGNMENT}/q1_paper.ipynb", f"tests/{ASSIGNMENT}/test_q1_paper.py"):
            (course / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, course / part)
        shutil.copy(ROOT / "nbgrader_config.py", course)
        if (ROOT / "locale").is_dir():
            shutil.copytree(ROOT / "locale", course / "locale")
        command = [*MASHQ, "release", ASSIGNMENT, "--language", "fa"]
        subprocess.run(command, cwd=course, env=ENVIRONMENT, check=True, timeout=RELEASE_S)
        with _lab_page(course, f"lab/tree/release/{ASSIGNMENT}/q1_paper.ipynb") as tab:
            _wait_for_notebook(tab)
            places.save("notebook-persian", tab.screenshot())


def terminal_progress(places: Places) -> None:
    """The demo while it grades, a bit behind the middle."""
    frames = _recording(places.demo)
    shown = [(_percent(frame), frame) for frame in frames]
    graded = [(percent, frame) for percent, frame in shown if percent is not None]
    _, frame = min(graded, key=lambda pair: abs(pair[0] - 60))
    _save_terminal(places, "terminal-progress", frame)


def terminal_table(places: Places) -> None:
    """The table at the end of the demo."""
    frame = _recording(places.demo)[-1]
    lines = [plain(line).strip() for line in frame]
    top = next(row for row, line in enumerate(lines) if line.startswith("┏"))
    bottom = next(row for row, line in enumerate(lines) if row > top and line.startswith("└"))
    while top > 0 and lines[top - 1]:  # its title stands above
        top -= 1
    _save_terminal(places, "terminal-table", frame[top : bottom + 1])


def report(places: Places) -> None:
    """The top of the instructor's report, with its first charts."""
    with _page(1200, 1300) as tab:
        tab.goto((places.demo / "report.html").resolve().as_uri())
        tab.wait_for_function(DRAWN)
        places.save("report", tab.screenshot())


def feedback(places: Places) -> None:
    """The top of a student's feedback, in a window on a desk."""
    _feedback(places, "feedback-desktop", 1100, 1000)


def feedback_phone(places: Places) -> None:
    """The same on a phone."""
    _feedback(places, "feedback-phone", 390, 844)


def formgrader(places: Places) -> None:
    """An essay in formgrader, with points, a comment and its mark scheme."""
    with tempfile.TemporaryDirectory(
        prefix="mashq-pictures-"
    ) as folder:  # the demo's grades stay as they are
        course = Path(shutil.copytree(places.demo, Path(folder, "course")))
        with _lab_page(course, f"formgrader/gradebook/{ASSIGNMENT}/q2_theory", 1000, 1000) as tab:
            tab.get_by_text("Show All Names").click()
            tab.locator("tbody tr").filter(has_text=STUDENT_WITH_ESSAYS).locator("a:visible").click()
            tab.wait_for_function(FORMGRADER_READY)
            tab.wait_for_function("MathJax.Hub.queue.pending === 0 && !MathJax.Hub.queue.running")
            essay = tab.locator(".nbgrader_cell").filter(has=tab.locator("[id='q2_a']"))
            essay.locator(".score").fill("4.5")
            essay.locator(".comment").fill("A clear proof. What does the rank say about XNOR in question 5?")
            tab.wait_for_timeout(2000)  # the page glides to the box in hand, and the tick for "saved" goes
            essay.evaluate(
                "cell => window.scrollTo(0, cell.getBoundingClientRect().top + window.scrollY - 80)"
            )
            places.save("formgrader", tab.screenshot())


PICTURES: dict[str, Callable[[Places], None]] = {
    "notebook-english": notebook_english,
    "notebook-persian": notebook_persian,
    "terminal-progress": terminal_progress,
    "terminal-table": terminal_table,
    "report": report,
    "feedback-desktop": feedback,
    "feedback-phone": feedback_phone,
    "formgrader": formgrader,
}

# -- how they are taken -----------------------------------------------------------------------------------

MASHQ = [sys.executable, "-m", "mashq.cli"]
ENVIRONMENT = os.environ | {"MASHQ_ALLOW_STAND_IN": "1"}
RECORDING = ".terminal.json"  # in the demo's folder


def make_demo(folder: Path) -> None:
    """Run `mashq demo` on a terminal, and keep what it drew beside what it made."""
    shown = os.path.relpath(folder, ROOT)  # as a reader would type it
    frames = record([*MASHQ, "demo", shown], ROOT, {"PYTHONWARNINGS": "ignore"}, DEMO_S)
    (folder / RECORDING).write_text(json.dumps(frames), encoding="utf-8")


def _recording(demo: Path) -> list[Frame]:
    """What `mashq demo` drew when the demo was made; of another run, where somebody else made it."""
    if not (demo / RECORDING).exists():
        with tempfile.TemporaryDirectory(prefix="mashq-pictures-") as folder:
            make_demo(Path(folder, "demo"))
            shutil.copy(Path(folder, "demo", RECORDING), demo)
    frames: list[Frame] = json.loads((demo / RECORDING).read_text(encoding="utf-8"))
    return frames


def _percent(frame: Frame) -> int | None:
    """How far the grading is that a frame shows; None where it shows none."""
    text = "\n".join(plain(line) for line in frame)
    found = re.search(r"graded \W*(\d+)/(\d+) notebooks", text)
    return 100 * int(found[1]) // int(found[2]) if found else None


def _save_terminal(places: Places, name: str, lines: Frame) -> None:
    with _page(1200, 600) as tab:
        tab.set_content(page(lines))
        places.save(name, tab.locator("body").screenshot())


def _feedback(places: Places, name: str, width: int, height: int) -> None:
    with _page(width, height) as tab:
        folder = places.demo / "feedback" / STUDENT_WITH_MISTAKE / ASSIGNMENT
        tab.goto((folder / "q5_xnor.html").resolve().as_uri())
        tab.wait_for_load_state("load")
        wide = tab.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            raise ValueError(f"{name}: the page is {wide} pixels wide in a window of {width}")
        places.save(name, tab.screenshot())


def _wait_for_notebook(tab: Page) -> None:
    """Until JupyterLab has drawn the notebook with its formulas, and its kernel is idle."""
    tab.locator(".jp-Notebook .jp-Cell").first.wait_for()
    tab.locator(".jp-Notebook mjx-container").first.wait_for()
    tab.locator("[data-status='idle']").first.wait_for()
    tab.wait_for_timeout(1000)  # what is still moving comes to rest


@contextmanager
def _page(width: int, height: int) -> Iterator[Page]:
    """An empty page without a network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=SCALE, offline=True
            )
            context.set_default_timeout(PATIENCE_MS)
            yield context.new_page()
        finally:
            browser.close()


@contextmanager
def _lab_page(folder: Path, path: str, width: int = 1280, height: int = 860) -> Iterator[Page]:
    """A page of a new `jupyter lab` on a folder."""
    with (
        jupyter_lab(folder) as (address, token),
        logged_in(address, token, width, height, SCALE) as context,
    ):
        tab = context.new_page()
        tab.goto(f"{address}{path}")
        yield tab


def main() -> int:
    """Take the pictures that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of {', '.join(PICTURES)}")
    parser.add_argument("--demo", type=Path, default=ROOT / "demo", help="the demo's course folder")
    parser.add_argument("--into", type=Path, default=IMAGES, help="where the pictures go")
    wanted = parser.parse_args()
    for name in wanted.names:
        if name not in PICTURES:
            parser.error(f"there is no picture {name}; there are {', '.join(PICTURES)}")
    places = Places(wanted.demo.resolve(), wanted.into.resolve())
    places.images.mkdir(parents=True, exist_ok=True)
    if not (places.demo / "report.html").exists():
        make_demo(places.demo)
    failed = []
    for name in wanted.names or PICTURES:
        try:
            PICTURES[name](places)
        except Exception:  # one picture that fails costs no other
            traceback.print_exc()
            failed.append(name)
    if failed:
        print(f"not taken: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
