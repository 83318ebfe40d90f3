"""`mashq init --hub`: a folder with all that a JupyterHub for one course needs, and the course in it."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from mashq.errors import CONFIG, CourseError

TEMPLATES = Path(__file__).parent / "templates"  # of files, with places for names
HUB_CONFIG = "jupyterhub_config.py"
MODES = {HUB_CONFIG: 0o600, "jupyter": 0o644}  # of files; the Hub's own comes to hold secrets, as a rule
PORT = 9999  # of formgrader, on this machine alone
MOST = 22  # letters of a course's name: `formgrade-NAME` is a group, which has 32 at most
COURSE = re.compile(rf"[a-z][a-z0-9-]{{0,{MOST - 1}}}")
ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")


@dataclass(frozen=True)
class Hub:
    """What `mashq init --hub` makes: a Hub for a course, with the accounts that are known beforehand."""

    folder: Path
    course: str
    graders: Sequence[str] = ()
    students: Sequence[str] = ()

    @property
    def account(self) -> str:
        """The account that formgrader runs as; it owns the course folder."""
        return f"grader-{self.course}"

    @property
    def group(self) -> str:
        """The group of who may grade, of the machine and of the Hub."""
        return f"formgrade-{self.course}"

    def files(self) -> dict[Path, str]:
        """What is written, by its place below the folder."""
        names = {
            "course": self.course,
            "account": self.account,
            "port": str(PORT),
            "graders": json.dumps([*self.graders]),
            "students": json.dumps([*self.students]),
            "exchange": json.dumps(str(self.folder.resolve() / "exchange"), ensure_ascii=False)[1:-1],
        }
        templates = {
            Path(HUB_CONFIG): "jupyterhub_config.txt",
            Path("jupyter", CONFIG): "hub_wide.txt",
            Path(self.course, CONFIG): "course.txt",
        }
        return {
            path: Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(names)
            for path, name in templates.items()
        }

    def folders(self) -> dict[Path, int]:
        """The folders that are made, with their permissions, by their place below the folder."""
        return {
            Path(): 0o755,
            Path("hub"): 0o700,  # the Hub's database and secrets
            Path("jupyter"): 0o755,
            Path("exchange"): 0o1777,  # nbgrader wants it open to all; what others made nobody can take away
            Path("exchange", self.course): 0o2775,
            Path(self.course): 0o2770,
            Path(self.course, "source"): 0o2770,
            Path(self.course, "tests"): 0o2770,
        }


def make_hub(hub: Hub) -> None:
    """Write the folder of a Hub; nothing that is there is changed.

    Raises CourseError where a name cannot be used, or something is there already; nothing is written then.
    """
    _require_names(hub)
    files = hub.files()
    if hub.folder.exists() and not hub.folder.is_dir():
        raise CourseError(f"{hub.folder} is a file; name a new folder after --hub")
    there = [
        hub.folder / path for path in (*files, *hub.folders()) if path.parts and (hub.folder / path).exists()
    ]
    if there:
        raise CourseError(
            f"{there[0]} is there already and stays as it is, and nothing was written; name a new folder "
            "after --hub"
        )
    for path, mode in hub.folders().items():
        place = hub.folder / path
        if not place.exists():
            place.mkdir(parents=True)
            place.chmod(mode)
    for path, text in files.items():
        place = hub.folder / path
        place.write_text(text, encoding="utf-8")
        place.chmod(MODES.get(path.parts[0], 0o660))


def next_commands(hub: Hub) -> list[tuple[str, list[str]]]:
    """What to do next: what it is for, and lines for the shell."""
    folder = hub.folder.resolve()
    course, exchange = folder / hub.course, folder / "exchange" / hub.course
    members = [hub.account, *hub.graders]
    words = [
        ["useradd", "--create-home", "--key", "HOME_MODE=0700", hub.account],
        ["groupadd", hub.group],
        *(["usermod", "--append", "--groups", hub.group, account] for account in members),
        ["chown", "--recursive", f"{hub.account}:{hub.group}", str(course), str(exchange)],
    ]
    return [
        (
            "Make the account that grades and the group of the graders, and give them the course, as root",
            [shlex.join(line) for line in words],
        ),
        (
            "Start the Hub, as root, with its packages in this environment (pip install 'mashq[grade,hub]')",
            [shlex.join(["jupyterhub", "--config", str(folder / HUB_CONFIG)])],
        ),
        (
            f"Write an assignment into {course / 'source'}; release it as a grader, in a terminal of the Hub",
            [
                shlex.join(["cd", str(course)]),
                "mashq release ASSIGNMENT",
                "nbgrader release_assignment ASSIGNMENT",
            ],
        ),
    ]


def out_of_reach(hub: Hub) -> list[str]:
    """What other accounts cannot come to, though they need it, and the folder that is closed to them."""
    needed = {
        "the folder of the Hub": hub.folder,
        "its programs": Path(sys.prefix),
        "Python": Path(sys.base_prefix),
    }
    said = []
    for what, place in needed.items():
        above = [place.resolve(), *place.resolve().parents]
        closed = [folder for folder in above if folder.exists() and not folder.stat().st_mode & 0o001]
        if closed:
            said.append(
                f"{what}, {place}, is out of reach of other accounts, because {closed[-1]} is closed to them"
            )
    return said


def _require_names(hub: Hub) -> None:
    if not COURSE.fullmatch(hub.course):
        raise CourseError(
            f"the course cannot be called {hub.course!r}, because an account is called after it; "
            f"give --course-id up to {MOST} small letters, digits and -, a letter first"
        )
    if hub.course in ("hub", "jupyter", "exchange"):
        raise CourseError(
            f"the course cannot be called {hub.course}, because another folder of the Hub is; name another "
            "with --course-id"
        )
    for name in (*hub.graders, *hub.students):
        if not ACCOUNT.fullmatch(name):
            raise CourseError(f"{name!r} cannot be the name of an account; give it as it is in /etc/passwd")
