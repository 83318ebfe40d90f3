"""Whatever a student's kernel says: plain data, or one kind of error with one sentence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import zmq
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionComplete

from mashq.errors import StudentError
from mashq.judge import Student, expect, wire
from mashq.judge.limits import Limits
from mashq.judge.session import NotebookSession, clock
from mashq.judge.session.conversation import MALFORMED
from mashq.judge.session.kernel import Kernel
from mashq.judge.session.output import BoundedOutput
from mashq.sandbox import KernelUsage
from tests.support.cells import code_cell, notebook_of
from tests.support.fuzz import HALF, effort, holds, json_values, nested, texts

pytestmark = pytest.mark.quick

SENTENCE = 1800  # letters: a name, a message and a line of code, each cut off

arrays = st_np.arrays(
    st.sampled_from(["?", "i1", "u2", "<i4", ">i8", "f2", "<f4", ">f8"]),
    st_np.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
scalars = st.none() | st.booleans() | st.integers() | st.integers(10**300, 10**310) | st.floats() | st.text()
keys = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
plain = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(keys, max_size=4)
    ),
    max_leaves=20,
)
# What a notebook may hold besides: kinds of numbers that do not cross, objects, texts that no file takes.
anything = st.recursive(
    plain
    | texts
    | st.complex_numbers()
    | st.binary(max_size=8)
    | st.dates()
    | st.sampled_from(
        [
            np.longdouble("1e1000"),
            np.ones(2, np.longdouble),
            np.array([1, "a", None], object),
            np.array(["a", HALF]),
            np.array([b"a"]),
            np.array("2020-01-01", "M8[D]"),
            np.ones(2, "f4,i4"),
            np.complex64(1j),
            np.str_("a"),
            len,
            Limits,
            NotImplemented,
            range(3),
            frozenset([1]),
        ]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
described_arrays = st.fixed_dictionaries(
    {"array": st.integers(-1, 3) | json_values},
    optional={
        "dtype": st.sampled_from(["<f8", "?", "|u1", "3f4", "f4,u", "O", "M8", "S5", "c8", ">f2", "g"])
        | texts,
        "shape": st.lists(st.integers(-1, 4) | st.just(10**30), max_size=3) | json_values,
        "origin": texts,
    },
)
kinds = st.sampled_from(["list", "tuple", "set", "dict", "opaque", "array", "value", "error", "missing"])
trees = st.recursive(
    json_values | described_arrays,
    lambda inner: (
        st.dictionaries(kinds, inner, min_size=1, max_size=2)
        | st.dictionaries(kinds, st.lists(inner, max_size=3), min_size=1, max_size=1)
        | st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3).map(lambda pairs: {"dict": pairs})
    ),
    max_leaves=20,
)
buffers = st.lists(st.binary(max_size=32) | st.sampled_from([bytes(8), bytes(64)]), max_size=3)
messages = st.tuples(trees.map(lambda tree: json.dumps(tree).encode()), buffers).map(lambda m: [m[0], *m[1]])


def same(got: Any, sent: Any) -> bool:
    """Whether two values have the same types and numbers all the way down; NaN equals itself."""
    if isinstance(sent, np.ndarray):
        numbers = np.array_equal(got, sent, equal_nan=sent.dtype.kind == "f")
        return type(got) is np.ndarray and got.dtype == sent.dtype.newbyteorder("=") and numbers
    if type(got) is not type(sent):
        return False
    if isinstance(sent, (list, tuple)):
        return len(got) == len(sent) and all(map(same, got, sent))
    if isinstance(sent, dict):
        return list(got) == list(sent) and all(map(same, got.values(), sent.values()))
    return bool(got == sent) or (got != got and sent != sent)


def only_plain(value: Any) -> bool:
    """Whether there is nothing but exact built-in types, arrays and names of types in a value."""
    if type(value) in (list, tuple, set):
        return all(map(only_plain, value))
    if type(value) is dict:
        return all(only_plain(part) for pair in value.items() for part in pair)
    if type(value) is np.ndarray:
        return value.dtype.kind in wire.NUMERIC_KINDS
    if type(value) is str:
        return value == value.encode(errors="replace").decode()
    return value is None or type(value) in (bool, int, float, wire.Opaque)


# -- the wire ---------------------------------------------------------------------------------------------


@effort
def test_plain_data_crosses_unchanged(examples: int) -> None:
    """Both ways: types, shapes, order of keys and every number."""

    def body(value: Any) -> None:
        assert same(wire.decode(wire.encode(value)), value)

    holds(examples, body, plain)


@effort
def test_what_is_not_plain_crosses_as_a_name_or_not_at_all(examples: int) -> None:
    """The kernel's end never sends what the judge's end refuses."""

    def body(value: Any) -> None:
        with contextlib.suppress(wire.WireError):
            assert only_plain(wire.decode(wire.encode(value)))

    holds(examples, body, anything)


@effort
def test_no_message_is_more_than_plain_data(examples: int) -> None:
    """Or a WireError; never an object, never another error."""

    def body(parts: list[bytes]) -> None:
        with contextlib.suppress(wire.WireError):
            assert only_plain(wire.decode(parts))

    holds(examples, body, messages | st.lists(st.binary(max_size=60), max_size=3))


@pytest.mark.parametrize(
    "text",
    [
        b'{"list":[' * 3000,
        b"[" * 100_000,
        b"1" * 5000,
        b'"\xff"',
        json.dumps(nested(900)).encode(),
        b"\xff\xfe",
    ],
    ids=["open", "deep", "digits", "latin", "nested", "utf-16"],
)
def test_texts_that_trip_a_json_reader_are_a_wire_error(text: bytes) -> None:
    """Too deep, too many digits, no UTF-8."""
    with pytest.raises(wire.WireError):
        wire.decode([text])


def test_an_endless_integer_is_refused_on_both_sides() -> None:
    """Python neither writes nor reads integers of thousands of digits."""
    with pytest.raises(wire.WireError, match="integer"):
        wire.encode([10**5000])


def test_long_doubles_cross_as_doubles() -> None:
    """NumPy's widest floats have no form on the wire of their own."""
    got = wire.decode(wire.encode([np.longdouble(0.5), np.array([0.5, 2], np.longdouble)]))
    assert same(got, [0.5, np.array([0.5, 2])])


# -- what checks do with an answer ------------------------------------------------------------------------


@effort
def test_no_answer_makes_a_check_stumble(examples: int) -> None:
    """Each way to look at a value gives it back, or a StudentError with one line."""

    def body(value: Any, want: Any) -> None:
        looks = (
            lambda: expect.array(value, "f(x)"),
            lambda: expect.array(value, "f(x)", (None, 2)),
            lambda: expect.number(value, "f(x)", 0, 1),
            lambda: expect.number(value, "f(x)", high=1),
            lambda: expect.close(value, want, "f(x)", hint="look again"),
            lambda: expect.mapping(value, "f(x)", ["loss", ("a", 1)]),
        )
        for look in looks:
            assert is_sentence(complaint(look))

    finite = st_np.arrays("f8", st_np.array_shapes(min_dims=0), elements=st.floats(-1e308, 1e308))
    opaque = st.sampled_from(["", "torch.nn.Linear", "é"]).map(wire.Opaque)
    holds(examples, body, plain | opaque | st.lists(plain | opaque, max_size=3), finite)


def complaint(look: Callable[[], Any]) -> str:
    """What a check says to the student; "right" when nothing."""
    try:
        look()
    except StudentError as error:
        return str(error)
    return "right"


def is_sentence(text: str) -> bool:
    """Whether a student can read a message in a table, and a file can hold it."""
    return bool(text) and len(text.splitlines()) == 1 and len(text) < SENTENCE and only_plain(text)


# -- answers of a kernel ----------------------------------------------------------------------------------

COMM, QUESTION = "comm", "question"


class Channel:
    """A channel of a kernel's client: what it sends is nobody's, what arrives was put there before."""

    def __init__(self, context: zmq.Context[Any], kind: int) -> None:
        self.socket = context.socket(kind)
        self.socket.linger = 0


class Questions(Session):
    """Jupyter's session, whose messages all have the same id."""

    def msg_header(self, msg_type: str) -> Any:
        return super().msg_header(msg_type) | {"msg_id": QUESTION}


class FakeKernel:
    """Stands for a client (`kc`) and a manager (`km`) of a kernel that has already said all it will say."""

    has_kernel = False

    def __init__(self, said: list[list[bytes]]) -> None:
        self.kc = self.km = self
        self.session = Questions(key=b"")
        self.context: zmq.Context[Any] = zmq.Context()
        self.shell_channel = Channel(self.context, zmq.DEALER)
        self.iopub_channel = Channel(self.context, zmq.PULL)
        self.shell_channel.socket.bind("inproc://shell")
        self.iopub_channel.socket.bind("inproc://iopub")
        self.ends = [self.context.socket(zmq.DEALER), self.context.socket(zmq.PUSH)]
        for end, name in zip(self.ends, ("shell", "iopub"), strict=True):
            end.linger = 0
            end.connect(f"inproc://{name}")
        for parts in said:
            self.ends[1].send_multipart(parts)

    def stop_channels(self) -> None:
        self.context.destroy(linger=0)

    async def cleanup_resources(self) -> None:
        pass

    async def is_alive(self) -> bool:
        return False

    def over_quota(self) -> None:
        pass

    def cpu_process(self) -> None:
        pass

    def usage(self) -> KernelUsage:
        return KernelUsage()


def as_parts(header: Any, parent: Any, content: Any, more: list[bytes]) -> list[bytes]:
    """A message as it comes over a socket, without a signature."""
    parts: list[Any] = [header, parent, {}, content]
    return [b"<IDS|MSG>", b"", *(json.dumps(part).encode() for part in parts), *more]


IDLE = as_parts(
    {"msg_type": "status", "msg_id": "2", "version": "5.3"},
    {"msg_id": QUESTION},
    {"execution_state": "idle"},
    [],
)
replies = st.one_of(
    messages, st.fixed_dictionaries({"value": plain}).map(wire.encode), st.lists(st.binary(max_size=20))
)
headers = st.fixed_dictionaries(
    {"msg_type": st.sampled_from(["comm_msg", "status", "stream"]) | json_values, "msg_id": texts},
    optional={
        "version": st.sampled_from(["5.3", "4.1", "3.0", "x.y", ""]) | json_values,
        "date": st.sampled_from(["2020-01-01T00:00:00Z", "9999-99-99T99:99:99", "0000-01-01T00:00:00+99:99"]),
    },
)
parents = st.just({"msg_id": QUESTION}) | json_values
contents = st.fixed_dictionaries(
    {}, optional={"comm_id": st.just(COMM) | json_values, "execution_state": st.just("idle") | json_values}
)
right_replies = replies.map(
    lambda parts: as_parts(
        {"msg_type": "comm_msg", "msg_id": "1"}, {"msg_id": QUESTION}, {"comm_id": COMM}, parts
    )
)
odd_replies = st.builds(as_parts, headers | json_values, parents, contents | json_values, replies)
said = st.lists(right_replies | odd_replies | st.lists(st.binary(max_size=40), min_size=1), max_size=3)


@effort
def test_a_question_is_answered_or_is_the_student_s_fault(examples: int) -> None:
    """Whatever comes back: a value, or a StudentError with one line."""

    def body(heard: list[list[bytes]]) -> None:
        with NotebookSession(notebook_of()) as running:
            running._kernel = Kernel(FakeKernel([*heard, IDLE]), COMM)  # type: ignore[arg-type]
            assert is_sentence(complaint(lambda: Student(running).call("area", 2, 5)))

    holds(examples, body, said)


outputs = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["stdout", "stderr"]) | json_values,
        "text": json_values,
        "data": st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png"]), json_values)
        | json_values,
        "metadata": json_values,
        "transient": st.fixed_dictionaries({"display_id": json_values}) | json_values,
        "execution_count": json_values,
        "ename": json_values,
        "evalue": json_values,
        "traceback": json_values,
        "execution_state": json_values,
        "wait": json_values,
    },
)
published = st.sampled_from(
    [
        "stream",
        "display_data",
        "update_display_data",
        "execute_result",
        "error",
        "clear_output",
        "status",
        "comm_msg",
    ]
)


@effort
def test_no_output_makes_the_run_of_a_cell_stumble(examples: int) -> None:
    """A published message is an output, or fails in a way that `_execute` blames on the cell."""

    def body(kind: str, content: Any) -> None:
        notebook = notebook_of(code_cell("1"))
        client = BoundedOutput(notebook, max_bytes=10_000, store_widget_state=False)
        client.reset_execution_trackers()
        message = {"msg_type": kind, "header": {"msg_type": kind}, "content": content, "parent_header": {}}
        with contextlib.suppress(*MALFORMED, CellExecutionComplete):
            client.process_message(message, notebook.cells[0], 0)

    holds(examples, body, published, outputs | json_values)


# -- a real kernel ----------------------------------------------------------------------------------------

SAY = """
import json
kernel = get_ipython().kernel
kernel.session.pack = lambda value: json.dumps(value, default=str).encode()  # lets halves of pairs through
def say(kind, content, buffers=None):
    parent = kernel.get_parent("shell")
    kernel.session.send(kernel.iopub_socket, kind, content, parent=parent, buffers=buffers)
def answer(*buffers):
    (comm,) = kernel.comm_manager.comms
    say("comm_msg", {"comm_id": comm, "data": {}}, [*buffers])
    kernel.comm_manager.comms[comm].send = lambda **_: None
"""
PUBLISH = [
    {"kind": "stream", "content": {"name": "stdout", "text": 5}},
    {"kind": "display_data", "content": {"data": 5, "metadata": {}}},
    {"kind": "error", "content": {"ename": 5, "evalue": None, "traceback": "x"}},
    {"kind": "status", "content": {}},
]


@pytest.mark.process
@pytest.mark.parametrize("message", PUBLISH, ids=lambda message: str(message["kind"]))
def test_a_cell_that_publishes_nonsense_costs_no_other_cell(message: dict[str, Any]) -> None:
    """The cell says so, and the next one runs."""
    notebook = notebook_of(code_cell(SAY), code_cell(f"say(**{message!r})"), code_cell("print('after')"))
    with NotebookSession(notebook, limits=Limits(cell_s=20)) as running:
        running.finish()
    assert "a message that is none" in notebook.cells[1].outputs[-1].evalue
    assert notebook.cells[2].outputs[0].text == "after\n"


@pytest.mark.process
def test_a_kernel_that_answers_for_the_agent_only_spoils_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forged answers over the judge's own comm: each a StudentError with one line."""
    monkeypatch.setattr(clock, "GRACE_S", 1.0)
    forged = {
        "nothing": [],
        "noise": [b"\xff\xfe"],
        "a number": [b"5"],
        "a list": [b'{"list": [1]}'],
        "no value": [b'{"dict": []}'],
        "an error": [b'{"dict": [["error", 5]]}'],
        "half": [rb'{"dict": [["missing", "\ud800\n"]]}'],
        "lines": [b'{"dict": [["error", {"dict": [["type", {"list": []}], ["message", "a\\n\\nb"]]}]]}'],
        "no array": [b'{"dict": [["value", {"array": 0, "dtype": "O", "shape": [1]}]]}', bytes(8)],
    }
    notebook = notebook_of(code_cell(SAY), code_cell(f"forged = {forged!r}\ndef f(k): answer(*forged[k])"))
    with NotebookSession(notebook, limits=Limits(call_s=20)) as running:
        running.finish()
        for name in forged:
            with pytest.raises(StudentError) as error:
                Student(running).call("f", name)
            assert is_sentence(str(error.value)), name
