"""nbgrader's exchange of this machine, from which students fetch assignments."""

from __future__ import annotations

import glob
from pathlib import Path

from mashq.jupyter_settings import of_jupyter

ROOT = "/usr/local/share/nbgrader/exchange"  # nbgrader's own default


def release_in_exchange(path: Path) -> Path | None:
    """The folder in the exchange from which a notebook was fetched; None where there is none for certain.

    path : of the student's notebook, in the folder that nbgrader made: ASSIGNMENT, or COURSE/ASSIGNMENT
    """
    try:
        settings, _files = of_jupyter()
    except Exception:  # whatever somebody's settings do; without them there is nothing to compare with
        return None
    here = path.resolve().parent
    root = str(settings.Exchange.get("root", ROOT))
    course = str(settings.CourseDirectory.get("course_id", ""))
    any_course = glob.escape(course) if course else "*"
    pattern = Path(glob.escape(root), any_course, "outbound", glob.escape(here.name), glob.escape(path.name))
    found = [Path(name) for name in sorted(glob.glob(str(pattern)))]
    named = [file for file in found if file.parents[2].name == here.parent.name] or found
    return named[0].parent if len(named) == 1 else None
