"""A real `jupyter lab` on a course folder, and a browser that is logged in, for tests and for pictures."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Route, sync_playwright

from tests.support.browser import PATIENCE_MS, chromium

START_S, STOP_S = 90, 20
FORMGRADER_READY = """() => typeof formgrader !== "undefined" && typeof MathJax !== "undefined"
    && formgrader.loaded && MathJax.loaded && formgrader.grades.loaded && formgrader.comments.loaded"""
SETTINGS: dict[str, dict[str, object]] = {
    # JupyterLab asks otherwise, in front of the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # all cells are in the page, not only those in view
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[tuple[str, str]]:
    """A server on loopback, on a port of the system's choice: its address, which ends in "/", and its token.

    It reads no settings of the person who starts it, and ends with the `with` block.
    """
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="mashq-lab-", ignore_cleanup_errors=True) as own:
        environment = {f"JUPYTER_{part}_DIR": f"{own}/{part}" for part in ("CONFIG", "RUNTIME", "DATA")}
        environment |= {"HOME": own, "JUPYTER_TOKEN": token}
        for name, values in SETTINGS.items():
            file = Path(own, "CONFIG/lab/user-settings/@jupyterlab", f"{name}.jupyterlab-settings")
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(values))
        options = ("--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--allow-root")
        with Path(own, "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options],
                cwd=folder,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield _address(process, Path(own)), token
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], own: Path) -> str:
    """Where the server listens, as it writes into a file once it does."""
    facts = own / "RUNTIME" / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(facts.read_text())["url"])
        time.sleep(0.1)
    raise RuntimeError(f"jupyter lab did not start:\n{(own / 'log').read_text()[-3000:]}")


@contextmanager
def windows(address: str) -> Iterator[Callable[..., BrowserContext]]:
    """A Chromium that reaches nothing but the server and files; it makes windows, each of another person."""
    server = urlsplit(address).netloc

    def only_the_server(route: Route) -> None:
        wanted = urlsplit(route.request.url)
        if wanted.scheme == "file" or wanted.netloc == server:
            route.continue_()
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])

        def new_window(width: int = 1280, height: int = 900, scale: float = 1) -> BrowserContext:
            context = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=scale
            )
            context.set_default_timeout(PATIENCE_MS)
            context.route("**/*", only_the_server)
            return context

        try:
            yield new_window
        finally:
            browser.close()


@contextmanager
def logged_in(
    address: str, token: str, width: int = 1280, height: int = 900, scale: float = 1
) -> Iterator[BrowserContext]:
    """A Chromium that the server knows, and that reaches nothing but the server and files.

    width, height : of the window, in CSS pixels
    scale : of a screen's pixels to these
    """
    with windows(address) as new_window:
        context = new_window(width, height, scale)
        tab = context.new_page()
        tab.goto(f"{address}login?next=%2Fapi%2Fstatus&token={token}")
        tab.close()
        yield context
