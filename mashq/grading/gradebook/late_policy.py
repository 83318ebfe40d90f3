"""What late work costs: nbgrader's plugin for late submissions, with the rules that courses have.

`c.AssignLatePenalties.plugin_class = "mashq.nbgrader_plugins.LatePolicy"` in nbgrader_config.py puts it to
work, in `nbgrader autograde`, `mashq grade` and `mashq export`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Dict, Float, TraitError, validate

DAY_S = 24 * 60 * 60
FULL = 100.0  # percent


def takes_off(step: AssignLatePenalties) -> bool:
    """Whether the plugin of nbgrader's step may take points off, as nbgrader's own does not by default."""
    step.init_plugin()
    plugin = step.plugin_inst
    return type(plugin) is not LateSubmissionPlugin or plugin.penalty_method != "none"


class LatePolicy(LateSubmissionPlugin):
    """A share of the points reached for every 24 hours begun after the deadline.

    The deadline is the assignment's due date in the gradebook, with nbgrader's own extension of the
    submission, moved by `extensions` and `grace_minutes`. Who hands in at the deadline is in time. Without a
    due date, or a time of submission, nobody is late.

    The share is of the points reached, not of those possible: nbgrader takes a penalty from each notebook and
    never more than its points, so only this costs the same however the points lie in the notebooks. Where
    nbgrader's `penalty_method` is "zero", all late work gets no points.
    """

    grace_minutes = Float(0.0, min=0.0, help="Minutes after the due date that are still in time").tag(
        config=True
    )
    percent_per_day = Float(
        10.0, min=0.0, max=FULL, help="Percent of the points reached that each day costs, 24 hours begun"
    ).tag(config=True)
    at_most_percent = Float(
        FULL, min=0.0, max=FULL, help="The most that days cost together, in percent; see zero_after_days"
    ).tag(config=True)
    zero_after_days = Float(
        None, allow_none=True, min=0.0, help="Later than so many days: no points; None: never that late"
    ).tag(config=True)
    extensions = Dict(
        help="More time, in days: {student: days}, or {student: {assignment: days}}; beside nbgrader's own"
    ).tag(config=True)

    @validate("extensions")  # type: ignore[untyped-decorator]
    def _check_extensions(self, proposal: Mapping[str, Any]) -> dict[str, Any]:
        """With ids as text, which people also write as numbers."""
        checked: dict[str, Any] = {}
        for student, given in proposal["value"].items():
            by_assignment = given if isinstance(given, Mapping) else {"": given}
            for days in by_assignment.values():
                if isinstance(days, bool) or not isinstance(days, int | float) or not 0 <= days < math.inf:
                    raise TraitError(
                        f"LatePolicy.extensions of student {student!r} has {days!r}; write days, 0 or more, "
                        "as in {'ada': 2} or {'ada': {'hw2': 2}}"
                    )
            checked[str(student)] = given
        return checked

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The points that a notebook loses; None when it was in time.

        score : points of the notebook
        total_seconds_late : seconds after the due date, nbgrader's own extension taken off
        """
        more_s = 60 * self.grace_minutes + DAY_S * self.extension_days(student_id)
        late_s = round(total_seconds_late - more_s, 6)  # times have microseconds
        return round(max(0.0, score) * self.percent(late_s) / FULL, 6) if late_s > 0 else None

    def percent(self, late_s: float) -> float:
        """What being so many seconds late costs, more than 0, in percent of the points reached."""
        too_late = self.zero_after_days is not None and late_s > DAY_S * self.zero_after_days
        if too_late or self.penalty_method == "zero":
            return FULL
        return float(min(math.ceil(late_s / DAY_S) * self.percent_per_day, self.at_most_percent))

    def extension_days(self, student: str) -> float:
        """Days that `extensions` gives a student for the assignment at hand."""
        given = self.extensions.get(student, 0)
        assignment = self.parent.assignment_id  # nbgrader's step, which made this plugin, keeps it
        return float(given.get(assignment, 0) if isinstance(given, Mapping) else given)
