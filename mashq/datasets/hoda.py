"""Hoda: handwritten Persian digits, resized to a few pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, overload

import numpy as np
import numpy.typing as npt

from mashq.datasets import _raw
from mashq.datasets._cache import Arrays, Part
from mashq.datasets._choose import Recipe, check_number, part_of
from mashq.datasets._sources import HODA
from mashq.errors import DataError

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

HIDDEN = 5_000  # the last images of the file are the judge's
MAX_SIZE = 64  # pixels; the largest original is 62 x 51


@overload
def load_hoda(
    n_train: int = 1000, n_test: int = 200, size: int = 5, split: Literal["course"] = "course"
) -> tuple[Images, Labels, Images, Labels]: ...
@overload
def load_hoda(
    n_train: int = 1000, n_test: int = 200, size: int = 5, *, split: Literal["hidden"]
) -> tuple[Images, Labels]: ...
def load_hoda(
    n_train: int = 1000, n_test: int = 200, size: int = 5, split: str = "course"
) -> tuple[Images, Labels, Images, Labels] | tuple[Images, Labels]:
    """Persian digits as rows of size * size pixels.

    Returns for `split="course"` x_train uint8 (n_train, size * size), y_train int64 (n_train,),
    x_test and y_test: the first n_train images of the file and the next n_test. Ink is 255, paper 0.
    Returns for `split="hidden"` x uint8 (5000, size * size) and y int64 (5000,), the last images of
    the file, which no course split reaches; n_train and n_test do not matter.

    Raises ValueError when a number is too small or too large or the split is unknown,
    and DataError when the files are damaged.
    """
    if split not in ("course", "hidden"):
        raise ValueError(f"split is {split!r}; expected 'course' or 'hidden'")
    check_number("size", size, 1, MAX_SIZE)
    if split == "hidden":
        _, arrays = part_of(RECIPE, "hidden")
        return resize(unpack(arrays), size), arrays["labels"]
    check_number("n_train", n_train, 1)
    check_number("n_test", n_test, 1)
    found, arrays = part_of(RECIPE, "course")
    labels, end = arrays["labels"], n_train + n_test
    if end > len(labels):
        raise ValueError(
            f"n_train + n_test is {end:,}, but the course has {len(labels):,} images to choose from"
            + ("" if found == "real" else " while the stand-in is in use")
            + "; ask for fewer"
        )
    images = resize(unpack(arrays, end), size)
    return images[:n_train], labels[:n_train], images[n_train:], labels[n_train:end]


def resize(images: list[Images], size: int) -> Images:
    """Stretch black-and-white images to size x size; returns uint8 (n, size * size)."""
    from PIL import Image

    # BOX averages the ink under each pixel, which keeps most of a digit at 5 x 5.
    rows = [
        np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BOX)).ravel()
        for image in images
    ]
    return np.stack(rows)


def pack(images: list[Images], labels: npt.NDArray[np.integer]) -> Arrays:
    """Images of any shape whose pixels are 0 or 255, one bit a pixel: 4 MB for all of Hoda."""
    return {
        "bits": np.packbits(np.concatenate([image.ravel() for image in images]) > 0),
        "shapes": np.array([image.shape for image in images], dtype=np.int64),
        "labels": np.asarray(labels, dtype=np.int64),
    }


def unpack(arrays: Arrays, n: int | None = None) -> list[Images]:
    """The first n of the images that `pack` was given; None gives all."""
    shapes = arrays["shapes"][:n]
    ends = np.cumsum(shapes.prod(axis=1))
    pixels = np.unpackbits(arrays["bits"][: -(-ends[-1] // 8)], count=int(ends[-1])) * np.uint8(255)
    return [
        piece.reshape(shape)
        for piece, shape in zip(np.split(pixels, ends[:-1]), shapes.tolist(), strict=True)
    ]


def _decode(folder: Path, part: Part) -> Arrays:
    """Read one part from the published MATLAB file."""
    from scipy.io import loadmat

    _, path = _raw.checked(HODA.files[0], folder)
    content = loadmat(path)
    images, labels = list(content["Data"][:, 0]), content["labels"][:, 0]
    if len(images) != len(labels):
        raise DataError(f"{path}: {len(images)} images but {len(labels)} labels")
    chosen = slice(-HIDDEN, None) if part == "hidden" else slice(None, -HIDDEN)
    return pack(images[chosen], labels[chosen])


RECIPE = Recipe(HODA, ("bits", "shapes", "labels"), _decode, lambda made: pack(*made))
