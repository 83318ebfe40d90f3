"""Bytes and letters: what Windows, Persian keyboards, chats and word processors leave in a file."""

import json
from pathlib import Path

from mashq.zoo.files import cell_of, edited, handed_in, markdown, source_of

PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
# of the reference's own network
NUMBERS = {
    "z1_1": "0.3000", "z1_2": "-0.9000", "a1_1": "0.5744", "a1_2": "0.2891", "z2": "-0.2850",
    "yhat": "0.4292", "loss": "0.8457", "dW2_1": "-0.3279", "dW2_2": "-0.1650", "db2": "-0.5708",
}  # fmt: skip


@handed_in("q5_xnor")
def byte_order_mark(notebook: Path) -> None:
    """The file begins with UTF-8's byte-order mark."""
    notebook.write_bytes(b"\xef\xbb\xbf" + notebook.read_bytes())


@handed_in("q5_xnor")
def windows_line_ends(notebook: Path) -> None:
    """All lines of the file end as in Windows."""
    notebook.write_bytes(notebook.read_bytes().replace(b"\n", b"\r\n"))


@handed_in("q5_xnor")
def windows_line_ends_in_cells(notebook: Path) -> None:
    """All lines of all cells end as in Windows."""
    with edited(notebook) as tree:
        for cell in tree["cells"]:
            cell["source"] = [line.replace("\n", "\r\n") for line in cell["source"]]


@handed_in("q5_xnor")
def utf_16(notebook: Path) -> None:
    """A Windows editor saved the file in UTF-16."""
    notebook.write_bytes(notebook.read_text(encoding="utf-8").encode("utf-16"))


@handed_in("q5_xnor")
def utf_16_without_mark(notebook: Path) -> None:
    """The same without a byte-order mark."""
    notebook.write_bytes(notebook.read_text(encoding="utf-8").encode("utf-16-le"))


@handed_in("q5_xnor")
def latin_1(notebook: Path) -> None:
    """The file is in Latin-1, with umlauts in a comment."""
    with edited(notebook) as tree:
        cell_of(tree, "q5_forward")["source"].insert(0, "# für die Übung\n")
    notebook.write_bytes(notebook.read_text(encoding="utf-8").encode("latin-1", "replace"))


@handed_in("q5_xnor")
def windows_1256(notebook: Path) -> None:
    """The file is in the old Persian and Arabic encoding of Windows."""
    with edited(notebook) as tree:
        cell_of(tree, "q5_forward")["source"].insert(0, "# سلام\n")
    notebook.write_bytes(notebook.read_text(encoding="utf-8").encode("cp1256", "replace"))


@handed_in("q5_xnor")
def zeros_in_a_cell(notebook: Path) -> None:
    """There are null characters in the code."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_forward")
        answer["source"] = "\0" + source_of(answer).replace("\n", "\n\0", 3)


@handed_in("q5_xnor")
def zeros_at_the_end(notebook: Path) -> None:
    """A disk that failed filled the file up with zeros."""
    notebook.write_bytes(notebook.read_bytes() + bytes(4096))


@handed_in("q5_xnor")
def half_an_emoji(notebook: Path) -> None:
    """A comment ends in one half of an emoji, which is no letter."""
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace('"def forward(', '"# good \\ud83d\\n",\n    "def forward(', 1), encoding="utf-8")


@handed_in("q5_xnor")
def emoji_in_the_code(notebook: Path) -> None:
    """There are emoji in comments, in strings and in the text."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_train")
        answer["source"] = "# 🎉👩‍🔬 done\nmood = '🔥'\n" + source_of(answer)
        tree["cells"].append(markdown("## 🎓 ✅"))


@handed_in("q5_xnor")
def persian_in_the_code(notebook: Path) -> None:
    """There is Persian in comments, strings and a name."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_train")
        answer["source"] = "# تابع آموزش\nپیام = 'شبکه‌ی عصبی'\nprint(پیام)\n" + source_of(answer)


@handed_in("q5_xnor")
def marks_of_direction(notebook: Path) -> None:
    """A chat program left right-to-left marks in the code."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_forward")
        answer["source"] = source_of(answer).replace("return ", "return \u200f").replace("h = ", "\u202bh\u202c = ")


@handed_in("q5_xnor")
def invisible_spaces(notebook: Path) -> None:
    """A web page left no-break and zero-width spaces in the code."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_backprop")
        answer["source"] = source_of(answer).replace("    ", "\u00a0\u00a0\u00a0\u00a0").replace("= ", "=\u200b ")


@handed_in("q5_xnor")
def typographic_quotes(notebook: Path) -> None:
    """A word processor made the docstring's quotes and the minus signs beautiful."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_backprop")
        text = source_of(answer).replace('"""', "”””", 1).replace('"""', "”””", 1)
        answer["source"] = text.replace(" - ", " − ")


@handed_in("q5_xnor")
def persian_digits_in_the_code(notebook: Path) -> None:
    """The keyboard wrote Persian digits."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_activations")
        answer["source"] = source_of(answer).replace("0.0", "۰٫۰").replace("1 / (1 +", "۱ / (۱ +")


@handed_in("q1_paper")
def persian_numbers(notebook: Path) -> None:
    """The ten numbers were typed in Persian digits."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q1_numbers")
        answer["source"] = "answers = {}\n" + "".join(
            f'answers["{name}"] = {value.translate(PERSIAN)}\n' for name, value in NUMBERS.items()
        )


@handed_in("q1_paper")
def decimal_commas(notebook: Path) -> None:
    """The ten numbers were typed in Persian digits and with the comma of a Persian keyboard."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q1_numbers")
        answer["source"] = "answers: dict[str, float] = {}\n" + "".join(
            f'answers["{name}"] = {value.translate(PERSIAN).replace("٫", "،")}\n'
            for name, value in NUMBERS.items()
        )


@handed_in("q5_xnor")
def tabs_among_spaces(notebook: Path) -> None:
    """One line of a function is indented with a tab."""
    with edited(notebook) as tree:
        answer = cell_of(tree, "q5_forward")
        answer["source"] = source_of(answer).replace("    h = ", "\th = ")


@handed_in("q5_xnor")
def right_to_left_text(notebook: Path) -> None:
    """All given text was translated to Persian."""
    with edited(notebook) as tree:
        for cell in tree["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = '<div dir="rtl">متن پرسش</div>'


@handed_in("q5_xnor")
def letters_as_escapes(notebook: Path) -> None:
    """A program wrote all on one line, and every letter beyond ASCII as an escape."""
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    notebook.write_text(json.dumps(tree, ensure_ascii=True, separators=(",", ":")), encoding="ascii")


@handed_in("q2_theory")
def essay_in_persian(notebook: Path) -> None:
    """An essay begins in Persian, with its digits and marks of direction."""
    with edited(notebook) as tree:
        essay = cell_of(tree, "q2_b")
        essay["source"] = "\u202bپاسخ ۱: «شیب» بزرگ است\u202c\n\n" + source_of(essay)
