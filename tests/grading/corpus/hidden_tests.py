"""Parts of test cells that nbgrader cuts out of the release, wherever in the cell they stand."""

from __future__ import annotations

from tests.grading.corpus.entry import SETTINGS, UNTOUCHED, answer, hidden, one
from tests.support.cells import code_cell

ENTRIES = (
    one(
        "hidden-beginning",
        answer("def cube(x):\n    return x ** 3", "cube"),
        code_cell(f"{hidden('assert cube(-2) == -8')}\nassert cube(2) == 8", "test_cube", 2),
        students={"wrong": {"cube": "def cube(x):\n    return abs(x) ** 3"}, "untouched": UNTOUCHED},
    ),
    one(
        "hidden-middle",
        answer("def last(items):\n    return items[-1]", "last"),
        code_cell(
            f"assert last([1]) == 1\n{hidden('assert last([4, 5]) == 5')}\nassert last('ab') == 'b'",
            "test_last",
            3,
        ),
        students={"wrong": {"last": "def last(items):\n    return 'b' if items == 'ab' else items[0]"}},
    ),
    one(
        "hidden-end",
        answer("def even(n):\n    return n % 2 == 0", "even"),
        code_cell(
            f"assert even(2)\nassert not even(3)\n{hidden('assert even(0)', end='### END HIDDEN TESTS  ')}",
            "test_even",
            1,
        ),
        students={"wrong": {"even": "def even(n):\n    return n == 2"}},
    ),
    one(
        "hidden-whole-cell",
        answer("def sign(x):\n    return (x > 0) - (x < 0)", "sign"),
        code_cell(hidden("assert sign(-7) == -1\nassert sign(0) == 0"), "test_sign", 4),
        code_cell("assert sign(3) == 1", "test_sign_seen", 1),
        students={"wrong": {"sign": "def sign(x):\n    return 1"}, "untouched": UNTOUCHED},
    ),
    one(
        "hidden-several",
        answer("def clip(x):\n    return min(max(x, 0), 1)", "clip"),
        code_cell(
            "\n".join(
                [
                    hidden("assert clip(5) == 1"),
                    "assert clip(.5) == .5",
                    hidden("low = -1\nassert clip(low) == 0"),
                    "assert clip(1) == 1",
                    hidden("assert clip(low * 2) == 0"),
                ]
            ),
            "test_clip",
            2.5,
        ),
        students={
            "wrong": {"clip": "def clip(x):\n    return min(x, 1)"},
            "other": {"clip": "def clip(x):\n    return max(x, 0)"},
        },
    ),
    one(
        "hidden-indented",
        answer("def digits(n):\n    return len(str(n))", "digits"),
        code_cell(
            "for number, length in [(1, 1), (22, 2)]:\n    assert digits(number) == length\n"
            "    ### BEGIN HIDDEN TESTS\n    assert digits(10 * number) == length + 1\n"
            "    ### END HIDDEN TESTS",
            "test_digits",
            2,
        ),
        students={"wrong": {"digits": "def digits(n):\n    return min(2, len(str(n)))"}},
    ),
    one(
        "hidden-helper",
        answer("def mean(xs):\n    return sum(xs) / len(xs)", "mean"),
        code_cell(
            hidden("from math import isclose\nsample = [.1, .2, .3]") + "\nassert mean([1, 3]) == 2", "a", 1
        ),
        code_cell("assert isclose(mean(sample), .2)", "b", 2),
        students={"wrong": {"mean": "def mean(xs):\n    return 2"}},
    ),
    one(
        "hidden-value",
        answer("def guesses():\n    return [1, 2, 3]", "guesses"),
        code_cell(hidden("len(set(guesses()) & {1, 2, 3, 4})"), "test_guesses", 4),
        students={"wrong": {"guesses": "def guesses():\n    return [9]"}},
    ),
    one(
        "hidden-own-marks",
        answer("def vowels(word):\n    return sum(c in 'aeiou' for c in word)", "vowels"),
        code_cell(
            "assert vowels('tea') == 2\n"
            + hidden("assert vowels('rhythm') == 0", "#<secret>", "#</secret>")
            + "\nassert vowels('') == 0",
            "test_vowels",
            2,
        ),
        students={"wrong": {"vowels": "def vowels(word):\n    return 2 if word else 0"}},
        config=SETTINGS,
    ),
)
