"""What IPython adds to Python: magics, the history of outputs, top-level await."""

from __future__ import annotations

from tests.grading.corpus.entry import answer, one
from tests.support.cells import code_cell

ENTRIES = (
    one(
        "capture",
        answer("def say(word):\n    print(word)", "say"),
        code_cell("%%capture said\nsay('salt')"),
        code_cell("assert said.stdout == 'salt\\n', said.stdout", "test_said", 2),
        code_cell("%%capture\nassert say('x') is None\nsay('y')", "test_captured", 1),
        students={"wrong": {"say": "def say(word):\n    return word"}},
    ),
    one(
        "time",
        answer("def total(n):\n    return sum(range(n))", "total"),
        code_cell("%%time\nassert total(4) == 6", "test_time", 2),
        code_cell("%time assert total(3) == 3\nassert total(2) == 1", "test_line", 1),
        code_cell("%%timeit -n 1 -r 1\nassert total(10) == 45", "test_timeit", 1),
        students={"wrong": {"total": "def total(n):\n    return n"}},
    ),
    one(
        "matplotlib",
        code_cell("%matplotlib inline\nimport matplotlib.pyplot as plt"),
        answer("figure, axes = plt.subplots()\nline, = axes.plot([1, 2], [3, 4])", "draw"),
        code_cell("assert line.get_ydata().tolist() == [3, 4]\nassert len(figure.axes) == 1", "test_draw", 2),
        code_cell(
            "drawn, ax = plt.subplots()\nax.plot(line.get_xdata())\nassert plt.get_fignums()\nplt.show()",
            "test_new",
            1,
        ),
        students={"wrong": {"draw": "plt.plot([1, 2])"}},
    ),
    one(
        "history",
        code_cell("6 * 7"),
        code_cell("kept = _"),
        answer("10 + 1", "eleven"),
        code_cell("assert _ == 11 and kept == 42", "test_last", 1),
        code_cell("assert Out[3] == 11\nassert Out[1] == _1 == 42", "test_out", 1),
        code_cell("assert In[1] == '6 * 7'\nassert '10' in In[3]\nassert _ih is In", "test_in", 1),
        code_cell("assert len(In) == get_ipython().execution_count + 1", "test_count", 1),
        students={"wrong": {"eleven": "a = 10\n12"}},
    ),
    one(
        "get_ipython",
        answer("x = 5", "x"),
        code_cell("shell = get_ipython()\nassert shell.user_ns['x'] == 5", "test_names", 1),
        code_cell("assert shell.run_cell('y = x + 1').success\nassert y == 6", "test_run_cell", 1),
        code_cell("shell.run_line_magic('pwd', '')\nassert __name__ == '__main__'", "test_magic", 1),
        students={"wrong": {"x": "del get_ipython"}},
    ),
    one(
        "shell",
        answer("lines = !printf 'a\\nb\\n'", "lines"),
        code_cell("assert list(lines) == ['a', 'b']", "test_lines", 1),
        code_cell("!echo {len(lines)}", "test_echo", 1),
        code_cell("!false\nassert _exit_code == 1", "test_exit_code", 1),
        students={"wrong": {"lines": "lines = !printf c"}},
    ),
    one(
        "bash-cell",
        answer("word = 'rice'", "word"),
        code_cell("%%bash --out said\necho bread"),
        code_cell("%env MASHQ_WORD=flour"),
        code_cell(
            "import os\nassert said == 'bread\\n'\nassert os.environ['MASHQ_WORD'] == 'flour'\n"
            "assert word == 'rice'",
            "test_said",
            1,
        ),
        code_cell("%%bash\nexit 3", "test_fails", 1),
        students={"wrong": {"word": "word = said"}},
    ),
    one(
        "autoreload",
        code_cell("%load_ext autoreload\n%autoreload 2"),
        answer("d = {'a': 1}", "d"),
        code_cell("%precision 3\nassert d == {'a': 1}", "test_d", 1),
        code_cell("assert d?", "test_no_python", 1),
        students={"wrong": {"d": "d = {}"}},
    ),
    one(
        "await",
        code_cell("import asyncio"),
        answer("async def twice(x):\n    await asyncio.sleep(.01)\n    return 2 * x", "twice"),
        code_cell("assert await twice(4) == 8", "test_await", 2),
        code_cell(
            "async def both():\n    return await asyncio.gather(twice(1), twice(2))\n"
            "assert await both() == [2, 4]",
            "test_gather",
            1,
        ),
        code_cell("await asyncio.wait_for(twice(1), 5)", "test_value", 2),
        code_cell("async with asyncio.timeout(5):\n    assert await twice(0) == 0", "test_with", 1),
        students={"wrong": {"twice": "def twice(x):\n    return 2 * x"}},
    ),
    one(
        "writefile",
        code_cell("%%writefile given_by_cell.py\nbase = 40"),
        answer("%%writefile from_student.py\nfrom given_by_cell import base\nresult = base + 2", "module"),
        code_cell("import from_student\nassert from_student.result == 42", "test_module", 2),
        students={"wrong": {"module": "%%writefile from_student.py\nresult = 0"}},
    ),
)
