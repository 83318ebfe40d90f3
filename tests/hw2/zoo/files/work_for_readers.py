"""Files that are made to keep who reads them busy for hours: the program that grades, and the pages."""

import json
from pathlib import Path

from mashq.zoo.files import code, edited, handed_in, markdown


def also(notebook: Path, *cells: object) -> None:
    """Put cells behind those that are there."""
    with edited(notebook) as tree:
        tree["cells"] += cells


@handed_in("q5_xnor", hostile=True)
def ipython_lines_beside_signs(notebook: Path) -> None:
    """Two hundred magics and shell lines, each with a sign that Python cannot read."""
    also(notebook, *[code("!ls «a»\n%time x = ‘b’ −۱\nprint?\n" * 60) for _ in range(20)])


@handed_in("q5_xnor", hostile=True)
def decimal_commas_of_thirty_thousand_numbers(notebook: Path) -> None:
    """Each is said to be a number, and has a comma."""
    also(notebook, code("".join(f"n{n}: float\nn{n} = 0,5\n" for n in range(30_000))))


@handed_in("q5_xnor", hostile=True)
def a_million_empty_lines(notebook: Path) -> None:
    """Between two letters of a cell."""
    also(notebook, code("x = 1" + "\n" * 900_000 + "y = 2"))


@handed_in("q5_xnor", attention=True, hostile=True)
def ten_thousand_cells(notebook: Path) -> None:
    """More than are read; a person is asked."""
    also(notebook, *[code("x = 1") for _ in range(10_000)])


@handed_in("q5_xnor", attention=True, hostile=True)
def a_cell_of_three_megabytes(notebook: Path) -> None:
    """More than is read; a person is asked."""
    also(notebook, code("x = [" + "1, " * 1_000_000 + "]"))


@handed_in("q5_xnor", hostile=True)
def lists_that_take_memory(notebook: Path) -> None:
    """Thirty megabytes of empty lists are hundreds of megabytes when they are read."""
    text = notebook.read_text(encoding="utf-8").rstrip()
    notebook.write_text(text.removesuffix("}") + ', "x": [' + "[]," * 10_000_000 + "0]}", encoding="utf-8")


@handed_in("q5_xnor", hostile=True)
def three_large_files_under_other_names(notebook: Path) -> None:
    """Each holds the notebook's own cells and thousands of lines more."""
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    tree["cells"] += [code("x = 1\n" * 1000) for _ in range(600)]
    for number in range(3):
        (notebook.parent / f"old {number}.ipynb").write_text(json.dumps(tree), encoding="utf-8")


@handed_in("q5_xnor", hostile=True)
def a_name_of_the_kernel_that_is_nested(notebook: Path) -> None:
    """Nine hundred lists in each other, where a name is read."""
    with edited(notebook) as tree:
        tree["metadata"]["kernelspec"] = {"name": "python3", "display_name": "DEEP"}
    deep = "[" * 900 + "]" * 900
    notebook.write_text(notebook.read_text(encoding="utf-8").replace('"DEEP"', deep), encoding="utf-8")


@handed_in("q2_theory", hostile=True)
def three_hundred_kilobytes_of_spaces(notebook: Path) -> None:
    """In a text cell beside the essays: hours for the reader of Markdown."""
    also(notebook, markdown("a" + " " * 300_000 + "b"), markdown("# a" + " " * 90_000 + "b"))


@handed_in("q2_theory", hostile=True)
def beginnings_without_an_end(notebook: Path) -> None:
    """Links, tags, formulas, quotes and emphasis that begin and do not end."""
    begins = ["[a](", "a <a ", "$a ", "a*", "`a", "> ", "![a", "\\begin{a} ", "_a ", "\\\\[ ", "a <!-- "]
    also(notebook, *[markdown(begin * (60_000 // len(begin))) for begin in begins])


@handed_in("q2_theory", hostile=True)
def a_table_of_ten_thousand_columns(notebook: Path) -> None:
    """With one row."""
    also(notebook, markdown("|\n".join(sign * 10_000 for sign in ("|a", "|-", "|b"))))


@handed_in("q2_theory", hostile=True)
def a_raw_cell_of_half_a_megabyte(notebook: Path) -> None:
    """Of signs that mean something to every reader."""
    also(notebook, {"cell_type": "raw", "metadata": {}, "source": "<`[*_$" * 80_000})


@handed_in("q5_xnor", hostile=True)
def code_that_is_slow_to_colour(notebook: Path) -> None:
    """A name with fifty thousand dots, which is an error; and a page of another language."""
    also(notebook, code("'x'; y\n# " + "a." * 10), code("if 0:\n    a" + ".a" * 45_000))


@handed_in("q5_xnor", hostile=True)
def colours_of_a_terminal(notebook: Path) -> None:
    """A megabyte of them, printed; and one that is very long."""
    also(notebook, code("print('\\x1b[31ma' * 150_000)\nprint('\\x1b[' + '1;' * 100_000 + 'm')"))


@handed_in("q5_xnor", hostile=True)
def twenty_thousand_empty_outputs(notebook: Path) -> None:
    """Each shows nothing."""
    also(notebook, code("for _ in range(20_000):\n    display({'a/b': ''}, raw=True)"))


@handed_in("q5_xnor", hostile=True)
def html_in_many_layers(notebook: Path) -> None:
    """Tables in tables, shown by a cell; and one link named a thousand times."""
    link = f"[a]: https://x/{'b' * 9000}\\n\\n" + "[a] " * 3000
    shown = f"display({{'text/html': '<table>' * 9000}}, raw=True)\ndisplay({{'text/markdown': '{link}'}}, raw=True)"
    also(notebook, code(shown))
