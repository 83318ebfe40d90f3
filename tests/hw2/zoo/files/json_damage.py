"""Files that are no good JSON, or no notebook at all."""

import gzip
import json
import re
import zipfile
from pathlib import Path

from mashq.zoo.files import cell_of, code, edited, handed_in, source_of


@handed_in("q5_xnor")
def not_a_number_in_an_output(notebook: Path) -> None:
    """An output holds NaN and Infinity, which JSON does not know."""
    with edited(notebook) as tree:
        data = {"application/json": {"loss": float("nan"), "best": float("-inf")}}
        cell_of(tree, "test_q5_train")["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]


@handed_in("q5_xnor")
def line_ends_in_strings(notebook: Path) -> None:
    """A merge by hand broke strings over lines, and left tabs in them."""
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(re.sub(r"(?<!\\)\\n", "\n", text), encoding="utf-8")


@handed_in("q5_xnor")
def sources_as_strings(notebook: Path) -> None:
    """Every cell's text is one string."""
    with edited(notebook) as tree:
        for cell in tree["cells"]:
            cell["source"] = source_of(cell)


@handed_in("q5_xnor")
def sources_letter_by_letter(notebook: Path) -> None:
    """Every cell's text is a list of letters."""
    with edited(notebook) as tree:
        for cell in tree["cells"]:
            cell["source"] = list(source_of(cell))


@handed_in("q5_xnor")
def ids_all_the_same(notebook: Path) -> None:
    """All cells have one id."""
    with edited(notebook) as tree:
        for cell in tree["cells"]:
            cell["id"] = "cell"


@handed_in("q5_xnor")
def ids_that_are_none(notebook: Path) -> None:
    """Ids are numbers, empty, too long or lists."""
    with edited(notebook) as tree:
        for number, cell in enumerate(tree["cells"]):
            cell["id"] = (number, "", "x" * 100, [1], "é!")[number % 5]


@handed_in("q5_xnor")
def parts_missing(notebook: Path) -> None:
    """Cells have neither metadata nor outputs, and the notebook names no kernel."""
    with edited(notebook) as tree:
        tree["metadata"] = None
        for cell in tree["cells"]:
            for part in ("outputs", "execution_count", "id"):
                cell.pop(part, None)
            if not cell["metadata"].get("nbgrader"):
                del cell["metadata"]


@handed_in("q5_xnor")
def cells_that_are_none(notebook: Path) -> None:
    """Among the cells are a number, a null and one of an unknown type."""
    with edited(notebook) as tree:
        tree["cells"][3:3] = [7, None, {"cell_type": "heading", "source": ["Title"], "level": 1, "metadata": {}}]


@handed_in("q5_xnor")
def gigantic_outputs(notebook: Path) -> None:
    """A loop printed 40 MB."""
    with edited(notebook) as tree:
        lines = [f"epoch {n}\n" for n in range(4000)]
        stream = {"output_type": "stream", "name": "stdout", "text": lines}
        cell_of(tree, "test_q5_train")["outputs"] = [stream] * 800


@handed_in("q5_xnor", attention=True)
def trailing_comma(notebook: Path) -> None:
    """A comma too many, after editing the file by hand."""
    text = notebook.read_text(encoding="utf-8").rstrip()
    notebook.write_text(text[:-1].rstrip() + ",\n}\n", encoding="utf-8")


@handed_in("q5_xnor", attention=True)
def cut_off(notebook: Path) -> None:
    """The upload ended too early."""
    data = notebook.read_bytes()
    notebook.write_bytes(data[: len(data) * 2 // 3])


@handed_in("q5_xnor", attention=True)
def empty(notebook: Path) -> None:
    """The file has no bytes."""
    notebook.write_bytes(b"")


@handed_in("q5_xnor", attention=True)
def only_zeros(notebook: Path) -> None:
    """The file has its size, but only zeros in it."""
    notebook.write_bytes(bytes(len(notebook.read_bytes())))


@handed_in("q5_xnor", attention=True)
def no_cells(notebook: Path) -> None:
    """The notebook is a notebook, without cells."""
    with edited(notebook) as tree:
        tree["cells"] = []


@handed_in("q5_xnor", attention=True)
def a_list(notebook: Path) -> None:
    """The notebook stands in a list."""
    notebook.write_text(f"[{notebook.read_text(encoding='utf-8')}]", encoding="utf-8")


@handed_in("q5_xnor", attention=True)
def a_string(notebook: Path) -> None:
    """The notebook was written as JSON twice."""
    notebook.write_text(json.dumps(notebook.read_text(encoding="utf-8")), encoding="utf-8")


@handed_in("q5_xnor", attention=True)
def two_in_one_file(notebook: Path) -> None:
    """Two copies were joined to one file."""
    notebook.write_bytes(notebook.read_bytes() * 2)


@handed_in("q5_xnor", attention=True)
def a_pdf(notebook: Path) -> None:
    """A PDF has the notebook's name."""
    notebook.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n")


@handed_in("q5_xnor", attention=True)
def a_web_page(notebook: Path) -> None:
    """The page that shows the notebook was saved under its name."""
    notebook.write_text("<!DOCTYPE html>\n<html><body><pre>def forward(): {}</pre></body></html>", encoding="utf-8")


@handed_in("q5_xnor", attention=True)
def a_script(notebook: Path) -> None:
    """The code was exported as Python, and renamed."""
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [source_of(c) for c in tree["cells"] if c["cell_type"] == "code"]
    notebook.write_text("\n\n# In[ ]:\n\n".join(cells), encoding="utf-8")


@handed_in("q5_xnor", attention=True)
def a_zip(notebook: Path) -> None:
    """An archive with the notebook in it has its name."""
    data = notebook.read_bytes()
    with zipfile.ZipFile(notebook, "w") as archive:
        archive.writestr("q5_xnor.ipynb", data)


@handed_in("q5_xnor", attention=True)
def compressed(notebook: Path) -> None:
    """The file was compressed on its way."""
    notebook.write_bytes(gzip.compress(notebook.read_bytes()))


@handed_in("q5_xnor", attention=True)
def git_conflict_in_the_file(notebook: Path) -> None:
    """Git left both sides of a merge in the file."""
    lines = notebook.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[9:11] = ["<<<<<<< HEAD\n", *lines[9:11], "=======\n", *lines[9:11], ">>>>>>> origin/main\n"]
    notebook.write_text("".join(lines), encoding="utf-8")


@handed_in("q5_xnor", attention=True)
def git_conflict_in_an_answer(notebook: Path) -> None:
    """Git left both sides of a merge in an answer; the file is good JSON."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_backprop")
        text = source_of(answer)
        answer["source"] = f"<<<<<<< HEAD\n{text}\n=======\n{text}  # mine\n>>>>>>> feature\n"


@handed_in("q5_xnor")
def git_conflict_in_a_scratch_cell(notebook: Path) -> None:
    """The same in a cell of the student's own."""
    with edited(notebook) as tree:
        tree["cells"].append(code("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> feature\n"))


@handed_in("q5_xnor", attention=True)
def another_notebook(notebook: Path) -> None:
    """Another question's notebook has this one's name."""
    notebook.write_bytes(notebook.with_name("q1_paper.ipynb").read_bytes())
    notebook.with_name("q1_paper.ipynb").unlink()
