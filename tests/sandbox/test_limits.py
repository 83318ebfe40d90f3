"""What a notebook may use up: a bounded part of the machine, at no other cell's cost."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import psutil
import pytest

from mashq.judge.limits import Limits
from mashq.sandbox import Kernels, Quota
from mashq.sandbox.provisioner import SandboxKernels
from tests.support.attack import SMALL, run
from tests.support.needs import missing

pytestmark = pytest.mark.long

BEFORE, AFTER = "x = 1\ntell(x=x)", "tell(x=x + 1)"
QUICK = Limits(cell_s=1.5, call_s=5, output_kb=64)
MEMORY = "it used more than 300 MB of memory"
FREE_MB = 1500  # what must stay free while a bomb with a quota of 300 MB goes off


@pytest.fixture(autouse=True)
def a_machine_with_room() -> None:
    """No test here starts on a machine that it could push over."""
    if psutil.virtual_memory().available < FREE_MB * 2**20:
        pytest.fail(f"these tests need {FREE_MB} MB of free memory")


def between(kernels: Kernels, culprit: str, limits: Limits = QUICK) -> str:
    """Run a cell between two others, which must not suffer; gives what it showed."""
    ran = run(kernels, BEFORE, culprit, AFTER, limits=limits)
    assert ran.found(0) == {"x": 1}
    assert ran.found(2) == {"x": 2}, ran.texts[1]
    return ran.texts[1]


# -- memory -----------------------------------------------------------------------------------------------

FORKED = """
for _ in range({many}):
    if os.fork() == 0:
        {act}
        time.sleep(60)
        os._exit(0)
time.sleep(30)
"""
HIDE = "def hide(): ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
AREAS = """
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
def areas(count):
    begin = libc.mmap(None, count * 4096, 0, 0x22, -1, 0)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for page in range(begin, begin + count * 4096, 8192):  # every other page, so that each is an area
        libc.mprotect(page, 4096, 1)
def tables(count):
    for _ in range(count // 100):
        begin = libc.mmap(None, 200 * 2**20, 1, 0x4022, -1, 0)
        for n in range(100):
            ctypes.string_at(begin + n * 2**21, 1)
"""
FILL = "def fill(mb, a=[]):\n    for _ in range(mb // 10):\n        a.append(os.urandom(2**20) * 10)\n"


BOMBS = {
    "one-process": FILL + "fill(500)\ntime.sleep(5)",
    "forked": FILL + FORKED.format(many=6, act="fill(80)"),
    "started-anew": "for _ in range(6): subprocess.Popen([sys.executable, '-c', "
    "'x = bytearray(b\"1\") * 70_000_000; import time; time.sleep(60)'])\ntime.sleep(20)",
    # from whoever may look into it
    "hiding": HIDE + FILL + "hide(); fill(500)\ntime.sleep(5)",
    "sockets": """
keep = []
for _ in range(400):
    one, two = socket.socketpair()
    one.setblocking(False)
    keep += [one, two]
    try:
        while True: one.send(bytes(65536))
    except BlockingIOError: pass
time.sleep(20)""",
}
# Little of their own, but much that Linux keeps for them.
LINUX_BOMBS = {
    "areas": AREAS + FORKED.format(many=30, act="areas(60_000)"),
    # each shows one page of zeros in every 2 MB, which needs a page of tables of its own
    "page-tables": AREAS + FORKED.format(many=60, act="tables(1000)"),
    "hidden-processes": HIDE + FORKED.format(many=40, act="hide()"),
    "locks": "import fcntl\nfor n in range(400):\n    file = open(str(n), 'w'); globals()[f'f{n}'] = file\n"
    "    for k in range(300): fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * k)\ntime.sleep(20)",
    "pipes": "def pipes():\n    global ends; ends = [os.pipe() for _ in range(500)]\n"
    "    for _, end in ends:\n        os.set_blocking(end, False); os.write(end, b'x')\n"
    + FORKED.format(many=60, act="pipes()"),
    "inodes": "for n in range(100_000_000):\n    try: os.mkdir(str(n))\n    except OSError: time.sleep(1)",
}


@pytest.mark.parametrize("name", BOMBS)
def test_memory_bomb(full: Kernels, name: str) -> None:
    """However it is spread, the whole of it is counted and ended."""
    assert MEMORY in between(full, BOMBS[name], dataclasses.replace(QUICK, cell_s=15))


@pytest.mark.long
@pytest.mark.parametrize("name", LINUX_BOMBS)
def test_memory_bomb_of_what_linux_keeps(full: Kernels, name: str) -> None:
    """Page tables, memory areas, descriptors, locks and inodes are memory, too."""
    assert MEMORY in between(full, LINUX_BOMBS[name], dataclasses.replace(QUICK, cell_s=40))


def test_memory_bomb_beyond_the_address_space(full: Kernels) -> None:
    """One huge array is refused with an ordinary error, which the notebook survives."""
    assert "MemoryError" in between(full, "import numpy\nnumpy.ones(10**9)")


def test_memory_that_is_shared_counts_once(full: Kernels) -> None:
    """Workers that only read what their parent has are no bomb."""
    between(
        full,
        FILL + "fill(100)\nfor _ in range(8):\n    if os.fork() == 0: time.sleep(1.2); os._exit(0)\n"
        "time.sleep(1)\nfor _ in range(8): os.wait()",
        dataclasses.replace(QUICK, cell_s=10),
    )


# -- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [".", "/dev/shm"])
def test_filling_the_disk(full: Kernels, folder: str) -> None:
    """ENOSPC at the quota, or EFBIG where one file has it all; the notebook goes on."""
    text = between(
        full,
        f"""
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def fill(name, mb):
    with open("{folder}/" + name, "wb") as file:
        for _ in range(mb):
            file.write(bytes(2**20))
print(attempt(fill, "big", 40))
os.unlink("{folder}/big")
print([attempt(fill, str(n), 10) for n in range(4)][-1])
for name in map(str, range(4)): os.unlink("{folder}/" + name)""",
    )
    big, many = text.split()
    assert big in ("EFBIG", "ENOSPC")
    assert many == "ENOSPC"


def test_opening_many_files(full: Kernels) -> None:
    """EMFILE, and none is missing afterwards."""
    assert "EMFILE" in between(full, "print(attempt(lambda: [open('/dev/null') for _ in range(5000)]))")


# -- processes and time -----------------------------------------------------------------------------------


def test_fork_bomb(full: Kernels) -> None:
    """It runs into the quota of processes, and the next submission gets a new sandbox."""
    bomb = "while True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"
    ran = run(full, BEFORE, bomb, limits=QUICK)
    assert ran.found(0) == {"x": 1}
    assert ran.problems or "interrupted" in ran.texts[1]
    assert run(full, AFTER.replace("x + 1", "2")).found() == {"x": 2}


def test_thread_bomb(full: Kernels) -> None:
    """Threads count as processes."""
    text = between(
        full,
        "threading.stack_size(65536)\nover = threading.Event()\ndef start():\n"
        "    for _ in range(500): threading.Thread(target=over.wait).start()\n"
        "print(attempt(start)); over.set()",
    )
    assert "RuntimeError" in text


@pytest.mark.parametrize(
    ("culprit", "sentence"),
    [
        ("while True: pass", "ran longer than 2 s"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "ran longer than 2 s and could not be interrupted"),
        pytest.param(
            "while True:\n    try: time.sleep(9)\n    except KeyboardInterrupt: pass",
            "ran longer than 2 s and could not be interrupted",
            marks=pytest.mark.slow,
        ),
        ("os._exit(0)", "the kernel died in this cell"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "the kernel is not started anew"),
        ("def f(): return f()\nprint(attempt(f))", "RecursionError"),
        pytest.param("ctypes.string_at(0)", "the kernel died in this cell", marks=pytest.mark.slow),
        ("input()", ""),
        ("os.closerange(3, 1024)", ""),
        pytest.param(
            "for fd in range(3, 200):\n    try: socket.socket(fileno=fd).shutdown(socket.SHUT_RDWR)\n"
            "    except OSError: pass",
            "",
            marks=pytest.mark.slow,
        ),
    ],
    ids=[
        "spin",
        "stop",
        "deaf",
        "exit",
        "kill",
        "recursion",
        "segfault",
        "input",
        "close-all",
        "shut-sockets",
    ],
)
def test_a_kernel_that_ends_or_hangs(full: Kernels, culprit: str, sentence: str) -> None:
    """It costs its own cell."""
    assert sentence in between(full, culprit)


@pytest.mark.slow
def test_cpu_time() -> None:
    """The limit of a process is that of Linux, whatever the clock of the judge says."""
    from mashq.sandbox import kernels

    source = kernels("full", None, dataclasses.replace(SMALL, cpu_s=1))
    try:
        assert "the kernel died" in between(source, "while True: pass", dataclasses.replace(QUICK, cell_s=10))
    finally:
        source.close()


@pytest.mark.long
def test_a_crowd_of_busy_processes_keeps_to_one_core(full: Kernels) -> None:
    """Also in sessions of their own; it cannot choose another core. A few busy threads may have all cores."""
    if len(os.sched_getaffinity(0)) < 2:
        missing("this machine has one core")
    busy = f"""
for n in range({2 * len(os.sched_getaffinity(0)) + 4}):
    if os.fork() == 0:
        os.setsid()
        os.setpriority(os.PRIO_PROCESS, 0, 5)
        while True: os.sched_setaffinity(0, range(64))
time.sleep(8)
others = {{int(name) for name in os.listdir("/proc") if name.isdigit()}} - {{WARM}}
tell(cores=[len(os.sched_getaffinity(pid)) for pid in others])
"""
    ran = run(full, busy, limits=Limits(cell_s=60))
    assert set(ran.found()["cores"]) == {1}
    few = "end = time.time() + 5\ndef work():\n    while time.time() < end: pass\n"
    few += "threading.Thread(target=work).start(); work()\n"
    assert run(full, few + "tell(cores=len(os.sched_getaffinity(0)))").found()["cores"] > 1


# -- output -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [
        "while True: print('spam' * 1000)",
        pytest.param(
            "from IPython.display import display, HTML\nwhile True: display(HTML('<p>' * 10_000))",
            marks=pytest.mark.slow,
        ),
        "while True: os.write(1, b'spam' * 1000); os.write(2, b'spam' * 1000)",
        "from comm import create_comm\nc = create_comm(target_name='x')\n"
        "while True: c.send(data={'x': 'y' * 100_000})",
        "from IPython.display import display\nh = display('a', display_id='h')\n"
        "while True: h.update({'text/plain': 'a' * 10**6}, raw=True)",
        pytest.param(
            "from IPython.display import clear_output\nwhile True: print('x' * 10_000); clear_output()",
            marks=pytest.mark.slow,
        ),
    ],
    ids=["text", "display", "descriptors", "comm", "updates", "clear"],
)
def test_output_flood(full: Kernels, flood: str) -> None:
    """It is stopped, and our memory does not grow (see the fixture `nothing_left`)."""
    text = between(full, flood, QUICK)
    assert len(text) < 300_000


def test_a_gigantic_message(full: Kernels) -> None:
    """A message larger than any answer costs the cell that sent it."""
    text = between(full, "print('x' * 90_000_000, end='')", dataclasses.replace(QUICK, cell_s=5))
    assert len(text) < 300_000


FORGED = """
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
def forge(kind, content, to=kernel.iopub_socket):
    kernel.session.send(to, kind, content, parent=parent)
"""


def peak_mb(anew: bool = False) -> float:
    """The most memory that this process has had at a time since it was asked to count anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) / 1024


@pytest.mark.parametrize(
    "culprit",
    [
        'forge("display_data", b"[" + b"[]," * 18_000_000 + b"0]")',
        'forge("stream", b\'{"name": "stdout", "text": \' + b"[" + b"1," * 25_000_000 + b"1]}")',
        'forge("comm_msg", b"[" + b"{}," * 18_000_000 + b"0]")',
        'forge("execute_reply", b"[" + b"[]," * 18_000_000 + b"0]", kernel.shell_stream)',
        'forge("execute_result", b"[" * 500_000)',
        'forge("display_data", b"1" * 2_000_000)',
        'forge("status", b"{}")',
        'forge("execute_reply", b"{}", kernel.shell_stream)',
        'forge("display_data", b"\xff\xfe{")',
    ],
    ids=["lists", "numbers", "objects", "reply", "deep", "long-number", "no-state", "empty-reply", "no-text"],
)
def test_a_forged_message(full: Kernels, culprit: str) -> None:
    """What a message costs us is bounded, whatever is in it; the other cells do not suffer."""
    before = peak_mb(anew=True)
    text = between(full, FORGED + culprit, dataclasses.replace(QUICK, cell_s=10))
    assert len(text) < 300_000
    assert peak_mb() - before < 300  # the message itself has 55 MB


def test_the_beginning_of_a_long_text_is_kept(full: Kernels) -> None:
    """However many commas are in it, and whatever letters."""
    limits = dataclasses.replace(QUICK, cell_s=10, output_kb=200)
    text = between(full, "print('é,\\n' * 3_000_000, end='')", limits)
    assert text.startswith("é,\né,\n")
    assert len(text) > 100_000
    assert "output cut off after 200 kB" in text


def test_other_sandboxes_go_on_during_a_fork_bomb(full: Kernels) -> None:
    """Each sandbox is a user of its own: what one uses up, no other misses."""
    assert isinstance(full, SandboxKernels)
    one, two = (full.take(("numpy",)) for _ in range(2))
    try:
        one.start_kernel("work", {})
        two.start_kernel("work", {})
        assert (one.poll(), two.poll()) == (None, None)
        uids = [
            {uid for process in psutil.Process(s.pid).children(recursive=True) for uid in process.uids()}
            for s in (one, two)
        ]
        assert not (uids[0] & uids[1]) - {0} or psutil.Process().uids().real != 0
    finally:
        one.close()
        two.close()


def test_the_usual_quota_is_enough_for_a_notebook() -> None:
    """The defaults are larger than those of the tests."""
    assert Quota().memory_mb > 10 * SMALL.memory_mb
