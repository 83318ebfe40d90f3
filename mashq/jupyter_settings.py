"""The settings of Jupyter and nbgrader on this machine, as nbgrader reads them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mashq.errors import CONFIG

if TYPE_CHECKING:
    from traitlets.config import Config

NAMES = ("jupyter_config.py", CONFIG)  # of files of settings in Jupyter's folders


def of_jupyter() -> tuple[Config, list[Path]]:
    """The settings in Jupyter's configuration folders: of the user, the environment and the machine."""
    from traitlets.config import Config

    config, files = Config(), list[Path]()
    for name in NAMES:
        for place in jupyter_folders():
            files += merge(config, name, place)
    return config, files


def jupyter_folders() -> list[Path]:
    """Jupyter's configuration folders; what a later one says counts."""
    from jupyter_core.paths import jupyter_config_path

    return [*map(Path, reversed(jupyter_config_path()))]


def both(name: str, folder: Path) -> tuple[Path, Path]:
    """A file of settings as Python and as JSON."""
    return folder / name, (folder / name).with_suffix(".json")


def merge(config: Config, name: str, folder: Path) -> list[Path]:
    """Put a folder's settings, where it has any, over those that are there; returns the files of them."""
    from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

    python, json = files = [*both(name, folder)]

    class Loader(PyFileConfigLoader):
        """The same, which also tells the files that one of settings names."""

        def load_subconfig(self, fname: str, path: str | None = None) -> None:
            files.append(Path(path or folder, fname))
            super().load_subconfig(fname, path)

    for loader in (
        Loader(python.name, path=str(folder)),
        JSONFileConfigLoader(json.name, path=str(folder)),
    ):
        with suppress(ConfigFileNotFound):
            config.merge(loader.load_config())
    return files
