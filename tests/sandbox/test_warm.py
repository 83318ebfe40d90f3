"""Nothing of one submission meets the next in the same warm sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from mashq.judge.limits import Limits
from mashq.sandbox import Kernels, kernels
from tests.support.attack import run, sandboxes

LEAVE = """
import numpy, shutil, stat, tempfile
numpy.mean = lambda x: 42
os.environ["NOTE"] = "to the next"
sys.modules["note"] = sys
os.umask(0o777 & 0)
work, shm = Path.cwd(), Path("/dev/shm")
for folder in (work, Path(os.environ["TMPDIR"]), Path(os.environ["HOME"]), shm):
    (folder / "note").write_text("to the next")
    (folder / "shut" / "inner").mkdir(parents=True)
    (folder / "shut" / "inner" / "note").write_text("x")
    os.mkfifo(folder / "pipe")
    os.link(folder / "note", folder / "hard")
    os.symlink("/usr/bin", folder / "out")
    os.symlink("nowhere", folder / "dangling")
    (folder / "note").chmod(0)
    (folder / "shut" / "inner").chmod(0)
    (folder / "shut").chmod(0)
work.parent.chmod(0)
work.parent.parent.chmod(0)
semaphore = __import__("multiprocessing").get_context("spawn").Lock()
server = socket.socket(socket.AF_UNIX)
server.bind("\\0note")
server.listen()
def shared():
    return system_call((29, 194), 77, 4096, 0o1600)
tell(ways=[attempt(shared), attempt(system_call, (64, 190), 77, 1, 0o1600), attempt(system_call, (68, 186),
     77, 0o1600),
           attempt(system_call, (240, 180), 0, 0, 0, 0), attempt(system_call, (250, 219), 0, 0)])"""

LOOK = """
import numpy
def connect():
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\\0note")
number = int(os.getcwd().split("/")[2])
tell(mean=float(numpy.mean([1, 3])), note=os.environ.get("NOTE"), module="note" in sys.modules,
     shm=os.listdir("/dev/shm"), work=os.listdir("."), tmp=os.listdir(os.environ["TMPDIR"]),
     home=os.path.exists(os.environ["HOME"] + "/note"), abstract=attempt(connect), umask=os.umask(0o22),
     usr=os.path.exists("/usr/bin/env"), before=attempt(os.listdir, f"/scratch/{number - 1}"))"""


def test_nothing_passes_to_the_next_submission(full: Kernels) -> None:
    """Files however shut, links, patches, variables, sockets, semaphores, shared memory, keys, queues."""
    run(full, "tell()")
    sandbox = sandboxes(full)[-1]
    assert run(full, LEAVE).found() == {"ways": ["EPERM"] * 5}
    assert sandboxes(full)[-1] is sandbox  # all that was cleared
    found = run(full, LOOK).found()
    assert sandboxes(full)[-1] is sandbox
    assert found.pop("abstract") == "ECONNREFUSED"
    assert found.pop("before") in {"EACCES", "ENOENT"}
    assert found == {
        "mean": 2.0, "note": None, "module": False, "shm": [], "work": [], "tmp": [], "home": False,
        "umask": 0o22, "usr": True,
    }  # fmt: skip


# What /proc says of the sandbox as a whole, with # for every number: ports, addresses and times differ.
LISTED = r"""
import re
def lines(path):
    try:
        with open(path) as file:
            return sorted(" ".join(re.sub(r"[0-9A-Fa-f]{4,}|[0-9]+", "#", line).split()) for line in file)
    except OSError as error:
        return [type(error).__name__]
names = ["locks", "keys", "key-users", "mounts", "sys/kernel/hostname"]
names += [f"sysvipc/{name}" for name in ("shm", "sem", "msg")]
names += [f"net/{name}" for name in sorted(os.listdir("/proc/net")) if os.path.isfile(f"/proc/net/{name}")]
listed = {name: lines(f"/proc/{name}") for name in names}
"""

LEAVE_BEHIND = """
import fcntl, multiprocessing.shared_memory, resource, signal, threading, time
listener = socket.create_server(("127.0.0.1", 4321))
for n in range(20):
    client = socket.create_connection(("127.0.0.1", 4321))
    server, _ = listener.accept()
    if n % 2:
        server.sendall(b"to the next" * 1000)
    client.close()
    server.close()  # those without data in them keep closing for a minute
six = socket.create_server(("::1", 4322), family=socket.AF_INET6)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("127.0.0.1", 4323))
datagrams.sendto(b"to the next", ("127.0.0.1", 4323))
abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\\0to-the-next")
abstract.listen()
locked = open("locked", "w")
fcntl.lockf(locked, fcntl.LOCK_EX)
fcntl.flock(locked, fcntl.LOCK_EX)
memory = multiprocessing.shared_memory.SharedMemory("to-the-next", create=True, size=4096)
signal.setitimer(signal.ITIMER_REAL, 600)
open("/dev/shm/sem.to-the-next", "w").write("x")
more = {name for name in names if len(lines(f"/proc/{name}")) > len(listed[name])}
tell(closing="net/tcp" in more, abstract="net/unix" in more, locks="locks" in more)
"""


def test_what_proc_lists_is_the_same_before_and_after(full: Kernels) -> None:
    """Connections that are still closing, orphans with data, locks, timers, shared memory: none is seen."""
    look = LISTED + "tell(listed=listed)"
    before = run(full, look).found()["listed"]
    sandbox = sandboxes(full)[-1]
    assert run(full, LISTED + LEAVE_BEHIND).found() == {"closing": True, "abstract": True, "locks": True}
    assert sandboxes(full)[-1] is sandbox  # all that was cleared
    after = run(full, look).found()["listed"]
    assert sandboxes(full)[-1] is sandbox
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def test_reading_an_earlier_submissions_files_in_memory(full: Kernels) -> None:
    """The warm process, whose memory the next kernel inherits, never had them."""
    run(full, "tell()", files={"private.txt": b"the-solution-" + b"of-another-student" * 1000})
    found = run(
        full,
        """
hits = 0
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        area, rights = line.split()[:2]
        if rights.startswith("rw"):
            begin, end = (int(x, 16) for x in area.split("-"))
            try:
                memory.seek(begin)
                hits += memory.read(end - begin).count(b"of-another-student")
            except (OSError, OverflowError):
                pass
tell(hits=hits)""",
    ).found()
    assert found["hits"] < 50  # those of this notebook's own text


@pytest.mark.slow
def test_frameworks_work_in_a_forked_kernel(course_data: Path) -> None:
    """TensorFlow trains, PyTorch's workers run, and temporary files are the kernel's own."""
    source = kernels("full", course_data)
    try:
        found = run(
            source,
            """
import tempfile, keras, numpy, torch
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
loss = model.fit(numpy.ones((64, 2)), numpy.ones(64), verbose=0).history["loss"]
data = torch.utils.data.DataLoader(torch.ones(40, 2), batch_size=10, num_workers=2)
tell(losses=len(loss), rows=sum(len(batch) for batch in data),
     temporary=tempfile.mkdtemp().startswith(os.environ["TMPDIR"]))""",
            limits=Limits(cell_s=60),
        ).found()
        assert found == {"losses": 1, "rows": 40, "temporary": True}
        assert len(sandboxes(source)) == 1
    finally:
        source.close()


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param("for _ in range(3000):\n    os.mkdir('d'); os.chdir('d')", marks=pytest.mark.slow),
        "for n in range(12_000):\n    open(f'{n}', 'w').close()",
    ],
    ids=["deep-folders", "many-files"],
)
def test_what_takes_long_to_clear_costs_the_sandbox(full: Kernels, leave: str) -> None:
    """A new sandbox starts sooner than these are removed; the next submission gets one."""
    run(full, "tell()")
    sandbox = sandboxes(full)[-1]
    ran = run(full, leave + "\ntell(done=True)")
    assert ran.found() == {"done": True}
    assert sandbox not in sandboxes(full)
    assert ran.seconds < 8
    assert run(full, "tell(left=os.listdir())").found() == {"left": []}


def test_nine_thousand_files_are_cleared_in_time(full: Kernels) -> None:
    """The sandbox is used again, and the next submission does not wait for long."""
    run(full, "tell()")
    sandbox = sandboxes(full)[-1]
    ran = run(full, "for n in range(9000):\n    open(f'{n}', 'w').close()")
    assert ran.seconds < 5
    assert sandboxes(full)[-1] is sandbox
    assert run(full, "tell(left=os.listdir())").found() == {"left": []}
