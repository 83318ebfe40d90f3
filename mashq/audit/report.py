"""What an audit found, as tables: for the terminal, for docs/trust.md and for machines."""

from __future__ import annotations

import dataclasses
import datetime
import json
import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from mashq import __version__
from mashq.audit.compare import Verdict
from mashq.audit.rates import Chance
from mashq.audit.run import Audit
from mashq.errors import CourseError
from mashq.grading.engine.progress import clock

PAGE = Path("docs", "trust.md")  # in the course folder
WHAT = {  # kind → what the audit counts of it
    "wrong": "wrong answers caught, on the right cells and with the right sentence",
    "odd": "right answers in other words, with all points",
    "hostile": "attacks that gained nothing",
    "files": "damaged files graded as intended",
    "control": "the same files undamaged, with all points",
    "reference": "references graded behind the attacks, with all points",
}
IN_A_CELL = {"wrong": "wrong caught", "odd": "right passed", "hostile": "attacks failed"}


@dataclass(frozen=True)
class Table:
    """A table of text."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def rich(self) -> RichTable:
        table = RichTable(title=self.title)
        for number, heading in enumerate(self.headings):
            short = all(len(row[number]) < 20 for row in self.rows)
            table.add_column(heading, justify="right" if number and short else "left")
        for row in self.rows:
            table.add_row(*(Text(cell) for cell in row))
        return table

    def markdown(self) -> str:
        lines = [self.headings, ["---"] * len(self.headings), *self.rows]
        text = "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
        )
        return f"### {self.title}\n\n{text}\n"


def tables(audit: Audit) -> list[Table]:
    """The four rates, by test cell, by sort of attack, chance, and every miss."""
    made = [_rates(audit), _by_cell(audit.verdicts), _by_attack(audit.verdicts), _chances(audit.chances)]
    made.append(Table("Misses", ("where", "what"), audit.misses))
    return [table for table in made if table.rows]


def print_audit(audit: Audit, console: Console) -> None:
    """Print the tables and one line at the end."""
    for table in tables(audit):
        console.print(table.rich())
    console.print(Text(circumstances(audit)), soft_wrap=True)
    count = len(audit.misses)
    says = "no miss" if not count else "1 miss, see above" if count == 1 else f"{count} misses, see above"
    console.print(says, style="bold red" if count else "bold green")


def circumstances(audit: Audit) -> str:
    """When and with what the audit was made, as one line."""
    data = f"stand-ins for {', '.join(audit.stand_ins)}" if audit.stand_ins else "real data"
    at_hand = f", {audit.at_hand} of them as in an earlier audit" if audit.at_hand else ""
    return (
        f"{datetime.date.today().isoformat()}, mashq {__version__}, Python {platform.python_version()}, "
        f"walls {audit.isolation or 'not needed'}, {data}: {len(audit.verdicts)} submissions in "
        f"{clock(audit.seconds)}, {audit.workers} at a time{at_hand}"
    )


def as_json(audit: Audit) -> str:
    """All that was found, as JSON text."""
    value: dict[str, Any] = {
        "assignment": audit.assignment,
        "circumstances": circumstances(audit),
        "isolation": audit.isolation,
        "stand_ins": audit.stand_ins,
        "seconds": round(audit.seconds, 1),
        "at_hand": audit.at_hand,
        "cases": [
            {
                "kind": verdict.case.kind,
                "name": verdict.case.name,
                "notebook": verdict.case.notebook,
                "title": verdict.case.title,
                "attack": verdict.case.attack,
                "scores": dict(verdict.scores),
                "misses": list(verdict.misses),
            }
            for verdict in audit.verdicts
        ],
        "isolation_held": audit.isolation_held,
        "chance": [
            dataclasses.asdict(chance) | {"interval": chance.interval, "miss": chance.miss}
            for chance in audit.chances
        ],
        "misses": [{"where": where, "what": what} for where, what in audit.misses],
    }
    return json.dumps(value, indent=1) + "\n"


def write_page(audit: Audit, course: Path) -> Path:
    """Put the tables into the course's docs/trust.md, between the lines that mark their place.

    Raises CourseError when there is no such page, or no such place in it.
    """
    path = course / PAGE
    middle = "\n".join([circumstances(audit) + ".\n", *(table.markdown() for table in tables(audit))])
    put_between(path, marks(audit.assignment), middle if audit.misses else f"{middle}\nNo miss.\n")
    return path


def put_between(path: Path, marks: tuple[str, str], middle: str) -> None:
    """Put a text between two lines of a page, in the place of what is there.

    Raises CourseError when the page or the lines are missing.
    """
    begin, end = marks
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, found, rest = text.partition(begin)
    _, ended, behind = rest.partition(end)
    if not (found and ended):
        raise CourseError(
            f"{path} needs the two lines {begin} and {end}; the tables are written between them"
        )
    path.write_text(f"{before}{begin}\n\n{middle}\n{end}{behind}", encoding="utf-8")


def marks(assignment: str) -> tuple[str, str]:
    """The lines of docs/trust.md between which the tables of an assignment stand."""
    return f"<!-- audit of {assignment} -->", f"<!-- end of the audit of {assignment} -->"


def _rates(audit: Audit) -> Table:
    rows = []
    for kind, what in WHAT.items():
        verdicts = [verdict for verdict in audit.verdicts if verdict.case.kind == kind]
        if verdicts:
            rows.append((what, _count([verdict.right for verdict in verdicts])))
    rows += [(what, "held" if not found else "DID NOT HOLD") for what, found in audit.isolation_held.items()]
    runs = sum(chance.runs for chance in audit.chances)
    if runs:
        failures = sum(chance.failures for chance in audit.chances)
        rows.append(("right answers that failed a check by chance", f"{failures} of {runs} runs of a check"))
    return Table(f"Audit of {audit.assignment}", ("what", "found"), rows)


def _by_cell(verdicts: Sequence[Verdict]) -> Table:
    counts: dict[tuple[str, str], dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for verdict in verdicts:
        for cell, came in verdict.cells.items():
            counts[verdict.case.notebook, cell][verdict.case.kind].append(came)
    rows = [
        (notebook, cell, *(_count(kinds.get(kind, [])) for kind in IN_A_CELL))
        for (notebook, cell), kinds in sorted(counts.items())
        if any(kind in kinds for kind in IN_A_CELL)
    ]
    return Table("By test cell", ("notebook", "test cell", *IN_A_CELL.values()), rows)


def _by_attack(verdicts: Sequence[Verdict]) -> Table:
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.case.kind == "hostile":
            by_kind[verdict.case.attack or "other"].append(verdict.right)
    return Table(
        "By sort of attack",
        ("sort", "gained nothing"),
        [(kind, _count(held)) for kind, held in sorted(by_kind.items())],
    )


def _chances(chances: Sequence[Chance]) -> Table:
    rows = [
        (
            chance.notebook,
            chance.check,
            f"{chance.stated:.1g}",
            f"{chance.failures} of {chance.runs}",
            "{:.2g} to {:.2g}".format(*chance.interval) if chance.runs else "unknown",
            "" if chance.derived is None else f"{chance.derived:.1g}",
            chance.how,
        )
        for chance in chances
    ]
    headings = ("notebook", "check", "states", "failed", "95 % interval", "from the parts", "runs")
    return Table("How often the reference fails by chance", headings, rows)


def _count(came: Sequence[bool]) -> str:
    return f"{sum(came)} of {len(came)}" if came else ""
