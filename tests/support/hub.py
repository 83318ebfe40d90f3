"""A real JupyterHub as `mashq init --hub` writes it, with accounts of this machine that end with it."""

from __future__ import annotations

import contextlib
import grp
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from mashq.setup.hub import HUB_CONFIG, Hub, next_commands
from tests.support.accounts import Account, open_to_all
from tests.support.browser import chromium
from tests.support.commands import ROOT, mashq
from tests.support.needs import missing
from tests.support.processes import wait_for

COURSE = "mashq-t-nn"
TEACHER, BEN = GRADERS = ("mashq-t-ada", "mashq-t-ben")
EVE, MIA = STUDENTS = ("mashq-t-eve", "mashq-t-mia")
PASSWORD = "a-word-of-the-tests"
START_S, STOP_S = 150, 40
# What the tests change of the settings that `mashq init` wrote: who is asked for a password, and ports.
CHANGES = """
load_subconfig({written!r})
c = get_config()
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = {password!r}
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.JupyterHub.services[0]["url"] = "http://127.0.0.1:{ports[3]}"
for environment in (c.Spawner.environment, c.JupyterHub.services[0]["environment"]):
    environment["PYTHONPATH"] = {root!r}
"""


@dataclass(frozen=True)
class RunningHub:
    """A Hub, its address, which ends in "/", and the people who use it."""

    folder: Path
    address: str
    formgrader: str  # where the service itself listens, behind the proxy
    proxy: str  # where the Hub tells the proxy who is where
    pid: int

    @property
    def course(self) -> Path:
        """The course folder."""
        return self.folder / COURSE

    def start(self, who: str, *words: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """What an account types, in the course folder as a rule."""
        settings = {"JUPYTER_CONFIG_PATH": str(self.folder / "jupyter")}
        return _account(who).start(*words, cwd=cwd or self.course, **settings)

    def run(self, who: str, *words: str, cwd: Path | None = None) -> str:
        """What a command of an account prints, which must succeed."""
        process = self.start(who, *words, cwd=cwd)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return str(said)

    def mashq(self, who: str, *words: str) -> str:
        """What `mashq` prints for an account in the course folder; it must succeed."""
        return self.run(who, "python", "-m", "mashq.cli", *words)

    def nbgrader(self, who: str, *words: str) -> str:
        """The same for `nbgrader`."""
        return self.run(who, "python", "-m", "nbgrader", *words)

    def write_into_course(self, written: Path) -> None:
        """The teacher copies `source`, `tests` or the like, written elsewhere, into the course folder."""
        within_reach = self.folder.parent / written.name
        shutil.copytree(written, within_reach, copy_function=shutil.copyfile)
        for place in (within_reach, *within_reach.rglob("*")):
            place.chmod(0o755 if place.is_dir() else 0o644)
        for part in within_reach.iterdir():
            self.run(TEACHER, "cp", "--recursive", str(part), str(self.course))


def home(who: str) -> Path:
    """The home folder of an account."""
    return Path(pwd.getpwnam(who).pw_dir)


@contextmanager
def running_hub() -> Iterator[RunningHub]:
    """The Hub, from the commands that an administrator types to its end; it listens on loopback alone."""
    _require_all()
    with tempfile.TemporaryDirectory(prefix="mashq-hub-", ignore_cleanup_errors=True) as name, _accounts():
        top = Path(name)
        top.chmod(0o755)
        _set_up(Hub(top / "srv", COURSE, GRADERS, STUDENTS))
        ports = _free_ports(4)
        written = str(top / "srv" / HUB_CONFIG)
        changed = top / "changed.py"
        changed.write_text(CHANGES.format(written=written, password=PASSWORD, ports=ports, root=str(ROOT)))
        with (top / "log").open("w") as log:
            process = _start(changed, log.fileno())
        try:
            address, formgrader, proxy = (f"http://127.0.0.1:{ports[number]}/" for number in (0, 3, 2))
            yield RunningHub(top / "srv", address, formgrader, proxy, process.pid)
        finally:
            _end(process)


def wait_until_up(hub: RunningHub) -> None:
    """Wait for the Hub and for formgrader behind it."""

    def answers() -> bool:
        assert psutil.Process(hub.pid).status() != psutil.STATUS_ZOMBIE, "the Hub has ended"
        paths = ("/hub/login", f"/services/{COURSE}/formgrader")
        return all(status_of(hub.address, path) in (200, 302) for path in paths)

    try:
        wait_for(answers, "the Hub and formgrader", START_S)
    except AssertionError as error:
        log = (hub.folder.parent / "log").read_text(encoding="utf-8")
        raise AssertionError(f"{error}; its log ends with\n{log[-3000:]}") from error


def status_of(address: str, path: str) -> int:
    """The HTTP status of a page for somebody who is not logged in; 0 where nobody listens."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status
    return 0


def _require_all() -> None:
    if os.geteuid() != 0:
        missing("only root can start a Hub for several accounts, and make these")
    for program in ("useradd", "userdel", "groupadd", "groupdel", "setpriv", "unshare"):
        if shutil.which(program) is None:
            missing(f"no {program} on this machine: apt-get install passwd util-linux")
    if (
        find_spec("jupyterhub") is None
        or not (Path(sys.executable).parent / "configurable-http-proxy").exists()
    ):
        missing("no JupyterHub with a proxy: pip install 'mashq[hub]'")
    chromium()


@contextmanager
def _accounts() -> Iterator[None]:
    """The accounts of the tests; what has these names already is not touched, and nothing is started then.

    With the context end their processes, and they, their homes and groups are removed, those that were made
    meanwhile, too.
    """
    hub = Hub(Path(), COURSE)
    names = [*GRADERS, *STUDENTS, hub.account]
    there = [name for name in names if _exists(name) or Path("/home", name).exists()]
    if there or _exists(hub.group):
        raise RuntimeError(
            f"{', '.join(there) or hub.group} is there and not the test's to remove; where a run that was "
            "killed has left it, use `userdel --remove` and `groupdel`"
        )
    try:
        for name in (*GRADERS, *STUDENTS):
            _as_root(["useradd", "--create-home", "--key", "HOME_MODE=0700", name])
        yield
    finally:
        made = [name for name in names if _exists(name)]
        _end_all_of({pwd.getpwnam(name).pw_uid for name in made})
        for name in made:
            _as_root(["userdel", "--remove", name])
        if _exists(hub.group):
            _as_root(["groupdel", hub.group])


def _exists(name: str) -> bool:
    """Whether an account or a group has this name."""
    for find in (pwd.getpwnam, grp.getgrnam):
        with contextlib.suppress(KeyError):
            return bool(find(name))
    return False


def _set_up(hub: Hub) -> None:
    """What an administrator types: the command, and what it says comes next."""
    options = [*(("--grader", name) for name in hub.graders), *(("--student", name) for name in hub.students)]
    names = [word for option in options for word in option]
    said = "".join(mashq("init", "--hub", str(hub.folder), "--course-id", hub.course, *names))
    (_, accounts), (_, start), _ = next_commands(hub)
    for line in (*accounts, *start):
        assert f"\n    {line}\n" in said
    for line in accounts:
        _as_root(["sh", "-ec", line])


def _as_root(words: Sequence[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"


def _account(who: str) -> Account:
    about = pwd.getpwnam(who)
    return Account(about.pw_uid, home=about.pw_dir, name=who)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


def _start(settings: Path, log: int) -> subprocess.Popen[bytes]:
    """The Hub's process, where all accounts come to Python and to the project."""
    programs = Path(sys.executable).parent
    command = f"exec {programs}/jupyterhub --config {settings}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    for private in ("MASHQ_CACHE", "PYTHONPATH"):
        environment.pop(private, None)
    return subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-ec", f"{open_to_all()}\n{command}"],
        cwd=settings.parent,
        env=environment | {"HOME": str(settings.parent)},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the Hub, which ends its servers; then what is left of them."""
    with contextlib.suppress(psutil.NoSuchProcess):
        left = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        _kill([psutil.Process(process.pid)] if process.poll() is None else [])
        _kill(left)
    process.wait(STOP_S)


def _end_all_of(accounts: set[int]) -> None:
    """End the processes of accounts that are about to be removed."""
    deadline = time.monotonic() + STOP_S
    while time.monotonic() < deadline:
        theirs = [process for process in psutil.process_iter() if _owner(process) in accounts]
        if not theirs:
            return
        _kill(theirs)


def _owner(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.uids().real)
    return -1


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=STOP_S)
