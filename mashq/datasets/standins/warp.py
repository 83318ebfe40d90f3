"""Random affine and elastic changes of many small images at once, for the stand-ins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_GRID = 4  # control points of the elastic change along each side
_BATCH = 2_000  # images warped together: about 50 MB of coordinates

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Warp:
    """How far images are changed; every figure is a standard deviation."""

    rotation: float  # radians
    shear: float  # sideways shift a pixel of height
    zoom: float  # relative, for each axis by itself
    shift: float  # pixels
    elastic: float  # pixels, of each control point


def warp(
    images: npt.NDArray[np.uint8], bases: npt.NDArray[np.int64], how: Warp, rng: np.random.Generator
) -> Floats:
    """`images[bases]`, each changed at random; float32 (len(bases), size, size), pixels as in `images`.

    `images` is uint8 (n, size, size); `bases` are indices, one for each result.
    """
    batches = np.array_split(bases, max(1, len(bases) // _BATCH))
    return np.concatenate([_warp_batch(images, batch, how, rng) for batch in batches])


def _warp_batch(
    images: npt.NDArray[np.uint8], bases: npt.NDArray[np.int64], how: Warp, rng: np.random.Generator
) -> Floats:
    from scipy.ndimage import map_coordinates

    n, size = len(bases), images.shape[1]
    centre = (size - 1) / 2
    pixel = np.arange(size) - centre
    grid = np.stack(np.meshgrid(pixel, pixel, indexing="ij")).reshape(2, -1)
    shift = rng.normal(0, how.shift, (n, 2, 1))
    where = _matrices(n, how, rng) @ grid + shift + centre
    where += _elastic(n, size, how.elastic, rng)
    first = np.broadcast_to(bases[:, None], (n, size * size))
    coordinates = np.stack([first, where[:, 0], where[:, 1]])
    warped: Floats = map_coordinates(images, coordinates, output=np.float32, order=1, mode="constant")
    return warped.reshape(n, size, size)


def _matrices(n: int, how: Warp, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Affine maps from places in the result to places in the base, (n, 2, 2), rows first."""
    angle = rng.normal(0, how.rotation, n)
    shear = rng.normal(0, how.shear, n)
    zoom = np.exp(rng.normal(0, how.zoom, (2, n)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lean = np.array([[np.ones(n), np.zeros(n)], [shear, np.ones(n)]])
    maps = np.einsum("ijn,jkn->nik", turn, lean) / zoom.T[:, None, :]
    return np.asarray(maps)


def _elastic(n: int, size: int, sd: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Smooth random shifts, (n, 2, size * size): a coarse grid of random ones, interpolated."""
    place = np.linspace(0, _GRID - 1, size)[:, None]
    between = np.clip(1 - np.abs(place - np.arange(_GRID)), 0, 1)  # (size, _GRID), rows add up to 1
    coarse = rng.normal(0, sd, (n, 2, _GRID, _GRID))
    smooth = between @ coarse @ between.T
    return np.asarray(smooth.reshape(n, 2, size * size))
