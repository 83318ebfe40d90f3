"""What the tests and the answers of an introduction to programming use of Python."""

from __future__ import annotations

from tests.grading.corpus.entry import UNTOUCHED, answer, given, one
from tests.support.cells import code_cell

ENTRIES = (
    one(
        "getsource",
        answer("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s", "total"),
        code_cell(
            "import inspect\nsource = inspect.getsource(total)\nassert 'for ' in source\n"
            "assert 'sum(' not in source, 'write the loop yourself'",
            "test_source",
            2,
        ),
        code_cell("assert total([1, 2]) == 3", "test_total", 1),
        students={"wrong": {"total": "def total(xs):\n    return sum(xs)"}},
    ),
    one(
        "ast-of-answer",
        answer("def f(n):\n    return 1 if n == 0 else n * f(n - 1)", "f"),
        code_cell(
            "import ast, inspect, textwrap\ntree = ast.parse(textwrap.dedent(inspect.getsource(f)))\n"
            "assert any(isinstance(n, ast.Call) and n.func.id == 'f' for n in ast.walk(tree))",
            "test_recursive",
            1,
        ),
        students={"wrong": {"f": "import math\n\ndef f(n):\n    return math.factorial(n)"}},
    ),
    one(
        "mock",
        answer("def ask():\n    return int(input('how many? '))", "ask"),
        code_cell(
            "from unittest.mock import patch\nwith patch('builtins.input', return_value='7') as asked:\n"
            "    assert ask() == 7\nasked.assert_called_once()",
            "test_ask",
            2,
        ),
        code_cell(
            "import random\nwith patch.object(random, 'random', lambda: .5):\n"
            "    assert random.random() == .5",
            "test_object",
            1,
        ),
        code_cell(
            "with patch('__main__.ask', side_effect=[1, 2]):\n    assert [ask(), ask()] == [1, 2]", "main", 1
        ),
        students={
            "wrong": {"ask": "def ask():\n    return 7"},
            "asks": {"ask": "def ask():\n    return 7\ninput()"},
        },
    ),
    one(
        "subprocess",
        answer("program = 'print(6 * 7)'", "program"),
        code_cell(
            "import subprocess, sys\nran = subprocess.run([sys.executable, '-c', program], "
            "capture_output=True, text=True)\nassert ran.stdout == '42\\n', ran.stderr",
            "test_program",
            2,
        ),
        code_cell("assert subprocess.check_output('echo hi', shell=True) == b'hi\\n'", "test_shell", 1),
        students={"wrong": {"program": "program = 'raise SystemExit(3)'"}},
    ),
    one(
        "threads",
        answer(
            "import threading\ncounted, lock = [], threading.Lock()\n\ndef count(n):\n    with lock:\n"
            "        counted.append(n)",
            "count",
        ),
        code_cell(
            "workers = [threading.Thread(target=count, args=(n,)) for n in range(20)]\n"
            "for worker in workers: worker.start()\nfor worker in workers: worker.join()\n"
            "assert sorted(counted) == list(range(20))",
            "test_threads",
            2,
        ),
        code_cell(
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
            "    assert list(pool.map(lambda n: n * n, range(5))) == [0, 1, 4, 9, 16]",
            "test_pool",
            1,
        ),
        students={
            "wrong": {"count": "import threading\ncounted = []\n\ndef count(n):\n    raise ValueError(n)"}
        },
    ),
    one(
        "processes",
        answer("def square(n):\n    return n * n", "square"),
        code_cell(
            "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n"
            "    assert pool.map(square, range(4)) == [0, 1, 4, 9]",
            "test_pool",
            2,
        ),
        code_cell(
            "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(2) as pool:\n"
            "    assert list(pool.map(square, [3])) == [9]",
            "test_executor",
            1,
        ),
        code_cell(
            "queue = multiprocessing.Queue()\n"
            "child = multiprocessing.Process(target=queue.put, args=(square(2),))\n"
            "child.start()\nassert queue.get(timeout=10) == 4\nchild.join()",
            "test_queue",
            1,
        ),
        students={"wrong": {"square": "def square(n):\n    return n"}},
    ),
    one(
        "dataclass",
        code_cell("from dataclasses import dataclass, field, asdict"),
        answer("@dataclass(order=True)\nclass Point:\n    x: float\n    y: float = 0", "point"),
        code_cell("assert Point(1) == Point(1, 0)\nassert Point(1) < Point(2)", "test_point", 1),
        code_cell("assert asdict(Point(1, 2)) == {'x': 1, 'y': 2}\nPoint(3)", "test_dict", 1),
        students={"wrong": {"point": "class Point:\n    def __init__(self, x, y=0):\n        self.x = x"}},
    ),
    one(
        "generator",
        answer("def evens():\n    n = 0\n    while True:\n        yield n\n        n += 2", "evens"),
        code_cell(
            "from itertools import islice\nassert list(islice(evens(), 3)) == [0, 2, 4]", "test_some", 1
        ),
        code_cell("import types\nassert isinstance(evens(), types.GeneratorType)", "test_type", 1),
        code_cell("running = evens()\nnext(running)"),
        code_cell("assert next(running) == 2", "test_goes_on", 1),
        students={"wrong": {"evens": "def evens():\n    return [0, 2, 4]"}},
    ),
    one(
        "classes",
        answer("class Animal:\n    def speak(self):\n        return '...'", "animal"),
        answer("class Dog(Animal):\n    def speak(self):\n        return super().speak() + 'woof'", "dog"),
        code_cell("def louder(self):\n    return self.speak().upper()\nAnimal.louder = louder"),
        code_cell("assert Dog().speak() == '...woof'\nassert issubclass(Dog, Animal)", "test_dog", 2),
        code_cell("assert Dog().louder() == '...WOOF'", "test_louder", 1),
        students={
            "wrong": {"dog": "class Dog:\n    def speak(self):\n        return '...woof'"},
            "untouched": UNTOUCHED,
        },
    ),
    one(
        "stderr",
        answer("import warnings\n\ndef old():\n    warnings.warn('old', UserWarning)\n    return 1", "old"),
        code_cell("assert old() == 1", "test_old", 2),
        code_cell("with warnings.catch_warnings(record=True) as caught:\n    old()", "test_caught", 1),
        code_cell("import sys\nprint('note', file=sys.stderr)", "test_written", 1),
        students={"quiet": {"old": "import warnings\n\ndef old():\n    return 1"}},
    ),
    one(
        "logging",
        answer(
            "import logging\nlogger = logging.getLogger('lesson')\n\ndef work():\n    logger.info('x')",
            "work",
        ),
        code_cell("work()\nassert logger.name == 'lesson'", "test_quiet", 1),
        students={
            "loud": {
                "work": "import logging\nlogger = logging.getLogger('lesson')\n\ndef work():\n"
                "    logger.warning('loud')"
            }
        },
    ),
    one(
        "unittest",
        answer("def add(a, b):\n    return a + b", "add"),
        code_cell(
            "import io, unittest\n\nclass TestAdd(unittest.TestCase):\n    def test_two(self):\n"
            "        self.assertEqual(add(1, 1), 2)\n\n"
            "suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestAdd)\n"
            "ran = unittest.TextTestRunner(stream=io.StringIO()).run(suite)\nassert ran.wasSuccessful()",
            "test_suite",
            2,
        ),
        code_cell("unittest.main(argv=[''], exit=False)", "test_main", 1),
        students={"wrong": {"add": "def add(a, b):\n    return a"}},
    ),
    one(
        "doctest",
        answer(
            'def half(x):\n    """Half of it.\n\n    >>> half(4)\n    2.0\n    """\n    return x / 2', "half"
        ),
        code_cell(
            "import doctest\nfound = doctest.testmod()\nassert found.attempted == 1 and found.failed == 0",
            "test_doc",
            2,
        ),
        code_cell("doctest.run_docstring_examples(half, globals())", "test_examples", 1),
        students={
            "wrong": {"half": 'def half(x):\n    """\n    >>> half(4)\n    2\n    """\n    return x / 2'}
        },
    ),
    one(
        "recursion",
        answer("def depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)", "depth"),
        code_cell("assert depth(500) == 500", "test_depth", 1),
        code_cell(
            "try:\n    depth(-1)\nexcept RecursionError:\n    reached = True\nassert reached", "test_limit", 1
        ),
        code_cell("import sys\nassert sys.getrecursionlimit() >= 1000\nassert depth(3) == 3", "test_set", 1),
        students={"wrong": {"depth": "def depth(n):\n    return 1 + depth(n - 1)"}},
    ),
    one(
        "star-import",
        code_cell("from math import *\nfrom itertools import *"),
        answer("def hypotenuse(a, b):\n    return sqrt(a ** 2 + b ** 2)", "hypotenuse"),
        code_cell("assert hypotenuse(3, 4) == 5\nassert pow(2, 3) == 8.0", "test_hypotenuse", 1),
        code_cell("from os import *\nopen", "test_open", 1),
        students={
            "wrong": {"hypotenuse": "from cmath import *\n\ndef hypotenuse(a, b):\n    return sqrt(-1)"}
        },
    ),
    one(
        "global-state",
        code_cell("calls = 0\nlog = []"),
        answer("def call():\n    global calls\n    calls += 1\n    log.append(calls)", "call"),
        code_cell("call()\nassert calls == 1", "test_once", 1),
        code_cell("call()\nassert log == [1, 2]", "test_twice", 1),
        code_cell("del log[:]\ncall()\nassert log == [3]", "test_thrice", 1),
        students={
            "wrong": {"call": "def call():\n    calls = 1\n    log.append(calls)"},
            "once": {"call": "def call():\n    global calls\n    calls = 1\n    log.append(calls)"},
        },
    ),
    one(
        "np-testing",
        code_cell("import numpy as np"),
        answer("def unit(v):\n    return v / np.linalg.norm(v)", "unit"),
        code_cell("np.testing.assert_allclose(unit(np.array([3., 4.])), [.6, .8])", "test_unit", 1),
        code_cell("np.testing.assert_array_equal(unit(np.array([0, 2])), [0, 1])", "test_axis", 1),
        code_cell("with np.testing.assert_raises(TypeError):\n    unit('text')", "test_raises", 1),
        code_cell("assert unit(np.zeros(2)).shape == (2,)", "test_warns", 1),
        students={"wrong": {"unit": "def unit(v):\n    return v / np.max(v)"}},
    ),
    one(
        "seeds",
        code_cell("import random\nimport numpy as np\nrandom.seed(3)\nnp.random.seed(4)"),
        answer("draws = [random.randint(1, 6) for _ in range(3)]\nnormal = np.random.normal()", "draws"),
        code_cell(
            "random.seed(3)\nassert draws == [random.randint(1, 6) for _ in range(3)]", "test_random", 1
        ),
        code_cell("np.random.seed(4)\nassert normal == np.random.normal()", "test_numpy", 1),
        code_cell(
            "assert np.random.default_rng(7).integers(100) == np.random.default_rng(7).integers(100)\n"
            "assert 1 <= draws[0] <= 6",
            "test_generator",
            1,
        ),
        students={"wrong": {"draws": "random.random()\ndraws = [0]\nnormal = 0"}},
    ),
    one(
        "unicode",
        answer("سلام = 'درود'\nπ = 3.14", "greeting"),
        code_cell("print('سلام', '✓', '𝛑')\nassert سلام == 'درود'", "test_greeting", 1),
        code_cell("assert 3 < π < 4, 'π is ' + str(π)\n'ك'", "test_pi", 1),
        students={"wrong": {"greeting": "سلام = 'خدا حافظ'\nπ = 'خطا'"}},
    ),
    one(
        "helper-cell",
        given("def close(a, b):\n    return abs(a - b) < 1e-6", "helper"),
        answer("third = 1 / 3", "third"),
        code_cell("assert close(3 * third, 1)", "test_third", 1),
        students={"wrong": {"third": "third = .33"}},
    ),
    one(
        "stdout-redirected",
        answer("def table():\n    for n in 1, 2:\n        print(n, n * n)", "table"),
        code_cell(
            "import io\nfrom contextlib import redirect_stdout\n"
            "with redirect_stdout(io.StringIO()) as said:\n    table()\n"
            "assert said.getvalue() == '1 1\\n2 4\\n'",
            "test_table",
            1,
        ),
        students={"wrong": {"table": "def table():\n    print('1 1')"}},
    ),
    one(
        "alarm",
        answer("def quick():\n    return 1", "quick"),
        code_cell(
            "import signal\n\ndef over(*_):\n    raise TimeoutError('too slow')\n\n"
            "signal.signal(signal.SIGALRM, over)\nsignal.alarm(1)\ntry:\n    assert quick() == 1\n"
            "finally:\n    signal.alarm(0)",
            "test_quick",
            1,
        ),
        students={"slow": {"quick": "import time\n\ndef quick():\n    time.sleep(4)\n    return 1"}},
    ),
    one(
        "pickle",
        answer("class Box:\n    def __init__(self, value):\n        self.value = value", "box"),
        code_cell(
            "import pickle, copy\nassert pickle.loads(pickle.dumps(Box(3))).value == 3\n"
            "assert copy.deepcopy(Box([1])).value == [1]",
            "test_box",
            1,
        ),
        students={
            "wrong": {"box": "class Box:\n    def __init__(self, value):\n        self.value = lambda: 1"}
        },
    ),
    one(
        "sqlite",
        answer("query = 'SELECT name FROM people WHERE age > 30 ORDER BY name'", "query"),
        code_cell(
            "import sqlite3\nbase = sqlite3.connect(':memory:')\n"
            'base.executescript("CREATE TABLE people(name, age); INSERT INTO people VALUES '
            "('ali', 31), ('mina', 20), ('sara', 40)\")\n"
            "assert base.execute(query).fetchall() == [('ali',), ('sara',)]",
            "test_query",
            1,
        ),
        students={"wrong": {"query": "query = 'SELECT'"}},
    ),
    one(
        "environment",
        answer("import os\nhome = os.path.expanduser('~')", "home"),
        code_cell("assert os.environ.get('NBGRADER_EXECUTION') == 'autograde'", "test_autograde", 1),
        code_cell(
            "import tempfile\nwith tempfile.TemporaryFile() as file:\n    file.write(b'x')", "test_temp", 1
        ),
        code_cell("assert os.path.isdir(home) and os.environ['PATH']", "test_home", 1),
        students={"wrong": {"home": "home = None"}},
    ),
)
