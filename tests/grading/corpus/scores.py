"""How points come about: values of last expressions, printed text, points of zero, and points from people."""

from __future__ import annotations

from tests.grading.corpus.entry import UNTOUCHED, answer, essay, hidden, judged_by_hand, one
from tests.support.cells import code_cell, task_cell

ENTRIES = (
    one(
        "value-int",
        answer("def found():\n    return ['a', 'b', 'c']", "found"),
        code_cell("sum(letter in found() for letter in 'abc')", "test_found", 3),
        students={
            "two": {"found": "def found():\n    return ['a', 'c']"},
            "none": {"found": "def found():\n    return []"},
            "wrong": {"found": "def found():\n    return 1 / 0"},
        },
    ),
    one(
        "value-float",
        answer("rate = 1.0", "rate"),
        code_cell("points = 2 * rate\npoints", "test_rate", 2),
        code_cell("0.25 if rate < 1 else .75", "test_rate_again", 1),
        students={
            "half": {"rate": "rate = .5"},
            "none": {"rate": "rate = 0.0"},
            "tiny": {"rate": "rate = 1e-7"},
        },
    ),
    one(
        "value-no-number",
        answer("result = 'done'", "result"),
        code_cell("result", "test_result", 2),
        code_cell("result == 'done'", "test_equal", 1),
        code_cell("[result]", "test_list", 1),
        code_cell("None", "test_none", 1),
        code_cell("result;", "test_semicolon", 1),
        students={
            "wrong": {"result": "result = 'not'"},
            "digits": {"result": "result = '1'"},
            "truth": {"result": "result = True"},
        },
    ),
    one(
        "value-numpy",
        answer("import numpy as np\nx = np.float64(1.5)", "x"),
        code_cell("x", "test_x", 2),
        code_cell("float(x)", "test_float", 2),
        code_cell("np.array(x)", "test_array", 2),
        code_cell("np.array([x])", "test_vector", 2),
        students={"whole": {"x": "import numpy as np\nx = np.int64(1)"}},
    ),
    one(
        "value-and-print",
        answer("def greet():\n    print('hello')\n    return 2", "greet"),
        code_cell("print('first')\ngreet()", "test_greet", 4),
        code_cell("print(1)", "test_print", 3),
        code_cell("from IPython.display import display\ndisplay(1)", "test_display", 3),
        code_cell("display(1)\n2", "test_display_and_value", 3),
        students={"loud": {"greet": "def greet():\n    print('0')\n    return 0"}},
    ),
    one(
        "prints",
        answer("def show(n):\n    print('*' * n)", "show"),
        code_cell("print('begin')\nshow(3)\nprint('end')", "test_show", 2),
        students={
            "wrong": {"show": "def show(n):\n    raise ValueError(n)"},
            "much": {"show": "show = print"},
        },
    ),
    one(
        "several-asserts",
        answer("def fizz(n):\n    return 'fizz' if n % 3 == 0 else n", "fizz"),
        code_cell(
            "assert fizz(1) == 1, 'one'\nassert fizz(3) == 'fizz', 'three'\n\nassert fizz(9) == 'fizz'",
            "test_fizz",
            1,
        ),
        code_cell("assert (\n    fizz(4)\n    == 4\n), f'{fizz(4)} is not 4'", "test_four", 1),
        students={
            "first": {"fizz": "def fizz(n):\n    return n"},
            "last": {"fizz": "def fizz(n):\n    return 'fizz' if n == 3 else n"},
        },
    ),
    one(
        "extra-credit",
        answer("def area(r):\n    return 3.14159 * r * r", "area"),
        code_cell("assert round(area(1)) == 3", "test_area", 10),
        code_cell("assert abs(area(1) - 3.14159) < 1e-5", "bonus", 100),
        students={"rough": {"area": "def area(r):\n    return 3 * r * r"}},
    ),
    one(
        "zero-points",
        answer("n = 3", "n"),
        code_cell("assert n", "test_any", 0),
        code_cell("assert n == 3", "test_three", 0.25),
        code_cell("0", "test_nothing", 0),
        students={"wrong": {"n": "n = 0"}},
    ),
    one(
        "by-hand",
        essay("Because it is.", "why", 4),
        judged_by_hand("figure = [1, 2]", "figure", 3),
        answer("b = 1", "b"),
        code_cell("assert b == 1", "test_b", 1),
        students={
            "untouched": UNTOUCHED,
            "mixed": {"why": "I do not know.", "figure": "raise NotImplementedError  # sorry", "b": "b = 2"},
            "blank": {"why": "", "figure": ""},
        },
    ),
    one(
        "task",
        task_cell(
            "Draw a tree.\n\n### BEGIN MARK SCHEME\nOne point for its roots.\n### END MARK SCHEME", "draw", 5
        ),
        code_cell("# draw here"),
        answer("c = 3", "c"),
        code_cell("assert c == 3", "test_c", 1),
        students={"untouched": UNTOUCHED},
    ),
    one(
        "raises-is-right",
        answer("def check(n):\n    if n < 0:\n        raise ValueError(n)", "check"),
        code_cell(
            "try:\n    check(-1)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('no error')",
            "test_check",
            1,
        ),
        code_cell(f"check(1)\n{hidden('check(0)')}", "test_no_error", 1),
        students={"wrong": {"check": "def check(n):\n    if n < 1:\n        raise TypeError"}},
    ),
    one(
        "much-output",
        answer("def table():\n    return [[1, 2], [3, 4]]", "table"),
        code_cell("from IPython.display import HTML, Markdown\nHTML('<b>bold</b>')", "test_html", 1),
        code_cell("print('x' * 300000)\nassert table()[1] == [3, 4]", "test_much", 1),
        code_cell("Markdown('1')", "test_markdown", 2),
        students={"wrong": {"table": "def table():\n    return [[1, 2]]"}},
    ),
)
