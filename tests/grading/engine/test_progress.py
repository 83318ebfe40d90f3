"""The display of a long run: on a real pseudo-terminal, and in a log."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from mashq.grading.engine.progress import LONGEST_LINE, Progress, TimeLeft, clock

pytestmark = pytest.mark.quick

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")

RUN = """
import time
from mashq.grading.engine.progress import Progress

with Progress({"q1": 10, "q5": 10}, workers=2, every_s=60) as progress:
    for i in range(20):
        student, notebook = f"student-{i // 2}", ("q1", "q5")[i % 2]
        progress.started(student, notebook)
        time.sleep(0.05)
        progress.done(student, notebook, ["the file is \\x1b[2Jcut off"] if i == 4 else (), cached=i == 6)
    progress.note("that was all")
"""


def run_on_terminal(script: str, columns: int) -> str:
    """What a script writes to its standard error stream, a terminal of so many columns."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "LINES": "24", "TERM": "xterm-256color"}
    with subprocess.Popen([sys.executable, "-c", script], stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        while chunk := read(ours):
            written += chunk
    os.close(ours)
    assert process.returncode == 0, written.decode()
    return written.decode()


def read(terminal: int) -> bytes:
    """The next bytes; none when the other side is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def log(progress_file: io.StringIO) -> list[str]:
    return progress_file.getvalue().splitlines()


@pytest.mark.process
def test_a_terminal_shows_one_block_with_bar_counts_and_times() -> None:
    """It is redrawn in place; what needs attention stays above it, once, without the student's codes."""
    screen = run_on_terminal(RUN, 100)
    assert "\x1b[1A" in screen, "nothing was redrawn in place"
    assert screen.rstrip().endswith("\x1b[?25h"), "the cursor stays hidden"
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen).replace("\r", "\n")
    assert plain.count("needs attention: student-2 q1: the file is  [2Jcut off") == 1
    assert plain.count("that was all") == 1
    assert re.search(r"graded ━+.* \d+/20 notebooks, 0:0\d elapsed, about 0:0\d left", plain)
    assert re.search(r"1 running · 1 unchanged · 1 needs attention\n", plain)
    assert "20/20 notebooks, 0:01 elapsed\n" in plain.rpartition("graded")[2]


@pytest.mark.process
def test_a_narrow_terminal_wraps_nothing() -> None:
    """A wrapped line would not be removed again, and the block would crawl down the screen."""
    screen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", run_on_terminal(RUN, 40))
    lines = [line for line in re.split(r"[\r\n]+", screen) if line]
    block = [line for line in lines if re.match(r"graded |\d+ (running|unchanged|needs)", line)]
    assert max(map(len, block)) <= 40
    assert {line[:15] for line in lines if line not in block} == {"needs attention", "that was all"}


@pytest.mark.process
@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}])
def test_a_log_has_whole_lines_and_no_control_characters(environment: dict[str, str]) -> None:
    """A start, a line at each 10 %, each attention line, the end; also where colour is forced."""
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        stderr=subprocess.PIPE,
        env=os.environ | environment,
        check=True,
        encoding="utf-8",
    )
    assert not CONTROL.search(done.stderr)
    lines = done.stderr.splitlines()
    assert lines[0] == "20 notebooks, 2 at a time"
    shares = re.findall(r"^graded \d+ of 20 notebooks \((\d+) %\), ", done.stderr, re.MULTILINE)
    assert shares == ["10", "20", "30", "40", "50", "60", "70", "80", "90"]
    assert lines[-2] == "that was all"
    assert re.fullmatch(
        r"finished: graded 20 of 20 notebooks \(100 %\), 1 unchanged, 1 needs attention, 0:0\d elapsed",
        lines[-1],
    )
    assert len(lines) == 1 + 9 + 1 + 1 + 1


def test_a_log_goes_on_while_nothing_happens() -> None:
    """A long notebook does not make the log look dead, and the lines come no faster than asked for."""
    file = io.StringIO()
    with Progress({"q4": 2}, console=Console(file=file), every_s=0.2) as progress:
        progress.started("ada", "q4")
        time.sleep(0.9)
    beats = [line for line in log(file) if line.startswith("graded 0 of 2 notebooks (0 %), 1 running, ")]
    assert 2 <= len(beats) <= 4


def test_a_log_is_still_while_there_is_nothing_to_do() -> None:
    """`--watch` waits for days, as a service."""
    file = io.StringIO()
    with Progress({"q4": 1}, console=Console(file=file), every_s=0.1) as progress:
        progress.started("ada", "q4")
        progress.done("ada", "q4")
        before = len(log(file))
        time.sleep(0.5)
        assert len(log(file)) == before
        progress.add({"q4": 1})
        time.sleep(0.5)
        assert len(log(file)) > before


def test_what_the_machine_failed_on_is_counted_until_it_runs_again() -> None:
    """A lost worker is no result, and is said as it happens."""
    file = io.StringIO()
    with Progress({"q4": 2}, console=Console(file=file)) as progress:
        progress.started("ada", "q4")
        progress.again("ada", "q4", "the worker was lost")
        assert "graded 0 of 2 notebooks (0 %), 1 to be tried again" in progress.line()
        progress.started("ada", "q4")
        assert "1 running, 0:00 elapsed" in progress.line()
        progress.done("ada", "q4", ["the worker was lost 3 times"])
        progress.add({"q4": 3})
        assert "graded 1 of 5 notebooks (20 %), 1 needs attention" in progress.line()
    assert "will be tried again: ada q4: the worker was lost" in log(file)


def test_an_interrupted_run_says_so() -> None:
    """The last line of a log tells a stop from an end."""
    file = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Progress({"q4": 2}, console=Console(file=file)):
        raise KeyboardInterrupt
    assert log(file)[-1].startswith("stopped: graded 0 of 2")


def test_a_long_reason_is_cut_and_stays_one_line() -> None:
    """Student code decides how long an error is, and what is in it."""
    file = io.StringIO()
    Progress({"q4": 1}, console=Console(file=file)).done("ada", "q4", ["a\nb" + "x" * 10_000])
    (line,) = log(file)
    assert line.startswith("needs attention: ada q4: a bxx")
    assert len(line) <= LONGEST_LINE + 4


def test_a_log_that_cannot_hold_a_name_does_not_end_the_run() -> None:
    """Windows writes logs in an old encoding; the name is still there to be read."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="cp1252", write_through=True)
    Progress({"q4": 1}, console=Console(file=file)).note("می\u200cشود é")
    assert raw.getvalue().decode("cp1252").strip() == r"\u0645\u06cc\u200c\u0634\u0648\u062f é"


def test_time_left_goes_by_the_notebooks_that_are_left() -> None:
    """Where the slow ones come last, a mean over everything would promise a tenth of the truth."""
    left = TimeLeft({})
    left.waiting.update({"fast": 100, "slow": 100})
    for _ in range(100):
        left.done("fast", 0.5)
    left.done("slow", 10.0)
    assert left.seconds([], workers=2) == pytest.approx(99 * 10 / 2)
    assert left.seconds([("slow", 4.0), ("slow", 6.0)], workers=2) == pytest.approx((97 * 10 + 6 + 4) / 2)


def test_time_left_expects_earlier_seconds_until_it_has_measured() -> None:
    """And knows nothing without either; a cached result measures nothing."""
    left = TimeLeft({"q4": 8.0})
    left.waiting.update({"q4": 4, "q5": 2})
    assert left.seconds([], workers=1) == pytest.approx(6 * 8)  # q5: as long as what is known
    left.done("q4", None)
    left.done("q5", 2.0)
    assert left.seconds([], workers=1) == pytest.approx(3 * 8 + 2)
    left.done("q4", 5.0)
    assert left.seconds([], workers=1) == pytest.approx(2 * 5 + 2)
    unknown = TimeLeft({})
    unknown.waiting.update({"q4": 1})
    assert unknown.seconds([], workers=1) is None


def test_many_workers_do_not_shorten_the_last_notebook() -> None:
    """The rest takes at least as long as its longest notebook."""
    left = TimeLeft({"q4": 10.0})
    left.waiting.update({"q4": 3})
    assert left.seconds([], workers=100) == pytest.approx(10)


def test_counts_are_right_from_several_threads() -> None:
    """Results of a cluster arrive on threads of their own."""
    with Progress({"q5": 4000}, console=Console(file=io.StringIO())) as progress:

        def work(name: str) -> None:
            for i in range(1000):
                progress.started(f"{name}{i}", "q5")
                progress.done(f"{name}{i}", "q5", cached=i % 2 == 0)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "graded 4000 of 4000 notebooks (100 %), 2000 unchanged, 0:0" in progress.line()


def test_ten_thousand_calls_cost_next_to_nothing(tmp_path: Path) -> None:
    """Below 0.2 ms a call, the log written to a real file."""
    counts = {f"q{i}": 834 for i in range(6)}
    with (tmp_path / "log").open("w") as file, Progress(counts, console=Console(file=file)) as progress:
        started = time.process_time()
        for i in range(5000):
            progress.started(str(i), f"q{i % 6}")
            progress.done(str(i), f"q{i % 6}")
        assert (time.process_time() - started) / 10_000 < 0.0002


def test_the_clock() -> None:
    """Minutes and seconds; hours where there are any."""
    assert [clock(s) for s in (0, 41.4, 725, 7650)] == ["0:00", "0:41", "12:05", "2:07:30"]


def test_what_was_mended_no_longer_needs_attention() -> None:
    """With `--watch` the same notebook comes again, once its checks are mended, or it goes away."""
    with Progress({"q4": 4}, console=Console(file=io.StringIO())) as progress:
        for student in ("ada", "bob", "eve"):
            progress.done(student, "q4", ["its checks do not load"])
        assert "3 need attention" in progress.line()
        progress.done("ada", "q4")
        assert "2 need attention" in progress.line()
        progress.settle({("eve", "q4"): "still so"})
        assert "1 needs attention" in progress.line()
