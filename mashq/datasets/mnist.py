"""MNIST: arrays for checks, and PyTorch loaders that take whole batches from memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mashq.datasets import _raw
from mashq.datasets._cache import Arrays, Part
from mashq.datasets._choose import Recipe, check_number, part_of
from mashq.datasets._sources import MNIST

if TYPE_CHECKING:
    import torch
    from torch.utils.data import DataLoader

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

MEAN, SD = 0.1307, 0.3081  # of the pixels of the training images, in [0, 1]
VALIDATION_SHARE = 6  # one in six of the course images, the last ones: 10,000 of the 60,000


def load_mnist(split: Literal["train", "validation", "hidden"] = "train") -> tuple[Images, Labels]:
    """Handwritten digits, uint8 (n, 28, 28) with ink 255, and labels, int64 (n,).

    `train` is the first 50,000 of the 60,000 training images, `validation` the last 10,000, `hidden`
    the 10,000 test images, which are the judge's. Raises ValueError for an unknown split and DataError
    when the files are damaged.
    """
    if split not in ("train", "validation", "hidden"):
        raise ValueError(f"split is {split!r}; expected 'train', 'validation' or 'hidden'")
    _, arrays = part_of(RECIPE, "hidden" if split == "hidden" else "course")
    images, labels = arrays["images"], arrays["labels"]
    if split == "hidden":
        return images, labels
    border = len(labels) - len(labels) // VALIDATION_SHARE
    chosen = slice(None, border) if split == "train" else slice(border, None)
    return images[chosen], labels[chosen]


def normalise_mnist(images: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """(pixel / 255 - 0.1307) / 0.3081 of images (n, 28, 28) with pixels 0 to 255; float32 (n, 1, 28, 28).

    The figures are mean and standard deviation of MNIST's training pixels, so the result has about
    mean 0 and standard deviation 1. Raises ValueError for another shape.
    """
    array = np.array(images, dtype=np.float32)
    if array.ndim != 3 or array.shape[1:] != (28, 28):
        raise ValueError(f"images have shape {array.shape}; expected (n, 28, 28)")
    array /= 255
    array -= MEAN
    array /= SD
    return array[:, None]


def mnist_loaders(
    n_train: int | None = None, n_validation: int | None = None, batch_size: int = 64, seed: int = 0
) -> tuple[DataLoader[tuple[torch.Tensor, ...]], DataLoader[tuple[torch.Tensor, ...]]]:
    """Loaders of normalised training and validation batches.

    A batch is float32 (b, 1, 28, 28) and labels int64 (b,); the last one of an epoch may be smaller.
    Training images come in a new order each epoch (the same orders for the same seed), validation
    images always in the same order. `n_train` and `n_validation` take the first so many images; None
    takes all. Raises ValueError when a number is below 1 or above what there is.
    """
    check_number("batch_size", batch_size, 1)
    return (
        _loader("train", n_train, batch_size, seed, shuffle=True),
        _loader("validation", n_validation, batch_size, seed, shuffle=False),
    )


def _loader(
    split: Literal["train", "validation"], n: int | None, batch_size: int, seed: int, *, shuffle: bool
) -> DataLoader[tuple[torch.Tensor, ...]]:
    import torch
    from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, TensorDataset

    images, labels = load_mnist(split)
    if n is not None:
        check_number(f"n_{split}", n, 1, len(labels))
    data = TensorDataset(torch.from_numpy(normalise_mnist(images[:n])), torch.from_numpy(labels[:n].copy()))
    # Own generator: neither the order nor the loader itself touches the global random numbers.
    generator = torch.Generator().manual_seed(seed)
    order = RandomSampler(data, generator=generator) if shuffle else SequentialSampler(data)
    # The sampler yields whole lists of indices, so a batch is one indexing of the tensors;
    # taking images one by one and stacking them costs more than training on them.
    batches: Any = BatchSampler(order, batch_size, drop_last=False)
    return DataLoader(data, batch_size=None, sampler=batches, generator=generator)


def _decode(folder: Path, part: Part) -> Arrays:
    """Read one part with torchvision from checked files."""
    from torchvision.datasets import MNIST as Torchvision  # noqa: N811 - `MNIST` names the source here

    for file in MNIST.files:
        if Path(file.path).name.startswith("t10k" if part == "hidden" else "train"):
            _raw.checked(file, folder)
    # A folder of our own, since torchvision wants plain files and would take a `processed` folder first.
    from mashq.temporary.folders import folder_for

    with folder_for("mnist") as temporary:
        _raw.lay_out(MNIST, folder, temporary)
        read = Torchvision(temporary, train=part == "course", download=False)
        return {"images": read.data.numpy(), "labels": read.targets.numpy().astype(np.int64)}


RECIPE = Recipe(MNIST, ("images", "labels"), _decode, dict)
