"""Where the real data comes from: file names, sizes, SHA-256 and mirrors, all in one place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class RawFile:
    """One published file of a dataset."""

    path: str  # inside the data folder, with "/" between the parts
    sha256: str
    size: int  # bytes
    urls: tuple[str, ...] = ()  # mirrors, tried in this order; empty: not downloadable in this form
    packed: RawFile | None = None  # the same content with gzip; taken where the plain file is missing


@dataclass(frozen=True)
class Dataset:
    """A dataset with real files; `name` is what `fetch`, `status` and `source` call it."""

    name: str
    title: str
    files: tuple[RawFile, ...]
    licence: str
    decoder: int  # raised whenever decoded arrays change, so that old caches are not read

    @property
    def key(self) -> str:
        """Content key of the decoded arrays.

        It comes from the published checksums, not from the files on disk, so that a sandbox that
        holds only decoded arrays can find them; only files with those checksums are ever decoded.
        """
        return content_key(self.decoder, *(file.sha256 for file in self.files))


def content_key(*parts: object) -> str:
    """Twelve hexadecimal digits that stand for the given parts."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:12]


_HODA_REPOSITORY = "m-ebrahimzadeh/Farsi-Digit-Classification"
_HODA_COMMIT = "e3b36fde338cab84c3a605110add516af1710f28"
_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)


def _mnist_file(name: str, sha256: str, size: int, packed_sha256: str, packed_size: int) -> RawFile:
    path = f"MNIST/raw/{name}"
    urls = tuple(f"{mirror}{name}.gz" for mirror in _MNIST_MIRRORS)
    return RawFile(path, sha256, size, packed=RawFile(f"{path}.gz", packed_sha256, packed_size, urls))


HODA = Dataset(
    name="hoda",
    title="Hoda (handwritten Persian digits)",
    files=(
        RawFile(
            "Data_hoda_full.mat",
            "39629eb751892b39fc5d1e987b472d441e4dffcbe8218931b73f466d8b2f3ce2",
            3_989_009,
            (
                f"https://raw.githubusercontent.com/{_HODA_REPOSITORY}/{_HODA_COMMIT}/Data_hoda_full.mat",
                f"https://github.com/{_HODA_REPOSITORY}/raw/{_HODA_COMMIT}/Data_hoda_full.mat",
            ),
        ),
    ),
    licence="free for research and non-commercial use",
    decoder=1,
)

MNIST = Dataset(
    name="mnist",
    title="MNIST (handwritten digits)",
    files=(
        _mnist_file(
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            47_040_016,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            9_912_422,
        ),
        _mnist_file(
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            60_008,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            28_881,
        ),
        _mnist_file(
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            7_840_016,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            1_648_877,
        ),
        _mnist_file(
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            10_008,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            4_542,
        ),
    ),
    licence="CC BY-SA 3.0",
    decoder=1,
)

DATASETS = {dataset.name: dataset for dataset in (HODA, MNIST)}
