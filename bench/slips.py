"""What typical mistakes in hw2 cost, and what students are told of them: the tables of docs/slips.md.

    python bench/slips.py                           # all of them, some minutes; writes docs/slips.md
    python bench/slips.py --notebook q5_xnor        # prints the table of one notebook

Each mistake is an answer of the zoo, `tests/hw2/zoo/wrong`: everything else in the notebook is right. It is
graded by the engine of `mashq grade`, and what the visible checks say is read from the graded notebook.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import nbformat
from rich.console import Console

from mashq.audit.canaries import Canaries
from mashq.audit.cases import Case, Notebook, read_cases
from mashq.audit.course import AuditCourse
from mashq.cells import known_cells
from mashq.course.results import Graded
from mashq.course.store import Store
from mashq.exercises import exercises, title_of
from mashq.grading.engine.run import Options, grade_assignment
from mashq.grading.engine.tasks import Overrides
from mashq.grading.identities import ANY
from mashq.judge.results import Outcome

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "slips.md"
HEAD = """
| mistake | the visible check says | the feedback says | lost there | lost elsewhere |
|---|---|---|---|---|"""
NOTHING = 1e-6  # points
BEGIN = "<!-- made by bench/slips.py -->"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# The most typical ones of the zoo, by what students of such courses do.
TYPICAL = """
paper_error_signal_reversed paper_gradient_without_activation paper_gradients_times_alpha
paper_hidden_bias_left_out paper_linear_hidden_layer paper_loss_of_the_other_label paper_loss_to_base_10
paper_numbers_as_text paper_one_number_left_out paper_rounded_to_one_decimal
paper_rows_and_columns_exchanged paper_squared_error paper_tanh_in_the_hidden_layer
playground_accuracy_in_percent playground_best_accuracy playground_exponentials_overflow
playground_findings_swapped playground_functions_of_one_number playground_last_epoch_for_never
playground_leaky_relu playground_relu_derivative_forgotten playground_relu_in_place
playground_sigmoid_derivative_of_the_value playground_sigmoid_without_minus
playground_sooner_read_the_wrong_way
hoda_epochs_ignored hoda_keyed_by_name hoda_labels_not_one_hot hoda_linear_hidden_layers
hoda_one_model_for_all hoda_output_without_softmax hoda_pixels_by_256 hoda_pixels_left_as_they_are
hoda_sgd hoda_sigmoid_output hoda_softmax_twice hoda_sparse_loss hoda_squared_error
xnor_backprop_delta_reversed xnor_backprop_linear_hidden_layer xnor_backprop_own_alpha
backprop_through_updated_weights xnor_backprop_squared_error xnor_backprop_uphill
xnor_forward_gives_the_class xnor_forward_without_hidden_bias xnor_forward_without_relu
xnor_forward_without_sigmoid xnor_loss_to_base_10 xnor_loss_without_minus xnor_relu_derivative_of_the_value
xnor_sigmoid_without_minus xnor_train_always_seed_0 xnor_train_last_sample_only
xnor_train_throws_the_steps_away xnor_train_whole_batch
mnist_accuracy_in_percent mnist_accuracy_is_a_tensor mnist_evaluate_in_training_mode
mnist_hidden_sizes_swapped mnist_losses_summed mnist_mean_of_batch_means mnist_softmax_before_the_loss
mnist_without_backward mnist_without_relu mnist_without_step mnist_without_zero_grad
""".split()  # noqa: SIM905


def main() -> int:
    """Grade, and write or print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--notebook", help="only this one, printed")
    options.add_argument("--workers", type=int)
    chosen = options.parse_args()
    with Canaries() as canaries, tempfile.TemporaryDirectory(prefix="mashq-slips-") as folder:
        course = AuditCourse(ROOT, "hw2", Path(folder).resolve())
        cases = read_cases(course.zoo, course.notebooks, ["wrong"])
        unknown = set(TYPICAL) - {case.name for case in cases}
        if unknown:
            raise SystemExit(f"the zoo has no {', '.join(sorted(unknown))}")
        cases = [case for case in cases if case.name in TYPICAL and chosen.notebook in (None, case.notebook)]
        tables = _tables(course, cases, canaries, chosen.workers)
    if chosen.notebook:
        print(tables)
        return 0
    head = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0]
    PAGE.write_text(f"{head}{BEGIN}\n\n{tables}\n", encoding="utf-8")
    print(f"{len(cases)} mistakes: {PAGE}")
    return 0


def _tables(course: AuditCourse, cases: list[Case], canaries: Canaries, workers: int | None) -> str:
    for case in cases:
        course.hand_in(case, canaries)
    asked = Options(
        course.assignment,
        course.root,
        students=sorted({case.student for case in cases}),
        notebooks=sorted({case.notebook for case in cases}),
        workers=workers,
        overrides=Overrides(allow_stand_in=True, run_all=False, identities=ANY),
    )
    grade_assignment(asked, Console(stderr=True))
    scores = course.recorded()
    with Store(course.folder.store(course.assignment)) as store:
        results = {(student, notebook): graded for student, notebook, graded in store.results()}
    parts = []
    for name, notebook in course.notebooks.items():
        rows = [
            f"| {' | '.join(_row(notebook, case, scores[case.student, name], results[case.student, name]))} |"
            for case in cases
            if case.notebook == name
        ]
        if rows:
            points = sum(notebook.points.values())
            title = f"## {title_of(notebook.release)} ({points:g} points by checks)"
            parts.append("\n".join([title, HEAD, *rows]))
    return "\n\n".join(parts)


def _row(notebook: Notebook, case: Case, scores: Mapping[str, float | None], graded: Graded) -> list[str]:
    lost = {cell: worth - (scores.get(cell) or 0) for cell, worth in notebook.points.items()}
    own = case.loses[0]
    titles = exercises(notebook.release)
    elsewhere = [
        f"{points:.3g} in {titles[cell].partition(':')[0]}"
        for cell, points in lost.items()
        if cell != own and points > NOTHING
    ]
    visible = dict(_visible(graded, notebook.points))
    said = [r.message for r in graded.judgement.of(own) if r.outcome is Outcome.FAILED]
    return [
        _cell(case.title),
        _cell(visible.get(own) or next(iter(visible.values()), "pass")),
        _cell(said[0] if said else ""),
        f"{lost[own]:.3g} of {notebook.points[own]:g}",
        ", ".join(elsewhere),
    ]


def _visible(graded: Graded, cells: Collection[str]) -> Iterator[tuple[str, str]]:
    """What visible checks say: each cell that fails, with its first line."""
    read = nbformat.reads(graded.notebook.decode(), as_version=4)
    for name, cell in known_cells(read).items():
        if name in cells:
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    yield name, ANSI.sub("", output.evalue or output.ename).split("\n")[0]


def _cell(text: str) -> str:
    """A text in a cell of a table in Markdown."""
    return re.sub(r"([|<>*_`$])", r"\\\1", " ".join(text.split()))


if __name__ == "__main__":
    sys.exit(main())
