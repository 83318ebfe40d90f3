"""Stand-in for Hoda: Persian digits from the DejaVu fonts that matplotlib ships, bent at random.

The four upright sans faces have the digits U+06F0 to U+06F9. Every image is one of these 40 drawings after
a random affine and elastic change, with a random stroke width, cut to its ink as the real images are.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mashq.datasets._cache import Part
from mashq.datasets._sources import content_key
from mashq.datasets.standins.warp import Warp, warp

COUNTS: dict[Part, int] = {"course": 15_000, "hidden": 5_000}
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf")
FIRST_LABEL = 6  # as in the real file
HOW = Warp(rotation=0.14, shear=0.14, zoom=0.14, shift=0.0, elastic=1.9)

_VERSION = 1  # raised whenever the images change
_SEED = 20_260
_BOX = 36  # side of a drawing, pixels
_EM = 40  # font size, pixels

Digits = tuple[list[npt.NDArray[np.uint8]], npt.NDArray[np.int64]]


@cache
def key() -> str:
    """Content key: the drawings depend on these packages."""
    return content_key(
        "hoda", _VERSION, *(version(each) for each in ("numpy", "scipy", "pillow", "matplotlib"))
    )


def make(part: Part) -> Digits:
    """Black-and-white images of varying shape and their labels, for one part; the same ones every time."""
    rng = np.random.default_rng([_SEED, list(COUNTS).index(part)])
    labels = rng.permutation(np.arange(COUNTS[part]) % 10)
    place = int(np.flatnonzero(labels == FIRST_LABEL)[0])
    labels[[0, place]] = labels[[place, 0]]
    return _write(labels, rng), labels


def _write(labels: npt.NDArray[np.int64], rng: np.random.Generator) -> list[npt.NDArray[np.uint8]]:
    faces = rng.integers(len(FONTS), size=len(labels))
    ink = warp(_drawings(), faces * 10 + labels, HOW, rng)
    # A soft edge cut at a random height makes strokes thinner or thicker.
    cut = rng.uniform(0.25, 0.65, (len(labels), 1, 1)) * ink.max(axis=(1, 2), keepdims=True)
    written = np.where(ink > cut, np.uint8(255), np.uint8(0))
    return [_trim(image) for image in written]


def _drawings() -> npt.NDArray[np.uint8]:
    """Each digit in each font, softened, in the middle of a box: uint8 (fonts * 10, _BOX, _BOX)."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    drawn = []
    for name in FONTS:
        font = ImageFont.truetype(str(folder / name), _EM)
        for digit in range(10):
            image = Image.new("L", (_BOX, _BOX))
            character = chr(0x06F0 + digit)
            left, top, right, bottom = font.getbbox(character)
            corner = ((_BOX - left - right) / 2, (_BOX - top - bottom) / 2)
            ImageDraw.Draw(image).text(corner, character, font=font, fill=255)
            drawn.append(np.asarray(image.filter(ImageFilter.GaussianBlur(1.0))))
    return np.stack(drawn)


def _trim(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The part of an image that has ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
