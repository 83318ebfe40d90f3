"""What happens to cells in Jupyter and VS Code: copied, deleted, moved, merged, split, turned into text."""

import copy
from pathlib import Path

from mashq.zoo.files import cell_of, code, edited, handed_in, markdown, released, source_of


def index_of(tree, grade_id):
    return tree["cells"].index(cell_of(tree, grade_id))


@handed_in("q5_xnor")
def answer_copied_below_itself(notebook: Path) -> None:
    """The answer was copied with its metadata, so two cells have one id."""
    with edited(notebook) as tree:
        place = index_of(tree, "q5_forward")
        tree["cells"].insert(place + 1, copy.deepcopy(tree["cells"][place]))


@handed_in("q5_xnor")
def untouched_copy_below_the_answer(notebook: Path) -> None:
    """The cell as it was released stands below the answer, with the same id, and undoes it."""
    stub = cell_of(released(notebook), "q5_forward")
    with edited(notebook) as tree:
        tree["cells"].insert(index_of(tree, "q5_forward") + 1, stub)


@handed_in("q5_xnor")
def untouched_copy_without_id(notebook: Path) -> None:
    """The text of the cell as it was released was pasted below the answer."""
    stub = cell_of(released(notebook), "q5_backprop")
    with edited(notebook) as tree:
        tree["cells"].insert(index_of(tree, "q5_backprop") + 1, code(stub["source"]))


@handed_in("q5_xnor")
def answer_below_the_untouched_cell(notebook: Path) -> None:
    """The answer was written in a new cell; the one for it stayed as it was."""
    stub = cell_of(released(notebook), "q5_train")
    with edited(notebook) as tree:
        place = index_of(tree, "q5_train")
        answer = source_of(tree["cells"][place])
        tree["cells"][place : place + 1] = [stub, code(answer)]


@handed_in("q5_xnor")
def answer_above_the_untouched_cell(notebook: Path) -> None:
    """The answer was written in a new cell above; the untouched one would undo it."""
    stub = cell_of(released(notebook), "q5_train")
    with edited(notebook) as tree:
        place = index_of(tree, "q5_train")
        answer = source_of(tree["cells"][place])
        tree["cells"][place : place + 1] = [code(answer), stub]


@handed_in("q5_xnor", keeps={"test_q5_train": 0})
def answer_deleted(notebook: Path) -> None:
    """The cell with `train` was deleted, and nothing else defines it."""
    with edited(notebook) as tree:
        tree["cells"].remove(cell_of(tree, "q5_train"))


@handed_in("q5_xnor")
def test_cell_deleted(notebook: Path) -> None:
    """The cell with the visible checks was deleted."""
    with edited(notebook) as tree:
        tree["cells"].remove(cell_of(tree, "test_q5_forward"))


@handed_in("q5_xnor")
def all_test_cells_deleted(notebook: Path) -> None:
    """All cells with visible checks were deleted."""
    with edited(notebook) as tree:
        tree["cells"] = [c for c in tree["cells"] if "points" not in c["metadata"].get("nbgrader", {})]


@handed_in("q5_xnor")
def test_cell_twice(notebook: Path) -> None:
    """The cell with the visible checks was copied to the top, with its id."""
    with edited(notebook) as tree:
        tree["cells"].insert(0, copy.deepcopy(cell_of(tree, "test_q5_train")))


@handed_in("q5_xnor")
def test_cell_edited(notebook: Path) -> None:
    """The visible checks were commented out to save time."""
    with edited(notebook) as tree:
        test = cell_of(tree, "test_q5_train")
        test["source"] = ["# " + line for line in test["source"]]


@handed_in("q5_xnor")
def test_cell_above_the_answer(notebook: Path) -> None:
    """The cell with the visible checks was dragged to the top."""
    with edited(notebook) as tree:
        test = cell_of(tree, "test_q5_backprop")
        tree["cells"].remove(test)
        tree["cells"].insert(1, test)


@handed_in("q5_xnor")
def answer_at_the_end(notebook: Path) -> None:
    """The first answer, which all others need, was moved to the end."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_activations")
        tree["cells"].remove(answer)
        tree["cells"].append(answer)


@handed_in("q5_xnor")
def exercises_upside_down(notebook: Path) -> None:
    """Behind imports and settings, all cells stand from the last to the first."""
    with edited(notebook) as tree:
        tree["cells"][4:] = tree["cells"][:3:-1]


@handed_in("q5_xnor")
def answer_merged_into_an_earlier_one(notebook: Path) -> None:
    """Two answers were merged into one cell, which keeps the first one's id."""
    with edited(notebook) as tree:
        forward = cell_of(tree, "q5_forward")
        cell_of(tree, "q5_activations")["source"] += ["\n\n\n", *forward["source"]]
        tree["cells"].remove(forward)


@handed_in("q5_xnor")
def answer_merged_into_a_later_one(notebook: Path) -> None:
    """Two answers stand in the later one's cell, below the checks of the first."""
    with edited(notebook) as tree:
        first, later = cell_of(tree, "q5_activations"), cell_of(tree, "q5_forward")
        later["source"] = [*first["source"], "\n\n\n", *later["source"]]
        tree["cells"].remove(first)


@handed_in("q5_xnor")
def all_answers_in_one_cell(notebook: Path) -> None:
    """All four answers were merged into the last one's cell."""
    with edited(notebook) as tree:
        ids = ("q5_activations", "q5_forward", "q5_backprop", "q5_train")
        answers = [cell_of(tree, grade_id) for grade_id in ids]
        answers[-1]["source"] = "\n\n\n".join(map(source_of, answers))
        for cell in answers[:-1]:
            tree["cells"].remove(cell)


@handed_in("q5_xnor")
def answer_merged_with_its_checks(notebook: Path) -> None:
    """The answer and the visible checks below it were merged, under the answer's id."""
    with edited(notebook) as tree:
        test = cell_of(tree, "test_q5_train")
        cell_of(tree, "q5_train")["source"] += ["\n\n", *test["source"]]
        tree["cells"].remove(test)


@handed_in("q5_xnor")
def answer_split_into_functions(notebook: Path) -> None:
    """The four functions of one answer stand in four cells; the first one has the id."""
    with edited(notebook) as tree:
        place = index_of(tree, "q5_activations")
        first, *others = source_of(tree["cells"][place]).split("\n\n\n")
        tree["cells"][place]["source"] = first
        tree["cells"][place + 1 : place + 1] = [code(other) for other in others]


@handed_in("q5_xnor")
def answer_split_with_its_id(notebook: Path) -> None:
    """The same, and Jupyter copied the id to each of the four cells."""
    with edited(notebook) as tree:
        place = index_of(tree, "q5_activations")
        cell = tree["cells"][place]
        parts = source_of(cell).split("\n\n\n")
        tree["cells"][place : place + 1] = [copy.deepcopy(cell) | {"source": part} for part in parts]


@handed_in("q5_xnor")
def answer_turned_into_text(notebook: Path) -> None:
    """A slip of the key M made a markdown cell of the answer."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_backprop")
        answer["cell_type"] = "markdown"
        del answer["outputs"], answer["execution_count"]


@handed_in("q5_xnor")
def answer_turned_into_raw(notebook: Path) -> None:
    """A slip of the key R made a raw cell of the answer."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_backprop")
        answer["cell_type"] = "raw"
        del answer["outputs"], answer["execution_count"]


@handed_in("q5_xnor")
def test_cell_turned_into_text(notebook: Path) -> None:
    """A slip of the key M made a markdown cell of the visible checks."""
    with edited(notebook) as tree:
        test = cell_of(tree, "test_q5_backprop")
        test["cell_type"] = "markdown"
        del test["outputs"], test["execution_count"]


@handed_in("q5_xnor")
def imports_turned_into_text(notebook: Path) -> None:
    """The given cell with the imports became a markdown cell."""
    with edited(notebook) as tree:
        imports = next(c for c in tree["cells"] if source_of(c).startswith("import numpy"))
        imports["cell_type"] = "markdown"
        del imports["outputs"], imports["execution_count"]


@handed_in("q5_xnor")
def imports_deleted(notebook: Path) -> None:
    """The given cell with the imports was deleted; it had run already."""
    with edited(notebook) as tree:
        tree["cells"] = [c for c in tree["cells"] if not source_of(c).startswith("import numpy")]


@handed_in("q5_xnor")
def parameters_deleted(notebook: Path) -> None:
    """The locked cell with the samples was deleted; it had run already."""
    with edited(notebook) as tree:
        tree["cells"].remove(cell_of(tree, "q5_parameters"))


@handed_in("q5_xnor")
def parameters_changed(notebook: Path) -> None:
    """The locked settings were changed, to try something."""
    with edited(notebook) as tree:
        cell_of(tree, "q5_parameters")["source"] = "SEED, EPOCHS, ALPHA = 1, 5, 9.0\ninputs = targets = np.ones((4, 2))"


@handed_in("q5_xnor")
def texts_deleted(notebook: Path) -> None:
    """All the text was deleted, to make the notebook short."""
    with edited(notebook) as tree:
        tree["cells"] = [c for c in tree["cells"] if c["cell_type"] == "code"]


@handed_in("q5_xnor")
def empty_cells_everywhere(notebook: Path) -> None:
    """There is an empty cell behind every cell."""
    with edited(notebook) as tree:
        tree["cells"] = [c for cell in tree["cells"] for c in (cell, code(""), markdown("  \n"))]


@handed_in("q5_xnor")
def scratch_cells_that_fail(notebook: Path) -> None:
    """Cells of the student's own stand between the answers, and fail."""
    with edited(notebook) as tree:
        for grade_id in ("q5_forward", "q5_backprop", "test_q5_train"):
            tree["cells"].insert(index_of(tree, grade_id), code("1 / 0"))
            tree["cells"].insert(index_of(tree, grade_id), code("print(undefined"))


@handed_in("q2_theory")
def essays_without_metadata(notebook: Path) -> None:
    """All metadata was lost; the essays stand where they belong."""
    with edited(notebook) as tree:
        for cell in tree["cells"]:
            cell["metadata"] = {}


@handed_in("q2_theory", attention=True)
def essay_below_its_cell(notebook: Path) -> None:
    """The essay was written in a new cell; the one for it still says YOUR ANSWER HERE."""
    stub = cell_of(released(notebook), "q2_b")
    with edited(notebook) as tree:
        place = index_of(tree, "q2_b")
        essay = source_of(tree["cells"][place])
        tree["cells"][place : place + 1] = [stub, markdown(essay)]


@handed_in("q2_theory", attention=True)
def essay_deleted(notebook: Path) -> None:
    """The cell of an essay was deleted; perhaps the answer stands elsewhere."""
    with edited(notebook) as tree:
        tree["cells"].remove(cell_of(tree, "q2_c"))


@handed_in("q2_theory", attention=True)
def essay_twice(notebook: Path) -> None:
    """Two different essays have one id."""
    with edited(notebook) as tree:
        place = index_of(tree, "q2_d")
        draft = copy.deepcopy(tree["cells"][place]) | {"source": "A first draft."}
        tree["cells"].insert(place, draft)


@handed_in("q2_theory")
def essay_turned_into_code(notebook: Path) -> None:
    """A slip of the key Y made code of an essay."""
    with edited(notebook) as tree:
        essay = cell_of(tree, "q2_a")
        essay |= {"cell_type": "code", "outputs": [], "execution_count": None}
