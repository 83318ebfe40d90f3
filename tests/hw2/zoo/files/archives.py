"""Archives and exports in place of the notebook: a person opens those."""

import json
import tarfile
import zipfile
from pathlib import Path

from mashq.zoo.files import handed_in, source_of


def packed(notebook, name, inner):
    """A zip with the notebook in it, in place of the notebook."""
    with zipfile.ZipFile(notebook.parent / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(notebook, inner)
    notebook.unlink()


@handed_in("q5_xnor", attention=True)
def zip_of_the_homework(notebook: Path) -> None:
    """The notebook is in hw2.zip; the other questions were handed in as files."""
    packed(notebook, "hw2.zip", "hw2/q5_xnor.ipynb")


@handed_in("q5_xnor", attention=True)
def zip_of_the_notebook(notebook: Path) -> None:
    """The notebook was compressed by itself."""
    packed(notebook, "q5_xnor.ipynb.zip", "q5_xnor.ipynb")


@handed_in("q5_xnor", attention=True)
def zip_with_persian_names(notebook: Path) -> None:
    """The archive and what is in it have Persian names."""
    packed(notebook, "تمرین دوم.zip", "تمرین دوم/سؤال ۵.ipynb")


@handed_in("q5_xnor", attention=True)
def tar_of_the_homework(notebook: Path) -> None:
    """The notebook is in a compressed tar."""
    with tarfile.open(notebook.parent / "hw2.tar.gz", "w:gz") as archive:
        archive.add(notebook, "hw2/q5_xnor.ipynb")
    notebook.unlink()


@handed_in("q5_xnor", attention=True)
def damaged_rar(notebook: Path) -> None:
    """There is a RAR, cut off."""
    notebook.with_name("hw2.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + notebook.read_bytes()[:500])
    notebook.unlink()


@handed_in("q5_xnor")
def zip_beside_the_notebook(notebook: Path) -> None:
    """The notebook is there, and an archive beside it: nothing is in doubt."""
    data = notebook.read_bytes()
    packed(notebook, "hw2.zip", "q5_xnor.ipynb")
    notebook.write_bytes(data)


@handed_in("q5_xnor", attention=True)
def only_a_script(notebook: Path) -> None:
    """The code was exported as Python."""
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [source_of(c) for c in tree["cells"] if c["cell_type"] == "code"]
    notebook.with_name("q5_xnor.py").write_text("\n\n".join(cells), encoding="utf-8")
    notebook.unlink()


@handed_in("q5_xnor", attention=True)
def only_a_print(notebook: Path) -> None:
    """The notebook was printed as PDF."""
    notebook.with_name("Q5 XNOR.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    notebook.unlink()


@handed_in("q5_xnor", attention=True)
def only_a_web_page(notebook: Path) -> None:
    """The notebook was exported as HTML."""
    notebook.with_name("q5_xnor.html").write_text("<html><body>q5</body></html>", encoding="utf-8")
    notebook.unlink()
