"""Penalties brought up to date: they are points, and go by scores, due dates and extensions that change."""

from __future__ import annotations

import math

import nbformat

from mashq.course.folder import CourseFolder
from mashq.course.gradebook.access import open_gradebook
from mashq.errors import RecordError
from mashq.grading.gradebook.rows import OnePassPenalties, Rows

SAME = 1e-4  # points; PostgreSQL keeps fewer digits than SQLite


def refresh_penalties(folder: CourseFolder, assignment: str) -> list[str]:
    """Compute the late penalties of all submissions anew, with the course's plugin, as grading them would.

    An essay that got its points, or an extension that was granted, since the notebook was graded counts then.
    Returns the students whose penalty is another now; nothing is written when there is none.

    Raises RecordError when the gradebook fails.
    """
    step = OnePassPenalties(config=folder.config)
    changed = []
    try:
        # one change at the end of each row: the step first takes its penalty back
        with open_gradebook(folder, assignment) as gradebook, gradebook.db.no_autoflush:
            for submission in gradebook.assignment_submissions(assignment):
                about = {"student": submission.student_id, "assignment": assignment}
                before = [notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks]
                for notebook in submission.notebooks:
                    step.save(nbformat.v4.new_notebook(), {"nbgrader": about}, Rows(notebook, {}, {}))
                after = [notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks]
                if not all(math.isclose(a, b, abs_tol=SAME) for a, b in zip(before, after, strict=True)):
                    changed.append(str(submission.student_id))
            if changed:
                gradebook.db.commit()
            else:
                gradebook.db.rollback()
    except RecordError as error:
        raise RecordError(
            f"the late penalties of {assignment} could not be brought up to date: {error}"
        ) from error
    return sorted(changed)
