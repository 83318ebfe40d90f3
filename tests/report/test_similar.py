"""Alike submissions: what is found, what the task explains, and how long a large class takes."""

from __future__ import annotations

import dataclasses
import random
import re
import time

import pytest

from mashq.report.fingerprints import grams, without_comments
from mashq.report.results import Answer, GradedNotebook
from mashq.report.similar import MOST_SHARING, find_similar
from tests.support.classes import CODE, class_of, handed

DISGUISED = re.sub(r"\b(total|row|column|parts)\b", r"my_\1", CODE).replace(
    "    total", "\n    # mine\n    total"
)


def own(seed: int, lines: int = 12) -> str:
    """Code that nobody else has."""
    chance = random.Random(seed)
    numbers = iter(chance.sample(range(10**6), 2 * lines))
    signs = chance.choices("+-*/%", k=lines)
    return "\n".join(f"a = b.part{next(numbers)}(c, [d {sign} e.side{next(numbers)}])" for sign in signs)


def test_a_copy_with_other_names_and_comments_is_found() -> None:
    """And nobody else."""
    others = [handed(f"s{seed}", "+", own(seed)) for seed in range(20)]
    found = find_similar(class_of(handed("amy", "+", CODE), handed("ben", "+", DISGUISED), *others))
    (pair,) = found.pairs
    assert (pair.students, pair.same, found.left_out) == (("amy", "ben"), False, 0)
    assert pair.share > 0.8
    marked = [line for shared, line in pair.sides[0][0].lines if shared]
    assert "    total = 0" in marked


def test_a_part_that_was_copied_is_found_among_own_code() -> None:
    """Half of an answer is enough, and only it is marked."""
    found = find_similar(
        class_of(
            handed("amy", "+", f"{own(1, 6)}\n{CODE}"),
            handed("ben", "+", f"{CODE}\n{own(2, 6)}"),
        )
    )
    (pair,) = found.pairs
    lines = pair.sides[0][0].lines
    assert not lines[0][0]
    assert [shared for shared, line in lines if line.startswith("def area")] == [True]


def test_what_the_task_gives_is_not_counted() -> None:
    """The release and the reference, whatever the names in them."""
    data = class_of(handed("amy", "+", CODE), handed("ben", "+", DISGUISED))
    given = dataclasses.replace(data, given={"areas": [Answer("", True, CODE.replace("total", "summed"))]})
    assert find_similar(given).pairs == []


def test_what_many_have_is_how_the_task_is_solved() -> None:
    """More than MOST_SHARING, each of whom has as much of their own besides."""
    many = [handed(f"s{number:02}", "+", f"{CODE}\n{own(number, 6)}") for number in range(MOST_SHARING + 1)]
    assert find_similar(class_of(*many)).pairs == []
    found = find_similar(class_of(*many[:MOST_SHARING]))
    assert len(found.pairs) + found.left_out == MOST_SHARING * (MOST_SHARING - 1) // 2


@pytest.mark.parametrize("students", [3, MOST_SHARING + 1, 60])
def test_equal_answers_are_one_group_of_any_size(students: int) -> None:
    """Listed once, with everybody in it, and not as so many pairs."""
    many = [handed(f"s{number:02}", "+", CODE) for number in range(students)]
    others = [handed(f"t{seed}", "+", own(seed)) for seed in range(5)]
    found = find_similar(class_of(*many, *others))
    (group,) = found.groups
    assert (list(group.students), group.same) == ([one.student for one in many], True)
    assert (found.pairs, found.left_out) == ([], 0)
    assert any(shared for side in group.example.sides[0] for shared, _ in side.lines)


def test_a_group_has_those_who_padded_their_copies_too() -> None:
    """Who made the answer, and eleven who put lines of their own before, behind and between its lines."""
    many = [handed(f"s{number:02}", "+", padded(CODE, number)) for number in range(11)]
    (group,) = find_similar(class_of(handed("amy", "+", CODE), *many)).groups
    assert (len(group.students), group.same) == (12, False)


def padded(code: str, seed: int) -> str:
    """The same code with a line of no use behind each line, which nobody else has, and more before it."""
    useless = iter(own(1000 + seed, 100).split("\n"))
    lines = []
    for line in code.strip().split("\n"):
        indent = line[: len(line) - len(line.lstrip())] + ("    " if line.endswith(":") else "")
        lines += [line, f"{indent}{next(useless)}"]
    return "\n".join([*list(useless)[:40], *lines])


def test_a_copy_padded_with_lines_of_no_use_is_found() -> None:
    """Between all its lines, so that no run of it is left whole."""
    others = [handed(f"s{seed}", "+", own(seed)) for seed in range(20)]
    found = find_similar(class_of(handed("amy", "+", CODE), handed("ben", "+", padded(CODE, 7)), *others))
    (pair,) = found.pairs
    assert pair.students == ("amy", "ben")
    assert "    parts = [max(total, part) for part in (a, b) if part % 2 == 0]" in [
        line for shared, line in pair.sides[1][0].lines if shared
    ]


def test_stubs_and_short_answers_are_no_group() -> None:
    """What everybody has, and what is soon written."""
    short = [handed(f"s{number:02}", "+", "def area(a, b):\n    return a * b\n") for number in range(20)]
    found = find_similar(class_of(*short))
    assert (found.groups, found.pairs) == ([], [])
    data = class_of(*(handed(f"s{number:02}", "+", CODE) for number in range(20)))
    stub = dataclasses.replace(data, given={"areas": [Answer("", True, CODE)]})
    assert find_similar(stub).groups == []


def test_essays_are_compared_word_by_word() -> None:
    """Case, punctuation and line breaks make no difference."""
    words = " ".join(random.Random(1).sample([f"word{n}" for n in range(200)], 80))
    amy, ben = (
        GradedNotebook(student, "areas", answers=(Answer("why", False, text),))
        for student, text in (("amy", words), ("ben", words.upper().replace(" ", ",\n")))
    )
    assert [pair.students for pair in find_similar(class_of(amy, ben)).pairs] == [("amy", "ben")]


def test_code_that_does_not_parse_has_fingerprints() -> None:
    """An open string or bracket, no Python at all."""
    for text in ("def f(:\n  '" + CODE, f'"""{CODE}', "\x00 << %% ((" * 20, "π = «متن»\n" * 30):
        assert len(grams(text, True).lines) == len(grams(text, True).hashes)
    assert len(grams("def f(:\n  '\n" + CODE, True).chosen) > 10
    assert len(grams("", True).hashes) == 0


def test_fingerprints_are_the_same_in_every_process() -> None:
    """A report must not depend on the seed of Python's own hashes."""
    made = grams(CODE, True)
    assert int(made.hashes[0]) == 9895612349236007915


def test_comments_go_and_strings_stay() -> None:
    """A `#` in a string is no comment."""
    assert without_comments("x = '# no'  # yes\ny") == "x = '# no'  #\ny"


def test_three_hundred_submissions_take_seconds() -> None:
    """By an index, not by all 44,850 pairs."""
    data = class_of(*(handed(f"s{seed}", "+", own(seed, 120)) for seed in range(300)))
    begun = time.process_time()
    assert find_similar(data).pairs == []
    assert time.process_time() - begun < 5
