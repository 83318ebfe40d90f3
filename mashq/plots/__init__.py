"""Figures for the notebooks of the course: networks, activations, boundaries, training curves, digits.

They speak English, or the language of the notebook (`mashq.language.set_language`).
Every function checks its input (a `ValueError` says what is wrong and what was expected), draws in one
style and returns the matplotlib `Figure`. A notebook shows that figure exactly once, whether the call is
the last line of a cell, ends in a semicolon, is assigned to a name, or stands in a loop.
Each is there in words for those who cannot see it: `in_words`. A notebook's own figures look alike and
have their words, too, where `course_figure` decorates the function that draws them.
Matplotlib is imported by the first call, not by `import mashq.plots`.
"""

from mashq.plots._style import course_figure, in_words
from mashq.plots.boundaries import boundary_and_loss, boundary_grid, decision_boundary
from mashq.plots.curves import compare_curves, loss_curve, training_curves
from mashq.plots.digits import confusion_matrix, digit_grid
from mashq.plots.films import boundary_film
from mashq.plots.networks import activation_curves, network_diagram

__all__ = [
    "activation_curves",
    "boundary_and_loss",
    "boundary_film",
    "boundary_grid",
    "compare_curves",
    "confusion_matrix",
    "course_figure",
    "decision_boundary",
    "digit_grid",
    "in_words",
    "loss_curve",
    "network_diagram",
    "training_curves",
]
