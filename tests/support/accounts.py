"""Commands of other accounts of this machine: their numbers are nobody's here, so that none is made."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.commands import ROOT
from tests.support.needs import missing


@dataclass(frozen=True)
class Account:
    """A user, its group, and what its login sets; a member of the group `course` where that is not 0.

    name : of an account that the machine has, with the groups that it is in
    """

    uid: int
    course: int = 0
    umask: int = 0o022
    home: str = ""
    name: str = ""

    def run(self, *words: str, cwd: Path, seconds: float = 300, **environment: str) -> str:
        """What a command prints, which must succeed."""
        done = self.start(*words, cwd=cwd, **environment)
        said, _ = done.communicate(timeout=seconds)
        assert done.returncode == 0, said
        return str(said)

    def fails(self, *words: str, cwd: Path, seconds: float = 300, **environment: str) -> str:
        """What a command prints, which must not succeed."""
        done = self.start(*words, cwd=cwd, **environment)
        said, _ = done.communicate(timeout=seconds)
        assert done.returncode, said
        return str(said)

    def start(self, *words: str, cwd: Path, **environment: str) -> subprocess.Popen[str]:
        """The process of a command; `python` is the one that runs the tests."""
        if os.geteuid() != 0:
            missing("only root can be another account")
        groups = f"--groups {self.course}" if self.course else "--clear-groups"
        become = f"setpriv --reuid {self.uid} --regid {self.course or self.uid} {groups}"
        if self.name:
            become = f"setpriv --reuid {self.name} --regid {self.name} --init-groups"
        command = shlex.join([sys.executable if word == "python" else word for word in words])
        script = f"{open_to_all()}\ncd {shlex.quote(str(cwd))}\numask {self.umask:o}\nexec {become} {command}"
        home = self.home or tempfile.mkdtemp(prefix="home-")
        if not self.home:
            os.chown(home, self.uid, self.uid)
        kept = {
            name: value for name, value in os.environ.items() if name not in ("MASHQ_CACHE", "PYTHONPATH")
        }
        kept |= {"HOME": home, "PYTHONPATH": str(ROOT), **environment}
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script],
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def open_to_all() -> str:
    """Shell commands by which all accounts reach Python and the project where a home folder hides them.

    They change what the process itself and its children see, and nothing else.
    """
    lines = ["hold=$(mktemp -d)"]
    closed: dict[Path, list[Path]] = {}
    for path in {Path(sys.base_prefix), Path(sys.prefix), ROOT}:
        shut = [folder for folder in (path, *path.parents) if not folder.stat().st_mode & 0o001]
        if shut:
            closed.setdefault(shut[-1], []).append(path)
    for number, (folder, paths) in enumerate(closed.items()):
        held = [(shlex.quote(str(path)), f"$hold/{number}-{at}") for at, path in enumerate(paths)]
        for path_, place in held:
            lines += [f"mkdir {place}", f"mount --bind {path_} {place}"]
        lines.append(f"mount -t tmpfs -o mode=0755 tmpfs {shlex.quote(str(folder))}")
        for path_, place in held:
            lines += [f"mkdir -p {path_}", f"mount --bind {place} {path_}", f"umount {place}"]
            lines.append(f"rmdir {place}")
    lines.append("rmdir $hold")
    return "\n".join(lines)
