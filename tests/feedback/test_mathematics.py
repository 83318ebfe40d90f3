"""Formulas of the feedback page: what students write cannot keep the machine busy, pictures cost nothing."""

from __future__ import annotations

import time

from mashq.feedback.mathematics import Mathematics


def test_a_formula_beside_a_large_picture_is_drawn() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 1_500_000}" alt="my sheet">'
    drawn = Mathematics().draw(f"<p>{picture} gives $a b$</p>")
    assert "<math" in drawn
    assert picture in drawn


def test_formulas_that_never_end_take_seconds_at_most() -> None:
    """Each is a look at the next 2000 letters; of many such cells it is taken in the first ones only."""
    mathematics, began = Mathematics(), time.process_time()
    cell = "\\begin{a}" * 11_000
    for _ in range(100):
        assert mathematics.draw(cell) == cell
    assert time.process_time() - began < 6
    assert "<math" in Mathematics().draw("$x$")  # another notebook has its own allowance
