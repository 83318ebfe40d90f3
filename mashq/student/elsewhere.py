"""What a notebook asks for that is not there where it is graded; it is only read, nothing is run.

On Colab, and on a student's computer, a notebook may find packages, magics, a GPU, a keyboard and folders
that grading has not.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mashq.cells import about, imported, imported_packages, is_solution, text
from mashq.exercises import CellNames, listed
from mashq.language import gettext as _
from mashq.student.findings import Finding, State


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What mashq[student] brings along, by the names of its modules; a test holds it against what is installed.
PACKAGES = _words(
    "mashq numpy scipy matplotlib mpl_toolkits PIL pooch tqdm mlxtend sklearn pandas joblib babel rich typer"
    " nbformat nbclient IPython ipykernel ipywidgets traitlets torch torchvision tensorflow keras h5py"
    " packaging dateutil requests yaml"
)
EXTENSIONS = _words("autoreload storemagic tensorboard")  # of `%load_ext`
# Magics that are there beside those of IPython's own classes: of the kernel, of shells, of extensions.
MORE_MAGICS = _words(
    "autoreload aimport tensorboard edit clear less more man connect_info qtconsole autosave bash sh python"
    " python2 python3 pypy perl ruby script javascript js html svg latex markdown ls ll lf lk ldir lx cat cp"
    " mv rm rmdir mkdir cmd"
)
MAGIC_CLASSES = _words(
    "Async Auto Basic Code Config Display Execution Extension History Logging Namespace OS Packaging Pylab"
    " Script"
)
RUNS_CODE = ("time", "timeit", "capture", "prun")  # cell magics with Python below them
LINE_MAGIC = re.compile(r"^([ \t]*)(?:%+(\w+)[ \t]*(.*)|[!?].*|[\w.]+\?+[ \t]*)$", re.MULTILINE)
ASSIGNED = re.compile(r"=[ \t]*[!%].*$", re.MULTILINE)
AWAY = re.compile(r"(/content|/kaggle|/gdrive|/home|/Users|/mnt|~)(/|$)|[A-Za-z]:[\\/]")
WINDOWS = re.compile(r"(?i)(module://)?(tk|qt|gtk|wx|macosx|webagg|ipympl|widget|osx)")


def check_for_elsewhere(
    notebook: Any, release: Any | None, folder: Path, names: CellNames
) -> Iterator[Finding]:
    """All findings about a notebook in this folder; what the release asks for itself is there."""
    given = {text(cell) for cell in release.cells} if release is not None else set()
    known = _modules(release) if release is not None else set()
    whole = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found: dict[str, dict[str, None]] = defaultdict(dict)  # {kind: what is asked for and where, each once}
    for number, cell in enumerate(notebook.cells, start=1):
        locked = about(cell) and not is_solution(cell)
        if cell.cell_type != "code" or locked or text(cell) in given:
            continue
        where = names.cell(cell, number)
        for kind, name in _asked_for(cell.source, "is_available" in whole):
            if kind != "package" or not _is_there(name, known, folder):
                found[kind][f"{name} ({where})"] = None
    for kind, sentence in _sentences().items():
        if found[kind]:
            says, advice = sentence
            state: State = "note" if kind == "window" else "to do"
            yield Finding(state, "grading", says.format(names=listed(list(found[kind]))), advice)


def _sentences() -> dict[str, tuple[str, str]]:
    """What is said, and what to do next."""
    return {
        "package": (
            _("packages that are not there where it is graded: {names}"),
            _("Leave these imports out, and write what you need of them with the packages of the notebook."),
        ),
        "magic": (
            _("magics that are not there where it is graded: {names}"),
            _("Leave these lines out."),
        ),
        "gpu": (
            _("there is no GPU where it is graded: {names}"),
            _('Write device = "cuda" if torch.cuda.is_available() else "cpu", and .to(device).'),
        ),
        "keyboard": (
            _("nobody is at the keyboard where it is graded: {names}"),
            _("Write the value into the notebook: input() gives an empty text there."),
        ),
        "style": (
            _("styles of figures that are not there where it is graded: {names}"),
            _("Leave these lines out, or take one of matplotlib.pyplot.style.available."),
        ),
        "folder": (
            _("folders that are not there where it is graded: {names}"),
            _("Put the file beside the notebook, hand it in too, and name it without a folder."),
        ),
        "window": (
            _("figures are drawn in the notebook where it is graded, and not as asked for here: {names}"),
            "",
        ),
    }


def _is_there(module: str, known: set[str], folder: Path) -> bool:
    """Whether a module can be imported where it is graded."""
    first = module.partition(".")[0]
    beside = (folder / f"{first}.py").is_file() or (folder / first).is_dir()
    return beside or first in PACKAGES | known or first in sys.stdlib_module_names


def _modules(release: Any) -> set[str]:
    """The first names of all modules that a released notebook imports, on whatever condition."""
    names: set[str] = set()
    for cell in release.cells:
        tree = _parsed(cell.source) if cell.cell_type == "code" else None
        names |= imported_packages(tree) if tree is not None else set()
    return names


def _asked_for(source: str, asks_for_gpu: bool) -> Iterator[tuple[str, str]]:
    """(kind, what is asked for) in a cell's code.

    asks_for_gpu : whether the notebook looks whether there is a GPU before it uses one
    """
    for match in LINE_MAGIC.finditer(source):
        yield from _of_magic(match[2] or "", match[3] or "")
    tree = _parsed(source)
    for node in _certain(tree) if tree is not None else ():
        yield from (("package", name) for name in imported(node))
        if isinstance(node, ast.Call):
            yield from _of_call(node, asks_for_gpu)


def _of_magic(name: str, arguments: str) -> Iterator[tuple[str, str]]:
    if name and name not in _magics():
        yield "magic", f"%{name}"
    elif name == "load_ext" and (extension := arguments.strip()) not in EXTENSIONS:
        yield "package", extension
    elif name == "matplotlib" and WINDOWS.match(arguments):
        yield "window", f"%matplotlib {arguments.strip()}"
    elif name == "cd" and AWAY.match(arguments.strip("\"' ")):
        yield "folder", arguments.strip()


def _of_call(call: ast.Call, asks_for_gpu: bool) -> Iterator[tuple[str, str]]:
    try:
        called = ast.unparse(call.func)
    except RecursionError:  # a chain of hundreds of calls
        return
    texts = [
        value.value
        for value in (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
    if called in ("input", "getpass.getpass", "getpass"):
        yield "keyboard", f"{called}()"
    if called.endswith("matplotlib.use") or called.endswith("switch_backend"):
        yield from (("window", name) for name in texts if WINDOWS.match(name))
    elif not asks_for_gpu and (called.endswith(".cuda") or any(re.match(r"(cuda|mps)\b", t) for t in texts)):
        yield "gpu", f"{called}()"[-40:]
    if called.endswith(("style.use", "style.context")):
        lists = [item for item in call.args if isinstance(item, ast.List | ast.Tuple)]
        texts += [str(ast.literal_eval(name)) for item in lists for name in item.elts if _is_text(name)]
        yield from (("style", name) for name in texts if _is_no_style(name))
    yield from (("folder", name) for name in texts if AWAY.match(name))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_no_style(name: str) -> bool:
    """Whether matplotlib has no style of this name, as far as that can be told without importing it."""
    found = importlib.util.find_spec("matplotlib")
    styles = Path(str(found.origin)).parent / "mpl-data" / "stylelib" if found else None
    if styles is None or not styles.is_dir() or not re.fullmatch(r"[\w-]+", name):
        return False  # a file or an address; or nobody knows
    return name != "default" and not (styles / f"{name}.mplstyle").is_file()


def _certain(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree without what stands under a condition, or where an error is caught."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        children = [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.If | ast.IfExp | ast.Try)]
        waiting += reversed(children)


def _parsed(source: str) -> ast.AST | None:
    """A cell's code as Python reads it, magics and shell lines left out; None where it cannot be read."""
    first = LINE_MAGIC.match(source.lstrip())
    if source.lstrip().startswith("%%") and first is not None and first[2] not in RUNS_CODE:
        return None
    try:
        return ast.parse(ASSIGNED.sub("= None", LINE_MAGIC.sub(r"\1pass", source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _magics() -> frozenset[str]:
    """The names of magics that a kernel has."""
    from IPython.core import magics

    classes = [getattr(magics, f"{part}Magics", None) for part in MAGIC_CLASSES]
    kinds = [kind.magics for kind in classes if kind is not None]
    return MORE_MAGICS.union(*(names for kind in kinds for names in kind.values()))
