"""What `mashq collect` did, for people and for programs."""

from __future__ import annotations

import json
import os

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mashq.collect.run import Collected, Row, State
from mashq.grading.engine.progress import readable

MOST_ROWS = 40  # students in the table; of a larger class, those of whom there is something to say


def print_table(collected: Collected, console: Console) -> None:
    """Print the students with what became of them, what was not understood, and the counts, in this order."""
    rows = [row for row in collected.rows if row.notes or row.problems]
    if len(collected.rows) <= MOST_ROWS:
        rows = [*collected.rows]
    if rows:
        console.print(_table(collected.assignment, rows, console.encoding))
    unclear = [row for row in collected.rows if row.problems]
    if unclear or collected.strays:
        console.print("not understood; a person must look:", style="bold", highlight=False)
    for row in unclear:
        for problem in row.problems:
            _say(console, f"  {row.student}: {problem}")
        if row.state is not State.NOTHING:
            _say(console, f"      what there is lies in {os.path.relpath(row.place)}")
    for stray in collected.strays:
        _say(console, f"  {stray.where}: {stray.why}; it was left where it is")
    without = sum(row.when is None and not row.unread for row in collected.rows)
    if collected.zone:
        _say(console, f"times of hand-in were read as of {collected.zone}; --timezone names another")
    if without:
        _say(
            console,
            f"{without} have no time of hand-in, because the download does not tell it; see docs/collect.md",
        )
    if collected.by_earlier_roster:
        _say(
            console,
            f"{collected.by_earlier_roster} have the ids that an earlier --roster gave them, because their "
            "folders are there; give a roster again for others",
        )
    counts = [f"{collected.count(state)} {state}" for state in State if collected.count(state)]
    counts += [f"{len(unclear) + len(collected.strays)} not understood"] if collected.needs_attention else []
    _say(console, f"{collected.assignment}: {', '.join(counts) or 'nothing was found'}")


def as_json(collected: Collected) -> str:
    """The same for `--json`: {assignment, complete, timezone, students: [...], strays: [...]}."""
    everything = {
        "assignment": collected.assignment,
        "complete": not collected.needs_attention,
        "timezone": collected.zone,
        "students": [
            {
                "student": row.student,
                "name": row.person,
                "state": str(row.state),
                "folder": str(row.place),
                "handed_in": row.when.isoformat() if row.when else None,
                "notes": [*row.notes],
                "not_understood": [*row.problems],
            }
            for row in collected.rows
        ],
        "strays": [{"where": stray.where, "why": stray.why} for stray in collected.strays],
    }
    return json.dumps(everything, indent=2, ensure_ascii=False)


def _table(assignment: str, rows: list[Row], encoding: str) -> Table:
    table = Table(title=f"{assignment}: what became of each student's files")
    for heading in ("student", "name", "", "handed in (UTC)"):
        table.add_column(heading, overflow="fold")
    table.add_column("notes", overflow="fold")
    for row in rows:
        when = f"{row.when:%Y-%m-%d %H:%M}" if row.when else "-"
        told = "; ".join([*(["not understood, see below"] if row.problems else []), *row.notes])
        cells = (row.student, row.person, str(row.state), when, told)
        table.add_row(*(Text(readable(cell, encoding)) for cell in cells))
    return table


def _say(console: Console, text: str) -> None:
    console.print(Text(readable(text, console.encoding)), soft_wrap=True)
